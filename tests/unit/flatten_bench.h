/* SPDX-License-Identifier: Apache-2.0 */
/* Positions of two strategies, a person who flattens, and venues that do what they are told. */
#ifndef TESTS_FLATTEN_BENCH_H
#define TESTS_FLATTEN_BENCH_H

#include "trading_bench.h"

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

static inline void flatten(uint32_t scope, const char *name)
{
    decide(CONTROL_FLATTEN, scope, name, TRADING_REDUCING);
}

static inline void fill_of(uint64_t id, turret_qty qty)
{
    static uint32_t executions;
    const struct order *order = engine_order(rig.engine, id);
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = order->venue;
    event.u.fill.order_id = id;
    event.u.fill.instrument = order->instrument;
    event.u.fill.side = order->side;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "f%u",
                   executions++);
    engine_ingest(rig.engine, &event);
}

static inline void ended(uint64_t id)
{
    const struct order *order = engine_order(rig.engine, id);
    struct event event = rig_told(&rig, id, TURRET_STATE_CANCELED, order->qty, order->filled_qty);
    event.venue = order->venue;
    event.u.order.instrument = order->instrument;
    engine_ingest(rig.engine, &event);
}

/* A venue that fills every market order and takes every cancel, of what was sent since `from`. */
static inline void venues_do_it(uint32_t from)
{
    for (; from < rig.command_count; from++) {
        const struct command *command = &rig.commands[from];
        uint64_t id = command->order.order_id;
        if (command->kind == COMMAND_SUBMIT && command->order.type == TURRET_ORDER_MARKET)
            fill_of(id, engine_order(rig.engine, id)->qty);
        else if (command->kind == COMMAND_CANCEL && order_is_working(engine_order(rig.engine, id)))
            ended(id);
        rig.time += MONEY_NANO;
        rig_turn(&rig);
    }
}

static inline void nothing_is_left(uint32_t strategy)
{
    const struct order *order;
    uint32_t cursor = 0;
    assert_int_equal(rig_own(&rig, strategy, 0)->qty, 0);
    assert_int_equal(rig_own(&rig, strategy, 1)->qty, 0);
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        assert_false(order->strategy == strategy && order_is_working(order));
}

static inline uint64_t ask(uint32_t strategy, uint32_t instrument, uint8_t side, turret_qty qty,
                           turret_price limit)
{
    struct turret_order_request request = rig_request(rig.instrument[instrument], side, qty, limit);
    uint64_t id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    return id;
}

static inline void hold(uint32_t strategy, uint32_t instrument, turret_qty qty)
{
    turret_qty before = rig_own(&rig, strategy, instrument)->qty;
    fill_of(ask(strategy, instrument, qty > 0 ? BUY : SELL, qty > 0 ? qty : -qty, 0),
            qty > 0 ? qty : -qty);
    assert_int_equal(rig_own(&rig, strategy, instrument)->qty, before + qty);
}

static inline uint64_t rests(uint8_t side, turret_qty qty, turret_price limit)
{
    uint64_t id = ask(0, 0, side, qty, limit);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, qty, 0, 0);
    return id;
}

/* Of the orders sent since `before` those that close this position; the quantity, 0 none. */
static inline turret_qty closed(uint32_t before, uint32_t strategy, uint32_t instrument)
{
    turret_qty qty = 0;
    uint32_t i;
    for (i = before; i < rig.command_count; i++) {
        const struct command *command = &rig.commands[i];
        const struct order *order = engine_order(rig.engine, command->order.order_id);
        if (command->kind != COMMAND_SUBMIT || order->strategy != strategy ||
            order->instrument != rig.instrument[instrument])
            continue;
        assert_int_equal(qty, 0); /* one closes it */
        assert_int_equal(order->role, ORDER_EXIT);
        assert_int_equal(order->type, TURRET_ORDER_MARKET);
        assert_int_equal(order->flags, TURRET_ORDER_REDUCE_ONLY);
        assert_string_equal(order->reason, "a person makes it flat");
        qty = order->side == BUY ? order->qty : -order->qty;
    }
    return qty;
}

static inline uint32_t working_exits(void)
{
    const struct order *order;
    uint32_t cursor = 0, count = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        count += order_is_working(order) && order->role == ORDER_EXIT;
    return count;
}

static inline uint32_t cancels_since(uint32_t from)
{
    uint32_t count = 0;
    for (; from < rig.command_count; from++)
        count += rig.commands[from].kind == COMMAND_CANCEL;
    return count;
}

#endif
