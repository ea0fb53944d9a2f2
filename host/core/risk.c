/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one choke point: every order passes here before it can be sent, in the order of
 * denials.def. A missing limit, a missing reference or an overflow denies.
 */
#include "core/state.h"

static turret_qty magnitude(turret_qty qty)
{
    return qty < 0 ? -qty : qty;
}

/* One order and everything the checks look at. */
struct candidate {
    struct engine *engine;
    struct strategy *strategy;
    struct order *order;
    const struct instrument *instrument;
    struct position *own, *account; /* positions: the strategy's, the account's */
    uint32_t account_index;
    turret_price price; /* what its quantity is valued at */
    turret_money notional;
    bool increases;         /* worst case: more exposure of the strategy than now */
    bool increases_account; /* of the account, where other strategies may be on the other side */
    bool overflow;          /* its value does not fit */
};

static bool risk_increases(const struct position *position, const struct order *order)
{
    turret_qty leaves = order_leaves(order);
    turret_qty open = order->side == TURRET_SIDE_BUY ? position->open_buy : position->open_sell;
    turret_qty against = order->side == TURRET_SIDE_BUY ? -position->qty : position->qty;
    /* what is left to close does not cover it; the quantity is not checked yet */
    return against < (money_wide)leaves + open;
}

/* ---- each check: DENY_NONE or why not ---- */

static bool increases_any(const struct candidate *c)
{
    return c->increases || c->increases_account;
}

static uint32_t check_state(const struct candidate *c)
{
    switch (c->engine->trading) {
    case TRADING_ACTIVE:
        return DENY_NONE;
    case TRADING_REDUCING:
        return increases_any(c) ? DENY_TRADING_STATE : DENY_NONE;
    default:
        return DENY_TRADING_STATE;
    }
}

static uint32_t check_strategy(const struct candidate *c)
{
    return c->strategy->run == STRATEGY_RUNNING ? DENY_NONE : DENY_STRATEGY_DISABLED;
}

static uint32_t check_instrument(const struct candidate *c)
{
    return c->own ? DENY_NONE : DENY_INSTRUMENT;
}

static uint32_t check_session(const struct candidate *c)
{
    return c->instrument->def.status == TURRET_STATUS_OPEN ? DENY_NONE : DENY_SESSION;
}

static uint32_t check_fields(const struct candidate *c)
{
    const struct order *order = c->order;
    const struct turret_broker_caps *caps = &c->engine->venues[c->instrument->venue].caps;
    bool limit = order->type == TURRET_ORDER_LIMIT || order->type == TURRET_ORDER_STOP_LIMIT;
    bool stop = order->type == TURRET_ORDER_STOP || order->type == TURRET_ORDER_STOP_LIMIT;
    if ((order->side != TURRET_SIDE_BUY && order->side != TURRET_SIDE_SELL) ||
        order->type < TURRET_ORDER_MARKET || order->type > TURRET_ORDER_STOP_LIMIT ||
        order->tif < TURRET_TIF_GTC || order->tif > TURRET_TIF_FOK ||
        (order->flags & ~TURRET_ORDER_REDUCE_ONLY) != 0)
        return DENY_ORDER_FIELDS;
    if (!(caps->can & TURRET_CAN_TRADE) || !(caps->order_types & (1u << order->type)) ||
        !(caps->times_in_force & (1u << order->tif)))
        return DENY_ORDER_FIELDS;
    if ((!limit && order->limit_price != 0) || (!stop && order->stop_price != 0))
        return DENY_ORDER_FIELDS;
    if (order->limit_price % c->instrument->def.tick_size != 0 ||
        order->stop_price % c->instrument->def.tick_size != 0)
        return DENY_TICK;
    return DENY_NONE;
}

static uint32_t check_qty(const struct candidate *c)
{
    const struct turret_instrument_def *def = &c->instrument->def;
    if (c->order->qty % def->lot_size != 0)
        return DENY_LOT;
    if (c->order->qty <= 0 || c->order->qty < def->min_qty)
        return DENY_MIN_QTY;
    return c->order->qty > def->max_qty ? DENY_MAX_QTY : DENY_NONE;
}

static uint32_t check_price(const struct candidate *c)
{
    const struct order *order = c->order;
    bool limit = order->type == TURRET_ORDER_LIMIT || order->type == TURRET_ORDER_STOP_LIMIT;
    bool stop = order->type == TURRET_ORDER_STOP || order->type == TURRET_ORDER_STOP_LIMIT;
    if ((limit && order->limit_price <= 0) || (stop && order->stop_price <= 0))
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
    return c->engine->now - newest > limits->reference_age_ns ? DENY_STALE_REFERENCE : DENY_NONE;
}

/* A limit price may not be further from the mark than the collar, on the side that costs. */
static uint32_t check_collar(const struct candidate *c)
{
    int64_t collar = c->engine->options.risk.collar_ppm;
    money_wide distance, allowed;
    turret_price price = c->order->limit_price ? c->order->limit_price : c->order->stop_price;
    if (collar == RISK_UNSET)
        return DENY_LIMIT_UNSET;
    if (price == 0)
        return DENY_NONE;
    distance = (money_wide)price - c->instrument->mark;
    if (c->order->side == TURRET_SIDE_SELL && c->order->type == TURRET_ORDER_LIMIT)
        distance = -distance;
    if (c->order->type != TURRET_ORDER_LIMIT && distance < 0)
        distance = -distance;
    allowed = (money_wide)c->instrument->mark * collar;
    return distance * MONEY_PPM > allowed ? DENY_COLLAR : DENY_NONE;
}

/* True when `units` (in 10^-scale) is more than `limit_nano`. */
static bool above(turret_qty units, int32_t scale, int64_t limit_nano)
{
    return (money_wide)magnitude(units) * MONEY_NANO >
           (money_wide)limit_nano * money_power10(scale);
}

static bool set(int64_t limit)
{
    return limit != RISK_UNSET;
}

/*
 * What the order may come to at most: a buy without a limit price may cost the collar more. An
 * order that only closes comes to 0: what grew in value can still be closed.
 */
static bool most_value(const struct candidate *c, turret_money *value)
{
    money_wide most = (money_wide)c->price * (MONEY_PPM + c->engine->options.risk.collar_ppm);
    turret_price price;
    *value = increases_any(c) ? c->notional : 0;
    if (*value == 0 || c->order->limit_price || c->order->side != TURRET_SIDE_BUY)
        return true;
    return money_fits((most + MONEY_PPM - 1) / MONEY_PPM, &price) &&
           money_value(&c->instrument->rate, c->order->qty, price, value);
}

static uint32_t check_order_size(const struct candidate *c, const struct risk_limits *limits,
                                 turret_money most)
{
    if (set(limits->max_order_qty_nano) &&
        above(c->order->qty, c->instrument->def.qty_scale, limits->max_order_qty_nano))
        return DENY_ORDER_QTY;
    if (set(limits->max_order_notional) && most > limits->max_order_notional)
        return DENY_ORDER_NOTIONAL;
    return DENY_NONE;
}

/* The larger side of position ± everything open, with this order unless it is NULL. */
static bool worst_case(const struct position *position, const struct order *order,
                       turret_qty *worst)
{
    money_wide up = (money_wide)position->qty + position->open_buy;
    money_wide down = (money_wide)position->qty - position->open_sell;
    if (order && order->side == TURRET_SIDE_BUY)
        up += order_leaves(order);
    else if (order)
        down -= order_leaves(order);
    up = up < 0 ? -up : up;
    down = down < 0 ? -down : down;
    return money_fits(up > down ? up : down, worst);
}

/* What is there at the mark, what this order adds at its own price. */
static bool worst_value(const struct candidate *c, const struct position *position,
                        turret_money *value)
{
    turret_qty before, after;
    turret_money held, added;
    return worst_case(position, NULL, &before) && worst_case(position, c->order, &after) &&
           money_value(&c->instrument->rate, before, c->instrument->mark, &held) &&
           money_value(&c->instrument->rate, after - before, c->price, &added) &&
           !__builtin_add_overflow(held, added, value);
}

static uint32_t check_position(const struct candidate *c, const struct position *position,
                               const struct risk_limits *limits)
{
    turret_qty worst;
    turret_money value;
    if (position == c->account ? !c->increases_account : !c->increases)
        return DENY_NONE;
    if (!worst_case(position, c->order, &worst))
        return DENY_OVERFLOW;
    if (set(limits->max_position_nano) &&
        above(worst, c->instrument->def.qty_scale, limits->max_position_nano))
        return DENY_POSITION;
    if (!worst_value(c, position, &value))
        return DENY_OVERFLOW;
    if (set(limits->max_position_notional) && value > limits->max_position_notional)
        return DENY_POSITION_NOTIONAL;
    return DENY_NONE;
}

/* Gross worst-case exposure of the account with this order, against equity × leverage. */
static uint32_t check_buying_power(const struct candidate *c)
{
    const struct engine *engine = c->engine;
    const struct account *account = &engine->accounts[c->account_index];
    money_wide gross = 0, power;
    turret_money fee, value;
    uint32_t i;
    if (!increases_any(c))
        return DENY_NONE;
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct instrument *other = &engine->instruments[i];
        const struct position *position = &engine->positions[other->account_position];
        turret_qty worst;
        if (other->account != c->account_index)
            continue;
        if (other == c->instrument ? !worst_value(c, position, &value)
                                   : (!worst_case(position, NULL, &worst) ||
                                      !money_value(&other->rate, worst, other->mark, &value)))
            return DENY_OVERFLOW;
        gross += value;
    }
    if (!money_fee(&engine->venues[c->instrument->venue].fees, c->order->qty,
                   c->instrument->def.qty_scale, c->notional, &fee))
        return DENY_OVERFLOW;
    if (!set(engine->options.risk.leverage_ppm))
        return DENY_LIMIT_UNSET;
    power = (money_wide)account->equity.now * engine->options.risk.leverage_ppm / MONEY_PPM;
    return gross + fee > power ? DENY_BUYING_POWER : DENY_NONE;
}

static uint32_t check_reduce_only(const struct candidate *c)
{
    turret_qty against = c->order->side == TURRET_SIDE_BUY ? -c->own->qty : c->own->qty;
    turret_qty open = c->order->side == TURRET_SIDE_BUY ? c->own->open_buy : c->own->open_sell;
    if (!(c->order->flags & TURRET_ORDER_REDUCE_ONLY))
        return DENY_NONE;
    return against <= 0 || (money_wide)order_leaves(c->order) + open > against ? DENY_REDUCE_ONLY
                                                                               : DENY_NONE;
}

static bool rate_passed(struct rate_window *window, int64_t minute, int64_t limit)
{
    if (window->minute != minute) {
        window->minute = minute;
        window->count = 0;
    }
    return window->count < limit;
}

static uint32_t check_rate(const struct candidate *c)
{
    int64_t minute = c->engine->now / (60 * MONEY_NANO);
    int64_t own = c->strategy->limits.max_orders_per_minute;
    int64_t all = c->engine->options.risk.max_orders_per_minute;
    struct rate_window *account = &c->engine->account_rate[c->account_index];
    if (!set(all))
        return DENY_LIMIT_UNSET;
    if (!rate_passed(account, minute, all) ||
        !rate_passed(&c->strategy->rate, minute, set(own) ? own : INT64_MAX))
        return DENY_MESSAGE_RATE;
    return DENY_NONE;
}

static bool loss_reached(const struct equity *equity, const struct risk_limits *limits)
{
    turret_money lost = equity->day_start - equity->day_low; /* a loss won back was reached too */
    if (set(limits->daily_loss) && lost >= limits->daily_loss && lost > 0)
        return true;
    return set(limits->daily_loss_ppm) && lost > 0 &&
           (money_wide)lost * MONEY_PPM >= (money_wide)equity->day_start * limits->daily_loss_ppm;
}

/* Latched: once reached, only closing orders pass until a person lifts it. */
static uint32_t check_stops(const struct candidate *c)
{
    struct engine *engine = c->engine;
    const struct account *account = &engine->accounts[c->account_index];
    const struct risk_limits *all = &engine->options.risk, *own = &c->strategy->limits;
    bool *loss = &engine->account_stopped_by_loss[c->account_index];
    bool *drawdown = &engine->account_stopped_by_drawdown[c->account_index];
    if ((!set(all->daily_loss) && !set(all->daily_loss_ppm)) || !set(all->drawdown_ppm))
        return DENY_LIMIT_UNSET;
    *loss = *loss || loss_reached(&account->equity, all);
    *drawdown = *drawdown || equity_deepest_ppm(&account->equity) >= all->drawdown_ppm;
    c->strategy->stopped_by_loss =
        c->strategy->stopped_by_loss || loss_reached(&c->strategy->equity, own);
    c->strategy->stopped_by_drawdown =
        c->strategy->stopped_by_drawdown ||
        (set(own->drawdown_ppm) && equity_deepest_ppm(&c->strategy->equity) >= own->drawdown_ppm);
    if (!increases_any(c))
        return DENY_NONE;
    if (*loss || c->strategy->stopped_by_loss)
        return DENY_DAILY_LOSS;
    return *drawdown || c->strategy->stopped_by_drawdown ? DENY_DRAWDOWN : DENY_NONE;
}

static uint32_t check_required(const struct risk_limits *limits)
{
    return set(limits->max_order_qty_nano) && set(limits->max_order_notional) &&
                   set(limits->max_position_nano) && set(limits->max_position_notional) &&
                   set(limits->max_open_orders)
               ? DENY_NONE
               : DENY_LIMIT_UNSET;
}

static uint32_t check_open_orders(const struct candidate *c)
{
    if (c->engine->account_open_orders[c->account_index] >= c->engine->options.risk.max_open_orders)
        return DENY_OPEN_ORDERS;
    return set(c->strategy->limits.max_open_orders) &&
                   c->strategy->open_orders >= c->strategy->limits.max_open_orders
               ? DENY_OPEN_ORDERS
               : DENY_NONE;
}

static uint32_t check_venue(const struct candidate *c)
{
    return c->engine->venues[c->instrument->venue].ready ? DENY_NONE : DENY_NOT_RECONCILED;
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

static uint32_t check_positions(const struct candidate *c)
{
    uint32_t denial = check_position(c, c->account, &c->engine->options.risk);
    return denial ? denial : check_position(c, c->own, &c->strategy->limits);
}

typedef uint32_t check_fn(const struct candidate *c);
static check_fn *const checks[] = {
    check_state,       check_strategy,  check_instrument,   check_session,     check_fields,
    check_qty,         check_price,     check_reference,    check_collar,      check_sizes,
    check_open_orders, check_positions, check_buying_power, check_reduce_only, check_rate,
    check_stops,       check_venue,
};

uint32_t risk_check(struct engine *engine, struct strategy *strategy, struct order *order)
{
    struct candidate c = {.engine = engine, .strategy = strategy, .order = order};
    uint32_t i, denial;
    c.own = strategy_position(engine, strategy, order->instrument);
    c.increases = c.increases_account = true;
    if (!c.own) { /* an instrument it has no position on: one of the first checks says no */
        for (i = 0, denial = DENY_NONE; denial == DENY_NONE; i++)
            denial = checks[i](&c);
        return denial;
    }
    c.instrument = &engine->instruments[order->instrument];
    c.account = &engine->positions[c.instrument->account_position];
    c.account_index = c.instrument->account;
    c.increases = order->side == TURRET_SIDE_BUY || order->side == TURRET_SIDE_SELL
                      ? risk_increases(c.own, order)
                      : true;
    c.increases_account = c.increases;
    if (order->side == TURRET_SIDE_BUY || order->side == TURRET_SIDE_SELL)
        c.increases_account = risk_increases(c.account, order);
    c.price = order->limit_price  ? order->limit_price
              : order->stop_price ? order->stop_price
                                  : c.instrument->mark;
    c.overflow = order->qty > 0 && c.price > 0 &&
                 !money_value(&c.instrument->rate, order->qty, c.price, &c.notional);
    for (i = 0; i < sizeof checks / sizeof *checks; i++) {
        denial = checks[i](&c);
        if (denial != DENY_NONE)
            return denial;
    }
    engine->account_rate[c.account_index].count++;
    strategy->rate.count++;
    return DENY_NONE;
}
