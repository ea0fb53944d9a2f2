/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relative strength index of the close by its inventor's rule: Wilder, New Concepts in Technical
 * Trading Systems, 1978, page 63; the first value after `period` changes, smoothed by 1/period.
 * Without any movement it is 50, as in MetaTrader (TA-Lib says 0, LEAN 100).
 */
#include "smooth.h"

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 14, 2, 10000, "bars", "changes averaged, each new one 1/period"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct rsi);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    rsi_start(state, (uint32_t)turret_arg_int(param, 0));
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)turret_arg_int(param, 0);
}

static inline double step(struct rsi *rsi, double close)
{
    return rsi_add(rsi, bound(close));
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct rsi *rsi = state;
    out[0] = step(rsi, bar->close);
    return rsi->left == 0;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct rsi rsi = *(struct rsi *)state;
    const double *close = bars->close;
    double *value = out[0];
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++) {
        value[i] = step(&rsi, close[i]);
        warming += rsi.left > 0;
    }
    *(struct rsi *)state = rsi;
    return warming;
}

TURRET_INDICATOR_ON(
    TURRET_COLUMN_CLOSE, "turret.rsi", "1.0.0",
    "Relative strength index of the close, Wilder 1978 p. 63 (TA-Lib, LEAN Wilders); "
    "50 without movement",
    outputs, params, state_size, start, lookback, update, update_block);
