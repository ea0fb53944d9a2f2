/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the risk gate makes of everything together: what may still fill, gross and net
 * exposure and how much of the equity is in one instrument or sector, of the account and of a
 * strategy, with what may still fill. For each one order that just passes and one that is just
 * denied; closing is never denied by them.
 */
#include "risk_bench.h"

#define THOUSAND (10 * HUNDRED) /* ten at 100.00 */

static uint32_t asks_second(uint8_t side, turret_qty qty)
{
    return asked(rig_request(rig.instrument[1], side, qty, 0));
}

static void gross_adds_long_and_short(void **state)
{
    (void)state;
    hold(100);
    all()->gross_exposure = 20 * THOUSAND;
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 110), DENY_GROSS_EXPOSURE);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 60), DENY_NONE);
    assert_int_equal(buys(50, 0), DENY_GROSS_EXPOSURE); /* what is open counts */
    assert_int_equal(buys(40, 0), DENY_NONE);
    all()->gross_exposure = 0;
    assert_int_equal(buys(20, 0), DENY_GROSS_EXPOSURE);
    assert_int_equal(sells(100, 0), DENY_NONE); /* closing */
}

static void net_takes_the_worst_that_may_fill(void **state)
{
    (void)state;
    hold(100);
    all()->net_exposure = 12 * THOUSAND;
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 100), DENY_NONE);
    assert_int_equal(buys(30, 0), DENY_NET_EXPOSURE); /* the sell may not fill */
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 130), DENY_NET_EXPOSURE); /* 23,000 short */
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 120), DENY_NONE); /* 22,000 against 10,000 */
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 20), DENY_NET_EXPOSURE);
    rig_bar(&rig, rig.instrument[0], 9000);
    assert_int_equal(sells(20, 0), DENY_NONE); /* closing */
}

static void net_of_both_sides_cancels_out(void **state)
{
    struct event event;
    uint64_t id;
    struct turret_order_request other = rig_request(rig.instrument[1], TURRET_SIDE_SELL, 100, 0);
    (void)state;
    hold(100);
    id = turret_submit(rig.self[0], &other);
    rig_turn(&rig);
    event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill = (struct turret_report_fill){.order_id = id,
                                               .instrument = rig.instrument[1],
                                               .side = TURRET_SIDE_SELL,
                                               .qty = 100,
                                               .price = 10000,
                                               .execution_id = "short"};
    engine_ingest(rig.engine, &event);
    all()->net_exposure = 5 * THOUSAND;
    assert_int_equal(buys(60, 0), DENY_NET_EXPOSURE);
    assert_int_equal(buys(50, 0), DENY_NONE); /* 15,000 long, 10,000 short */
}

static void one_instrument_may_be_a_part_of_the_equity(void **state)
{
    (void)state;
    all()->concentration_ppm = 10000; /* of a million */
    assert_int_equal(buys(110, 0), DENY_CONCENTRATION);
    assert_int_equal(buys(100, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_CONCENTRATION);
    assert_int_equal(asks_second(TURRET_SIDE_BUY, 100), DENY_NONE);
    equity_set(&rig.engine->accounts[0].equity, -1);
    all()->concentration_ppm = INT64_MAX / MONEY_PPM; /* no part of less than nothing */
    assert_int_equal(asks_second(TURRET_SIDE_BUY, 20), DENY_CONCENTRATION);
}

static void what_may_still_fill_is_bounded(void **state)
{
    struct turret_order_request other = want(TURRET_SIDE_BUY, 20, 9950);
    uint64_t id;
    (void)state;
    all()->max_unexecuted = 10 * THOUSAND;
    assert_int_equal(buys(110, 0), DENY_UNEXECUTED);
    assert_int_equal(buys(60, 0), DENY_NONE);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 50), DENY_UNEXECUTED); /* both sides count */
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 40), DENY_NONE);
    id = turret_submit(rig.self[1], &other);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_UNEXECUTED); /* of the account */
    rig_bar(&rig, rig.instrument[1], 5000); /* at the mark: 2,000 less */
    assert_int_equal(buys(30, 0), DENY_UNEXECUTED);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void closing_is_not_bound_by_what_may_fill(void **state)
{
    (void)state;
    hold(100);
    all()->max_unexecuted = 0;
    assert_int_equal(sells(100, 0), DENY_NONE);
    all()->max_unexecuted = INT64_MAX;
    own()->max_unexecuted = 12 * THOUSAND;
    assert_int_equal(buys(30, 0), DENY_UNEXECUTED); /* 10,000 are on their way */
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void a_strategy_has_its_own(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 500, 0);
    (void)state;
    assert_true(turret_submit(rig.self[1], &request) != 0); /* is not its own */
    rig_turn(&rig);
    own()->gross_exposure = 10 * THOUSAND;
    assert_int_equal(buys(110, 0), DENY_GROSS_EXPOSURE);
    assert_int_equal(buys(60, 0), DENY_NONE);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 50), DENY_GROSS_EXPOSURE);
    own()->gross_exposure = RISK_UNSET;
    own()->net_exposure = 8 * THOUSAND;
    assert_int_equal(buys(30, 0), DENY_NET_EXPOSURE);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 80), DENY_NONE);
    own()->net_exposure = RISK_UNSET;
    own()->concentration_ppm = 10000;
    assert_int_equal(buys(50, 0), DENY_CONCENTRATION);
    assert_int_equal(buys(40, 0), DENY_NONE);
}

static void instruments_of_a_sector_count_together(void **state)
{
    struct rig_options o = risk_options();
    (void)state;
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->sector_ppm = 0;
    assert_int_equal(buys(20, 0), DENY_NONE); /* has no sector */
    rig_close(&rig);
    o.sector = "energy";
    rig_open(&rig, &o);
    all()->sector_ppm = 10000; /* of a million */
    assert_int_equal(buys(60, 0), DENY_NONE);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 50), DENY_SECTOR);
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 40), DENY_NONE);
    rig.engine->instruments[rig.instrument[1]].sector = rig.instrument[1]; /* another one */
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 50), DENY_NONE);
    own()->sector_ppm = 5000;
    assert_int_equal(asks_second(TURRET_SIDE_SELL, 20), DENY_SECTOR);
}

/* Whatever it asks for at least: it trades where the market is, or where that is behind its stop.
 */
static void a_sell_is_worth_what_the_market_is(void **state)
{
    struct turret_order_request stop = want(TURRET_SIDE_SELL, 20, 8000);
    (void)state;
    all()->max_order_notional = 20 * HUNDRED - 1;
    assert_int_equal(sells(20, 9000), DENY_ORDER_NOTIONAL);
    assert_int_equal(sells(20, 10000), DENY_ORDER_NOTIONAL);
    assert_int_equal(buys(20, 9995), DENY_NONE); /* at its price at most */
    all()->max_order_notional = 18 * HUNDRED;
    stop.type = TURRET_ORDER_STOP_LIMIT;
    stop.stop_price = 9005;
    assert_int_equal(asked(stop), DENY_ORDER_NOTIONAL);
    stop.stop_price = 9000;
    assert_int_equal(asked(stop), DENY_NONE);
    stop.type = TURRET_ORDER_STOP;
    stop.limit_price = 0;
    assert_int_equal(asked(stop), DENY_NONE); /* at its stop price */
    all()->max_order_notional = 22 * HUNDRED;
    assert_int_equal(sells(20, 11000), DENY_NONE); /* and what it asks for, above the market */
    assert_int_equal(sells(20, 11005), DENY_ORDER_NOTIONAL);
}

/* The position it opens, too. */
static void a_short_sold_below_the_market_is_as_large(void **state)
{
    (void)state;
    all()->max_position_notional = 20 * HUNDRED - 1;
    assert_int_equal(sells(20, 9000), DENY_POSITION_NOTIONAL);
    all()->max_position_notional++;
    assert_int_equal(sells(20, 9000), DENY_NONE);
}

static void what_cannot_be_valued_denies(void **state)
{
    struct instrument *second = &rig.engine->instruments[rig.instrument[1]];
    (void)state;
    assert_int_equal(asks_second(TURRET_SIDE_BUY, 100), DENY_NONE);
    second->rate = (struct money_rate){INT64_C(1000000000000000000), 1};
    assert_int_equal(buys(20, 0), DENY_OVERFLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(gross_adds_long_and_short),
        RISK_TEST(net_takes_the_worst_that_may_fill),
        RISK_TEST(net_of_both_sides_cancels_out),
        RISK_TEST(one_instrument_may_be_a_part_of_the_equity),
        RISK_TEST(what_may_still_fill_is_bounded),
        RISK_TEST(closing_is_not_bound_by_what_may_fill),
        RISK_TEST(a_strategy_has_its_own),
        RISK_TEST(instruments_of_a_sector_count_together),
        RISK_TEST(a_sell_is_worth_what_the_market_is),
        RISK_TEST(a_short_sold_below_the_market_is_as_large),
        RISK_TEST(what_cannot_be_valued_denies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
