/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simple moving average of the volume. As sma.c, over another column; never below zero.
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

static inline int32_t step(struct moving_sum *window, double *ring, double volume, double *value)
{
    *value = larger(moving_sum_add(window, ring, amount(volume)), 0) / window->length;
    return (int32_t)window->full;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct moving_sum *window = state;
    return step(window, (double *)(window + 1), bar->volume, &out[0]);
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct moving_sum window = *(struct moving_sum *)state;
    double *ring = (double *)((struct moving_sum *)state + 1);
    int32_t warming = 0;
    for (uint32_t i = 0; i < bars->count; i++)
        warming += !step(&window, ring, bars->volume[i], &out[0][i]);
    *(struct moving_sum *)state = window;
    return warming;
}

TURRET_INDICATOR_ON(TURRET_COLUMN_VOLUME, "turret.volume_sma", "1.0.0",
                    "Simple moving average of the volume; the first value after period bars",
                    outputs, params, state_size, start, period_lookback, update, update_block);
