/* SPDX-License-Identifier: Apache-2.0 */
/* Exact prices, values and fees. */
#ifndef SIM_MONEY_H
#define SIM_MONEY_H

#include "sim.h"

/* 10^exponent, exponent 0…24. */
sim_wide money_power(int32_t exponent);

/*
 * A market or stop order's price after slippage, against the trader. `volume` is what the event
 * traded. volume_share: the move price × impact × (qty / volume)² is rounded to the price scale,
 * half a unit and more against the trader; the share is at most 1, and 1 when volume is 0.
 * Never below one unit of the price scale.
 */
turret_price money_slipped(const struct sim *sim, const struct sim_instrument *instrument,
                           uint8_t side, turret_price price, turret_qty qty, turret_qty volume);

/*
 * qty × price × multiplier in the currency's scale, against the trader: what a buy costs is rounded
 * up, what a sale brings down.
 *
 * fails:  ELIMIT it does not fit money
 */
int money_value(const struct sim_instrument *instrument, uint8_t side, turret_qty qty,
                turret_price price, turret_money *value);

/*
 * The fee of one fill: qty × per_unit + value × rate, for an order's first fill at least min;
 * computed exactly, then rounded up to the currency's scale. The value must fit, see above.
 *
 * fails:  ELIMIT it does not fit money
 */
int money_fee(const struct sim *sim, const struct sim_instrument *instrument, turret_qty qty,
              turret_price price, int first, turret_money *fee);

/* The average price of a position after a fill; half a unit and more away from zero. */
turret_price money_average(turret_qty position, turret_price average, turret_qty change,
                           turret_price price);

#endif
