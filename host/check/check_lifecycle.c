/* SPDX-License-Identifier: Apache-2.0 */
/* Instances come and go: started, fed, stopped, a thousand times, and in the wrong state. */
#include "check/check_groups.h"
#include "check/check_broker.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#include <malloc.h>

#define EVENTS      600
#define EVENTS_MORE 20 /* of each of the thousand */
#define LIVES       1000
#define LIVES_FIRST 50 /* what these keep is a cache, not a leak */
#define LEAK_BYTES  4096

/* One whole life with default parameters. */
static void live(struct check *check, const struct plugin_offer *offer, struct check_values *values,
                 uint32_t events)
{
    static struct strategy_bench strategy;
    static struct indicator_bench indicator;
    struct check_tape tape;
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    if (offer->kind == TURRET_KIND_STRATEGY) {
        strategy_bench_init(&strategy, check, offer, values);
        strategy_bench_start(&strategy, TURRET_REASON_FIRST);
        strategy_bench_run(&strategy, &tape, events);
        if (events == EVENTS)
            check_remark(check, "%llu requests", (unsigned long long)strategy.intents);
        strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
    } else if (offer->kind == TURRET_KIND_INDICATOR) {
        indicator_bench_begin(&indicator, check, offer, values);
        indicator_bench_run(&indicator, &tape, events);
        indicator_bench_finish(&indicator);
    } else {
        broker_bench_live(check, offer, values);
    }
}

void check_lifecycle_start(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    check_values_begin(&values, check, offer);
    live(check, offer, &values, 0);
}

void check_lifecycle_events(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    check_values_begin(&values, check, offer);
    live(check, offer, &values, EVENTS);
}

static size_t kept(void)
{
    struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

void check_lifecycle_repeat(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    size_t before = 0, after;
    if (CHECK_SANITIZED) {
        check_skip(check, "this build's allocator does not count");
        return;
    }
    check_values_begin(&values, check, offer);
    for (int i = 0; i < LIVES; i++) {
        if (i == LIVES_FIRST)
            before = kept();
        live(check, offer, &values, EVENTS_MORE);
    }
    after = kept();
    if (after > before + LEAK_BYTES)
        check_fail(check, "%zu bytes are left after %d instances came and went", after - before,
                   LIVES - LIVES_FIRST);
}

static void foreign_events(struct check *check, struct strategy_bench *bench)
{
    const struct turret_strategy_type *type = bench->type;
    const struct turret_order order = {.struct_size = (uint32_t)sizeof order,
                                       .instrument = 1,
                                       .id = 77,
                                       .side = TURRET_SIDE_SELL,
                                       .type = TURRET_ORDER_LIMIT,
                                       .tif = TURRET_TIF_GTC,
                                       .state = TURRET_STATE_DENIED,
                                       .denial = UINT32_MAX,
                                       .qty = 1};
    const struct turret_fill fill = {.struct_size = (uint32_t)sizeof fill,
                                     .instrument = 99,
                                     .order_id = 77,
                                     .fill_id = 1,
                                     .side = TURRET_SIDE_BUY,
                                     .qty = 1,
                                     .price = 1};
    check_stage(check, "on_order of another's order");
    if (type->on_order)
        type->on_order(&bench->handle, &order);
    check_stage(check, "on_fill of another's order");
    if (type->on_fill)
        type->on_fill(&bench->handle, &fill);
    check_stage(check, "on_timer it never set");
    if (type->on_timer)
        type->on_timer(&bench->handle, 7, bench->now);
}

/* Every reason to stop; events that are not its own; stopping what never saw an event. */
static void wrong_strategy(struct check *check, const struct plugin_offer *offer,
                           struct check_values *values)
{
    static struct strategy_bench bench;
    const struct turret_strategy_type *type = &offer->strategy;
    struct check_tape tape;
    for (uint32_t reason = TURRET_REASON_FIRST; reason <= TURRET_REASON_COMMAND; reason++) {
        strategy_bench_init(&bench, check, offer, values);
        strategy_bench_start(&bench, reason);
        strategy_bench_finish(&bench, reason);
    }
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_init(&bench, check, offer, values);
    strategy_bench_start(&bench, TURRET_REASON_FIRST);
    strategy_bench_run(&bench, &tape, EVENTS_MORE);
    foreign_events(check, &bench);
    check_stage(check, "on_stop, then on_start");
    if (type->on_stop)
        type->on_stop(&bench.handle, TURRET_REASON_COMMAND);
    strategy_bench_start(&bench, TURRET_REASON_COMMAND);
    strategy_bench_run(&bench, &tape, EVENTS_MORE);
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

/* start() on a state that ran already must begin anew once it is zeroed. */
static void wrong_indicator(struct check *check, const struct plugin_offer *offer,
                            struct check_values *values)
{
    struct indicator_bench bench, again;
    struct check_tape tape;
    indicator_bench_begin(&bench, check, offer, values);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    indicator_bench_run(&bench, &tape, EVENTS);
    indicator_bench_begin(&again, check, offer, values);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    indicator_bench_run(&again, &tape, EVENTS);
    if (again.digest != bench.digest)
        check_fail(check, "a second instance remembers the first: its values differ");
    indicator_bench_finish(&again);
    indicator_bench_finish(&bench);
}

void check_lifecycle_wrong_state(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    check_values_begin(&values, check, offer);
    if (offer->kind == TURRET_KIND_STRATEGY)
        wrong_strategy(check, offer, &values);
    else
        wrong_indicator(check, offer, &values);
}
