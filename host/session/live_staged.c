/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path to a build that waits for its turn: the stage looks which plugin it is, the session
 * adds the state it will be handed, the stage tries and loads it.
 */
#include "session/live_move.h"

#include <stdlib.h>
#include <string.h>

int live_swap_queue(struct live *live, const struct live_next *next, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    if (swaps->next_count == LIVE_SWAP_BUILDS)
        return turret_fail(err, TURRET_ELIMIT, "%s: %d new builds wait already",
                           next->plugin->file.path, LIVE_SWAP_BUILDS);
    swaps->next[swaps->next_count++] = *next;
    return TURRET_OK;
}

void live_queue_build(struct live *live, const struct plugin *plugin, uint64_t number)
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
    char why[160];
    if (before && live_is_blocked(live, plugin, why))
        before = NULL; /* it was taken back since */
    if (before && outcome) {
        if (live_swap_outcome(live, before->number))
            outcome->same_as = before->number;
        else
            move_tell(live, number, TURRET_OK, "%s: this build moves in already", job->path);
        return;
    }
    if (plugin) {
        live_queue_build(live, plugin, number);
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
            live_plugin_of(live, "strategy", engine_strategy_name(live->engine, i));
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

static uint32_t directory_of(const struct live *live, const char *path)
{
    uint32_t i;
    for (i = 0; i < live->config->plugin_dir_count; i++) {
        const char *directory = live->config->plugin_dirs[i].path;
        size_t length = strlen(directory);
        if (!strncmp(path, directory, length) && path[length] == '/' &&
            !strchr(path + length + 1, '/'))
            return i;
    }
    return UINT32_MAX;
}

/* Where a plugin's file lay before builds of it came from elsewhere; UINT32_MAX: in no directory.
 */
static uint32_t home_of(struct live *live, const char *id, const struct plugin *named)
{
    struct live_swaps *swaps = &live->swaps;
    struct live_home *home = swaps->homes;
    uint32_t directory = named ? directory_of(live, named->file.path) : UINT32_MAX;
    while (home < swaps->homes + swaps->home_count && strcmp(home->id, id) != 0)
        home++;
    if (home < swaps->homes + swaps->home_count)
        return home->directory;
    if (directory != UINT32_MAX && swaps->home_count < REGISTRY_PLUGINS_MAX) {
        (void)snprintf(home->id, sizeof home->id, "%s", id);
        home->directory = directory;
        swaps->home_count++;
    }
    return directory;
}

static int strictness(enum config_signature signature)
{
    return signature == CONFIG_SIGNATURE_REQUIRE ? 2 : signature == CONFIG_SIGNATURE_WARN;
}

uint32_t live_strictest_directory(const struct live *live)
{
    const struct config_plugin_dir *of = live->config->plugin_dirs;
    uint32_t i, strictest = 0;
    for (i = 1; i < live->config->plugin_dir_count; i++)
        if (strictness(of[i].signature) > strictness(of[strictest].signature))
            strictest = i;
    return strictest;
}

/* No directory speaks for it: all are heard. What runs apart, or may have to, does so. */
static int hold_to_all(struct live *live, struct stage_job *job, const struct plugin *named,
                       struct turret_error *err)
{
    uint32_t i;
    int status = assemble_policy(live->config, live_strictest_directory(live), &job->policy, err);
    job->policy.isolated = named && named->unload;
    for (i = 0; !named && i < live->config->plugin_dir_count; i++)
        job->policy.isolated = job->policy.isolated || live->config->plugin_dirs[i].isolated;
    return status;
}

/*
 * A plugin has one home: what its directory asks for holds for every build of it, wherever the file
 * lies. A file in another plugin directory is not a build of it, as at a start.
 */
static int hold_to_home(struct live *live, struct stage_job *job, uint32_t here,
                        struct turret_error *err)
{
    const struct plugin *named = registry_find_plugin(live->registry, job->id);
    uint32_t home = home_of(live, job->id, named);
    if (home == UINT32_MAX && here == UINT32_MAX)
        return hold_to_all(live, job, named, err);
    if (home == UINT32_MAX || home == here)
        return TURRET_OK;
    if (here != UINT32_MAX)
        return turret_fail(err, TURRET_EEXIST,
                           "%s: plugin %s is at home in %s; put its new builds there", job->path,
                           job->id, live->config->plugin_dirs[home].path);
    return assemble_policy(live->config, home, &job->policy, err);
}

static void take_looked(struct live *live, struct stage_job *job, uint64_t number)
{
    const struct live_outcome *outcome = live_swap_outcome(live, number);
    struct turret_error why = {0};
    job->look = false;
    if (hold_to_home(live, job, outcome ? outcome->directory : UINT32_MAX, &why)) {
        move_tell(live, number, why.code, "%s", why.text);
        return;
    }
    if (job->policy.isolated && !job->try_known &&
        registry_find_build(live->registry, job->build)) { /* its runners have it */
        take_known(live, job, number);
        return;
    }
    add_state(live, job);
    if (stage_submit(live->swaps.stage, job, &why))
        move_tell(live, number, why.code, "%s", why.text);
    else
        live->swaps.staging++;
}

void live_take_staged(struct live *live, struct stage_job *job)
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
    if (job->plugin &&
        registry_find_build(live->registry, job->build)) { /* a runner's, tried again */
        plugin_unload(job->plugin);
        take_known(live, job, number);
        return;
    }
    if (!job->plugin || registry_keep_build(live->registry, job->plugin, &why)) {
        move_tell(live, number, TURRET_ELIMIT, "%s: %s", job->path, why.text);
        plugin_unload(job->plugin);
        return;
    }
    live_queue_build(live, job->plugin, number);
}

/* Who was told to look there finds the same here, once its place is taken by another. */
static void hand_on(struct live_swaps *swaps, const struct live_outcome *old)
{
    uint32_t i;
    for (i = 0; i < LIVE_SWAP_TOLD; i++) {
        struct live_outcome *same = &swaps->outcomes[i];
        const uint64_t number = same->number;
        if (number == 0 || same->same_as != old->number)
            continue;
        *same = *old;
        same->number = number;
        same->moves = false; /* the other one did */
    }
}

int live_new_outcome(struct live *live, const char *path, const char *only, uint64_t *number,
                     struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    struct live_outcome *outcome = &swaps->outcomes[(swaps->numbers + 1) % LIVE_SWAP_TOLD];
    if (outcome->number && !outcome->same_as && !live_swap_settled(live, outcome))
        return turret_fail(err, TURRET_ELIMIT, "%s: %d changes of code wait already", path,
                           LIVE_SWAP_TOLD);
    if (outcome->number)
        hand_on(swaps, outcome);
    *number = ++swaps->numbers;
    *outcome = (struct live_outcome){.number = *number, .code = TURRET_EBUSY};
    (void)snprintf(outcome->path, sizeof outcome->path, "%s", path);
    (void)snprintf(outcome->only, sizeof outcome->only, "%s", only);
    return TURRET_OK;
}

static int request(struct live *live, const char *path, uint32_t dir_index, const char *only,
                   bool try_known, uint64_t *number, struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    struct stage_job *job = calloc(1, sizeof *job);
    int status;
    if (!job)
        return turret_fail(err, TURRET_ENOMEM, "no memory to stage %s", path);
    (void)snprintf(job->path, sizeof job->path, "%s", path);
    /* what lies in no directory is only read at first, to see where it is at home */
    status = dir_index == UINT32_MAX ? TURRET_OK
                                     : assemble_policy(live->config, dir_index, &job->policy, err);
    if (!status)
        status = live_new_outcome(live, path, only, number, err);
    if (status) {
        free(job);
        return status;
    }
    live_swap_outcome(live, *number)->directory = dir_index;
    job->context = (void *)(uintptr_t)*number;
    job->look = true;
    job->try_known = try_known;
    status = stage_submit(swaps->stage, job, err);
    swaps->staging += !status;
    if (status)
        live_swap_outcome(live, *number)->code = status;
    free(job);
    return status;
}

int live_swap_request(struct live *live, const char *path, uint32_t dir_index, const char *only,
                      uint64_t *number, struct turret_error *err)
{
    return request(live, path, dir_index, only, false, number, err);
}

void live_swap_request_known(struct live *live, const struct plugin *plugin)
{
    struct turret_error err = {0};
    uint64_t number;
    uint32_t i;
    for (i = 0; i < live->config->plugin_dir_count; i++) {
        const char *directory = live->config->plugin_dirs[i].path;
        size_t length = strlen(directory);
        if (strncmp(plugin->file.path, directory, length) != 0 ||
            strchr(plugin->file.path + length + 1, '/'))
            continue;
        if (request(live, plugin->file.path, i, "", true, &number, &err))
            live_say(live, "turret: %s\n", err.text);
        return;
    }
}
