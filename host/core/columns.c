/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each loop is written once and compiled twice: for any processor, and for those with AVX2. Every
 * operation is exact or correctly rounded, so both give the same bits.
 */
#include "core/columns.h"

#include <string.h>

#define LOOP static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
static bool is_wide(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#else
#define WIDE
static bool is_wide(void)
{
    return false;
}
#endif

/* ---- are they sane ---- */

/*
 * One pass without branches. Unsigned, and the numbers themselves too: no difference of two that
 * are not negative wraps.
 */
LOOP uint64_t signs_of(const struct engine_bars *bars, uint32_t first, uint32_t count,
                       int64_t *highs)
{
    const int64_t *time = bars->time + first, *open = bars->open + first;
    const int64_t *high = bars->high + first, *low = bars->low + first;
    const int64_t *close = bars->close + first, *volume = bars->volume + first;
    uint64_t signs = 0;
    int64_t too_high = 0;
    uint32_t i;
    for (i = 0; i < count; i++) {
        uint64_t o = (uint64_t)open[i], h = (uint64_t)high[i], l = (uint64_t)low[i];
        uint64_t c = (uint64_t)close[i];
        signs |= o | c | l | (o - l) | (c - l) | (l - 1) | (h - o) | (h - c) | (uint64_t)volume[i];
        too_high |= high[i];
    }
    for (i = 1; i < count; i++)
        signs |= (uint64_t)time[i] - (uint64_t)time[i - 1] - 1;
    *highs = too_high;
    return signs;
}

WIDE static uint64_t signs_wide(const struct engine_bars *bars, uint32_t first, uint32_t count,
                                int64_t *highs)
{
    return signs_of(bars, first, count, highs);
}

static uint64_t signs_plain(const struct engine_bars *bars, uint32_t first, uint32_t count,
                            int64_t *highs)
{
    return signs_of(bars, first, count, highs);
}

bool columns_sane(const struct engine_bars *bars, uint32_t first, uint32_t count,
                  turret_time_ns last_time, int64_t *highs)
{
    turret_time_ns begin = bars->time[first];
    uint64_t signs =
        is_wide() ? signs_wide(bars, first, count, highs) : signs_plain(bars, first, count, highs);
    return begin > last_time && begin >= 0 && signs >> 63 == 0 && *highs < (INT64_C(1) << 49);
}

/* ---- as doubles ---- */

/*
 * An integer from 0 to 2^52 is the mantissa of 2^52 + itself: compilers turn that into vectors,
 * which a conversion is not.
 */
LOOP void small_to_doubles(double *restrict to, const int64_t *restrict from, uint32_t count,
                           double unit)
{
    const double base = 4503599627370496.0; /* 2^52 */
    int64_t exponent, bits;
    double shifted;
    uint32_t i;
    memcpy(&exponent, &base, sizeof exponent);
    for (i = 0; i < count; i++) {
        bits = from[i] | exponent;
        memcpy(&shifted, &bits, sizeof shifted);
        to[i] = (shifted - base) / unit;
    }
}

LOOP int64_t bits_of(const int64_t *from, uint32_t count)
{
    int64_t all = 0;
    uint32_t i;
    for (i = 0; i < count; i++)
        all |= from[i];
    return all;
}

LOOP void any_to_doubles(double *to, const int64_t *from, uint32_t count, double unit)
{
    uint32_t i;
    if (bits_of(from, count) < INT64_C(1) << 52)
        small_to_doubles(to, from, count, unit);
    else
        for (i = 0; i < count; i++)
            to[i] = (double)from[i] / unit;
}

WIDE static void to_doubles_wide(double *to, const int64_t *from, uint32_t count, double unit)
{
    any_to_doubles(to, from, count, unit);
}

static void to_doubles_plain(double *to, const int64_t *from, uint32_t count, double unit)
{
    any_to_doubles(to, from, count, unit);
}

void columns_to_doubles(double *to, const int64_t *from, uint32_t count, double unit)
{
    if (is_wide())
        to_doubles_wide(to, from, count, unit);
    else
        to_doubles_plain(to, from, count, unit);
}
