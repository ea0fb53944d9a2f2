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

/* What is there at the mark, what this order adds at the price that it is valued at. */
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

/* The positions of the account, or the strategy's own in it. NULL at the end. */
static const struct position *next_position(const struct candidate *c, bool own, uint32_t *cursor)
{
    const struct engine *engine = c->engine;
    uint32_t count = own ? c->strategy->instrument_count : engine->instrument_count;
    while (*cursor < count) {
        uint32_t i = (*cursor)++;
        const struct position *position =
            own ? &engine->positions[c->strategy->first_position + i]
                : &engine->positions[engine->instruments[i + 1].account_position];
        if (position->account == c->account_index)
            return position;
    }
    return NULL;
}

bool risk_worst_value(const struct candidate *c, bool own, const struct position *position,
                      turret_money *value)
{
    const struct exposure *exposure = own ? &c->own_exposure : &c->account_exposure;
    const struct instrument *of = &c->engine->instruments[position->instrument];
    turret_qty worst;
    *value = exposure->value;
    if (of == c->instrument)
        return exposure->valued;
    return worst_case(position, NULL, &worst) && money_value(&of->rate, worst, of->mark, value);
}

static bool sum_gross(const struct candidate *c, bool own, money_wide *gross)
{
    const struct position *position;
    turret_money value;
    uint32_t cursor = 0;
    *gross = 0;
    while ((position = next_position(c, own, &cursor)) != NULL) {
        if (!risk_worst_value(c, own, position, &value))
            return false;
        *gross += value;
    }
    return true;
}

static bool sum_sector(const struct candidate *c, bool own, money_wide *sum)
{
    const struct position *position;
    turret_money value;
    uint32_t cursor = 0;
    *sum = 0;
    while ((position = next_position(c, own, &cursor)) != NULL) {
        if (c->engine->instruments[position->instrument].sector != c->instrument->sector)
            continue;
        if (!risk_worst_value(c, own, position, &value))
            return false;
        *sum += value;
    }
    return true;
}

/* Long less short when every buy fills and no sell, and the other way round: the larger one. */
static bool sum_net(const struct candidate *c, bool own, money_wide *net)
{
    bool buys = c->order->side == TURRET_SIDE_BUY;
    money_wide longest = buys ? c->notional : 0, shortest = buys ? 0 : -(money_wide)c->notional;
    const struct position *position;
    uint32_t cursor = 0;
    while ((position = next_position(c, own, &cursor)) != NULL) {
        const struct instrument *of = &c->engine->instruments[position->instrument];
        turret_money most, least;
        turret_qty up, down;
        if (!money_fits((money_wide)position->qty + position->open_buy, &up) ||
            !money_fits((money_wide)position->qty - position->open_sell, &down) ||
            !money_value(&of->rate, up, of->mark, &most) ||
            !money_value(&of->rate, down, of->mark, &least))
            return false;
        longest += most;
        shortest += least;
    }
    *net = longest > -shortest ? longest : -shortest;
    return true;
}

void risk_expose(struct candidate *c)
{
    if (c->increases)
        c->own_exposure = expose(c, c->own);
    if (!risk_increases_any(c))
        return;
    c->account_exposure = expose(c, c->account);
    c->gross_fits = sum_gross(c, false, &c->gross);
}

static uint32_t check_position(const struct candidate *c, const struct exposure *exposure,
                               const struct risk_limits *limits)
{
    if (!exposure->fits)
        return DENY_OVERFLOW;
    if (risk_is_set(limits->max_position_nano) &&
        risk_above(exposure->worst, c->instrument->def.qty_scale, limits->max_position_nano))
        return risk_beyond(c, DENY_POSITION,
                           risk_nano(exposure->worst, c->instrument->def.qty_scale),
                           limits->max_position_nano);
    if (!exposure->valued)
        return DENY_OVERFLOW;
    if (risk_is_set(limits->max_position_notional) &&
        exposure->value > limits->max_position_notional)
        return risk_beyond(c, DENY_POSITION_NOTIONAL, exposure->value,
                           limits->max_position_notional);
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

/* Buys and sells that may still fill at the mark, and the order at its own price. */
static uint32_t check_unexecuted(const struct candidate *c, bool own, int64_t most)
{
    const struct position *position;
    money_wide sum = c->notional;
    uint32_t cursor = 0;
    while (risk_is_set(most) && (position = next_position(c, own, &cursor)) != NULL) {
        const struct instrument *of = &c->engine->instruments[position->instrument];
        turret_money value = 0;
        turret_qty open;
        if ((position->open_buy | position->open_sell) != 0 &&
            (!money_fits((money_wide)position->open_buy + position->open_sell, &open) ||
             !money_value(&of->rate, open, of->mark, &value)))
            return DENY_OVERFLOW;
        sum += value;
    }
    return risk_is_set(most) && sum > most ? risk_beyond(c, DENY_UNEXECUTED, sum, most) : DENY_NONE;
}

uint32_t risk_unexecuted(const struct candidate *c)
{
    int64_t all = c->engine->options.risk.max_unexecuted;
    uint32_t denial = DENY_NONE;
    if (!risk_is_set(all))
        return DENY_LIMIT_UNSET;
    if (risk_increases_any(c))
        denial = check_unexecuted(c, false, all);
    return !denial && c->increases ? check_unexecuted(c, true, c->strategy->limits.max_unexecuted)
                                   : denial;
}

static uint32_t check_exposure(const struct candidate *c, bool own)
{
    const struct risk_limits *limits = own ? &c->strategy->limits : &c->engine->options.risk;
    const struct equity *equity =
        own ? &c->strategy->equity : &c->engine->accounts[c->account_index].equity;
    const struct exposure *exposure = own ? &c->own_exposure : &c->account_exposure;
    bool of_value = risk_is_set(limits->gross_exposure) || risk_is_set(limits->net_exposure);
    money_wide gross = c->gross, net, part;
    if (!exposure->valued || (own ? of_value && !sum_gross(c, true, &gross) : !c->gross_fits))
        return DENY_OVERFLOW;
    if (risk_is_set(limits->gross_exposure) && gross > limits->gross_exposure)
        return risk_beyond(c, DENY_GROSS_EXPOSURE, gross, limits->gross_exposure);
    if (risk_is_set(limits->net_exposure) && gross > limits->net_exposure) { /* else it is less */
        if (!sum_net(c, own, &net))
            return DENY_OVERFLOW;
        if (net > limits->net_exposure)
            return risk_beyond(c, DENY_NET_EXPOSURE, net, limits->net_exposure);
    }
    part = (money_wide)equity->now * limits->concentration_ppm;
    return risk_is_set(limits->concentration_ppm) && (money_wide)exposure->value * MONEY_PPM > part
               ? risk_beyond(c, DENY_CONCENTRATION, exposure->value, part / MONEY_PPM)
               : DENY_NONE;
}

static uint32_t check_sector(const struct candidate *c, bool own)
{
    int64_t ppm = own ? c->strategy->limits.sector_ppm : c->engine->options.risk.sector_ppm;
    turret_money equity =
        own ? c->strategy->equity.now : c->engine->accounts[c->account_index].equity.now;
    money_wide sum;
    if (c->instrument->sector == 0 || !risk_is_set(ppm))
        return DENY_NONE;
    if (!sum_sector(c, own, &sum))
        return DENY_OVERFLOW;
    return sum * MONEY_PPM > (money_wide)equity * ppm
               ? risk_beyond(c, DENY_SECTOR, sum, (money_wide)equity * ppm / MONEY_PPM)
               : DENY_NONE;
}

uint32_t risk_sector(const struct candidate *c)
{
    uint32_t denial = DENY_NONE;
    if (!risk_is_set(c->engine->options.risk.sector_ppm))
        return DENY_LIMIT_UNSET;
    if (c->increases_account)
        denial = check_sector(c, false);
    return !denial && c->increases ? check_sector(c, true) : denial;
}

uint32_t risk_exposure(const struct candidate *c)
{
    const struct risk_limits *all = &c->engine->options.risk;
    uint32_t denial = DENY_NONE;
    if (!risk_increases_any(c))
        return DENY_NONE;
    if (!risk_is_set(all->gross_exposure) || !risk_is_set(all->net_exposure) ||
        !risk_is_set(all->concentration_ppm))
        return DENY_LIMIT_UNSET;
    if (c->increases_account)
        denial = check_exposure(c, false);
    return !denial && c->increases ? check_exposure(c, true) : denial;
}

/* Gross worst-case exposure of the account with this order, against equity × leverage. */
uint32_t risk_buying_power(const struct candidate *c)
{
    const struct engine *engine = c->engine;
    const struct account *account = &engine->accounts[c->account_index];
    money_wide power;
    turret_money fee;
    if (!risk_increases_any(c))
        return DENY_NONE;
    if (!c->gross_fits || !money_fee(&engine->venues[c->instrument->venue].fees, c->order->qty,
                                     c->instrument->def.qty_scale, c->notional, &fee))
        return DENY_OVERFLOW;
    if (!risk_is_set(engine->options.risk.leverage_ppm))
        return DENY_LIMIT_UNSET;
    power = (money_wide)account->equity.now * engine->options.risk.leverage_ppm / MONEY_PPM;
    return c->gross + fee > power ? risk_beyond(c, DENY_BUYING_POWER, c->gross + fee, power)
                                  : DENY_NONE;
}
