/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated venue on trades, quotes and book levels: what is marketable, at which price, how
 * shown quantity is consumed, and how a stop is triggered by each.
 */
#include "sim_case.h"

static void test_market_takes_the_last_quote(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "quote");
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, MARKET, 500, 0, 0);
    bar(b, 1, 10000, 10000, 10000, 10000, 1000);
    bench_silent(b); /* bars do not fill it, and there is no quote yet */
    quote(b, T0 + 3 * MINUTE, 9990, 100, 10010, 100);
    (void)expect_filled(b, 1, 500, 10010); /* sizes do not limit unless volume_limit is set */
    sell(b, 2, MARKET, 1, 0, 0);
    (void)expect_filled(b, 2, 1, 9990);          /* at once */
    quote(b, T0 + 4 * MINUTE, 0, 0, 10010, 100); /* no bids */
    sell(b, 3, MARKET, 1, 0, 0);
    bench_silent(b);
    buy(b, 4, MARKET, 1, 0, 0);
    (void)expect_filled(b, 4, 1, 10010);
    quote(b, T0 + 5 * MINUTE, 9980, 100, 10010, 100);
    (void)expect_filled(b, 3, 1, 9980);
    bench_silent(b);
}

static void test_a_quote_is_consumed_when_volume_is_limited(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "quote");
    bench_set(b, "volume_limit", "100");
    bench_start(b, 0);
    quote(b, T0, 9990, 100, 10010, 60);
    buy_tif(b, 1, MARKET, 61, 0, FOK);
    expect_order(b, 1, TURRET_STATE_CANCELED, 0);
    buy(b, 2, MARKET, 50, 0, 0);
    (void)expect_filled(b, 2, 50, 10010);
    buy_tif(b, 3, MARKET, 50, 0, IOC);
    (void)expect_fill(b, 3, 10, 10010);
    expect_order(b, 3, TURRET_STATE_CANCELED, 10);
    buy(b, 4, MARKET, 5, 0, 0);
    bench_silent(b); /* nothing is shown any more */
    quote(b, T0 + 1, 9990, 100, 10020, 60);
    (void)expect_filled(b, 4, 5, 10020);
    bench_silent(b);
}

static void test_limits_on_quotes(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "quote");
    bench_start(b, 0);
    quote(b, T0, 9990, 100, 10010, 100);
    buy(b, 1, LIMIT, 10, 10010, 0); /* crosses at once */
    assert_int_equal(expect_filled(b, 1, 10, 10010)->maker, 0);
    buy(b, 2, LIMIT, 10, 10009, 0);
    buy_tif(b, 3, LIMIT, 10, 10009, IOC);
    expect_order(b, 3, TURRET_STATE_CANCELED, 0);
    quote(b, T0 + 1, 9990, 100, 10010, 100);
    bench_silent(b);
    quote(b, T0 + 2, 9970, 100, 9980, 100); /* came down to the resting order: its own price */
    assert_int_equal(expect_filled(b, 2, 10, 10009)->maker, 1);
    bench_silent(b);
}

static void test_stops_on_quotes(void **state)
{
    (void)state;
    bench_set(b, "slippage", "ticks");
    bench_set(b, "slippage_ticks", "2");
    bench_start(b, 0);
    quote(b, T0, 9990, 100, 10010, 100);
    buy(b, 1, STOP, 10, 0, 10050);
    sell(b, 2, STOP, 10, 0, 9950);
    sell(b, 3, STOP_LIMIT, 10, 9945, 9950);
    quote(b, T0 + 1, 9951, 100, 10049, 100);
    bench_silent(b);
    quote(b, T0 + 2, 9940, 100, 10050, 100);
    (void)expect_filled(b, 1, 10, 10052);
    (void)expect_filled(b, 2, 10, 9938);
    expect_order(b, 3, TURRET_STATE_TRIGGERED, 0); /* the bid is below its limit */
    quote(b, T0 + 3, 9946, 100, 10050, 100);
    assert_int_equal(expect_filled(b, 3, 10, 9945)->maker, 1);
    bench_silent(b);
}

static void test_trades_fill(void **state)
{
    (void)state;
    bench_set(b, "volume_limit", "50");
    bench_start(b, 0);
    trade(b, T0, 10000, 100);
    buy(b, 1, MARKET, 10, 0, 0);
    buy(b, 2, LIMIT, 10, 9950, 0);
    buy(b, 3, STOP, 10, 0, 10050);
    trade(b, T0 + 1, 10001, 100);
    (void)expect_filled(b, 1, 10, 10001); /* the next trade is the next open */
    trade(b, T0 + 2, 9940, 8);
    assert_int_equal(expect_fill(b, 2, 4, 9950)->maker, 1); /* half of 8, at its own limit */
    expect_order(b, 2, TURRET_STATE_PARTIAL, 4);
    trade(b, T0 + 3, 9950, 100);
    (void)expect_filled_last(b, 2, 6, 9950, 10);
    trade(b, T0 + 4, 10060, 100);
    (void)expect_filled(b, 3, 10, 10060);
    bench_silent(b);
}

static void test_a_trade_fills_an_order_only_after_its_latency(void **state)
{
    (void)state;
    bench_set(b, "latency_ms", "1");
    bench_start(b, 0);
    trade(b, T0, 10000, 100);
    buy(b, 1, MARKET, 10, 0, 0);
    trade(b, T0 + 999999, 10001, 100);
    bench_silent(b);
    trade(b, T0 + 1000000, 10002, 100);
    (void)expect_filled(b, 1, 10, 10002);
}

static void book(turret_time_ns time)
{
    level(b, time, BUY, 9990, 10, 0);
    level(b, time, BUY, 9980, 20, 0);
    level(b, time, SELL, 10030, 30, 0); /* levels come in any order */
    level(b, time, SELL, 10010, 10, 0);
    level(b, time, SELL, 10020, 20, 1);
}

static void test_market_walks_the_book(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "quote");
    bench_start(b, 0);
    book(T0);
    buy(b, 1, MARKET, 35, 0, 0);
    (void)expect_fill(b, 1, 10, 10010);
    (void)expect_fill(b, 1, 20, 10020);
    const struct turret_report_fill *fill = expect_filled_last(b, 1, 5, 10030, 35);
    assert_string_equal(fill->execution_id, "S1-3");
    buy(b, 2, MARKET, 30, 0, 0); /* 25 are left; then none until the feed says more */
    (void)expect_fill(b, 2, 25, 10030);
    expect_order(b, 2, TURRET_STATE_PARTIAL, 25);
    level(b, T0 + 1, SELL, 10015, 100, 1);
    (void)expect_filled_last(b, 2, 5, 10015, 30);
    level(b, T0 + 2, SELL, 10015, 0, 1); /* the level is gone */
    sell(b, 3, MARKET, 5, 0, 0);
    (void)expect_filled(b, 3, 5, 9990);
    bench_silent(b);
}

static void test_limits_on_the_book(void **state)
{
    (void)state;
    bench_start(b, 0);
    book(T0);
    buy(b, 1, LIMIT, 15, 10020, 0); /* marketable: takes what it accepts */
    (void)expect_fill(b, 1, 10, 10010);
    assert_int_equal(expect_filled_last(b, 1, 5, 10020, 15)->maker, 0);
    buy_tif(b, 2, LIMIT, 16, 10020, FOK); /* 15 are left there */
    expect_order(b, 2, TURRET_STATE_CANCELED, 0);
    buy_tif(b, 3, LIMIT, 46, 10030, FOK);
    expect_order(b, 3, TURRET_STATE_CANCELED, 0);
    buy_tif(b, 4, LIMIT, 45, 10030, FOK);
    (void)expect_fill(b, 4, 15, 10020);
    (void)expect_filled_last(b, 4, 30, 10030, 45);
    sell(b, 5, LIMIT, 5, 10000, 0);
    bench_silent(b);
    level(b, T0 + 1, BUY, 10005, 3, 0); /* not the end of the message yet */
    bench_silent(b);
    level(b, T0 + 1, BUY, 10004, 1, 1);
    (void)expect_fill(b, 5, 3, 10000); /* it rested: its own price, level by level */
    (void)expect_fill(b, 5, 1, 10000);
    expect_order(b, 5, TURRET_STATE_PARTIAL, 4);
    bench_silent(b);
}

static void test_a_book_keeps_its_best_levels(void **state)
{
    (void)state;
    bench_set(b, "market_fill", "quote");
    bench_start(b, 0);
    for (int i = 0; i < 5000; i++) { /* more than it holds; the best come last */
        level(b, T0, SELL, 20000 - i, 1, 1);
    }
    buy(b, 1, MARKET, 2, 0, 0);
    (void)expect_fill(b, 1, 1, 15001);
    (void)expect_filled_last(b, 1, 1, 15002, 2);
    buy_tif(b, 2, MARKET, 4095, 0, FOK); /* 4096 levels were kept, two are taken */
    expect_order(b, 2, TURRET_STATE_CANCELED, 0);
    struct turret_report event = {.struct_size = sizeof event, .type = TURRET_REPORT_LEVEL};
    event.u.level = (struct turret_level){SPY, SELL, TURRET_LEVEL_CLEAR, 1, 0, T0 + 1, 0, 0};
    b->type->feed(&b->broker, &event);
    buy_tif(b, 3, MARKET, 1, 0, IOC);
    expect_order(b, 3, TURRET_STATE_CANCELED, 0);
}

static void test_a_marketable_limit_waits_for_the_next_bar(void **state)
{
    (void)state;
    bench_start(b, 0); /* market_fill next_open: quotes do not fill on arrival */
    quote(b, T0 + MINUTE, 9990, 100, 10010, 100);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, LIMIT, 10, 10050, 0);
    bench_silent(b);
    bar(b, 1, 10020, 10030, 10000, 10000, 1000);
    assert_int_equal(expect_filled(b, 1, 10, 10020)->maker, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_market_takes_the_last_quote, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_quote_is_consumed_when_volume_is_limited, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_limits_on_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stops_on_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trades_fill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_trade_fills_an_order_only_after_its_latency, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_market_walks_the_book, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_on_the_book, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_book_keeps_its_best_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_marketable_limit_waits_for_the_next_bar, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
