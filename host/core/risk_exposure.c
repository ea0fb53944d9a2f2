/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: what an order adds up to with all that is held and may still fill, of an instrument, of the
 * strategy and of the account.
 */
#include "core/risk.h"

static turret_qty magnitude(turret_qty qty)
{
    return qty < 0 ? -qty : qty;
}

bool risk_above(turret_qty units, int32_t scale, int64_t limit_nano)
{
    return (money_wide)magnitude(units) * MONEY_NANO >
           (money_wide)limit_nano * money_power10(scale);
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
static struct exposure expose(const struct candidate *c, const struct position *position)
{
    const struct money_rate *rate = &c->instrument->rate;
    struct exposure found = {0, 0, false, false};
    turret_qty before;
    turret_money held, added;
    found.fits = worst_case(position, c->order, &found.worst);
    found.valued = found.fits && worst_case(position, NULL, &before) &&
                   money_value(rate, before, c->instrument->mark, &held) &&
                   money_value(rate, found.worst - before, c->price, &added) &&
                   !__builtin_add_overflow(held, added, &found.value);
    return found;
}

void risk_expose(struct candidate *c)
{
    if (c->increases)
        c->own_exposure = expose(c, c->own);
    if (risk_increases_any(c))
        c->account_exposure = expose(c, c->account);
}

static uint32_t check_position(const struct candidate *c, const struct exposure *exposure,
                               const struct risk_limits *limits)
{
    if (!exposure->fits)
        return DENY_OVERFLOW;
    if (risk_is_set(limits->max_position_nano) &&
        risk_above(exposure->worst, c->instrument->def.qty_scale, limits->max_position_nano))
        return DENY_POSITION;
    if (!exposure->valued)
        return DENY_OVERFLOW;
    if (risk_is_set(limits->max_position_notional) &&
        exposure->value > limits->max_position_notional)
        return DENY_POSITION_NOTIONAL;
    return DENY_NONE;
}

uint32_t risk_positions(const struct candidate *c)
{
    uint32_t denial = DENY_NONE;
    if (c->increases_account)
        denial = check_position(c, &c->account_exposure, &c->engine->options.risk);
    if (!denial && c->increases)
        denial = check_position(c, &c->own_exposure, &c->strategy->limits);
    return denial;
}

/* Gross worst-case exposure of the account with this order, against equity × leverage. */
uint32_t risk_buying_power(const struct candidate *c)
{
    const struct engine *engine = c->engine;
    const struct account *account = &engine->accounts[c->account_index];
    money_wide gross = 0, power;
    turret_money fee, value;
    uint32_t i;
    if (!risk_increases_any(c))
        return DENY_NONE;
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct instrument *other = &engine->instruments[i];
        const struct position *position = &engine->positions[other->account_position];
        turret_qty worst;
        if (other->account != c->account_index)
            continue;
        value = c->account_exposure.value;
        if (other == c->instrument ? !c->account_exposure.valued
                                   : (!worst_case(position, NULL, &worst) ||
                                      !money_value(&other->rate, worst, other->mark, &value)))
            return DENY_OVERFLOW;
        gross += value;
    }
    if (!money_fee(&engine->venues[c->instrument->venue].fees, c->order->qty,
                   c->instrument->def.qty_scale, c->notional, &fee))
        return DENY_OVERFLOW;
    if (!risk_is_set(engine->options.risk.leverage_ppm))
        return DENY_LIMIT_UNSET;
    power = (money_wide)account->equity.now * engine->options.risk.leverage_ppm / MONEY_PPM;
    return gross + fee > power ? DENY_BUYING_POWER : DENY_NONE;
}
