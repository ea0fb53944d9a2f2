/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strategies whose runner is gone. A journal that is replayed says in which call each was: that
 * call is not made again, for what was lost by chance would not be, and what killed its runner
 * would. An on_start() is made again all the same: the indicators that it asked for stay.
 */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct event_loss *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->strategy != b->strategy)
        return a->strategy < b->strategy ? -1 : 1;
    if (a->starting != b->starting)
        return a->starting < b->starting ? -1 : 1;
    if (a->beside != b->beside)
        return a->beside < b->beside ? -1 : 1;
    return a->call < b->call ? -1 : a->call > b->call;
}

void engine_sort_losses(struct event_loss *losses, uint32_t count)
{
    if (count)
        qsort(losses, count, sizeof *losses, compare);
}

static bool is_told(const struct engine *engine, const struct event_loss *at)
{
    const struct engine_options *options = &engine->options;
    return options->loss_count > 0 &&
           bsearch(at, options->losses, options->loss_count, sizeof *at, compare);
}

static void remember(struct runner_call *call, struct strategy *strategy)
{
    uint32_t i;
    call->score = strategy->score;
    call->denials = strategy->denials;
    memcpy(call->timers, strategy->timers, sizeof call->timers);
    for (i = 0; i < strategy->instrument_count; i++) {
        const struct position *position =
            &strategy->engine->positions[strategy->first_position + i];
        call->wishes[i].target = position->target;
        call->wishes[i].has_target = position->has_target;
    }
}

static void take_back(const struct runner_call *call, struct strategy *strategy)
{
    uint32_t i;
    strategy->score = call->score;
    strategy->denials = call->denials;
    memcpy(strategy->timers, call->timers, sizeof strategy->timers);
    for (i = 0; i < strategy->instrument_count; i++) {
        struct position *position = &strategy->engine->positions[strategy->first_position + i];
        position->target = call->wishes[i].target;
        position->has_target = call->wishes[i].has_target;
    }
}

enum engine_call engine_enter_runner(struct turret_strategy *self)
{
    struct incarnation *code = (struct incarnation *)(void *)self;
    struct event_loss *at = &code->call.at;
    struct engine *engine = code->owner->engine;
    bool acting = code == code->owner->acting;
    bool same =
        at->at == engine->sequence && at->starting == code->starting && at->beside == !acting;
    *at = (struct event_loss){.at = engine->sequence,
                              .strategy = code->owner->index,
                              .call = (same ? at->call : 0) + 1,
                              .starting = code->starting,
                              .beside = !acting};
    if (acting)
        remember(&code->call, code->owner);
    if (!engine->recorded || code->starting)
        return ENGINE_CALL;
    return is_told(engine, at) ? ENGINE_CALL_LOST : ENGINE_CALL_AGAIN;
}

void engine_lose(struct turret_strategy *self, uint32_t intents, const char *why)
{
    struct incarnation *code = (struct incarnation *)(void *)self;
    struct strategy *strategy = code->owner;
    struct engine *engine = strategy->engine;
    code->lost = true;
    if (code != strategy->acting) {
        engine_notice(engine, NOTICE_FAULT, strategy->index,
                      "strategy %s: the runner of the build beside it %s", strategy->name, why);
        return;
    }
    intents_forget(engine, strategy, intents);
    take_back(&code->call, strategy);
    if (engine->recorded && !code->starting && !is_told(engine, &code->call.at))
        engine_notice(engine, NOTICE_DIVERGED, strategy->index,
                      "strategy %s: its runner %s at record %llu; the journal does not say so",
                      strategy->name, why, (unsigned long long)engine->sequence);
    if (strategy->run == STRATEGY_FAULT)
        return;
    (void)snprintf(strategy->fault, sizeof strategy->fault, "%s", why);
    strategy->run = STRATEGY_FAULT;
    engine->rollback_due = engine->rollback_due || swap_can_roll_back(strategy);
    engine_notice(engine, NOTICE_FAULT, strategy->index, "strategy %s: its runner %s",
                  strategy->name, why);
}
