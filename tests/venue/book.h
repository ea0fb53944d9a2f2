/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake venue's own truth: one account's orders, fills, positions and cash, and the log that
 * tells them. It shares nothing with the host; the tests compare the two.
 *
 * units: prices 10^-2, quantities whole, money 10^-8, times ns; one currency
 */
#ifndef VENUE_BOOK_H
#define VENUE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#define BOOK_SYMBOLS    3
#define BOOK_ORDERS_MAX 262144
#define BOOK_FILLS_MAX  524288
#define BOOK_FEE        INT64_C(500000) /* of one unit: 0.005 */
#define BOOK_CASH       INT64_C(10000000000000000)

enum book_state { BOOK_ACCEPTED, BOOK_PARTIAL, BOOK_FILLED, BOOK_CANCELED, BOOK_REJECTED };

struct book_order {
    char client_id[24];
    uint32_t symbol;
    char side, type; /* B S, M L */
    enum book_state state;
    int64_t qty, filled, limit, deadline, updated;
    uint32_t parts; /* fills still to come by themselves */
    uint64_t due;   /* the tick of the next one */
    bool ack_after_fill;
};

struct book_fill {
    uint32_t order;
    int64_t qty, price, fee, time;
};

struct book {
    int log;
    uint64_t random, tick;
    int64_t now, cash, position[BOOK_SYMBOLS], price[BOOK_SYMBOLS];
    uint32_t order_count, fill_count, open_count, duplicates;
    struct book_order *orders;
    struct book_fill *fills;
    uint32_t *open;  /* orders that may still fill */
    uint32_t *index; /* order + 1 by hash of the client id */
};

extern const char *const book_symbols[BOOK_SYMBOLS];
extern const char *const book_states[];

bool book_create(struct book *book, const char *log_path, uint64_t seed);
void book_finish(struct book *book);
uint32_t book_random(struct book *book, uint32_t below);
/* One line, written before anybody is answered. */
void book_log(struct book *book, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* NULL when the venue has never seen this id. */
struct book_order *book_find(const struct book *book, const char *client_id);
/*
 * Takes a new order and decides its fate. NULL: it is refused, *why says so; the refused ones are
 * remembered too, so that their ids are never taken again.
 */
struct book_order *book_submit(struct book *book, const struct book_order *wanted,
                               const char **why);
bool book_cancel(struct book *book, struct book_order *order);
/* The fill of this order that is due now, or NULL; the caller tells it. */
const struct book_fill *book_fill_due(struct book *book, struct book_order *order);
/* Drops ended orders from the open ones. */
void book_sweep(struct book *book);
uint32_t book_order_number(const struct book *book, const struct book_order *order);

#endif
