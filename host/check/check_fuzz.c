/* SPDX-License-Identifier: Apache-2.0 */
/* Random events and random lives; the same seed gives the same ones. */
#include "check/check_groups.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#include <stdlib.h>

#define EVENTS 5000
#define LIVES  400

/* Mostly near the market, sometimes at an edge. Not negative: the host drops such events. */
static int64_t number(uint64_t *random)
{
    static const int64_t edges[] = {0, 1, 2, INT32_MAX, INT64_MAX / 4, INT64_MAX / 8, 100, 999999};
    if (check_random(random) % 8)
        return check_between(random, 1, 20000);
    return edges[check_random(random) % (sizeof edges / sizeof edges[0])];
}

static struct turret_bar random_bar(uint64_t *random, turret_time_ns time)
{
    struct turret_bar bar = {.instrument = 1 + (uint32_t)(check_random(random) % 2),
                             .timeframe_ns = TAPE_MINUTE};
    turret_price a = number(random), b = number(random);
    bar.time = time + check_between(random, 0, 10) * TAPE_MINUTE;
    bar.low = a < b ? a : b;
    bar.high = a < b ? b : a;
    bar.open = check_between(random, bar.low, bar.high);
    bar.close = check_between(random, bar.low, bar.high);
    bar.volume = number(random);
    return bar;
}

static void random_event(struct strategy_bench *bench, uint64_t *random)
{
    const struct turret_strategy_type *type = bench->type;
    struct turret_bar bar = random_bar(random, bench->now);
    const struct turret_level level = {.instrument = bar.instrument,
                                       .side = (uint8_t)(1 + check_random(random) % 2),
                                       .action = (uint8_t)(1 + check_random(random) % 2),
                                       .last = (uint8_t)(check_random(random) % 2),
                                       .time = bench->now,
                                       .price = bar.close,
                                       .qty = bar.volume};
    const struct turret_status status = {bar.instrument, 1 + (uint32_t)(check_random(random) % 3),
                                         bench->now};
    check_stage(bench->check, "on_level");
    if (type->on_level && check_random(random) % 2)
        type->on_level(&bench->handle, &level);
    check_stage(bench->check, "on_status");
    if (type->on_status && check_random(random) % 8 == 0)
        type->on_status(&bench->handle, &status);
    strategy_bench_bar(bench, &bar);
}

void check_fuzz_events(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench strategy;
    struct indicator_bench indicator;
    struct check_tape tape;
    uint64_t random = check->seed * 2 + 1;
    check_values_begin(&values, check, offer);
    if (offer->kind == TURRET_KIND_INDICATOR) {
        indicator_bench_begin(&indicator, check, offer, &values);
        for (int i = 0; i < EVENTS; i++) {
            struct turret_bar bar = random_bar(&random, TAPE_START + i * TAPE_MINUTE);
            struct turret_candle candle = check_tape_candle(&bar);
            indicator_bench_feed(&indicator, &candle);
        }
        indicator_bench_finish(&indicator);
        return;
    }
    strategy_bench_init(&strategy, check, offer, &values);
    strategy_bench_start(&strategy, TURRET_REASON_FIRST);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_run(&strategy, &tape, 10);
    for (int i = 0; i < EVENTS; i++)
        random_event(&strategy, &random);
    strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
}

/* Starts, events, saves, stops and restarts in any order that a host may choose. */
void check_fuzz_life(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench bench, before;
    struct bench_bytes saved = {0};
    struct check_tape tape;
    struct turret_error why;
    uint64_t random = check->seed * 2 + 1;
    size_t fields_size;
    check_values_begin(&values, check, offer);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_init(&bench, check, offer, &values);
    strategy_bench_start(&bench, TURRET_REASON_FIRST);
    for (int i = 0; i < LIVES; i++) {
        uint32_t reason = check_random(&random) % 2 ? TURRET_REASON_RESTART : TURRET_REASON_SWAP_IN;
        tape.scene = (enum check_scene)(check_random(&random) % SCENE_COUNT);
        strategy_bench_run(&bench, &tape, (uint32_t)(check_random(&random) % 20));
        if (check_random(&random) % 4)
            continue;
        strategy_bench_save(&bench, &saved, &fields_size);
        before = bench;
        strategy_bench_finish(&bench, TURRET_REASON_SWAP_OUT);
        strategy_bench_init(&bench, check, offer, &values);
        strategy_bench_take_over(&bench, &before);
        if (strategy_bench_restore(&bench, &saved, fields_size, &why))
            check_fail(check, "load refuses what save gave: %s", why.text);
        strategy_bench_start(&bench, reason);
    }
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
    free(saved.bytes);
}
