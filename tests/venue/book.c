/* SPDX-License-Identifier: Apache-2.0 */
/* The fake venue's books; every change is one line in the log, written at once. */
#include "match.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INDEX_PLACES (2u * BOOK_ORDERS_MAX)
#define START_NS     (INT64_C(1700006400) * 1000000000)

const char *const book_symbols[BOOK_SYMBOLS] = {"AAA", "BBB", "CCC"};
const char *const book_states[] = {"ACCEPTED", "TRIGGERED", "PARTIAL", "FILLED",
                                   "CANCELED", "EXPIRED",   "REJECTED"};

static void crowd_quote(struct book *book, uint32_t symbol);

bool book_create(struct book *book, const char *log_path, uint64_t seed)
{
    uint32_t i;
    memset(book, 0, sizeof *book);
    book->log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    book->orders = calloc(BOOK_ORDERS_MAX, sizeof *book->orders);
    book->fills = calloc(BOOK_FILLS_MAX, sizeof *book->fills);
    book->sides = calloc((size_t)BOOK_SYMBOLS * 2, sizeof *book->sides);
    book->stops = calloc(BOOK_ORDERS_MAX, sizeof *book->stops);
    book->index = calloc(INDEX_PLACES, sizeof *book->index);
    book->random = seed * 2 + 1;
    book->now = START_NS;
    book->cash = BOOK_CASH;
    for (i = 0; i < BOOK_SYMBOLS; i++)
        book->price[i] = book->last[i] = 10000;
    if (book->log < 0 || !book->orders || !book->fills || !book->sides || !book->stops ||
        !book->index)
        return false;
    for (i = 0; i < BOOK_SYMBOLS; i++)
        crowd_quote(book, i);
    return true;
}

void book_finish(struct book *book)
{
    if (book->log >= 0)
        (void)close(book->log);
    free(book->orders);
    free(book->fills);
    free(book->sides);
    free(book->stops);
    free(book->index);
}

uint32_t book_random(struct book *book, uint32_t below)
{
    uint64_t x = book->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    book->random = x;
    return (uint32_t)((x * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % below;
}

void book_log(struct book *book, const char *format, ...)
{
    char line[256];
    va_list args;
    int size;
    va_start(args, format);
    size = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= sizeof line - 1)
        abort();
    line[size++] = '\n';
    if (write(book->log, line, (size_t)size) != size)
        abort(); /* a venue that cannot keep its log must not go on */
}

static uint32_t place_of(const struct book *book, const char *client_id)
{
    uint32_t hash = 2166136261u, place;
    const char *at;
    for (at = client_id; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619u;
    place = (hash ^ hash >> 15) % INDEX_PLACES;
    while (book->index[place] &&
           strcmp(book->orders[book->index[place] - 1].client_id, client_id) != 0)
        place = (place + 1) % INDEX_PLACES;
    return place;
}

struct book_order *book_find(const struct book *book, const char *client_id)
{
    uint32_t slot = book->index[place_of(book, client_id)];
    return slot ? &book->orders[slot - 1] : NULL;
}

uint32_t book_order_number(const struct book *book, const struct book_order *order)
{
    return (uint32_t)(order - book->orders) + 1;
}

/* ---- trades ---- */

static void add_fill(struct book *book, struct book_order *order, int64_t qty, int64_t price,
                     int64_t fee)
{
    struct book_fill *fill = &book->fills[book->fill_count++];
    int64_t signed_qty = order->side == 'B' ? qty : -qty;
    if (book->fill_count >= BOOK_FILLS_MAX)
        abort();
    *fill = (struct book_fill){.order = book_order_number(book, order) - 1,
                               .qty = qty,
                               .price = price,
                               .fee = fee,
                               .time = book->now};
    order->filled += qty;
    order->updated = book->now;
    book->position[order->symbol] += signed_qty;
    book->cash -= signed_qty * price * INT64_C(1000000) + fill->fee;
    book_log(book, "FILL X%u %s %s %c %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
             book->fill_count, order->client_id, book_symbols[order->symbol], order->side, qty,
             price, fill->fee, fill->time);
}

static void on_trade(struct book *book, uint32_t number, int64_t qty, int64_t price)
{
    struct book_order *order = &book->orders[number - 1];
    add_fill(book, order, qty, price, qty * BOOK_FEE);
    order->left -= qty;
    order->state = order->left == 0 ? BOOK_FILLED : BOOK_PARTIAL;
}

void book_force_fill(struct book *book, struct book_order *order)
{
    int64_t qty = order->left;
    if (book_works(order))
        match_drop(book, order->symbol, order->side, book_order_number(book, order));
    add_fill(book, order, qty, order->limit ? order->limit : book->price[order->symbol],
             qty * BOOK_FEE);
    order->left = 0;
    order->state = BOOK_FILLED;
}

void book_bust(struct book *book, uint32_t number, int64_t qty)
{
    struct book_fill *fill = &book->fills[number - 1];
    struct book_order *order = &book->orders[fill->order];
    int64_t signed_qty = order->side == 'B' ? fill->qty : -fill->qty;
    if (fill->busted)
        return;
    fill->busted = book->now;
    order->filled -= fill->qty;
    order->updated = book->now;
    book->position[order->symbol] -= signed_qty;
    book->cash += signed_qty * fill->price * INT64_C(1000000) + fill->fee;
    book_log(book, "BUST X%u X%u", number, qty > 0 ? book->fill_count + 1 : 0);
    if (qty > 0) {
        add_fill(book, order, qty, fill->price, fill->fee); /* what was charged stays */
        book->fills[book->fill_count - 1].corrects = number;
    }
}

/* ---- the crowd ---- */

static void crowd_order(struct book *book, uint32_t symbol, char side, int64_t qty, int64_t price)
{
    int64_t left = match_take(book, symbol, side, 0, qty, price, on_trade);
    if (left > 0)
        match_rest(book, symbol, side, 0, left, price);
}

/* Thin near the price, endless far from it, so that every market order ends. */
static void crowd_quote(struct book *book, uint32_t symbol)
{
    int64_t price = book->price[symbol], level;
    match_drop(book, symbol, 'B', 0);
    match_drop(book, symbol, 'S', 0);
    for (level = 2; level <= 10; level += 2) {
        crowd_order(book, symbol, 'B', 4 + book_random(book, 40), price - level);
        crowd_order(book, symbol, 'S', 4 + book_random(book, 40), price + level);
    }
    crowd_order(book, symbol, 'B', INT64_C(1000000000), price - 30);
    crowd_order(book, symbol, 'S', INT64_C(1000000000), price + 30);
}

static void work(struct book *book, struct book_order *order);

/* Stops whose price was reached go to work, the oldest first. */
static void trigger(struct book *book, uint32_t symbol)
{
    uint32_t i, kept = 0;
    for (i = 0; i < book->stop_count; i++) {
        struct book_order *order = &book->orders[book->stops[i] - 1];
        int64_t last = book->last[symbol];
        bool reached = order->side == 'B' ? last >= order->stop : last <= order->stop;
        if (!book_works(order))
            continue;
        if (order->symbol != symbol || !reached) {
            book->stops[kept++] = book->stops[i];
            continue;
        }
        order->state = BOOK_TRIGGERED;
        order->updated = book->now;
        work(book, order);
    }
    book->stop_count = kept;
}

int64_t book_walk(struct book *book, uint32_t symbol)
{
    int64_t open = book->price[symbol], step = (int64_t)book_random(book, 41) - 20;
    if (open > 12000 || open < 8000)
        step = open > 12000 ? -20 : 20;
    book->price[symbol] = book->last[symbol] = open + step;
    if (!book->closed) {
        crowd_quote(book, symbol);
        trigger(book, symbol);
    }
    return open;
}

/* ---- orders ---- */

/* Matches an order of the account, and rests what is left of it. */
static void work(struct book *book, struct book_order *order)
{
    uint32_t number = book_order_number(book, order);
    bool market = order->type == 'M' || order->type == 'S';
    int64_t limit = market ? MATCH_ANY_PRICE : order->limit, left;
    if (order->tif == 'F' &&
        match_available(book, order->symbol, order->side, limit) < order->left) {
        (void)book_end(book, order, BOOK_CANCELED);
        return;
    }
    left = match_take(book, order->symbol, order->side, number, order->left, limit, on_trade);
    if (left > 0 && (market || order->tif == 'I'))
        (void)book_end(book, order, BOOK_CANCELED);
    else if (left > 0)
        match_rest(book, order->symbol, order->side, number, left, limit);
}

static const char *refusal(const struct book *book, const struct book_order *order,
                           const char *asked)
{
    if (book->now > order->deadline)
        return "deadline";
    return book->closed ? "closed" : asked;
}

struct book_order *book_submit(struct book *book, const struct book_order *wanted, const char **why)
{
    struct book_order *order;
    if (book->order_count >= BOOK_ORDERS_MAX)
        abort();
    order = &book->orders[book->order_count++];
    *order = *wanted;
    order->updated = book->now;
    order->filled = 0;
    order->left = order->qty;
    book->index[place_of(book, wanted->client_id)] = book->order_count;
    *why = refusal(book, order, *why);
    if (*why) {
        order->state = BOOK_REJECTED;
        book_log(book, "REJECT %s %s %" PRId64, order->client_id, *why, book->now);
        return NULL;
    }
    order->state = BOOK_ACCEPTED;
    book_log(book, "ORDER %s V%u %s %c %c %" PRId64 " %" PRId64 " %" PRId64 " %c", order->client_id,
             book->order_count, book_symbols[order->symbol], order->side, order->type, order->qty,
             order->limit, book->now, order->tif);
    if (order->type == 'S' || order->type == 'T') {
        book->stops[book->stop_count++] = book->order_count;
        trigger(book, order->symbol);
    } else {
        work(book, order);
    }
    return order;
}

bool book_works(const struct book_order *order)
{
    return order->state <= BOOK_PARTIAL;
}

bool book_end(struct book *book, struct book_order *order, enum book_state state)
{
    if (!book_works(order))
        return false;
    match_drop(book, order->symbol, order->side, book_order_number(book, order));
    order->state = state;
    order->updated = book->now;
    book_log(book, "%s %s %" PRId64, state == BOOK_EXPIRED ? "EXPIRE" : "CANCEL", order->client_id,
             book->now);
    return true;
}

bool book_modify(struct book *book, struct book_order *order, const struct book_order *wanted,
                 book_changed_fn *told)
{
    bool waits = (order->type == 'S' || order->type == 'T') && order->state == BOOK_ACCEPTED;
    if (!book_works(order))
        return false;
    if (wanted->qty <= order->filled)
        return book_end(book, order, BOOK_CANCELED);
    match_drop(book, order->symbol, order->side, book_order_number(book, order));
    order->qty = wanted->qty;
    order->left = order->qty - order->filled;
    order->limit = wanted->limit ? wanted->limit : order->limit;
    order->stop = wanted->stop ? wanted->stop : order->stop;
    order->updated = book->now;
    book_log(book, "MODIFY %s %" PRId64 " %" PRId64 " %" PRId64, order->client_id, order->qty,
             order->limit, book->now);
    told(order);
    if (waits)
        trigger(book, order->symbol);
    else
        work(book, order);
    return true;
}
