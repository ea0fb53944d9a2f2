/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that in a run of bars a limit of loss latches at the same bar as bar by bar, with the same
 * words and the same state to the byte; and what a run goes by: where it is near at the earliest.
 */
#include "core/risk_stops.h"
#include "risk_bench.h"

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

#define BARS 3000
static turret_time_ns times[BARS];
static turret_price prices[BARS];
static turret_qty volumes[BARS];

/* A walk that ends far below or above where it began. */
static void walk(uint64_t seed, int64_t drift)
{
    turret_price price = 10000;
    uint32_t i;
    for (i = 0; i < BARS; i++) {
        price += rig_between(&seed, -40, 40) + drift;
        price = price < 2000 ? 2000 : price;
        times[i] = rig.time + (turret_time_ns)i * RIG_MINUTE;
        prices[i] = price;
        volumes[i] = 1;
    }
}

static void run_bars(bool at_once)
{
    const struct engine_bars bars = {.instrument = rig.instrument[0],
                                     .count = BARS,
                                     .timeframe_ns = RIG_MINUTE,
                                     .time = times,
                                     .open = prices,
                                     .high = prices,
                                     .low = prices,
                                     .close = prices,
                                     .volume = volumes};
    uint32_t i;
    rig.engine->any_timers = false; /* nothing waits for one: bars are run by blocks */
    if (at_once)
        engine_run_bars(rig.engine, &bars);
    for (i = 0; !at_once && i < BARS; i++) {
        struct event event = rig_bar_event(&rig, rig.instrument[0], times[i], prices[i]);
        engine_ingest(rig.engine, &event);
    }
    save(at_once ? &first : &second);
}

/* Answers how many were told. */
static uint32_t compare_runs(uint64_t seed, turret_qty qty, int64_t loss_ppm, int64_t drawdown_ppm)
{
    char last[320];
    uint32_t i, alarms = 0;
    for (i = 0; i < 2; i++) {
        struct rig_options o = risk_options();
        rig_close(&rig);
        rig_open(&rig, &o);
        all()->daily_loss = RISK_UNSET;
        all()->daily_loss_ppm = loss_ppm;
        all()->drawdown_ppm = drawdown_ppm;
        own()->daily_loss = loss_ppm / 2 * MONEY_ONE; /* half of it: the line begins at a million */
        own()->drawdown_ppm = drawdown_ppm * 2;
        if (qty)
            rig_fill(&rig,
                     rig_order(&rig, 0, qty > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL,
                               qty > 0 ? qty : -qty, 0),
                     "held", qty > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL, qty > 0 ? qty : -qty,
                     10000);
        walk(seed, seed % 3 == 0 ? 0 : qty > 0 ? -1 : 1);
        run_bars(i == 0);
        if (i == 1) {
            assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
            assert_string_equal(rig.last_notice[NOTICE_ALARM], last);
        }
        alarms = rig.notices[NOTICE_ALARM];
        (void)snprintf(last, sizeof last, "%s", rig.last_notice[NOTICE_ALARM]);
    }
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.bytes, second.bytes, first.size);
    return alarms;
}

static void a_run_of_bars_latches_at_the_same_bar(void **state)
{
    uint32_t told_of = 0, silent = 0;
    uint64_t seed;
    (void)state;
    for (seed = 1; seed <= 120; seed++) {
        uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
        turret_qty qty = rig_between(&random, 2, 90) * 100;
        uint32_t alarms =
            compare_runs(seed, seed % 2 ? qty : -qty, rig_between(&random, 1, 400) * 1000,
                         rig_between(&random, 1, 400) * 1000);
        told_of += alarms;
        silent += alarms == 0;
    }
    assert_in_range(told_of, 100, 400);
    assert_in_range(silent, 5, 100);
    assert_int_equal(compare_runs(1, 0, 0, 10), 0); /* nothing held, nothing lost */
}

/* Never past where it is reached; of what is not positive every loss may be it. */
static void where_it_is_near(void **state)
{
    const struct position *position = rig_account_position(&rig, 0);
    struct equity *equity = &rig.engine->accounts[0].equity;
    const turret_money million = 1000000 * MONEY_ONE, part = (million >> 20) * 20000;
    struct risk_near near;
    (void)state;
    assert_in_range(part, 19000 * MONEY_ONE, 20000 * MONEY_ONE);
    all()->daily_loss = 10000 * MONEY_ONE;
    all()->daily_loss_ppm = 20000;
    all()->drawdown_ppm = 20000;
    near = risk_near(rig.engine, position);
    assert_true(near.floor == million - 10000 * MONEY_ONE && near.depth == (uint64_t)part);
    all()->daily_loss = 20000 * MONEY_ONE;
    assert_true(risk_near(rig.engine, position).floor == million - part);
    all()->daily_loss = RISK_UNSET;
    assert_true(risk_near(rig.engine, position).floor == million - part);
    equity->day_start = equity->peak = equity->now = 0;
    near = risk_near(rig.engine, position);
    assert_true(near.floor == 0 && near.depth == 0);
    equity->day_start = equity->peak = -5;
    near = risk_near(rig.engine, position);
    assert_true(near.floor == -5 && near.depth == 0);
    equity->day_start = 1 << 20;
    assert_true(risk_near(rig.engine, position).floor == (1 << 20) - 20000);
    all()->daily_loss_ppm = all()->drawdown_ppm = RISK_UNSET;
    near = risk_near(rig.engine, position);
    assert_true(near.floor == (1 << 20) - INT64_MAX && near.depth == UINT64_MAX);
    all()->daily_loss = all()->drawdown_ppm = 1;
    rig.engine->account_stopped_by_loss[0] = rig.engine->account_stopped_by_drawdown[0] = true;
    near = risk_near(rig.engine, position);
    assert_true(near.floor == INT64_MIN && near.depth == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(a_run_of_bars_latches_at_the_same_bar),
        RISK_TEST(where_it_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
