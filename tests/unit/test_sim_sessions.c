/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time at the simulated venue: ends of days and sessions, halts, splits, bars that come twice or
 * too late.
 */
#include "sim_case.h"

static void test_stale_bars_are_ignored(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 5, 10000, 10000, 10000, 10000, 1000);
    buy(b, 1, LIMIT, 1, 9900, 0);
    bar(b, 6, 10000, 10000, 10000, 10000, 1000);
    bar(b, 6, 9900, 9900, 9900, 9900, 1000); /* twice */
    bar(b, 3, 9900, 9900, 9900, 9900, 1000); /* long ago */
    bench_silent(b);
    buy(b, 2, MARKET, 1, 0, 0);
    bar(b, 7, 9900, 9900, 9900, 9900, 1000);
    assert_int_equal(b->report[b->next].time, T0 + 8 * MINUTE);
    (void)expect_filled(b, 2, 1, 9900);
    (void)expect_filled(b, 1, 1, 9900);
}

static void day_order(uint64_t id, turret_price limit)
{
    buy_tif(b, id, LIMIT, 1, limit, TURRET_TIF_DAY);
}

static void test_a_stale_bar_is_no_last_price(void **state)
{
    const turret_price old[4] = {9000, 9000, 9000, 9000};
    (void)state;
    bench_set(b, "market_fill", "this_close");
    bench_start(b, 0);
    bar(b, 5, 10000, 10000, 10000, 10000, 1000);
    feed_bar_at(b, SPY, T0, 2 * MINUTE, old, 1000); /* another length, but over long ago */
    buy(b, 1, MARKET, 1, 0, 0);
    (void)expect_filled(b, 1, 1, 10000);
}

static void test_day_orders_end_with_the_day(void **state)
{
    const turret_price up[4] = {10000, 10000, 9990, 10000}, low[4] = {9900, 9900, 9900, 9900};
    (void)state;
    bench_start(b, 0);
    feed_bar_at(b, SPY, MIDNIGHT - 3 * MINUTE, MINUTE, up, 1);
    day_order(1, 9900);
    buy(b, 2, LIMIT, 1, 9000, 0);
    feed_bar_at(b, SPY, MIDNIGHT - 2 * MINUTE, MINUTE, up, 1);
    bench_silent(b);
    feed_bar_at(b, SPY, MIDNIGHT - MINUTE, MINUTE, low, 1); /* its last bar still fills it */
    (void)expect_filled(b, 1, 1, 9900);
    feed_bar_at(b, SPY, MIDNIGHT, MINUTE, up, 1);
    day_order(3, 9900);
    feed_bar_at(b, BTC, MIDNIGHT + 2 * DAY, MINUTE, up, 1); /* not its instrument */
    bench_silent(b);
    feed_bar_at(b, SPY, MIDNIGHT + DAY, MINUTE, low, 1); /* too late, though the price is there */
    expect_order(b, 3, TURRET_STATE_EXPIRED, 0);
    bench_silent(b);
}

static void test_day_orders_on_daily_bars(void **state)
{
    const turret_price up[4] = {10000, 10000, 9990, 10000}, low[4] = {9900, 9900, 9900, 9900};
    (void)state;
    bench_start(b, 0);
    feed_bar_at(b, SPY, MIDNIGHT, DAY, up, 1); /* ends at midnight: the next day is theirs */
    day_order(1, 9900);
    day_order(2, 9000);
    feed_bar_at(b, SPY, MIDNIGHT - 6 * DAY, 7 * DAY, low, 1); /* a week they were not there */
    bench_silent(b);
    feed_bar_at(b, SPY, MIDNIGHT + 3 * DAY, DAY, low, 1); /* after a weekend */
    (void)expect_filled(b, 1, 1, 9900);
    expect_order(b, 2, TURRET_STATE_EXPIRED, 0);
    bench_silent(b);
}

static void test_status_stops_matching_and_ends_days(void **state)
{
    (void)state;
    bench_start(b, 0);
    bar(b, 0, 10000, 10000, 10000, 10000, 1000);
    day_order(1, 9900);
    buy(b, 2, LIMIT, 1, 9900, 0);
    status(b, T0 + 90000000000, TURRET_STATUS_HALTED);
    bar(b, 1, 9900, 9900, 9900, 9900, 1000);
    bench_silent(b);
    buy_tif(b, 3, MARKET, 1, 0, IOC);
    expect_order(b, 3, TURRET_STATE_CANCELED, 0);
    status(b, T0 + 2 * MINUTE, TURRET_STATUS_CLOSED);
    expect_order(b, 1, TURRET_STATE_EXPIRED, 0);
    status(b, T0 + 2 * MINUTE, TURRET_STATUS_OPEN);
    bar(b, 2, 9900, 9900, 9900, 9900, 1000);
    (void)expect_filled(b, 2, 1, 9900);
    bench_silent(b);
}

static void test_split_changes_orders_and_position(void **state)
{
    (void)state;
    bench_set(b, "volume_limit", "100");
    bench_start(b, 0);
    bar(b, 0, 70000, 70000, 70000, 70000, 1000);
    buy(b, 1, MARKET, 10, 0, 0);
    buy(b, 2, LIMIT, 10, 69999, 0);
    sell(b, 3, LIMIT, 10, 80001, 0);
    sell(b, 4, STOP, 10, 0, 60005);
    bar(b, 1, 70000, 70000, 70000, 70000, 1000);
    (void)expect_filled(b, 1, 10, 70000);
    bar(b, 2, 69999, 69999, 69999, 69999, 3);
    (void)expect_fill(b, 2, 3, 69999);
    expect_order(b, 2, TURRET_STATE_PARTIAL, 3);
    split(b, T0 + 3 * MINUTE, 7, 1);
    bench_silent(b); /* told with the next event, so that the host does not apply it twice */
    assert_int_equal(position_of(b, SPY), 91);
    bar(b, 3, 10100, 10100, 10100, 10100, 1000);
    assert_int_equal(b->report[b->next].u.order.qty, 70);
    assert_int_equal(b->report[b->next].u.order.limit_price, 9999); /* 69999 / 7 = 9999.86, down */
    expect_order(b, 2, TURRET_STATE_PARTIAL, 21);
    assert_int_equal(b->report[b->next].u.order.limit_price, 11429); /* 11428.71, up */
    expect_order(b, 3, TURRET_STATE_ACCEPTED, 0);
    assert_int_equal(b->report[b->next].u.order.stop_price, 8572); /* 8572.14, down */
    expect_order(b, 4, TURRET_STATE_ACCEPTED, 0);
    bench_silent(b);
    split(b, T0 + 4 * MINUTE, 1, 50); /* back, harder: 49 of order 2 are no whole share */
    expect_order(b, 2, TURRET_STATE_CANCELED, 21);
    assert_int_equal(position_of(b, SPY), 1); /* 91 / 50, the fraction is cut */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stale_bars_are_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stale_bar_is_no_last_price, setup, teardown),
        cmocka_unit_test_setup_teardown(test_day_orders_end_with_the_day, setup, teardown),
        cmocka_unit_test_setup_teardown(test_day_orders_on_daily_bars, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status_stops_matching_and_ends_days, setup, teardown),
        cmocka_unit_test_setup_teardown(test_split_changes_orders_and_position, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
