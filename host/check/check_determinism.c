/* SPDX-License-Identifier: Apache-2.0 */
/* The same input gives the same output: twice, after a restart, in blocks, beside others. */
#include "check/check_groups.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS    600
#define BLOCK_MAX 1024

static void run_strategy(struct strategy_bench *bench, struct check *check,
                         const struct plugin_offer *offer, struct check_values *values)
{
    struct check_tape tape;
    strategy_bench_init(bench, check, offer, values);
    strategy_bench_start(bench, TURRET_REASON_FIRST);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_run(bench, &tape, EVENTS);
}

static uint64_t state_digest(struct strategy_bench *bench)
{
    struct bench_bytes saved = {0};
    size_t fields_size;
    uint64_t digest;
    strategy_bench_save(bench, &saved, &fields_size);
    digest = check_digest(CHECK_DIGEST_START, saved.bytes, saved.used);
    free(saved.bytes);
    return digest;
}

static uint64_t run_once(struct check *check, const struct plugin_offer *offer,
                         struct check_values *values)
{
    static struct strategy_bench strategy;
    static struct indicator_bench indicator;
    struct check_tape tape;
    uint64_t digest;
    if (offer->kind == TURRET_KIND_STRATEGY) {
        run_strategy(&strategy, check, offer, values);
        digest = strategy.digest ^ state_digest(&strategy) * 3;
        strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
        return digest;
    }
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    indicator_bench_begin(&indicator, check, offer, values);
    indicator_bench_run(&indicator, &tape, EVENTS);
    indicator_bench_finish(&indicator);
    return indicator.digest;
}

/* Twice here; and in two processes, whose remarks the runner compares. */
void check_determinism_same(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    uint64_t first;
    check_values_begin(&values, check, offer);
    first = run_once(check, offer, &values);
    if (run_once(check, offer, &values) != first)
        check_fail(check, "the same events twice, and it did something else the second time");
    check_remark(check, "digest %016llx", (unsigned long long)first);
}

/* Two instances in turn on the same events do what one does alone: no state outside the state. */
static void beside_strategy(struct check *check, const struct plugin_offer *offer,
                            struct check_values *values)
{
    static struct strategy_bench alone, a, b;
    struct check_tape tape;
    run_strategy(&alone, check, offer, values);
    strategy_bench_init(&a, check, offer, values);
    strategy_bench_init(&b, check, offer, values);
    strategy_bench_start(&a, TURRET_REASON_FIRST);
    strategy_bench_start(&b, TURRET_REASON_FIRST);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    for (int i = 0; i < EVENTS; i++) {
        struct check_tape other = tape;
        strategy_bench_run(&a, &tape, 1);
        strategy_bench_run(&b, &other, 1);
    }
    if (a.digest != alone.digest || b.digest != alone.digest)
        check_fail(check, "two instances disturb each other: state outside turret_self()");
}

static void beside_indicator(struct check *check, const struct plugin_offer *offer,
                             struct check_values *values)
{
    struct indicator_bench alone, a, b;
    struct check_tape tape;
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    indicator_bench_begin(&alone, check, offer, values);
    indicator_bench_run(&alone, &tape, EVENTS);
    indicator_bench_begin(&a, check, offer, values);
    indicator_bench_begin(&b, check, offer, values);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    for (int i = 0; i < EVENTS; i++) {
        struct check_tape other = tape;
        indicator_bench_run(&a, &tape, 1);
        indicator_bench_run(&b, &other, 1);
    }
    if (a.digest != alone.digest || b.digest != alone.digest)
        check_fail(check, "two instances disturb each other: state outside the host's block");
}

void check_determinism_instances(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    check_values_begin(&values, check, offer);
    if (offer->kind == TURRET_KIND_STRATEGY)
        beside_strategy(check, offer, &values);
    else
        beside_indicator(check, offer, &values);
}

/* Saved half-way and carried on by a new instance: from there on the same requests and state. */
void check_determinism_resume(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench whole, first, second;
    struct bench_bytes saved = {0};
    struct check_tape tape, same;
    struct turret_error why;
    size_t fields_size;
    check_values_begin(&values, check, offer);
    strategy_bench_init(&whole, check, offer, &values);
    strategy_bench_start(&whole, TURRET_REASON_FIRST);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_run(&whole, &tape, EVENTS / 2);
    whole.digest = CHECK_DIGEST_START;
    strategy_bench_run(&whole, &tape, EVENTS / 2);

    strategy_bench_init(&first, check, offer, &values);
    strategy_bench_start(&first, TURRET_REASON_FIRST);
    check_tape_begin(&same, check->seed, SCENE_ORDINARY);
    strategy_bench_run(&first, &same, EVENTS / 2);
    strategy_bench_save(&first, &saved, &fields_size);
    strategy_bench_init(&second, check, offer, &values);
    strategy_bench_take_over(&second, &first);
    if (strategy_bench_restore(&second, &saved, fields_size, &why))
        check_fail(check, "load refuses what save gave: %s", why.text);
    strategy_bench_start(&second, TURRET_REASON_RESTART);
    strategy_bench_run(&second, &same, EVENTS / 2);
    if (second.digest != whole.digest)
        check_fail(check, "after a restart half-way it asks for something else than without");
    if (state_digest(&second) != state_digest(&whole))
        check_fail(check, "after a restart half-way its saved state ends differently");
}

/* ---- blocks ---- */

struct columns {
    double open[BLOCK_MAX], high[BLOCK_MAX], low[BLOCK_MAX], close[BLOCK_MAX], volume[BLOCK_MAX];
    turret_time_ns time[BLOCK_MAX];
    double expected[TURRET_OUTPUTS_MAX][BLOCK_MAX], got[TURRET_OUTPUTS_MAX][BLOCK_MAX];
};

static void by_blocks(struct check *check, struct indicator_bench *bench, struct columns *c,
                      uint32_t size)
{
    uint32_t at = 0, warming = 0;
    while (at < BLOCK_MAX) {
        uint32_t count = size < BLOCK_MAX - at ? size : BLOCK_MAX - at;
        struct turret_block block = {(uint32_t)sizeof block, count,       c->open + at,
                                     c->high + at,           c->low + at, c->close + at,
                                     c->volume + at,         c->time + at};
        double *out[TURRET_OUTPUTS_MAX];
        int32_t answer;
        for (uint32_t o = 0; o < TURRET_OUTPUTS_MAX; o++)
            out[o] = o < bench->type->output_count ? c->got[o] + at : NULL;
        check_stage(check, "update_block");
        answer = bench->type->update_block(bench->state, &block, out);
        check_stage(check, "");
        if (answer < 0 || (uint32_t)answer > count)
            check_fail(check, "update_block of %u bars answers %d", count, answer);
        warming += (uint32_t)answer;
        at += count;
    }
    if (warming != bench->lookback && warming < BLOCK_MAX)
        check_fail(check, "by blocks of %u it warms up %u bars, lookback says %u", size, warming,
                   bench->lookback);
}

void check_determinism_batch(struct check *check, const struct plugin_offer *offer)
{
    static const uint32_t sizes[] = {1, 2, 3, 7, 64, 256, BLOCK_MAX};
    static struct check_values values;
    static struct columns c;
    struct indicator_bench bench;
    struct check_tape tape;
    if (!offer->indicator.update_block) {
        check_skip(check, "it has no update_block");
        return;
    }
    check_values_begin(&values, check, offer);
    indicator_bench_begin(&bench, check, offer, &values);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    for (uint32_t i = 0; i < BLOCK_MAX; i++) {
        struct turret_bar bar = check_tape_next(&tape, 1);
        struct turret_candle candle = check_tape_candle(&bar);
        c.open[i] = candle.open;
        c.high[i] = candle.high;
        c.low[i] = candle.low;
        c.close[i] = candle.close;
        c.volume[i] = candle.volume;
        c.time[i] = candle.time;
        indicator_bench_feed(&bench, &candle);
        for (uint32_t o = 0; o < TURRET_OUTPUTS_MAX; o++)
            c.expected[o][i] = bench.out[o];
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        indicator_bench_begin(&bench, check, offer, &values);
        by_blocks(check, &bench, &c, sizes[s]);
        for (uint32_t o = 0; o < bench.type->output_count; o++)
            for (uint32_t i = bench.lookback; i < BLOCK_MAX; i++)
                if (memcmp(&c.got[o][i], &c.expected[o][i], sizeof(double)) != 0)
                    check_fail(check, "by blocks of %u bar %u gives %.17g, one by one %.17g",
                               sizes[s], i, c.got[o][i], c.expected[o][i]);
    }
}
