/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one choke point: every order passes here before it can be sent, in the order of
 * denials.def. A missing limit, a missing reference or an overflow denies.
 */
#include "core/closable.h"
#include "core/held.h"
#include "core/risk.h"

static bool risk_increases(const struct position *position, const struct order *order)
{
    turret_qty leaves = order_leaves(order);
    turret_qty open = order->side == TURRET_SIDE_BUY ? position->open_buy : position->open_sell;
    turret_qty against = order->side == TURRET_SIDE_BUY ? -position->qty : position->qty;
    /* what is left to close does not cover it; the quantity is not checked yet */
    return against < (money_wide)leaves + open;
}

/* ---- each check: DENY_NONE or why not ---- */

static uint32_t check_state(const struct candidate *c)
{
    switch (trading_of_order(c->engine, c->order)) {
    case TRADING_ACTIVE:
        return DENY_NONE;
    case TRADING_REDUCING:
        return risk_opens(c) ? DENY_TRADING_STATE : DENY_NONE;
    default:
        return DENY_TRADING_STATE;
    }
}

static uint32_t check_strategy(const struct candidate *c)
{
    return c->strategy->run == STRATEGY_RUNNING || (c->order->held & HELD_EXEMPT)
               ? DENY_NONE /* what only closes is still released */
               : DENY_STRATEGY_DISABLED;
}

static uint32_t check_instrument(const struct candidate *c)
{
    return c->own ? DENY_NONE : DENY_INSTRUMENT;
}

static uint32_t check_session(const struct candidate *c)
{
    return c->instrument->def.status == TURRET_STATUS_OPEN ? DENY_NONE : DENY_SESSION;
}

static uint32_t check_qty(const struct candidate *c)
{
    const struct turret_instrument_def *def = &c->instrument->def;
    turret_qty qty = c->order->qty;
    if (qty % def->lot_size != 0)
        return risk_beyond(c, DENY_LOT, qty, def->lot_size);
    if (qty <= 0 || qty < def->min_qty)
        return risk_beyond(c, DENY_MIN_QTY, qty, def->min_qty);
    return qty > def->max_qty ? risk_beyond(c, DENY_MAX_QTY, qty, def->max_qty) : DENY_NONE;
}

static uint32_t check_price(const struct candidate *c)
{
    const struct order *order = c->order;
    if ((risk_has_limit(order) && order->limit_price <= 0) ||
        (risk_has_stop(order) && order->stop_price <= 0) || order->limit_price > PRICE_MAX ||
        order->stop_price > PRICE_MAX || order->take_profit > PRICE_MAX ||
        order->stop_loss > PRICE_MAX)
        return DENY_PRICE;
    return c->overflow ? DENY_OVERFLOW : DENY_NONE;
}

static uint32_t check_reference(const struct candidate *c)
{
    const struct risk_limits *limits = &c->engine->options.risk;
    /* a mark that never traded is the middle of a quote: as old as that */
    turret_time_ns newest =
        c->instrument->mark_time ? c->instrument->mark_time : c->instrument->quote_time;
    if (c->instrument->mark <= 0)
        return DENY_NO_REFERENCE;
    if (limits->reference_age_ns == RISK_UNSET)
        return DENY_LIMIT_UNSET;
    return c->engine->now - newest > limits->reference_age_ns
               ? risk_beyond(c, DENY_STALE_REFERENCE, c->engine->now - newest,
                             limits->reference_age_ns)
               : DENY_NONE;
}

/* A stop that only closes may be as far as it likes: its limit price is held against it. */
static turret_price collar_reference(const struct candidate *c)
{
    return (c->order->flags & TURRET_ORDER_REDUCE_ONLY) && c->order->stop_price
               ? c->order->stop_price
               : c->instrument->mark;
}

/* A limit price may not be further from there than the collar, on the side that costs. */
static uint32_t check_collar(const struct candidate *c)
{
    int64_t collar = c->engine->options.risk.collar_ppm;
    money_wide distance, allowed;
    turret_price price = c->order->limit_price ? c->order->limit_price : c->order->stop_price;
    turret_price reference = collar_reference(c);
    if (collar == RISK_UNSET)
        return DENY_LIMIT_UNSET;
    if (price == 0)
        return DENY_NONE;
    distance = (money_wide)price - reference;
    if (c->order->side == TURRET_SIDE_SELL && c->order->type == TURRET_ORDER_LIMIT)
        distance = -distance;
    if (c->order->type != TURRET_ORDER_LIMIT && distance < 0)
        distance = -distance;
    allowed = (money_wide)reference * collar;
    return distance * MONEY_PPM > allowed
               ? risk_beyond(c, DENY_COLLAR, risk_part(distance, reference), collar)
               : DENY_NONE;
}

/*
 * What the order may come to at most: a buy without a limit price may cost the collar more. An
 * order that only closes comes to 0: what grew in value can still be closed.
 */
static bool most_value(const struct candidate *c, turret_money *value)
{
    money_wide most = (money_wide)c->price * (MONEY_PPM + c->engine->options.risk.collar_ppm);
    turret_price price;
    *value = risk_increases_any(c) ? c->notional : 0;
    if (*value == 0 || c->order->limit_price || c->order->side != TURRET_SIDE_BUY)
        return true;
    return money_fits((most + MONEY_PPM - 1) / MONEY_PPM, &price) &&
           money_value(&c->instrument->rate, c->order->qty, price, value);
}

static uint32_t check_order_size(const struct candidate *c, const struct risk_limits *limits,
                                 turret_money most)
{
    if (risk_is_set(limits->max_order_qty_nano) &&
        risk_above(c->order->qty, c->instrument->def.qty_scale, limits->max_order_qty_nano))
        return risk_beyond(c, DENY_ORDER_QTY,
                           risk_nano(c->order->qty, c->instrument->def.qty_scale),
                           limits->max_order_qty_nano);
    if (risk_is_set(limits->max_order_notional) && most > limits->max_order_notional)
        return risk_beyond(c, DENY_ORDER_NOTIONAL, most, limits->max_order_notional);
    return DENY_NONE;
}

turret_qty risk_most_qty(const struct engine *engine, const struct order *order)
{
    const struct turret_instrument_def *def = &engine->instruments[order->instrument].def;
    const int64_t limits[] = {engine->options.risk.max_order_qty_nano,
                              engine->strategies[order->strategy].limits.max_order_qty_nano};
    turret_qty most = def->max_qty;
    uint32_t i;
    for (i = 0; i < 2; i++) {
        money_wide units = (money_wide)limits[i] * money_power10(def->qty_scale) / MONEY_NANO;
        if (risk_is_set(limits[i]) && units < most)
            most = (turret_qty)units;
    }
    return most - most % def->lot_size;
}

static uint32_t check_reduce_only(const struct candidate *c)
{
    turret_qty open = c->order->side == TURRET_SIDE_BUY ? c->own->open_buy : c->own->open_sell;
    money_wide asked = (money_wide)order_leaves(c->order) + open;
    turret_qty most;
    if (!(c->order->flags & TURRET_ORDER_REDUCE_ONLY) || c->is_no_more)
        return DENY_NONE;
    most = closable_qty(c->engine, c->own, c->order->side);
    return asked > most ? risk_beyond(c, DENY_REDUCE_ONLY, asked, most) : DENY_NONE;
}

static uint32_t check_required(const struct risk_limits *limits)
{
    return risk_is_set(limits->max_order_qty_nano) && risk_is_set(limits->max_order_notional) &&
                   risk_is_set(limits->max_position_nano) &&
                   risk_is_set(limits->max_position_notional) &&
                   risk_is_set(limits->max_open_orders)
               ? DENY_NONE
               : DENY_LIMIT_UNSET;
}

static uint32_t check_open_orders(const struct candidate *c)
{
    int64_t all = c->engine->options.risk.max_open_orders;
    int64_t own = c->strategy->limits.max_open_orders;
    money_wide of_account = c->engine->account_open_orders[c->account_index];
    money_wide of_strategy = c->strategy->open_orders;
    if (of_account >= all)
        return risk_beyond(c, DENY_OPEN_ORDERS, of_account + 1, all);
    return risk_is_set(own) && of_strategy >= own
               ? risk_beyond(c, DENY_OPEN_ORDERS, of_strategy + 1, own)
               : DENY_NONE;
}

static uint32_t check_venue(const struct candidate *c)
{
    return c->engine->venues[c->instrument->venue].ready && !c->instrument->differs
               ? DENY_NONE
               : DENY_NOT_RECONCILED;
}

/* Where a venue tells its time, it has to be known and near. */
static uint32_t check_clock(const struct candidate *c)
{
    const struct venue *venue = &c->engine->venues[c->instrument->venue];
    int64_t limit = c->engine->options.risk.max_clock_skew_ns;
    if (!(venue->caps.can & TURRET_CAN_SERVER_TIME))
        return DENY_NONE;
    if (limit == RISK_UNSET)
        return DENY_LIMIT_UNSET;
    if (!venue->timed)
        return DENY_CLOCK_SKEW;
    return risk_clock_is_off(venue, limit)
               ? risk_beyond(c, DENY_CLOCK_SKEW, risk_clock_off(venue), limit)
               : DENY_NONE;
}

static uint32_t check_journal(const struct candidate *c)
{
    return c->engine->reconciliation.journal_behind ? DENY_JOURNAL : DENY_NONE;
}

static uint32_t check_armed(const struct candidate *c)
{
    return c->engine->venues[c->instrument->venue].armed ? DENY_NONE : DENY_NOT_ARMED;
}

static uint32_t check_sizes(const struct candidate *c)
{
    const struct risk_limits *all = &c->engine->options.risk, *own = &c->strategy->limits;
    uint32_t denial = check_required(all);
    turret_money most;
    if (!denial && !most_value(c, &most))
        denial = DENY_OVERFLOW;
    if (!denial)
        denial = check_order_size(c, all, most);
    return denial ? denial : check_order_size(c, own, most);
}

/*
 * The first no, in this order. Called by their names and not through a table: most of them are
 * smaller than such a call.
 */
static uint32_t check_all(const struct candidate *c)
{
    uint32_t denial;
    (void)((denial = check_state(c)) || (denial = check_strategy(c)) ||
           (denial = check_instrument(c)) || (denial = check_session(c)) ||
           (denial = risk_fields(c)) || (denial = check_qty(c)) || (denial = check_price(c)) ||
           (denial = check_reference(c)) || (denial = check_collar(c)) ||
           (denial = risk_collar_window(c)) || (denial = check_sizes(c)) ||
           (denial = check_open_orders(c)) || (denial = risk_unexecuted(c)) ||
           (denial = risk_positions(c)) || (denial = risk_exposure(c)) ||
           (denial = risk_sector(c)) || (denial = risk_correlation(c)) ||
           (denial = risk_buying_power(c)) || (denial = check_reduce_only(c)) ||
           (denial = risk_duplicate(c)) || (denial = risk_self_trade(c)) ||
           (denial = risk_rate(c)) || (denial = risk_repeated_fills(c)) ||
           (denial = risk_parent(c)) || (denial = risk_order_to_trade(c)) ||
           (denial = risk_stops(c)) || (denial = risk_loss_streak(c)) ||
           (denial = check_venue(c)) || (denial = check_clock(c)) || (denial = check_journal(c)) ||
           (denial = check_armed(c)));
    return denial;
}

/* A change of an order that only closes, to no more than it is: whatever else would close. */
static bool is_no_more(const struct engine *engine, const struct order *order)
{
    const struct order *now;
    if (order->state == TURRET_STATE_INIT || !(order->flags & TURRET_ORDER_REDUCE_ONLY))
        return false;
    now = order_table_find(engine->orders, order->id);
    return now != order && order_leaves(order) <= order_leaves(now);
}

/* What a sell asks for is the least that it brings: below the market it trades there, and behind a
   stop where that is. */
static turret_price valued_at(const struct candidate *c)
{
    const struct order *order = c->order;
    turret_price market = order->stop_price ? order->stop_price : c->instrument->mark;
    return order->side == TURRET_SIDE_SELL && order->limit_price && market > c->asked ? market
                                                                                      : c->asked;
}

uint32_t risk_check(struct engine *engine, struct strategy *strategy, struct order *order)
{
    struct candidate c = {.engine = engine, .strategy = strategy, .order = order};
    uint32_t denial;
    engine->said.denial = DENY_NONE;
    c.own = strategy_position(engine, strategy, order->instrument);
    c.increases = c.increases_account = true;
    if (!c.own) /* an instrument it has no position on: one of the first checks says no */
        return check_all(&c);
    c.instrument = &engine->instruments[order->instrument];
    c.account = &engine->positions[c.instrument->account_position];
    c.account_index = c.instrument->account;
    c.is_no_more = is_no_more(engine, order);
    if (c.is_no_more) {
        c.increases = c.increases_account = false;
    } else if (order->side == TURRET_SIDE_BUY || order->side == TURRET_SIDE_SELL) {
        c.increases = risk_increases(c.own, order);
        c.increases_account = risk_increases(c.account, order);
    }
    c.asked = order->limit_price  ? order->limit_price
              : order->stop_price ? order->stop_price
                                  : c.instrument->mark;
    c.price = valued_at(&c);
    c.overflow = order->qty > 0 && c.price > 0 &&
                 !money_value(&c.instrument->rate, order->qty, c.price, &c.notional);
    risk_expose(&c);
    denial = check_all(&c);
    if (denial == DENY_NONE)
        denial = rules_ask(&c);
    if (denial == DENY_NONE)
        risk_passed(&c);
    return denial;
}
