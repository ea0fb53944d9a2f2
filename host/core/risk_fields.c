/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: whether the order says what it has to and its venue, or the host in its place, can do it;
 * and whether it is within its parent.
 */
#include "core/risk.h"

/* By order type: which prices it has, and what the host makes of it where the venue has none. */
static const struct {
    bool limit, stop, trail;
    uint8_t released;
} kinds[] = {
    [TURRET_ORDER_MARKET] = {false, false, false, 0},
    [TURRET_ORDER_LIMIT] = {true, false, false, 0},
    [TURRET_ORDER_STOP] = {false, true, false, TURRET_ORDER_MARKET},
    [TURRET_ORDER_STOP_LIMIT] = {true, true, false, TURRET_ORDER_LIMIT},
    [TURRET_ORDER_TRAILING_STOP] = {false, true, true, TURRET_ORDER_MARKET},
};

bool risk_has_limit(const struct order *order)
{
    return kinds[order->type].limit;
}

/* Of a trailing stop the host finds it. */
bool risk_has_stop(const struct order *order)
{
    return kinds[order->type].stop && !kinds[order->type].trail;
}

static bool is_immediate(const struct order *order)
{
    return order->tif == TURRET_TIF_IOC || order->tif == TURRET_TIF_FOK;
}

/* The venue's own, or the host's way to do it; a day that only the venue knows is not the host's.
 */
static bool is_offered(const struct turret_broker_caps *caps, const struct order *order)
{
    uint32_t tif = order->tif;
    uint32_t type = order->type;
    if (!(caps->can & TURRET_CAN_TRADE))
        return false;
    if (tif == TURRET_TIF_GTD && !(caps->times_in_force & (1u << TURRET_TIF_GTD)))
        tif = TURRET_TIF_GTC;
    if (!(caps->order_types & (1u << type))) {
        type = kinds[type].released;
        if (type == 0 || tif == TURRET_TIF_DAY)
            return false;
    }
    return (caps->order_types & (1u << type)) && (caps->times_in_force & (1u << tif));
}

/* Where the venue does not see to it, the quote has to say that it will not trade. */
static bool is_passive(const struct candidate *c)
{
    const struct turret_broker_caps *caps = &c->engine->venues[c->instrument->venue].caps;
    const struct order *order = c->order;
    if (order->type != TURRET_ORDER_LIMIT || is_immediate(order))
        return false;
    if (caps->order_flags & TURRET_ORDER_POST_ONLY)
        return true;
    if (!risk_is_set(c->engine->options.risk.reference_age_ns) ||
        c->engine->now - c->instrument->quote_time > c->engine->options.risk.reference_age_ns)
        return false;
    return order->side == TURRET_SIDE_BUY
               ? c->instrument->ask > 0 && order->limit_price < c->instrument->ask
               : c->instrument->bid > 0 && order->limit_price > c->instrument->bid;
}

/* The first price that is not a multiple of the tick denies. */
static uint32_t check_ticks(const struct candidate *c, const turret_price prices[3])
{
    turret_price tick = c->instrument->def.tick_size;
    uint32_t i;
    for (i = 0; i < 3; i++)
        if (prices[i] != 0 && prices[i] % tick != 0) /* most are 0, and a division is dear */
            return risk_beyond(c, DENY_TICK, prices[i], tick);
    return DENY_NONE;
}

static uint32_t check_iceberg(const struct candidate *c)
{
    const struct turret_instrument_def *def = &c->instrument->def;
    const struct order *order = c->order;
    if (order->display_qty == 0)
        return DENY_NONE;
    if (order->display_qty < 0 || order->type != TURRET_ORDER_LIMIT || is_immediate(order))
        return DENY_ICEBERG;
    if (order->display_qty % def->lot_size != 0)
        return risk_beyond(c, DENY_LOT, order->display_qty, def->lot_size);
    return order->display_qty < def->min_qty
               ? risk_beyond(c, DENY_MIN_QTY, order->display_qty, def->min_qty)
               : DENY_NONE;
}

/* The profit is on the far side of where it enters, the stop on the near side. */
static uint32_t check_bracket(const struct candidate *c)
{
    const struct order *order = c->order;
    bool buys = order->side == TURRET_SIDE_BUY;
    turret_price least = buys ? c->asked : order->take_profit;
    turret_price profit = buys ? order->take_profit : c->asked;
    turret_price stop = buys ? order->stop_loss : c->asked;
    turret_price most = buys ? c->asked : order->stop_loss;
    const turret_price exits[] = {order->take_profit, order->stop_loss, order->stop_trail};
    uint32_t denial;
    if ((order->take_profit | order->stop_loss | order->stop_trail) == 0)
        return DENY_NONE;
    if ((order->flags & TURRET_ORDER_REDUCE_ONLY) || order->take_profit < 0 ||
        order->stop_loss < 0 || order->stop_trail < 0)
        return DENY_EXITS;
    denial = check_ticks(c, exits);
    if (denial || c->order->state != TURRET_STATE_INIT || c->asked <= 0)
        return denial; /* it was right when it was asked for; without a price: later */
    return (order->take_profit > 0 && profit <= least) || (order->stop_loss > 0 && stop >= most) ||
                   order->stop_trail >= c->asked
               ? DENY_EXITS
               : DENY_NONE;
}

/*
 * The other of a pair is a working one of the same instance and instrument, in no other pair; where
 * one of them only reduces, of the same side.
 */
static uint32_t check_pair(const struct candidate *c)
{
    const struct order *order = c->order, *other;
    if (order->oco == 0 || order->state != TURRET_STATE_INIT)
        return DENY_NONE;
    other = order_table_find(c->engine->orders, order->oco);
    return !other || !order_is_working(other) || other->strategy != order->strategy ||
                   other->instrument != order->instrument || other->oco != 0 ||
                   other->role == ORDER_SLICE ||
                   (((order->flags | other->flags) & TURRET_ORDER_REDUCE_ONLY) &&
                    order->side != other->side)
               ? DENY_PAIR
               : DENY_NONE;
}

static uint32_t check_prices(const struct candidate *c)
{
    const struct order *order = c->order;
    bool trails = kinds[order->type].trail;
    const turret_price prices[] = {order->limit_price, order->trail,
                                   trails ? 0 : order->stop_price};
    if ((!kinds[order->type].limit && order->limit_price != 0) ||
        (order->stop_price != 0 && /* a working trailing stop stands somewhere */
         (!kinds[order->type].stop || (trails && order->state == TURRET_STATE_INIT))) ||
        (!trails && order->trail != 0))
        return DENY_ORDER_FIELDS;
    if (trails && (order->trail <= 0 || order->trail >= c->instrument->mark))
        return DENY_PRICE; /* its stop price would not be one */
    return check_ticks(c, prices);
}

static uint32_t check_expiry(const struct candidate *c)
{
    const struct order *order = c->order;
    if (order->tif != TURRET_TIF_GTD)
        return order->expires != 0 ? DENY_EXPIRY : DENY_NONE;
    return order->expires <= c->engine->now || order->expires > EVENT_TIME_MAX ? DENY_EXPIRY
                                                                               : DENY_NONE;
}

uint32_t risk_fields(const struct candidate *c)
{
    const struct order *order = c->order;
    uint32_t denial;
    if ((order->side != TURRET_SIDE_BUY && order->side != TURRET_SIDE_SELL) ||
        order->type < TURRET_ORDER_MARKET || order->type > TURRET_ORDER_TRAILING_STOP ||
        order->tif < TURRET_TIF_GTC || order->tif > TURRET_TIF_GTD ||
        (order->flags & ~(TURRET_ORDER_REDUCE_ONLY | TURRET_ORDER_POST_ONLY)) != 0 ||
        !is_offered(&c->engine->venues[c->instrument->venue].caps, order))
        return DENY_ORDER_FIELDS;
    if ((order->flags & TURRET_ORDER_POST_ONLY) && !is_passive(c))
        return DENY_POST_ONLY;
    (void)((denial = check_expiry(c)) || (denial = check_prices(c)) ||
           (denial = check_iceberg(c)) || (denial = check_bracket(c)) || (denial = check_pair(c)));
    return denial;
}

/* A limit price of the parent binds its parts; a market order has none. */
static bool keeps_limit(const struct order *parent, const struct order *part)
{
    if (parent->limit_price == 0)
        return true;
    if (part->limit_price == 0)
        return false;
    return parent->side == TURRET_SIDE_BUY ? part->limit_price <= parent->limit_price
                                           : part->limit_price >= parent->limit_price;
}

/* The slices of an order together are no more than it: it counts here already (held_check()). */
uint32_t risk_parent(const struct candidate *c)
{
    const struct order *order = c->order, *parent;
    if (order->role != ORDER_SLICE)
        return DENY_NONE;
    parent = order_table_find(c->engine->orders, order->parent);
    return !parent || parent->state != TURRET_STATE_HELD ||
                   parent->request == TURRET_REQUEST_PENDING_CANCEL ||
                   parent->strategy != order->strategy || parent->instrument != order->instrument ||
                   parent->side != order->side || !keeps_limit(parent, order) ||
                   parent->filled_qty + parent->children_qty > parent->qty
               ? DENY_PARENT
               : DENY_NONE;
}
