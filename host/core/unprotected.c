/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positions whose strategies asked for a stop that is not there: a person's halt cancelled it, or
 * its venue refused it. Found in the orders when somebody asks, so that nothing has to be kept.
 */
#include "core/held.h"

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

/* The newest of those, which has the largest id, says whether the position is to have a stop. */
static bool opened(const struct position *position, const struct order *order)
{
    return order->filled_qty > 0 && order->role == ORDER_OWN &&
           !(order->flags & TURRET_ORDER_REDUCE_ONLY) && order_signed(order, position->qty) > 0;
}

/* A stop, one that was set off, or what closes at once. One that never left for good is none, and
   one of which nobody knows whether it arrived is none for sure. */
static bool guards(const struct position *position, const struct order *order)
{
    return order_is_working(order) && order->state != TURRET_STATE_UNKNOWN &&
           !held_is_stuck(order) && order->role != ORDER_SLICE &&
           order->request != TURRET_REQUEST_PENDING_CANCEL &&
           (order->type != TURRET_ORDER_LIMIT || order->was_stop) &&
           order_signed(order, position->qty) < 0;
}

/* An exit that was cut when it was sent is followed by others, up to the whole of it. */
static turret_qty closes(const struct order *order)
{
    bool cut = order->state != TURRET_STATE_HELD && order->whole > order->qty;
    return (cut ? order->whole : order->qty) - order->filled_qty;
}

turret_qty held_unguarded(const struct engine *engine, const struct position *position)
{
    const struct order *order;
    turret_qty left = held(position);
    uint32_t cursor = 0;
    while (left > 0 && (order = order_table_next(engine->orders, &cursor)) != NULL)
        if (position_of(engine, order) == position && guards(position, order))
            left -= closes(order);
    return left > 0 ? left : 0;
}

/* 0: the table has none. Not the last one: an order that works moves behind younger ones. */
static void find_newest(const struct engine *engine, turret_qty *ids)
{
    const struct position *position;
    const struct order *order;
    uint32_t cursor = 0;
    memset(ids, 0, engine->position_count * sizeof *ids);
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        position = position_of(engine, order);
        if (position && opened(position, order)) {
            turret_qty *id = &ids[position - engine->positions];
            *id = (turret_qty)order->id > *id ? (turret_qty)order->id : *id;
        }
    }
}

static bool wants_stop(const struct engine *engine, const struct position *position,
                       uint64_t newest)
{
    const struct order *order = order_table_find(engine->orders, newest);
    return (position->strategy != POSITION_OF_ACCOUNT &&
            is_protected(&engine->strategies[position->strategy])) ||
           (order && (order->stop_loss | order->stop_trail) != 0);
}

void engine_unprotected(const struct engine *engine, turret_qty *to)
{
    const struct position *position;
    const struct order *order;
    uint32_t i, cursor = 0;
    find_newest(engine, to); /* ids fit: they are below ORDER_ID_END */
    for (i = 0; i < engine->position_count; i++) {
        position = &engine->positions[i];
        to[i] = wants_stop(engine, position, (uint64_t)to[i]) ? held(position) : 0;
    }
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        position = position_of(engine, order);
        if (position && guards(position, order)) {
            turret_qty *left = &to[position - engine->positions], most = closes(order);
            *left -= most < *left ? most : *left;
        }
    }
}
