/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Average directional index with its two directional indicators: Wilder, New Concepts in Technical
 * Trading Systems, 1978, pages 35-47. Two conventions for the beginning of the sums:
 *   classic  the first `period` movements are added up, then smoothed (Wilder, LEAN,
 *            Stock.Indicators)
 *   talib    smoothing begins one movement earlier (TA-Lib)
 * All three outputs answer together, from bar 2 * period on. Without true range the indicators are
 * 0; without movement in either direction the index takes a 0 into its average.
 */
#include <math.h>

#include "smooth.h"

struct adx {
    double high, low, close; /* of the bar before */
    double plus, minus, range, index;
    double keep;
    uint32_t period;
    uint32_t seen;   /* bars before this one, at most 2 * period */
    uint32_t filled; /* bar from which on the sums are smoothed */
    uint32_t unused;
};

static const char *const outputs[] = {"adx", "plus_di", "minus_di"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 14, 2, 10000, "bars", "movements averaged, each new 1/period"),
    TURRET_PARAM_TEXT(2, "seeding", "classic", "classic|talib", "how the sums begin"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct adx);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct adx *a = state;
    a->period = (uint32_t)turret_arg_int(param, 0);
    a->keep = (a->period - 1.0) / a->period;
    a->filled = a->period + !text_is(&param[1], "talib");
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return 2 * (uint32_t)turret_arg_int(param, 0) - 1;
}

/* Adds the movement from the bar before to this one. */
ALWAYS_INLINE void move(struct adx *a, double high, double low)
{
    double up = high - a->high, down = a->low - low;
    double keep = a->seen >= a->filled ? a->keep : 1;
    a->plus = wilder_add(a->plus, keep, only_if((up > down) & (up > 0), up));
    a->minus = wilder_add(a->minus, keep, only_if((down > up) & (down > 0), down));
    a->range = wilder_add(a->range, keep, true_range(high, low, a->close));
    if (__builtin_expect(a->range < NO_DENOMINATOR, 0))
        a->plus = a->minus = a->range = 0;
}

ALWAYS_INLINE int32_t step(struct adx *a, const struct turret_candle *bar, double *adx,
                           double *plus_di, double *minus_di)
{
    double high = bound(bar->high), low = bound(bar->low);
    int32_t ready = a->seen + 1 >= 2 * a->period;
    if (a->seen > 0)
        move(a, high, low);
    if (a->seen >= a->period) {
        double both = a->plus + a->minus, apart = a->plus - a->minus;
        double dx = both > 0 ? 100 * (fabs(apart) / both) : 0;
        a->index = wilder_add(a->index, a->seen < 2 * a->period ? 1 : a->keep, dx);
    }
    a->high = high;
    a->low = low;
    a->close = bound(bar->close);
    a->seen += a->seen < 2 * a->period;
    *adx = a->index / a->period;
    double percent = a->range > 0 ? 100 / a->range : 0;
    *plus_di = bound(a->plus * percent);
    *minus_di = bound(a->minus * percent);
    return ready;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    return step(state, bar, &out[0], &out[1], &out[2]);
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct adx a = *(struct adx *)state;
    const struct turret_block in = *bars;
    double *adx = out[0], *plus_di = out[1], *minus_di = out[2];
    int32_t warming = 0;
    for (uint32_t i = 0; i < in.count; i++) {
        struct turret_candle bar = candle_at(&in, i);
        warming += !step(&a, &bar, &adx[i], &plus_di[i], &minus_di[i]);
    }
    *(struct adx *)state = a;
    return warming;
}

TURRET_INDICATOR("turret.adx", "1.0.0",
                 "Average directional index and indicators, Wilder 1978 pp. 35-47; sums seeded "
                 "with period movements (classic: LEAN) or one fewer (talib)",
                 outputs, params, state_size, start, lookback, update, update_block);
