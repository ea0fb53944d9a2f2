/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slow stochastic oscillator (Lane): where the close lies within the range of the last `period`
 * bars, 0 to 100, as a simple average over `smooth` bars (k) and that over `signal` bars (d).
 * TA-Lib STOCH and Stock.Indicators. smooth 1 is the fast one. A window without range counts as 0,
 * as it does in both. All three windows are ready together: k is not given before d.
 */
#include "window.h"

/* behind it: the rings of the range, of k, of d */
struct stoch {
    struct moving_range range;
    struct moving_sum k, d;
};

static const char *const outputs[] = {"k", "d"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 14, 1, 10000, "bars", "bars whose range counts"),
    TURRET_PARAM_INT(2, "smooth", 3, 1, 1000, "bars", "bars averaged for k; 1 is fast"),
    TURRET_PARAM_INT(3, "signal", 3, 1, 1000, "bars", "values of k averaged for d"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    uint64_t rings = moving_range_rings((uint32_t)turret_arg_int(param, 0));
    rings += (uint64_t)turret_arg_int(param, 1) + (uint64_t)turret_arg_int(param, 2);
    return sizeof(struct stoch) + rings * sizeof(double);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct stoch *s = state;
    moving_range_start(&s->range, (double *)(s + 1), (uint32_t)turret_arg_int(param, 0));
    s->k.length = (uint32_t)turret_arg_int(param, 1);
    s->d.length = (uint32_t)turret_arg_int(param, 2);
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)(turret_arg_int(param, 0) + turret_arg_int(param, 1) +
                      turret_arg_int(param, 2)) -
           3;
}

ALWAYS_INLINE int32_t step(struct stoch *s, double *rings, const struct turret_candle *bar,
                           double *k, double *d)
{
    double *k_ring = rings + moving_range_rings(s->range.length);
    double *d_ring = k_ring + s->k.length;
    moving_range_add(&s->range, rings, bound(bar->high), bound(bar->low));
    if (!s->range.full)
        return 0;
    double fast = moving_range_percent(&s->range, bound(bar->close), 0);
    *k = larger(0, moving_sum_add(&s->k, k_ring, fast)) / s->k.length;
    if (!s->k.full)
        return 0;
    *d = larger(0, moving_sum_add(&s->d, d_ring, *k)) / s->d.length;
    return (int32_t)s->d.full;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct stoch *s = state;
    return step(s, (double *)(s + 1), bar, &out[0], &out[1]);
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct stoch *s = state;
    struct stoch local = *s;
    const struct turret_block in = *bars;
    double *k = out[0], *d = out[1];
    int32_t warming = 0;
    for (uint32_t i = 0; i < in.count; i++) {
        struct turret_candle bar = candle_at(&in, i);
        warming += !step(&local, (double *)(s + 1), &bar, &k[i], &d[i]);
    }
    *s = local;
    return warming;
}

TURRET_INDICATOR("turret.stoch", "1.0.0",
                 "Slow stochastic oscillator, simple averages (TA-Lib STOCH); 0 without range",
                 outputs, params, state_size, start, lookback, update, update_block);
