/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops over columns of bars that are worth the processor's vectors. Wider vectors are used where
 * the processor has them; the results are the same bits.
 */
#ifndef CORE_COLUMNS_H
#define CORE_COLUMNS_H

#include "core/engine.h"

/*
 * True when every bar of [first, first + count) is sane, times ascend and the first is after
 * `last_time`. *highs: no price is above it; a power of two less one, below 2^49.
 */
bool columns_sane(const struct engine_bars *bars, uint32_t first, uint32_t count,
                  turret_time_ns last_time, int64_t *highs);
/* from / unit, correctly rounded, for numbers from 0 on. */
void columns_to_doubles(double *to, const int64_t *from, uint32_t count, double unit);

#endif
