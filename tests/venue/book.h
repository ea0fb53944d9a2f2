/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake venue's own truth: one account's orders, fills, positions and cash, and the log that
 * tells them. It shares nothing with the host; the tests compare the two.
 *
 * Each symbol has a book with two sides by price, then time. The crowd quotes anew in every tick
 * around a price that walks at random; orders of the account rest among it and fill, wholly or in
 * part, against whoever crosses them.
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
#define BOOK_RESTS_MAX  8192
#define BOOK_FEE        INT64_C(500000) /* of one unit: 0.005 */
#define BOOK_CASH       INT64_C(10000000000000000)

enum book_state {
    BOOK_ACCEPTED,
    BOOK_TRIGGERED,
    BOOK_PARTIAL, /* this and those before it work */
    BOOK_FILLED,
    BOOK_CANCELED,
    BOOK_EXPIRED,
    BOOK_REJECTED
};

struct book_order {
    char client_id[24]; /* F… is not the host's */
    uint32_t symbol;
    char side, type, tif; /* B S, Market Limit Stop stop-limiT, GTC Day IOC FOK by initial */
    enum book_state state;
    int64_t qty, filled, limit, stop, deadline, updated;
    int64_t left; /* may still trade: what is taken back of its fills does not come back to it */
    uint64_t hidden_until; /* tick: queries and downloads do not know it before */
    uint32_t request;      /* the newest change that was taken */
    bool ack_after_fill;
};

struct book_fill {
    uint32_t order;
    uint32_t corrects; /* the number of the fill whose place it takes, 0 none */
    int64_t qty, price, fee, time;
    int64_t busted; /* when it was taken back, 0 never */
};

struct book_rest {
    uint32_t order; /* its number, 0: the crowd's */
    int64_t price, qty;
};

struct book_side {
    uint32_t count;
    struct book_rest rests[BOOK_RESTS_MAX]; /* best first, of equal ones the oldest first */
};

struct book {
    int log;
    uint64_t random, tick;
    int64_t now, cash, position[BOOK_SYMBOLS], price[BOOK_SYMBOLS], last[BOOK_SYMBOLS];
    uint32_t order_count, fill_count, stop_count, foreign_count;
    bool closed; /* outside the trading session */
    struct book_order *orders;
    struct book_fill *fills;
    struct book_side *sides; /* bids and asks of each symbol */
    uint32_t *stops;         /* numbers of the orders that wait for their stop price */
    uint32_t *index;         /* order + 1 by hash of the client id */
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
 * Takes a new order and matches it; its fills are the newest of `fills`. NULL: it is refused, *why
 * says so, which was NULL or names a reason to refuse it anyway; the refused ones are remembered
 * too, so that their ids are never taken again.
 */
struct book_order *book_submit(struct book *book, const struct book_order *wanted,
                               const char **why);
bool book_works(const struct book_order *order);
/* Ends a working order: BOOK_CANCELED or BOOK_EXPIRED. False: it has ended before. */
bool book_end(struct book *book, struct book_order *order, enum book_state state);
/*
 * New terms of a working order: qty is the total, 0 of a price leaves it. It goes behind the others
 * of its price, and trades at once where it crosses them; with no more than was filled it ends.
 * `told`: before it trades. False: it has ended before.
 */
typedef void book_changed_fn(const struct book_order *order);
bool book_modify(struct book *book, struct book_order *order, const struct book_order *wanted,
                 book_changed_fn *told);
/* A fill of all that is left, which no other order made: faults ask for it. */
void book_force_fill(struct book *book, struct book_order *order);
/* Takes fill `number` back; with qty > 0 another fill takes its place. */
void book_bust(struct book *book, uint32_t number, int64_t qty);
/* The price walks one step, the crowd quotes anew. Answers the price it opened with. */
int64_t book_walk(struct book *book, uint32_t symbol);
uint32_t book_order_number(const struct book *book, const struct book_order *order);

#endif
