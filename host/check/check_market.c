/* SPDX-License-Identifier: Apache-2.0 */
/* Markets as they should not be: whatever they say, a plugin stands and its numbers are finite. */
#include "check/check_groups.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#define ORDINARY 150 /* until every usual indicator is ready */
#define HOSTILE  400

/* Events that no bar brings: other instruments, one-sided quotes, halts, empty books. */
static void odd_events(struct strategy_bench *bench, enum check_scene scene)
{
    const struct turret_strategy_type *type = bench->type;
    const struct turret_quote quote = {.instrument = 1, .time = bench->now, .bid = 0, .ask = 0};
    const struct turret_trade trade = {
        .instrument = 1, .time = bench->now, .price = scene == SCENE_ABSURD ? INT64_MAX / 4 : 1};
    const struct turret_level level = {.instrument = 1,
                                       .side = TURRET_SIDE_BUY,
                                       .action = TURRET_LEVEL_CLEAR,
                                       .last = 1,
                                       .time = bench->now};
    const struct turret_status status = {
        .instrument = 1, .status = TURRET_STATUS_HALTED, .time = bench->now};
    check_stage(bench->check, "on_quote of an empty book");
    if (type->on_quote)
        type->on_quote(&bench->handle, &quote);
    check_stage(bench->check, "on_trade of nothing");
    if (type->on_trade)
        type->on_trade(&bench->handle, &trade);
    check_stage(bench->check, "on_level that clears a side");
    if (type->on_level)
        type->on_level(&bench->handle, &level);
    check_stage(bench->check, "on_status that halts");
    if (type->on_status)
        type->on_status(&bench->handle, &status);
}

void check_market(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench strategy;
    static struct indicator_bench indicator;
    enum check_scene scene = (enum check_scene)check->row->variant;
    struct check_tape tape;
    check_values_begin(&values, check, offer);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    if (offer->kind == TURRET_KIND_STRATEGY) {
        strategy_bench_init(&strategy, check, offer, &values);
        strategy_bench_start(&strategy, TURRET_REASON_FIRST);
        strategy_bench_run(&strategy, &tape, ORDINARY);
        tape.scene = scene;
        strategy_bench_run(&strategy, &tape, HOSTILE);
        odd_events(&strategy, scene);
        tape.scene = SCENE_ORDINARY;
        strategy_bench_run(&strategy, &tape, ORDINARY);
        strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
        return;
    }
    indicator_bench_begin(&indicator, check, offer, &values);
    indicator_bench_run(&indicator, &tape, ORDINARY);
    tape.scene = scene;
    indicator_bench_run(&indicator, &tape, HOSTILE);
    tape.scene = SCENE_ORDINARY;
    indicator_bench_run(&indicator, &tape, ORDINARY);
    indicator_bench_finish(&indicator);
    indicator_bench_begin(&indicator, check, offer, &values);
    check_tape_begin(&tape, check->seed, scene); /* from the first bar on */
    indicator_bench_run(&indicator, &tape, HOSTILE);
    indicator_bench_finish(&indicator);
}
