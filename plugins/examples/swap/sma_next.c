/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Version 1.1.0 of plugins/indicators/sma.c with a state of another shape: it keeps the closes only
 * and adds them up at every bar. Such a state cannot be handed over, so it says RECOMPUTE: the host
 * feeds it stored and new bars beside the old build until it is ready, and moves only when both
 * give the same value.
 */
#include <turret/indicator.h>

struct closes {
    uint32_t length, count, next;
    uint32_t reserved;
    double at[];
};

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 1, 10000, "bars", "how many bars are averaged"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    return sizeof(struct closes) + (uint64_t)turret_arg_int(param, 0) * sizeof(double);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct closes *)state)->length = (uint32_t)turret_arg_int(param, 0);
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)turret_arg_int(param, 0) - 1;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct closes *s = state;
    double sum = 0;
    uint32_t i;
    s->at[s->next] = bar->close > 1e100 ? 1e100 : bar->close < -1e100 ? -1e100 : bar->close;
    s->next = (s->next + 1) % s->length;
    if (s->count < s->length)
        s->count++;
    for (i = 0; i < s->count; i++)
        sum += s->at[i];
    out[0] = sum / s->length;
    return s->count == s->length;
}

static const struct turret_indicator_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_indicator_type),
    .output_count = 1,
    .id = "turret.sma",
    .version = "1.1.0",
    .summary = "Simple moving average of the close; the first value after period bars (TA-Lib)",
    .output_names = outputs,
    .params = params,
    .param_count = 1,
    .state_schema = 2,
    .state_size = state_size,
    .start = start,
    .lookback = lookback,
    .update = update,
    .handover = TURRET_HANDOVER_RECOMPUTE,
    .columns = TURRET_COLUMN_CLOSE,
};
static const struct turret_offer offers[] = {{TURRET_KIND_INDICATOR, 0, &type, NULL, NULL}};
TURRET_PLUGIN("turret.sma", "1.1.0", TURRET_KIND_INDICATOR, offers);
