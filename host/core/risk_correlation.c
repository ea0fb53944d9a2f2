/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: what moves together counts together. Instruments whose daily returns correlate with the
 * order's, either way, count with their worst-case values; so do those of which too little is
 * known.
 */
#include "core/risk.h"

#include <assert.h>

static bool moves_with(const struct candidate *c, turret_instrument other)
{
    double correlation;
    if (other == c->order->instrument ||
        !daily_correlation(&c->engine->daily, c->order->instrument, other, &correlation))
        return true;
    correlation = correlation < 0 ? -correlation : correlation;
    return correlation * MONEY_PPM >= (double)c->engine->options.risk.correlation_from_ppm;
}

/* Of everything of the account that is held or may fill; risk_exposure() has seen that it fits. */
static money_wide sum_related(const struct candidate *c)
{
    const struct engine *engine = c->engine;
    money_wide sum = 0;
    uint32_t i;
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct position *position =
            &engine->positions[engine->instruments[i].account_position];
        turret_money value;
        bool fits;
        if (position->account != c->account_index)
            continue;
        fits = risk_worst_value(c, false, position, &value);
        assert(fits);
        if (value != 0 && moves_with(c, i))
            sum += value;
    }
    return sum;
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
    if (c->gross * MONEY_PPM <= most)
        return DENY_NONE; /* all of it is less */
    sum = sum_related(c);
    return sum * MONEY_PPM > most ? risk_beyond(c, DENY_CORRELATION, sum, most / MONEY_PPM)
                                  : DENY_NONE;
}
