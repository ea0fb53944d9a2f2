/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives changes of code: one build of a plugin moves in at a time, and everything that runs
 * another build of the same plugin moves to it step by step. What does not work out leaves the old
 * build where it is and says why.
 */
#include "session/live_move.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct live_outcome *live_swap_outcome(struct live *live, uint64_t number)
{
    struct live_outcome *outcome = &live->swaps.outcomes[number % LIVE_SWAP_TOLD];
    return number && outcome->number == number ? outcome : NULL;
}

static const char *version_of(const struct plugin *plugin)
{
    return plugin->file.note.version;
}

/* The core rolled back by itself: the registry follows. */
void live_swap_take_rollbacks(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    for (i = 0; i < swaps->rolled_back_count; i++) {
        const struct event_swap *swap = &swaps->rolled_back[i];
        struct live_move *move = swap->kind == TURRET_KIND_INDICATOR
                                     ? &swaps->indicators
                                     : &swaps->strategies[swap->target];
        live_swap_follow(live, swap);
        if (move->to)
            move_rolled_back(live, move, swap->reason);
    }
    swaps->rolled_back_count = 0;
}

/* ---- a build moves in ---- */

const struct plugin *live_plugin_of(struct live *live, const char *kind, const char *name)
{
    char whole[64];
    const struct registry_instance *instance;
    (void)snprintf(whole, sizeof whole, "%s %.41s", kind, name);
    instance = registry_find_instance(live->registry, whole);
    return instance ? instance->plugin : NULL;
}

static bool older_build(const struct plugin *plugin, const struct plugin *to)
{
    return plugin && plugin != to && !strcmp(plugin->file.note.id, to->file.note.id);
}

static bool has_kind(const struct plugin *plugin, uint32_t kind)
{
    return (plugin->file.note.kinds & kind) != 0;
}

static bool indicators_of(const struct live *live, const struct plugin *plugin)
{
    return engine_uses_indicators(live->engine, plugin);
}

bool live_swap_names(const char *given, const char *kind, const char *name)
{
    size_t length = strlen(kind);
    return !given[0] || !strcmp(given, name) ||
           (!strncmp(given, kind, length) && given[length] == ' ' &&
            !strcmp(given + length + 1, name));
}

/* Begins what has to move to this build, or (`really` false) only counts it. */
static uint32_t begin_moves(struct live *live, const struct live_next *next, bool really)
{
    struct live_swaps *swaps = &live->swaps;
    const struct plugin *to = next->plugin;
    const struct plugin *named = registry_find_plugin(live->registry, to->file.note.id);
    uint32_t i, count = 0;
    if (named && named != to && has_kind(to, TURRET_KIND_INDICATOR) && indicators_of(live, named) &&
        live_swap_names(next->only, "indicators", to->file.note.id)) {
        if (really)
            move_begin(live, &swaps->indicators, named, to);
        count++;
    }
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const char *name = engine_strategy_name(live->engine, i);
        const struct plugin *from = live_plugin_of(live, "strategy", name);
        if (!older_build(from, to) || !live_swap_names(next->only, "strategy", name))
            continue;
        if (really)
            move_begin(live, &swaps->strategies[i], from, to);
        count++;
    }
    for (i = 0; i < live->config->venue_count; i++) {
        const char *name = live->config->venues[i].name;
        const struct plugin *from = live_plugin_of(live, "venue", name);
        if (!older_build(from, to) || !live_swap_names(next->only, "venue", name))
            continue;
        if (really) {
            swaps->venues[i] = (struct live_move){.from = from, .to = to};
            memcpy(swaps->venues[i].back, next->back, sizeof next->back);
        }
        count++;
    }
    return count;
}

static bool moving(const struct live *live)
{
    const struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    if (swaps->indicators.to)
        return true;
    for (i = 0; i < LIVE_INSTANCES_MAX; i++)
        if (swaps->strategies[i].to)
            return true;
    for (i = 0; i < live->config->venue_count; i++)
        if (swaps->venues[i].to)
            return true;
    return false;
}

/* Somebody has not decided yet between the build it runs and the one that moves in. */
static bool undecided(const struct live *live)
{
    const struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    if (swaps->indicators.to && !swaps->indicators.committed)
        return true;
    for (i = 0; i < LIVE_INSTANCES_MAX; i++)
        if (swaps->strategies[i].to && !swaps->strategies[i].committed)
            return true;
    for (i = 0; i < live->config->venue_count; i++)
        if (swaps->venues[i].to)
            return true;
    return false;
}

static struct live_next take_next(struct live_swaps *swaps)
{
    struct live_next next = swaps->next[0];
    swaps->next_count--;
    memmove(swaps->next, swaps->next + 1, swaps->next_count * sizeof *swaps->next);
    return next;
}

struct search {
    const struct plugin *plugin;
};

static int runs(void *context, const struct registry_instance *instance)
{
    const struct search *search = context;
    return instance->plugin == search->plugin;
}

static bool used(const struct live *live, const struct plugin *plugin)
{
    struct search search = {plugin};
    return registry_each_instance(live->registry, runs, &search) != 0 ||
           engine_uses_indicators(live->engine, plugin);
}

/* The watcher may have been faster than who asks: what became of this build is the answer. */
static uint64_t settled_lately(const struct live *live, const struct live_next *next)
{
    const struct live_swaps *swaps = &live->swaps;
    int64_t since = clock_monotonic_ns() - LIVE_SWAP_LATELY;
    uint64_t newest = 0;
    uint8_t build[32];
    uint32_t i;
    plugin_build_bytes(&next->plugin->file, build);
    for (i = 0; i < LIVE_SWAP_TOLD; i++) {
        const struct live_outcome *outcome = &swaps->outcomes[i];
        if (outcome->moves && outcome->moved > 0 && outcome->told_ns > since &&
            outcome->number > newest && outcome->number != next->number &&
            !memcmp(outcome->build, build, sizeof build) && !strcmp(outcome->only, next->only))
            newest = outcome->number;
    }
    return newest;
}

/* The instance that is named runs this build. */
static bool runs_under(struct live *live, const char *only, const struct plugin *to)
{
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const char *name = engine_strategy_name(live->engine, i);
        if (live_swap_names(only, "strategy", name) && live_plugin_of(live, "strategy", name) == to)
            return true;
    }
    for (i = 0; i < live->config->venue_count; i++) {
        const char *name = live->config->venues[i].name;
        if (live_swap_names(only, "venue", name) && live_plugin_of(live, "venue", name) == to)
            return true;
    }
    return live_swap_names(only, "indicators", to->file.note.id) && indicators_of(live, to);
}

/* It is where it belongs already. */
static void tell_there(struct live *live, const struct live_next *next)
{
    const struct plugin *to = next->plugin;
    struct live_outcome *outcome = live_swap_outcome(live, next->number);
    uint64_t before = settled_lately(live, next);
    bool runs_it = used(live, to);
    if (before && outcome && runs_it)
        outcome->same_as = before;
    else if (next->only[0] && !runs_under(live, next->only, to))
        move_tell(live, next->number, TURRET_ENOTFOUND, "%s runs nothing of %s", next->only,
                  to->file.note.id);
    else if (next->only[0])
        move_tell(live, next->number, TURRET_OK, "%s runs this build of %s %s already", next->only,
                  to->file.note.id, version_of(to));
    else if (runs_it)
        move_tell(live, next->number, TURRET_OK, "%s %s: this build runs already", to->file.note.id,
                  version_of(to));
    else
        move_tell(live, next->number, TURRET_OK, "%s %s is there; nothing that runs uses it",
                  to->file.note.id, version_of(to));
}

/* Nobody has to move to it, or may: a block is said at once, whatever else is under way. */
static bool is_settled(struct live *live, const struct live_next *next)
{
    const struct plugin *to = next->plugin;
    char why[160];
    if (live_is_blocked(live, to, why)) {
        move_tell(live, next->number, TURRET_EDENIED,
                  "%s %s: build %.12s is blocked (%s); turret plugin unblock %.12s lifts it",
                  to->file.note.id, version_of(to), to->file.build_id, why, to->file.build_id);
        return true;
    }
    if (undecided(live) || begin_moves(live, next, false) > 0)
        return false;
    if (!next->only[0] && registry_find_plugin(live->registry, to->file.note.id) != to)
        (void)registry_promote(live->registry, to, NULL);
    tell_there(live, next);
    return true;
}

/* The next staged build, once the one before has settled. A newer one ends its probation. */
static void begin_next(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    struct live_outcome *outcome;
    uint32_t i;
    while (swaps->next_count > 0 && is_settled(live, &swaps->next[0]))
        (void)take_next(swaps);
    if (swaps->next_count == 0)
        return;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        if (swaps->strategies[i].to && swaps->strategies[i].committed)
            move_retire(live, &swaps->strategies[i]);
    if (swaps->indicators.to && swaps->indicators.committed)
        move_retire(live, &swaps->indicators);
    if (moving(live))
        return;
    swaps->current = take_next(swaps);
    outcome = live_swap_outcome(live, swaps->current.number);
    if (outcome) {
        outcome->moves = true;
        plugin_build_bytes(&swaps->current.plugin->file, outcome->build);
    }
    (void)begin_moves(live, &swaps->current, true);
}

/* ---- builds nobody needs any more ---- */

static bool needed(struct live *live, const struct plugin *plugin)
{
    const struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    if (used(live, plugin) || (swaps->indicators.to && (swaps->indicators.from == plugin ||
                                                        swaps->indicators.to == plugin)))
        return true;
    for (i = 0; i < swaps->next_count; i++)
        if (swaps->next[i].plugin == plugin)
            return true;
    for (i = 0; i < LIVE_INSTANCES_MAX; i++)
        if (swaps->strategies[i].to &&
            (swaps->strategies[i].from == plugin || swaps->strategies[i].to == plugin))
            return true;
    for (i = 0; i < CONFIG_VENUES_MAX; i++)
        if (swaps->venues[i].to &&
            (swaps->venues[i].from == plugin || swaps->venues[i].to == plugin))
            return true;
    return false;
}

static void sweep(struct live *live)
{
    struct stage_job job;
    uint32_t i = 0;
    while (i < registry_build_count(live->registry)) {
        const struct plugin *plugin = registry_build(live->registry, i);
        if (needed(live, plugin)) {
            i++;
            continue;
        }
        memset(&job, 0, sizeof job);
        job.discard = live_copies_unneeded(live, plugin);
        (void)snprintf(job.path, sizeof job.path, "%s", plugin->private_path);
        job.unload = registry_take_build(live->registry, plugin);
        if (stage_submit(live->swaps.stage, &job, NULL)) {
            (void)registry_keep_build(live->registry, job.unload, NULL);
            return; /* later */
        }
        live->swaps.staging++;
    }
}

bool live_swap_settled(const struct live *live, const struct live_outcome *outcome)
{
    return outcome->code != TURRET_EBUSY &&
           !(live->swaps.current.plugin && live->swaps.current.number == outcome->number &&
             undecided(live));
}

void live_swap_turn(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    struct stage_job *job;
    uint32_t i;
    if (!swaps->stage || live->simulated_waiting > 0)
        return;
    if (swaps->rolled_back_count > 0)
        live_swap_take_rollbacks(live);
    if (swaps->staging > 0 && (job = malloc(sizeof *job)) != NULL) {
        while (stage_take(swaps->stage, job)) {
            swaps->staging--;
            live_take_staged(live, job);
        }
        free(job);
    }
    live_take_rollbacks(live);
    if (!swaps->current.plugin && swaps->next_count == 0)
        return;
    move_advance(live, &swaps->indicators);
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        move_advance(live, &swaps->strategies[i]);
    move_venues(live);
    begin_next(live);
    if (!moving(live)) {
        swaps->current = (struct live_next){.plugin = NULL};
        sweep(live);
    }
    if (swaps->next_count > 0)
        loop_wake(live->loop);
}

void live_swap_judge(struct live *live)
{
    uint32_t i;
    if (!live->swaps.current.plugin || live->simulated_waiting > 0)
        return;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        (void)move_judge(live, &live->swaps.strategies[i]);
}

bool live_swap_busy(const struct live *live)
{
    return moving(live);
}

void live_swap_finish(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    for (i = 0; i <= engine_strategy_count(live->engine); i++) {
        struct live_move *move =
            i < engine_strategy_count(live->engine) ? &swaps->strategies[i] : &swaps->indicators;
        if (!move->to || move_judge(live, move))
            continue;
        if (move->committed)
            move_retire(live, move);
        else
            move_abort(live, move, TURRET_ESTATE, "something else comes first");
    }
}

void live_swap_catch_up(struct live *live)
{
    uint32_t i;
    live_leave_blocked(live);
    for (i = 0; i < registry_build_count(live->registry); i++) {
        const struct plugin *plugin = registry_build(live->registry, i);
        char why[160];
        if (!live_is_blocked(live, plugin, why))
            live_swap_request_known(live, plugin);
    }
}

/* ---- opening and closing ---- */

static void on_staged(void *context)
{
    loop_wake(context);
}

int live_swap_open(struct live *live, struct turret_error *err)
{
    struct stage_options *options = calloc(1, sizeof *options);
    int status;
    if (!options)
        return turret_fail(err, TURRET_ENOMEM, "no memory to stage plugins");
    (void)snprintf(options->private_dir, sizeof options->private_dir, "%s",
                   registry_private_dir(live->registry));
    (void)snprintf(options->program, sizeof options->program, "%s",
                   live->options.program ? live->options.program : "");
    options->probe_timeout_ms = LIVE_PROBE_MS;
    options->notify = on_staged;
    options->context = live->loop;
    options->at_step = live->options.at_step;
    options->step_context = live->options.context;
    live->swaps.watch = -1;
    status = stage_start(&live->swaps.stage, options, err);
    free(options);
    return status;
}

void live_swap_close(struct live *live)
{
    if (live->swaps.watch >= 0)
        (void)close(live->swaps.watch);
    live->swaps.watch = -1;
    stage_stop(live->swaps.stage);
    live->swaps.stage = NULL;
}
