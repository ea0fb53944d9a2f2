/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scalars as people write them, to integers and back. Beside what config.h declares: the same with
 * the reason alone, for messages that name the thing themselves, and the kinds only config uses.
 */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include "config/config.h"

/* Why a text is not what it should be; follows "x is 'text', ". */
struct scalar_why {
    char text[128];
};

#define SCALAR_SCALE_MAX 18
#define SCALAR_TEXT_MAX  40 /* room for any number, time or duration written here */

/* All answer true, or false with *why. */
bool scalar_decimal(const char *text, int32_t scale, int64_t *value, struct scalar_why *why);
bool scalar_integer(const char *text, int64_t min, int64_t max, int64_t *value,
                    struct scalar_why *why);
bool scalar_timeframe(const char *text, int64_t *timeframe_ns, struct scalar_why *why);
/* Like a timeframe, but 0 and milliseconds ("500ms") are allowed and it may be 100 years. */
bool scalar_duration(const char *text, int64_t *duration_ns, struct scalar_why *why);
bool scalar_time(const char *text, turret_time_ns *time, struct scalar_why *why);
/* "2%", "0.25%" → parts per million. */
bool scalar_percent(const char *text, int64_t *ppm, struct scalar_why *why);
bool scalar_bool(const char *text, bool *value, struct scalar_why *why);

/* Digits behind the point that count: 2 for "0.010". */
int32_t scalar_decimals(const char *text);

void scalar_format_duration(int64_t duration_ns, char *text, size_t room);
/* "2013-10-07" at midnight, else "2013-10-07T14:30:00Z". */
void scalar_format_time(turret_time_ns time, char *text, size_t room);
void scalar_format_percent(int64_t ppm, char *text, size_t room);

#endif
