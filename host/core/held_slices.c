/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that are worked by slices, and what of them is told to whom. */
#include "core/held.h"

#include <string.h>

void held_share(struct engine *engine, const struct order *child, int sign)
{
    struct order *parent = order_table_find(engine->orders, child->parent);
    bool working;
    if (!parent)
        return;
    working = order_is_working(parent);
    if (working)
        order_reserve(engine, parent, -1);
    parent->children_qty += order_leaves(child) * sign;
    if (working)
        order_reserve(engine, parent, 1);
}

uint32_t held_check(struct engine *engine, struct strategy *strategy, struct order *order)
{
    uint32_t denial;
    if (order->role != ORDER_SLICE)
        return risk_check(engine, strategy, order);
    held_share(engine, order, 1);
    denial = risk_check(engine, strategy, order);
    held_share(engine, order, -1);
    return denial;
}

static void draft_slice(const struct engine *engine, const struct order *parent,
                        struct order *draft)
{
    turret_qty qty = order_leaves(parent);
    held_draft(engine, draft, parent->strategy, parent->instrument, parent->reason);
    draft->parent = parent->id;
    draft->role = ORDER_SLICE;
    draft->side = parent->side;
    draft->type = parent->type;
    draft->tif = parent->held & HELD_EXPIRY ? TURRET_TIF_GTC : parent->tif;
    draft->expires = parent->held & HELD_EXPIRY ? 0 : parent->expires;
    draft->flags = parent->flags;
    draft->limit_price = parent->limit_price;
    draft->qty = qty < parent->display_qty ? qty : parent->display_qty;
}

/* What its next slice waited for is there, which the store is to know too. */
static void waits_no_more(struct engine *engine, struct order *parent)
{
    if (parent->denial == DENY_NONE)
        return;
    parent->denial = DENY_NONE;
    memset(parent->venue_reason, 0, sizeof parent->venue_reason);
    order_publish(engine, parent);
}

void held_slice(struct engine *engine, struct order *parent)
{
    struct order draft, *child;
    uint32_t denial;
    parent->held &= (uint8_t) ~(HELD_TRIGGERED | HELD_NEXT);
    if (order_leaves(parent) == 0)
        return;
    draft_slice(engine, parent, &draft);
    denial = held_check(engine, &engine->strategies[draft.strategy], &draft);
    if (denial != DENY_NONE) {
        if (held_denied(engine, parent, denial))
            parent->held |= HELD_TRIGGERED;
        return;
    }
    waits_no_more(engine, parent);
    child = held_add(engine, &draft);
    if (child)
        held_send(engine, child, NULL);
    else
        (void)order_change(engine, parent, TURRET_STATE_CANCELED, "no room for its next part");
}

struct order *held_whole(struct engine *engine, const struct order *order)
{
    struct order *parent =
        order->role == ORDER_SLICE ? order_table_find(engine->orders, order->parent) : NULL;
    return parent && parent->instrument == order->instrument ? parent : NULL;
}

void held_slice_filled(struct engine *engine, const struct order *order, turret_qty qty,
                       turret_money value, turret_money fee)
{
    struct order *parent = held_whole(engine, order);
    bool working;
    if (!parent)
        return;
    working = order_is_working(parent);
    if (working)
        order_reserve(engine, parent, -1);
    order_add_filled(parent, qty);
    money_add(&parent->filled_value, value);
    money_add(&parent->fees, fee);
    if (working)
        order_reserve(engine, parent, 1);
    if (parent->filled_qty >= parent->qty && order_may_move(parent->state, TURRET_STATE_FILLED))
        (void)order_change(engine, parent, TURRET_STATE_FILLED, NULL);
    else
        order_publish(engine, parent);
}

/* A part that is held here ends at once, and says why. */
static const char *why_without(const struct order *parent)
{
    if (order_is_terminal(parent))
        return "its parent order has ended";
    return parent->request == TURRET_REQUEST_PENDING_CANCEL ? "its parent order is cancelled"
                                                            : "its parent order is changed";
}

/* What is left of them: one with nothing left is about to be told as filled. The parts of an
   algorithm are each asked for until they end; a slice of the host's with its parent. */
void held_cancel_slices(struct engine *engine, const struct order *parent)
{
    struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (order->role != ORDER_SLICE || order->parent != parent->id || order_leaves(order) == 0)
            continue;
        if (parent->algorithm && order_is_working(order))
            held_drop(engine, order, why_without(parent));
        else
            held_cancel(engine, order, why_without(parent));
    }
}

void held_cancel_again(struct engine *engine, struct order *parent)
{
    bool waits = parent->request == TURRET_REQUEST_PENDING_CANCEL || (parent->held & HELD_NEXT);
    if (parent->state != TURRET_STATE_HELD || !waits ||
        engine->now - parent->updated < HELD_AGAIN_NS)
        return;
    parent->updated = engine->now;
    held_cancel_slices(engine, parent);
}

/* Risk let it pass, and it was not sent. */
static bool never_left(const struct order *child)
{
    return child->state == TURRET_STATE_REJECTED && child->denial != DENY_NONE;
}

void held_slice_ended(struct engine *engine, const struct order *child)
{
    struct order *parent = order_table_find(engine->orders, child->parent);
    bool ran_out;
    if (!parent || parent->state != TURRET_STATE_HELD)
        return;
    ran_out = held_ran_out(parent);
    if (parent->request == TURRET_REQUEST_PENDING_CANCEL) {
        if (parent->children_qty == 0)
            (void)order_change(engine, parent,
                               ran_out ? TURRET_STATE_EXPIRED : TURRET_STATE_CANCELED,
                               ran_out ? HELD_RAN_OUT : NULL);
    } else if (!(parent->held & HELD_ICEBERG)) {
        return; /* its algorithm hears of it */
    } else if (never_left(child)) {
        held_count_try(engine, parent, child->venue_reason);
        parent->held = (uint8_t)((parent->held & ~HELD_NEXT) | HELD_TRIGGERED);
        parent->updated = engine->now;
    } else if (child->state == TURRET_STATE_FILLED || (parent->held & HELD_NEXT)) {
        parent->tries = 0;
        parent->held |= HELD_TRIGGERED; /* with the end of this event */
    } else {
        (void)order_change(engine, parent,
                           child->state == TURRET_STATE_EXPIRED ? TURRET_STATE_EXPIRED
                                                                : TURRET_STATE_CANCELED,
                           child->venue_reason);
    }
}
