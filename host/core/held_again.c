/* SPDX-License-Identifier: Apache-2.0 */
/* What the host asks for again, later each time: what did not leave, and what should be gone. */
#include "core/held.h"

#define BACK_OFF_MOST 6 /* doublings */

bool held_backs_off(const struct engine *engine, const struct order *order)
{
    uint32_t doublings = order->tries > BACK_OFF_MOST ? BACK_OFF_MOST : order->tries - 1u;
    return order->tries > 0 && engine->now - order->updated < HELD_AGAIN_NS << doublings;
}

void held_count_try(struct engine *engine, struct order *order, const char *why)
{
    if (order->tries == 0)
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "%s: order %llu did not leave and is tried again: %s",
                      engine->strategies[order->strategy].name, (unsigned long long)order->id, why);
    if (engine->venues[order->venue].ready && order->tries <= BACK_OFF_MOST)
        order->tries++; /* else it waits for its venue, and goes at once */
}

/* What it was before it was cut for this time; of its pair the other one was not. */
static turret_qty whole_of(struct engine *engine, const struct order *order)
{
    const struct order *other = order->oco ? order_table_find(engine->orders, order->oco) : NULL;
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    turret_qty leaves = 0;
    if (other && other->state == TURRET_STATE_HELD)
        leaves = order_leaves(other);
    else if (order->role == ORDER_EXIT && !order->parent)
        leaves = own->qty < 0 ? -own->qty : own->qty;
    return leaves > order_leaves(order) ? order->filled_qty + leaves : order->qty;
}

void held_kept_back(struct engine *engine, struct order *order, const char *why)
{
    if (!(order->held & HELD_RETURNS) || order->request != TURRET_REQUEST_NONE) {
        (void)order_change(engine, order, TURRET_STATE_REJECTED, why);
        return;
    }
    held_count_try(engine, order, why);
    order_reserve(engine, order, -1);
    gap_unsent(engine, order);
    order->qty = whole_of(engine, order);
    held_keep(engine, order,
              (order->held & HELD_EXPIRY) | HELD_TRIGGER | HELD_TRIGGERED | HELD_EXEMPT, why);
}

void held_drop(struct engine *engine, struct order *order, const char *why)
{
    if (order->state == TURRET_STATE_HELD) {
        held_cancel(engine, order, why);
        return;
    }
    if (order->unwanted != HELD_UNWANTED) {
        order->unwanted = HELD_UNWANTED;
        order->tries = 0;
        held_watch(engine, order);
    }
    if (order->request == TURRET_REQUEST_PENDING_CANCEL || held_backs_off(engine, order))
        return;
    if (order->tries == 1)
        engine_notice(
            engine, NOTICE_ALARM, order->strategy,
            "order %llu is not cancelled, which is asked for again: %s; until then it may "
            "fill",
            (unsigned long long)order->id, why);
    order->tries = (uint8_t)(order->tries + (order->tries <= BACK_OFF_MOST));
    held_cancel(engine, order, why);
}

void held_not_less(struct engine *engine, struct order *order)
{
    bool wanted = order->unwanted == HELD_UNWANTED_PART;
    if (!wanted)
        return;
    order->unwanted = 0;
    if (!order_is_working(order))
        return;
    engine_notice(engine, NOTICE_ALARM, order->strategy,
                  "order %llu is not made less by its venue: it is cancelled",
                  (unsigned long long)order->id);
    order->unwanted = HELD_UNWANTED; /* with the end of this event */
    order->tries = 0;
    held_watch(engine, order);
}
