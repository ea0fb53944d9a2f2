/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a limit of loss latches when it is reached and is told then, once, though nobody asks
 * for an order: by a price, a fill, a venue's books and changed limits; what is told of it; that it
 * stays over days and snapshots; and that it is gone once a person lifts it.
 */
#include "risk_bench.h"

#define ACCOUNT "account venue0/USD: "
#define OWN     "strategy a0: "
#define CLOSES  "; it may only close until turret resume --reason TEXT"

static void told(uint32_t count, const char *text)
{
    assert_int_equal(rig.notices[NOTICE_ALARM], count);
    if (count > 0)
        assert_string_equal(rig.last_notice[NOTICE_ALARM], text);
}

static uint32_t listed(struct engine_stop stops[8])
{
    memset(stops, 0xff, 8 * sizeof *stops);
    return engine_stops(rig.engine, stops, 8);
}

static void check_stop(const struct engine_stop *is, uint32_t scope, const char *name,
                       uint32_t kind, struct stop stop)
{
    assert_int_equal(is->scope, scope);
    assert_int_equal(is->kind, kind);
    assert_string_equal(is->name, name);
    assert_string_equal(is->currency, "USD");
    assert_memory_equal(&is->stop, &stop, sizeof stop);
    assert_true(engine_stop_is_whole(is));
}

static void a_loss_is_told_when_it_is_reached(void **state)
{
    struct engine_stop stops[8];
    uint32_t tradings = rig.tradings;
    (void)state;
    all()->daily_loss = 100 * HUNDRED;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9001);
    told(0, NULL);
    assert_int_equal(listed(stops), 0);
    assert_int_equal(rig.tradings, tradings);
    rig_bar(&rig, rig.instrument[0], 9000);
    told(1, ACCOUNT "daily loss reached: 10000 of 1000000 USD lost, the limit is 10000" CLOSES);
    assert_int_equal(rig.tradings, tradings + 1);
    assert_int_equal(listed(stops), 1);
    check_stop(&stops[0], TRADING_ACCOUNT, "venue0/USD", STOP_DAILY_LOSS,
               (struct stop){.since = engine_now(rig.engine),
                             .lost = 10000 * MONEY_ONE,
                             .from = 1000000 * MONEY_ONE,
                             .limit = 10000 * MONEY_ONE});
    rig_bar(&rig, rig.instrument[0], 8000); /* once */
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    told(1, ACCOUNT "daily loss reached: 10000 of 1000000 USD lost, the limit is 10000" CLOSES);
    assert_int_equal(rig.tradings, tradings + 1);
}

/* Of what the day began with, which is not what the first day began with. */
static void a_part_of_the_day_and_of_the_peak(void **state)
{
    struct engine_stop stops[8];
    (void)state;
    hold(1000);
    rig.time += 24 * 60 * RIG_MINUTE;
    rig_bar(&rig, rig.instrument[0], 5000);
    rig.time += 24 * 60 * RIG_MINUTE;
    rig_turn(&rig);
    all()->daily_loss = RISK_UNSET;
    all()->daily_loss_ppm = 20000; /* of 950,000 */
    rig_bar(&rig, rig.instrument[0], 3110);
    told(0, NULL);
    rig_bar(&rig, rig.instrument[0], 3100);
    told(1, ACCOUNT "daily loss reached: 19000 of 950000 USD lost, the limit is 2%" CLOSES);
    all()->drawdown_ppm = 70001; /* of a million */
    rig_bar(&rig, rig.instrument[0], 3000);
    told(1, rig.last_notice[NOTICE_ALARM]);
    all()->drawdown_ppm = 70010;
    rig_bar(&rig, rig.instrument[0], 2999);
    told(2, ACCOUNT "drawdown reached: 70010 of 1000000 USD lost, the limit is 7.001%" CLOSES);
    assert_int_equal(listed(stops), 2);
    check_stop(&stops[1], TRADING_ACCOUNT, "venue0/USD", STOP_DRAWDOWN,
               (struct stop){.since = engine_now(rig.engine),
                             .lost = 70010 * MONEY_ONE,
                             .from = 1000000 * MONEY_ONE,
                             .limit = 70010,
                             .is_part = 1});
}

static void a_strategy_is_held_to_its_own(void **state)
{
    struct engine_stop stops[8];
    (void)state;
    own()->daily_loss = 50 * HUNDRED;
    own()->drawdown_ppm = 6000;
    own()->fills_per_minute = 2;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9501);
    told(0, NULL);
    rig_bar(&rig, rig.instrument[0], 9500);
    told(1, OWN "daily loss reached: 5000 of 1000000 USD lost, the limit is 5000" CLOSES);
    rig_bar(&rig, rig.instrument[0], 9400);
    told(2, OWN "drawdown reached: 6000 of 1000000 USD lost, the limit is 0.6%" CLOSES);
    own()->daily_loss = RISK_UNSET;
    assert_int_equal(listed(stops), 2);
    check_stop(&stops[0], TRADING_STRATEGY, "a0", STOP_DAILY_LOSS,
               (struct stop){.since = engine_now(rig.engine) - RIG_MINUTE,
                             .lost = 5000 * MONEY_ONE,
                             .from = 1000000 * MONEY_ONE,
                             .limit = 5000 * MONEY_ONE});
    assert_int_equal(stops[1].kind, STOP_DRAWDOWN);
    risk_executed(rig.engine, &rig.engine->strategies[0]);
    risk_executed(rig.engine, &rig.engine->strategies[0]);
    risk_executed(rig.engine, &rig.engine->strategies[0]);
    assert_int_equal(listed(stops), 3);
    check_stop(&stops[2], TRADING_STRATEGY, "a0", STOP_FILLS,
               (struct stop){.since = engine_now(rig.engine), .limit = 2});
    assert_int_equal(engine_stops(rig.engine, stops, 2), 2); /* as far as there is room */
}

/* A fee, and what a fill cost above the mark. */
static void a_fill_may_reach_it(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    (void)state;
    all()->daily_loss = 1000 * MONEY_ONE;
    own()->drawdown_ppm = 1000;
    rig_fill(&rig, id, "one", TURRET_SIDE_BUY, 99, 11010);
    told(0, NULL);
    rig_fill(&rig, id, "two", TURRET_SIDE_BUY, 1, 10010);
    told(2, rig.last_notice[NOTICE_ALARM]);
    assert_true(rig.engine->account_stopped_by_loss[0]);
    assert_true(rig.engine->strategies[0].stopped_by_drawdown);
    assert_false(rig.engine->strategies[0].stopped_by_loss);
}

/* The whole line moves: what was lost is a larger part of less. */
static void what_is_adopted_may_reach_it(void **state)
{
    (void)state;
    all()->drawdown_ppm = 20000;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9000); /* 10,000 */
    told(0, NULL);
    assert_true(adopt_cash(rig.engine, &rig.engine->accounts[0], 400001 * MONEY_ONE));
    told(0, NULL);
    assert_true(adopt_cash(rig.engine, &rig.engine->accounts[0], 400000 * MONEY_ONE));
    told(1, ACCOUNT "drawdown reached: 10000 of 500000 USD lost, the limit is 2%" CLOSES);
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    rig_bar(&rig, rig.instrument[0], 8100); /* 9,000 of 490,000 */
    told(1, rig.last_notice[NOTICE_ALARM]);
    assert_true(adopt_position(rig.engine, 1, 400)); /* 48,600 less */
    told(2, ACCOUNT "drawdown reached: 9000 of 441400 USD lost, the limit is 2%" CLOSES);
}

static void nobody_is_told_of_limits_that_are_not_set(void **state)
{
    (void)state;
    hold(1000);
    all()->daily_loss = all()->drawdown_ppm = RISK_UNSET;
    rig_bar(&rig, rig.instrument[0], 100);
    told(0, NULL);
}

/* It was reached yesterday, and no order was asked for since. */
static void it_stays_over_the_day_and_a_person_lifts_it(void **state)
{
    struct engine_stop stops[8];
    uint32_t tradings;
    (void)state;
    all()->daily_loss = 100 * HUNDRED;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9000);
    rig.time += 24 * 60 * RIG_MINUTE;
    rig_bar(&rig, rig.instrument[0], 9100);
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    assert_int_equal(sells(100, 0), DENY_NONE);
    assert_true(engine_is_stopped(rig.engine));
    tradings = rig.tradings;
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    assert_int_equal(rig.tradings, tradings + 1);
    assert_false(engine_is_stopped(rig.engine));
    assert_int_equal(listed(stops), 0);
    assert_true(rig.engine->account_stops[0][STOP_DAILY_LOSS].since == 0);
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig_bar(&rig, rig.instrument[0], 8100); /* reached again: told again */
    told(2, ACCOUNT "daily loss reached: 10000 of 991000 USD lost, the limit is 10000" CLOSES);
}

/* ---- what is said of it ---- */

static void check_text(struct engine_stop stop, const char *text)
{
    char is[ENGINE_STOP_TEXT_MAX];
    engine_stop_tell(&stop, is);
    assert_string_equal(is, text);
}

static void what_is_said_of_each(void **state)
{
    struct engine_stop stop = {.currency = "USD", .scope = TRADING_STRATEGY};
    (void)state;
    stop.kind = STOP_DAILY_LOSS;
    check_text(stop, "daily loss reached");
    stop.kind = STOP_DRAWDOWN;
    check_text(stop, "drawdown reached");
    stop.kind = STOP_FILLS;
    check_text(stop, "fills_per_minute reached");
    stop.stop = (struct stop){.since = 1, .limit = 1};
    check_text(stop, "more than 1 execution in a minute");
    stop.stop.limit = 2;
    check_text(stop, "more than 2 executions in a minute");
    assert_string_equal(engine_stop_name(STOP_DAILY_LOSS), "daily_loss");
    assert_string_equal(engine_stop_name(STOP_DRAWDOWN), "drawdown");
    assert_string_equal(engine_stop_name(STOP_FILLS), "fills_per_minute");
    assert_string_equal(engine_stop_name(STOP_KINDS), "?");
    assert_true(engine_stop_is_whole(&stop));
    stop.scope = TRADING_ACCOUNT;
    assert_true(engine_stop_is_whole(&stop));
    stop.scope = TRADING_VENUE;
    assert_false(engine_stop_is_whole(&stop));
    stop.scope = TRADING_ACCOUNT;
    stop.kind = STOP_KINDS;
    assert_false(engine_stop_is_whole(&stop));
    stop.kind = STOP_FILLS;
    memset(stop.name, 'x', sizeof stop.name);
    assert_false(engine_stop_is_whole(&stop));
}

/* ---- snapshots ---- */

struct saved {
    uint8_t bytes[65536];
    size_t size;
};
static struct saved first, second;

static void save(struct saved *to)
{
    to->size = engine_snapshot(rig.engine, to->bytes, sizeof to->bytes);
    assert_in_range(to->size, 1, sizeof to->bytes);
}

/* Under limits of which the test says what is another. */
static int revive(const struct saved *from, const struct risk_limits *limits,
                  struct turret_error *err)
{
    struct rig_options o = risk_options();
    turret_time_ns time = rig.time;
    o.engine.risk = *limits;
    rig_close(&rig);
    (void)rig_build(&rig, &o, err);
    rig.time = time;
    assert_int_equal(engine_preload(rig.engine, from->bytes, from->size, err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_PARAMS, err), TURRET_OK);
    return engine_restore(rig.engine, from->bytes, from->size, err);
}

static void what_is_known_of_it_is_restored(void **state)
{
    struct engine_stop before[8], after[8];
    struct turret_error err = {0};
    struct risk_limits limits;
    (void)state;
    hold(1000);
    save(&first);
    all()->daily_loss = 100 * HUNDRED;
    own()->drawdown_ppm = 10000;
    limits = *all();
    rig_bar(&rig, rig.instrument[0], 9000);
    save(&second);
    assert_int_equal(second.size, first.size + 3 * sizeof(struct stop[STOP_KINDS]));
    assert_int_equal(listed(before), 2);
    assert_int_equal(revive(&second, &limits, &err), TURRET_OK);
    told(0, NULL); /* it was */
    assert_int_equal(listed(after), 2);
    assert_memory_equal(before, after, 2 * sizeof *before);
    save(&first);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.bytes, second.bytes, first.size);
    rig_turn(&rig);
    assert_int_equal(rig.tradings, 1); /* rows are written anew */
    rig_turn(&rig);
    assert_int_equal(rig.tradings, 1);
}

/* A snapshot of a turret that did not know since when: it is latched all the same. */
static void what_is_not_known_is_latched(void **state)
{
    struct engine_stop stops[8];
    struct turret_error err = {0};
    struct risk_limits limits;
    (void)state;
    save(&first);
    rig.engine->account_stopped_by_loss[0] = true;
    limits = *all();
    save(&second);
    assert_int_equal(first.size, second.size);
    assert_int_equal(revive(&second, &limits, &err), TURRET_OK);
    assert_int_equal(listed(stops), 1);
    check_stop(&stops[0], TRADING_ACCOUNT, "venue0/USD", STOP_DAILY_LOSS, (struct stop){0});
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
}

/* A lower limit may have been reached already, also by what was won back. */
static void changed_limits_are_looked_at(void **state)
{
    struct turret_error err = {0};
    struct risk_limits limits;
    (void)state;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9000);
    rig_bar(&rig, rig.instrument[0], 11000);
    save(&first);
    limits = *all();
    limits.drawdown_ppm = 0; /* there is none */
    limits.daily_loss = 10001 * MONEY_ONE;
    assert_int_equal(revive(&first, &limits, &err), TURRET_OK);
    told(0, NULL);
    limits.daily_loss = 10000 * MONEY_ONE;
    assert_int_equal(revive(&first, &limits, &err), TURRET_OK);
    told(1, ACCOUNT "daily loss reached: 10000 of 1000000 USD lost, the limit is 10000" CLOSES);
    rig_bar(&rig, rig.instrument[0], 10999);
    told(2, ACCOUNT "drawdown reached: 10 of 1010000 USD lost, the limit is 0%" CLOSES);
    save(&first);
    limits.drawdown_ppm = 20000;
    assert_int_equal(revive(&first, &limits, &err), TURRET_OK);
    told(0, NULL); /* wider ones lift nothing */
    assert_true(rig.engine->account_stopped_by_drawdown[0]);
}

static void absurd_ones_are_refused(void **state)
{
    static const struct stop absurd[] = {
        {.since = -1}, {.since = EVENT_TIME_MAX + 1}, {.since = 1, .is_part = 2}};
    struct turret_error err;
    struct risk_limits limits = *all();
    size_t i, k;
    (void)state;
    for (i = 0; i < 3; i++)
        for (k = 0; k < 2; k++) {
            struct stop *stops = k ? rig.engine->strategies[1].stops : rig.engine->account_stops[0];
            stops[STOP_FILLS].since = 1; /* so that there are some */
            stops[STOP_DRAWDOWN] = absurd[i];
            save(&first);
            memset(&err, 0, sizeof err);
            assert_int_equal(revive(&first, &limits, &err), TURRET_ECORRUPT);
            assert_string_equal(err.text, "the snapshot's stop 1 is absurd");
            close_rig(NULL);
            open_rig(NULL);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(a_loss_is_told_when_it_is_reached),
        RISK_TEST(a_part_of_the_day_and_of_the_peak),
        RISK_TEST(a_strategy_is_held_to_its_own),
        RISK_TEST(a_fill_may_reach_it),
        RISK_TEST(what_is_adopted_may_reach_it),
        RISK_TEST(nobody_is_told_of_limits_that_are_not_set),
        RISK_TEST(it_stays_over_the_day_and_a_person_lifts_it),
        RISK_TEST(what_is_said_of_each),
        RISK_TEST(what_is_known_of_it_is_restored),
        RISK_TEST(what_is_not_known_is_latched),
        RISK_TEST(changed_limits_are_looked_at),
        RISK_TEST(absurd_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
