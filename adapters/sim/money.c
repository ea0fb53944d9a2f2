/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prices after slippage, values, fees and average prices: integers only, products in 128 bits,
 * each result rounded exactly once by a stated rule.
 */
#include "money.h"

static const int64_t powers[19] = {1,
                                   10,
                                   100,
                                   1000,
                                   10000,
                                   100000,
                                   1000000,
                                   10000000,
                                   100000000,
                                   1000000000,
                                   10000000000,
                                   100000000000,
                                   1000000000000,
                                   10000000000000,
                                   100000000000000,
                                   1000000000000000,
                                   10000000000000000,
                                   100000000000000000,
                                   1000000000000000000};

sim_wide money_power(int32_t exponent)
{
    return exponent <= 18 ? powers[exponent] : (sim_wide)powers[18] * powers[exponent - 18];
}

/* top / bottom, both not negative, and what is left; nearly always one 64-bit division. */
static sim_wide divide(sim_wide top, sim_wide bottom, sim_wide *left)
{
    if (top <= INT64_MAX && bottom <= INT64_MAX) {
        *left = (int64_t)top % (int64_t)bottom;
        return (int64_t)top / (int64_t)bottom;
    }
    *left = top % bottom;
    return top / bottom;
}

/*
 * price × impact × (qty / volume)², half up. Exact while it fits 128 bits; beyond that quantity
 * and volume are halved together until it does.
 */
static int64_t volume_move(turret_price price, int64_t impact_ppm, turret_qty qty,
                           turret_qty volume)
{
    if (volume <= 0 || qty > volume) {
        qty = 1;
        volume = 1;
    }
    for (;;) {
        sim_wide top = (sim_wide)price * impact_ppm;
        sim_wide bottom = (sim_wide)volume * volume;
        if (!__builtin_mul_overflow(top, (sim_wide)qty * qty, &top) &&
            !__builtin_mul_overflow(bottom, (sim_wide)(2 * SIM_MILLION), &bottom) &&
            !__builtin_mul_overflow(top, (sim_wide)2, &top) &&
            !__builtin_add_overflow(top, bottom / 2, &top)) {
            sim_wide move = top / bottom;
            return move > INT64_MAX ? INT64_MAX : (int64_t)move;
        }
        qty /= 2;
        volume /= 2;
    }
}

turret_price money_slipped(const struct sim *sim, const struct sim_instrument *instrument,
                           uint8_t side, turret_price price, turret_qty qty, turret_qty volume)
{
    int64_t move = 0;
    if (sim->options.slippage == SIM_SLIP_NONE) {
        return price;
    }
    if (sim->options.slippage == SIM_SLIP_TICKS) {
        if (__builtin_mul_overflow(sim->options.slippage_ticks, instrument->def->tick_size,
                                   &move)) {
            move = INT64_MAX;
        }
    } else {
        move = volume_move(price, sim->options.impact_ppm, qty, volume);
    }
    if (side == TURRET_SIDE_BUY) {
        return __builtin_add_overflow(price, move, &price) ? INT64_MAX : price;
    }
    return price > move ? price - move : 1;
}

int money_value(const struct sim_instrument *instrument, uint8_t side, turret_qty qty,
                turret_price price, turret_money *value)
{
    const struct turret_instrument_def *def = instrument->def;
    int32_t excess = def->price_scale + def->qty_scale - def->currency_scale;
    sim_wide product = (sim_wide)qty * price;
    if (__builtin_mul_overflow(product, (sim_wide)def->multiplier, &product)) {
        return TURRET_ELIMIT;
    }
    if (excess > 0) {
        sim_wide left = 0;
        product = divide(product, money_power(excess), &left);
        product += side == TURRET_SIDE_BUY && left != 0;
    } else if (excess < 0 && __builtin_mul_overflow(product, money_power(-excess), &product)) {
        return TURRET_ELIMIT;
    }
    if (product > INT64_MAX) {
        return TURRET_ELIMIT;
    }
    *value = (turret_money)product;
    return TURRET_OK;
}

/* whole + part / divisor, in 10^-9, to the currency's scale, up. */
static sim_wide round_up(sim_wide whole, sim_wide part, sim_wide divisor, int32_t currency_scale)
{
    if (currency_scale >= 9) {
        sim_wide finer = money_power(currency_scale - 9);
        return whole * finer + (part * finer + divisor - 1) / divisor;
    }
    sim_wide left = 0;
    sim_wide rounded = divide(whole, money_power(9 - currency_scale), &left);
    return rounded + (left != 0 || part != 0);
}

int money_fee(const struct sim *sim, const struct sim_instrument *instrument, turret_qty qty,
              turret_price price, int first, turret_money *fee)
{
    const struct sim_options *o = &sim->options;
    *fee = 0;
    if ((o->fee_min_nano | o->fee_per_unit_nano | o->fee_rate_nano) == 0) {
        return TURRET_OK;
    }
    /* In 10^-9, with the fraction of both terms over one divisor, so that the sum is exact. */
    sim_wide product = (sim_wide)qty * price * instrument->def->multiplier;
    sim_wide divisor = instrument->value_divisor;
    sim_wide value_left = 0, units_left = 0, part = 0;
    sim_wide whole =
        divide((sim_wide)qty * o->fee_per_unit_nano, instrument->qty_unit, &units_left);
    whole += divide(product, divisor, &value_left) * o->fee_rate_nano;
    part = value_left * o->fee_rate_nano;
    part += units_left != 0 ? units_left * (divisor / instrument->qty_unit) : 0;
    whole += divide(part, divisor, &part);
    if (first && whole < o->fee_min_nano) {
        whole = o->fee_min_nano;
        part = 0;
    }
    sim_wide rounded = round_up(whole, part, divisor, instrument->def->currency_scale);
    if (rounded > INT64_MAX) {
        return TURRET_ELIMIT;
    }
    *fee = (turret_money)rounded;
    return TURRET_OK;
}

turret_price money_average(turret_qty position, turret_price average, turret_qty change,
                           turret_price price)
{
    turret_qty after = position + change;
    if (after == 0) {
        return 0;
    }
    if (position == 0 || (position > 0) != (after > 0)) {
        return price;
    }
    if ((position > 0) != (change > 0)) {
        return average;
    }
    sim_wide held = position > 0 ? (sim_wide)position : -(sim_wide)position;
    sim_wide added = change > 0 ? (sim_wide)change : -(sim_wide)change;
    sim_wide cost = held * average + added * price;
    return (turret_price)((cost + (held + added) / 2) / (held + added));
}
