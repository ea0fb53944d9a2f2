/* SPDX-License-Identifier: Apache-2.0 */
/* From the configuration's instruments to the core's, and their stored bars in the right scale. */
#ifndef SESSION_DEFINITIONS_H
#define SESSION_DEFINITIONS_H

#include "config/config.h"
#include "store/store.h"

#include <turret/market.h>

void definitions_fill(const struct config_instrument *from, turret_instrument id,
                      struct turret_instrument_def *to);

/*
 * How stored prices become the instrument's: multiply by these.
 * fails: EINVAL the series has more decimals than the instrument (text says what to set)
 */
struct definitions_scale {
    int64_t price, qty;
};
int definitions_scale(const struct config_instrument *instrument, const struct store_series *series,
                      struct definitions_scale *scale, struct turret_error *err);

/* Stored bars of the instrument's series from `from` on, rescaled. Answers how many; 0 on failure.
 */
int64_t definitions_read_bars(struct store *store, const struct config_instrument *instrument,
                              turret_instrument id, int64_t timeframe_ns, turret_time_ns from,
                              struct turret_bar *bars, uint32_t capacity, struct turret_error *err);

#endif
