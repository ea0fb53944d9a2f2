/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what counts as stopped until turret resume: an account or a strategy by its loss, its
 * drawdown, its fills, or a losing streak that still cools down.
 */
#include "risk_bench.h"

static void reopen_with_two_accounts(void)
{
    struct rig_options o = risk_options();
    o.venues = 2;
    rig_close(&rig);
    rig_open(&rig, &o);
}

static void accounts_and_strategies_are_stopped(void **state)
{
    struct strategy *one = &rig.engine->strategies[0];
    (void)state;
    reopen_with_two_accounts();
    one = &rig.engine->strategies[0];
    assert_int_equal(rig.engine->account_count, 2);
    assert_false(engine_is_stopped(rig.engine));
    rig.engine->account_stopped_by_loss[0] = 1; /* and whatever comes after it */
    assert_true(engine_is_stopped(rig.engine));
    rig.engine->account_stopped_by_loss[0] = 0;
    rig.engine->account_stopped_by_drawdown[1] = 1;
    assert_true(engine_is_stopped(rig.engine));
    rig.engine->account_stopped_by_drawdown[1] = 0;
    one->stopped_by_loss = true;
    assert_true(engine_is_stopped(rig.engine));
    one->stopped_by_loss = false;
    one->stopped_by_drawdown = true;
    assert_true(engine_is_stopped(rig.engine));
    one->stopped_by_drawdown = false;
    one->conduct.stopped_by_fills = 1;
    assert_true(engine_is_stopped(rig.engine));
    one->conduct.stopped_by_fills = 0;
    assert_false(engine_is_stopped(rig.engine));
}

static void a_streak_stops_until_it_has_cooled_down(void **state)
{
    struct conduct *conduct = &rig.engine->strategies[1].conduct;
    (void)state;
    all()->loss_streak = 3;
    all()->cool_down_ns = 60 * MONEY_NANO;
    assert_false(engine_is_stopped(rig.engine)); /* nothing was lost */
    conduct->losses = 2;
    conduct->last_loss = rig.engine->now;
    assert_false(engine_is_stopped(rig.engine));
    conduct->losses = 3;
    assert_true(engine_is_stopped(rig.engine));
    conduct->last_loss = rig.engine->now - 60 * MONEY_NANO;
    assert_false(engine_is_stopped(rig.engine));
    conduct->last_loss++;
    assert_true(engine_is_stopped(rig.engine));
    all()->cool_down_ns = RISK_UNSET;
    assert_false(engine_is_stopped(rig.engine));
    all()->loss_streak = RISK_UNSET;
    assert_false(engine_is_stopped(rig.engine));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(accounts_and_strategies_are_stopped),
        RISK_TEST(a_streak_stops_until_it_has_cooled_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
