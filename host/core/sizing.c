/* SPDX-License-Identifier: Apache-2.0 */
/* What a wish is worth in units. Anything that is not known makes the position smaller or none. */
#include "core/state.h"

#include <stddef.h>

#define PPM         1000000LL
#define AT(what)    ((uint32_t)offsetof(struct sizing, what))
#define ONLY(p)     (1u << (p))
#define NO_STANDARD INT64_MIN

const char *const sizing_policy_names[] = {"as_wished",  "fixed", "percent_of_equity",
                                           "volatility", "kelly", NULL};

const struct sizing_row sizing_rows[] = {
    {"qty", ONLY(SIZE_FIXED), SIZING_QTY, AT(qty_nano), 1, INT64_MAX, NO_STANDARD},
    {"percent", ONLY(SIZE_EQUITY), SIZING_PERCENT, AT(equity_ppm), 1, 100 * PPM, NO_STANDARD},
    {"target", ONLY(SIZE_VOLATILITY), SIZING_PERCENT, AT(volatility_ppm), 1, 10 * PPM, NO_STANDARD},
    {"days", ONLY(SIZE_VOLATILITY), SIZING_COUNT, AT(days), DAILY_ENOUGH, DAILY_DAYS - 1,
     DAILY_DAYS - 1},
    {"fraction", ONLY(SIZE_KELLY), SIZING_PERCENT, AT(kelly_ppm), 1, PPM, PPM / 4},
    {"trades", ONLY(SIZE_KELLY), SIZING_COUNT, AT(trades), 2, 1000000, 30},
    {"drawdown", ONLY(SIZE_KELLY) | ONLY(SIZE_VOLATILITY) | ONLY(SIZE_EQUITY), SIZING_PERCENT,
     AT(drawdown_ppm), 0, PPM, 0},
    {"at_most", ONLY(SIZE_KELLY) | ONLY(SIZE_VOLATILITY), SIZING_PERCENT, AT(equity_ppm), 1,
     100 * PPM, PPM},
    {"start", ONLY(SIZE_KELLY) | ONLY(SIZE_VOLATILITY), SIZING_PERCENT, AT(start_ppm), 0, 100 * PPM,
     NO_STANDARD},
    {NULL, 0, SIZING_COUNT, 0, 0, 0, 0},
};

/* A part of the equity that a double says, not above the most that is allowed. */
static int64_t part_of(double part, int64_t most_ppm)
{
    if (!(part > 0)) /* NaN, too */
        return 0;
    return part * (double)PPM >= (double)most_ppm ? most_ppm : (int64_t)(part * (double)PPM + 0.5);
}

static int64_t by_volatility(const struct strategy *strategy, turret_instrument instrument)
{
    const struct sizing *sizing = &strategy->sizing;
    double volatility;
    if (!daily_volatility(&strategy->engine->daily, instrument, (uint32_t)sizing->days,
                          &volatility))
        return sizing->start_ppm;
    return part_of((double)sizing->volatility_ppm / (double)PPM / volatility, sizing->equity_ppm);
}

static int64_t by_kelly(const struct strategy *strategy)
{
    const struct sizing *sizing = &strategy->sizing;
    const struct sizing_record *record = &strategy->record;
    uint64_t trades = record->wins + record->losses;
    double won, ratio;
    if (trades < (uint64_t)sizing->trades)
        return sizing->start_ppm;
    if (record->wins == 0)
        return 0;
    won = (double)record->wins / (double)trades;
    if (record->losses == 0 || record->lost == 0)
        return part_of((double)sizing->kelly_ppm / (double)PPM, sizing->equity_ppm);
    ratio = (double)record->won / (double)record->wins /
            ((double)record->lost / (double)record->losses);
    return part_of((won - (1 - won) / ratio) * (double)sizing->kelly_ppm / (double)PPM,
                   sizing->equity_ppm);
}

/* Less, the deeper the account has fallen. */
static int64_t scaled_by_drawdown(int64_t part_ppm, int64_t drawdown_ppm, int64_t none_at_ppm)
{
    if (none_at_ppm == 0)
        return part_ppm;
    return drawdown_ppm >= none_at_ppm
               ? 0
               : (int64_t)((money_wide)part_ppm * (none_at_ppm - drawdown_ppm) / none_at_ppm);
}

/* Whole lots that this part of the equity buys at the mark; 0 when that is not known. */
static turret_qty units_of(const struct engine *engine, const struct instrument *instrument,
                           int64_t part_ppm)
{
    const struct equity *equity = &engine->accounts[instrument->account].equity;
    const struct turret_instrument_def *def = &instrument->def;
    turret_money one_lot, budget;
    turret_qty qty;
    if (equity->now <= 0 || instrument->mark <= 0 ||
        !money_fits((money_wide)equity->now * part_ppm / PPM, &budget) ||
        !money_value(&instrument->rate, -def->lot_size, instrument->mark, &one_lot))
        return 0;
    if (!money_fits(budget / -(money_wide)one_lot * def->lot_size, &qty)) /* a lot rounded up */
        return 0;
    return qty;
}

static turret_qty fixed_units(const struct instrument *instrument, int64_t qty_nano)
{
    money_wide units = (money_wide)qty_nano * money_power10(instrument->def.qty_scale) / MONEY_NANO;
    units -= units % instrument->def.lot_size;
    return units > ORDER_QTY_MAX ? ORDER_QTY_MAX : (turret_qty)units;
}

static turret_qty size_of(const struct strategy *strategy, turret_instrument id)
{
    const struct engine *engine = strategy->engine;
    const struct instrument *instrument = &engine->instruments[id];
    const struct sizing *sizing = &strategy->sizing;
    int64_t part = sizing->equity_ppm;
    if (sizing->policy == SIZE_FIXED)
        return fixed_units(instrument, sizing->qty_nano);
    if (sizing->policy == SIZE_VOLATILITY)
        part = by_volatility(strategy, id);
    if (sizing->policy == SIZE_KELLY)
        part = by_kelly(strategy);
    part =
        scaled_by_drawdown(part, equity_drawdown_ppm(&engine->accounts[instrument->account].equity),
                           sizing->drawdown_ppm);
    return units_of(engine, instrument, part);
}

/* A strategy that is given nothing to trade with falls silent: said once, and when that is over. */
static void tell_stake(struct strategy *strategy)
{
    const struct sizing_record *record = &strategy->record;
    bool none = strategy->sizing.policy == SIZE_KELLY && by_kelly(strategy) == 0 &&
                record->wins + record->losses >= (uint64_t)strategy->sizing.trades;
    if (none == strategy->no_stake)
        return;
    strategy->no_stake = none;
    if (none)
        engine_notice(strategy->engine, NOTICE_ALARM, strategy->index,
                      "%s: size kelly is 0 and it opens nothing: of its %llu round trips %llu won, "
                      "too little to win by; another size, or a new store, lets it trade again",
                      strategy->name, (unsigned long long)(record->wins + record->losses),
                      (unsigned long long)record->wins);
    else
        engine_notice(strategy->engine, NOTICE_LOG, strategy->index,
                      "%s: its size is not 0 any more and it may open positions again",
                      strategy->name);
}

turret_qty sizing_target(struct strategy *strategy, const struct position *position,
                         turret_qty wished)
{
    turret_qty holds = position->has_target ? position->target : position->qty, size;
    if (strategy->sizing.policy == SIZE_AS_WISHED || wished == 0)
        return wished;
    if (holds != 0 && (holds > 0) == (wished > 0))
        return holds; /* it stands */
    tell_stake(strategy);
    size = size_of(strategy, position->instrument);
    return wished > 0 ? size : -size;
}

void sizing_trade_ended(struct strategy *strategy, turret_money profit)
{
    struct sizing_record *record = &strategy->record;
    bool won = profit > 0;
    turret_money *sum = won ? &record->won : &record->lost;
    *(won ? &record->wins : &record->losses) += 1;
    if (__builtin_add_overflow(*sum, won ? profit : -profit, sum))
        *sum = INT64_MAX;
}
