/* SPDX-License-Identifier: Apache-2.0 */
/* A venue that takes market and limit orders only: the rest is the host's. */
#ifndef TESTS_HELD_BENCH_H
#define TESTS_HELD_BENCH_H

#include "engine_rig.h"

static struct rig rig;

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

/* ---- what the store has of the orders ---- */

static struct order rows[1024];
static uint32_t row_count;

static inline struct order *row_of(uint64_t id)
{
    uint32_t i = 0;
    while (i < row_count && rows[i].id != id)
        i++;
    return i < row_count ? &rows[i] : NULL;
}

static inline void on_row(void *context, const struct order *order)
{
    struct order *row = row_of(order->id);
    if (!row) {
        assert_true(row_count < sizeof rows / sizeof *rows);
        row = &rows[row_count++];
    }
    *row = *order;
    rig_on_order(context, order);
}

/* The store has every order as it is in the books, but for what a restart finds out again and what
   moves with the market. */
static inline void check_rows(void)
{
    const struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL) {
        struct order row;
        assert_non_null(row_of(order->id));
        row = *row_of(order->id);
        row.stop_price = order->stop_price;
        row.children_qty = order->children_qty;
        row.updated = order->updated;
        row.held = order->held;
        row.seen = order->seen;
        if (order_is_terminal(order)) { /* what it was to become, and what followed it */
            row.pending_qty = order->pending_qty;
            row.unwanted = order->unwanted;
            row.oco = order->oco;
        }
        assert_memory_equal(&row, order, sizeof row);
    }
}

static inline int set_up_with(const struct rig_options *o)
{
    row_count = 0;
    rig_open(&rig, o);
    rig.engine->sink.order = on_row;
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    return 0;
}

static inline int set_up(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    return set_up_with(&o);
}

static inline int set_up_two(void **state) /* strategies */
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    return set_up_with(&o);
}

static inline int tear_down(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    if (rig.engine->sink.order == on_row)
        check_rows();
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

/* One that began half a minute ago: a part of it was before what was asked for since. */
static inline void bar_from_before(turret_price low, turret_price high, turret_price close)
{
    struct event event =
        rig_bar_event(&rig, rig.instrument[0], engine_now(rig.engine) - RIG_MINUTE / 2, close);
    event.u.bar.low = low;
    event.u.bar.high = high;
    event.time = rig.time = event.u.bar.time + RIG_MINUTE;
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

/* ---- what happens to them ---- */

static inline void seconds_pass(int64_t seconds)
{
    rig.time += seconds * MONEY_NANO;
    rig_turn(&rig);
}

/* Its adapter could not send it. */
static inline void did_not_leave(uint64_t id)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_KEPT_BACK;
    event.u.control.target = DENY_NOT_SENT;
    event.u.control.value = (int64_t)id;
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "not sent: rate limit");
    engine_ingest(rig.engine, &event);
}

static inline void cancels(uint64_t id)
{
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
}

static inline void refuse(uint64_t id, uint32_t kind)
{
    rig_ack(&rig, id, kind, at(id)->request_version, TURRET_OUTCOME_REJECTED);
}

static inline void taken(uint64_t id)
{
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    is(id, TURRET_STATE_ACCEPTED);
}

/* The venue takes an execution back; with a quantity, that much stands in its place. */
static inline void busts(const char *execution, const char *instead, turret_qty qty,
                         turret_price price)
{
    struct event event = rig_event(&rig, EVENT_BUST);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "%s", execution);
    (void)snprintf(event.u.bust.new_execution_id, 40, "%s", instead);
    event.u.bust.corrected_qty = qty;
    event.u.bust.corrected_price = price;
    engine_ingest(rig.engine, &event);
}

/* What the strategy holds. */
static inline turret_qty held_now(void)
{
    return rig_own(&rig, 0, 0)->qty;
}

/* The strategy trades by itself, and it fills. */
static inline void trades(uint8_t side, turret_qty qty, const char *execution)
{
    rig_fill(&rig, rig_order(&rig, 0, side, qty, 0), execution, side, qty, 10000);
}

/* 0: as it is. */
static inline void changes(uint64_t id, turret_qty qty, turret_price limit_price,
                           turret_price stop_price)
{
    assert_int_equal(turret_modify(rig.self[0], id, qty, limit_price, stop_price), TURRET_OK);
    rig_turn(&rig);
}

static inline void split(uint32_t numerator, uint32_t denominator)
{
    struct event event = rig_event(&rig, EVENT_SPLIT);
    event.venue = 0;
    event.u.split.instrument = rig.instrument[0];
    event.u.split.numerator = numerator;
    event.u.split.denominator = denominator;
    event.u.split.time = event.time;
    engine_ingest(rig.engine, &event);
}

/* Commands of one kind that left, of this order or (0) of all. */
static inline uint32_t count_of(enum command_kind kind, uint64_t id)
{
    uint32_t i, count = 0;
    for (i = 0; i < rig.command_count; i++)
        count += rig.commands[i].kind == kind && (id == 0 || rig.commands[i].order.order_id == id);
    return count;
}

/* A buy of `qty` at 99.00 of which `shown` are to be seen. */
static inline uint64_t iceberg_of(turret_qty qty, turret_qty shown)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, qty);
    request.limit_price = 9900;
    request.display_qty = shown;
    return ask(request);
}

/* A stop order of the strategy's own. */
static inline uint64_t stop_of(uint8_t side, turret_qty qty, turret_price stop_price,
                               uint32_t flags)
{
    struct turret_order_request request = want(side, TURRET_ORDER_STOP, qty);
    request.stop_price = stop_price;
    request.flags = flags;
    return ask(request);
}

/* A limit order of the strategy's own, of a pair with the other one (0: of none). */
static inline uint64_t limit_of(uint8_t side, turret_qty qty, turret_price limit_price,
                                uint64_t oco)
{
    struct turret_order_request request = want(side, TURRET_ORDER_LIMIT, qty);
    request.limit_price = limit_price;
    request.oco = oco;
    return ask(request);
}

/* A market order that filled whole, and its exits (0 none). */
static inline uint64_t entered(uint8_t side, turret_qty qty, turret_price stop_loss,
                               turret_price take_profit)
{
    struct turret_order_request request = want(side, TURRET_ORDER_MARKET, qty);
    uint64_t entry;
    request.stop_loss = stop_loss;
    request.take_profit = take_profit;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", side, qty, 10000);
    return entry;
}

#endif
