/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which positions count together by the correlation of daily closes: those of the same
 * account alone, in step or against it, from the limit on; and that both limits have to be set.
 */
#include "risk_bench.h"

#define PERCENT 10000 /* of a million */

static struct rig_options options(void)
{
    struct rig_options o = risk_options();
    o.instruments = 4;
    return o;
}

static int open_four(void **state)
{
    struct rig_options o = options();
    (void)state;
    rig_open(&rig, &o);
    return 0;
}

/* The second moves twice as far in money, the third against both, the fourth not at all. */
static void live_through_days(void)
{
    int64_t i, today = engine_day_of(rig.time);
    for (i = 0; i < 30; i++) {
        turret_price move = (i * 7919 % 23 - 11) * 10;
        daily_put(&rig.engine->daily, today - 60 + i, rig.instrument[0], 10000 + move);
        daily_put(&rig.engine->daily, today - 60 + i, rig.instrument[1], 20000 + 2 * move);
        daily_put(&rig.engine->daily, today - 60 + i, rig.instrument[2], 5000 - move);
        daily_put(&rig.engine->daily, today - 60 + i, rig.instrument[3],
                  10000 + (i * 31 % 7 - 3) * 10);
    }
}

static uint32_t asks(uint32_t which, turret_qty qty)
{
    return asked(rig_request(rig.instrument[which], TURRET_SIDE_BUY, qty, 0));
}

static void both_limits_have_to_be_set(void **state)
{
    (void)state;
    all()->correlation_from_ppm = RISK_UNSET;
    assert_int_equal(buys(20, 0), DENY_LIMIT_UNSET);
    all()->correlation_from_ppm = MONEY_PPM;
    all()->correlation_ppm = RISK_UNSET;
    assert_int_equal(buys(20, 0), DENY_LIMIT_UNSET);
    all()->correlation_ppm = 2 * PERCENT;
    assert_int_equal(buys(200, 0), DENY_NONE); /* 20,000 of 1,000,000 */
    assert_int_equal(buys(20, 0), DENY_CORRELATION);
}

static void in_step_or_against_it(void **state)
{
    (void)state;
    live_through_days();
    hold(100);
    all()->correlation_ppm = 2 * PERCENT;
    all()->correlation_from_ppm = MONEY_PPM; /* the very same returns are enough */
    assert_int_equal(asks(1, 110), DENY_CORRELATION);
    assert_int_equal(asks(3, 110), DENY_NONE); /* moves by itself */
    all()->correlation_from_ppm = 99 * PERCENT;
    assert_int_equal(asks(2, 110), DENY_CORRELATION); /* against it */
    assert_int_equal(asks(2, 100), DENY_NONE);
    assert_int_equal(asks(1, 20), DENY_CORRELATION);
}

static void other_accounts_do_not_count(void **state)
{
    struct rig_options o = options();
    (void)state;
    rig_close(&rig);
    o.venues = 2; /* the second and the fourth are at the other one */
    rig_open(&rig, &o);
    hold(100);
    all()->correlation_ppm = 2 * PERCENT;
    assert_int_equal(asks(1, 190), DENY_NONE);
    assert_int_equal(asks(2, 110), DENY_CORRELATION);
    assert_int_equal(asks(3, 20), DENY_CORRELATION);
    assert_int_equal(asks(2, 100), DENY_NONE);
    live_through_days();
    all()->correlation_ppm = 4 * PERCENT;
    all()->correlation_from_ppm = 99 * PERCENT;
    assert_int_equal(asks(3, 120), DENY_NONE);
    all()->correlation_ppm = 35 * PERCENT / 10;
    assert_int_equal(asks(1, 120), DENY_NONE); /* 31,000; 43,000 with what moves by itself */
    assert_int_equal(asks(1, 50), DENY_CORRELATION);
}

static uint32_t other_asks(uint8_t side, turret_qty qty)
{
    struct turret_order_request request = want(side, qty, 0);
    uint64_t id = turret_submit(rig.self[1], &request);
    rig_turn(&rig);
    return engine_order(rig.engine, id)->denial;
}

static void it_is_the_account_that_counts(void **state)
{
    (void)state;
    all()->correlation_ppm = 2 * PERCENT;
    hold(200);
    assert_int_equal(other_asks(TURRET_SIDE_BUY, 20), DENY_CORRELATION);
    all()->correlation_ppm = PERCENT;
    assert_int_equal(other_asks(TURRET_SIDE_SELL, 100), DENY_NONE); /* brings it nearer to none */
}

static void what_nobody_holds_does_not_count(void **state)
{
    (void)state;
    live_through_days();
    all()->correlation_ppm = 2 * PERCENT;
    hold(200);
    assert_int_equal(asks(3, 200), DENY_NONE);
    all()->correlation_ppm = PERCENT;
    assert_int_equal(sells(200, 0), DENY_NONE); /* closing, above the limit too */
}

#define CORRELATION_TEST(name) cmocka_unit_test_setup_teardown(name, open_four, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CORRELATION_TEST(both_limits_have_to_be_set),
        CORRELATION_TEST(in_step_or_against_it),
        CORRELATION_TEST(other_accounts_do_not_count),
        CORRELATION_TEST(it_is_the_account_that_counts),
        CORRELATION_TEST(what_nobody_holds_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
