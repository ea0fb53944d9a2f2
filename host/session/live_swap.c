/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives changes of code: one build of a plugin moves in at a time, and everything that runs
 * another build of the same plugin moves to it step by step. What does not work out leaves the old
 * build where it is and says why.
 */
#include "session/live_move.h"

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
static void take_rollbacks(struct live *live)
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

static const struct plugin *plugin_of(struct live *live, const char *kind, const char *name)
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

static uint32_t begin_moves(struct live *live, const struct plugin *to, const struct plugin *named)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i, begun = 0;
    if (named && named != to && has_kind(to, TURRET_KIND_INDICATOR) && indicators_of(live, named)) {
        move_begin(live, &swaps->indicators, named, to);
        begun++;
    }
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const struct plugin *from =
            plugin_of(live, "strategy", engine_strategy_name(live->engine, i));
        if (!older_build(from, to))
            continue;
        move_begin(live, &swaps->strategies[i], from, to);
        begun++;
    }
    for (i = 0; i < live->config->venue_count; i++) {
        const struct plugin *from = plugin_of(live, "venue", live->config->venues[i].name);
        if (!older_build(from, to))
            continue;
        swaps->venues[i] = (struct live_move){.from = from, .to = to};
        begun++;
    }
    return begun;
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

/* The next staged build, once the one before has settled. A newer one ends its probation. */
static void begin_next(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    const struct plugin *named, *to;
    uint8_t build[32];
    char why[160];
    uint32_t i;
    if (swaps->next_count == 0)
        return;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        if (swaps->strategies[i].to && swaps->strategies[i].committed)
            move_retire(live, &swaps->strategies[i]);
    if (swaps->indicators.to && swaps->indicators.committed)
        move_retire(live, &swaps->indicators);
    if (moving(live))
        return;
    to = swaps->current = swaps->next[0];
    swaps->current_number = swaps->next_number[0];
    swaps->next_count--;
    memmove(swaps->next, swaps->next + 1, swaps->next_count * sizeof *swaps->next);
    memmove(swaps->next_number, swaps->next_number + 1,
            swaps->next_count * sizeof *swaps->next_number);
    plugin_build_bytes(&to->file, build);
    if (live_is_blocked(live, build, why)) {
        move_tell(live, swaps->current_number, TURRET_EDENIED,
                  "%s: build %.12s is blocked (%s); turret plugin unblock %.12s lifts it",
                  to->file.path, to->file.build_id, why, to->file.build_id);
        return;
    }
    named = registry_find_plugin(live->registry, to->file.note.id);
    if (begin_moves(live, to, named) == 0) {
        if (named != to)
            (void)registry_promote(live->registry, to, NULL);
        move_tell(live, swaps->current_number, TURRET_OK,
                  "%s %s is there; nothing that runs uses it", to->file.note.id, version_of(to));
    }
}

/* ---- builds nobody needs any more ---- */

struct search {
    const struct plugin *plugin;
};

static int runs(void *context, const struct registry_instance *instance)
{
    const struct search *search = context;
    return instance->plugin == search->plugin;
}

static bool needed(struct live *live, const struct plugin *plugin)
{
    const struct live_swaps *swaps = &live->swaps;
    struct search search = {plugin};
    uint32_t i;
    if (registry_each_instance(live->registry, runs, &search) ||
        engine_uses_indicators(live->engine, plugin) ||
        (swaps->indicators.to &&
         (swaps->indicators.from == plugin || swaps->indicators.to == plugin)))
        return true;
    for (i = 0; i < swaps->next_count; i++)
        if (swaps->next[i] == plugin)
            return true;
    for (i = 0; i < LIVE_INSTANCES_MAX; i++)
        if (swaps->strategies[i].to &&
            (swaps->strategies[i].from == plugin || swaps->strategies[i].to == plugin))
            return true;
    for (i = 0; i < 16; i++)
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
        job.unload = registry_take_build(live->registry, plugin);
        if (stage_submit(live->swaps.stage, &job, NULL)) {
            (void)registry_keep_build(live->registry, job.unload, NULL);
            return; /* later */
        }
        live->swaps.staging++;
    }
}

/* ---- what the stage brings ---- */

static void queue(struct live *live, const struct plugin *plugin, uint64_t number)
{
    struct live_swaps *swaps = &live->swaps;
    if (swaps->next_count == LIVE_SWAP_BUILDS) {
        move_tell(live, number, TURRET_ELIMIT, "%s: %d new builds wait already", plugin->file.path,
                  LIVE_SWAP_BUILDS);
        return;
    }
    swaps->next[swaps->next_count] = plugin;
    swaps->next_number[swaps->next_count++] = number;
}

/* Its code is in memory: a build that runs or ran, or one that could not be unloaded. */
static void take_known(struct live *live, const struct stage_job *job, uint64_t number)
{
    const struct plugin *plugin = registry_find_build(live->registry, job->build);
    struct stage_job *again;
    if (plugin && registry_find_plugin(live->registry, plugin->file.note.id) == plugin &&
        live->swaps.next_count == 0 && !live->swaps.current) {
        move_tell(live, number, TURRET_OK, "%s: this build runs already", job->path);
        return;
    }
    if (plugin) {
        queue(live, plugin, number);
        return;
    }
    again = malloc(sizeof *again);
    if (!again)
        return;
    *again = *job;
    again->force = true;
    again->known = false;
    if (stage_submit(live->swaps.stage, again, NULL) == TURRET_OK)
        live->swaps.staging++;
    free(again);
}

static void take_staged(struct live *live, struct stage_job *job)
{
    struct live_swaps *swaps = &live->swaps;
    uint64_t number = (uint64_t)(uintptr_t)job->context;
    struct turret_error why = {0};
    if (job->unload) {
        swaps->unloaded += !job->still_mapped;
        swaps->still_mapped += job->still_mapped;
        return;
    }
    if (job->error.code) {
        move_tell(live, number, job->error.code, "%s%s", job->error.text,
                  job->unfinished ? "; waiting for it to be finished" : "");
        return;
    }
    if (job->known) {
        take_known(live, job, number);
        return;
    }
    if (!job->plugin || registry_keep_build(live->registry, job->plugin, &why)) {
        move_tell(live, number, TURRET_ELIMIT, "%s: %s", job->path, why.text);
        plugin_unload(job->plugin);
        return;
    }
    queue(live, job->plugin, number);
}

static int request(struct live *live, const char *path, uint32_t dir_index, bool try_known,
                   uint64_t *number, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    struct live_outcome *outcome;
    struct stage_job *job = calloc(1, sizeof *job);
    int status;
    if (!job)
        return turret_fail(err, TURRET_ENOMEM, "no memory to stage %s", path);
    (void)snprintf(job->path, sizeof job->path, "%s", path);
    status = assemble_policy(live->config, dir_index, &job->policy, err);
    *number = ++swaps->numbers;
    outcome = &swaps->outcomes[*number % LIVE_SWAP_TOLD];
    *outcome = (struct live_outcome){.number = *number, .code = TURRET_EBUSY};
    (void)snprintf(outcome->path, sizeof outcome->path, "%s", path);
    (void)snprintf(outcome->text, sizeof outcome->text, "being checked and loaded");
    job->context = (void *)(uintptr_t)*number;
    job->try_known = try_known;
    if (!status)
        status = stage_submit(swaps->stage, job, err);
    swaps->staging += !status;
    free(job);
    return status;
}

int live_swap_request(struct live *live, const char *path, uint32_t dir_index, uint64_t *number,
                      struct turret_error *err)
{
    return request(live, path, dir_index, false, number, err);
}

void live_swap_turn(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    struct stage_job *job;
    uint32_t i;
    if (!swaps->stage || live->simulated_waiting > 0)
        return;
    if (swaps->rolled_back_count > 0)
        take_rollbacks(live);
    if (swaps->staging > 0 && (job = malloc(sizeof *job)) != NULL) {
        while (stage_take(swaps->stage, job)) {
            swaps->staging--;
            take_staged(live, job);
        }
        free(job);
    }
    if (!swaps->current && swaps->next_count == 0)
        return;
    move_advance(live, &swaps->indicators);
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        move_advance(live, &swaps->strategies[i]);
    move_venues(live);
    begin_next(live);
    if (!moving(live)) {
        swaps->current = NULL;
        sweep(live);
    }
    if (swaps->next_count > 0)
        loop_wake(live->loop);
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
        if (!move->to)
            continue;
        if (move->committed)
            move_retire(live, move);
        else
            move_abort(live, move, TURRET_ESTATE, "something else comes first");
    }
}

/* ---- by hand ---- */

/* The probation is over: the build before moves in as a new one would, with the state as it is. */
static int move_back(struct live *live, uint32_t index, const char *why, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    const char *name = engine_strategy_name(live->engine, index);
    const struct plugin *now = plugin_of(live, "strategy", name), *before;
    uint8_t build[32];
    int status;
    if (moving(live) || !now)
        return turret_fail(err, TURRET_EBUSY, "another change of code is under way; try again");
    status = live_build_before(live, name, build, err);
    if (!status)
        status = live_bring_build(live, build, &before, err);
    if (status)
        return status;
    swaps->current = before;
    swaps->current_number = 0;
    move_begin(live, &swaps->strategies[index], now, before);
    if (!swaps->strategies[index].to)
        return turret_fail(err, TURRET_EDENIED, "strategy %s stays at %s; the log says why", name,
                           version_of(now));
    move_block_build(live, now, why);
    return TURRET_OK;
}

int live_swap_rollback(struct live *live, const char *instance, const char *why,
                       struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        if (!strcmp(engine_strategy_name(live->engine, i), instance)) {
            if (!swaps->strategies[i].to || !swaps->strategies[i].committed)
                return move_back(live, i, why, err);
            return move_roll_back(live, &swaps->strategies[i], why, err);
        }
    if (swaps->indicators.to && swaps->indicators.committed &&
        !strcmp(swaps->indicators.to->file.note.id, instance))
        return move_roll_back(live, &swaps->indicators, why, err);
    return turret_fail(err, TURRET_ENOTFOUND,
                       "'%s' is neither a strategy nor a plugin whose indicators are on probation",
                       instance);
}

/* Its code is in memory, but nobody tried it yet. */
static void catch_up_with(struct live *live, const struct plugin *plugin)
{
    struct turret_error err = {0};
    uint64_t number;
    uint8_t build[32];
    char why[160];
    uint32_t i;
    plugin_build_bytes(&plugin->file, build);
    if (live_is_blocked(live, build, why))
        return;
    /* what was brought from the private copies has its path there */
    for (i = 0; i < live->config->plugin_dir_count; i++) {
        const char *directory = live->config->plugin_dirs[i].path;
        size_t length = strlen(directory);
        if (strncmp(plugin->file.path, directory, length) != 0 ||
            strchr(plugin->file.path + length + 1, '/'))
            continue;
        if (request(live, plugin->file.path, i, true, &number, &err))
            live_say(live, "turret: %s\n", err.text);
        return;
    }
}

static int runs_older(void *context, const struct registry_instance *instance)
{
    const struct search *search = context;
    return older_build(instance->plugin, search->plugin);
}

/* Names lead to it, and some still run another one. */
static int see_named(void *context, const struct plugin *plugin, const struct plugin_offer *offer)
{
    struct live *live = context;
    struct search search = {plugin};
    if (offer == plugin->offers && registry_each_instance(live->registry, runs_older, &search))
        catch_up_with(live, plugin);
    return 0;
}

void live_swap_catch_up(struct live *live)
{
    uint32_t i;
    (void)registry_each(live->registry, TURRET_KIND_STRATEGY | TURRET_KIND_BROKER, see_named, live);
    for (i = 0; i < registry_build_count(live->registry); i++)
        catch_up_with(live, registry_build(live->registry, i));
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
