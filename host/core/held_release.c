/* SPDX-License-Identifier: Apache-2.0 */
/* What sets a held order free: its price, its time, and that what it waited for is there. */
#include "core/closable.h"
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

/* What was kept back is tried again, too. */
bool held_is_stuck(const struct order *order)
{
    return (order->held & HELD_TRIGGERED) && order->denial != DENY_NONE &&
           order->denial != DENY_NOT_SENT && order->denial != DENY_DEADLINE &&
           !passes(order->denial);
}

static bool closes(struct engine *engine, const struct order *order)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    turret_qty against = order->side == TURRET_SIDE_BUY ? -own->qty : own->qty;
    return order_leaves(order) <= against;
}

/* An iceberg for a day; stops for a day are not held. */
static bool has_its_day_ended(const struct engine *engine, const struct order *order)
{
    return order->tif == TURRET_TIF_DAY &&
           engine->instruments[order->instrument].def.status == TURRET_STATUS_CLOSED;
}

/* What would open something does not chase a price that is gone; a limit binds an iceberg. */
static bool may_wait(struct engine *engine, const struct order *order, uint32_t denial)
{
    if (order->held & HELD_EXEMPT)
        return true;
    return passes(denial) && !has_its_day_ended(engine, order) &&
           (denial == DENY_SESSION || (order->held & HELD_PARENT) || closes(engine, order));
}

static void explain_waiting(struct order *order, const char *why)
{
    char text[160];
    (void)snprintf(text, sizeof text, "waits: %s", why);
    order_explain(order, text);
}

static void hold_back(struct engine *engine, struct order *order, uint32_t denial)
{
    bool first = order->denial != denial;
    order->denial = denial;
    if (!first)
        return;
    explain_waiting(order, denial_text(denial));
    engine_notice(engine, NOTICE_ALARM, order->strategy, "%s: order %llu is due and waits: %s (%s)",
                  engine->strategies[order->strategy].name, (unsigned long long)order->id,
                  denial_text(denial), denial_name(denial));
    order_publish(engine, order);
}

static void refuse(struct engine *engine, struct order *order, uint32_t denial)
{
    struct strategy *strategy = &engine->strategies[order->strategy];
    const char *why = engine_denial_text(engine, denial);
    const char *values = risk_said_values(engine, denial);
    order->denial = denial;
    strategy->denials++;
    engine_denied(engine, order, denial);
    engine_notice(engine, NOTICE_DENIED, order->strategy, "%s: order %llu at release: %s (%s)",
                  strategy->name, (unsigned long long)order->id, why, denial_name(denial));
    (void)order_change(engine, order,
                       order->filled_qty > 0 ? TURRET_STATE_CANCELED : TURRET_STATE_DENIED,
                       values[0] ? values : why);
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
    explain_waiting(order, why);
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
    order_explain(order, "waits for its price again");
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
        tell_waiting(engine, order, "the other of its pair may fill");
    return true;
}

/* A part is in its parent's reservation until it is sent. */
static turret_qty of_parent(struct engine *engine, const struct order *order)
{
    const struct order *parent =
        order->role == ORDER_SLICE ? order_table_find(engine->orders, order->parent) : NULL;
    return parent && order_is_working(parent) ? order_leaves(parent) : 0;
}

enum fit { FITS, NOTHING_LEFT, NOT_THERE, TOO_LITTLE, NOT_YET };

/* The least that one order may be. */
static turret_qty least_of(const struct engine *engine, const struct order *order)
{
    const struct turret_instrument_def *def = &engine->instruments[order->instrument].def;
    return def->min_qty > def->lot_size ? def->min_qty : def->lot_size;
}

/* An exit is no more than what is there to close, less what others are closing, and than one order
   may be; in whole lots, for a split, or a venue that fills in pieces, leaves other quantities. */
static enum fit cut_to_position(struct engine *engine, struct order *order)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    bool buys = order->side == TURRET_SIDE_BUY;
    turret_qty against = closable_qty(engine, own, order->side);
    turret_qty room = against - (buys ? own->open_buy : own->open_sell) + of_parent(engine, order);
    turret_qty least = least_of(engine, order), leaves = order_leaves(order);
    turret_qty most = order->role == ORDER_EXIT ? risk_most_qty(engine, order) : 0;
    if (against == 0)
        return (buys ? -own->qty : own->qty) > 0 ? NOT_THERE : NOTHING_LEFT;
    if (leaves > against)
        leaves = against;
    if (leaves < least) {
        order->qty = order->filled_qty + leaves;
        return TOO_LITTLE;
    }
    if (room < least)
        return NOT_YET;
    if (most > 0 && room > most)
        room = most; /* another one follows for the rest */
    if (leaves > room)
        leaves = room;
    leaves -= leaves % engine->instruments[order->instrument].def.lot_size;
    order->qty = order->filled_qty + leaves;
    return FITS;
}

/* Sold once more it would be a position of the other side. */
static void leave_it(struct engine *engine, struct order *order)
{
    const struct strategy *strategy = &engine->strategies[order->strategy];
    const struct turret_instrument_def *def = &engine->instruments[order->instrument].def;
    engine_notice(engine, NOTICE_ALARM, order->strategy,
                  "%s: order %llu is due and ends: the account has nothing of %s.%s that it could "
                  "close, and its strategy counts %s; it was closed at the venue, or by another "
                  "strategy",
                  strategy->name, (unsigned long long)order->id, def->symbol, def->venue,
                  market_qty_text(engine, order->instrument,
                                  strategy_position(engine, strategy, order->instrument)->qty)
                      .text);
    held_cancel(engine, order, "the account has nothing to close");
}

/* No venue takes so little: nobody closes it. */
static void give_up(struct engine *engine, struct order *order)
{
    engine_notice(
        engine, NOTICE_ALARM, order->strategy,
        "%s: order %llu is due and ends: it is to close %s, and one order is at least %s; that "
        "stays open",
        engine->strategies[order->strategy].name, (unsigned long long)order->id,
        market_qty_text(engine, order->instrument, order_leaves(order)).text,
        market_qty_text(engine, order->instrument, least_of(engine, order)).text);
    held_cancel(engine, order, "less than one order may be");
}

#define CAUSE_MAX sizeof((struct order *)NULL)->venue_reason

/* An exit that no price set off says why it is there. `stop_price`: which one did, 0: the limit, or
   it had to wait since and nobody knows it any more. */
static const char *cause_of(const struct engine *engine, const struct order *order,
                            turret_price stop_price, char why[CAUSE_MAX])
{
    int32_t scale = engine->instruments[order->instrument].def.price_scale;
    if (order->role == ORDER_EXIT && !order->parent)
        return order->reason;
    if (stop_price == 0)
        return "its price traded";
    (void)snprintf(why, CAUSE_MAX, "its price %s traded", money_text(stop_price, scale).text);
    return why;
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

/* What its strategy works to close the position gives way to what closes it by time or by a
   person's word, as soon as that may go. */
static void make_room(struct engine *engine, const struct order *closing)
{
    struct order *order;
    uint32_t cursor = 0;
    if (closing->role != ORDER_EXIT || closing->parent != 0 ||
        trading_of_order(engine, closing) >= TRADING_CANCEL_ONLY ||
        !engine->venues[closing->venue].ready)
        return;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->strategy == closing->strategy && order->instrument == closing->instrument &&
            order->side == closing->side && order->role == ORDER_OWN && order_is_working(order) &&
            !(order->held & HELD_EXEMPT))
            held_drop(engine, order, "its position is closed now");
}

static void release(struct engine *engine, struct order *order)
{
    struct strategy *strategy = &engine->strategies[order->strategy];
    const turret_qty whole = order->qty;
    const turret_price stop_price = order->stop_price;
    char why[CAUSE_MAX];
    uint32_t denial;
    enum fit fit;
    order->held |= HELD_TRIGGERED;
    if (order->denial && !may_wait(engine, order, order->denial)) {
        engine->said.denial = DENY_NONE;      /* its numbers were those of an earlier check */
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
    else if (fit == NOT_THERE)
        leave_it(engine, order);
    else if (fit == TOO_LITTLE)
        give_up(engine, order);
    else if (fit == NOT_YET)
        tell_waiting(engine, order, "others are closing its position");
    if (fit == NOT_YET)
        make_room(engine, order);
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
    if (engine->venues[order->venue].caps.times_in_force & (1u << TURRET_TIF_GTD))
        order->held &= (uint8_t)~HELD_EXPIRY; /* its date goes with it */
    if (!order->held)
        held_unwatch(engine, order);
    held_send(engine, order, cause_of(engine, order, stop_price, why));
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
            held_cancel(engine, order, HELD_RAN_OUT);
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
        if (order->unwanted == HELD_UNWANTED && engine->venues[order->venue].ready &&
            order->state != TURRET_STATE_UNKNOWN) /* that one is asked for, first */
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
