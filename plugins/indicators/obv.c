/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On-balance volume (Granville, New Key to Stock Market Profits, 1963): the volume is added when
 * the close rose, taken away when it fell. It begins with zero (Stock.Indicators) or with the first
 * bar's volume (TA-Lib, LEAN). Only its movement means something.
 *
 * The sum carries its own rounding error beside it, so that a fractional volume is still counted
 * after ten million bars.
 */
#include "smooth.h"

struct obv {
    struct long_sum sum;
    double last;
    uint32_t started;
    uint32_t volume; /* begins with the first bar's volume */
};

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_TEXT(1, "start", "zero", "zero|volume", "the first bar's value"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct obv);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct obv *)state)->volume = text_is(&param[0], "volume");
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    (void)param;
    return 0;
}

static inline double step(struct obv *o, double close, double volume)
{
    double x = bound(close);
    double sign = (x > o->last) - (x < o->last);
    if (__builtin_expect(!o->started, 0)) {
        sign = o->volume;
        o->started = 1;
    }
    o->last = x;
    return long_sum_add(&o->sum, sign * amount(volume));
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    out[0] = step(state, bar->close, bar->volume);
    return 1;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct obv o = *(struct obv *)state;
    const struct turret_block in = *bars;
    double *value = out[0];
    for (uint32_t i = 0; i < in.count; i++)
        value[i] = step(&o, in.close[i], in.volume[i]);
    *(struct obv *)state = o;
    return 0;
}

TURRET_INDICATOR("turret.obv", "1.0.0",
                 "On-balance volume (Granville 1963), beginning with zero (Stock.Indicators) or "
                 "the first volume (TA-Lib, LEAN)",
                 outputs, params, state_size, start, lookback, update, update_block);
