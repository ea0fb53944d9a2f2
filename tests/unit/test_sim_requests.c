/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests at the simulated venue: malformed ones, duplicates and limits; modify and cancel and
 * their races with fills; cancel_all, queries and download; reports kept while the host's queue is
 * full.
 */
#include "sim_bench.h"

static struct bench *b;

static int setup(void **state)
{
    (void)state;
    b = bench_load("sim");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bench_free(b);
    return 0;
}

static void cancel(uint64_t id, uint32_t request)
{
    struct turret_broker_order order = sim_order(id, SPY, BUY, LIMIT, 1, 1, 0);
    order.request = request;
    assert_int_equal(b->type->cancel(&b->broker, &order, NULL), TURRET_OK);
}

static void modify(uint64_t id, uint32_t request, turret_qty qty, turret_price limit)
{
    struct turret_broker_order order = sim_order(id, SPY, BUY, LIMIT, qty, limit, 0);
    order.request = request;
    assert_int_equal(b->type->modify(&b->broker, &order, NULL), TURRET_OK);
}

static void refused(struct turret_broker_order order, const char *reason)
{
    submit_any(b, order);
    expect_ack(b, order.order_id, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_REJECTED, reason);
    bench_silent(b);
}

static void test_malformed_orders_are_refused(void **state)
{
    struct turret_broker_order order;
    struct turret_error err = {0};
    (void)state;
    bench_start(b, 0);
    refused(sim_order(1, 99, BUY, MARKET, 1, 0, 0), "unknown instrument");
    refused(sim_order(1, 70000, BUY, MARKET, 1, 0, 0), "unknown instrument");
    refused(sim_order(1, SPY, 3, MARKET, 1, 0, 0), "side is neither buy nor sell");
    refused(sim_order(1, SPY, BUY, 5, 1, 0, 0), "order type is not supported");
    refused(sim_order(1, SPY, BUY, 0, 1, 0, 0), "order type is not supported");
    refused(sim_order(1, SPY, BUY, MARKET, 0, 0, 0), "quantity is not above zero");
    refused(sim_order(1, SPY, BUY, MARKET, -5, 0, 0), "quantity is not above zero");
    refused(sim_order(1, BTC, BUY, MARKET, 1500, 0, 0), "quantity is not a multiple of the lot");
    refused(sim_order(1, BTC, BUY, MARKET, 100000001000, 0, 0), "quantity is above the maximum");
    refused(sim_order(1, SPY, BUY, LIMIT, 1, 0, 0), "limit price is not above zero");
    refused(sim_order(1, BTC, BUY, LIMIT, 1000, 4321001, 0), "limit price is off the tick");
    refused(sim_order(1, BTC, BUY, STOP, 1000, 0, 4321001), "stop price is off the tick");
    refused(sim_order(1, SPY, BUY, STOP_LIMIT, 1, 100, 0), "stop price is not above zero");
    order = sim_order(1, SPY, BUY, MARKET, 1, 0, 0);
    order.tif = 5;
    refused(order, "time in force is not supported");
    order.tif = GTC;
    order.flags = 2;
    refused(order, "flag is not supported");
    order.struct_size = 8;
    assert_int_equal(b->type->submit(&b->broker, &order, &err), TURRET_EINVAL);
    order = sim_order(0, SPY, BUY, MARKET, 1, 0, 0);
    assert_int_equal(b->type->submit(&b->broker, &order, &err), TURRET_EINVAL);
    bench_silent(b);
    buy(b, 1, MARKET, 1, 0, 0); /* a refused id was never taken */
}

static void test_nothing_is_taken_before_connect(void **state)
{
    struct turret_broker_order order = sim_order(1, SPY, BUY, MARKET, 1, 0, 0);
    struct turret_error err = {0};
    (void)state;
    assert_int_equal(bench_try_open(b, 0, &err), TURRET_OK);
    assert_int_equal(b->type->submit(&b->broker, &order, &err), TURRET_ESTATE);
    assert_int_equal(b->type->cancel_all(&b->broker, TURRET_FILTER_ACCOUNT, 0, 0, NULL),
                     TURRET_ESTATE);
    assert_int_equal(b->type->download(&b->broker, 0, NULL), TURRET_ESTATE);
    bench_silent(b);
}

static void test_an_id_is_taken_once(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 1, 0, 0);
    refused(sim_order(1, SPY, BUY, MARKET, 1, 0, 0), "duplicate client id");
    bar(b, 1, 10000, 10000, 10000, 10000, 1000);
    (void)expect_filled(b, 1, 1, 10000);
    for (uint64_t id = 2; id < 8194; id++) { /* 8192 more come and go: it is still known */
        buy(b, id, LIMIT, 1, 9900, 0);
        cancel(id, 1);
        expect_ack(b, id, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_OK, "");
        expect_order(b, id, TURRET_STATE_CANCELED, 0);
        b->count = b->next = 0;
    }
    refused(sim_order(1, SPY, BUY, MARKET, 1, 0, 0), "duplicate client id");
}

static void test_the_newest_finished_orders_are_known(void **state)
{
    const uint64_t count = 60000, odd = 0x9E3779B1ull;
    struct turret_broker_order order = sim_order(1, SPY, BUY, LIMIT, 1, 9900, 0);
    (void)state;
    bench_start(b, 0);
    for (uint64_t n = 1; n <= count; n++) { /* scattered ids, so that their places collide */
        order.order_id = n * odd;
        submit_any(b, order);
        assert_int_equal(b->type->cancel(&b->broker, &order, NULL), TURRET_OK);
        b->count = 0;
    }
    for (uint64_t n = 1; n <= count; n++) {
        b->count = b->next = 0;
        order.order_id = n * odd;
        assert_int_equal(b->type->query_order(&b->broker, &order, NULL), TURRET_OK);
        if (n > count - 8192) {
            expect_order(b, n * odd, TURRET_STATE_CANCELED, 0);
        } else if (n < count - 20000) {
            expect_ack(b, n * odd, TURRET_REQUEST_QUERY, TURRET_OUTCOME_NOT_FOUND, "");
        }
    }
}

static void test_working_orders_are_limited(void **state)
{
    (void)state;
    bench_start(b, 0);
    for (uint64_t id = 1; id <= 4096; id++) {
        buy(b, id, LIMIT, 1, 9900, 0);
    }
    refused(sim_order(5000, SPY, BUY, LIMIT, 1, 9900, 0), "too many working orders");
    cancel(77, 1);
    expect_ack(b, 77, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_OK, "");
    expect_order(b, 77, TURRET_STATE_CANCELED, 0);
    buy(b, 5000, LIMIT, 1, 9900, 0);
    bar(b, 0, 9800, 9800, 9800, 9800, 1000);
    for (uint64_t id = 1; id <= 4096; id++) {
        if (id != 77) {
            (void)expect_filled(b, id, 1, 9800);
        }
    }
    (void)expect_filled(b, 5000, 1, 9800);
    bench_silent(b);
}

static void test_modify(void **state)
{
    (void)state;
    bench_set(b, "volume_limit", "100");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, LIMIT, 10, 9900, 0);
    buy(b, 2, LIMIT, 10, 9900, 0);
    modify(1, 1, 8, 9900); /* smaller only: keeps its place */
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_OK, "");
    assert_int_equal(b->report[b->next].u.order.qty, 8);
    expect_order(b, 1, TURRET_STATE_ACCEPTED, 0);
    bar(b, 1, 9900, 9900, 9900, 9900, 5);
    (void)expect_fill(b, 1, 5, 9900);
    expect_order(b, 1, TURRET_STATE_PARTIAL, 5);
    modify(1, 2, 5, 9900);
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED,
               "quantity is not above what filled");
    modify(1, 3, 20, 9900); /* larger: goes behind the other */
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_OK, "");
    expect_order(b, 1, TURRET_STATE_PARTIAL, 5);
    bar(b, 2, 9900, 9900, 9900, 9900, 12);
    (void)expect_filled(b, 2, 10, 9900);
    (void)expect_fill(b, 1, 2, 9900);
    expect_order(b, 1, TURRET_STATE_PARTIAL, 7);
    modify(1, 4, 20, -1);
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED,
               "limit price is not above zero");
    modify(2, 1, 20, 9900);
    expect_ack(b, 2, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED, "too late: filled");
    modify(9, 1, 20, 9900);
    expect_ack(b, 9, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED, "unknown order");
    bench_silent(b);
}

static void test_a_modify_that_crosses_fills_at_once(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "quote");
    bench_start(b, 0);
    quote(b, T0, 9990, 10, 10010, 10);
    buy(b, 1, LIMIT, 10, 9900, 0);
    modify(1, 1, 10, 10015);
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_OK, "");
    expect_order(b, 1, TURRET_STATE_ACCEPTED, 0);
    assert_int_equal(expect_filled(b, 1, 10, 10010)->maker, 0);
}

static void test_a_cancel_races_a_fill(void **state)
{
    (void)state;
    bench_set(b, "latency_ms", "1");
    bench_start(b, 0);
    trade(b, T0, 10000, 1);
    buy(b, 1, LIMIT, 1, 9900, 0);
    buy(b, 2, LIMIT, 1, 9800, 0);
    trade(b, T0 + 1000000, 10000, 1);
    cancel(1, 1); /* on its way until T0 + 2 ms */
    cancel(2, 1);
    bench_silent(b);
    cancel(2, 2);
    expect_ack(b, 2, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED, "a cancel is under way");
    modify(2, 3, 1, 9700);
    expect_ack(b, 2, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED, "a cancel is under way");
    trade(b, T0 + 1999999, 9900, 1); /* the fill wins */
    (void)expect_filled(b, 1, 1, 9900);
    expect_ack(b, 1, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED, "too late: filled");
    trade(b, T0 + 2000000, 9800, 1); /* the cancel wins */
    expect_ack(b, 2, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_OK, "");
    expect_order(b, 2, TURRET_STATE_CANCELED, 0);
    bench_silent(b);
}

static void test_a_modify_races_a_fill(void **state)
{
    (void)state;
    bench_set(b, "latency_ms", "1");
    bench_set(b, "volume_limit", "100");
    bench_start(b, 0);
    trade(b, T0, 10000, 1);
    buy(b, 1, LIMIT, 10, 9900, 0);
    trade(b, T0 + 1000000, 10000, 1);
    modify(1, 1, 4, 9900);
    modify(1, 2, 4, 9900);
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED, "a modify is under way");
    trade(b, T0 + 1500000, 9900, 6); /* more than the new quantity */
    (void)expect_fill(b, 1, 6, 9900);
    expect_order(b, 1, TURRET_STATE_PARTIAL, 6);
    trade(b, T0 + 2000000, 10000, 1);
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED,
               "too late: quantity already filled");
    modify(1, 3, 8, 9800);
    cancel(1, 4); /* overtakes nothing, but makes the modify pointless */
    expect_ack(b, 1, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED, "a cancel came after it");
    trade(b, T0 + 3000000, 9900, 1);
    expect_ack(b, 1, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_OK, "");
    expect_order(b, 1, TURRET_STATE_CANCELED, 6);
    bench_silent(b);
}

static void test_cancel_all_filters(void **state)
{
    (void)state;
    bench_start(b, 0);
    buy(b, 1, LIMIT, 1, 9900, 0);
    sell(b, 2, LIMIT, 1, 10100, 0);
    submit(b, sim_order(3, BTC, BUY, LIMIT, 1000, 5000, 0));
    submit(b, sim_order(4, BTC, SELL, LIMIT, 1000, 5000, 0));
    const uint32_t both = TURRET_FILTER_INSTRUMENT | TURRET_FILTER_SIDE;
    assert_int_equal(b->type->cancel_all(&b->broker, both, BTC, BUY, NULL), TURRET_OK);
    expect_order(b, 3, TURRET_STATE_CANCELED, 0);
    assert_int_equal(b->type->cancel_all(&b->broker, TURRET_FILTER_SIDE, 0, SELL, NULL), TURRET_OK);
    expect_order(b, 2, TURRET_STATE_CANCELED, 0);
    expect_order(b, 4, TURRET_STATE_CANCELED, 0);
    assert_int_equal(b->type->cancel_all(&b->broker, 0, 0, 0, NULL), TURRET_EINVAL);
    bench_silent(b);
    assert_int_equal(b->type->cancel_all(&b->broker, TURRET_FILTER_ACCOUNT, 0, 0, NULL), TURRET_OK);
    expect_order(b, 1, TURRET_STATE_CANCELED, 0);
    bench_silent(b);
}

static void test_queries_and_download(void **state)
{
    struct turret_broker_order order = sim_order(1, SPY, BUY, LIMIT, 1, 9900, 0);
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 10, 0, 0);
    buy(b, 2, LIMIT, 10, 9000, 0);
    bar(b, 1, 10000, 10000, 10000, 10000, 1000);
    (void)expect_filled(b, 1, 10, 10000);
    assert_int_equal(b->type->query_order(&b->broker, &order, NULL), TURRET_OK);
    assert_int_equal(b->report[b->next].u.order.snapshot, 1);
    expect_order(b, 1, TURRET_STATE_FILLED, 10);
    order.order_id = 99;
    assert_int_equal(b->type->query_order(&b->broker, &order, NULL), TURRET_OK);
    expect_ack(b, 99, TURRET_REQUEST_QUERY, TURRET_OUTCOME_NOT_FOUND, "");
    assert_int_equal(b->type->query_fills(&b->broker, T0 + 2 * MINUTE, NULL), TURRET_OK);
    (void)expect_fill(b, 1, 10, 10000);
    assert_int_equal(b->type->query_fills(&b->broker, T0 + 2 * MINUTE + 1, NULL), TURRET_OK);
    bench_silent(b);
    assert_int_equal(b->type->download(&b->broker, 0, NULL), TURRET_OK);
    assert_int_equal(bench_next(b, TURRET_REPORT_DOWNLOAD)->u.download.done, 0);
    assert_int_equal(b->report[b->next].time, T0 + 2 * MINUTE);
    assert_string_equal(expect_fill(b, 1, 10, 10000)->execution_id, "S1-1");
    expect_order(b, 1, TURRET_STATE_FILLED, 10);
    expect_order(b, 2, TURRET_STATE_ACCEPTED, 0);
    assert_int_equal(bench_next(b, TURRET_REPORT_POSITION)->u.position.qty, 10);
    assert_int_equal(bench_next(b, TURRET_REPORT_POSITION)->u.position.qty, 0);
    assert_int_equal(bench_next(b, TURRET_REPORT_POSITION)->u.position.qty, 0);
    assert_int_equal(bench_next(b, TURRET_REPORT_BALANCE)->u.balance.cash, -100000);
    assert_int_equal(bench_next(b, TURRET_REPORT_BALANCE)->u.balance.cash, 0);
    assert_int_equal(bench_next(b, TURRET_REPORT_DOWNLOAD)->u.download.done, 1);
    bench_silent(b);
    assert_int_equal(b->type->download(&b->broker, T0 + 2 * MINUTE, NULL), TURRET_OK);
    assert_int_equal(bench_next(b, TURRET_REPORT_DOWNLOAD)->u.download.done, 0);
    assert_int_equal(b->report[b->next].u.order.venue_sequence, 3); /* copies do not count */
    expect_order(b, 1, TURRET_STATE_FILLED, 10); /* but not its fill, which was told by then */
}

static void test_reports_wait_for_a_full_queue(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    b->refuse_from = b->count + 1; /* takes the ack, then refuses twice */
    b->refuse_count = 2;
    submit_any(b, sim_order(1, SPY, BUY, MARKET, 1, 0, 0));
    expect_ack(b, 1, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK, "");
    bench_silent(b);
    submit_any(b, sim_order(2, SPY, BUY, LIMIT, 1, 9000, 0)); /* behind what waits */
    assert_true(bench_fire(b, 1));                            /* refused again */
    bench_silent(b);
    bar(b, 1, 10000, 10000, 10000, 10000, 1000);
    expect_order(b, 1, TURRET_STATE_ACCEPTED, 0);
    expect_ack(b, 2, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK, "");
    expect_order(b, 2, TURRET_STATE_ACCEPTED, 0);
    (void)expect_filled(b, 1, 1, 10000);
    bench_silent(b);
}

static void test_lost_reports_are_said_to_be_lost(void **state)
{
    (void)state;
    bench_start(b, 0);
    b->refuse_from = 0;
    b->refuse_count = UINT32_MAX;
    for (uint64_t id = 1; id <= 2049; id++) { /* two reports each, 4096 are kept */
        submit_any(b, sim_order(id, SPY, BUY, LIMIT, 1, 9000, 0));
    }
    assert_non_null(strstr(b->log, "some are lost"));
    b->refuse_count = 0;
    assert_true(bench_fire(b, 1));
    for (uint64_t id = 1; id <= 2048; id++) {
        expect_ack(b, id, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK, "");
        expect_order(b, id, TURRET_STATE_ACCEPTED, 0);
    }
    assert_int_equal(bench_next(b, TURRET_REPORT_STREAM)->u.stream.status, TURRET_STREAM_DOWN);
    bench_silent(b);
}

static void test_subscriptions(void **state)
{
    struct turret_error err = {0};
    (void)state;
    bench_set(b, "market", "synthetic");
    bench_start(b, 0);
    assert_int_equal(b->type->subscribe(&b->broker, 99, 1u << TURRET_REPORT_BAR, MINUTE, &err),
                     TURRET_ENOTFOUND);
    for (int64_t other = MINUTE / 2; other <= 5 * MINUTE; other += 4 * MINUTE + MINUTE / 2) {
        memset(&err, 0, sizeof err);
        assert_int_equal(b->type->subscribe(&b->broker, SPY, 1u << TURRET_REPORT_BAR, other, &err),
                         TURRET_EINVAL);
        assert_string_equal(err.text, "its market makes bars of 60 s only (bar_seconds)");
    }
    assert_int_equal(b->type->subscribe(&b->broker, SPY, 1u << TURRET_REPORT_BAR, MINUTE, NULL),
                     TURRET_OK);
    assert_int_equal(b->type->unsubscribe(&b->broker, BTC, 1u << TURRET_REPORT_BAR, NULL),
                     TURRET_OK);
    assert_true(bench_fire(b, 0));
    assert_int_equal(bench_next(b, TURRET_REPORT_BAR)->u.bar.instrument, SPY);
    assert_int_equal(bench_next(b, TURRET_REPORT_BAR)->u.bar.instrument, FUT);
    bench_silent(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_malformed_orders_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_taken_before_connect, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_id_is_taken_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_newest_finished_orders_are_known, setup, teardown),
        cmocka_unit_test_setup_teardown(test_working_orders_are_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_modify, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_modify_that_crosses_fills_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_cancel_races_a_fill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_modify_races_a_fill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel_all_filters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queries_and_download, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reports_wait_for_a_full_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_reports_are_said_to_be_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_subscriptions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
