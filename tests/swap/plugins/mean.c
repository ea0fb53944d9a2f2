/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mean of the last closes, in several builds. TROUBLE 1: of three closes it is not a number
 * after a while; 2: it computes something else.
 */
#include <turret/indicator.h>

#ifndef TROUBLE
#define TROUBLE 0
#endif
#define LENGTH_MAX 50

struct mean {
    double close[LENGTH_MAX];
    int64_t seen, length, since; /* since: bars with a build in trouble */
};

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 1, LENGTH_MAX, "bars", "how many bars are averaged"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct mean);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct mean *)state)->length = turret_arg_int(param, 0);
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)turret_arg_int(param, 0) - 1;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct mean *s = state;
    double sum = 0;
    s->close[s->seen++ % s->length] = bar->close;
    for (int64_t i = 0; i < s->length; i++)
        sum += s->close[i];
    out[0] = sum / (double)s->length + (TROUBLE == 2 ? 1 : 0);
    if (TROUBLE == 1 && s->length == 3 && ++s->since > 5)
        out[0] = __builtin_nan("");
    return s->seen >= s->length;
}

TURRET_INDICATOR("swap.mean", BUILD_VERSION, "the mean of the last closes", outputs, params,
                 state_size, start, lookback, update, NULL);
