/* SPDX-License-Identifier: Apache-2.0 */
/* A venue that takes market and limit orders only: the rest is the host's. */
#ifndef TESTS_HELD_BENCH_H
#define TESTS_HELD_BENCH_H

#include "engine_rig.h"

static struct rig rig;

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

static inline int set_up(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_open(&rig, &o);
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

static inline uint64_t ask(struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    return id;
}

static inline struct turret_order_request want(uint8_t side, uint8_t type, turret_qty qty)
{
    struct turret_order_request request = rig_request(rig.instrument[0], side, qty, 0);
    request.type = type;
    return request;
}

static inline const struct order *at(uint64_t id)
{
    const struct order *order = engine_order(rig.engine, id);
    assert_non_null(order);
    return order;
}

static inline void is(uint64_t id, uint8_t state)
{
    assert_string_equal(order_state_name(at(id)->state), order_state_name(state));
}

/* One bar with a range, a minute after the last. */
static inline void bar(turret_price low, turret_price high, turret_price close)
{
    struct event event = rig_bar_event(&rig, rig.instrument[0], rig.time, close);
    event.u.bar.low = low;
    event.u.bar.high = high;
    event.u.bar.open = close;
    rig.time += RIG_MINUTE;
    engine_ingest(rig.engine, &event);
}

static inline void trade(turret_price price)
{
    struct event event = rig_event(&rig, EVENT_TRADE);
    event.venue = 0;
    event.u.trade.instrument = rig.instrument[0];
    event.u.trade.price = price;
    event.u.trade.qty = 1;
    event.u.trade.time = event.time = rig.time += MONEY_NANO;
    engine_ingest(rig.engine, &event);
}

static inline const struct command *sent(void)
{
    return &rig.commands[rig.command_count - 1];
}

/* A position of the strategy's, by a market order that fills. */
static inline void hold(uint8_t side, turret_qty qty, const char *execution)
{
    rig_fill(&rig, ask(want(side, TURRET_ORDER_MARKET, qty)), execution, side, qty, 10000);
}

/* The newest order with this parent and type; 0 none. */
static inline uint64_t child(uint64_t parent, uint8_t type)
{
    const struct order *order;
    uint64_t found = 0;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->parent == parent && order->type == type && order->id > found)
            found = order->id;
    return found;
}

#endif
