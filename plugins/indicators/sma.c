/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simple moving average of the close: the smallest indicator there is, and the one to start from.
 *
 * The host gives state_size() zeroed bytes, calls start() once, then update() for each bar or
 * update_block() for many. Here the state is a moving sum (window.h) and, right behind it, the ring
 * of the closes it is the sum of. No pointers: the host may save and move these bytes at any time.
 */
#include "window.h"

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 1, 10000, "bars", "how many bars are averaged"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    return sizeof(struct moving_sum) + (uint64_t)turret_arg_int(param, 0) * sizeof(double);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct moving_sum *)state)->length = (uint32_t)turret_arg_int(param, 0);
    return turret_ok(err);
}

/* All there is to do for one bar; both forms call it, so both give the same bits. */
static inline int32_t step(struct moving_sum *window, double *ring, double close, double *value)
{
    *value = moving_sum_add(window, ring, bound(close)) / window->length;
    return (int32_t)window->full;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct moving_sum *window = state;
    return step(window, (double *)(window + 1), bar->close, &out[0]);
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct moving_sum window = *(struct moving_sum *)state; /* a copy stays in registers */
    double *ring = (double *)((struct moving_sum *)state + 1);
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++)
        warming += !step(&window, ring, bars->close[i], &out[0][i]);
    *(struct moving_sum *)state = window;
    return warming;
}

TURRET_INDICATOR_ON(
    TURRET_COLUMN_CLOSE, "turret.sma", "1.0.0",
    "Simple moving average of the close; the first value after period bars (TA-Lib)", outputs,
    params, state_size, start, period_lookback, update, update_block);
