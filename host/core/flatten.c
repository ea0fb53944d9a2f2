/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flatten.h"

#include "core/held.h"

/* Closes at market already, by an earlier word or by itself: it is not begun anew. */
static bool closes_now(const struct order *order)
{
    return order->role == ORDER_EXIT && order->type == TURRET_ORDER_MARKET;
}

static void cancel_working(struct engine *engine, uint32_t scope, uint32_t index)
{
    struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->strategy != ORDER_NO_STRATEGY && order_is_working(order) && !closes_now(order) &&
            order->request != TURRET_REQUEST_PENDING_CANCEL &&
            engine_trading_concerns(engine, scope, index, order->strategy, order->instrument))
            held_cancel(engine, order, "its strategy is made flat");
}

static bool closes(const struct engine *engine, const struct strategy *strategy,
                   turret_instrument instrument)
{
    const struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->strategy == strategy->index && order->instrument == instrument &&
            order_is_working(order) && closes_now(order))
            return true;
    return false;
}

void flatten_decide(struct engine *engine, const struct event_control *control)
{
    uint32_t index, s, i;
    char name[sizeof control->name];
    (void)snprintf(name, sizeof name, "%.47s", control->name);
    index = engine_trading_find(engine, control->target, name);
    if (index == ENGINE_NONE)
        return; /* the name is of nothing any more */
    cancel_working(engine, control->target, index);
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        for (i = 0; i < strategy->instrument_count; i++) {
            turret_instrument instrument = strategy->instruments[i];
            if (engine->positions[strategy->first_position + i].qty != 0 &&
                engine_trading_concerns(engine, control->target, index, s, instrument) &&
                !closes(engine, strategy, instrument))
                held_close(engine, strategy, instrument, "a person makes it flat");
        }
    }
}
