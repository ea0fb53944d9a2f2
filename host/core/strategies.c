/* SPDX-License-Identifier: Apache-2.0 */
/* Strategies: when they are called, and what happens to one that breaks its contract. */
#include "core/state.h"

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
    engine_notice(engine, NOTICE_FAULT, strategy->index,
                  "strategy %s is disabled: %s; its orders stay as they are", strategy->name,
                  strategy->fault);
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

struct position *strategy_position(struct engine *engine, const struct strategy *strategy,
                                   turret_instrument instrument)
{
    uint32_t i;
    for (i = 0; i < strategy->instrument_count; i++)
        if (strategy->instruments[i] == instrument)
            return &engine->positions[strategy->first_position + i];
    return NULL;
}

void strategies_bar(struct engine *engine, const struct stream *stream,
                    const struct turret_bar *bar)
{
    const uint32_t *listener = engine->listeners + stream->first_strategy;
    uint32_t i;
    for (i = 0; i < stream->strategy_count; i++) {
        struct strategy *strategy = &engine->strategies[listener[i]];
        if (strategy->run == STRATEGY_RUNNING && strategy->acting->ready &&
            strategy->acting->type->on_bar)
            strategy->acting->type->on_bar(&strategy->acting->handle, bar);
    }
}

void strategies_timers(struct engine *engine)
{
    uint32_t s, t;
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        if (!strategy->acting->type->on_timer || strategy->run != STRATEGY_RUNNING)
            continue;
        for (t = 0; t < ENGINE_SESSION_TIMERS; t++) {
            if (strategy->timers[t] == 0 || strategy->timers[t] > engine->now)
                continue;
            strategy->timers[t] = 0;
            strategy->acting->type->on_timer(&strategy->acting->handle, t, engine->now);
        }
    }
}

void strategy_told_order(struct engine *engine, const struct order *order)
{
    struct strategy *strategy;
    struct turret_order view;
    if (order->strategy >= engine->strategy_count)
        return;
    strategy = &engine->strategies[order->strategy];
    if (!strategy->acting->type->on_order || strategy->run == STRATEGY_FAULT ||
        strategy->run == STRATEGY_STOPPED)
        return;
    memset(&view, 0, sizeof view);
    view.struct_size = (uint32_t)sizeof view;
    view.instrument = order->instrument;
    view.id = order->id;
    view.side = order->side;
    view.type = order->type;
    view.tif = order->tif;
    view.state = order->state;
    view.request = order->request;
    view.flags = order->flags;
    view.denial = order->denial;
    view.qty = order->qty;
    view.filled_qty = order->filled_qty;
    view.limit_price = order->limit_price;
    view.stop_price = order->stop_price;
    if (order->filled_qty > 0) {
        const struct money_rate *rate = &engine->instruments[order->instrument].rate;
        view.average_price = (turret_price)((money_wide)order->filled_value * rate->divisor /
                                            rate->factor / order->filled_qty);
    }
    view.created = order->created;
    view.updated = order->updated;
    strategy->acting->type->on_order(&strategy->acting->handle, &view);
}

void strategy_told_fill(struct engine *engine, const struct fill *fill)
{
    struct strategy *strategy;
    struct turret_fill view;
    if (fill->strategy >= engine->strategy_count)
        return;
    strategy = &engine->strategies[fill->strategy];
    strategy->fills++;
    if (!strategy->acting->type->on_fill || strategy->run == STRATEGY_FAULT ||
        strategy->run == STRATEGY_STOPPED)
        return;
    memset(&view, 0, sizeof view);
    view.struct_size = (uint32_t)sizeof view;
    view.instrument = fill->instrument;
    view.order_id = fill->order_id;
    view.fill_id = fill->id;
    view.side = fill->side;
    view.maker = fill->maker;
    view.qty = fill->qty;
    view.price = fill->price;
    view.fee = fill->fee;
    view.time = fill->time;
    strategy->acting->type->on_fill(&strategy->acting->handle, &view);
}
