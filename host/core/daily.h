/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The closing prices of the last days (UTC), by instrument, and what is measured of them: how much
 * a price moves and which move together.
 */
#ifndef CORE_DAILY_H
#define CORE_DAILY_H

#include <turret/market.h>

#include <stdbool.h>

#define DAILY_DAYS   64
#define DAILY_ENOUGH 20 /* returns, before anything is said of them */

struct daily {
    int64_t days[DAILY_DAYS]; /* ascending; since the epoch */
    uint32_t count;           /* of them are known */
    uint32_t width;           /* instruments, and one for 0 */
    turret_price *closes;     /* [day][instrument]; 0: it did not trade */
};

/* fails: ENOMEM */
int daily_init(struct daily *daily, uint32_t instrument_count);
void daily_finish(struct daily *daily);
/* The last price of that day so far. Days older than the newest are only completed. */
void daily_put(struct daily *daily, int64_t day, turret_instrument instrument, turret_price close);
/* New units: closes before a split are told in them. */
void daily_split(struct daily *daily, turret_instrument instrument,
                 const struct turret_split *split);
/*
 * Standard deviation of a year's return, from at most the newest `days` ones; days without a trade
 * do not count. False: too few are known, or the price did not move.
 */
bool daily_volatility(const struct daily *daily, turret_instrument instrument, uint32_t days,
                      double *volatility);
/* Pearson's, of the days on which both traded. False: as above. */
bool daily_correlation(const struct daily *daily, turret_instrument one, turret_instrument other,
                       double *correlation);

#endif
