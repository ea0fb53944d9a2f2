/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows how a wish becomes a quantity under each sizing policy, that it stands while the direction
 * does, and what is measured of daily closes. Volatility and correlation are those that another
 * program (Python's statistics) computes of the same prices.
 */
#include "risk_bench.h"

#include <math.h>

#define DAYS    30
#define PERCENT 10000 /* of a million */

static turret_price first_close(int64_t i)
{
    return 10000 + (i * 7919 % 23 - 11) * 10 + i * 5;
}

static turret_price second_close(int64_t i)
{
    return 5000 - (i * 7919 % 23 - 11) * 4 + i * 31 % 7 * 3;
}

/* As if they had traded for 30 days before today; weekends when `step` says so. */
static void live_through_days(bool weekends)
{
    int64_t i, today = engine_day_of(rig.time);
    for (i = 0; i < DAYS; i++) {
        int64_t day = today - 60 + i + (weekends ? i / 5 * 2 : 0);
        daily_put(&rig.engine->daily, day, rig.instrument[0], first_close(i));
        daily_put(&rig.engine->daily, day, rig.instrument[1], second_close(i));
    }
}

static struct sizing *sizing(void)
{
    return &rig.engine->strategies[0].sizing;
}

/* What the strategy's wish on the first instrument became. */
static turret_qty wishes(turret_qty qty)
{
    (void)turret_target(rig.self[0], rig.instrument[0], qty, "wish");
    return rig.engine->positions[rig.engine->strategies[0].first_position].target;
}

static void volatility_of_daily_closes(void **state)
{
    double found;
    (void)state;
    assert_false(daily_volatility(&rig.engine->daily, rig.instrument[0], 63, &found));
    live_through_days(false);
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[0], 63, &found));
    assert_true(fabs(found - 0.19768125652737545) < 1e-12);
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[0], 20, &found));
    assert_true(fabs(found - 0.20396918951322016) < 1e-12);
    assert_false(daily_volatility(&rig.engine->daily, rig.instrument[0], 19, &found));
}

static void a_year_has_as_many_returns_as_days_with_trades(void **state)
{
    double found;
    (void)state;
    live_through_days(true);
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[0], 63, &found));
    assert_true(fabs(found - 0.17046380894827595) < 1e-12);
}

static void correlation_of_daily_closes(void **state)
{
    double found;
    (void)state;
    assert_false(
        daily_correlation(&rig.engine->daily, rig.instrument[0], rig.instrument[1], &found));
    live_through_days(false);
    assert_true(
        daily_correlation(&rig.engine->daily, rig.instrument[0], rig.instrument[1], &found));
    assert_true(fabs(found - -0.9685336293614155) < 1e-12);
    assert_true(
        daily_correlation(&rig.engine->daily, rig.instrument[0], rig.instrument[0], &found));
    assert_true(fabs(found - 1) < 1e-12);
}

static void a_price_that_does_not_move_has_none(void **state)
{
    double found;
    int64_t i;
    (void)state;
    for (i = 0; i < DAYS; i++) {
        daily_put(&rig.engine->daily, i, rig.instrument[0], 10000);
        daily_put(&rig.engine->daily, i, rig.instrument[1], second_close(i));
    }
    assert_false(daily_volatility(&rig.engine->daily, rig.instrument[0], 63, &found));
    assert_false(
        daily_correlation(&rig.engine->daily, rig.instrument[0], rig.instrument[1], &found));
}

static void the_oldest_days_make_room(void **state)
{
    struct daily *daily = &rig.engine->daily;
    int64_t i;
    (void)state;
    for (i = 1; i <= DAILY_DAYS + 5; i++)
        daily_put(daily, i, rig.instrument[0], 100 + i);
    assert_int_equal(daily->count, DAILY_DAYS);
    assert_int_equal(daily->days[0], 6);
    assert_int_equal(daily->closes[rig.instrument[0]], 106);
    daily_put(daily, 6, rig.instrument[1], 7); /* completes a day */
    assert_int_equal(daily->closes[rig.instrument[1]], 7);
    daily_put(daily, 5, rig.instrument[0], 1); /* too old */
    assert_int_equal(daily->days[0], 6);
}

static void a_split_changes_what_was_before(void **state)
{
    struct turret_split split = {.numerator = 4, .denominator = 1};
    double before, after;
    (void)state;
    live_through_days(false);
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[0], 63, &before));
    split.instrument = rig.instrument[0];
    daily_split(&rig.engine->daily, rig.instrument[0], &split);
    assert_int_equal(rig.engine->daily.closes[rig.instrument[0]], first_close(0) / 4);
    assert_int_equal(rig.engine->daily.closes[rig.instrument[1]], second_close(0));
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[0], 63, &after));
    assert_true(fabs(before - after) < 0.01); /* rounded to whole ticks */
}

static void a_day_ends_with_its_last_price(void **state)
{
    const struct daily *daily = &rig.engine->daily;
    (void)state;
    rig_bar(&rig, rig.instrument[0], 10100);
    assert_int_equal(daily->count, 0);
    rig.time += ENGINE_DAY_NS;
    rig_bar(&rig, rig.instrument[0], 10200);
    assert_int_equal(daily->count, 1);
    assert_int_equal(daily->closes[rig.instrument[0]], 10100);
    assert_int_equal(daily->closes[rig.instrument[1]], 10000);
    rig.time += ENGINE_DAY_NS;
    rig_bar(&rig, rig.instrument[0], 10300);
    assert_int_equal(daily->count, 2);
    assert_int_equal(daily->closes[daily->width + rig.instrument[0]], 10200);
    assert_int_equal(daily->closes[daily->width + rig.instrument[1]], 0); /* no trade that day */
}

/* ---- policies; the equity is 1,000,000, the price 100.00, a lot 10 ---- */

static void without_a_policy_a_wish_is_a_quantity(void **state)
{
    (void)state;
    assert_int_equal(wishes(70), 70);
}

static void fixed(void **state)
{
    (void)state;
    *sizing() = (struct sizing){.policy = SIZE_FIXED, .qty_nano = 57 * UNIT};
    assert_int_equal(wishes(1), 50); /* whole lots */
    assert_int_equal(wishes(0), 0);
    assert_int_equal(wishes(-1), -50);
}

static void percent_of_equity(void **state)
{
    (void)state;
    *sizing() = (struct sizing){.policy = SIZE_EQUITY, .equity_ppm = 10 * PERCENT};
    assert_int_equal(wishes(1), 1000);
    assert_int_equal(wishes(-7), -1000);
    equity_set(&rig.engine->accounts[0].equity, INT64_C(500000) * MONEY_ONE);
    assert_int_equal(wishes(-9), -1000); /* it stands */
    assert_int_equal(wishes(0), 0);
    assert_int_equal(wishes(-9), -500);
    equity_set(&rig.engine->accounts[0].equity, 0);
    assert_int_equal(wishes(1), 0);
}

static void smaller_after_a_fall(void **state)
{
    struct equity *equity = &rig.engine->accounts[0].equity;
    (void)state;
    *sizing() = (struct sizing){
        .policy = SIZE_EQUITY, .equity_ppm = 10 * PERCENT, .drawdown_ppm = 20 * PERCENT};
    equity_set(equity, INT64_C(900000) * MONEY_ONE); /* half way down: 5% of 900,000 */
    assert_int_equal(wishes(1), 450);
    equity_set(equity, INT64_C(800000) * MONEY_ONE);
    assert_int_equal(wishes(0), 0);
    assert_int_equal(wishes(1), 0);
}

/* A millionth of what there is would buy something at this price. */
static void deeper_than_that_is_nothing(void **state)
{
    (void)state;
    *sizing() = (struct sizing){
        .policy = SIZE_EQUITY, .equity_ppm = 10 * PERCENT, .drawdown_ppm = 20 * PERCENT};
    rig.engine->instruments[1].mark = 1;
    equity_set(&rig.engine->accounts[0].equity, INT64_C(700000) * MONEY_ONE);
    assert_int_equal(wishes(1), 0);
    assert_int_equal(wishes(-1), 0);
}

/* Also of orders of its own, which no wish stands behind, and be it a single unit. */
static void what_it_holds_stands(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 10000);
    (void)state;
    rig_fill(&rig, id, "one", TURRET_SIDE_BUY, 1, 10000);
    *sizing() = (struct sizing){.policy = SIZE_EQUITY, .equity_ppm = 10 * PERCENT};
    assert_int_equal(wishes(1), 1);
    assert_true(wishes(-1) < -1);
}

static void volatility_target(void **state)
{
    (void)state;
    *sizing() = (struct sizing){.policy = SIZE_VOLATILITY,
                                .volatility_ppm = 10 * PERCENT,
                                .days = 63,
                                .equity_ppm = 60 * PERCENT,
                                .start_ppm = 2 * PERCENT};
    assert_int_equal(wishes(1), 200); /* not known yet */
    live_through_days(false);
    assert_int_equal(wishes(0), 0);
    assert_int_equal(wishes(1), 5050); /* 0.1 / 0.19768 = 50.586% */
    sizing()->volatility_ppm = 20 * PERCENT;
    assert_int_equal(wishes(-1), -6000); /* no more than 60% */
}

static void ends_a_trade(uint32_t times, turret_money profit)
{
    while (times-- > 0)
        sizing_trade_ended(&rig.engine->strategies[0], profit);
}

static void kelly(void **state)
{
    (void)state;
    *sizing() = (struct sizing){.policy = SIZE_KELLY,
                                .kelly_ppm = 25 * PERCENT,
                                .trades = 10,
                                .equity_ppm = 50 * PERCENT,
                                .start_ppm = PERCENT};
    ends_a_trade(6, 200);
    ends_a_trade(3, -100);
    assert_int_equal(wishes(1), 100); /* nine are too few */
    ends_a_trade(1, -100);
    assert_int_equal(wishes(-1), -1000); /* f = 0.6 - 0.4 / 2 = 0.4, a quarter of it */
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    ends_a_trade(90, -100);
    assert_int_equal(wishes(1), 0); /* nothing to be won */
    assert_int_equal(wishes(1), 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* once */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "of its 100 round trips 6 won"));
    ends_a_trade(94, 200);
    assert_true(wishes(1) > 0); /* by what it still held, say */
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "a0: its size is not 0 any more"));
    ends_a_trade(1000, -100);
    assert_int_equal(wishes(0), 0);
    assert_int_equal(wishes(1), 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
}

static void kelly_that_never_lost_or_never_won(void **state)
{
    (void)state;
    *sizing() = (struct sizing){
        .policy = SIZE_KELLY, .kelly_ppm = 25 * PERCENT, .trades = 2, .equity_ppm = 20 * PERCENT};
    ends_a_trade(2, 100);
    assert_int_equal(wishes(1), 2000); /* f = 1, a quarter of it, at most 20% */
    rig.engine->strategies[0].record = (struct sizing_record){0};
    ends_a_trade(2, 0); /* not a profit */
    rig.engine->instruments[1].mark = 1;
    assert_int_equal(wishes(-1), 0);
}

static void kelly_whose_losses_cost_nothing(void **state)
{
    (void)state;
    *sizing() = (struct sizing){
        .policy = SIZE_KELLY, .kelly_ppm = 25 * PERCENT, .trades = 2, .equity_ppm = 50 * PERCENT};
    ends_a_trade(1, 100);
    ends_a_trade(1, 0);
    assert_int_equal(wishes(1), 2500); /* as if it never lost: a quarter of it all */
}

/* No start is no verdict on it: it has not traded. */
static void kelly_without_a_start_waits_in_silence(void **state)
{
    (void)state;
    *sizing() = (struct sizing){
        .policy = SIZE_KELLY, .kelly_ppm = 25 * PERCENT, .trades = 2, .equity_ppm = 50 * PERCENT};
    assert_int_equal(wishes(1), 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

static void sums_go_as_far_as_they_can(void **state)
{
    struct sizing_record *record = &rig.engine->strategies[0].record;
    (void)state;
    record->won = record->lost = INT64_MAX - 1;
    ends_a_trade(1, 1);
    ends_a_trade(1, -1);
    assert_true(record->won == INT64_MAX && record->lost == INT64_MAX);
    ends_a_trade(1, 100);
    ends_a_trade(1, -100);
    assert_true(record->won == INT64_MAX && record->lost == INT64_MAX);
    assert_true(record->wins == 2 && record->losses == 2);
}

/* ---- what is not known or does not fit makes it none ---- */

static turret_qty percent_of_all(uint32_t percent)
{
    (void)wishes(0);
    *sizing() = (struct sizing){.policy = SIZE_EQUITY, .equity_ppm = (int64_t)percent * PERCENT};
    return wishes(1);
}

static void without_a_price_there_is_no_size(void **state)
{
    (void)state;
    rig.engine->instruments[1].mark = 0;
    assert_int_equal(percent_of_all(10), 0);
}

static void what_does_not_fit_is_no_size(void **state)
{
    struct rig_options o = risk_options();
    struct instrument *instrument;
    (void)state;
    equity_set(&rig.engine->accounts[0].equity, INT64_MAX / 4);
    assert_int_equal(percent_of_all(1000), 0); /* the budget */
    equity_set(&rig.engine->accounts[0].equity, INT64_C(1000000) * MONEY_ONE);
    rig.engine->instruments[1].mark = INT64_MAX / 16;
    assert_int_equal(percent_of_all(10), 0); /* the price of a lot */
    rig_close(&rig);
    o.def.qty_scale = 8;
    rig_open(&rig, &o);
    instrument = &rig.engine->instruments[1];
    instrument->mark = 1;
    equity_set(&rig.engine->accounts[0].equity, 5000);
    assert_int_equal(percent_of_all(100), 50000); /* a lot of ten is rounded up to 10^-8 */
    equity_set(&rig.engine->accounts[0].equity, INT64_MAX / 4);
    assert_int_equal(percent_of_all(100), 0); /* so many units */
}

static void a_fixed_size_is_no_more_than_an_order_can_be(void **state)
{
    (void)state;
    rig.engine->instruments[1].def.qty_scale = 8;
    *sizing() = (struct sizing){.policy = SIZE_FIXED, .qty_nano = INT64_MAX};
    assert_true(wishes(1) == ORDER_QTY_MAX);
    rig.engine->instruments[1].def.qty_scale = 0;
}

static void round_trips_are_counted_with_their_fees(void **state)
{
    const struct sizing_record *record = &rig.engine->strategies[0].record;
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    (void)state;
    rig_fill(&rig, id, "in", TURRET_SIDE_BUY, 20, 10000);
    id = rig_order(&rig, 0, TURRET_SIDE_SELL, 20, 0);
    rig_fill(&rig, id, "out", TURRET_SIDE_SELL, 10, 10100);
    assert_int_equal(record->wins, 0);
    rig_fill(&rig, id, "rest", TURRET_SIDE_SELL, 10, 10050);
    assert_int_equal(record->wins, 1);
    assert_int_equal(record->losses, 0);
    assert_int_equal(record->won, 15 * MONEY_ONE);
    id = rig_order(&rig, 0, TURRET_SIDE_SELL, 20, 0);
    rig_fill(&rig, id, "short", TURRET_SIDE_SELL, 20, 10000);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    rig_fill(&rig, id, "cover", TURRET_SIDE_BUY, 20, 10010);
    assert_int_equal(record->losses, 1);
    assert_int_equal(record->lost, 2 * MONEY_ONE);
}

static void a_fee_may_make_a_loss_of_it(void **state)
{
    const struct sizing_record *record = &rig.engine->strategies[0].record;
    struct event event = rig_event(&rig, EVENT_FILL);
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    (void)state;
    rig_fill(&rig, id, "in", TURRET_SIDE_BUY, 20, 10000);
    event.venue = 0;
    event.u.fill.order_id = rig_order(&rig, 0, TURRET_SIDE_SELL, 20, 0);
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_SELL;
    event.u.fill.qty = 20;
    event.u.fill.price = 10010; /* 2.00 more, less 3.00 */
    event.u.fill.fee = 3 * MONEY_ONE;
    (void)snprintf(event.u.fill.execution_id, 40, "out");
    engine_ingest(rig.engine, &event);
    assert_int_equal(record->wins, 0);
    assert_int_equal(record->losses, 1);
    assert_int_equal(record->lost, MONEY_ONE);
}

/* ---- the limit ---- */

static uint32_t asks_second(turret_qty qty)
{
    return asked(rig_request(rig.instrument[1], TURRET_SIDE_BUY, qty, 0));
}

static void what_moves_together_counts_together(void **state)
{
    (void)state;
    live_through_days(false);
    hold(100); /* 10,000 of 1,000,000 */
    all()->correlation_ppm = 2 * PERCENT;
    all()->correlation_from_ppm = 97 * PERCENT;
    assert_int_equal(asks_second(200), DENY_NONE); /* -0.9685 is not enough */
    all()->correlation_from_ppm = 96 * PERCENT;
    assert_int_equal(asks_second(20), DENY_CORRELATION);
    all()->correlation_ppm = 4 * PERCENT;
    assert_int_equal(asks_second(100), DENY_NONE);
    assert_int_equal(asks_second(20), DENY_CORRELATION);
    assert_int_equal(sells(100, 0), DENY_NONE); /* closing */
}

static void what_is_not_known_counts(void **state)
{
    (void)state;
    hold(100);
    all()->correlation_ppm = 2 * PERCENT;
    assert_int_equal(asks_second(110), DENY_CORRELATION);
    assert_int_equal(asks_second(100), DENY_NONE);
}

static void a_snapshot_keeps_them(void **state)
{
    struct rig_options o = risk_options();
    struct turret_error err = {0};
    struct sizing_record record;
    uint8_t *bytes;
    size_t size;
    double before, after;
    (void)state;
    live_through_days(false);
    ends_a_trade(3, 700);
    ends_a_trade(2, -30);
    record = rig.engine->strategies[0].record;
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[1], 63, &before));
    size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    if (engine_restore(rig.engine, bytes, size, &err))
        fail_msg("%s", err.text);
    assert_true(daily_volatility(&rig.engine->daily, rig.instrument[1], 63, &after));
    assert_true(before == after);
    assert_memory_equal(&rig.engine->strategies[0].record, &record, sizeof record);
    free(bytes);
}

#define SIZING_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIZING_TEST(volatility_of_daily_closes),
        SIZING_TEST(a_year_has_as_many_returns_as_days_with_trades),
        SIZING_TEST(correlation_of_daily_closes),
        SIZING_TEST(a_fee_may_make_a_loss_of_it),
        SIZING_TEST(a_price_that_does_not_move_has_none),
        SIZING_TEST(the_oldest_days_make_room),
        SIZING_TEST(a_split_changes_what_was_before),
        SIZING_TEST(a_day_ends_with_its_last_price),
        SIZING_TEST(without_a_policy_a_wish_is_a_quantity),
        SIZING_TEST(fixed),
        SIZING_TEST(percent_of_equity),
        SIZING_TEST(smaller_after_a_fall),
        SIZING_TEST(deeper_than_that_is_nothing),
        SIZING_TEST(what_it_holds_stands),
        SIZING_TEST(volatility_target),
        SIZING_TEST(kelly),
        SIZING_TEST(kelly_that_never_lost_or_never_won),
        SIZING_TEST(kelly_whose_losses_cost_nothing),
        SIZING_TEST(kelly_without_a_start_waits_in_silence),
        SIZING_TEST(sums_go_as_far_as_they_can),
        SIZING_TEST(without_a_price_there_is_no_size),
        SIZING_TEST(what_does_not_fit_is_no_size),
        SIZING_TEST(a_fixed_size_is_no_more_than_an_order_can_be),
        SIZING_TEST(round_trips_are_counted_with_their_fees),
        SIZING_TEST(what_moves_together_counts_together),
        SIZING_TEST(what_is_not_known_counts),
        SIZING_TEST(a_snapshot_keeps_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
