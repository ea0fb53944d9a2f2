/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long random sequences of events and requests at the simulated venue, in every mode. An account
 * kept here from the reports alone must agree with the venue: one answer to each request, fills
 * within quantities and limits, unique execution ids, positions and cash to the last unit, no order
 * left in two states. Runs are seeded; the same run twice gives the same bytes.
 */
#include "sim_bench.h"

#define ORDERS 400
#define STEPS  3000

/* What the reports say about one order. */
struct seen {
    struct turret_broker_order asked;
    uint32_t submits, answers, fills, requests, request_answers;
    turret_qty filled, qty;
    turret_price limit;
    uint8_t state;
};

struct run {
    struct bench *b;
    uint64_t random;
    turret_time_ns now;
    turret_price price;
    struct seen seen[ORDERS + 1];
    uint64_t last_id;
    uint32_t checked;
    turret_qty position;
    turret_money cash;
};

static uint32_t draw(struct run *r, uint32_t below)
{
    r->random = r->random * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(r->random >> 33) % below;
}

static void check_fill(struct run *r, const struct turret_report_fill *fill)
{
    struct seen *seen = &r->seen[fill->order_id];
    char execution_id[40];
    int64_t sign = fill->side == BUY ? 1 : -1;
    assert_true(fill->qty > 0 && fill->price > 0 && fill->fee >= 0);
    assert_int_equal(fill->side, seen->asked.side);
    seen->fills++;
    (void)snprintf(execution_id, sizeof execution_id, "S%llu-%u",
                   (unsigned long long)fill->order_id, seen->fills);
    assert_string_equal(fill->execution_id, execution_id);
    seen->filled += fill->qty;
    assert_true(seen->filled <= seen->qty);
    if (seen->asked.type == LIMIT || seen->asked.type == STOP_LIMIT) {
        assert_true(sign * fill->price <= sign * seen->limit);
    }
    if (seen->asked.flags & TURRET_ORDER_REDUCE_ONLY) {
        assert_true(fill->side == BUY ? r->position <= -fill->qty : r->position >= fill->qty);
    }
    r->position += sign * fill->qty;
    r->cash -= sign * fill->qty * fill->price + fill->fee; /* SPY: whole shares, cents */
}

static void check_order(const struct run *r, struct seen *seen,
                        const struct turret_report_order *order)
{
    (void)r;
    assert_true(seen->state == 0 || seen->state < TURRET_STATE_FILLED || order->snapshot);
    assert_int_equal(order->filled_qty, seen->filled);
    assert_true((order->state == TURRET_STATE_FILLED) == (order->filled_qty == order->qty));
    seen->state = order->state;
    seen->qty = order->qty;
    seen->limit = order->limit_price;
}

static void check_reports(struct run *r)
{
    for (; r->checked < r->b->count; r->checked++) {
        const struct turret_report *report = &r->b->report[r->checked];
        assert_int_equal(report->time, r->now);
        if (report->type == TURRET_REPORT_ACK) {
            struct seen *seen = &r->seen[report->u.ack.order_id];
            int submits = report->u.ack.kind == TURRET_REQUEST_SUBMIT;
            seen->answers += (uint32_t)submits;
            seen->request_answers += (uint32_t)!submits;
            if (submits && seen->answers == 1 && report->u.ack.outcome == TURRET_OUTCOME_REJECTED) {
                seen->state = TURRET_STATE_REJECTED;
            }
        } else if (report->type == TURRET_REPORT_FILL) {
            check_fill(r, &report->u.fill);
        } else if (report->type == TURRET_REPORT_ORDER) {
            check_order(r, &r->seen[report->u.order.order_id], &report->u.order);
        }
    }
}

static void random_submit(struct run *r)
{
    if (r->last_id == ORDERS) {
        return;
    }
    uint64_t id = ++r->last_id;
    turret_price limit = r->price + (turret_price)draw(r, 200) - 100;
    turret_price stop = r->price + (turret_price)draw(r, 200) - 100;
    struct turret_broker_order order =
        sim_order(id, SPY, draw(r, 2) ? BUY : SELL, (uint8_t)(MARKET + draw(r, 4)),
                  1 + (turret_qty)draw(r, 40), limit, stop);
    order.tif = (uint8_t)(GTC + (draw(r, 2) ? 0 : draw(r, 4)));
    order.flags = draw(r, 4) ? 0 : TURRET_ORDER_REDUCE_ONLY;
    r->seen[id].asked = order;
    r->seen[id].qty = order.qty;
    r->seen[id].limit = limit;
    r->seen[id].submits++;
    submit_any(r->b, order);
    if (draw(r, 20) == 0) { /* the same again */
        r->seen[id].submits++;
        submit_any(r->b, order);
    }
}

static void random_request(struct run *r)
{
    if (r->last_id == 0) {
        return;
    }
    uint64_t recent = r->last_id < 20 ? r->last_id : 20;
    uint64_t id = r->last_id - draw(r, (uint32_t)recent);
    struct turret_broker_order order = r->seen[id].asked;
    order.request = ++r->seen[id].requests;
    if (draw(r, 2)) {
        assert_int_equal(r->b->type->cancel(&r->b->broker, &order, NULL), TURRET_OK);
        return;
    }
    order.qty = 1 + (turret_qty)draw(r, 40);
    order.limit_price = r->price + (turret_price)draw(r, 100) - 50;
    assert_int_equal(r->b->type->modify(&r->b->broker, &order, NULL), TURRET_OK);
}

static void random_event(struct run *r)
{
    turret_price step = (turret_price)draw(r, 41) - 20, top = (turret_price)draw(r, 20);
    turret_price open = r->price + step, close = open + (turret_price)draw(r, 41) - 20;
    turret_price high = (open > close ? open : close) + top, low = open < close ? open : close;
    const turret_price ohlc[4] = {open, high, low - (turret_price)draw(r, 20), close};
    turret_time_ns from = r->now;
    r->price = close < 5000 ? 5000 : close > 20000 ? 20000 : close;
    switch (draw(r, 7)) {
    case 0:
    case 1:
        r->now += draw(r, 50) ? MINUTE : DAY;
        feed_bar_at(r->b, SPY, from, r->now - from, ohlc, (turret_qty)draw(r, 200));
        break;
    case 2:
        r->now += 1000000 * (int64_t)draw(r, 3);
        trade(r->b, r->now, r->price, 1 + (turret_qty)draw(r, 50));
        break;
    case 3:
        r->now += 1000000;
        quote(r->b, r->now, r->price - 3, (turret_qty)draw(r, 50), r->price + 3, 20);
        break;
    case 4:
        r->now += draw(r, 2000);
        status(r->b, r->now, draw(r, 3) ? TURRET_STATUS_OPEN : TURRET_STATUS_CLOSED);
        break;
    default:
        r->now += 1;
        level(r->b, r->now, draw(r, 2) ? BUY : SELL, r->price + (turret_price)draw(r, 20) - 10,
              (turret_qty)draw(r, 3) * 10, (uint8_t)(draw(r, 3) > 0));
        break;
    }
}

static void run_random(struct run *r, uint64_t seed, uint32_t mode)
{
    static const char *const fills[] = {"next_open", "this_close", "next_close", "quote"};
    static const char *const slips[] = {"none", "ticks", "volume_share"};
    memset(r, 0, sizeof *r);
    r->b = bench_load("sim");
    r->random = seed;
    r->now = T0;
    r->price = 10000;
    bench_set(r->b, "market_fill", fills[mode % 4]);
    bench_set(r->b, "slippage", slips[mode % 3]);
    bench_set(r->b, "volume_limit", mode % 2 ? "30" : "0");
    bench_set(r->b, "latency_ms", mode % 5 ? "0" : "2");
    bench_set(r->b, "commission_rate_bps", "3");
    bench_start(r->b, 0);
    r->checked = r->b->count;
    status(r->b, r->now, TURRET_STATUS_OPEN);
    for (int i = 0; i < STEPS; i++) {
        uint32_t what = draw(r, 10);
        if (what < 2) {
            random_submit(r);
        } else if (what < 4) {
            random_request(r);
        } else {
            random_event(r);
        }
        check_reports(r);
    }
}

/* Ends everything and compares the two accounts. */
static void settle_up(struct run *r)
{
    r->now += 1000000000;
    status(r->b, r->now, TURRET_STATUS_CLOSED);
    check_reports(r);
    assert_int_equal(r->b->type->cancel_all(&r->b->broker, TURRET_FILTER_ACCOUNT, 0, 0, NULL),
                     TURRET_OK);
    check_reports(r);
    r->now += 1000000000;
    status(r->b, r->now, TURRET_STATUS_CLOSED); /* cancels have arrived */
    check_reports(r);
    for (uint64_t id = 1; id <= r->last_id; id++) {
        assert_int_equal(r->seen[id].answers, r->seen[id].submits);
        assert_int_equal(r->seen[id].request_answers, r->seen[id].requests);
        assert_true(r->seen[id].state >= TURRET_STATE_FILLED);
    }
    r->b->next = r->b->count;
    assert_int_equal(position_of(r->b, SPY), r->position);
    assert_int_equal(cash_of(r->b, "USD"), r->cash);
}

static void test_reports_add_up_in_every_mode(void **state)
{
    struct run *r = calloc(1, sizeof *r);
    (void)state;
    for (uint32_t mode = 0; mode < 60; mode++) {
        uint32_t filled = 0;
        run_random(r, 1000 + mode, mode);
        settle_up(r);
        for (uint64_t id = 1; id <= r->last_id; id++) {
            filled += r->seen[id].fills > 0;
        }
        assert_true(r->last_id > 300 && filled > 30); /* it does trade */
        bench_free(r->b);
    }
    free(r);
}

static void test_the_same_run_twice(void **state)
{
    struct run *r = calloc(2, sizeof *r);
    (void)state;
    for (uint32_t mode = 0; mode < 4; mode++) {
        run_random(&r[0], 7, mode);
        run_random(&r[1], 7, mode);
        assert_int_equal(r[0].b->count, r[1].b->count);
        assert_memory_equal(r[0].b->report, r[1].b->report, r[0].b->count * sizeof *r[0].b->report);
        bench_free(r[0].b);
        bench_free(r[1].b);
    }
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reports_add_up_in_every_mode),
        cmocka_unit_test(test_the_same_run_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
