/* SPDX-License-Identifier: Apache-2.0 */
/* What sets a held order free: its price, its time, and that what it waited for is there. */
#include "core/execution.h"

#include <string.h>

/* ---- release ---- */

/* What passes by itself. */
static bool passes(uint32_t denial)
{
    return denial == DENY_NOT_RECONCILED || denial == DENY_SESSION ||
           denial == DENY_STALE_REFERENCE || denial == DENY_NO_REFERENCE ||
           denial == DENY_MESSAGE_RATE || denial == DENY_TRADING_STATE || denial == DENY_JOURNAL ||
           denial == DENY_CLOCK_SKEW;
}

static bool closes(struct engine *engine, const struct order *order)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    turret_qty against = order->side == TURRET_SIDE_BUY ? -own->qty : own->qty;
    return order_leaves(order) <= against;
}

/* What would open something does not chase a price that is gone; a limit binds an iceberg. */
static bool may_wait(struct engine *engine, const struct order *order, uint32_t denial)
{
    if (order->held & HELD_EXEMPT)
        return true;
    return passes(denial) &&
           (denial == DENY_SESSION || (order->held & HELD_PARENT) || closes(engine, order));
}

static void hold_back(struct engine *engine, struct order *order, uint32_t denial)
{
    char why[sizeof order->venue_reason];
    bool first = order->denial != denial;
    order->denial = denial;
    if (!first)
        return;
    (void)snprintf(why, sizeof why, "waits: %s", denial_text(denial));
    memcpy(order->venue_reason, why, sizeof why);
    engine_notice(engine, NOTICE_ALARM, order->strategy, "%s: order %llu is due and waits: %s (%s)",
                  engine->strategies[order->strategy].name, (unsigned long long)order->id,
                  denial_text(denial), denial_name(denial));
    order_publish(engine, order);
}

static void refuse(struct engine *engine, struct order *order, uint32_t denial)
{
    struct strategy *strategy = &engine->strategies[order->strategy];
    order->denial = denial;
    strategy->denials++;
    engine_denied(engine, order, denial);
    engine_notice(engine, NOTICE_DENIED, order->strategy, "%s: order %llu at release: %s (%s)",
                  strategy->name, (unsigned long long)order->id, denial_text(denial),
                  denial_name(denial));
    (void)order_change(engine, order,
                       order->filled_qty > 0 ? TURRET_STATE_CANCELED : TURRET_STATE_DENIED,
                       denial_text(denial));
}

bool held_denied(struct engine *engine, struct order *order, uint32_t denial)
{
    bool waits = may_wait(engine, order, denial);
    if (waits)
        hold_back(engine, order, denial);
    else
        refuse(engine, order, denial);
    return waits;
}

bool held_is_stop(const struct order *order)
{
    return order->type != TURRET_ORDER_LIMIT || order->was_stop;
}

bool held_is_second(struct engine *engine, const struct order *order)
{
    const struct order *other = order->oco ? order_table_find(engine->orders, order->oco) : NULL;
    return other && !held_is_stop(order) && order_is_working(other) &&
           (other->state != TURRET_STATE_HELD || (other->held & HELD_TRIGGERED));
}

/* It is due, and others may fill before it: told once, until it goes. */
static void tell_waiting(struct engine *engine, struct order *order, const char *why)
{
    if (order->told)
        return;
    order->told = 1;
    (void)snprintf(order->venue_reason, sizeof order->venue_reason, "waits: %s", why);
    engine_notice(engine, NOTICE_ALARM, order->strategy, "%s: order %llu is due and waits: %s",
                  engine->strategies[order->strategy].name, (unsigned long long)order->id, why);
    order_publish(engine, order);
}

/* It does not trade at once for a price that is gone: a stop comes before a profit. */
static void wait_for_price(struct engine *engine, struct order *order)
{
    order->held &= (uint8_t)~HELD_TRIGGERED;
    order->denial = DENY_NONE;
    order->told = 0;
    (void)snprintf(order->venue_reason, sizeof order->venue_reason, "waits for its price again");
    order_publish(engine, order);
}

/* Whether the cancel of the other of a pair takes longer than cancels do. */
static bool is_slow(const struct engine *engine, const struct order *other)
{
    return !engine->venues[other->venue].ready || other->state == TURRET_STATE_UNKNOWN ||
           (other->request == TURRET_REQUEST_PENDING_CANCEL &&
            engine->now - other->updated >= HELD_AGAIN_NS);
}

/* The other of its pair is at the venue: it goes first, so that not both fill. */
static bool partner_first(struct engine *engine, struct order *order)
{
    struct order *other = order->oco ? order_table_find(engine->orders, order->oco) : NULL;
    if (!other || !order_is_working(other) || other->state == TURRET_STATE_HELD)
        return false;
    if (engine->venues[other->venue].ready)
        held_drop(engine, other, "the other of the pair is due");
    if (is_slow(engine, other))
        tell_waiting(engine, order, "the other of its pair may still fill");
    return true;
}

/* A part is in its parent's reservation until it is sent. */
static turret_qty of_parent(struct engine *engine, const struct order *order)
{
    const struct order *parent =
        order->role == ORDER_SLICE ? order_table_find(engine->orders, order->parent) : NULL;
    return parent && order_is_working(parent) ? order_leaves(parent) : 0;
}

enum fit { FITS, NOTHING_LEFT, NOT_YET };

/* An exit is no more than what is there to close, less what others are closing, and than one order
   may be. */
static enum fit cut_to_position(struct engine *engine, struct order *order)
{
    const struct instrument *instrument = &engine->instruments[order->instrument];
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    bool buys = order->side == TURRET_SIDE_BUY;
    turret_qty against = buys ? -own->qty : own->qty;
    turret_qty room = against - (buys ? own->open_buy : own->open_sell) + of_parent(engine, order);
    turret_qty most;
    most = order->role == ORDER_EXIT ? risk_most_qty(engine, order) : 0;
    if (most > 0 && room > most)
        room = most; /* another one follows for the rest */
    room -= room % instrument->def.lot_size;
    if (against < instrument->def.lot_size)
        return NOTHING_LEFT;
    if (room <= 0)
        return NOT_YET;
    if (order_leaves(order) > room)
        order->qty = order->filled_qty + room;
    return FITS;
}

/* An exit that no price set off says why it is there. */
static const char *cause_of(const struct order *order)
{
    return order->role == ORDER_EXIT && !order->parent ? order->reason : "its price traded";
}

static void set_off(struct order *order)
{
    if (held_is_stop(order))
        order->was_stop = 1;
    if (order->type == TURRET_ORDER_STOP || order->type == TURRET_ORDER_TRAILING_STOP)
        order->type = TURRET_ORDER_MARKET;
    else if (order->type == TURRET_ORDER_STOP_LIMIT)
        order->type = TURRET_ORDER_LIMIT;
    order->stop_price = order->trail = 0;
}

static void release(struct engine *engine, struct order *order)
{
    struct strategy *strategy = &engine->strategies[order->strategy];
    const turret_qty whole = order->qty;
    uint32_t denial;
    enum fit fit;
    order->held |= HELD_TRIGGERED;
    if (order->denial && !may_wait(engine, order, order->denial)) {
        refuse(engine, order, order->denial); /* what it would have closed is gone */
        return;
    }
    if (held_is_second(engine, order)) {
        wait_for_price(engine, order);
        return;
    }
    if (partner_first(engine, order))
        return;
    fit = order->held & HELD_EXEMPT ? cut_to_position(engine, order) : FITS;
    if (fit == NOTHING_LEFT)
        held_cancel(engine, order, "nothing is left to close");
    else if (fit == NOT_YET)
        tell_waiting(engine, order, "others are closing its position");
    if (fit != FITS)
        return;
    set_off(order);
    order_count(engine, order, -1); /* it is not one more */
    denial = held_check(engine, strategy, order);
    order_count(engine, order, 1);
    if (denial != DENY_NONE) {
        order->qty = whole; /* what is there to close may be another quantity when it goes */
        (void)held_denied(engine, order, denial);
        return;
    }
    order->denial = DENY_NONE;
    order->told = 0;
    if (order->held & HELD_EXEMPT) {
        order->whole = whole;
        order->held = (uint8_t)((order->held & ~HELD_EXEMPT) | HELD_RETURNS);
        order_reserve(engine, order, 1);
    }
    order->held &= (uint8_t) ~(HELD_TRIGGER | HELD_TRIGGERED);
    if (!order->held)
        held_unwatch(engine, order);
    held_send(engine, order, cause_of(order));
}

/* ---- triggers ---- */

/* Whether it is reached. The path within a bar is not known: a trail follows the best price first
   and is then held against the worst, which is the case that ends it soonest. */
static bool reached(struct order *order, turret_price low, turret_price high)
{
    bool buys = order->side == TURRET_SIDE_BUY;
    if (!held_is_stop(order))
        return buys ? low <= order->limit_price : high >= order->limit_price;
    if (order->trail > 0 && buys && low + order->trail < order->stop_price)
        order->stop_price = low + order->trail;
    if (order->trail > 0 && !buys && high - order->trail > order->stop_price)
        order->stop_price = high - order->trail;
    return buys ? high >= order->stop_price : low <= order->stop_price;
}

/* `stops`: those, else the others. Ids are looked up anew: a release changes the list. */
static void try_prices(struct engine *engine, turret_instrument instrument, bool stops,
                       turret_time_ns open_time, turret_price low, turret_price high,
                       turret_price close)
{
    struct order *order;
    uint64_t last = 0;
    while ((order = held_next(engine, last)) != NULL) {
        bool whole = order->updated <= open_time; /* else a part of it was before the order */
        last = order->id;
        if (order->instrument != instrument || order->state != TURRET_STATE_HELD ||
            !(order->held & HELD_TRIGGER) || (order->held & HELD_TRIGGERED) ||
            held_is_stop(order) != stops || held_is_second(engine, order))
            continue;
        if (reached(order, whole ? low : close, whole ? high : close))
            release(engine, order);
    }
}

void held_prices(struct engine *engine, turret_instrument instrument, turret_time_ns open_time,
                 turret_price low, turret_price high, turret_price close)
{
    if (engine->watched_count == 0)
        return;
    try_prices(engine, instrument, true, open_time, low, high, close);
    try_prices(engine, instrument, false, open_time, low, high, close);
}

/* ---- time, and what waits ---- */

static void expire(struct engine *engine)
{
    struct order *order;
    uint64_t last = 0;
    engine->next_expiry = INT64_MAX;
    while ((order = held_next(engine, last)) != NULL) {
        last = order->id;
        if (!(order->held & HELD_EXPIRY))
            continue;
        if (held_expiry(order) <= engine->now &&
            (order->state == TURRET_STATE_HELD || engine->venues[order->venue].ready))
            held_cancel(engine, order, "its time is over");
        if (order_is_working(order) && held_expiry(order) < engine->next_expiry)
            engine->next_expiry = held_expiry(order);
    }
}

void held_do_turn(struct engine *engine)
{
    struct order *order;
    uint64_t last = 0;
    if (engine->next_holding <= engine->now)
        protection_turn(engine);
    if (engine->next_expiry <= engine->now)
        expire(engine);
    if (engine->targets_waiting > 0)
        intents_resume(engine);
    while ((order = held_next(engine, last)) != NULL) {
        last = order->id;
        if (execution_is_abandoned(engine, order))
            held_cancel(engine, order, "the algorithm that worked it was stopped");
        held_cancel_again(engine, order);
        if (order->unwanted == HELD_UNWANTED && engine->venues[order->venue].ready)
            held_drop(engine, order, held_unwanted_why(engine, order));
        if (order->state != TURRET_STATE_HELD || !(order->held & HELD_TRIGGERED) ||
            order->request == TURRET_REQUEST_PENDING_CANCEL || held_backs_off(engine, order))
            continue;
        if (order->held & HELD_PARENT)
            held_slice(engine, order);
        else
            release(engine, order);
    }
}
