/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What indicators that never forget are made of: the exponential average, Wilder's running sum and
 * RSI, the true range. They need no repair over millions of bars: every step shrinks the errors of
 * all earlier ones by the same factor as the earlier values.
 */
#ifndef INDICATORS_SMOOTH_H
#define INDICATORS_SMOOTH_H

#include "window.h"

/* Below this a decaying sum is nothing: it would only wander about in denormal numbers. */
#define NOTHING 1e-300
/* Below this a denominator is nothing. Larger, so that a ratio's two sides vanish together. */
#define NO_DENOMINATOR 1e-250

/* Two comparisons, as fabs() would make it a select: a branch not taken is not in the bars' chain.
 */
static inline double settle(double x)
{
    if (__builtin_expect(x < NOTHING && x > -NOTHING, 0))
        return 0;
    return x;
}

/* ---- exponential average, 2 / (period + 1) for the newest ---- */

struct ema {
    double value, newest, keep;
    uint32_t period;
    uint32_t left;    /* values to come before it is ready */
    uint32_t first;   /* seeded with the first value, not with the mean of the first `period` */
    uint32_t started; /* the first value is in */
};

/* `late` postpones: values before the last `period` do not count for the mean that seeds. */
static inline void ema_start(struct ema *e, uint32_t period, uint32_t first, uint32_t late)
{
    e->period = period;
    e->left = period + late;
    e->first = first;
    e->newest = 2.0 / (1.0 + period);
    e->keep = 1 - e->newest;
}

static inline double ema_seed(struct ema *e, double x)
{
    e->left--;
    if (e->first) {
        e->value = e->started ? e->value * e->keep + x * e->newest : x;
        e->started = 1;
    } else if (e->left < e->period) {
        e->value += x;
        if (e->left == 0)
            e->value /= e->period;
    }
    return e->value;
}

/* Takes x. The answer means something once `left` is 0. */
static inline double ema_add(struct ema *e, double x)
{
    if (e->left > 0)
        return ema_seed(e, x);
    e->value = settle(e->value * e->keep + x * e->newest);
    return e->value;
}

/* ---- Wilder: New Concepts in Technical Trading Systems, 1978 ---- */

/* His running sum: one n-th leaves, x comes. While it is being filled, keep is 1. */
static inline double wilder_add(double sum, double keep, double x)
{
    return settle(sum * keep + x);
}

/* Relative strength index: page 63. The first change comes with the second bar. */
struct rsi {
    double last, gains, losses, keep;
    uint32_t period;
    uint32_t left; /* bars to come before it is ready */
};

static inline void rsi_start(struct rsi *r, uint32_t period)
{
    r->period = period;
    r->left = period + 1;
    r->keep = (period - 1.0) / period;
}

/* Takes a price. Answers 0 to 100, meaningful once `left` is 0; 50 when nothing ever moved. */
static inline double rsi_add(struct rsi *r, double price)
{
    double keep = r->left > 0 ? 1 : r->keep;
    double change = r->left > r->period ? 0 : price - r->last;
    double gains = wilder_add(r->gains, keep, larger(change, 0));
    double losses = wilder_add(r->losses, keep, larger(-change, 0));
    double both = gains + losses;
    r->left -= r->left > 0;
    r->last = price;
    if (__builtin_expect(both < NO_DENOMINATOR, 0)) {
        r->gains = r->losses = 0;
        return 50;
    }
    r->gains = gains;
    r->losses = losses;
    return 100 * (gains / both);
}

/* The bar's range, widened to the close before it. Never negative, whatever the bar. */
static inline double true_range(double high, double low, double last_close)
{
    return larger(high, last_close) - smaller(low, last_close);
}

/* ---- text parameters ---- */

static inline uint32_t text_is(const struct turret_param_value *param, const char *choice)
{
    return param->text && strcmp(param->text, choice) == 0;
}

#endif
