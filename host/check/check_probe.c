/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe of a hot swap: what must hold before a new build is loaded beside the old one. Quick,
 * so that a swap does not wait; everything else is for the person who makes the plugin.
 */
#include "check/check_groups.h"
#include "check/check_broker.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"
#include "core/saved_state.h"
#include "plugin/whole_file.h"

#include <stdlib.h>

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

static struct strategy_bench heir; /* what takes over a saved state */

/* The bench's handle is the one its host functions know. */
static int32_t load_on_bench(struct turret_strategy *self, struct turret_stream *stream,
                             struct turret_error *err)
{
    (void)self;
    return heir.type->load(&heir.handle, stream, err);
}

/*
 * Into an incarnation that never starts. A schema that this build does not read may still be
 * converted by the build that saved it, which only the host has: that is no failure here.
 */
static int take_state(struct check *check, const struct plugin_offer *offer,
                      const struct whole_file *state, struct turret_error *why)
{
    static struct check_values values;
    static struct strategy owner;
    struct turret_strategy_type type = offer->strategy;
    struct incarnation incarnation = {.owner = &owner, .type = &type};
    struct unpack in = {state->bytes, state->bytes + state->size_bytes, why};
    int status;
    check_values_begin(&values, check, offer);
    strategy_bench_init(&heir, check, offer, &values);
    (void)snprintf(owner.name, sizeof owner.name, "%.40s", type.id);
    incarnation.handle.state = heir.handle.state;
    type.load = type.load ? load_on_bench : NULL;
    check_stage(check, "load");
    status = saved_state_take(&in, &incarnation, NULL, why);
    check_stage(check, "");
    strategy_bench_finish(&heir, TURRET_REASON_SHUTDOWN);
    return status;
}

/* The state does not say whose it is: one of the strategies has to take it. */
void check_probe_state(struct check *check)
{
    struct turret_error first = {0};
    struct whole_file state;
    struct plugin *plugin;
    bool taken = false;
    if (!check->state[0]) {
        check_skip(check, "no --state is given");
        return;
    }
    if (whole_file_read(&state, check->state, "a saved state", 1u << 30, &first))
        check_fail(check, "%s", first.text);
    plugin = check_load(check);
    for (uint32_t i = 0; !taken && i < plugin->offer_count; i++) {
        struct turret_error why = {0};
        int status = TURRET_EVERSION;
        if (plugin->offers[i].kind == TURRET_KIND_STRATEGY)
            status = take_state(check, &plugin->offers[i], &state, &why);
        taken = status == TURRET_OK || status == TURRET_EVERSION;
        if (!taken && !first.code)
            (void)turret_fail(&first, status, "%s", why.text);
    }
    free(state.bytes);
    if (!taken && first.code)
        check_fail(check, "%s", first.text);
    check_stage(check, "deinit");
    plugin_unload(plugin);
}
