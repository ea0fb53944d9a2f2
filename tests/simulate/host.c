/* SPDX-License-Identifier: Apache-2.0 */
/* The host's life: starts, turns, ends. */
#include "mischief.h"

#include <stdlib.h>

/* ---- starting ---- */

static void begin_session(struct host *host)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_SESSION;
    event.venue = EVENT_FROM_HOST;
    event.u.session.epoch = engine_epoch(host->live->engine) + 1;
    event.u.session.mode = CONFIG_PAPER;
    engine_ingest(host->live->engine, &event);
}

/* Cash, and a first price of everything. */
static void begin_accounts(struct host *host)
{
    struct event event;
    int64_t skew_ns;
    uint32_t i;
    for (i = 0; i < host->world->venues; i++) {
        memset(&event, 0, sizeof event);
        event.type = EVENT_CONTROL;
        event.venue = EVENT_FROM_HOST;
        event.u.control.kind = CONTROL_CASH;
        event.u.control.target = i;
        event.u.control.value = EXCHANGE_CASH;
        memcpy(event.u.control.currency, "USD", 4);
        engine_ingest(host->live->engine, &event);
    }
    for (i = 0; i < host->world->instruments; i++) {
        memset(&event, 0, sizeof event);
        event.type = EVENT_TRADE;
        event.venue = (uint16_t)(i % host->world->venues);
        skew_ns = host->world->exchanges[event.venue]->skew_ns;
        event.time = host->world->now + (skew_ns < 0 ? skew_ns : 0);
        event.u.trade.instrument = i + 1;
        event.u.trade.price = host->world->exchanges[event.venue]->markets[i + 1].price;
        engine_ingest(host->live->engine, &event);
    }
}

static int open_live(struct host *host, struct turret_error *err)
{
    struct live *live = calloc(1, sizeof *live);
    host->live = live;
    if (!live)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a session");
    live->commands = calloc(LIVE_COMMANDS, sizeof *live->commands);
    live->awaiting = calloc(VENUE_PROMPT, sizeof *live->awaiting);
    live->controls = calloc(LIVE_CONTROLS, sizeof *live->controls);
    if (!live->commands || !live->awaiting || !live->controls || live_ask_open(live))
        return turret_fail(err, TURRET_ENOMEM, "no memory for commands");
    live->config = &host->config;
    live->writer = &host->disk;
    live->loop = &host->loop;
    live->inotify = live->swaps.watch = -1;
    host->loop = (struct loop){true, false};
    host->disk.alive = true;
    host->stopping = false;
    live->batch = writer_take_batch(live->writer);
    return host_open_venues(host, err);
}

static void keep_opening(struct host *host)
{
    machine_flush(&host->disk, host->live->batch);
    (void)host_save(host);
}

static void on_start(struct world *world, uint32_t who, uint64_t what)
{
    struct host *host = world->host;
    struct turret_error err = {0};
    int status;
    (void)who;
    (void)what;
    if (host->live || world->failed)
        return;
    status = open_live(host, &err);
    if (!status && host->started)
        status = host_recover(host, &err);
    else if (!status)
        status = host_build(host, NULL, TURRET_REASON_FIRST, false, &host->live->engine, &err);
    if (status) {
        world_fail(world, "what was recorded can be taken up again", "%s", err.text);
        return;
    }
    if (host->started && world_fault(world, FAULT_KILL_OPENING)) {
        host_kill(host); /* nothing of the opening was on the disk */
        host_turns(host);
        return;
    }
    host->starts++;
    world_say(world, "the host starts, epoch %u", engine_epoch(host->live->engine) + 1);
    begin_session(host);
    if (!host->started)
        begin_accounts(host);
    host->started = true;
    keep_opening(host);
    if (venues_connect(host->live->venues, engine_now(host->live->engine), &err))
        world_fail(world, "venues can be connected", "%s", err.text);
    mischief_start(host);
    host_turns(host);
}

/* ---- running ---- */

void host_turns(struct host *host)
{
    struct live *live = host->live;
    uint32_t rounds = 0;
    while (live && !host->world->failed && (host->loop.woken || venues_waiting(live->venues) > 0) &&
           rounds++ < 64) {
        host->loop.woken = false;
        live->snapshot_sequence = engine_sequence(live->engine); /* host_save() takes them */
        live_turn(live);
        if (host->dying)
            break;
        if (!host->world->failed && host->moved)
            host_check_orders(host);
        if (live->failed || host->loop.stopped)
            break;
        if (!live->batch)
            break; /* until the disk is done */
    }
    if (live && live->failed) {
        world_say(host->world, "the session fails: %s", live->failure.text);
        if (live->failed != TURRET_EIO)
            world_fail(host->world, "a session fails only with its disk", "%s", live->failure.text);
        host_kill(host);
    } else if (live && (host->dying || world_fault(host->world, FAULT_KILL))) {
        host_kill(host);
    } else if (live && host->loop.stopped) {
        host_close(host);
    }
    if (!host->live && !host->world->failed)
        world_at(host->world, world_between(host->world, 50 * MS, 8 * SECOND), on_start, 0, 0);
}

static void on_round(struct world *world, uint32_t who, uint64_t what)
{
    struct host *host = world->host;
    (void)who;
    (void)what;
    world_at(world, 50 * MS, on_round, 0, what + 1);
    if (!host->live)
        return;
    if (what % 5 == 0) {
        live_ask_round(host->live);
        live_reconcile_round(host->live);
    }
    if (host->dying) {
        host_turns(host);
        return;
    }
    if (host_is_up(host) && !world->calm)
        host_person(host);
    else if (host_is_up(host) && world_below(world, 100) == 0)
        host_adopt(host);
    host->loop.woken = true;
}

void host_start(struct host *host)
{
    on_start(host->world, 0, 0);
    world_at(host->world, 50 * MS, on_round, 0, 0);
}

void host_calm(struct host *host)
{
    uint32_t s;
    if (!host->live)
        return;
    host_finish_swaps(host);
    for (s = 0; s < host->world->strategies; s++)
        (void)live_control_event(host->live, CONTROL_PAUSE_STRATEGY, s, 0, "rest");
}

int host_create(struct host **out, struct world *world, struct turret_error *err)
{
    struct host *host = calloc(1, sizeof *host);
    *out = host;
    if (!host)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a host");
    host->world = world;
    host_choose(host);
    return machine_open(&host->disk, world, &host->loop, err);
}

void host_destroy(struct host *host)
{
    if (!host)
        return;
    if (host->live)
        host_kill(host);
    machine_close(&host->disk);
    ids_finish(&host->intents);
    ids_finish(&host->filled);
    ids_finish(&host->values);
    ids_finish(&host->busted);
    free(host->saved[0].bytes);
    free(host->saved[1].bytes);
    free(host->closed);
    free(host);
}
