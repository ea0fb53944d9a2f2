/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flatten.h"

#include "core/held.h"

/* One that closes by time or by a person's word: it stays, and what it closes is not closed twice.
 */
static bool closes_now(const struct order *order)
{
    return order->role == ORDER_EXIT && order->parent == 0 &&
           order->request != TURRET_REQUEST_PENDING_CANCEL && order->unwanted != HELD_UNWANTED;
}

/* Until they end, also where a venue refuses that at first. */
static void drop_working(struct engine *engine, uint32_t scope, uint32_t index)
{
    struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (order->strategy == ORDER_NO_STRATEGY || !order_is_working(order) || closes_now(order) ||
            !engine_trading_concerns(engine, scope, index, order->strategy, order->instrument))
            continue;
        held_let_go(engine, order,
                    ORDER_LET_GO_BY_PERSON); /* what it leaves open is closed below */
    }
}

/* Of the position what no market exit closes, to its end; those are cut, and followed for the rest.
   Orders are looked through only where there is something to close. */
static turret_qty uncovered(const struct engine *engine, const struct strategy *strategy,
                            const struct position *position)
{
    turret_qty left = position->qty > 0 ? position->qty : -position->qty;
    uint8_t side = position->qty > 0 ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    const struct order *order;
    uint32_t cursor = 0;
    while (left > 0 && (order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->strategy == strategy->index && order->instrument == position->instrument &&
            order->side == side && order_is_working(order) && closes_now(order))
            left -=
                (order->state == TURRET_STATE_HELD ? order->qty : order->whole) - order->filled_qty;
    return left;
}

void flatten_decide(struct engine *engine, const struct event_control *control)
{
    struct event_control state = *control;
    uint32_t index, s, i;
    state.kind = control->kind == CONTROL_FLATTEN ? CONTROL_TRADING_RESUME : CONTROL_TRADING_REVIVE;
    state.value = TRADING_REDUCING;
    state.name[sizeof state.name - 1] = '\0';
    index = engine_trading_find(engine, state.target, state.name);
    if (index == ENGINE_NONE)
        return; /* the name is of nothing any more */
    if (!trading_decide(engine, &state)) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "nothing is made flat: %s %s was halted meanwhile",
                      trading_scope_name(state.target), state.name);
        return;
    }
    drop_working(engine, state.target, index);
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        for (i = 0; i < strategy->instrument_count; i++) {
            const struct position *position = &engine->positions[strategy->first_position + i];
            turret_qty left;
            if (!engine_trading_concerns(engine, state.target, index, s, strategy->instruments[i]))
                continue;
            left = uncovered(engine, strategy, position);
            if (left > 0)
                held_close(engine, strategy, strategy->instruments[i], left,
                           "a person makes it flat");
        }
    }
}
