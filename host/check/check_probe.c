/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe of a hot swap: what must hold before a new build is loaded beside the old one. Quick,
 * so that a swap does not wait; everything else is for the person who makes the plugin.
 */
#include "check/check_groups.h"
#include "check/check_broker.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#define EVENTS 200

void check_probe_file(struct check *check)
{
    check_elf_exports(check);
    check_elf_tls(check);
    check_elf_textrel(check);
    check_elf_imports(check);
    check_elf_note(check);
}

static void smoke(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench strategy;
    struct indicator_bench indicator;
    struct check_tape tape;
    check_values_begin(&values, check, offer);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    if (offer->kind == TURRET_KIND_STRATEGY) {
        strategy_bench_init(&strategy, check, offer, &values);
        strategy_bench_start(&strategy, TURRET_REASON_SWAP_IN);
        strategy_bench_run(&strategy, &tape, EVENTS);
        strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
    } else if (offer->kind == TURRET_KIND_INDICATOR) {
        indicator_bench_begin(&indicator, check, offer, &values);
        indicator_bench_run(&indicator, &tape, EVENTS);
        indicator_bench_finish(&indicator);
    } else {
        (void)broker_bench_try(check, offer, &values);
    }
}

void check_probe_run(struct check *check)
{
    struct plugin *plugin = check_load(check);
    for (uint32_t i = 0; i < plugin->offer_count; i++)
        smoke(check, &plugin->offers[i]);
    check_stage(check, "deinit");
    plugin_unload(plugin);
}
