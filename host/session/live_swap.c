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

bool live_swap_names(const char *given, const char *kind, const char *name)
{
    size_t length = strlen(kind);
    return !given[0] || !strcmp(given, name) ||
           (!strncmp(given, kind, length) && given[length] == ' ' &&
            !strcmp(given + length + 1, name));
}

static uint32_t begin_moves(struct live *live, const struct plugin *to, const struct plugin *named)
{
    struct live_swaps *swaps = &live->swaps;
    const char *only = swaps->current.only;
    uint32_t i, begun = 0;
    if (named && named != to && has_kind(to, TURRET_KIND_INDICATOR) && indicators_of(live, named) &&
        live_swap_names(only, "indicators", to->file.note.id)) {
        move_begin(live, &swaps->indicators, named, to);
        begun++;
    }
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const char *name = engine_strategy_name(live->engine, i);
        const struct plugin *from = plugin_of(live, "strategy", name);
        if (!older_build(from, to) || !live_swap_names(only, "strategy", name))
            continue;
        move_begin(live, &swaps->strategies[i], from, to);
        begun++;
    }
    for (i = 0; i < live->config->venue_count; i++) {
        const char *name = live->config->venues[i].name;
        const struct plugin *from = plugin_of(live, "venue", name);
        if (!older_build(from, to) || !live_swap_names(only, "venue", name))
            continue;
        swaps->venues[i] = (struct live_move){.from = from, .to = to};
        memcpy(swaps->venues[i].back, swaps->current.back, sizeof swaps->current.back);
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
    uint64_t number;
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
    swaps->current = swaps->next[0];
    to = swaps->current.plugin;
    number = swaps->current.number;
    swaps->next_count--;
    memmove(swaps->next, swaps->next + 1, swaps->next_count * sizeof *swaps->next);
    if (live_is_blocked(live, to, why)) {
        move_tell(live, number, TURRET_EDENIED,
                  "%s %s: build %.12s is blocked (%s); turret plugin unblock %.12s lifts it",
                  to->file.note.id, version_of(to), to->file.build_id, why, to->file.build_id);
        return;
    }
    named = registry_find_plugin(live->registry, to->file.note.id);
    if (begin_moves(live, to, named) > 0)
        return;
    if (swaps->current.only[0]) {
        move_tell(live, number, TURRET_OK, "%s runs this build of %s %s already, or nothing of it",
                  swaps->current.only, to->file.note.id, version_of(to));
        return;
    }
    if (named != to)
        (void)registry_promote(live->registry, to, NULL);
    move_tell(live, number, TURRET_OK,
              named == to ? "%s %s: this build runs already"
                          : "%s %s is there; nothing that runs uses it",
              to->file.note.id, version_of(to));
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
        if (swaps->next[i].plugin == plugin)
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

int live_swap_queue(struct live *live, const struct live_next *next, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    if (swaps->next_count == LIVE_SWAP_BUILDS)
        return turret_fail(err, TURRET_ELIMIT, "%s: %d new builds wait already",
                           next->plugin->file.path, LIVE_SWAP_BUILDS);
    swaps->next[swaps->next_count++] = *next;
    return TURRET_OK;
}

static void queue(struct live *live, const struct plugin *plugin, uint64_t number)
{
    const struct live_outcome *outcome = live_swap_outcome(live, number);
    struct live_next next = {.plugin = plugin, .number = number};
    struct turret_error why = {0};
    if (outcome)
        memcpy(next.only, outcome->only, sizeof next.only);
    if (live_swap_queue(live, &next, &why))
        move_tell(live, number, why.code, "%s", why.text);
}

/* The request that this build moves in for already, or will; NULL. */
static const struct live_next *asked_before(const struct live *live, const struct plugin *plugin,
                                            const char *only)
{
    const struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    if (swaps->current.plugin == plugin && !strcmp(swaps->current.only, only))
        return &swaps->current;
    for (i = 0; i < swaps->next_count; i++)
        if (swaps->next[i].plugin == plugin && !strcmp(swaps->next[i].only, only))
            return &swaps->next[i];
    return NULL;
}

/*
 * Its code is in memory: a build that runs, ran, or moves in (a file in a watched directory may be
 * asked for by a person as well), or one that could not be unloaded.
 */
static void take_known(struct live *live, struct stage_job *job, uint64_t number)
{
    const struct plugin *plugin = registry_find_build(live->registry, job->build);
    struct live_outcome *outcome = live_swap_outcome(live, number);
    const struct live_next *before =
        plugin ? asked_before(live, plugin, outcome ? outcome->only : "") : NULL;
    if (before && outcome) {
        outcome->same_as = before->number;
        if (before->number == 0)
            move_tell(live, number, TURRET_OK, "%s: this build moves in already", job->path);
        return;
    }
    if (plugin) {
        queue(live, plugin, number);
        return;
    }
    job->force = true;
    job->known = false;
    if (stage_submit(live->swaps.stage, job, NULL) == TURRET_OK)
        live->swaps.staging++;
}

/* What the first strategy that would move has to hand over, for the trial in a child process. */
static void add_state(struct live *live, struct stage_job *job)
{
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const struct plugin *plugin =
            plugin_of(live, "strategy", engine_strategy_name(live->engine, i));
        uint8_t build[32];
        if (!plugin || strcmp(plugin->file.note.id, job->id) != 0)
            continue;
        plugin_build_bytes(&plugin->file, build);
        if (!memcmp(build, job->build, sizeof build))
            continue;
        job->state_bytes = engine_save_state(live->engine, i, NULL, 0);
        job->state = job->state_bytes ? malloc(job->state_bytes) : NULL;
        if (job->state)
            (void)engine_save_state(live->engine, i, job->state, job->state_bytes);
        return;
    }
}

static void take_looked(struct live *live, struct stage_job *job, uint64_t number)
{
    struct turret_error why = {0};
    job->look = false;
    add_state(live, job);
    if (stage_submit(live->swaps.stage, job, &why))
        move_tell(live, number, why.code, "%s", why.text);
    else
        live->swaps.staging++;
}

static void take_staged(struct live *live, struct stage_job *job)
{
    struct live_swaps *swaps = &live->swaps;
    uint64_t number = (uint64_t)(uintptr_t)job->context;
    struct live_outcome *outcome = live_swap_outcome(live, number);
    struct turret_error why = {0};
    if (job->unload) {
        swaps->unloaded += !job->still_mapped;
        swaps->still_mapped += job->still_mapped;
        return;
    }
    if (job->error.code) {
        if (outcome)
            outcome->of_file = true;
        if (outcome)
            outcome->by_policy = job->by_policy;
        move_tell(live, number, job->error.code, "%s%s", job->error.text,
                  job->unfinished ? "; taken when it is finished" : "");
        return;
    }
    if (job->look) {
        take_looked(live, job, number);
        return;
    }
    if (job->known) {
        take_known(live, job, number);
        return;
    }
    if (registry_find_build(live->registry, job->build)) { /* a runner's, which can be twice */
        plugin_unload(job->plugin);
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

/* The number under which who asked hears how it ended. fails: ELIMIT */
static int new_outcome(struct live *live, const char *path, const char *only, uint64_t *number,
                       struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    struct live_outcome *outcome = &swaps->outcomes[(swaps->numbers + 1) % LIVE_SWAP_TOLD];
    if (outcome->number && outcome->code == TURRET_EBUSY && !outcome->same_as)
        return turret_fail(err, TURRET_ELIMIT, "%s: %d changes of code wait already", path,
                           LIVE_SWAP_TOLD);
    *number = ++swaps->numbers;
    *outcome = (struct live_outcome){.number = *number, .code = TURRET_EBUSY};
    (void)snprintf(outcome->path, sizeof outcome->path, "%s", path);
    (void)snprintf(outcome->only, sizeof outcome->only, "%s", only);
    return TURRET_OK;
}

int live_swap_request(struct live *live, const char *path, uint32_t dir_index, const char *only,
                      uint64_t *number, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    struct stage_job *job = calloc(1, sizeof *job);
    int status;
    if (!job)
        return turret_fail(err, TURRET_ENOMEM, "no memory to stage %s", path);
    (void)snprintf(job->path, sizeof job->path, "%s", path);
    status = assemble_policy(live->config, dir_index, &job->policy, err);
    if (!status)
        status = new_outcome(live, path, only, number, err);
    if (status) {
        free(job);
        return status;
    }
    job->context = (void *)(uintptr_t)*number;
    job->look = true;
    status = stage_submit(swaps->stage, job, err);
    swaps->staging += !status;
    if (status)
        live_swap_outcome(live, *number)->code = status;
    free(job);
    return status;
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
        take_rollbacks(live);
    if (swaps->staging > 0 && (job = malloc(sizeof *job)) != NULL) {
        while (stage_take(swaps->stage, job)) {
            swaps->staging--;
            take_staged(live, job);
        }
        free(job);
    }
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

/* What `given` names: the row name of the instance, its move, and the build it runs. */
static struct live_move *find_move(struct live *live, const char *given, char row[48],
                                   const struct plugin **now)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const char *name = engine_strategy_name(live->engine, i);
        if (!live_swap_names(given, "strategy", name))
            continue;
        (void)snprintf(row, 48, "strategy %.38s", name);
        *now = plugin_of(live, "strategy", name);
        return &swaps->strategies[i];
    }
    for (i = 0; i < live->config->venue_count; i++) {
        const char *name = live->config->venues[i].name;
        if (!live_swap_names(given, "venue", name))
            continue;
        (void)snprintf(row, 48, "venue %.41s", name);
        *now = plugin_of(live, "venue", name);
        return &swaps->venues[i];
    }
    *now = registry_find_plugin(live->registry,
                                strncmp(given, "indicators ", 11) ? given : given + 11);
    (void)snprintf(row, 48, "indicators");
    return *now && engine_uses_indicators(live->engine, *now) ? &swaps->indicators : NULL;
}

/* The probation is over: the build before moves in as a new one would, with the state as it is. */
static int queue_before(struct live *live, const char *row, const struct plugin *now,
                        const char *why, uint64_t *number, struct turret_error *err)
{
    struct live_next next = {.plugin = NULL};
    uint8_t build[32];
    int status = live_build_before(live, row, now, build, err);
    if (!status)
        status = live_bring_build(live, build, &next.plugin, err);
    (void)snprintf(next.only, sizeof next.only, "%s%s%s", row, strcmp(row, "indicators") ? "" : " ",
                   strcmp(row, "indicators") ? "" : now->file.note.id);
    (void)snprintf(next.back, sizeof next.back, "%s", why);
    if (!status)
        status = new_outcome(live, next.plugin->file.path, next.only, number, err);
    next.number = *number;
    return status ? status : live_swap_queue(live, &next, err);
}

int live_swap_rollback(struct live *live, const char *instance, const char *why, uint64_t *number,
                       struct turret_error *err)
{
    const struct plugin *now = NULL;
    char row[48];
    struct live_move *move = instance[0] ? find_move(live, instance, row, &now) : NULL;
    int status;
    *number = 0;
    if (!move || !now)
        return turret_fail(err, TURRET_ENOTFOUND, "'%s' is no strategy, venue or plugin in use",
                           instance);
    loop_wake(live->loop);
    if (!move->to || (move == &live->swaps.indicators && move->to != now))
        return queue_before(live, row, now, why, number, err);
    if (!move->committed && move >= live->swaps.venues && move < live->swaps.venues + 16)
        return turret_fail(err, TURRET_EBUSY, "%s changes its build at this moment; try again",
                           row);
    status = new_outcome(live, move->to->file.path, instance, number, err);
    if (status)
        return status;
    if (!move->committed) {
        move_tell(live, *number, TURRET_OK, "%s stays at %s: %s", row, version_of(move->from), why);
        move_abort(live, move, TURRET_EDENIED, why);
        return TURRET_OK;
    }
    status = move_roll_back(live, move, why, err);
    if (status)
        live_swap_outcome(live, *number)->code = status;
    else
        move_tell(live, *number, TURRET_OK, "%s is rolled back: %s", row, why);
    return status;
}

static void catch_up_with(struct live *live, const struct plugin *plugin)
{
    size_t length = strlen(registry_private_dir(live->registry));
    char why[160];
    /* what was brought from the private copies has its path there */
    if (strncmp(plugin->file.path, registry_private_dir(live->registry), length) != 0 &&
        !live_is_blocked(live, plugin, why))
        queue(live, plugin, 0);
}

static int see_older(void *context, const struct registry_instance *instance)
{
    struct live *live = context;
    const struct plugin *named =
        instance->plugin ? registry_find_plugin(live->registry, instance->plugin->file.note.id)
                         : NULL;
    uint32_t i;
    for (i = 0; i < live->swaps.next_count; i++)
        if (live->swaps.next[i].plugin == named)
            return 0;
    if (named && named != instance->plugin)
        catch_up_with(live, named);
    return 0;
}

void live_swap_catch_up(struct live *live)
{
    uint32_t i;
    live_leave_blocked(live);
    for (i = 0; i < registry_build_count(live->registry); i++)
        catch_up_with(live, registry_build(live->registry, i));
    (void)registry_each_instance(live->registry, see_older, live);
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
