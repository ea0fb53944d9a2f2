/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A venue of the simulation, with the truth about its orders, executions and account. It shares no
 * code with the adapters nor, but for types, with the core; money is counted in 128 bits.
 */
#ifndef SIMULATE_EXCHANGE_H
#define SIMULATE_EXCHANGE_H

#include "ids.h"
#include "world.h"

#include <turret/broker.h>

#define EXCHANGE_NONE UINT32_MAX
#define EXCHANGE_SKEW (120 * SECOND) /* as far as a venue's clock may be behind */
#define EXCHANGE_CASH (INT64_C(50000000) * MONEY_ONE)

struct exchange_order {
    uint64_t id;     /* the client's; 0: somebody else's */
    uint32_t number; /* the venue's, which is its place here */
    turret_instrument instrument;
    uint8_t side, type, tif, state;
    uint32_t request; /* newest version carried out */
    turret_qty qty, filled;
    turret_price limit, stop;
    uint64_t priority;
    uint64_t version; /* grows with each change that is told */
    turret_time_ns created, updated;
};

struct exchange_fill {
    uint32_t number, order; /* order EXCHANGE_NONE: a person's */
    uint32_t instead;       /* the one it stands for, EXCHANGE_NONE */
    turret_instrument instrument;
    uint8_t side, maker, busted, told;
    turret_qty qty;
    turret_price price;
    turret_money fee, value;
    turret_time_ns time, changed;
};

/* Prices and quantities move in ticks and lots. */
struct exchange_market {
    turret_instrument id; /* the host's; 0: traded at another venue */
    int32_t price_scale, qty_scale;
    int64_t multiplier, lot, tick;
    turret_price price, bid, ask;
    turret_qty bid_qty, ask_qty;
    turret_time_ns last_bar;
    bool closed;
    money_wide position;
    turret_qty drift; /* what of it nobody traded */
};

struct wire;

struct exchange {
    struct world *world;
    uint32_t index;
    struct exchange_market markets[WORLD_INSTRUMENTS + 1]; /* by the host's id */
    struct exchange_order *orders;
    struct exchange_fill *fills;
    uint32_t order_count, order_room, fill_count, fill_room;
    uint32_t *open, open_count, open_room; /* orders that may fill */
    struct ids ids;                        /* client's id → order */
    struct ids refused;                    /* client's id → newest change that was refused */
    uint64_t priority, version;
    money_wide cash, fees;
    turret_money drift; /* what of the cash came or went without a trade */
    int64_t taker_ppm, maker_ppm, skew_ns;
    bool plain;   /* takes market and limit orders only: the rest is the host's */
    bool resting; /* the market stands still */
    struct wire *wire;
};

int exchange_create(struct exchange **out, struct world *world, uint32_t index);
void exchange_destroy(struct exchange *exchange);
/* The market begins to move. */
void exchange_start(struct exchange *exchange);

static inline bool exchange_is_open(const struct exchange_order *order)
{
    return order->state >= TURRET_STATE_ACCEPTED && order->state <= TURRET_STATE_SUSPENDED;
}
static inline turret_qty exchange_leaves(const struct exchange_order *order)
{
    return exchange_is_open(order) && order->filled < order->qty ? order->qty - order->filled : 0;
}
/* NULL: no such order ever arrived. */
struct exchange_order *exchange_find(const struct exchange *exchange, uint64_t id);

/* ---- requests that arrived; answers an outcome (TURRET_OUTCOME_…), 0 for one heard before ---- */
uint32_t exchange_submit(struct exchange *exchange, const struct turret_broker_order *request,
                         const char **why);
uint32_t exchange_cancel(struct exchange *exchange, const struct turret_broker_order *request,
                         const char **why);
uint32_t exchange_modify(struct exchange *exchange, const struct turret_broker_order *request,
                         const char **why);

/* ---- exchange_book.c ---- */
/* A new order meets what is there; then it rests or ends. */
void exchange_match(struct exchange *exchange, uint32_t number);
/* Something traded at this price: resting orders fill, stops are triggered. */
void exchange_trade(struct exchange *exchange, struct exchange_market *market, turret_price price,
                    turret_qty qty);
/* It ends without (more) executions. */
void exchange_end(struct exchange *exchange, struct exchange_order *order, uint8_t state);
/* Books an execution; `order` NULL: a person's. Answers its number. */
uint32_t exchange_execute(struct exchange *exchange, struct exchange_order *order,
                          struct exchange_market *market, uint8_t side, turret_qty qty,
                          turret_price price, bool maker);
struct exchange_order *exchange_add_order(struct exchange *exchange);
/* Takes an execution back; corrected_qty > 0: another one takes its place. */
void exchange_bust(struct exchange *exchange, uint32_t number, turret_qty corrected_qty,
                   turret_price corrected_price);
/* units: money of qty × price, a buyer's rounded up, a seller's down */
money_wide exchange_value(const struct exchange_market *market, uint8_t side, turret_qty qty,
                          turret_price price);

/* ---- wire.c: told to whoever is connected ---- */
void wire_tell_order(struct wire *wire, const struct exchange_order *order);
void wire_tell_fill(struct wire *wire, const struct exchange_fill *fill);
void wire_tell_bust(struct wire *wire, const struct exchange_fill *fill);
void wire_tell_market(struct wire *wire, const struct turret_report *report);

#endif
