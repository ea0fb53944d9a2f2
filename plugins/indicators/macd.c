/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving average convergence divergence of the close: fast EMA less slow EMA, its own EMA as the
 * signal, and the distance between the two. Three conventions for the beginning:
 *   classic  each EMA starts from the mean of its own first values (LEAN, Stock.Indicators)
 *   talib    the fast EMA starts late, from the last `fast` of the first `slow` closes (TA-Lib)
 *   first    each EMA starts from its first value (pandas ewm(span, adjust=False))
 * All answer from bar slow + signal - 1 on, and meet each other in time.
 */
#include "smooth.h"

struct macd {
    struct ema fast, slow, signal;
};

static const char *const outputs[] = {"macd", "signal", "histogram"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "fast", 12, 1, 5000, "bars", "length of the fast average"),
    TURRET_PARAM_INT(2, "slow", 26, 2, 10000, "bars", "length of the slow average; above fast"),
    TURRET_PARAM_INT(3, "signal", 9, 1, 5000, "bars", "length of the signal's average"),
    TURRET_PARAM_TEXT(4, "seeding", "classic", "classic|talib|first", "how the averages begin"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct macd);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct macd *m = state;
    int32_t fast = turret_arg_int(param, 0), slow = turret_arg_int(param, 1);
    uint32_t first = text_is(&param[3], "first");
    if (fast >= slow)
        return turret_fail(err, TURRET_EINVAL, "macd: fast (%d) must be below slow (%d)", fast,
                           slow);
    ema_start(&m->fast, (uint32_t)fast, first,
              text_is(&param[3], "talib") ? (uint32_t)(slow - fast) : 0);
    ema_start(&m->slow, (uint32_t)slow, first, 0);
    ema_start(&m->signal, (uint32_t)turret_arg_int(param, 2), first,
              first ? (uint32_t)slow - 1 : 0);
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)(turret_arg_int(param, 1) + turret_arg_int(param, 2)) - 2;
}

static inline int32_t step(struct macd *m, double close, double *macd, double *signal,
                           double *histogram)
{
    double x = bound(close);
    double fast = ema_add(&m->fast, x), slow = ema_add(&m->slow, x);
    if (m->slow.left > 0 && !m->signal.first)
        return 0;
    *macd = fast - slow;
    *signal = ema_add(&m->signal, *macd);
    *histogram = *macd - *signal;
    return m->signal.left == 0;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    return step(state, bar->close, &out[0], &out[1], &out[2]);
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct macd m = *(struct macd *)state;
    const double *close = bars->close;
    double *macd = out[0], *signal = out[1], *histogram = out[2];
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++)
        warming += !step(&m, close[i], &macd[i], &signal[i], &histogram[i]);
    *(struct macd *)state = m;
    return warming;
}

TURRET_INDICATOR_ON(TURRET_COLUMN_CLOSE, "turret.macd", "1.0.0",
                    "Moving average convergence divergence of the close; EMAs seeded each with its "
                    "SMA (classic: LEAN), fast one late (talib) or with the first close (pandas)",
                    outputs, params, state_size, start, lookback, update, update_block);
