/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose code runs: a few bytes in a file of the store, mapped, so that they outlive the process.
 * After a crash the next start knows in which build it happened, and takes that build out if it was
 * new, before it gets an event: otherwise it would crash again, and again.
 */
#include "session/live_state.h"

#include "session/blocked.h"
#include "session/live_audit.h"
#include "session/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC "TURRUN1"

struct running {
    char magic[8];
    volatile uint32_t calling; /* as in struct engine_options */
    uint32_t count;
    uint8_t moving[32]; /* the build that is being prepared or committed; zeros none */
    char names[CONFIG_STRATEGIES_MAX][CONFIG_NAME_MAX];
};

static const uint8_t no_build[32];

/* ---- the file ---- */

static void path_of(const struct live *live, char path[CONFIG_PATH_MAX + 16])
{
    (void)snprintf(path, CONFIG_PATH_MAX + 16, "%s/running", live->store_path);
}

/* What the last daemon left there. */
static void take_last(struct live *live)
{
    const struct running *running = live->running.file;
    struct live_running *last = &live->running;
    uint32_t index = (running->calling & ~ENGINE_CALLING_BESIDE) - 1;
    if (memcmp(running->magic, MAGIC, sizeof running->magic) != 0 || running->calling == 0 ||
        index >= CONFIG_STRATEGIES_MAX || index >= running->count)
        return;
    (void)snprintf(last->died_in, sizeof last->died_in, "%.47s", running->names[index]);
    last->beside = (running->calling & ENGINE_CALLING_BESIDE) != 0;
    memcpy(last->moving, running->moving, sizeof last->moving);
}

int live_running_open(struct live *live, struct turret_error *err)
{
    char path[CONFIG_PATH_MAX + 16];
    void *mapped = MAP_FAILED;
    int descriptor;
    path_of(live, path);
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0 && ftruncate(descriptor, sizeof(struct running)) == 0)
        mapped =
            mmap(NULL, sizeof(struct running), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED)
        (void)turret_fail(err, TURRET_EIO, "%s: %s", path, strerror(errno));
    if (descriptor >= 0)
        (void)close(descriptor);
    if (mapped == MAP_FAILED)
        return TURRET_EIO;
    live->running.file = mapped;
    take_last(live);
    memset(mapped, 0, sizeof(struct running));
    memcpy(live->running.file->magic, MAGIC, sizeof MAGIC);
    return TURRET_OK;
}

void live_running_close(struct live *live)
{
    char path[CONFIG_PATH_MAX + 16];
    if (!live->running.file)
        return;
    path_of(live, path);
    (void)unlink(path);
    (void)munmap(live->running.file, sizeof(struct running));
    live->running.file = NULL;
}

volatile uint32_t *live_running_calling(struct live *live)
{
    return live->running.file ? &live->running.file->calling : NULL;
}

void live_running_name(struct live *live, const struct config *config)
{
    struct running *running = live->running.file;
    uint32_t i;
    if (!running)
        return;
    for (i = 0; i < config->strategy_count; i++)
        memcpy(running->names[i], config->strategies[i].name, sizeof running->names[i]);
    running->count = config->strategy_count;
}

void live_running_moving(struct live *live, const uint8_t *build)
{
    if (live->running.file)
        memcpy(live->running.file->moving, build ? build : no_build, sizeof no_build);
}

/* ---- what to do about it ---- */

static bool find(const struct live *live, uint32_t *index)
{
    for (*index = 0; *index < engine_strategy_count(live->engine); ++*index)
        if (!strcmp(engine_strategy_name(live->engine, *index), live->running.died_in))
            return true;
    return false;
}

struct newest {
    char instance[48];
    struct row_swap row; /* phase 0: none */
};

static int see_step(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct newest *newest = context;
    struct row_swap row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    if (!strcmp(row.instance, newest->instance))
        newest->row = row;
    return 0;
}

static int take(struct live *live, uint32_t target, uint32_t phase, const uint8_t from[32],
                const uint8_t to[32], struct turret_error *err)
{
    struct event event;
    int status;
    memset(&event, 0, sizeof event);
    event.type = EVENT_SWAP;
    event.venue = EVENT_FROM_HOST;
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.target = target;
    event.u.swap.phase = phase;
    memcpy(event.u.swap.from_build, from, sizeof event.u.swap.from_build);
    memcpy(event.u.swap.to_build, to, sizeof event.u.swap.to_build);
    (void)snprintf(event.u.swap.reason, sizeof event.u.swap.reason, "the daemon died inside it");
    live->swaps.stepping = true;
    status = live_swap_step(live, &event, err);
    live->swaps.stepping = false;
    return status;
}

static void block(struct live *live, const struct plugin *plugin, const uint8_t build[32])
{
    char text[160];
    (void)snprintf(text, sizeof text, "%.40s %.20s: the daemon died inside it",
                   plugin ? plugin->file.note.id : "", plugin ? plugin->file.note.version : "");
    (void)blocked_put(live->batch, build, text);
    live_audit_code(live, "blocked", text);
}

/* The build before runs beside, or, after another start meanwhile, moves in with the state as is.
 */
static int take_back(struct live *live, uint32_t index, const struct row_swap *row,
                     struct turret_error *err)
{
    int status;
    if (engine_swap_of(live->engine, index)->phase == SWAP_COMMIT)
        return take(live, index, SWAP_ROLLBACK, row->to_build, row->from_build, err);
    status = take(live, index, SWAP_PREPARE, row->to_build, row->from_build, err);
    if (!status)
        status = take(live, index, SWAP_COMMIT, row->to_build, row->from_build, err);
    return status;
}

static void newest_step(struct live *live, uint32_t index, struct row_swap *row)
{
    struct newest newest;
    memset(&newest, 0, sizeof newest);
    (void)snprintf(newest.instance, sizeof newest.instance, "strategy %.38s",
                   engine_strategy_name(live->engine, index));
    (void)store_scan(live->store, STORE_SWAP, NULL, 0, see_step, &newest, NULL, NULL);
    *row = newest.row;
}

static void roll_back_one(struct live *live, uint32_t index, const struct row_swap *row)
{
    struct turret_error why = {0};
    const char *name = engine_strategy_name(live->engine, index);
    engine_distrust(live->engine, index, true);
    if (take_back(live, index, row, &why)) {
        live_say(live, "turret: strategy %s cannot go back from %s to %s: %s\n", name,
                 row->to_version, row->from_version, why.text);
        return;
    }
    live->swaps.rollbacks++;
    live_say(live, "turret: strategy %s is back at %s: %s was new since event %llu\n", name,
             row->from_version, row->to_version, (unsigned long long)row->sequence);
}

/* The build leaves every strategy that got it by its newest step. */
static void roll_back(struct live *live, const struct row_swap *bad)
{
    const struct plugin *failed;
    struct row_swap row;
    uint32_t i;
    live_say(live, "turret: the last daemon died inside %s of strategy %s; that build is blocked\n",
             bad->to_version, live->running.died_in);
    (void)live_bring_build(live, bad->to_build, &failed, NULL);
    block(live, failed, bad->to_build);
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        newest_step(live, i, &row);
        if (row.phase == SWAP_COMMIT && !memcmp(row.to_build, bad->to_build, sizeof row.to_build))
            roll_back_one(live, i, &row);
    }
}

/* The acting build is not the one that failed. */
static void drop_beside(struct live *live, uint32_t index)
{
    const struct event_swap swap = *engine_swap_of(live->engine, index);
    const struct plugin *plugin = registry_find_build(live->registry, swap.to_build);
    bool prepared = swap.phase == SWAP_PREPARE;
    if (prepared)
        block(live, plugin, swap.to_build);
    if (swap.phase)
        (void)take(live, index, prepared ? SWAP_ABORT : SWAP_RETIRE, swap.from_build, swap.to_build,
                   NULL);
    live_say(live, "turret: the last daemon died inside a build that ran beside strategy %s; %s\n",
             live->running.died_in,
             prepared ? "it was in the shadow and is blocked" : "the acting one goes on");
}

void live_running_judge(struct live *live)
{
    const struct live_running *last = &live->running;
    struct row_swap row;
    uint32_t index;
    if (!last->died_in[0] || !find(live, &index)) {
        if (last->died_in[0])
            live_say(live, "turret: the last daemon died inside strategy %s\n", last->died_in);
        return;
    }
    engine_distrust(live->engine, index, true);
    newest_step(live, index, &row);
    if (memcmp(last->moving, no_build, sizeof no_build) != 0) {
        const struct plugin *plugin = registry_find_build(live->registry, last->moving);
        block(live, plugin, last->moving);
        live_say(live,
                 "turret: the last daemon died while a build %s moved into strategy %s; it is "
                 "blocked\n",
                 plugin ? plugin->file.note.version : "", last->died_in);
    } else if (last->beside) {
        drop_beside(live, index);
    } else if (row.phase == SWAP_COMMIT) {
        roll_back(live, &row);
    } else {
        live_say(live, "turret: the last daemon died inside strategy %s\n", last->died_in);
    }
}

void live_running_trust(struct live *live)
{
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        engine_distrust(live->engine, i, false);
}
