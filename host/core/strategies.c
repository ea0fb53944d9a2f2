/* SPDX-License-Identifier: Apache-2.0 */
/* Strategies: when they are called, and what happens to one that breaks its contract. */
#include "core/execution.h"

#include <stdarg.h>
#include <string.h>

void strategy_fault(struct engine *engine, struct strategy *strategy, const char *format, ...)
{
    va_list args;
    if (strategy->run == STRATEGY_FAULT)
        return;
    va_start(args, format);
    (void)vsnprintf(strategy->fault, sizeof strategy->fault, format, args);
    va_end(args);
    strategy->run = STRATEGY_FAULT;
    engine->rollback_due = engine->rollback_due || swap_can_roll_back(strategy);
    engine_notice(engine, NOTICE_FAULT, strategy->index,
                  "strategy %s is disabled: %s; its orders stay as they are", strategy->name,
                  strategy->fault);
}

const struct turret_strategy_type *engine_type_of(const struct turret_strategy *self)
{
    return ((const struct incarnation *)(const void *)self)->type;
}

void strategies_refresh_ready(struct engine *engine)
{
    uint32_t s;
    for (s = 0; s < engine->strategy_count; s++) {
        incarnation_refresh_ready(engine->strategies[s].acting);
        if (engine->strategies[s].beside)
            incarnation_refresh_ready(engine->strategies[s].beside);
    }
}

/* ---- callbacks: the acting build first, then the one beside it ---- */

void strategy_give(struct strategy *strategy, incarnation_call_fn *call, const void *payload)
{
    struct engine *engine = strategy->engine;
    uint32_t before = engine->intent_count;
    *engine->calling = strategy->index + 1;
    call(strategy->acting, payload);
    if (strategy->beside) {
        *engine->calling = (strategy->index + 1) | ENGINE_CALLING_BESIDE;
        shadow_give(strategy, call, payload, before);
    }
    *engine->calling = 0;
}

static void call_bar(struct incarnation *incarnation, const void *bar)
{
    if (incarnation->ready && incarnation->type->on_bar)
        incarnation->type->on_bar(&incarnation->handle, bar);
}

void strategies_bar(struct engine *engine, const struct stream *stream,
                    const struct turret_bar *bar)
{
    const uint32_t *listener = engine->listeners + stream->first_strategy;
    uint32_t i;
    for (i = 0; i < stream->strategy_count; i++)
        if (engine->strategies[listener[i]].run == STRATEGY_RUNNING)
            strategy_give(&engine->strategies[listener[i]], call_bar, bar);
}

static void call_event(struct incarnation *incarnation, const void *payload)
{
    const struct turret_strategy_type *type = incarnation->type;
    const struct event *event = payload;
    if (!incarnation->ready)
        return;
    if (event->type == EVENT_TRADE && type->on_trade)
        type->on_trade(&incarnation->handle, &event->u.trade);
    else if (event->type == EVENT_QUOTE && type->on_quote)
        type->on_quote(&incarnation->handle, &event->u.quote);
    else if (event->type == EVENT_LEVEL && type->on_level)
        type->on_level(&incarnation->handle, &event->u.level);
    else if (event->type == EVENT_STATUS && type->on_status)
        type->on_status(&incarnation->handle, &event->u.status);
}

void strategies_event(struct engine *engine, const struct instrument *instrument,
                      const struct event *event)
{
    const uint32_t *watcher = engine->watchers + instrument->first_watcher;
    uint32_t i;
    for (i = 0; i < instrument->watcher_count; i++)
        if (engine->strategies[watcher[i]].run == STRATEGY_RUNNING)
            strategy_give(&engine->strategies[watcher[i]], call_event, event);
}

static void call_timer(struct incarnation *incarnation, const void *timer_id)
{
    if (incarnation->type->on_timer)
        incarnation->type->on_timer(&incarnation->handle, *(const uint32_t *)timer_id,
                                    incarnation->owner->engine->now);
}

void strategy_set_timer(struct strategy *strategy, uint32_t timer_id, turret_time_ns at)
{
    strategy->timers[timer_id] = at;
    if (at != 0 && at < strategy->engine->next_timer)
        strategy->engine->next_timer = at;
}

void strategies_call_timers(struct engine *engine)
{
    uint32_t s, t;
    engine->next_timer = INT64_MAX;
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        if (strategy->run != STRATEGY_RUNNING)
            continue; /* what starts it has them looked for */
        for (t = 0; t < ENGINE_SESSION_TIMERS && strategy->run == STRATEGY_RUNNING; t++) {
            turret_time_ns at = strategy->timers[t];
            bool due = at != 0 && at <= engine->now;
            strategy_set_timer(strategy, t, due ? 0 : at);
            if (due)
                strategy_give(strategy, call_timer, &t);
            if (due && strategy->acting->lost)
                strategy->timers[t] = at; /* it never rang: once more when it is begun anew */
        }
    }
}

/* Whether anybody would be told of the strategy's own orders and fills. */
static bool listens(const struct strategy *strategy)
{
    return strategy->run != STRATEGY_FAULT && strategy->run != STRATEGY_STOPPED;
}

static void call_order(struct incarnation *incarnation, const void *order)
{
    if (incarnation->type->on_order)
        incarnation->type->on_order(&incarnation->handle, order);
}

static void call_fill(struct incarnation *incarnation, const void *fill)
{
    if (incarnation->type->on_fill)
        incarnation->type->on_fill(&incarnation->handle, fill);
}

void strategy_view_order(const struct engine *engine, const struct order *order,
                         struct turret_order *view)
{
    memset(view, 0, sizeof *view);
    view->struct_size = (uint32_t)sizeof *view;
    view->instrument = order->instrument;
    view->id = order->id;
    view->side = order->side;
    view->type = order->type;
    view->tif = order->tif;
    view->state = order->state;
    view->request = order->request;
    view->flags = order->flags;
    view->denial = order->denial;
    view->qty = order->qty;
    view->filled_qty = order->filled_qty;
    view->limit_price = order->limit_price;
    view->stop_price = order->stop_price;
    if (order->filled_qty > 0) {
        const struct money_rate *rate = &engine->instruments[order->instrument].rate;
        view->average_price = (turret_price)((money_wide)order->filled_value * rate->divisor /
                                             rate->factor / order->filled_qty);
    }
    view->parent = order->parent;
    view->oco = order->oco;
    view->expires = order->expires;
    view->trail = order->trail;
    view->display_qty = order->display_qty;
    view->take_profit = order->take_profit;
    view->stop_loss = order->stop_loss;
    view->stop_trail = order->stop_trail;
    view->created = order->created;
    view->updated = order->updated;
}

static void tell_order(const struct engine *engine, struct strategy *strategy,
                       const struct order *order)
{
    struct turret_order view;
    if (!listens(strategy) || (!strategy->acting->type->on_order && !strategy->beside))
        return;
    strategy_view_order(engine, order, &view);
    strategy_give(strategy, call_order, &view);
}

void strategy_told_order(struct engine *engine, const struct order *order)
{
    uint32_t algorithm = execution_algorithm(engine, order);
    if (algorithm < engine->strategy_count)
        tell_order(engine, &engine->strategies[algorithm], order);
    if (order->strategy < engine->strategy_count && order->role != ORDER_SLICE)
        tell_order(engine, &engine->strategies[order->strategy], order);
}

/* A slice's fill is its parent's to the strategy. */
static uint64_t told_id(struct engine *engine, uint64_t order_id)
{
    const struct order *order = order_table_find(engine->orders, order_id);
    return order && order->role == ORDER_SLICE ? order->parent : order_id;
}

static void tell_fill(struct strategy *strategy, const struct fill *fill, uint64_t order_id)
{
    struct turret_fill view;
    if (!listens(strategy) || (!strategy->acting->type->on_fill && !strategy->beside))
        return;
    memset(&view, 0, sizeof view);
    view.struct_size = (uint32_t)sizeof view;
    view.instrument = fill->instrument;
    view.order_id = order_id;
    view.fill_id = fill->id;
    view.side = fill->side;
    view.maker = fill->maker;
    view.qty = fill->qty;
    view.price = fill->price;
    view.fee = fill->fee;
    view.time = fill->time;
    strategy_give(strategy, call_fill, &view);
}

void strategy_told_fill(struct engine *engine, const struct fill *fill)
{
    const struct order *order = order_table_find(engine->orders, fill->order_id);
    uint32_t algorithm = order ? execution_algorithm(engine, order) : ENGINE_NONE;
    if (algorithm < engine->strategy_count)
        tell_fill(&engine->strategies[algorithm], fill, fill->order_id);
    if (fill->strategy >= engine->strategy_count)
        return;
    engine->strategies[fill->strategy].fills++;
    tell_fill(&engine->strategies[fill->strategy], fill, told_id(engine, fill->order_id));
}
