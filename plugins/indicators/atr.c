/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Average true range: Wilder, New Concepts in Technical Trading Systems, 1978, page 21; the mean of
 * the first `period` true ranges, then smoothed by 1/period. The first bar has no close before it:
 *   skip   true ranges begin with the second bar (TA-Lib, Stock.Indicators)
 *   count  the first one is the bar's high less low (LEAN's reference, StockCharts)
 */
#include "smooth.h"

struct atr {
    double last, sum, keep;
    uint32_t period;
    uint32_t left; /* bars to come before it is ready */
    uint32_t skip; /* the first bar only gives its close */
    uint32_t started;
};

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 14, 1, 10000, "bars", "ranges averaged, each new one 1/period"),
    TURRET_PARAM_TEXT(2, "first", "skip", "skip|count", "what the first bar's own range is for"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct atr);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)turret_arg_int(param, 0) - text_is(&param[1], "count");
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct atr *a = state;
    a->period = (uint32_t)turret_arg_int(param, 0);
    a->left = lookback(param) + 1;
    a->skip = !text_is(&param[1], "count");
    a->keep = (a->period - 1.0) / a->period;
    return turret_ok(err);
}

static inline double step(struct atr *a, double high, double low, double close)
{
    double keep = a->left > 0 ? 1 : a->keep;
    double range = true_range(bound(high), bound(low), a->last);
    if (__builtin_expect(!a->started, 0)) {
        range = a->skip ? 0 : larger(bound(high) - bound(low), 0);
        a->started = 1;
    }
    a->sum = wilder_add(a->sum, keep, range);
    a->last = bound(close);
    a->left -= a->left > 0;
    return a->sum / a->period;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct atr *a = state;
    out[0] = step(a, bar->high, bar->low, bar->close);
    return a->left == 0;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct atr a = *(struct atr *)state;
    const struct turret_block in = *bars;
    double *value = out[0];
    int32_t warming = 0;
    for (uint32_t i = 0; i < in.count; i++) {
        value[i] = step(&a, in.high[i], in.low[i], in.close[i]);
        warming += a.left > 0;
    }
    *(struct atr *)state = a;
    return warming;
}

TURRET_INDICATOR("turret.atr", "1.0.0",
                 "Average true range, Wilder 1978 p. 21; the first bar's range skipped (TA-Lib) or "
                 "counted (LEAN, StockCharts)",
                 outputs, params, state_size, start, lookback, update, update_block);
