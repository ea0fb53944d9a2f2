/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps a pointer into its own state. */
#include <turret/indicator.h>

struct state {
    int64_t bars;
    double sum;
    int64_t count, *own;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "length", 5, 1, 100, "bars", "bars to wait"),
};
static const char *const outputs[] = {"value"};

static uint64_t state_size(const struct turret_param_value *values)
{
    (void)values;
    return sizeof(struct state);
}

static int32_t start(void *state, const struct turret_param_value *values, struct turret_error *err)
{
    struct state *s = state;
    (void)values;
    s->own = &s->count;
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *values)
{
    (void)values;
    return 4;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct state *s = state;
    (*s->own)++;
    s->sum += (double)*s->own;
    out[0] = s->sum;
    (void)bar;
    return ++s->bars > 4;
}

TURRET_INDICATOR("hostile." HOSTILE_NAME, "1.0.0", "does one thing that it must not", outputs,
                 params, state_size, start, lookback, update, NULL);
