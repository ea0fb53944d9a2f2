/* SPDX-License-Identifier: Apache-2.0 */
/* What people decide while the host runs: halts, pauses, limits, other code, an end. */
#include "host.h"

#include "player.h"

#include <stdlib.h>

/* ---- changes of code ---- */

int host_swap(struct host *host, struct event *event, struct turret_error *err)
{
    uint32_t s = event->u.swap.target % WORLD_STRATEGIES;
    struct turret_param_value params[3] = {
        {1, TURRET_PARAM_TYPE_INT, host->numbers[s], (double)host->numbers[s], NULL},
        {2, TURRET_PARAM_TYPE_INT, host->busy[s], (double)host->busy[s], NULL},
        {3, TURRET_PARAM_TYPE_INT, host->wild[s], (double)host->wild[s], NULL}};
    struct engine_build with = {
        .strategy = &player_types[(event->u.swap.to_build[0] + PLAYER_BUILDS - 1) % PLAYER_BUILDS],
        .params = params};
    return engine_swap(host->live->engine, event, &with, err);
}

bool host_swapping(const struct host *host)
{
    uint32_t s;
    for (s = 0; s < host->world->strategies; s++)
        if (host->live->engine->strategies[s].swap.phase)
            return true;
    return false;
}

static void step(struct host *host, uint32_t s, uint32_t phase, uint32_t to)
{
    uint32_t builds[WORLD_STRATEGIES];
    struct turret_error err = {0};
    struct event event;
    host_builds(host->live->engine, builds);
    memset(&event, 0, sizeof event);
    event.type = EVENT_SWAP;
    event.venue = EVENT_FROM_HOST;
    event.time = engine_now(host->live->engine);
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.target = s;
    event.u.swap.phase = phase;
    event.u.swap.shadow = phase == SWAP_PREPARE ? (uint32_t)world_below(host->world, 2) : 0;
    event.u.swap.from_build[0] = (uint8_t)(builds[s] + 1);
    event.u.swap.to_build[0] = (uint8_t)(to + 1);
    world_say(host->world, "strategy %u: step %u of a swap to build %u", s, phase, to + 1);
    if (host_swap(host, &event, &err) && err.code != TURRET_EBUSY)
        world_fail(host->world, "a build that fits moves in and out", "step %u: %s", phase,
                   err.text);
    host->swaps++;
}

static void move_code(struct host *host)
{
    uint32_t s = (uint32_t)world_below(host->world, host->world->strategies);
    const struct event_swap *swap = &host->live->engine->strategies[s].swap;
    uint32_t to = (uint32_t)(swap->to_build[0] + PLAYER_BUILDS - 1) % PLAYER_BUILDS;
    uint64_t chance = world_below(host->world, 10);
    if (swap->phase == 0)
        step(host, s, SWAP_PREPARE, (uint32_t)world_below(host->world, PLAYER_BUILDS));
    else if (swap->phase == SWAP_PREPARE)
        step(host, s, chance < 8 ? SWAP_COMMIT : SWAP_ABORT, to);
    else
        step(host, s, chance < 6 ? SWAP_RETIRE : SWAP_ROLLBACK, to);
}

void host_finish_swaps(struct host *host)
{
    uint32_t s;
    for (s = 0; host->live->batch && s < host->world->strategies; s++) {
        uint32_t phase = host->live->engine->strategies[s].swap.phase;
        if (phase)
            step(host, s, phase == SWAP_PREPARE ? SWAP_ABORT : SWAP_RETIRE, 0);
    }
}

/* ---- other limits ---- */

int host_switch(struct host *host, uint32_t version, struct turret_error *err)
{
    struct engine *before = host->live->engine, *fresh = NULL;
    struct saved state = {.size = engine_snapshot(before, NULL, 0)};
    int status;
    state.bytes = malloc(state.size);
    if (!state.bytes)
        abort();
    (void)engine_snapshot(before, state.bytes, state.size);
    host_builds(before, state.builds);
    host->version = version;
    status = host_build(host, &state, TURRET_REASON_PARAMS, host->rebuilding, &fresh, err);
    free(state.bytes);
    if (status) {
        engine_destroy(fresh, TURRET_REASON_SHUTDOWN);
        return status;
    }
    if (engine_intent_mismatches(before) > 0)
        world_fail(host->world, "a replay asks for the same", "before version %u", version);
    host->live->engine = fresh;
    engine_destroy(before, TURRET_REASON_PARAMS);
    return TURRET_OK;
}

static void reload(struct host *host)
{
    struct turret_error err = {0};
    struct event event;
    host_finish_swaps(host);
    world_say(host->world, "version %u of the limits comes into force", host->version + 1);
    if (host_switch(host, host->version + 1, &err)) {
        world_fail(host->world, "a state fits other limits", "%s", err.text);
        return;
    }
    memset(&event, 0, sizeof event);
    event.type = EVENT_CONFIG;
    event.venue = EVENT_FROM_HOST;
    event.u.config.version = host->version;
    engine_ingest(host->live->engine, &event);
    host->reloads++;
}

/* ---- decisions ---- */

/* What changed there without a word and was not adopted yet; of nothing else 0. */
static int64_t drift_of(const struct host *host, const struct difference *one)
{
    const struct exchange *exchange = host->world->exchanges[one->venue];
    if (one->kind == DIFFERENCE_OF_CASH)
        return exchange->drift - host->books.adopted_cash[one->venue];
    return one->kind == DIFFERENCE_OF_POSITION
               ? exchange->markets[one->instrument].drift - host->books.adopted[one->instrument]
               : 0;
}

void host_adopt(struct host *host)
{
    struct engine *engine = host->live->engine;
    uint32_t count = engine_difference_count(engine);
    const struct difference *one =
        count ? engine_difference(engine, (uint32_t)world_below(host->world, count)) : NULL;
    if (!one || drift_of(host, one) == 0 || one->theirs - one->ours != drift_of(host, one) ||
        live_control_event(host->live, CONTROL_ADOPT, one->venue, one->instrument, "a person"))
        return;
    memcpy(host->live->controls[host->live->control_count - 1].u.control.currency, one->currency,
           sizeof one->currency);
    world_say(host->world, "difference %llu is to be adopted", (unsigned long long)one->id);
}

static void decide_scope(struct host *host, uint32_t scope, uint32_t kind, int64_t value)
{
    struct world *world = host->world;
    uint32_t instrument = (uint32_t)world_below(world, world->instruments);
    uint32_t strategy = (uint32_t)world_below(world, world->strategies);
    uint32_t venue = instrument % world->venues;
    char name[48] = "";
    if (scope == TRADING_VENUE)
        (void)snprintf(name, sizeof name, "v%u", venue);
    else if (scope == TRADING_ACCOUNT)
        (void)snprintf(name, sizeof name, "v%u/USD", venue);
    else if (scope == TRADING_STRATEGY)
        (void)snprintf(name, sizeof name, "p%u", strategy);
    else if (scope == TRADING_INSTRUMENT)
        (void)snprintf(name, sizeof name, "S%u.v%u", instrument, venue);
    if (live_control_event(host->live, kind, scope, value, "a person"))
        return;
    memcpy(host->live->controls[host->live->control_count - 1].u.control.name, name, sizeof name);
    world_say(world, "a person: %s '%s' %s", trading_scope_name(scope), name,
              trading_state_name((uint32_t)value));
}

static void decide(struct host *host)
{
    static const uint32_t kinds[] = {CONTROL_START_STRATEGY, CONTROL_START_STRATEGY,
                                     CONTROL_START_STRATEGY, CONTROL_STOP_STRATEGY,
                                     CONTROL_PAUSE_STRATEGY};
    struct world *world = host->world;
    uint32_t scope = (uint32_t)world_between(world, TRADING_VENUE, TRADING_SCOPES - 1);
    if (world_fault(world, FAULT_SCOPE))
        decide_scope(host, scope, CONTROL_TRADING_REVIVE,
                     world_between(world, TRADING_ACTIVE, TRADING_KILLED));
    else if (world_below(world, 10) == 0)
        decide_scope(host, scope, CONTROL_TRADING_REVIVE, TRADING_ACTIVE);
    if (world_fault(world, FAULT_HALT)) {
        (void)live_control_event(host->live, CONTROL_TRADING_REVIVE, TRADING_ALL,
                                 world_between(world, TRADING_ACTIVE, TRADING_KILLED), "a person");
    } else if (engine_trading_name(host->live->engine)[0] != 'A' && world_below(world, 60) == 0) {
        (void)live_control_event(host->live, CONTROL_TRADING_REVIVE, TRADING_ALL, TRADING_ACTIVE,
                                 "a person");
        (void)live_control_event(host->live, CONTROL_RESET_STOPS, 0, 0, "a person");
    }
    if (world_fault(world, FAULT_FLATTEN))
        decide_scope(host, world_below(world, 2) ? TRADING_ALL : scope,
                     world_below(world, 2) ? CONTROL_FLATTEN : CONTROL_FLATTEN_KILLED,
                     TRADING_REDUCING);
    if (world_fault(world, FAULT_PAUSE))
        (void)live_control_event(host->live, kinds[world_below(world, 5)],
                                 (uint32_t)world_below(world, world->strategies), 0, "a person");
    else if (world_below(world, 100) == 0)
        (void)live_control_event(host->live, CONTROL_START_STRATEGY,
                                 (uint32_t)world_below(world, world->strategies), 0, "a person");
}

void host_person(struct host *host)
{
    struct world *world = host->world;
    if (world_fault(world, FAULT_STOP)) {
        live_stop(host->live);
        host->stopping = true;
        return;
    }
    decide(host);
    if (world_below(world, 200) == 0)
        host_adopt(host);
    if (!host->live->batch)
        return; /* the store is behind: steps are refused */
    if (world_fault(world, FAULT_SWAP))
        move_code(host);
    if (world_fault(world, FAULT_RELOAD))
        reload(host);
    if (world_fault(world, FAULT_SNAPSHOT))
        (void)host_save(host);
}
