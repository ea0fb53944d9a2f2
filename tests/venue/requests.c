/* SPDX-License-Identifier: Apache-2.0 */
/* What clients ask for, and what becomes of it; and what was put off until a later tick. */
#include "venue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define STRIKES_MAX 3
#define BAN_FACTOR  4 /* a ban lasts so many times as long as the limit before */

uint32_t chance(uint32_t below)
{
    return book_random(&venue.book, below);
}

bool fault_due(enum fault_kind kind, int64_t *argument, const char *id)
{
    if (!faults_take(&venue.faults, kind, argument))
        return false;
    log_fault(kind, id);
    return true;
}

void log_fault(enum fault_kind kind, const char *id)
{
    if (venue.faults.scripted)
        book_log(&venue.book, "FAULT %s %s %" PRIu64, fault_name(kind), id, venue.book.tick);
}

struct later *later_add(uint64_t ticks)
{
    uint32_t i;
    for (i = 0; i < LATER_MAX; i++)
        if (venue.later[i].due == 0) {
            memset(&venue.later[i], 0, sizeof venue.later[i]);
            venue.later[i].due = venue.book.tick + ticks + 1;
            if (venue.faults.scripted)
                book_log(&venue.book, "LATER");
            return &venue.later[i];
        }
    return NULL;
}

bool is_hidden(const struct book_order *order)
{
    return order->hidden_until > venue.book.tick;
}

/* ---- downloads ---- */

static void on_download(struct client *from, int64_t since)
{
    struct book *book = &venue.book;
    uint32_t i, first = book->fill_count;
    from->streams = true;
    if (!venue.current || venue.current->dead || venue.current->socket < 0)
        venue.current = from;
    faults_count(&venue.faults, ON_DOWNLOAD, chance);
    tell(from, "BEGIN %" PRId64, book->now);
    if (fault_due(FAULT_FAILED_DOWNLOAD, NULL, "-")) {
        tell(from, "END %" PRId64 " 503", book->now);
        return;
    }
    while (first > 0 && book->fills[first - 1].time >= since)
        first--;
    for (i = first; i < book->fill_count; i++)
        tell_fill_again(from, &book->fills[i]);
    for (i = 0; i < book->fill_count; i++)
        if (book->fills[i].busted && book->fills[i].busted >= since)
            tell_bust_again(from, &book->fills[i]);
    venue.told = book->fill_count;
    for (i = 0; i < book->order_count; i++)
        if (!is_hidden(&book->orders[i]) &&
            (book_works(&book->orders[i]) || book->orders[i].updated >= since))
            tell_order_snapshot(from, &book->orders[i]);
    for (i = 0; i < BOOK_SYMBOLS; i++)
        tell(from, "POS %" PRId64 " %s %" PRId64, book->now, book_symbols[i], book->position[i]);
    tell(from, "BAL %" PRId64 " %" PRId64, book->now, book->cash);
    tell(from, "END %" PRId64 " 0", book->now);
}

/* ---- orders ---- */

/* The client is told for how long, and has to go. */
static void ban(struct client *from, int64_t ms)
{
    venue.banned_until_ms = now_ms() + ms;
    book_log(&venue.book, "BAN %" PRId64, ms);
    tell(from, "RATE %" PRId64 " %" PRId64 " %d", venue.book.now, ms, 1);
    from->closing = true;
}

/* Too many orders: nothing is done, which the answer proves. Cancels have a budget of their own. */
static bool is_limited(struct client *from, const char *id)
{
    int64_t left = venue.limited_until_ms - now_ms();
    if (left <= 0)
        return false;
    book_log(&venue.book, "LIMITED %s", id);
    tell(from, "RATE %" PRId64 " %" PRId64 " %d", venue.book.now, left, 0);
    tell_answer(from, id, "SUBMIT", 1, 429, 0, "slow-down");
    if (++venue.strikes > STRIKES_MAX)
        ban(from, left * BAN_FACTOR);
    return true;
}

/* An answer that is cut off: the line ends early, or the connection does. */
static void cut_answer(struct client *to, const struct book_order *order, bool line, int64_t keep)
{
    size_t before = to->out_used;
    tell_answer(to, order->client_id, "SUBMIT", 1, 200, book_order_number(&venue.book, order), "-");
    if (to->socket < 0 || to->out_used <= before + (size_t)keep)
        return;
    to->out_used = before + (size_t)keep;
    if (line)
        to->out[to->out_used++] = '\n';
    else
        to->closing = true;
}

static void answer_order(struct client *from, struct book_order *order)
{
    const char *id = order->client_id;
    int64_t argument = 0;
    if (from != venue.current) /* a dead client's: the living one hears of it on the stream */
        tell_order(order);
    else if (fault_due(FAULT_PLACED_5XX, &argument, id))
        tell_answer(from, id, "SUBMIT", 1, (int)argument, 0, "server-error");
    else if (fault_due(FAULT_TRUNCATED, &argument, id))
        cut_answer(from, order, true, argument);
    else if (fault_due(FAULT_RESET, &argument, id))
        cut_answer(from, order, false, argument);
    else if (fault_due(FAULT_FILL_FIRST, NULL, id))
        order->ack_after_fill = true;
    else if (!fault_due(FAULT_LOST_ACK, NULL, id))
        tell_answer(from, id, "SUBMIT", 1, 200, book_order_number(&venue.book, order), "-");
}

/* Faults that keep an order from being placed now. */
static bool is_kept_out(struct client *from, const struct book_order *wanted)
{
    const char *id = wanted->client_id;
    int64_t argument = 0;
    struct later *later;
    if (fault_due(FAULT_RESET_UNREAD, NULL, id)) {
        client_drop(from);
        return true;
    }
    if (fault_due(FAULT_DROPPED_5XX, &argument, id)) {
        tell_answer(from, id, "SUBMIT", 1, (int)argument, 0, "server-error");
        return true;
    }
    if (fault_due(FAULT_PLACED_4XX, &argument, id) &&
        (later = later_add((uint64_t)argument)) != NULL) {
        later->what = LATER_ORDER;
        later->wanted = *wanted;
        tell_answer(from, id, "SUBMIT", 1, 400, 0, "bad-request");
        return true;
    }
    if (fault_due(FAULT_LIMIT, &argument, id)) {
        venue.limited_until_ms = now_ms() + argument;
        venue.strikes = 0;
    }
    if (fault_due(FAULT_BAN, &argument, id)) {
        tell_answer(from, id, "SUBMIT", 1, 418, 0, "banned");
        ban(from, argument);
        return true;
    }
    return is_limited(from, id);
}

static void on_submit(struct client *from, const char *line)
{
    struct book *book = &venue.book;
    struct book_order wanted = {.filled = 0}, *order;
    char symbol[8];
    const char *why = NULL;
    int64_t lag = 0;
    if (sscanf(line, "%23s %7s %c %c %c %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
               wanted.client_id, symbol, &wanted.side, &wanted.type, &wanted.tif, &wanted.qty,
               &wanted.limit, &wanted.stop, &wanted.deadline) != 9)
        return;
    while (wanted.symbol < BOOK_SYMBOLS && strcmp(book_symbols[wanted.symbol], symbol) != 0)
        wanted.symbol++;
    if (book_find(book, wanted.client_id) || wanted.symbol == BOOK_SYMBOLS) {
        book_log(book, "DUPLICATE %s", wanted.client_id);
        tell_answer(from, wanted.client_id, "SUBMIT", 1, 409, 0, "duplicate");
        return;
    }
    faults_count(&venue.faults, ON_ORDER, chance);
    if (is_kept_out(from, &wanted))
        return;
    if (fault_due(FAULT_QUERY_LAG, &lag, wanted.client_id))
        wanted.hidden_until = book->tick + (uint64_t)lag;
    if (fault_due(FAULT_REFUSE, NULL, wanted.client_id))
        why = "margin";
    order = book_submit(book, &wanted, &why);
    if (!order) {
        tell_answer(from, wanted.client_id, "SUBMIT", 1, 400, 0, why);
        return;
    }
    answer_order(from, order);
    tell_new_fills();
    if (!book_works(order) && order->filled < order->qty)
        tell_order(order);
}

static void on_cancel(struct client *from, const char *id, uint32_t request)
{
    struct book_order *order = book_find(&venue.book, id);
    struct later *later;
    bool works = order && book_works(order);
    faults_count(&venue.faults, ON_CANCEL, chance);
    if (works && fault_due(FAULT_TOO_LATE, NULL, id))
        book_force_fill(&venue.book, order);
    if (fault_due(FAULT_LOST, NULL, id))
        return;
    if (!order || is_hidden(order)) {
        tell_answer(from, id, "CANCEL", request, 404, 0, "no-such-order");
        return;
    }
    if (!book_end(&venue.book, order, BOOK_CANCELED)) {
        tell_answer(from, id, "CANCEL", request, 400, 0, "too-late");
        tell_new_fills();
        return;
    }
    if (fault_due(FAULT_LATE_FILL, NULL, id) && (later = later_add(3)) != NULL) {
        later->what = LATER_FILL;
        later->number = book_order_number(&venue.book, order);
    }
    if (fault_due(FAULT_PLACED_5XX, NULL, id))
        tell_answer(from, id, "CANCEL", request, 503, 0, "server-error");
    else if (!fault_due(FAULT_LOST_ACK, NULL, id))
        tell_answer(from, id, "CANCEL", request, 200, book_order_number(&venue.book, order), "-");
    tell_order(order);
}

static void on_query(struct client *from, const char *id, uint32_t request)
{
    const struct book_order *order = book_find(&venue.book, id);
    bool young = order && venue.book.now <= order->deadline;
    if (venue.faults.scripted)
        book_log(&venue.book, "QUERY %s %" PRId64, id, now_ms());
    faults_count(&venue.faults, ON_QUERY, chance);
    if (!order || is_hidden(order) || (young && fault_due(FAULT_NOT_FOUND, NULL, id)))
        tell_answer(from, id, "QUERY", request, 404, 0, "no-such-order");
    else
        tell_order_snapshot(from, order);
}

/* ---- the account, asked for by itself ---- */

static void on_positions(struct client *from)
{
    uint32_t i;
    for (i = 0; i < BOOK_SYMBOLS; i++)
        tell(from, "POS %" PRId64 " %s %" PRId64, venue.book.now, book_symbols[i],
             venue.book.position[i]);
}

static void on_fills(struct client *from, int64_t since)
{
    const struct book *book = &venue.book;
    uint32_t first = book->fill_count;
    while (first > 0 && book->fills[first - 1].time >= since)
        first--;
    for (; first < book->fill_count; first++)
        tell_fill_again(from, &book->fills[first]);
}

/* This venue's hours are made up, its clock is the machine's and what the script moved it by. */
static void on_time(struct client *from)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    tell(from, "TIME %" PRId64 " %" PRId64, venue.book.now,
         ((int64_t)now.tv_sec + venue.skew_s) * BAR_NS + now.tv_nsec);
}

void request_line(struct client *from, const char *line)
{
    char id[24];
    uint32_t request;
    int64_t since;
    if (sscanf(line, "DEADMAN %" SCNd64, &venue.dead_man_ms) == 1)
        from->armed = true;
    if (from->armed)
        venue.heard_ms = now_ms();
    if (sscanf(line, "DOWNLOAD %" SCNd64, &since) == 1)
        on_download(from, since);
    else if (!strncmp(line, "SUBMIT ", 7))
        on_submit(from, line + 7);
    else if (!strncmp(line, "MODIFY ", 7))
        change_asked(from, line + 7);
    else if (sscanf(line, "CANCEL %23s %u", id, &request) == 2)
        on_cancel(from, id, request);
    else if (sscanf(line, "QUERY %23s %u", id, &request) == 2)
        on_query(from, id, request);
    else if (!strcmp(line, "POSITIONS"))
        on_positions(from);
    else if (!strcmp(line, "BALANCES"))
        tell(from, "BAL %" PRId64 " %" PRId64, venue.book.now, venue.book.cash);
    else if (sscanf(line, "FILLS %" SCNd64, &since) == 1)
        on_fills(from, since);
    else if (!strcmp(line, "TIME"))
        on_time(from);
    else if (!strcmp(line, "PING"))
        tell(from, "PONG %" PRId64, venue.book.now);
}

void requests_dead_man(void)
{
    struct book *book = &venue.book;
    uint32_t i;
    if (venue.dead_man_ms == 0 || now_ms() - venue.heard_ms <= venue.dead_man_ms)
        return;
    book_log(book, "DEADMAN %" PRId64, venue.dead_man_ms);
    venue.dead_man_ms = 0;
    for (i = 0; i < book->order_count; i++)
        if (book->orders[i].client_id[0] != 'F' && book_end(book, &book->orders[i], BOOK_CANCELED))
            tell_order(&book->orders[i]);
}

/* ---- later ---- */

static void place_later(const struct book_order *wanted)
{
    const char *why = NULL;
    const struct book_order *order = book_submit(&venue.book, wanted, &why);
    if (order)
        tell_order(order);
}

static void do_later(const struct later *later)
{
    struct book *book = &venue.book;
    switch (later->what) {
    case LATER_LINE:
        tell_late(later->line);
        break;
    case LATER_ORDER:
        place_later(&later->wanted);
        break;
    case LATER_BUST:
        book_bust(book, later->number, later->qty);
        tell_bust(&book->fills[later->number - 1]);
        break;
    case LATER_FILL: {
        struct book_order *order = &book->orders[later->number - 1];
        book_force_fill(book, order);
        break;
    }
    case LATER_CHANGE:
        change_late(&later->wanted);
        break;
    }
}

static void place_foreign(char type, int64_t qty)
{
    struct book *book = &venue.book;
    struct book_order wanted = {
        .side = 'B', .type = type, .tif = 'G', .qty = qty, .deadline = INT64_MAX};
    const char *why = NULL;
    struct book_order *order;
    (void)snprintf(wanted.client_id, sizeof wanted.client_id, "F%u", ++book->foreign_count);
    wanted.limit = type == 'L' ? book->price[0] / 2 : 0; /* far away: it rests */
    order = book_submit(book, &wanted, &why);
    if (order)
        tell_order(order);
}

static void end_session(int64_t ticks)
{
    struct book *book = &venue.book;
    uint32_t i;
    book->closed = true;
    venue.closed_until = book->tick + (uint64_t)ticks;
    book_log(book, "CLOSED %" PRId64, book->now);
    for (i = 0; i < book->order_count; i++)
        if (book_end(book, &book->orders[i], BOOK_EXPIRED))
            tell_order(&book->orders[i]);
}

static void take_tick_faults(void)
{
    struct book *book = &venue.book;
    int64_t argument = 0;
    faults_count(&venue.faults, ON_TICK, chance);
    if (fault_due(FAULT_SKEW, &argument, "-")) {
        book->now += argument * BAR_NS;
        venue.skew_s += argument;
    }
    if (fault_due(FAULT_SESSION_END, &argument, "-"))
        end_session(argument);
    if (fault_due(FAULT_DRIFT, &argument, "-"))
        book->position[0] += argument;
    if (fault_due(FAULT_DEPOSIT, &argument, "-"))
        book->cash += argument * INT64_C(100000000);
    if (fault_due(FAULT_FOREIGN, &argument, "-"))
        place_foreign('L', argument);
    if (fault_due(FAULT_MANUAL, &argument, "-"))
        place_foreign('M', argument);
    if (venue.current && fault_due(FAULT_MUTE, &argument, "-"))
        venue.current->mute_until = argument ? book->tick + (uint64_t)argument : UINT64_MAX;
    if (venue.current && fault_due(FAULT_HANG_UP, NULL, "-"))
        client_drop(venue.current);
}

void requests_tick(void)
{
    uint32_t i;
    if (venue.book.closed && venue.book.tick >= venue.closed_until)
        venue.book.closed = false;
    take_tick_faults();
    for (i = 0; i < LATER_MAX; i++)
        if (venue.later[i].due && venue.later[i].due <= venue.book.tick) {
            struct later now = venue.later[i];
            venue.later[i].due = 0;
            do_later(&now);
            if (venue.faults.scripted)
                book_log(&venue.book, "DONE");
        }
    if (venue.held[0] && venue.book.tick > venue.held_since + 2)
        tell_held(); /* nothing came after it */
    tell_new_fills();
}
