/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy's code is exchanged between two events. The engine is one thread, so the gate is the
 * gap itself: nothing is dispatched while the state moves, and nothing has to be queued. Each step
 * is an event of the journal; replaying it does the same step again.
 */
#include "core/saved_state.h"
#include "core/shadow.h"

#include <assert.h>
#include <stdlib.h>

bool swap_can_roll_back(const struct strategy *strategy)
{
    return strategy->swap.phase == SWAP_COMMIT && strategy->beside;
}

static void forget(struct strategy *strategy, uint32_t reason)
{
    incarnation_destroy(strategy->beside, reason);
    incarnation_destroy(strategy->spare, 0);
    strategy->beside = strategy->spare = NULL;
    memset(&strategy->swap, 0, sizeof strategy->swap);
}

void swaps_forget(struct engine *engine)
{
    uint32_t s, i;
    for (s = 0; s < engine->strategy_count; s++)
        forget(&engine->strategies[s], TURRET_REASON_SHUTDOWN);
    for (i = 0; i < engine->indicator_count; i++)
        swap_indicator_finish(&engine->indicators[i]);
    memset(&engine->indicator_swap, 0, sizeof engine->indicator_swap);
    engine->indicators_moving = 0;
    indicators_sweep(engine);
}

/* ---- handing the state over ---- */

/* A place to export states to; grown while a swap is prepared, so that none is needed later. */
static int export_state(struct swap_bytes *bytes, const struct incarnation *from,
                        struct unpack *out, struct turret_error *err)
{
    struct pack pack = {bytes->at, 0, bytes->room};
    int status = saved_state_put(&pack, from, err);
    if (!status && pack.used > pack.room) {
        uint8_t *grown = realloc(bytes->at, pack.used + pack.used / 4);
        if (!grown)
            return turret_fail(err, TURRET_ENOMEM, "no memory for a state of %zu bytes", pack.used);
        bytes->at = grown;
        bytes->room = pack.used + pack.used / 4;
        return export_state(bytes, from, out, err);
    }
    *out = (struct unpack){bytes->at, bytes->at + pack.used, err};
    return status;
}

/*
 * `to` takes the acting build's state and starts, muted; what it was given must still be there
 * afterwards.
 */
static int hand_over(struct strategy *strategy, struct incarnation *to, struct turret_error *err)
{
    struct engine *engine = strategy->engine;
    struct unpack state, given;
    int status;
    if (saved_state_alike(strategy->acting->type, to->type)) {
        saved_state_copy(strategy->acting, to);
        status = incarnation_start(to, TURRET_REASON_SWAP_IN, err);
        return status ? status : saved_state_same(to, strategy->acting, err);
    }
    status = export_state(&engine->swap_state, strategy->acting, &state, err);
    if (!status)
        status = saved_state_take(&state, to, strategy->acting->type, err);
    if (!status) /* what it has now, in its own terms */
        status = export_state(&engine->swap_given, to, &given, err);
    if (!status)
        status = incarnation_start(to, TURRET_REASON_SWAP_IN, err);
    if (!status)
        status = saved_state_compare(to, &given, err);
    return status;
}

/* ---- the steps ---- */

/* The one that will take over: made, not started; it keeps alive what the rehearsal asked for. */
static int make_spare(struct strategy *strategy, const struct engine_build *with,
                      const struct incarnation *rehearsed, struct turret_error *err)
{
    struct incarnation *spare = incarnation_create(strategy, with->strategy, with->params);
    if (!spare || shadow_mute(spare)) {
        incarnation_destroy(spare, 0);
        return turret_fail(err, TURRET_ENOMEM, "no memory for strategy %s", strategy->name);
    }
    incarnation_touch(spare);
    memcpy(spare->uses, rehearsed->uses, sizeof spare->uses);
    spare->use_count = rehearsed->use_count;
    strategy->spare = spare;
    return TURRET_OK;
}

static int prepare(struct strategy *strategy, const struct event *event,
                   const struct engine_build *with, struct turret_error *err)
{
    struct incarnation *rehearsal;
    int status;
    if (strategy->swap.phase)
        return turret_fail(err, TURRET_ESTATE, "strategy %s: a swap is under way or on probation",
                           strategy->name);
    rehearsal = incarnation_create(strategy, with->strategy, with->params);
    if (!rehearsal || shadow_mute(rehearsal)) {
        incarnation_destroy(rehearsal, 0);
        return turret_fail(err, TURRET_ENOMEM, "no memory for strategy %s", strategy->name);
    }
    status = hand_over(strategy, rehearsal, err);
    if (!status)
        status = make_spare(strategy, with, rehearsal, err);
    if (!status)
        memcpy(strategy->spare->build, event->u.swap.to_build, sizeof strategy->spare->build);
    if (!status && event->u.swap.shadow)
        strategy->beside = rehearsal;
    else
        incarnation_destroy(rehearsal, TURRET_REASON_SWAP_OUT);
    if (status)
        indicators_sweep(strategy->engine);
    return status;
}

int engine_swap_ready(const struct engine *engine, uint32_t index, struct turret_error *err)
{
    const struct strategy *strategy = &engine->strategies[index];
    uint32_t i;
    if (strategy->swap.phase != SWAP_PREPARE || !strategy->spare)
        return turret_fail(err, TURRET_ESTATE, "strategy %s: no swap is prepared", strategy->name);
    for (i = 0; strategy->acting->ready && i < strategy->spare->use_count; i++)
        if (!strategy->spare->uses[i]->slot.ready)
            return turret_fail(err, TURRET_EBUSY, "strategy %s: indicator %s still warms up",
                               strategy->name, strategy->spare->uses[i]->key);
    return TURRET_OK;
}

static int commit(struct strategy *strategy, struct turret_error *err)
{
    struct incarnation *next = strategy->spare, *last = strategy->acting;
    int status = engine_swap_ready(strategy->engine, strategy->index, err);
    if (status)
        return status;
    status = hand_over(strategy, next, err);
    if (status) { /* it may have half a state: another attempt begins with PREPARE */
        incarnation_destroy(next, TURRET_REASON_SWAP_OUT);
        strategy->spare = NULL;
        return status;
    }
    incarnation_destroy(strategy->beside, TURRET_REASON_SWAP_OUT);
    strategy->beside = last;
    shadow_pass(next, last);
    strategy->faulted_before = strategy->run == STRATEGY_FAULT;
    strategy->acting = next;
    strategy->spare = NULL;
    return TURRET_OK;
}

static int roll_back(struct strategy *strategy, struct turret_error *err)
{
    struct incarnation *failed = strategy->acting;
    if (!swap_can_roll_back(strategy))
        return turret_fail(err, TURRET_ESTATE, "strategy %s: no build runs beside it",
                           strategy->name);
    strategy->acting = strategy->beside;
    shadow_lift(strategy->acting);
    strategy->beside = NULL;
    if (strategy->run == STRATEGY_FAULT && !strategy->faulted_before) {
        strategy->run = STRATEGY_RUNNING;
        strategy->engine->next_timer = 0;
        strategy->fault[0] = 0;
    }
    if (strategy->acting->lost && strategy->run == STRATEGY_RUNNING)
        strategy_fault(strategy->engine, strategy, "its runner was lost while it ran beside");
    incarnation_destroy(failed, TURRET_REASON_QUARANTINED);
    forget(strategy, 0);
    return TURRET_OK;
}

static int end_step(struct strategy *strategy, uint32_t expected, struct turret_error *err)
{
    if (strategy->swap.phase != expected)
        return turret_fail(err, TURRET_ESTATE, "strategy %s: %s", strategy->name,
                           expected == SWAP_COMMIT ? "nothing is on probation"
                                                   : "no swap is prepared");
    forget(strategy, TURRET_REASON_SWAP_OUT);
    return TURRET_OK;
}

static int swap_strategy(struct engine *engine, struct event *event,
                         const struct engine_build *with, struct turret_error *err)
{
    struct strategy *strategy;
    struct event_swap *step = &event->u.swap;
    int status;
    if (step->target >= engine->strategy_count)
        return turret_fail(err, TURRET_ENOTFOUND, "no strategy %u", step->target);
    strategy = &engine->strategies[step->target];
    /* ROLLBACK: the acting build is the one whose code may fail */
    *engine->calling =
        (step->target + 1) | (step->phase == SWAP_ROLLBACK ? 0 : ENGINE_CALLING_BESIDE);
    switch (step->phase) {
    case SWAP_PREPARE:
        status = prepare(strategy, event, with, err);
        break;
    case SWAP_COMMIT:
        status = commit(strategy, err);
        break;
    case SWAP_ABORT:
        status = end_step(strategy, SWAP_PREPARE, err);
        break;
    case SWAP_ROLLBACK:
        status = roll_back(strategy, err);
        break;
    case SWAP_RETIRE:
        status = end_step(strategy, SWAP_COMMIT, err);
        break;
    default:
        status = turret_fail(err, TURRET_EINVAL, "strategy %s: a swap has no step %u",
                             strategy->name, step->phase);
        break;
    }
    *engine->calling = 0;
    if (status)
        return status;
    engine_record(engine, event);
    if (step->phase <= SWAP_COMMIT)
        strategy->swap = *step;
    if (step->phase != SWAP_PREPARE)
        indicators_sweep(engine);
    return TURRET_OK;
}

static int swap_venue(struct engine *engine, struct event *event, const struct engine_build *with,
                      struct turret_error *err)
{
    struct venue *venue;
    if (event->u.swap.target >= engine->venue_count || event->u.swap.phase != SWAP_COMMIT)
        return turret_fail(err, TURRET_EINVAL, "venue %u: a swap is one step",
                           event->u.swap.target);
    venue = &engine->venues[event->u.swap.target];
    venue->caps = with->caps;
    venue->fees = (struct money_fees){with->caps.fee_min_nano, with->caps.fee_per_unit_nano,
                                      with->caps.fee_rate_nano};
    venue->ready = venue->complete = false; /* until what it downloads agrees */
    engine_record(engine, event);
    return TURRET_OK;
}

int engine_swap(struct engine *engine, struct event *event, const struct engine_build *with,
                struct turret_error *err)
{
    assert(engine->started && event->type == EVENT_SWAP);
    engine_drop_unrecorded(engine);
    if (engine->intent_count > 0)
        intents_process(engine); /* asked for outside of any event: they come before the step */
    switch (event->u.swap.kind) {
    case TURRET_KIND_STRATEGY:
        return swap_strategy(engine, event, with, err);
    case TURRET_KIND_INDICATOR:
        return swap_indicators(engine, event, with, err);
    case TURRET_KIND_BROKER:
        return swap_venue(engine, event, with, err);
    default:
        return turret_fail(err, TURRET_EINVAL, "a swap of kind %u", event->u.swap.kind);
    }
}

/* ---- what broke its contract ---- */

static void settle_one(struct engine *engine, const struct event_swap *swap, const char *why)
{
    struct turret_error err = {0};
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_SWAP;
    event.venue = EVENT_FROM_HOST;
    event.time = engine->now;
    event.u.swap = *swap;
    event.u.swap.phase = SWAP_ROLLBACK;
    memcpy(event.u.swap.from_build, swap->to_build, sizeof event.u.swap.from_build);
    memcpy(event.u.swap.to_build, swap->from_build, sizeof event.u.swap.to_build);
    (void)snprintf(event.u.swap.reason, sizeof event.u.swap.reason, "%s", why);
    if (engine_swap(engine, &event, NULL, &err))
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE, "no rollback: %s", err.text);
}

void swaps_settle(struct engine *engine)
{
    struct event_swap swap;
    uint32_t s;
    engine->rollback_due = false;
    if (engine->recorded)
        return; /* the journal tells of it */
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        swap = strategy->swap;
        if (strategy->run == STRATEGY_FAULT && !strategy->faulted_before &&
            swap_can_roll_back(strategy))
            settle_one(engine, &swap, strategy->fault);
    }
    swap = engine->indicator_swap;
    if (swap_indicators_fell_back(engine))
        settle_one(engine, &swap, "an indicator broke its contract");
}

void engine_distrust(struct engine *engine, uint32_t strategy, bool distrusted)
{
    engine->strategies[strategy].distrusted = distrusted;
}

/* ---- looking at it ---- */

const struct event_swap *engine_swap_of(const struct engine *engine, uint32_t strategy)
{
    return &engine->strategies[strategy].swap;
}

const struct event_swap *engine_swap_of_indicators(const struct engine *engine)
{
    return &engine->indicator_swap;
}

void engine_view_shadow(const struct engine *engine, uint32_t index, struct engine_shadow *view)
{
    const struct strategy *strategy = &engine->strategies[index];
    memset(view, 0, sizeof *view);
    if (strategy->beside)
        *view = strategy->beside->shadow->view;
}

bool engine_uses_indicators(const struct engine *engine, const void *build)
{
    uint32_t i;
    for (i = 0; i < engine->indicator_count; i++) {
        const struct indicator *indicator = &engine->indicators[i];
        if (indicator->type && (indicator->build == build ||
                                (indicator->incoming && indicator->incoming->build == build) ||
                                (indicator->outgoing && indicator->outgoing->build == build)))
            return true;
    }
    return false;
}

size_t engine_save_state(const struct engine *engine, uint32_t strategy, void *to, size_t room)
{
    struct pack pack = {to, 0, to ? room : 0};
    return saved_state_put(&pack, engine->strategies[strategy].acting, NULL) ? 0 : pack.used;
}
