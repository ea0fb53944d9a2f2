/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and events for the tests of the simulated venue, and what they expect it to report. */
#ifndef SIM_BENCH_H
#define SIM_BENCH_H

#include "broker_bench.h"

#define MARKET     TURRET_ORDER_MARKET
#define LIMIT      TURRET_ORDER_LIMIT
#define STOP       TURRET_ORDER_STOP
#define STOP_LIMIT TURRET_ORDER_STOP_LIMIT
#define GTC        TURRET_TIF_GTC
#define IOC        TURRET_TIF_IOC
#define FOK        TURRET_TIF_FOK

static inline struct turret_broker_order sim_order(uint64_t id, turret_instrument instrument,
                                                   uint8_t side, uint8_t type, turret_qty qty,
                                                   turret_price limit, turret_price stop)
{
    struct turret_broker_order order = {.struct_size = sizeof order,
                                        .instrument = instrument,
                                        .order_id = id,
                                        .side = side,
                                        .type = type,
                                        .tif = GTC,
                                        .qty = qty,
                                        .limit_price = limit,
                                        .stop_price = stop};
    (void)snprintf(order.client_id, sizeof order.client_id, "t-%llu", (unsigned long long)id);
    return order;
}

static inline void expect_ack(struct bench *b, uint64_t id, uint32_t kind, uint32_t outcome,
                              const char *reason)
{
    const struct turret_report *report = bench_next(b, TURRET_REPORT_ACK);
    assert_int_equal(report->u.ack.order_id, id);
    assert_int_equal(report->u.ack.kind, kind);
    assert_string_equal(report->u.ack.reason, reason);
    assert_int_equal(report->u.ack.outcome, outcome);
}

static inline void expect_order(struct bench *b, uint64_t id, uint8_t state, turret_qty filled)
{
    const struct turret_report *report = bench_next(b, TURRET_REPORT_ORDER);
    assert_int_equal(report->u.order.order_id, id);
    assert_int_equal(report->u.order.state, state);
    assert_int_equal(report->u.order.filled_qty, filled);
}

static inline const struct turret_report_fill *expect_fill(struct bench *b, uint64_t id,
                                                           turret_qty qty, turret_price price)
{
    const struct turret_report *report = bench_next(b, TURRET_REPORT_FILL);
    assert_int_equal(report->u.fill.order_id, id);
    assert_int_equal(report->u.fill.qty, qty);
    assert_int_equal(report->u.fill.price, price);
    return &report->u.fill;
}

/* The fill that completes an order of `whole`. */
static inline const struct turret_report_fill *expect_filled_last(struct bench *b, uint64_t id,
                                                                  turret_qty qty,
                                                                  turret_price price,
                                                                  turret_qty whole)
{
    const struct turret_report_fill *fill = expect_fill(b, id, qty, price);
    expect_order(b, id, TURRET_STATE_FILLED, whole);
    return fill;
}

/* A fill of the whole order and the report that it is filled. */
static inline const struct turret_report_fill *expect_filled(struct bench *b, uint64_t id,
                                                             turret_qty qty, turret_price price)
{
    const struct turret_report_fill *fill = expect_fill(b, id, qty, price);
    expect_order(b, id, TURRET_STATE_FILLED, qty);
    return fill;
}

static inline void submit_any(struct bench *b, struct turret_broker_order order)
{
    assert_int_equal(b->type->submit(&b->broker, &order, NULL), TURRET_OK);
}

/* Submits and takes the two reports that say it was accepted. */
static inline void submit(struct bench *b, struct turret_broker_order order)
{
    submit_any(b, order);
    expect_ack(b, order.order_id, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK, "");
    expect_order(b, order.order_id, TURRET_STATE_ACCEPTED, 0);
}

static inline void buy(struct bench *b, uint64_t id, uint8_t type, turret_qty qty,
                       turret_price limit, turret_price stop)
{
    submit(b, sim_order(id, SPY, BUY, type, qty, limit, stop));
}

static inline void sell(struct bench *b, uint64_t id, uint8_t type, turret_qty qty,
                        turret_price limit, turret_price stop)
{
    submit(b, sim_order(id, SPY, SELL, type, qty, limit, stop));
}

static inline void buy_tif(struct bench *b, uint64_t id, uint8_t type, turret_qty qty,
                           turret_price limit, uint8_t tif)
{
    struct turret_broker_order order = sim_order(id, SPY, BUY, type, qty, limit, 0);
    order.tif = tif;
    submit(b, order);
}

static inline void feed_bar_at(struct bench *b, turret_instrument instrument, turret_time_ns time,
                               int64_t timeframe_ns, const turret_price *ohlc, turret_qty volume)
{
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_BAR};
    event.time = time + timeframe_ns;
    event.u.bar = (struct turret_bar){instrument, 0,       timeframe_ns, time,  ohlc[0],
                                      ohlc[1],    ohlc[2], ohlc[3],      volume};
    b->type->feed(&b->broker, &event);
}

/* SPY's minute bar number n from T0 on. */
static inline void bar(struct bench *b, int n, turret_price open, turret_price high,
                       turret_price low, turret_price close, turret_qty volume)
{
    const turret_price ohlc[4] = {open, high, low, close};
    feed_bar_at(b, SPY, T0 + n * MINUTE, MINUTE, ohlc, volume);
}

static inline void quote(struct bench *b, turret_time_ns time, turret_price bid, turret_qty bid_qty,
                         turret_price ask, turret_qty ask_qty)
{
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_QUOTE};
    event.time = time;
    event.u.quote = (struct turret_quote){SPY, 0, time, bid, ask, bid_qty, ask_qty};
    b->type->feed(&b->broker, &event);
}

static inline void trade(struct bench *b, turret_time_ns time, turret_price price, turret_qty qty)
{
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_TRADE};
    event.time = time;
    event.u.trade = (struct turret_trade){SPY, 0, time, price, qty, 0};
    b->type->feed(&b->broker, &event);
}

static inline void level(struct bench *b, turret_time_ns time, uint8_t side, turret_price price,
                         turret_qty qty, uint8_t last)
{
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_LEVEL};
    event.time = time;
    event.u.level = (struct turret_level){SPY, side, TURRET_LEVEL_SET, last, 0, time, price, qty};
    b->type->feed(&b->broker, &event);
}

static inline void status(struct bench *b, turret_time_ns time, uint32_t value)
{
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_STATUS};
    event.time = time;
    event.u.status = (struct turret_status){SPY, value, time};
    b->type->feed(&b->broker, &event);
}

static inline void split(struct bench *b, turret_time_ns time, uint32_t numerator,
                         uint32_t denominator)
{
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_SPLIT};
    event.time = time;
    event.u.split = (struct turret_split){SPY, numerator, denominator, 0, time};
    b->type->feed(&b->broker, &event);
}

static inline turret_qty position_of(struct bench *b, turret_instrument instrument)
{
    turret_qty found = INT64_MIN;
    assert_int_equal(b->type->query_positions(&b->broker, NULL), TURRET_OK);
    while (b->next < b->count) {
        const struct turret_report *report = bench_next(b, TURRET_REPORT_POSITION);
        if (report->u.position.instrument == instrument) {
            found = report->u.position.qty;
        }
    }
    return found;
}

static inline turret_money cash_of(struct bench *b, const char *currency)
{
    turret_money found = INT64_MIN;
    assert_int_equal(b->type->query_balances(&b->broker, NULL), TURRET_OK);
    while (b->next < b->count) {
        const struct turret_report *report = bench_next(b, TURRET_REPORT_BALANCE);
        if (strcmp(report->u.balance.currency, currency) == 0) {
            found = report->u.balance.cash;
        }
    }
    return found;
}

#endif
