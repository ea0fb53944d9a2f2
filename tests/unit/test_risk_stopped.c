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

/* Whether a snapshot of what the engine holds now is refused for `what`, or taken when that is
 * NULL. */
static void expect_restored(const char *what)
{
    struct turret_error err = {0};
    struct rig_options o = risk_options();
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    rig_open(&rig, &o);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err),
                     what ? TURRET_ECORRUPT : TURRET_OK);
    assert_string_equal(err.text, what ? what : "");
    free(bytes);
}

/* They are subtracted and counted on. */
static void memory_out_of_bounds_is_refused(void **state)
{
    static const struct {
        size_t at;
        int64_t most;
        bool of_instrument;
    } fields[] = {
        {offsetof(struct conduct, last_loss), EVENT_TIME_MAX, false},
        {offsetof(struct conduct, recent[0].time), EVENT_TIME_MAX, false},
        {offsetof(struct conduct, filled.count), INT64_MAX / 2, false},
        {offsetof(struct conduct, day_messages), INT64_MAX / 2, false},
        {offsetof(struct conduct, day_fills), INT64_MAX / 2, false},
        {offsetof(struct collar_anchor, time), EVENT_TIME_MAX, true},
    };
    size_t i, k;
    (void)state;
    for (i = 0; i < sizeof fields / sizeof *fields; i++) {
        const int64_t values[] = {0, fields[i].most, -1, fields[i].most + 1};
        for (k = 0; k < sizeof values / sizeof *values; k++) {
            struct conduct *conduct = &rig.engine->strategies[1].conduct;
            uint8_t *of = fields[i].of_instrument
                              ? (uint8_t *)&rig.engine->instruments[rig.instrument[0]].anchor
                              : (uint8_t *)conduct;
            conduct->recent_count = 1;
            memcpy(of + fields[i].at, &values[k], sizeof values[k]);
            expect_restored(k < 2 ? NULL
                            : fields[i].of_instrument
                                ? "the snapshot's collar of instrument 1 is absurd"
                                : "the snapshot's memory of strategy 1 is absurd");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(accounts_and_strategies_are_stopped),
        RISK_TEST(a_streak_stops_until_it_has_cooled_down),
        RISK_TEST(memory_out_of_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
