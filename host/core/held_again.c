/* SPDX-License-Identifier: Apache-2.0 */
/* What the host asks for again, later each time: what did not leave, and what should be gone. */
#include "core/held.h"

#define BACK_OFF_MOST 6 /* doublings */

bool held_backs_off(const struct engine *engine, const struct order *order)
{
    uint32_t doublings = order->tries > BACK_OFF_MOST ? BACK_OFF_MOST + 1u : order->tries;
    return order->tries > 0 && engine->now - order->updated < HELD_AGAIN_NS / 2 << doublings;
}

uint8_t held_next_try(const struct order *order)
{
    return (uint8_t)(order->tries + (order->tries <= BACK_OFF_MOST));
}

void held_count_try(struct engine *engine, struct order *order, const char *why)
{
    if (order->tries == 0)
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "%s: order %llu did not leave and is tried again: %s",
                      engine->strategies[order->strategy].name, (unsigned long long)order->id, why);
    if (engine->venues[order->venue].ready) /* else it waits for its venue, and goes at once */
        order->tries = held_next_try(order);
}

/* A change under way ends with it: the order is as large as it was to become. */
static void end_change(struct order *order)
{
    if (order->unwanted == HELD_UNWANTED_PART)
        order->unwanted = 0; /* `whole` is less already */
    else if (order->pending_qty > 0)
        order->whole = order->pending_qty;
    order->pending_qty = 0;
    order->request = TURRET_REQUEST_NONE;
}

void held_kept_back(struct engine *engine, struct order *order, const char *why)
{
    if (!(order->held & HELD_RETURNS) || order->request == TURRET_REQUEST_PENDING_CANCEL ||
        order->let_go >= ORDER_LET_GO_BY_PERSON) {
        (void)order_change(engine, order, TURRET_STATE_REJECTED, why);
        return;
    }
    held_count_try(engine, order, why);
    order_reserve(engine, order, -1);
    gap_unsent(engine, order);
    end_change(order);
    order->qty = order->whole;
    held_keep(engine, order,
              (order->tif == TURRET_TIF_GTD ? HELD_EXPIRY : 0u) | HELD_TRIGGER | HELD_TRIGGERED |
                  HELD_EXEMPT,
              why);
    if (order->role == ORDER_EXIT) /* its position may be less than when it went */
        held_fit_exits(engine, order->strategy, order->instrument);
}

void order_cancel_again(struct engine *engine, struct order *order)
{
    order->cancel_lost = 0;
    order->updated = engine->now;
    engine_command(engine, COMMAND_CANCEL, order);
}

const char *held_unwanted_why(struct engine *engine, const struct order *order)
{
    const struct order *other = order_table_find(engine->orders, order->oco);
    if (other && other->state == TURRET_STATE_HELD && (other->held & HELD_TRIGGERED))
        return "the other of the pair is due";
    if (other && other->filled_qty > 0)
        return "the other of the pair filled";
    if (order->let_go >= ORDER_LET_GO_BY_PERSON)
        return order_let_go_text(order);
    if (order->role == ORDER_SLICE)
        return "its parent order has ended or is changed";
    return order->whole == 0 ? "nothing is left for it to close" : "it could not be made less";
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
    order->tries = held_next_try(order);
    held_cancel(engine, order, why);
}

void held_let_go(struct engine *engine, struct order *order, uint8_t by)
{
    order->let_go = by;
    held_drop(engine, order, order_let_go_text(order));
}

void held_changed(struct order *order)
{
    if (order->whole > 0)
        order->whole = order->qty;
}

void held_not_less(struct engine *engine, struct order *order)
{
    if (order->unwanted != HELD_UNWANTED_PART)
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
