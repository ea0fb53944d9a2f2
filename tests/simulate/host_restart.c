/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots, ends, and the way back: newest snapshot, then the journal after it. */
#include "host.h"

#include <stdlib.h>

static struct saved saved_now(const struct host *host)
{
    struct engine *engine = host->live->engine;
    struct saved fresh = {NULL, 0, engine_sequence(engine), host->version, {0}, host->books};
    fresh.size = engine_snapshot(engine, NULL, 0);
    fresh.bytes = malloc(fresh.size);
    if (!fresh.bytes)
        abort();
    (void)engine_snapshot(engine, fresh.bytes, fresh.size);
    host_builds(engine, fresh.builds);
    return fresh;
}

void host_check_kept(struct host *host)
{
    struct saved now;
    if (host_swapping(host))
        return;
    now = saved_now(host);
    host_check_saved(host, &now);
    free(now.bytes);
}

bool host_save(struct host *host)
{
    uint64_t sequence = engine_sequence(host->live->engine);
    struct saved fresh;
    if (host->live->command_count > 0 || host_swapping(host) || host->disk.durable != sequence ||
        host->saved[0].sequence == sequence)
        return false;
    fresh = saved_now(host);
    host_check_saved(host, &fresh);
    free(host->saved[1].bytes);
    host->saved[1] = host->saved[0];
    host->saved[0] = fresh;
    return true;
}

/* ---- ends ---- */

static void put_down(struct host *host)
{
    struct live *live = host->live;
    host->rebuilding = true;
    engine_destroy(live->engine, TURRET_REASON_SHUTDOWN);
    venues_close(live->venues);
    host->rebuilding = false;
    live_ask_close(live);
    free(live->commands);
    free(live->awaiting);
    free(live->controls);
    free(live);
    host->live = NULL;
}

void host_kill(struct host *host)
{
    uint32_t most = host->dying ? host->dying_with : host->disk.queue_count;
    uint32_t kept = (uint32_t)world_below(host->world, most + 1);
    world_say(host->world, "the host is killed; %u of %u batches are on the disk", kept,
              host->disk.queue_count);
    host->kills++;
    host->dying = false;
    free(host->closed);
    host->closed = NULL;
    machine_crash(&host->disk, kept);
    put_down(host);
}

void host_close(struct host *host)
{
    world_say(host->world, "the host ends cleanly");
    host->stops++;
    free(host->closed);
    host->closed = NULL;
    if (host->live->command_count == 0) { /* else it says the rest at its next start */
        host->closed_size = engine_snapshot(host->live->engine, NULL, 0);
        host->closed = malloc(host->closed_size);
        if (host->closed)
            (void)engine_snapshot(host->live->engine, host->closed, host->closed_size);
        if (world_below(host->world, 2))
            (void)host_save(host);
    }
    if (host->disk.durable != engine_sequence(host->live->engine))
        world_fail(host->world, "a clean end leaves everything on the disk", "%llu of %llu",
                   (unsigned long long)host->disk.durable,
                   (unsigned long long)engine_sequence(host->live->engine));
    machine_crash(&host->disk, 0);
    put_down(host);
}

/* ---- the way back ---- */

static bool same(struct host *host, const uint8_t *then, size_t size, const char *what)
{
    struct engine *engine = host->live->engine;
    size_t now = engine_snapshot(engine, NULL, 0), i = 0;
    uint8_t *bytes = malloc(now);
    bool equal;
    if (!bytes)
        abort();
    (void)engine_snapshot(engine, bytes, now);
    while (i < now && i < size && bytes[i] == then[i])
        i++;
    equal = i == now && now == size;
    if (!equal)
        world_fail(host->world, "a replay leads to the same state",
                   "%s: %zu and %zu bytes differ from %zu on, at sequence %llu", what, now, size, i,
                   (unsigned long long)engine_sequence(engine));
    free(bytes);
    host->compared++;
    return equal;
}

static int replay_one(struct host *host, uint64_t index, struct turret_error *err)
{
    struct event event = host->disk.journal[index];
    int status = TURRET_OK;
    event.sequence = 0;
    if (event.type == EVENT_SWAP)
        return host_swap(host, &event, err);
    engine_ingest(host->live->engine, &event);
    if (event.type == EVENT_CONFIG && event.u.config.version != host->version)
        status = host_switch(host, (uint32_t)event.u.config.version, err);
    return status;
}

/* What the table of orders says in a store. */
static int know(void *context, const struct order *order)
{
    live_known_made(context, order);
    return 0;
}

static int replay(struct host *host, const struct saved *from, struct turret_error *err)
{
    uint64_t at;
    int status;
    host->books = from->books;
    host->version = from->version;
    ids_clear(&host->filled);
    status = host_build(host, from, TURRET_REASON_RESTART, true, &host->live->engine, err);
    for (at = from->sequence; !status && at < host->disk.count && !host->world->failed; at++) {
        if (at == host->saved[0].sequence && from != &host->saved[0] &&
            !same(host, host->saved[0].bytes, host->saved[0].size, "the newer snapshot"))
            break;
        status = replay_one(host, at, err);
        host->replayed++;
        if (!status && engine_sequence(host->live->engine) != at + 1)
            status = turret_fail(err, TURRET_ECORRUPT, "replaying record %llu led to sequence %llu",
                                 (unsigned long long)at + 1,
                                 (unsigned long long)engine_sequence(host->live->engine));
    }
    if (!status && engine_intent_mismatches(host->live->engine) > 0)
        world_fail(host->world, "a replay asks for the same",
                   "%llu intents differ from the journal's",
                   (unsigned long long)engine_intent_mismatches(host->live->engine));
    engine_end_recorded(host->live->engine);
    (void)engine_each_order(host->live->engine, know, host->live);
    return status;
}

/* The longer way, from the snapshot before. */
static int replay_twice(struct host *host, uint8_t **bytes, size_t *size, struct turret_error *err)
{
    int status = replay(host, &host->saved[1], err);
    *size = engine_snapshot(host->live->engine, NULL, 0);
    *bytes = malloc(*size);
    if (*bytes)
        (void)engine_snapshot(host->live->engine, *bytes, *size);
    engine_destroy(host->live->engine, TURRET_REASON_SHUTDOWN);
    host->live->engine = NULL;
    return status;
}

int host_recover(struct host *host, struct turret_error *err)
{
    uint8_t *twice = NULL;
    size_t size = 0;
    int status = TURRET_OK;
    host->rebuilding = host->live->replaying = true;
    if (host->saved[1].bytes && world_below(host->world, 2) == 0)
        status = replay_twice(host, &twice, &size, err);
    if (!status)
        status = replay(host, &host->saved[0], err);
    if (!status && twice)
        (void)same(host, twice, size, "from the snapshot before");
    if (!status && host->closed)
        (void)same(host, host->closed, host->closed_size, "as the clean end left it");
    free(twice);
    free(host->closed);
    host->closed = NULL;
    host->rebuilding = host->live->replaying = false;
    host->moved = true;
    return status;
}
