/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exponential moving average of the close, weight 2 / (period + 1). Two conventions for the seed:
 * the mean of the first `period` closes (TA-Lib, LEAN, Stock.Indicators), or the first close
 * (pandas ewm(span, adjust=False), MetaStock). Both answer from bar `period` on.
 */
#include "smooth.h"

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 1, 10000, "bars", "length; the newest weighs 2/(period+1)"),
    TURRET_PARAM_TEXT(2, "seed", "sma", "sma|first", "begin with a simple average or first close"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct ema);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ema_start(state, (uint32_t)turret_arg_int(param, 0), text_is(&param[1], "first"), 0);
    return turret_ok(err);
}

static inline double step(struct ema *ema, double close)
{
    return ema_add(ema, bound(close));
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct ema *ema = state;
    out[0] = step(ema, bar->close);
    return ema->left == 0;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct ema ema = *(struct ema *)state;
    const double *close = bars->close;
    double *value = out[0];
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++) {
        value[i] = step(&ema, close[i]);
        warming += ema.left > 0;
    }
    *(struct ema *)state = ema;
    return warming;
}

TURRET_INDICATOR_ON(TURRET_COLUMN_CLOSE, "turret.ema", "1.0.0",
                    "Exponential moving average of the close, 2/(period+1); seeded with the SMA "
                    "(TA-Lib, LEAN) or the first close (pandas, MetaStock)",
                    outputs, params, state_size, start, period_lookback, update, update_block);
