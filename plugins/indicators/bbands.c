/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bollinger bands of the close: SMA and `width` population standard deviations around it (Bollinger
 * on Bollinger Bands, 2001; TA-Lib, LEAN, Stock.Indicators), and where the close lies between them
 * (0 lower, 1 upper band). On a flat window the width is exactly zero and percent_b is 0.5.
 *
 * Sums of deviations and their squares are taken from an anchor, the first close of a lap, so that
 * a high price does not drown a small deviation. Anchor and sums are renewed at each lap's end.
 */
#include <math.h>

#include "window.h"

/* behind it: a ring of `length` doubles */
struct bbands {
    double anchor, sum, squares;
    double lap_anchor, lap_sum, lap_squares;
    double last, width;
    double share; /* 1 / length */
    uint32_t length, at;
    uint32_t same; /* closes in a row that equal each other, at most `length` */
    uint32_t full;
};

static const char *const outputs[] = {"upper", "middle", "lower", "percent_b"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 1, 10000, "bars", "bars averaged"),
    TURRET_PARAM_REAL(2, "width", 2, 0.01, 20, "deviations", "distance of the bands"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    return sizeof(struct bbands) + (uint64_t)turret_arg_int(param, 0) * sizeof(double);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct bbands *b = state;
    b->length = (uint32_t)turret_arg_int(param, 0);
    b->width = turret_arg_real(param, 1);
    b->share = 1.0 / b->length;
    return turret_ok(err);
}

/* Lets x into the window and its oldest value out. */
ALWAYS_INLINE void slide(struct bbands *b, double *ring, double x)
{
    double came = x - b->anchor, went = ring[b->at] - b->anchor;
    b->lap_anchor = b->at == 0 ? x : b->lap_anchor;
    double lap = x - b->lap_anchor;
    b->sum += came - went;
    b->squares += came * came - went * went;
    b->lap_sum += lap;
    b->lap_squares += lap * lap;
    ring[b->at] = x;
    if (++b->at < b->length)
        return;
    b->anchor = b->lap_anchor;
    b->sum = b->lap_sum;
    b->squares = b->lap_squares;
    b->lap_sum = b->lap_squares = 0;
    b->at = 0;
    b->full = 1;
}

struct bands {
    double upper, middle, lower, percent_b;
};

ALWAYS_INLINE struct bands step(struct bbands *b, double *ring, double close)
{
    double x = bound(close);
    slide(b, ring, x);
    b->same = 1 + (x == b->last) * (b->same - (b->same == b->length));
    b->last = x;

    double mean = b->sum * b->share;
    double variance = larger(b->squares * b->share - mean * mean, 0);
    int flat = b->same == b->length;
    double middle = flat ? x : b->anchor + mean;
    double away = flat ? 0 : b->width * sqrt(variance);
    double upper = middle + away, lower = middle - away;
    double percent_b = upper > lower ? bound((x - lower) / (upper - lower)) : 0.5;
    return (struct bands){upper, middle, lower, percent_b};
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct bbands *b = state;
    struct bands bands = step(b, (double *)(b + 1), bar->close);
    out[0] = bands.upper;
    out[1] = bands.middle;
    out[2] = bands.lower;
    out[3] = bands.percent_b;
    return (int32_t)b->full;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct bbands *b = state;
    struct bbands local = *b;
    const double *close = bars->close;
    double *upper = out[0], *middle = out[1], *lower = out[2], *percent_b = out[3];
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++) {
        struct bands bands = step(&local, (double *)(b + 1), close[i]);
        upper[i] = bands.upper;
        middle[i] = bands.middle;
        lower[i] = bands.lower;
        percent_b[i] = bands.percent_b;
        warming += !local.full;
    }
    *b = local;
    return warming;
}

TURRET_INDICATOR_ON(TURRET_COLUMN_CLOSE, "turret.bbands", "1.0.0",
                    "Bollinger bands of the close: SMA and population deviation (Bollinger 2001, "
                    "TA-Lib); percent_b 0.5 when they have no width",
                    outputs, params, state_size, start, period_lookback, update, update_block);
