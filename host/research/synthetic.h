/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up bars, for trying things out: a seeded random walk in whole cents whose drift changes now
 * and then. The same seed gives the same bars on every machine. They say nothing of any market.
 */
#ifndef RESEARCH_SYNTHETIC_H
#define RESEARCH_SYNTHETIC_H

#include "store/store.h"

#define SYNTHETIC_BARS_MAX    10000000
#define SYNTHETIC_PRICE_SCALE 2 /* cents */
/* 2024-01-02T14:30:00Z: where the simulated venue's own market begins, too. */
#define SYNTHETIC_FIRST_NS INT64_C(1704205800000000000)

/*
 * Stores `bars` bars as a new series; name and timeframe are read from *series, scales are set.
 *
 * fails: EEXIST the series has bars already: made-up ones are not mixed with others;
 *        ENOMEM; as store_bars_merge()
 */
int synthetic_store(struct store *store, struct store_series *series, uint64_t bars, uint64_t seed,
                    struct turret_error *err);

#endif
