/* SPDX-License-Identifier: Apache-2.0 */
/* The fake venue's books; every change is one line in the log, written at once. */
#include "book.h"

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
const char *const book_states[] = {"ACCEPTED", "PARTIAL", "FILLED", "CANCELED", "REJECTED"};

bool book_create(struct book *book, const char *log_path, uint64_t seed)
{
    uint32_t i;
    memset(book, 0, sizeof *book);
    book->log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    book->orders = calloc(BOOK_ORDERS_MAX, sizeof *book->orders);
    book->fills = calloc(BOOK_FILLS_MAX, sizeof *book->fills);
    book->open = calloc(BOOK_ORDERS_MAX, sizeof *book->open);
    book->index = calloc(INDEX_PLACES, sizeof *book->index);
    book->random = seed * 2 + 1;
    book->now = START_NS;
    book->cash = BOOK_CASH;
    for (i = 0; i < BOOK_SYMBOLS; i++)
        book->price[i] = 10000;
    return book->log >= 0 && book->orders && book->fills && book->open && book->index;
}

void book_finish(struct book *book)
{
    if (book->log >= 0)
        (void)close(book->log);
    free(book->orders);
    free(book->fills);
    free(book->open);
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

/* Market orders fill in one or two parts soon; most limit orders rest until they are cancelled. */
static void decide(struct book *book, struct book_order *order)
{
    bool two = order->qty > 1 && book_random(book, 2) == 0;
    order->due = book->tick + 1 + book_random(book, 4);
    order->parts = two ? 2 : 1;
    if (order->type == 'L') {
        static const uint32_t parts[6] = {0, 0, 0, 1, 1, 2};
        uint32_t drawn = parts[book_random(book, 6)];
        order->due += book_random(book, 8);
        order->parts = drawn == 2 && order->qty > 1 ? 2 : drawn ? 1 : 0;
    }
    order->ack_after_fill = order->parts > 0 && book_random(book, 10) == 0;
}

struct book_order *book_submit(struct book *book, const struct book_order *wanted, const char **why)
{
    struct book_order *order;
    if (book->order_count >= BOOK_ORDERS_MAX || book->fill_count + 2 >= BOOK_FILLS_MAX)
        abort();
    order = &book->orders[book->order_count++];
    *order = *wanted;
    order->updated = book->now;
    order->filled = 0;
    book->index[place_of(book, wanted->client_id)] = book->order_count;
    *why = book->now > order->deadline ? "deadline" : book_random(book, 16) == 0 ? "margin" : NULL;
    if (*why) {
        order->state = BOOK_REJECTED;
        book_log(book, "REJECT %s %s %" PRId64, order->client_id, *why, book->now);
        return NULL;
    }
    order->state = BOOK_ACCEPTED;
    decide(book, order);
    book->open[book->open_count++] = book->order_count - 1;
    book_log(book, "ORDER %s V%u %s %c %c %" PRId64 " %" PRId64 " %" PRId64, order->client_id,
             book->order_count, book_symbols[order->symbol], order->side, order->type, order->qty,
             order->limit, book->now);
    return order;
}

bool book_cancel(struct book *book, struct book_order *order)
{
    if (order->state > BOOK_PARTIAL)
        return false;
    order->state = BOOK_CANCELED;
    order->updated = book->now;
    book_log(book, "CANCEL %s %" PRId64, order->client_id, book->now);
    return true;
}

const struct book_fill *book_fill_due(struct book *book, struct book_order *order)
{
    struct book_fill *fill;
    int64_t signed_qty, value;
    if (order->state > BOOK_PARTIAL || order->parts == 0 || order->due > book->tick)
        return NULL;
    fill = &book->fills[book->fill_count++];
    fill->order = book_order_number(book, order) - 1;
    fill->qty = order->parts == 2 ? order->qty / 2 : order->qty - order->filled;
    if (order->type == 'L' && order->parts == 1 && fill->qty > 2 && book_random(book, 3) == 0)
        fill->qty /= 2; /* and the rest rests */
    fill->price = order->type == 'L' ? order->limit : book->price[order->symbol];
    fill->fee = fill->qty * BOOK_FEE;
    fill->time = book->now;
    signed_qty = order->side == 'B' ? fill->qty : -fill->qty;
    value = signed_qty * fill->price * INT64_C(1000000);
    order->filled += fill->qty;
    order->parts--;
    order->due = book->tick + 1 + book_random(book, 4);
    order->state = order->filled == order->qty ? BOOK_FILLED : BOOK_PARTIAL;
    order->updated = book->now;
    book->position[order->symbol] += signed_qty;
    book->cash -= value + fill->fee;
    book_log(book, "FILL X%u %s %s %c %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
             book->fill_count, order->client_id, book_symbols[order->symbol], order->side,
             fill->qty, fill->price, fill->fee, fill->time);
    return fill;
}

void book_sweep(struct book *book)
{
    uint32_t i, kept = 0;
    for (i = 0; i < book->open_count; i++)
        if (book->orders[book->open[i]].state <= BOOK_PARTIAL)
            book->open[kept++] = book->open[i];
    book->open_count = kept;
}
