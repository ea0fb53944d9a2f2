/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that an algorithm works by parts of its own. */
#include "core/execution.h"

#include <string.h>

const char *execution_of(const struct strategy *strategy, const struct event_intent *intent)
{
    if (intent->execution[0] || intent->parent)
        return intent->execution;
    return intent->kind == INTENT_TARGET || intent->type == TURRET_ORDER_MARKET ||
                   intent->type == TURRET_ORDER_LIMIT
               ? strategy->execution
               : "";
}

uint32_t execution_find(const struct engine *engine, const char *name, turret_instrument instrument)
{
    uint32_t s;
    for (s = 0; s < engine->strategy_count; s++) {
        const struct strategy *strategy = &engine->strategies[s];
        if (strcmp(strategy->name, name) != 0)
            continue;
        return strategy->run == STRATEGY_RUNNING && strategy->acting->type->on_order &&
                       strategy_position((struct engine *)(uintptr_t)engine, strategy, instrument)
                   ? s
                   : ENGINE_NONE;
    }
    return ENGINE_NONE;
}

void execution_begin(struct engine *engine, struct order *parent, uint32_t algorithm)
{
    parent->algorithm = algorithm + 1;
    held_keep(engine, parent, HELD_PARENT | (parent->tif == TURRET_TIF_GTD ? HELD_EXPIRY : 0),
              NULL);
}

const struct order *execution_parent(const struct engine *engine, const struct event_intent *part)
{
    const struct order *parent = order_table_find(engine->orders, part->parent);
    return parent && parent->algorithm == part->strategy + 1 ? parent : NULL;
}

uint32_t execution_may(const struct engine *engine, const struct event_intent *part)
{
    const struct order *parent = execution_parent(engine, part);
    return parent && parent->state == TURRET_STATE_HELD && parent->instrument == part->instrument &&
                   parent->side == part->side && !part->execution[0] && part->oco == 0 &&
                   part->take_profit == 0 && part->stop_loss == 0 && part->stop_trail == 0 &&
                   part->display_qty == 0 /* slices of a part would count for it alone */
               ? DENY_NONE
               : DENY_PARENT;
}

const char *execution_comes_late(const struct engine *engine, const struct order *part)
{
    const struct order *parent = order_table_find(engine->orders, part->parent);
    if (!parent || order_is_terminal(parent))
        return "its parent order has ended";
    return parent->request == TURRET_REQUEST_PENDING_CANCEL ? "its parent order is being cancelled"
                                                            : NULL;
}

bool execution_gives_way(struct engine *engine, const struct strategy *strategy,
                         turret_instrument instrument, uint8_t side)
{
    struct order *order;
    uint64_t last = 0;
    bool works = false;
    while ((order = held_next(engine, last)) != NULL) {
        last = order->id;
        if (!order->algorithm || !order->by_target || order->strategy != strategy->index ||
            order->instrument != instrument)
            continue;
        if (order->request != TURRET_REQUEST_PENDING_CANCEL && side && order->side != side)
            held_cancel(engine, order, "its strategy wishes for something else");
        works = works || order->request == TURRET_REQUEST_PENDING_CANCEL;
    }
    return works;
}

uint32_t execution_algorithm(const struct engine *engine, const struct order *order)
{
    if (order->role == ORDER_SLICE)
        order = order_table_find(engine->orders, order->parent);
    return order && order->algorithm ? order->algorithm - 1 : ENGINE_NONE;
}

bool execution_is_abandoned(const struct engine *engine, const struct order *parent)
{
    const struct strategy *strategy;
    if (!parent->algorithm || engine->rollback_due) /* its last build is about to go on */
        return false;
    strategy = &engine->strategies[parent->algorithm - 1];
    return strategy->run != STRATEGY_RUNNING && strategy->run != STRATEGY_PAUSED;
}
