/* SPDX-License-Identifier: Apache-2.0 */
/* What clients are told. Every line begins with its number in the connection, from 1 on. */
#include "venue.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void client_drop(struct client *client)
{
    (void)close(client->socket);
    client->socket = -1;
    client->in_used = client->out_used = 0;
    client->dead = client->closing = client->streams = client->armed = false;
    client->sequence = client->mute_until = 0;
    if (venue.current == client)
        client_next();
}

void client_next(void)
{
    uint32_t i;
    venue.current = NULL;
    for (i = 0; i < CLIENTS_MAX; i++)
        if (venue.clients[i].socket >= 0 && !venue.clients[i].dead && venue.clients[i].streams)
            venue.current = &venue.clients[i];
}

void client_flush(struct client *client)
{
    ssize_t sent;
    if (client->socket < 0 || client->dead || client->mute_until > venue.book.tick)
        return;
    sent = client->out_used == 0
               ? 0
               : send(client->socket, client->out, client->out_used, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        client->out_used -= (size_t)sent;
        memmove(client->out, client->out + sent, client->out_used);
    }
    if (client->closing && client->out_used == 0)
        client_drop(client);
}

static void put(struct client *to, const char *line)
{
    int size;
    if (!to || to->socket < 0 || to->dead || to->closing)
        return;
    size = snprintf(to->out + to->out_used, OUT_ROOM - to->out_used, "%" PRIu64 " %s\n",
                    ++to->sequence, line);
    if (size < 0 || (size_t)size >= OUT_ROOM - to->out_used)
        client_drop(to); /* it does not read: it can come back and download */
    else
        to->out_used += (size_t)size;
}

void tell(struct client *to, const char *format, ...)
{
    char line[LINE_ROOM];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    put(to, line);
}

void tell_stream(const char *line)
{
    uint32_t i;
    put(venue.current, line);
    for (i = 0; i < CLIENTS_MAX; i++)
        if (venue.clients[i].streams && &venue.clients[i] != venue.current)
            put(&venue.clients[i], line);
}

void tell_held(void)
{
    char line[LINE_ROOM];
    if (!venue.held[0])
        return;
    memcpy(line, venue.held, sizeof line);
    venue.held[0] = 0;
    tell_stream(line);
}

void tell_late(const char *line)
{
    tell_stream(line);
}

static void report_line(const char *line)
{
    struct faults *faults = &venue.faults;
    struct later *later;
    int64_t ticks = 0;
    faults_count(faults, ON_REPORT, chance);
    if (faults_take(faults, FAULT_GAP, NULL)) {
        log_fault(FAULT_GAP, "-");
        if (venue.current)
            venue.current->sequence++;
        return;
    }
    if (faults_take(faults, FAULT_DELAY, &ticks) && (later = later_add((uint64_t)ticks)) != NULL) {
        log_fault(FAULT_DELAY, "-");
        later->what = LATER_LINE;
        (void)snprintf(later->line, sizeof later->line, "%s", line);
        return;
    }
    if (!venue.held[0] && faults_take(faults, FAULT_REORDER, NULL)) {
        log_fault(FAULT_REORDER, "-");
        (void)snprintf(venue.held, sizeof venue.held, "%s", line);
        venue.held_since = venue.book.tick;
        return;
    }
    tell_stream(line);
    if (faults_take(faults, FAULT_DUPLICATE, NULL)) {
        log_fault(FAULT_DUPLICATE, "-");
        tell_stream(line);
    }
    tell_held();
}

void tell_report(const char *format, ...)
{
    char line[LINE_ROOM];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    report_line(line);
}

void tell_answer(struct client *to, const char *id, const char *kind, uint32_t request, int code,
                 uint32_t number, const char *reason)
{
    tell(to, "ANSWER %" PRId64 " %s %s %u %d V%u %s", venue.book.now, id, kind, request, code,
         number, reason);
}

static void order_text(char *line, const struct book_order *order, int snapshot)
{
    (void)snprintf(line, LINE_ROOM,
                   "ORDER %" PRId64 " %s %s %s %c %c %c %" PRId64 " %" PRId64 " %" PRId64
                   " %" PRId64 " %d V%u",
                   venue.book.now, order->client_id, book_symbols[order->symbol],
                   book_states[order->state], order->side, order->type, order->tif, order->qty,
                   order->filled, order->limit, order->stop, snapshot,
                   book_order_number(&venue.book, order));
}

void tell_order(const struct book_order *order)
{
    char line[LINE_ROOM];
    order_text(line, order, 0);
    report_line(line);
}

void tell_order_snapshot(struct client *to, const struct book_order *order)
{
    char line[LINE_ROOM];
    order_text(line, order, 1);
    put(to, line);
}

static void fill_text(char *line, const struct book_fill *fill)
{
    const struct book_order *order = &venue.book.orders[fill->order];
    (void)snprintf(
        line, LINE_ROOM, "FILL %" PRId64 " %s %s %c %" PRId64 " %" PRId64 " %" PRId64 " X%u V%u",
        fill->time, order->client_id, book_symbols[order->symbol], order->side, fill->qty,
        fill->price, fill->fee, (uint32_t)(fill - venue.book.fills) + 1, fill->order + 1);
}

/* The number of the fill in the place of this one, 0 none. */
static uint32_t correction_of(const struct book_fill *fill)
{
    uint32_t number = (uint32_t)(fill - venue.book.fills) + 1, i;
    for (i = venue.book.fill_count; i > number; i--)
        if (venue.book.fills[i - 1].corrects == number)
            return i;
    return 0;
}

static void bust_text(char *line, const struct book_fill *fill)
{
    uint32_t other = correction_of(fill);
    const struct book_fill *now = other ? &venue.book.fills[other - 1] : NULL;
    (void)snprintf(line, LINE_ROOM, "BUST %" PRId64 " X%u X%u %" PRId64 " %" PRId64, venue.book.now,
                   (uint32_t)(fill - venue.book.fills) + 1, other, now ? now->qty : 0,
                   now ? now->price : 0);
}

void tell_fill_again(struct client *to, const struct book_fill *fill)
{
    char line[LINE_ROOM];
    fill_text(line, fill);
    put(to, line);
}

void tell_bust_again(struct client *to, const struct book_fill *fill)
{
    char line[LINE_ROOM];
    bust_text(line, fill);
    put(to, line);
}

void tell_bust(const struct book_fill *fill)
{
    char line[LINE_ROOM];
    bust_text(line, fill);
    report_line(line);
}

static void put_off_bust(uint32_t number, enum fault_kind kind)
{
    const struct book_fill *fill = &venue.book.fills[number - 1];
    int64_t ticks = 0;
    struct later *later;
    if (!faults_take(&venue.faults, kind, &ticks) || (later = later_add((uint64_t)ticks)) == NULL)
        return;
    log_fault(kind, venue.book.orders[fill->order].client_id);
    later->what = LATER_BUST;
    later->number = number;
    later->qty = kind == FAULT_CORRECT && fill->qty > 1 ? fill->qty - 1 : 0;
}

void tell_new_fills(void)
{
    struct book *book = &venue.book;
    while (venue.told < book->fill_count) {
        const struct book_fill *fill = &book->fills[venue.told++];
        struct book_order *order = &book->orders[fill->order];
        char line[LINE_ROOM];
        if (fill->corrects)
            continue; /* its bust tells of it */
        faults_count(&venue.faults, ON_FILL, chance);
        put_off_bust(venue.told, FAULT_BUST);
        put_off_bust(venue.told, FAULT_CORRECT);
        fill_text(line, fill);
        report_line(line);
        if (order->ack_after_fill)
            tell_answer(venue.current, order->client_id, "SUBMIT", 1, 200,
                        book_order_number(book, order), "-");
        order->ack_after_fill = false;
        if (venue.faults.scripted || book_random(book, 3) == 0)
            tell_order(order);
    }
}
