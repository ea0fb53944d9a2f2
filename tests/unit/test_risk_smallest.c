/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the risk gate at the smallest numbers: one unit, one tick, a price of one tick, a value
 * rounded up, a limit of nothing; what opens and what closes with other orders at work; and that
 * the first check that fails is the one that is told.
 */
#include "risk_bench.h"

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

static struct rig_options smallest(void)
{
    struct rig_options o = rig_defaults();
    o.strategies = 2;
    return o;
}

static int open_smallest(void **state)
{
    struct rig_options o = smallest();
    (void)state;
    rig_open(&rig, &o);
    return 0;
}

static void mark(turret_price price)
{
    rig_bar(&rig, rig.instrument[0], price);
}

static struct turret_order_request stop(uint8_t side, turret_price stop_price)
{
    struct turret_order_request request = want(side, 1, 0);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = stop_price;
    return request;
}

static void one_unit_at_one_tick_has_a_value(void **state)
{
    (void)state;
    mark(1);
    all()->max_order_notional = MONEY_ONE / 100;
    assert_int_equal(buys(1, 1), DENY_NONE);
    assert_int_equal(asked(stop(BUY, 1)), DENY_ORDER_NOTIONAL); /* may cost the collar more */
    all()->max_order_notional = MONEY_ONE / 50;
    assert_int_equal(asked(stop(BUY, 1)), DENY_NONE);
    all()->max_order_notional = MONEY_ONE / 100 - 1;
    assert_int_equal(buys(1, 1), DENY_ORDER_NOTIONAL);
}

static void a_price_is_at_least_one_tick(void **state)
{
    struct turret_order_request request = want(BUY, 1, 1);
    (void)state;
    mark(1);
    assert_int_equal(asked(request), DENY_NONE);
    request.limit_price = 0;
    assert_int_equal(asked(request), DENY_PRICE);
    request.limit_price = -1;
    assert_int_equal(asked(request), DENY_PRICE);
    assert_int_equal(asked(stop(SELL, 1)), DENY_NONE);
    assert_int_equal(asked(stop(SELL, 0)), DENY_PRICE);
    rig.engine->instruments[1].mark = 0;
    assert_int_equal(buys(1, 1), DENY_NO_REFERENCE);
}

static void a_collar_of_less_than_a_tick(void **state)
{
    (void)state;
    mark(10);
    all()->collar_ppm = 50000; /* half a tick */
    assert_int_equal(buys(1, 10), DENY_NONE);
    assert_int_equal(buys(1, 11), DENY_COLLAR);
    assert_int_equal(buys(1, 9), DENY_NONE); /* does not cost more */
    assert_int_equal(sells(1, 10), DENY_NONE);
    assert_int_equal(sells(1, 9), DENY_COLLAR);
    assert_int_equal(asked(stop(SELL, 10)), DENY_NONE);
    assert_int_equal(asked(stop(SELL, 9)), DENY_COLLAR); /* far is far on either side */
    assert_int_equal(asked(stop(SELL, 11)), DENY_COLLAR);
    mark(10000);
    assert_int_equal(sells(1, 1), DENY_COLLAR);
}

static void what_a_market_buy_may_cost_is_rounded_up(void **state)
{
    (void)state;
    mark(10001);
    all()->collar_ppm = 990001; /* 100.01 × 1.990001 = 199.02000001 */
    all()->max_order_notional = 19902 * MONEY_ONE / 100;
    assert_int_equal(buys(1, 0), DENY_ORDER_NOTIONAL);
    all()->max_order_notional = 19903 * MONEY_ONE / 100;
    assert_int_equal(buys(1, 0), DENY_NONE);
}

static void what_closes_is_of_no_value(void **state)
{
    (void)state;
    hold(-1);
    all()->max_order_notional = 0;
    assert_int_equal(sells(1, 0), DENY_ORDER_NOTIONAL);
    assert_int_equal(buys(1, 0), DENY_NONE);
    all()->max_order_notional = INT64_MAX;
    rig_fill(&rig, rig.last_order.id, "closed", BUY, 1, 10000);
    hold(1);
    all()->max_order_notional = 0;
    assert_int_equal(buys(1, 0), DENY_ORDER_NOTIONAL);
    assert_int_equal(sells(1, 0), DENY_NONE);
}

static void a_position_of_nothing(void **state)
{
    (void)state;
    all()->max_position_nano = 0;
    assert_int_equal(sells(1, 0), DENY_POSITION);
    assert_int_equal(buys(1, 0), DENY_POSITION);
    all()->max_position_nano = MONEY_NANO;
    assert_int_equal(sells(1, 0), DENY_NONE);
    assert_int_equal(buys(1, 0), DENY_NONE);
    assert_int_equal(sells(1, 0), DENY_POSITION);
    assert_int_equal(buys(1, 0), DENY_POSITION);
}

static void one_unit_is_reduced(void **state)
{
    struct turret_order_request request = want(SELL, 1, 0);
    (void)state;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    assert_int_equal(asked(request), DENY_REDUCE_ONLY);
    hold(1);
    assert_int_equal(asked(request), DENY_NONE);
    assert_int_equal(asked(request), DENY_REDUCE_ONLY); /* the other one closes it already */
}

static void orders_at_work_close_too(void **state)
{
    (void)state;
    hold(-100);
    assert_int_equal(buys(60, 9000), DENY_NONE);
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_REDUCING);
    assert_int_equal(buys(41, 9000), DENY_TRADING_STATE);
    assert_int_equal(sells(1, 11000), DENY_TRADING_STATE);
    assert_int_equal(buys(40, 9000), DENY_NONE);
    assert_int_equal(buys(1, 9000), DENY_TRADING_STATE);
}

/* What it would do is not known of an order that is not understood: the state comes first. */
static void while_reducing_what_is_odd_is_no_exit(void **state)
{
    struct turret_order_request request = want(0, 1, 0);
    (void)state;
    hold(100);
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_REDUCING);
    assert_int_equal(asked(request), DENY_TRADING_STATE);
    request.side = 3;
    assert_int_equal(asked(request), DENY_TRADING_STATE);
    request.side = SELL;
    request.instrument = 9;
    assert_int_equal(asked(request), DENY_TRADING_STATE);
    request.instrument = rig.instrument[0];
    assert_int_equal(asked(request), DENY_NONE);
}

static void each_account_counts_its_own(void **state)
{
    struct rig_options o = smallest();
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    all()->max_open_orders = 1;
    assert_int_equal(buys(1, 9000), DENY_NONE);
    assert_int_equal(asked(rig_request(rig.instrument[1], BUY, 1, 9000)), DENY_NONE);
    assert_int_equal(buys(1, 9000), DENY_OPEN_ORDERS);
    assert_int_equal(asked(rig_request(rig.instrument[1], BUY, 1, 9000)), DENY_OPEN_ORDERS);
}

#define SMALLEST_TEST(name) cmocka_unit_test_setup_teardown(name, open_smallest, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALLEST_TEST(one_unit_at_one_tick_has_a_value),
        SMALLEST_TEST(a_price_is_at_least_one_tick),
        SMALLEST_TEST(a_collar_of_less_than_a_tick),
        SMALLEST_TEST(what_a_market_buy_may_cost_is_rounded_up),
        SMALLEST_TEST(what_closes_is_of_no_value),
        SMALLEST_TEST(a_position_of_nothing),
        SMALLEST_TEST(one_unit_is_reduced),
        SMALLEST_TEST(orders_at_work_close_too),
        SMALLEST_TEST(while_reducing_what_is_odd_is_no_exit),
        SMALLEST_TEST(each_account_counts_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
