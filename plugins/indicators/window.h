/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What indicators over the last n bars are made of: bounded inputs, a moving sum, a moving range
 * and a sum over everything. All live in a flat state; the rings follow the state in its block.
 *
 * Why they stay exact over millions of bars: a window is walked in laps of n values. Beside its
 * running value, a moving sum adds up the current lap from zero; when the lap ends that sum is the
 * window, and replaces the running one. A rounding error therefore lives for at most one lap, at no
 * cost but one addition a bar. Laps are counted from the first bar, so one bar a call and many bars
 * a call take the same steps and give the same bits.
 */
#ifndef INDICATORS_WINDOW_H
#define INDICATORS_WINDOW_H

#include <float.h>
#include <string.h>

#include <turret/indicator.h>

/* Inputs and results are kept within this, so that no finite bar makes a sum overflow. */
#define BOUND 1e100

/* Where a step is too long for the compiler to want it in the loop over a block. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
    return a < b ? a : b;
}

static inline double bound(double x)
{
    return larger(smaller(x, BOUND), -BOUND);
}

/* x or 0, without a branch: for conditions that no predictor can guess. */
static inline double only_if(int32_t condition, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0 - (uint64_t)condition;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A volume: never negative. */
static inline double amount(double x)
{
    return larger(smaller(x, BOUND), 0);
}

static inline struct turret_candle candle_at(const struct turret_block *bars, uint32_t i)
{
    return (struct turret_candle){bars->open[i],  bars->high[i],   bars->low[i],
                                  bars->close[i], bars->volume[i], bars->time[i]};
}

/* lookback() of what answers with the `period`-th bar, when that is its first parameter. */
static inline uint32_t period_lookback(const struct turret_param_value *param)
{
    return (uint32_t)turret_arg_int(param, 0) - 1;
}

/* ---- sum of the last `length` values; needs a ring of `length` zeros ---- */

struct moving_sum {
    double sum, lap;
    uint32_t length, at;
    uint64_t full; /* 1 once `length` values came in; stays 1 */
};

/* Adds x, lets the oldest go. Answers the sum, which means something once `full` is 1. */
static inline double moving_sum_add(struct moving_sum *w, double *ring, double x)
{
    w->sum += x - ring[w->at];
    w->lap += x;
    ring[w->at] = x;
    if (++w->at == w->length) {
        w->sum = w->lap;
        w->lap = 0;
        w->at = 0;
        w->full = 1;
    }
    return w->sum;
}

/* ---- highest and lowest of the last `length` values ---- */

/*
 * The window is the end of the last lap and the beginning of this one. When a lap ends, its ring
 * becomes the extremes from each place to the lap's end; this lap's extreme so far is kept beside.
 * Two comparisons a value in the mean, no search, nothing for the branch predictor to guess.
 * (van Herk, Pattern Recognition Letters 13, 1992; Gil and Werman, IEEE PAMI 15, 1993.)
 */
struct moving_range {
    double highest, lowest; /* of the window, once full */
    double lap_highest, lap_lowest;
    uint32_t length, at;
    uint64_t full;
};

/* Doubles that moving_range needs behind it. */
static inline uint32_t moving_range_rings(uint32_t length)
{
    return 2 * (length + 1);
}

static inline void moving_range_start(struct moving_range *w, double *rings, uint32_t length)
{
    w->length = length;
    w->lap_highest = -DBL_MAX;
    w->lap_lowest = DBL_MAX;
    rings[length] = -DBL_MAX; /* behind a lap's last value there is nothing */
    rings[2 * length + 1] = DBL_MAX;
}

static inline void moving_range_add(struct moving_range *w, double *rings, double high, double low)
{
    double *highs = rings, *lows = rings + w->length + 1;
    w->lap_highest = larger(w->lap_highest, high);
    w->lap_lowest = smaller(w->lap_lowest, low);
    w->highest = larger(w->lap_highest, highs[w->at + 1]);
    w->lowest = smaller(w->lap_lowest, lows[w->at + 1]);
    highs[w->at] = high;
    lows[w->at] = low;
    if (++w->at < w->length)
        return;
    high = -DBL_MAX;
    low = DBL_MAX;
    for (uint32_t i = w->length; i-- > 0;) {
        highs[i] = high = larger(highs[i], high);
        lows[i] = low = smaller(lows[i], low);
    }
    w->lap_highest = -DBL_MAX;
    w->lap_lowest = DBL_MAX;
    w->at = 0;
    w->full = 1;
}

/* Where x lies within the range, 0 to 100; `flat` or less of a range counts as none and gives 0. */
static inline double moving_range_percent(const struct moving_range *w, double x, double flat)
{
    double width = w->highest - w->lowest;
    return width > flat ? larger(0, smaller(100, 100 * ((x - w->lowest) / width))) : 0;
}

/* ---- sum of everything since a start ---- */

/* `rest` is what rounding took from `sum` (Knuth, TAOCP 2, 4.2.2, theorem B); they belong together.
 */
struct long_sum {
    double sum, rest;
};

static inline double long_sum_add(struct long_sum *s, double x)
{
    double sum = s->sum + x;
    double taken = sum - s->sum;
    s->rest += (s->sum - (sum - taken)) + (x - taken);
    s->sum = sum;
    return sum + s->rest;
}

#endif
