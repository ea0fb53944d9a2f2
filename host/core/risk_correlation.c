/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: what moves together counts together. Instruments whose daily returns correlate with the
 * order's, either way, count with their worst-case values; so do those of which too little is
 * known.
 */
#include "core/risk.h"

static bool moves_with(const struct candidate *c, turret_instrument other)
{
    double correlation;
    if (other == c->order->instrument ||
        !daily_correlation(&c->engine->daily, c->order->instrument, other, &correlation))
        return true;
    correlation = correlation < 0 ? -correlation : correlation;
    return correlation * MONEY_PPM >= (double)c->engine->options.risk.correlation_from_ppm;
}

/* Of everything of the account that is held or may fill. False: it does not fit. */
static bool sum_related(const struct candidate *c, money_wide *sum)
{
    const struct engine *engine = c->engine;
    uint32_t i;
    *sum = 0;
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct position *position =
            &engine->positions[engine->instruments[i].account_position];
        turret_money value;
        if (position->account != c->account_index)
            continue;
        if (!risk_worst_value(c, false, position, &value))
            return false;
        if (value != 0 && moves_with(c, i))
            *sum += value;
    }
    return true;
}

uint32_t risk_correlation(const struct candidate *c)
{
    const struct risk_limits *all = &c->engine->options.risk;
    money_wide most, sum;
    if (!risk_is_set(all->correlation_ppm) || !risk_is_set(all->correlation_from_ppm))
        return DENY_LIMIT_UNSET;
    if (!c->increases_account)
        return DENY_NONE;
    most = (money_wide)c->engine->accounts[c->account_index].equity.now * all->correlation_ppm;
    if (c->gross_fits && c->gross * MONEY_PPM <= most)
        return DENY_NONE; /* all of it is less */
    if (!sum_related(c, &sum))
        return DENY_OVERFLOW;
    return sum * MONEY_PPM > most ? DENY_CORRELATION : DENY_NONE;
}
