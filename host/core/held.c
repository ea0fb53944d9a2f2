/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that the host keeps: which they are, and how they are placed, changed and cancelled. */
#include "core/held.h"

#include <assert.h>
#include <string.h>

/* ---- the watched orders: working ones with something to do, ids ascending ---- */

/* First place whose id is not below. */
static uint32_t watched_at(const struct engine *engine, uint64_t id)
{
    uint32_t low = 0, high = engine->watched_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (engine->watched[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

turret_time_ns held_expiry(const struct order *order)
{
    return order->updated < order->expires ? order->expires : order->updated + HELD_AGAIN_NS;
}

void held_watch(struct engine *engine, const struct order *order)
{
    uint32_t at = watched_at(engine, order->id);
    if ((order->held & HELD_EXPIRY) && held_expiry(order) < engine->next_expiry)
        engine->next_expiry = held_expiry(order);
    if (at < engine->watched_count && engine->watched[at] == order->id)
        return;
    memmove(&engine->watched[at + 1], &engine->watched[at],
            (engine->watched_count - at) * sizeof *engine->watched);
    engine->watched[at] = order->id;
    engine->watched_count++;
    assert(engine->watched_count <= engine->options.orders_max);
}

void held_unwatch(struct engine *engine, const struct order *order)
{
    uint32_t at = watched_at(engine, order->id);
    if (at == engine->watched_count || /* most are not */
        engine->watched[at] != order->id)
        return;
    engine->watched_count--;
    memmove(&engine->watched[at], &engine->watched[at + 1],
            (engine->watched_count - at) * sizeof *engine->watched);
}

struct order *held_next(struct engine *engine, uint64_t after)
{
    uint32_t at = watched_at(engine, after + 1);
    return at < engine->watched_count ? order_table_find(engine->orders, engine->watched[at])
                                      : NULL;
}

static bool has_duties(const struct order *order)
{
    return (order->held || order->unwanted == HELD_UNWANTED) && order_is_working(order);
}

void held_works_again(struct engine *engine, const struct order *order)
{
    if (has_duties(order))
        held_watch(engine, order);
}

void held_restore(struct engine *engine)
{
    const struct order *order;
    uint32_t cursor = 0;
    engine->targets_waiting = engine->position_count; /* at most */
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (has_duties(order))
            held_watch(engine, order);
}

/* ---- keeping and cancelling ---- */

static bool has_type(const struct turret_broker_caps *caps, uint8_t type)
{
    return caps->order_types & (1u << type);
}

/* What the venue leaves to the host. */
static uint32_t duties(const struct engine *engine, const struct order *order)
{
    const struct turret_broker_caps *caps = &engine->venues[order->venue].caps;
    uint32_t held = 0;
    if (!has_type(caps, order->type))
        held |= HELD_TRIGGER | (order->flags & TURRET_ORDER_REDUCE_ONLY ? HELD_EXEMPT : 0);
    if (order->tif == TURRET_TIF_GTD && /* nor does a venue know of what waits here */
        ((held & HELD_TRIGGER) || !(caps->times_in_force & (1u << TURRET_TIF_GTD))))
        held |= HELD_EXPIRY;
    if (order->display_qty > 0 && order->display_qty < order->qty &&
        !(caps->can & TURRET_CAN_ICEBERG))
        held |= HELD_PARENT | HELD_ICEBERG;
    return held;
}

void held_keep(struct engine *engine, struct order *order, uint32_t held, const char *why)
{
    order->held = (uint8_t)held;
    held_watch(engine, order);
    (void)order_change(engine, order, TURRET_STATE_HELD, why);
}

void held_send(struct engine *engine, struct order *order, const char *why)
{
    order->deadline = engine->now + ORDER_DEADLINE_NS;
    (void)order_change(engine, order, TURRET_STATE_SENT, why);
    engine_command(engine, COMMAND_SUBMIT, order);
}

void held_pair_up(struct engine *engine, const struct order *order)
{
    struct order *other = order->oco ? order_table_find(engine->orders, order->oco) : NULL;
    if (!other)
        return;
    other->oco = order->id;
    order_publish(engine, other);
}

void held_place(struct engine *engine, struct order *order)
{
    uint32_t held = duties(engine, order);
    int64_t away = order->side == TURRET_SIDE_BUY ? 1 : -1;
    if (order->type == TURRET_ORDER_TRAILING_STOP)
        order->stop_price = engine->instruments[order->instrument].mark + away * order->trail;
    if (held & (HELD_TRIGGER | HELD_PARENT)) {
        held_keep(engine, order, held, NULL);
        if (held & HELD_PARENT)
            held_slice(engine, order);
        return;
    }
    order->held = (uint8_t)held;
    if (held)
        held_watch(engine, order);
    held_send(engine, order, NULL);
}

static void ask_cancel(struct engine *engine, struct order *order)
{
    order->request = TURRET_REQUEST_PENDING_CANCEL;
    order->request_version++;
    order->updated = engine->now;
    order_publish(engine, order);
    if (order->strategy < engine->strategy_count)
        risk_sent(engine, &engine->strategies[order->strategy]);
    engine_command(engine, COMMAND_CANCEL, order);
}

/* How one that is held ends when the host ends it. */
static uint8_t end_of(const struct engine *engine, const struct order *order)
{
    return (order->held & HELD_EXPIRY) && order->expires <= engine->now ? TURRET_STATE_EXPIRED
                                                                        : TURRET_STATE_CANCELED;
}

bool held_ran_out(const struct order *order)
{
    return (order->held & HELD_EXPIRY) && order->request == TURRET_REQUEST_PENDING_CANCEL &&
           order->updated >= order->expires;
}

void held_cancel(struct engine *engine, struct order *order, const char *why)
{
    if (!order_is_working(order) || order->request == TURRET_REQUEST_PENDING_CANCEL)
        return;
    if (order->state != TURRET_STATE_HELD) {
        ask_cancel(engine, order);
        return;
    }
    if (order->children_qty > 0) {
        order->request = TURRET_REQUEST_PENDING_CANCEL;
        order->updated = engine->now;
        order_publish(engine, order);
        held_cancel_slices(engine, order); /* the end of the last one ends it */
        return;
    }
    (void)order_change(engine, order, end_of(engine, order), why);
}

void held_set_qty(struct engine *engine, struct order *order, turret_qty qty)
{
    order_reserve(engine, order, -1);
    order->qty = qty;
    order_reserve(engine, order, 1);
}

void held_modify(struct engine *engine, struct order *order, const struct order *wanted)
{
    bool again = order->children_qty > 0 && (wanted->limit_price != order->limit_price ||
                                             wanted->qty < order->filled_qty + order->children_qty);
    if (wanted->qty <= order->filled_qty) {
        held_cancel(engine, order, "changed to no more than filled");
        return;
    }
    order->limit_price = wanted->limit_price;
    order->stop_price = wanted->stop_price;
    held_set_qty(engine, order, wanted->qty);
    order->updated = engine->now;
    order_publish(engine, order);
    if (!again)
        return;
    if (order->held & HELD_ICEBERG)
        order->held |= HELD_NEXT; /* an algorithm places its next part itself */
    held_cancel_slices(engine, order);
}

void held_terms(const struct engine *engine, const struct order *order,
                struct turret_broker_order *to)
{
    const struct turret_broker_caps *caps = &engine->venues[order->venue].caps;
    to->expires = order->expires;
    to->trail = order->trail;
    if (!(caps->order_flags & TURRET_ORDER_POST_ONLY))
        to->flags &= ~TURRET_ORDER_POST_ONLY; /* risk has seen that it does not trade */
    if (caps->can & TURRET_CAN_ICEBERG)
        to->display_qty = order->display_qty;
    if (order->held & HELD_EXPIRY) {
        to->tif = TURRET_TIF_GTC;
        to->expires = 0;
    }
}

void held_reduce(struct engine *engine, struct order *order, turret_qty qty, const char *why)
{
    const struct turret_broker_caps *caps = &engine->venues[order->venue].caps;
    struct order wanted = *order;
    turret_qty leaves = order_leaves(order);
    if (leaves <= qty) {
        held_drop(engine, order, why);
    } else if (order->state == TURRET_STATE_HELD) {
        held_set_qty(engine, order, order->qty - qty);
        order_publish(engine, order);
    } else if ((caps->can & TURRET_CAN_MODIFY) && order->request == TURRET_REQUEST_NONE &&
               order->pending_qty == 0) {
        order->unwanted = HELD_UNWANTED_PART;
        wanted.qty = order->qty - qty;
        order->pending_qty = wanted.qty;
        order->deadline = wanted.deadline = engine->now + ORDER_DEADLINE_NS;
        order->request = TURRET_REQUEST_PENDING_MODIFY;
        wanted.request_version = ++order->request_version;
        order->updated = engine->now;
        order_publish(engine, order);
        engine_command(engine, COMMAND_MODIFY, &wanted);
    } else {
        held_drop(engine, order, why); /* what cannot be less is nothing */
    }
}

/* ---- orders of the host's own ---- */

void held_draft(const struct engine *engine, struct order *draft, uint32_t strategy,
                turret_instrument instrument, const char *reason)
{
    memset(draft, 0, sizeof *draft);
    draft->state = TURRET_STATE_INIT;
    draft->instrument = instrument;
    draft->venue = (uint16_t)engine->instruments[instrument].venue;
    draft->strategy = strategy;
    draft->tif = TURRET_TIF_GTC;
    draft->created = draft->updated = engine->now;
    draft->sequence = engine->sequence;
    draft->request_version = 1;
    (void)snprintf(draft->reason, sizeof draft->reason, "%s", reason);
}

struct order *held_add(struct engine *engine, const struct order *draft)
{
    struct order *order = order_table_add(engine->orders, engine->next_order_id);
    struct strategy *strategy = &engine->strategies[draft->strategy];
    if (!order) {
        engine_notice(engine, NOTICE_ALARM, draft->strategy,
                      "%s: the order table is full; the host could not place: %s", strategy->name,
                      draft->reason);
        return NULL;
    }
    strategy->orders++;
    *order = *draft;
    order->id = engine->next_order_id++; /* only now: a strategy may have been told of something */
    return order;
}

/* ---- what others tell ---- */

void held_ended(struct engine *engine, struct order *order)
{
    held_unwatch(engine, order);
    if (order->held & HELD_PARENT)
        held_cancel_slices(engine, order); /* what it had not counted, or is too much now */
    if (order->role == ORDER_SLICE)
        held_slice_ended(engine, order);
    if (order->role == ORDER_EXIT)
        held_exit_ended(engine, order); /* its slot may be given away */
}

void held_filled(struct engine *engine, struct order *order, const struct fill *fill,
                 turret_qty replaced)
{
    const uint32_t strategy = order->strategy; /* its slot may be given away below */
    turret_qty more = fill->qty - replaced;
    struct order *entry = order;
    if (strategy >= engine->strategy_count)
        return;
    if (more <= 0) {
        held_taken_back(engine, fill, -more);
        return;
    }
    if (order->role == ORDER_SLICE)
        entry = held_whole(engine, order);
    protection_filled(engine, &engine->strategies[strategy], fill->instrument);
    if (!strategy_position(engine, &engine->strategies[strategy], fill->instrument))
        return; /* late, and its strategy has left the instrument: nothing to protect */
    if (entry && entry->oco)
        held_pair(engine, entry, more);
    if (entry && (entry->take_profit | entry->stop_loss | entry->stop_trail) != 0)
        held_bracket(engine, entry, more, fill->price);
    held_fit_exits(engine, strategy, fill->instrument);
}

void held_close(struct engine *engine, struct strategy *strategy, turret_instrument instrument,
                turret_qty most, const char *why)
{
    const struct position *own = strategy_position(engine, strategy, instrument);
    struct order draft, *order;
    turret_qty rest = own->qty > 0 ? own->qty : -own->qty;
    held_draft(engine, &draft, strategy->index, instrument, why);
    draft.role = ORDER_EXIT;
    draft.side = own->qty > 0 ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    draft.type = TURRET_ORDER_MARKET;
    draft.flags = TURRET_ORDER_REDUCE_ONLY;
    if (rest > most)
        rest = most;
    for (; rest > 0; rest -= draft.qty) { /* as many orders as that takes */
        draft.qty = rest < ORDER_QTY_MAX ? rest : ORDER_QTY_MAX;
        order = held_add(engine, &draft);
        if (!order)
            return;
        held_keep(engine, order, HELD_TRIGGER | HELD_TRIGGERED | HELD_EXEMPT, why);
    }
}
