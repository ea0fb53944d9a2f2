/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linearly weighted moving average of the close: the newest weighs `period`, the oldest 1
 * (TA-Lib WMA, Stock.Indicators). Weighted and plain sum are renewed at each lap's end (window.h).
 */
#include "window.h"

/* behind it: a ring of `length` doubles */
struct wma {
    struct moving_sum plain;
    double weighted, lap;
};

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 1, 10000, "bars", "length; the newest weighs the most"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    return sizeof(struct wma) + (uint64_t)turret_arg_int(param, 0) * sizeof(double);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct wma *)state)->plain.length = (uint32_t)turret_arg_int(param, 0);
    return turret_ok(err);
}

/* Everything in the window loses one weight, the oldest its last; x comes with the full weight. */
static inline double step(struct wma *w, double *ring, double close)
{
    double x = bound(close), n = w->plain.length;
    w->weighted += n * x - w->plain.sum;
    w->lap += (w->plain.at + 1.0) * x;
    (void)moving_sum_add(&w->plain, ring, x);
    if (w->plain.at == 0) {
        w->weighted = w->lap;
        w->lap = 0;
    }
    return w->weighted / (n * (n + 1) / 2);
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct wma *w = state;
    out[0] = step(w, (double *)(w + 1), bar->close);
    return (int32_t)w->plain.full;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct wma *w = state;
    struct wma local = *w;
    const double *close = bars->close;
    double *value = out[0];
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++) {
        value[i] = step(&local, (double *)(w + 1), close[i]);
        warming += !local.plain.full;
    }
    *w = local;
    return warming;
}

TURRET_INDICATOR_ON(
    TURRET_COLUMN_CLOSE, "turret.wma", "1.0.0",
    "Linearly weighted moving average of the close, newest weighs most (TA-Lib WMA)", outputs,
    params, state_size, start, period_lookback, update, update_block);
