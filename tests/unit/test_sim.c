/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated venue on bars: where each order type fills, gaps, times in force, partial fills by
 * volume, slippage and fees to the last unit, latency, reduce-only. Expected numbers are worked out
 * beside the checks.
 */
#include "sim_case.h"

static void test_market_fills_at_the_next_open(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10100, 9900, 10050, 1000);
    buy(b, 7, MARKET, 10, 0, 0);
    bench_silent(b);
    bar(b, 1, 10060, 10100, 10000, 10010, 1000);
    const struct turret_report *at = &b->report[b->next];
    const struct turret_report_fill *fill = expect_filled(b, 7, 10, 10060);
    assert_int_equal(at->time, T0 + 2 * MINUTE); /* the event's time: the bar's end */
    assert_int_equal(fill->fee, 0);
    assert_int_equal(fill->maker, 0);
    assert_int_equal(fill->instrument, SPY);
    assert_string_equal(fill->execution_id, "S7-1");
    assert_string_equal(fill->venue_order_id, "S7");
    bench_silent(b);
    assert_int_equal(position_of(b, SPY), 10);
    assert_int_equal(cash_of(b, "USD"), -100600);
}

static void test_nothing_fills_on_a_bar_that_opened_before_it(void **state)
{
    const turret_price ohlc[4] = {10000, 10200, 9800, 10100};
    (void)state;
    bench_start(b, 0);
    bar(b, 9, 10000, 10000, 10000, 10000, 100);
    buy(b, 1, MARKET, 1, 0, 0);
    buy(b, 2, LIMIT, 1, 9900, 0);
    feed_bar_at(b, SPY, T0, 10 * MINUTE, ohlc, 1000); /* a longer bar of the same minutes */
    bench_silent(b);
    bar(b, 10, 10110, 10110, 10110, 10110, 100);
    (void)expect_filled(b, 1, 1, 10110);
    bench_silent(b);
}

static void test_market_at_this_close(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "this_close");
    bench_start(b, 0);
    buy(b, 1, MARKET, 10, 0, 0); /* no bar yet: waits for one */
    bar(b, 0, 10000, 10100, 9900, 10050, 1000);
    (void)expect_filled(b, 1, 10, 10050);
    buy(b, 2, MARKET, 10, 0, 0);
    (void)expect_filled(b, 2, 10, 10050);
    bench_silent(b);
}

static void test_orders_at_one_close_share_its_volume(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "this_close");
    bench_set(b, "volume_limit", "10");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 100);
    buy(b, 1, MARKET, 6, 0, 0);
    (void)expect_filled(b, 1, 6, 10000);
    buy(b, 2, MARKET, 6, 0, 0); /* ten in all: four are left */
    (void)expect_fill(b, 2, 4, 10000);
    expect_order(b, 2, TURRET_STATE_PARTIAL, 4);
    buy(b, 3, MARKET, 6, 0, 0);
    bench_silent(b);
    bar(b, 1, 10000, 10000, 10000, 10010, 100);
    (void)expect_filled_last(b, 2, 2, 10010, 6);
    (void)expect_filled(b, 3, 6, 10010);
}

static void test_market_at_the_next_close(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "next_close");
    bench_start(b, 0);
    bar(b, 0, 10000, 10100, 9900, 10050, 1000);
    sell(b, 1, MARKET, 10, 0, 0);
    bench_silent(b);
    bar(b, 1, 10060, 10100, 10000, 10010, 1000);
    (void)expect_filled(b, 1, 10, 10010);
}

static void test_limits_and_gaps(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, LIMIT, 1, 9900, 0);
    sell(b, 2, LIMIT, 1, 10100, 0);
    bar(b, 1, 10000, 10099, 9901, 10000, 1000); /* one cent short on both sides */
    bench_silent(b);
    bar(b, 2, 10000, 10100, 9900, 10000, 1000); /* touched */
    assert_int_equal(expect_filled(b, 1, 1, 9900)->maker, 1);
    assert_int_equal(expect_filled(b, 2, 1, 10100)->maker, 1);
    buy(b, 3, LIMIT, 1, 9900, 0);
    sell(b, 4, LIMIT, 1, 10100, 0);
    bar(b, 3, 9800, 9850, 9700, 9800, 1000); /* opens below the buy's limit */
    (void)expect_filled(b, 3, 1, 9800);
    bar(b, 4, 10200, 10250, 10150, 10200, 1000); /* opens above the sale's limit */
    (void)expect_filled(b, 4, 1, 10200);
    bench_silent(b);
}

static void test_stops_and_gaps(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, STOP, 1, 0, 10100);
    sell(b, 2, STOP, 1, 0, 9900);
    bar(b, 1, 10000, 10099, 9901, 10000, 1000);
    bench_silent(b);
    bar(b, 2, 10000, 10100, 9900, 10000, 1000);
    (void)expect_filled(b, 1, 1, 10100);
    (void)expect_filled(b, 2, 1, 9900);
    buy(b, 3, STOP, 1, 0, 10100);
    bar(b, 3, 10200, 10300, 10150, 10200, 1000); /* opens above the stop: worse */
    (void)expect_filled(b, 3, 1, 10200);
    sell(b, 4, STOP, 1, 0, 9900);
    bar(b, 4, 9800, 9850, 9700, 9800, 1000);
    (void)expect_filled(b, 4, 1, 9800);
    bench_silent(b);
}

static void test_stop_limits_within_a_bar_are_pessimistic(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    /* Triggered inside the bar: the worst price that traded and the limit accepts. */
    buy(b, 1, STOP_LIMIT, 1, 10150, 10100);
    buy(b, 2, STOP_LIMIT, 1, 10300, 10100);
    buy(b, 3, STOP_LIMIT, 1, 10050, 10100); /* limit below the stop: not in this bar */
    bar(b, 1, 10000, 10200, 9900, 10000, 1000);
    (void)expect_filled(b, 1, 1, 10150);
    (void)expect_filled(b, 2, 1, 10200);
    expect_order(b, 3, TURRET_STATE_TRIGGERED, 0);
    bar(b, 2, 10070, 10080, 10050, 10070, 1000);
    (void)expect_filled(b, 3, 1, 10050);
    /* Opened beyond the stop: the limit works over the whole bar. */
    sell(b, 4, STOP_LIMIT, 1, 9850, 9900);
    sell(b, 5, STOP_LIMIT, 1, 9750, 9900);
    bar(b, 3, 9800, 9860, 9700, 9800, 1000);
    (void)expect_filled(b, 4, 1, 9850);
    (void)expect_filled(b, 5, 1, 9800);
    bench_silent(b);
}

static void test_within_a_bar_stops_come_before_limits(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    sell(b, 1, LIMIT, 1, 10100, 0);
    sell(b, 2, STOP, 1, 0, 9900);
    sell(b, 3, MARKET, 1, 0, 0);
    bar(b, 1, 10000, 10200, 9800, 10000, 1000);
    (void)expect_filled(b, 3, 1, 10000);
    (void)expect_filled(b, 2, 1, 9900);
    (void)expect_filled(b, 1, 1, 10100);
}

static void test_immediate_orders_see_the_open_only(void **state)
{
    (void)state;
    bench_set(b, "volume_limit", "50");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy_tif(b, 1, LIMIT, 1, 9900, IOC);
    bar(b, 1, 10000, 10000, 9800, 10000, 1000); /* the low would fill a GTC order */
    expect_order(b, 1, TURRET_STATE_CANCELED, 0);
    buy_tif(b, 2, LIMIT, 10, 10000, IOC);
    bar(b, 2, 9990, 10000, 9800, 10000, 8); /* half of 8 */
    (void)expect_fill(b, 2, 4, 9990);
    expect_order(b, 2, TURRET_STATE_CANCELED, 4);
    buy_tif(b, 3, MARKET, 10, 0, FOK);
    bar(b, 3, 9990, 10000, 9800, 10000, 19); /* 9 of 10: nothing */
    expect_order(b, 3, TURRET_STATE_CANCELED, 0);
    buy_tif(b, 4, MARKET, 10, 0, FOK);
    bar(b, 4, 9990, 10000, 9800, 10000, 20);
    (void)expect_filled(b, 4, 10, 9990);
    bench_silent(b);
}

static void test_volume_limit_fills_in_parts(void **state)
{
    (void)state;
    bench_set(b, "volume_limit", "2.5");
    bench_set(b, "commission_min", "5");
    bench_set(b, "commission_per_unit", "0.01");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 100, 0, 0);
    buy(b, 2, MARKET, 100, 0, 0);
    bar(b, 1, 10000, 10000, 10000, 10000, 3999);              /* 2.5 % is 99.975: 99 whole shares */
    assert_int_equal(expect_fill(b, 1, 99, 10000)->fee, 500); /* .99, at least 5 */
    expect_order(b, 1, TURRET_STATE_PARTIAL, 99);
    bench_silent(b);                             /* nothing is left for the second */
    bar(b, 2, 10010, 10010, 10010, 10010, 2000); /* 50: first come, first served */
    const struct turret_report_fill *fill = expect_filled_last(b, 1, 1, 10010, 100);
    assert_int_equal(fill->fee, 1); /* later fills have no minimum */
    assert_string_equal(fill->execution_id, "S1-2");
    assert_int_equal(expect_fill(b, 2, 49, 10010)->fee, 500);
    expect_order(b, 2, TURRET_STATE_PARTIAL, 49);
    bar(b, 3, 10020, 10020, 10020, 10020, 0);
    bench_silent(b);
}

static void test_slippage_in_ticks(void **state)
{
    (void)state;
    bench_set(b, "slippage", "ticks");
    bench_set(b, "slippage_ticks", "3");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 1, 0, 0);
    sell(b, 2, MARKET, 1, 0, 0);
    sell(b, 3, STOP, 1, 0, 9900);
    buy(b, 4, LIMIT, 1, 9900, 0);
    bar(b, 1, 10000, 10100, 9900, 10000, 1000);
    (void)expect_filled(b, 1, 1, 10003);
    (void)expect_filled(b, 2, 1, 9997);
    (void)expect_filled(b, 3, 1, 9897);
    (void)expect_filled(b, 4, 1, 9900); /* a limit is never worse than itself */
}

static void test_slippage_by_share_of_volume(void **state)
{
    (void)state;
    bench_set(b, "slippage", "volume_share");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 50, 0, 0);
    sell(b, 2, MARKET, 3, 0, 0);
    sell(b, 3, MARKET, 2, 0, 0);
    sell(b, 4, MARKET, 200, 0, 0);
    bar(b, 1, 10000, 10000, 10000, 10000, 100);
    (void)expect_filled(b, 1, 50, 10250); /* 0.1 × 0.5² × 10000 = 250 */
    (void)expect_filled(b, 2, 3, 9999);   /* 0.1 × 0.03² × 10000 = 0.9 */
    (void)expect_filled(b, 3, 2, 10000);  /* 0.4 is below half a unit */
    (void)expect_filled(b, 4, 200, 9000); /* more than traded: the share is 1 */
    buy(b, 5, MARKET, 1, 0, 0);
    sell(b, 6, MARKET, 1, 0, 0);
    bar(b, 2, 8000, 8000, 8000, 8000, 40); /* 0.1 × (1/40)² × 8000 = 0.5 exactly */
    (void)expect_filled(b, 5, 1, 8001);
    (void)expect_filled(b, 6, 1, 7999);
}

/* AAPL on 3, 7 and 8 January 2014 as zipline's buy-Apple run filled it, $1 each. */
static void test_slippage_and_fee_of_a_published_run(void **state)
{
    static const turret_price close[3] = {54098, 54004, 54346};
    static const turret_qty volume[3] = {98116900, 79302300, 64632400};
    (void)state;
    bench_set(b, "market_fill", "next_close");
    bench_set(b, "slippage", "volume_share");
    bench_set(b, "commission_min", "1");
    bench_set(b, "commission_per_unit", "0.0075");
    bench_start(b, 0);
    for (int i = 0; i < 3; i++) {
        buy(b, (uint64_t)i + 1, MARKET, 10, 0, 0);
        bar(b, i, close[i], close[i], close[i], close[i], volume[i]);
        assert_int_equal(expect_filled(b, (uint64_t)i + 1, 10, close[i])->fee, 100);
    }
    assert_int_equal(cash_of(b, "USD"), -(540980 + 540040 + 543460 + 300));
}

static void fee_of(turret_instrument instrument, uint64_t id, turret_qty qty, turret_price price,
                   turret_money fee)
{
    const turret_price ohlc[4] = {price, price, price, price};
    submit(b, sim_order(id, instrument, BUY, MARKET, qty, 0, 0));
    feed_bar_at(b, instrument, T0 + (int64_t)id * MINUTE, MINUTE, ohlc, 1000000000000);
    assert_int_equal(expect_filled(b, id, qty, price)->fee, fee);
}

static void test_fees_round_up_once(void **state)
{
    struct turret_broker_caps caps = {.struct_size = sizeof caps};
    (void)state;
    bench_set(b, "commission_rate_bps", "10");
    bench_set(b, "commission_per_unit", "0.001");
    bench_set(b, "commission_min", "0.5");
    bench_start(b, 0);
    assert_int_equal(b->type->describe(&b->broker, &caps, NULL), TURRET_OK);
    assert_int_equal(caps.fee_rate_nano, 1000000);
    assert_int_equal(caps.fee_per_unit_nano, 1000000);
    assert_int_equal(caps.fee_min_nano, 500000000);
    fee_of(SPY, 1, 100, 1000, 110);         /* 1000.00 × 0.001 + 0.100 = 1.10 exactly */
    fee_of(SPY, 2, 333, 12345, 4145);       /* 41.10885 + 0.333 = 41.44185 */
    fee_of(SPY, 3, 1, 100, 50);             /* 0.002, at least 0.50 */
    fee_of(BTC, 4, 12345000, 4321000, 534); /* 5334.2745 × 0.001 + 0.00012345 = 5.33439795 */
    fee_of(FUT, 5, 3, 450025, 67504050000); /* 675037.50 × 0.001 + 0.003, eight decimals */
}

static void test_cash_is_rounded_against_the_trader(void **state)
{
    const turret_price ohlc[4] = {4321000, 4321000, 4321000, 4321000};
    (void)state;
    bench_start(b, 0);
    submit(b, sim_order(1, BTC, BUY, MARKET, 12345000, 0, 0));
    feed_bar_at(b, BTC, T0, MINUTE, ohlc, 1);
    (void)expect_filled(b, 1, 12345000, 4321000);
    assert_int_equal(cash_of(b, "USD"), -533428); /* 5334.2745 costs a cent more */
    submit(b, sim_order(2, BTC, SELL, MARKET, 12345000, 0, 0));
    feed_bar_at(b, BTC, T0 + MINUTE, MINUTE, ohlc, 1);
    (void)expect_filled(b, 2, 12345000, 4321000);
    assert_int_equal(cash_of(b, "USD"), -1); /* and brings a cent less */
}

static void test_latency_keeps_orders_from_events(void **state)
{
    (void)state;
    bench_set(b, "latency_ms", "60001");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 1, 0, 0);
    buy(b, 2, LIMIT, 1, 9900, 0);
    bar(b, 1, 10010, 10010, 9800, 10010, 1000);
    bar(b, 2, 10020, 10020, 9800, 10020, 1000); /* opens a millisecond before they arrive */
    bench_silent(b);
    bar(b, 3, 10030, 10030, 9800, 10030, 1000);
    (void)expect_filled(b, 1, 1, 10030);
    (void)expect_filled(b, 2, 1, 9900);
}

static void test_reduce_only_never_turns_a_position(void **state)
{
    struct turret_broker_order order = sim_order(3, SPY, SELL, MARKET, 10, 0, 0);
    (void)state;
    order.flags = TURRET_ORDER_REDUCE_ONLY;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    submit_any(b, order);
    expect_ack(b, 3, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_REJECTED,
               "reduce only: nothing to reduce");
    buy(b, 1, MARKET, 6, 0, 0);
    bar(b, 1, 10000, 10000, 10000, 10000, 1000);
    (void)expect_filled(b, 1, 6, 10000);
    submit(b, order);
    order.order_id = 4;
    submit(b, order);
    bar(b, 2, 10000, 10000, 10000, 10000, 1000);
    (void)expect_fill(b, 3, 6, 10000); /* six of ten, then nothing is left to reduce */
    expect_order(b, 3, TURRET_STATE_CANCELED, 6);
    expect_order(b, 4, TURRET_STATE_CANCELED, 0);
    assert_int_equal(position_of(b, SPY), 0);
}

static void test_a_fill_beyond_money_is_not_made(void **state)
{
    const turret_price ohlc[4] = {INT64_MAX / 2, INT64_MAX / 2, INT64_MAX / 2, INT64_MAX / 2};
    (void)state;
    bench_start(b, 0);
    submit(b, sim_order(1, FUT, BUY, MARKET, 1000000000, 0, 0));
    feed_bar_at(b, FUT, T0, MINUTE, ohlc, 1);
    const struct turret_report *report = bench_next(b, TURRET_REPORT_ORDER);
    assert_int_equal(report->u.order.state, TURRET_STATE_CANCELED);
    assert_string_equal(report->u.order.reason, "value beyond the range of money");
    assert_int_equal(position_of(b, FUT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_market_fills_at_the_next_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_fills_on_a_bar_that_opened_before_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_market_at_this_close, setup, teardown),
        cmocka_unit_test_setup_teardown(test_orders_at_one_close_share_its_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_market_at_the_next_close, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cash_is_rounded_against_the_trader, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_and_gaps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stops_and_gaps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stop_limits_within_a_bar_are_pessimistic, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_within_a_bar_stops_come_before_limits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_immediate_orders_see_the_open_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_volume_limit_fills_in_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slippage_in_ticks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slippage_by_share_of_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slippage_and_fee_of_a_published_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fees_round_up_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_latency_keeps_orders_from_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reduce_only_never_turns_a_position, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_fill_beyond_money_is_not_made, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
