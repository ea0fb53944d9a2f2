/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build that runs and cannot act: before a swap to see what it would do, after one so that going
 * back loses nothing. It gets every callback after the acting build and the same answers; what it
 * asks for is compared with what the acting one asked for, never sent.
 */
#include "core/shadow.h"

#include <stdlib.h>
#include <string.h>

#define PHANTOM_ORDER (UINT64_C(1) << 63) /* ids of orders that exist in the shadow only */

static struct incarnation *code_of(struct turret_strategy *self)
{
    return (struct incarnation *)(void *)self;
}

/* Intent `index` that the acting build asked for in this callback; NULL: it asked for fewer. */
static const struct event_intent *acting_intent(const struct incarnation *code, uint32_t index)
{
    const struct engine *engine = code->owner->engine;
    const struct shadow *shadow = code->shadow;
    uint32_t at = engine->intent_head + shadow->acting_first + index;
    return index < shadow->acting_count ? &engine->intents[at % engine->options.intents_max] : NULL;
}

static bool same_wish(const struct event_intent *a, const struct event_intent *b)
{
    return a->kind == b->kind && a->instrument == b->instrument && a->side == b->side &&
           a->type == b->type && a->tif == b->tif && a->flags == b->flags && a->qty == b->qty &&
           a->limit_price == b->limit_price && a->stop_price == b->stop_price &&
           !memcmp(&a->expires, &b->expires, sizeof *a - offsetof(struct event_intent, expires)) &&
           (a->kind == INTENT_TARGET || a->kind == INTENT_SUBMIT || a->order_id == b->order_id);
}

/* False: more than one callback may ask for. */
static bool say_intent(struct incarnation *code, const struct event_intent *intent)
{
    struct shadow *shadow = code->shadow;
    if (code->starting || code->owner->engine->rules.asking ||
        shadow->said_count >= ENGINE_TURN_INTENTS)
        return false;
    shadow->said[shadow->said_count++] = *intent;
    return true;
}

/* ---- what a muted build is answered ---- */

static int32_t target(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                      const char *reason)
{
    struct incarnation *code = code_of(self);
    const struct strategy *owner = code->owner;
    const struct position *position = strategy_position(owner->engine, owner, instrument);
    struct event_intent intent = {.instrument = instrument, .kind = INTENT_TARGET};
    struct shadow_wish *wish;
    (void)reason;
    if (!position)
        return 0;
    intent.qty = qty = amount_clamped(qty); /* as the acting build's */
    wish = &code->shadow->wishes[position - owner->engine->positions - owner->first_position];
    if ((wish->has_target && wish->target == qty) ||
        (!wish->has_target && qty == 0 && position->qty == 0 && position->open_buy == 0 &&
         position->open_sell == 0) ||
        !say_intent(code, &intent))
        return 0;
    *wish = (struct shadow_wish){true, qty};
    return 1;
}

/* An order that the acting build did not ask for: it gets an id and is never placed. */
static uint64_t phantom(struct incarnation *code, const struct event_intent *intent)
{
    struct turret_order *order = &code->shadow->phantom[code->shadow->phantoms % SHADOW_PHANTOMS];
    memset(order, 0, sizeof *order);
    order->struct_size = (uint32_t)sizeof *order;
    order->instrument = intent->instrument;
    order->id = PHANTOM_ORDER | ++code->shadow->phantoms;
    order->side = intent->side;
    order->type = intent->type;
    order->tif = intent->tif;
    order->flags = intent->flags;
    order->qty = intent->qty;
    order->limit_price = intent->limit_price;
    order->stop_price = intent->stop_price;
    order->oco = intent->oco;
    order->expires = intent->expires;
    order->trail = intent->trail;
    order->display_qty = intent->display_qty;
    order->take_profit = intent->take_profit;
    order->stop_loss = intent->stop_loss;
    order->stop_trail = intent->stop_trail;
    order->created = order->updated = code->owner->engine->now;
    order->state = TURRET_STATE_CANCELED;
    return order->id;
}

static uint64_t submit(struct turret_strategy *self, const struct turret_order_request *request)
{
    struct incarnation *code = code_of(self);
    const struct event_intent *acting = acting_intent(code, code->shadow->said_count);
    struct event_intent intent = {.kind = INTENT_SUBMIT};
    intent_of_request(&intent, request);
    if (!say_intent(code, &intent))
        return 0;
    return acting && same_wish(acting, &intent) ? acting->order_id : phantom(code, &intent);
}

static int32_t change(struct turret_strategy *self, uint8_t kind, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price)
{
    struct incarnation *code = code_of(self);
    const struct order *order = order_table_find(code->owner->engine->orders, order_id);
    struct event_intent intent = {.kind = kind,
                                  .order_id = order_id,
                                  .qty = qty,
                                  .limit_price = limit_price,
                                  .stop_price = stop_price};
    if (!(order_id & PHANTOM_ORDER)) {
        if (!order || order->strategy != code->owner->index || order->role == ORDER_SLICE)
            return TURRET_ENOTFOUND;
        if (!order_is_working(order))
            return TURRET_ESTATE;
        intent.instrument = order->instrument;
    }
    return say_intent(code, &intent) ? TURRET_OK : TURRET_ELIMIT;
}

static int32_t cancel(struct turret_strategy *self, uint64_t order_id)
{
    return change(self, INTENT_CANCEL, order_id, 0, 0, 0);
}

static int32_t modify(struct turret_strategy *self, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price)
{
    return change(self, INTENT_MODIFY, order_id, qty, limit_price, stop_price);
}

static void score(struct turret_strategy *self, turret_instrument instrument, double value,
                  const char *reason)
{
    (void)self;
    (void)instrument;
    (void)value;
    (void)reason;
}

static int32_t timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns at)
{
    struct incarnation *code = code_of(self);
    if (timer_id >= ENGINE_SESSION_TIMERS || at < 0)
        return TURRET_EINVAL;
    if (code->starting) {
        code->shadow->timer_set[timer_id] = true;
        code->shadow->timers[timer_id] = at;
    }
    return TURRET_OK; /* later ones belong to the acting build */
}

static void say(struct turret_strategy *self, uint32_t level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

/* ---- silence: nothing can be asked for at all ---- */

static int32_t no_target(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                         const char *reason)
{
    (void)self;
    (void)instrument;
    (void)qty;
    (void)reason;
    return 0;
}

static uint64_t no_order(struct turret_strategy *self, const struct turret_order_request *request)
{
    (void)self;
    (void)request;
    return 0;
}

static int32_t no_cancel(struct turret_strategy *self, uint64_t order_id)
{
    (void)self;
    (void)order_id;
    return TURRET_ESTATE;
}

static int32_t no_change(struct turret_strategy *self, uint64_t order_id, turret_qty qty,
                         turret_price limit_price, turret_price stop_price)
{
    (void)self;
    (void)order_id;
    (void)qty;
    (void)limit_price;
    (void)stop_price;
    return TURRET_ESTATE;
}

static int32_t no_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns at)
{
    (void)self;
    (void)timer_id;
    (void)at;
    return TURRET_ESTATE;
}

void shadow_silence(struct incarnation *incarnation)
{
    struct turret_strategy_host *host = &incarnation->silent;
    *host = strategy_host;
    host->target = no_target;
    host->submit = no_order;
    host->cancel = no_cancel;
    host->modify = no_change;
    host->score = score;
    host->timer = no_timer;
    incarnation->handle.host = host;
}

/* ---- being muted ---- */

static void sync_wishes(struct incarnation *incarnation)
{
    const struct strategy *owner = incarnation->owner;
    uint32_t i;
    for (i = 0; i < owner->instrument_count; i++) {
        const struct position *position = &owner->engine->positions[owner->first_position + i];
        incarnation->shadow->wishes[i] =
            (struct shadow_wish){position->has_target, position->target};
    }
}

int shadow_mute(struct incarnation *incarnation)
{
    struct shadow *shadow = calloc(1, sizeof *shadow);
    if (!shadow)
        return TURRET_ENOMEM;
    shadow->host = strategy_host;
    shadow->host.target = target;
    shadow->host.submit = submit;
    shadow->host.cancel = cancel;
    shadow->host.modify = modify;
    shadow->host.score = score;
    shadow->host.timer = timer;
    shadow->host.log = say;
    incarnation->shadow = shadow;
    incarnation->handle.host = &shadow->host;
    sync_wishes(incarnation);
    return TURRET_OK;
}

void shadow_lift(struct incarnation *incarnation)
{
    struct shadow *shadow = incarnation->shadow;
    uint64_t i = shadow->phantoms > SHADOW_PHANTOMS ? shadow->phantoms - SHADOW_PHANTOMS : 0;
    incarnation->shadow = NULL;
    shadow_silence(incarnation); /* what it asks for now would belong to no event */
    for (; i < shadow->phantoms && incarnation->type->on_order; i++)
        incarnation->type->on_order(&incarnation->handle, &shadow->phantom[i % SHADOW_PHANTOMS]);
    incarnation->handle.host = &strategy_host;
    free(shadow);
}

void shadow_pass(struct incarnation *from, struct incarnation *to)
{
    struct shadow *shadow = from->shadow;
    uint32_t t;
    for (t = 0; t < ENGINE_SESSION_TIMERS; t++)
        if (shadow->timer_set[t])
            strategy_set_timer(from->owner, t, shadow->timers[t]);
    from->shadow = NULL;
    from->handle.host = &strategy_host;
    to->shadow = shadow;
    to->handle.host = &shadow->host;
    memset(&shadow->view, 0, sizeof shadow->view);
    sync_wishes(to);
}

void shadow_forget_target(const struct strategy *strategy, turret_instrument instrument)
{
    uint32_t i;
    for (i = 0; strategy->beside && i < strategy->instrument_count; i++)
        if (strategy->instruments[i] == instrument)
            strategy->beside->shadow->wishes[i].has_target = false;
}

/* ---- comparing ---- */

static void describe(const struct engine *engine, const struct event_intent *intent, char *text,
                     size_t room)
{
    const struct turret_instrument_def *def =
        intent ? engine_instrument(engine, intent->instrument) : NULL; /* an order may be of none */
    if (!intent)
        (void)snprintf(text, room, "nothing");
    else if (intent->kind == INTENT_TARGET)
        (void)snprintf(text, room, "target %s of %s",
                       market_qty_text(engine, intent->instrument, intent->qty).text,
                       engine->instruments[intent->instrument].def.symbol);
    else if (intent->kind == INTENT_SUBMIT)
        (void)snprintf(text, room, "%s %s %s of %s at %s", order_side_name(intent->side),
                       order_type_name(intent->type),
                       market_qty_text(engine, intent->instrument, intent->qty).text,
                       def ? def->symbol : "no instrument",
                       money_text(intent->limit_price, def ? def->price_scale : 0).text);
    else
        (void)snprintf(text, room, "%s order %llu",
                       intent->kind == INTENT_CANCEL ? "cancel" : "modify",
                       (unsigned long long)intent->order_id);
}

static void compare(const struct strategy *strategy)
{
    struct engine *engine = strategy->engine;
    const struct incarnation *beside = strategy->beside;
    struct shadow *shadow = beside->shadow;
    uint32_t i;
    for (i = 0; i < shadow->said_count || i < shadow->acting_count; i++) {
        const struct event_intent *own = i < shadow->said_count ? &shadow->said[i] : NULL;
        const struct event_intent *acting = acting_intent(beside, i);
        char first[80], second[80];
        if (own && acting && same_wish(own, acting)) {
            shadow->view.same++;
            continue;
        }
        if (++shadow->view.different > SHADOW_TOLD_MAX || strategy->swap.phase != SWAP_PREPARE)
            continue;
        describe(engine, acting, first, sizeof first);
        describe(engine, own, second, sizeof second);
        engine_notice(engine, NOTICE_SHADOW, strategy->index,
                      "%s at event %llu: %s says %s, %s says %s", strategy->name,
                      (unsigned long long)engine->sequence, strategy->acting->type->version, first,
                      beside->type->version, second);
    }
}

void shadow_give(struct strategy *strategy, incarnation_call_fn *call, const void *payload,
                 uint32_t first)
{
    struct shadow *shadow = strategy->beside->shadow;
    shadow->acting_first = first;
    shadow->acting_count = strategy->engine->intent_count - first;
    shadow->said_count = 0;
    shadow->view.callbacks++;
    call(strategy->beside, payload);
    compare(strategy);
}
