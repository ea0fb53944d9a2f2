/* SPDX-License-Identifier: Apache-2.0 */
/* Times and numbers as people and files write them. */
#ifndef REPLAY_WHEN_H
#define REPLAY_WHEN_H

#include <turret/core.h>

/*
 * "2024-01-02", "2024-01-02T14:30", "…:30:05", "…:05.25", with T or a space, then nothing, Z or an
 * offset +01:00; or a whole number: nanoseconds since the epoch. Returns 1, 0 when it is neither.
 * *is_date is 1 for a date without a time of day.
 */
int when_time(const char *text, turret_time_ns *time, int *is_date);

/* "30s", "1m", "4h", "1d", "1w". Returns 1, 0 when it is not one. */
int when_timeframe(const char *text, int64_t *timeframe_ns);

/*
 * A decimal number in units of 10^-scale, digits beyond the scale rounded half away from zero.
 * Returns 1, 0 when it is not a number or does not fit.
 */
int when_decimal(const char *text, int32_t scale, int64_t *value);

#endif
