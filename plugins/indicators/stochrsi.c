/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stochastic of the RSI (Chande and Kroll, The New Technical Trader, 1994): where Wilder's RSI lies
 * within its own range of the last `period` values, 0 to 100, averaged over `smooth` (k) and that
 * over `signal` (d). smooth 1 is TA-Lib's STOCHRSI (its fast k), 3 is LEAN's and TradingView's.
 *
 * A range of the RSI below 1e-9 counts as none and gives 0: what is left there is rounding.
 */
#include "smooth.h"

#define FLAT 1e-9

/* behind it: the rings of the range, of k, of d */
struct stochrsi {
    struct rsi rsi;
    struct moving_range range;
    struct moving_sum k, d;
};

static const char *const outputs[] = {"k", "d"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "rsi_period", 14, 2, 10000, "bars", "length of the RSI"),
    TURRET_PARAM_INT(2, "period", 14, 1, 10000, "bars", "values of the RSI whose range counts"),
    TURRET_PARAM_INT(3, "smooth", 3, 1, 1000, "bars", "values averaged for k; 1 is TA-Lib's"),
    TURRET_PARAM_INT(4, "signal", 3, 1, 1000, "bars", "values of k averaged for d"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    uint64_t rings = moving_range_rings((uint32_t)turret_arg_int(param, 1));
    rings += (uint64_t)turret_arg_int(param, 2) + (uint64_t)turret_arg_int(param, 3);
    return sizeof(struct stochrsi) + rings * sizeof(double);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct stochrsi *s = state;
    rsi_start(&s->rsi, (uint32_t)turret_arg_int(param, 0));
    moving_range_start(&s->range, (double *)(s + 1), (uint32_t)turret_arg_int(param, 1));
    s->k.length = (uint32_t)turret_arg_int(param, 2);
    s->d.length = (uint32_t)turret_arg_int(param, 3);
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)(turret_arg_int(param, 0) + turret_arg_int(param, 1) +
                      turret_arg_int(param, 2) + turret_arg_int(param, 3)) -
           3;
}

ALWAYS_INLINE int32_t step(struct stochrsi *s, double *rings, double close, double *k, double *d)
{
    double *k_ring = rings + moving_range_rings(s->range.length);
    double *d_ring = k_ring + s->k.length;
    double rsi = rsi_add(&s->rsi, bound(close));
    if (s->rsi.left > 0)
        return 0;
    moving_range_add(&s->range, rings, rsi, rsi);
    if (!s->range.full)
        return 0;
    double fast = moving_range_percent(&s->range, rsi, FLAT);
    *k = larger(0, moving_sum_add(&s->k, k_ring, fast)) / s->k.length;
    if (!s->k.full)
        return 0;
    *d = larger(0, moving_sum_add(&s->d, d_ring, *k)) / s->d.length;
    return (int32_t)s->d.full;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct stochrsi *s = state;
    return step(s, (double *)(s + 1), bar->close, &out[0], &out[1]);
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct stochrsi *s = state;
    struct stochrsi local = *s;
    const double *close = bars->close;
    double *k = out[0], *d = out[1];
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++)
        warming += !step(&local, (double *)(s + 1), close[i], &k[i], &d[i]);
    *s = local;
    return warming;
}

TURRET_INDICATOR_ON(TURRET_COLUMN_CLOSE, "turret.stochrsi", "1.0.0",
                    "Stochastic of Wilder's RSI, simple averages (Chande and Kroll 1994; LEAN); "
                    "smooth 1 is TA-Lib's; 0 without range",
                    outputs, params, state_size, start, lookback, update, update_block);
