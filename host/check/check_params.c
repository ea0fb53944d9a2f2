/* SPDX-License-Identifier: Apache-2.0 */
/* What the parameter table allows must be taken, or refused with a text; never anything else. */
#include "check/check_groups.h"
#include "check/check_broker.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#define EVENTS    60
#define FUZZ      200
#define UNKNOWN_1 4000000001u
#define UNKNOWN_2 4000000002u

/* Starts with these values; runs and stops what starts. Answers whether it did. */
static bool try_values(struct check *check, const struct plugin_offer *offer,
                       struct check_values *values)
{
    static struct strategy_bench strategy;
    static struct indicator_bench indicator;
    struct check_tape tape;
    struct turret_error why;
    bool started;
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    if (offer->kind == TURRET_KIND_STRATEGY) {
        strategy_bench_init(&strategy, check, offer, values);
        strategy.any_quantity = true;
        started = strategy_bench_try_start(&strategy, TURRET_REASON_FIRST, &why) == TURRET_OK;
        if (started)
            strategy_bench_run(&strategy, &tape, EVENTS);
        strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
        return started;
    }
    if (offer->kind == TURRET_KIND_INDICATOR) {
        indicator_bench_init(&indicator, check, offer, values);
        started = indicator_bench_try_start(&indicator, &why) == TURRET_OK;
        if (started)
            indicator_bench_run(&indicator, &tape, EVENTS);
        indicator_bench_finish(&indicator);
        return started;
    }
    return broker_bench_try(check, offer, values);
}

/* A refused default is no default. Adapters may need to be told where their venue is. */
void check_params_defaults(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    uint64_t random = check->seed | 1;
    check_values_begin(&values, check, offer);
    for (uint32_t i = 0; i < values.count; i++)
        check_values_set(&values, i, CHECK_VALUE_DEFAULT, &random);
    if (!try_values(check, offer, &values) && offer->kind != TURRET_KIND_BROKER)
        check_fail(check, "its own defaults are refused");
}

void check_params_bounds(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    uint64_t random = check->seed | 1;
    uint32_t refused = 0;
    check_values_begin(&values, check, offer);
    for (uint32_t i = 0; i < values.count; i++) {
        check_values_set(&values, i, CHECK_VALUE_MIN, &random);
        refused += !try_values(check, offer, &values);
        check_values_set(&values, i, CHECK_VALUE_MAX, &random);
        refused += !try_values(check, offer, &values);
        check_values_set(&values, i, CHECK_VALUE_DEFAULT, &random);
    }
    if (refused)
        check_remark(check, "%u of %u bounds are refused beside the other defaults", refused,
                     2 * values.count);
}

/* A host that knows more parameters passes them all; what is not known changes nothing. */
void check_params_unknown(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench plain, more;
    struct check_tape tape;
    check_values_begin(&values, check, offer);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_init(&plain, check, offer, &values);
    strategy_bench_start(&plain, TURRET_REASON_FIRST);
    strategy_bench_run(&plain, &tape, EVENTS);
    values.bound[values.count++] =
        (struct turret_param_value){UNKNOWN_1, TURRET_PARAM_TYPE_INT, 7, 7.0, NULL};
    values.bound[values.count++] =
        (struct turret_param_value){UNKNOWN_2, TURRET_PARAM_TYPE_TEXT, 0, 0, "unknown"};
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_init(&more, check, offer, &values);
    strategy_bench_start(&more, TURRET_REASON_FIRST);
    strategy_bench_run(&more, &tape, EVENTS);
    if (more.digest != plain.digest)
        check_fail(check, "two parameters it does not have change what it does");
    strategy_bench_finish(&more, TURRET_REASON_SHUTDOWN);
    strategy_bench_finish(&plain, TURRET_REASON_SHUTDOWN);
}

void check_params_fuzz(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    uint64_t random = check->seed * 2 + 1;
    uint32_t refused = 0;
    check_values_begin(&values, check, offer);
    if (values.count == 0) {
        check_skip(check, "it has no parameters");
        return;
    }
    for (int round = 0; round < FUZZ; round++) {
        for (uint32_t i = 0; i < values.count; i++)
            check_values_set(&values, i,
                             check_random(&random) % 4 ? CHECK_VALUE_RANDOM : CHECK_VALUE_DEFAULT,
                             &random);
        refused += !try_values(check, offer, &values);
    }
    if (refused == FUZZ)
        check_remark(check, "all %d combinations are refused", FUZZ);
}
