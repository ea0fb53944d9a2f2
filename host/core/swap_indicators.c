/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indicators of a plugin move to another build together: one event, every instance. The state
 * is handed over as it is or computed again from stored bars, as the new build declares; either way
 * both builds must give the same values, or nothing moves. What went out keeps running beside until
 * the probation ends.
 */
#include "core/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STATE_TOLERANCE     1e-9 /* relative: the same state and the same bar */
#define RECOMPUTE_TOLERANCE 1e-6 /* recursive averages that began at another bar */

static void code_destroy(struct indicator_code *code)
{
    if (!code)
        return;
    engine_state_destroy(code->state);
    engine_state_destroy(code->scratch[0]);
    engine_state_destroy(code->scratch[1]);
    free(code);
}

void swap_indicator_finish(struct indicator *indicator)
{
    code_destroy(indicator->incoming);
    code_destroy(indicator->outgoing);
    indicator->incoming = indicator->outgoing = NULL;
}

/* ---- preparing ---- */

static int check_alike(const struct indicator *indicator, const struct turret_indicator_type *next,
                       struct turret_error *err)
{
    const struct turret_indicator_type *now = indicator->type;
    uint32_t i;
    bool same = now->output_count == next->output_count && now->param_count == next->param_count;
    for (i = 0; same && i < now->param_count; i++)
        same =
            now->params[i].id == next->params[i].id && now->params[i].type == next->params[i].type;
    return same ? TURRET_OK
                : turret_fail(err, TURRET_EVERSION,
                              "indicator %s: build %s has other outputs or parameters; give it "
                              "another id, or restart",
                              indicator->key, next->version);
}

static int make_incoming(struct indicator *indicator, const struct engine_build *with,
                         struct turret_error *err)
{
    const struct turret_indicator_type *type = with->indicator(with->to, indicator->type->id);
    struct turret_error why = {0};
    struct indicator_code *code;
    int status;
    if (!type)
        return turret_fail(err, TURRET_ENOTFOUND, "indicator %s: the new build has no %s",
                           indicator->key, indicator->type->id);
    status = check_alike(indicator, type, err);
    if (status)
        return status;
    indicator->incoming = code = calloc(1, sizeof *code);
    if (!code)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %s", indicator->key);
    code->type = type;
    code->build = with->to;
    code->state_size = type->state_size(indicator->params);
    if (type->handover == TURRET_HANDOVER_STATE && indicator->fed > 0 &&
        (type->state_schema != indicator->type->state_schema ||
         code->state_size != indicator->state_size))
        return turret_fail(err, TURRET_EVERSION,
                           "indicator %s: build %s would take over a state of schema %u and %llu "
                           "bytes, its own is %u and %llu; say TURRET_HANDOVER_RECOMPUTE",
                           indicator->key, type->version, indicator->type->state_schema,
                           (unsigned long long)indicator->state_size, type->state_schema,
                           (unsigned long long)code->state_size);
    if (code->state_size > ENGINE_STATE_MAX)
        return turret_fail(err, TURRET_EFAULT, "%s wants %llu bytes of state, more than 16 MiB",
                           indicator->key, (unsigned long long)code->state_size);
    code->state = engine_state_create(code->state_size);
    code->scratch[0] = engine_state_create(code->state_size);
    code->scratch[1] = engine_state_create(code->state_size);
    if (!code->state || !code->scratch[0] || !code->scratch[1])
        return turret_fail(err, TURRET_ENOMEM, "no memory for %s", indicator->key);
    status = type->start(code->state, indicator->params, &why);
    code->warming = type->handover == TURRET_HANDOVER_RECOMPUTE;
    return status ? turret_fail(err, status, "%s: %s", indicator->key, why.text) : TURRET_OK;
}

static void forget_incoming(struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->indicator_count; i++) {
        code_destroy(engine->indicators[i].incoming);
        engine->indicators[i].incoming = NULL;
    }
    engine->indicators_moving = 0;
}

static int prepare(struct engine *engine, const struct engine_build *with, struct turret_error *err)
{
    uint32_t i;
    int status = TURRET_OK;
    if (engine->indicator_swap.phase)
        return turret_fail(err, TURRET_ESTATE, "a swap of indicators is under way or on probation");
    for (i = 0; !status && i < engine->indicator_count; i++) {
        struct indicator *indicator = &engine->indicators[i];
        if (!indicator->type || indicator->build != with->from)
            continue;
        status = make_incoming(indicator, with, err);
        engine->indicators_moving++;
    }
    if (!status && engine->indicators_moving == 0)
        status = turret_fail(err, TURRET_ENOTFOUND, "no indicator of that build is in use");
    if (status)
        forget_incoming(engine);
    return status;
}

/* ---- trying both on ---- */

static bool agree(double a, double b, double tolerance)
{
    double larger = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return fabs(a - b) <= tolerance * (larger > 1 ? larger : 1);
}

static int compare(const struct indicator *indicator, const double *now, const double *next,
                   double tolerance, struct turret_error *err)
{
    uint32_t o;
    for (o = 0; o < indicator->type->output_count; o++)
        if (!agree(now[o], next[o], tolerance))
            return turret_fail(
                err, TURRET_EFAULT, "indicator %s: %s is %.12g in build %s and %.12g in build %s",
                indicator->key, indicator->type->output_names[o], now[o], indicator->type->version,
                next[o], indicator->incoming->type->version);
    return TURRET_OK;
}

/* Both take one more bar from the same state, on copies. */
static int try_state(const struct engine *engine, struct indicator *indicator,
                     struct turret_error *err)
{
    struct indicator_code *code = indicator->incoming;
    const struct instrument *instrument =
        &engine->instruments[engine->streams[indicator->stream].instrument];
    uint8_t *mine = code->scratch[0], *theirs = code->scratch[1];
    double price = (double)instrument->mark / (double)money_power10(instrument->def.price_scale);
    struct turret_candle candle = {price, price, price, price, 1, engine->now};
    double now[TURRET_OUTPUTS_MAX] = {0}, next[TURRET_OUTPUTS_MAX] = {0};
    int32_t first, second;
    if (indicator->fed == 0)
        return TURRET_OK; /* nothing to hand over: it begins anew */
    memcpy(mine, indicator->state, (size_t)code->state_size);
    memcpy(theirs, indicator->state, (size_t)code->state_size);
    first = indicator->type->update(mine, &candle, now);
    second = code->type->update(theirs, &candle, next);
    if (first != second)
        return turret_fail(
            err, TURRET_EFAULT, "indicator %s: build %s answers %d where build %s answers %d",
            indicator->key, code->type->version, second, indicator->type->version, first);
    return first == 1 ? compare(indicator, now, next, STATE_TOLERANCE, err) : TURRET_OK;
}

static int try_one(const struct engine *engine, struct indicator *indicator,
                   struct turret_error *err)
{
    const struct indicator_code *code = indicator->incoming;
    if (code->fault)
        return turret_fail(err, TURRET_EFAULT, "indicator %s: build %s gave a bad value",
                           indicator->key, code->type->version);
    if (code->type->handover == TURRET_HANDOVER_STATE)
        return try_state(engine, indicator, err);
    if (!indicator->slot.ready)
        return TURRET_OK; /* neither has anything to lose */
    if (!code->slot.ready)
        return turret_fail(err, TURRET_EBUSY, "indicator %s: build %s still warms up",
                           indicator->key, code->type->version);
    return compare(indicator, indicator->slot.value, code->slot.value, RECOMPUTE_TOLERANCE, err);
}

/* ---- moving ---- */

/* The code in place and another change places. */
static void exchange(struct indicator *indicator, struct indicator_code *code)
{
    const struct indicator_code other = *code;
    code->type = indicator->type;
    code->build = indicator->build;
    code->state = indicator->state;
    code->state_size = indicator->state_size;
    code->fed = indicator->fed;
    code->slot = indicator->slot;
    indicator->type = other.type;
    indicator->build = other.build;
    indicator->state = other.state;
    indicator->state_size = other.state_size;
    indicator->fed = other.fed;
    if (other.slot.ready)
        indicator->slot = other.slot;
}

static int commit(struct engine *engine, struct turret_error *err)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < engine->indicator_count; i++)
        if (engine->indicators[i].incoming)
            status = try_one(engine, &engine->indicators[i], err);
    for (i = 0; !status && i < engine->indicator_count; i++) {
        struct indicator *indicator = &engine->indicators[i];
        struct indicator_code *code = indicator->incoming;
        if (!code)
            continue;
        if (code->type->handover == TURRET_HANDOVER_STATE) {
            if (indicator->fed > 0)
                memcpy(code->state, indicator->state, (size_t)code->state_size);
            code->fed = indicator->fed;
            code->slot = indicator->slot;
        }
        exchange(indicator, code);
        indicator->outgoing = code;
        indicator->incoming = NULL;
    }
    return status;
}

static int roll_back(struct engine *engine, struct turret_error *err)
{
    uint32_t i;
    if (engine->indicator_swap.phase != SWAP_COMMIT)
        return turret_fail(err, TURRET_ESTATE, "no indicators are on probation");
    for (i = 0; i < engine->indicator_count; i++)
        if (engine->indicators[i].outgoing && !engine->indicators[i].outgoing->fault)
            exchange(&engine->indicators[i], engine->indicators[i].outgoing);
    strategies_refresh_ready(engine);
    return TURRET_OK;
}

static void forget(struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->indicator_count; i++)
        swap_indicator_finish(&engine->indicators[i]);
    engine->indicators_moving = 0;
    memset(&engine->indicator_swap, 0, sizeof engine->indicator_swap);
}

int swap_indicators(struct engine *engine, struct event *event, const struct engine_build *with,
                    struct turret_error *err)
{
    const struct event_swap *step = &event->u.swap;
    uint32_t expected =
        step->phase == SWAP_COMMIT || step->phase == SWAP_ABORT ? SWAP_PREPARE : SWAP_COMMIT;
    int status = TURRET_OK;
    if (step->phase != SWAP_PREPARE && engine->indicator_swap.phase != expected)
        return turret_fail(err, TURRET_ESTATE, "no swap of indicators is at that step");
    if (step->phase == SWAP_PREPARE)
        status = prepare(engine, with, err);
    else if (step->phase == SWAP_COMMIT)
        status = commit(engine, err);
    else if (step->phase == SWAP_ROLLBACK)
        status = roll_back(engine, err);
    if (status)
        return status;
    engine_record(engine, event);
    if (step->phase <= SWAP_COMMIT)
        engine->indicator_swap = *step;
    else
        forget(engine);
    return TURRET_OK;
}

/* ---- while both run ---- */

static void update_code(struct indicator_code *code, const struct turret_candle *candle)
{
    double out[TURRET_OUTPUTS_MAX] = {0};
    const char *what;
    int verdict;
    if (code->fault)
        return;
    verdict = indicator_judge(code->type, code->type->update(code->state, candle, out),
                              code->slot.ready, out, &what);
    code->fed++;
    code->fault = verdict == TURRET_EFAULT;
    if (verdict != 1)
        return;
    memcpy(code->slot.value, out, sizeof out);
    code->slot.ready = 1;
}

void swap_indicator_update(struct indicator *indicator, const struct turret_candle *candle,
                           bool warming)
{
    struct indicator_code *incoming = indicator->incoming;
    if (indicator->outgoing && !warming)
        update_code(indicator->outgoing, candle);
    if (!incoming || incoming->type->handover != TURRET_HANDOVER_RECOMPUTE)
        return;
    if (!warming)
        incoming->warming = false; /* stored bars come before live ones */
    else if (!incoming->warming)
        return;
    update_code(incoming, candle);
}

bool swap_indicator_fall_back(struct engine *engine, struct indicator *indicator, const char *what)
{
    struct indicator_code *old = indicator->outgoing;
    if (!old || old->fault)
        return false;
    engine_notice(engine, NOTICE_FAULT, ENGINE_NONE,
                  "indicator %s: build %s %s; build %s, which ran beside it, goes on",
                  indicator->key, indicator->type->version, what, old->type->version);
    exchange(indicator, old); /* it has seen this bar already */
    old->fault = old->fell_back = true;
    engine->rollback_due = true;
    return true;
}

bool swap_indicators_fell_back(const struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->indicator_count; i++)
        if (engine->indicators[i].outgoing && engine->indicators[i].outgoing->fell_back)
            return true;
    return false;
}
