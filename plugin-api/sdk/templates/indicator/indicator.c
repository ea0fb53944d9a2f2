/* SPDX-License-Identifier: Apache-2.0 */
/* The mean of high, low and close, smoothed: each bar moves it 1/period of the way. */
#include <turret/indicator.h>

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 10, 1, 1000, "bars", "how slowly it follows"),
};

/* All there is to remember: no pointers, the host saves and moves these bytes. */
struct follow {
    double value, period, bars;
};

static uint64_t state_size(const struct turret_param_value *param)
{
    return (void)param, sizeof(struct follow);
}
static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct follow *)state)->period = turret_arg_int(param, 0);
    return turret_ok(err);
}
static uint32_t lookback(const struct turret_param_value *param)
{
    return (uint32_t)turret_arg_int(param, 0) - 1; /* bars before the first answer */
}
static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct follow *f = (struct follow *)state;
    double price = bar->high / 3 + bar->low / 3 + bar->close / 3; /* whose sum cannot overflow */
    f->value = f->bars == 0 ? price : f->value + (price / f->period - f->value / f->period);
    out[0] = f->value;
    f->bars += f->bars < f->period;
    return f->bars >= f->period;
}
TURRET_INDICATOR("@ID@", "1.0.0", "Typical price, exponentially smoothed by 1/period", outputs,
                 params, state_size, start, lookback, update, NULL);
