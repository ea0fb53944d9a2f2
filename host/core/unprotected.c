/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positions whose strategies asked for a stop that is not there: a person's halt cancelled it, or
 * its venue refused it. Found in the orders when somebody asks, so that nothing has to be kept.
 */
#include "core/state.h"

#include <string.h>

static struct position *position_of(const struct engine *engine, const struct order *order)
{
    return order->strategy < engine->strategy_count
               ? strategy_position((struct engine *)(uintptr_t)engine,
                                   &engine->strategies[order->strategy], order->instrument)
               : NULL;
}

static turret_qty held(const struct position *position)
{
    return position->qty < 0 ? -position->qty : position->qty;
}

static bool is_protected(const struct strategy *strategy)
{
    const struct protection *protection = &strategy->protection;
    return (protection->atr_period | protection->trailing_ppm | protection->trailing_nano) != 0;
}

/* The newest of those says whether the position is to have a stop. */
static bool opened(const struct position *position, const struct order *order)
{
    return order->filled_qty > 0 && order->role == ORDER_OWN &&
           !(order->flags & TURRET_ORDER_REDUCE_ONLY) && order_signed(order, position->qty) > 0;
}

/* A stop, one that was set off, or what closes at once. */
static bool guards(const struct position *position, const struct order *order)
{
    return order_is_working(order) && order->role != ORDER_SLICE &&
           order->request != TURRET_REQUEST_PENDING_CANCEL &&
           (order->type != TURRET_ORDER_LIMIT || order->was_stop) &&
           order_signed(order, position->qty) < 0;
}

void engine_unprotected(const struct engine *engine, turret_qty *to)
{
    const struct position *position;
    const struct order *order;
    uint32_t i, cursor = 0;
    for (i = 0; i < engine->position_count; i++) {
        position = &engine->positions[i];
        to[i] = position->strategy != POSITION_OF_ACCOUNT &&
                        is_protected(&engine->strategies[position->strategy])
                    ? held(position)
                    : 0;
    }
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        position = position_of(engine, order);
        if (position && opened(position, order) &&
            !is_protected(&engine->strategies[order->strategy]))
            to[position - engine->positions] =
                (order->stop_loss | order->stop_trail) != 0 ? held(position) : 0;
    }
    for (cursor = 0; (order = order_table_next(engine->orders, &cursor)) != NULL;) {
        position = position_of(engine, order);
        if (position && guards(position, order)) {
            turret_qty *left = &to[position - engine->positions], leaves;
            leaves = order->qty - order->filled_qty;
            *left -= leaves < *left ? leaves : *left;
        }
    }
}
