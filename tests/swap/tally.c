/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indicator `test.tally`: how many bars it has seen, and a running sum over their closes that
 * depends on their order. -DBUILD=n makes another build, which takes the state over.
 * -DBREAKS=1: one that counts differently; -DBREAKS=2: one that gives NaN at its 41st bar;
 * -DBREAKS=3: only after so many bars as a trial does not have.
 */
#include <turret/indicator.h>

#include <math.h>

#ifndef BUILD
#define BUILD 1
#endif
#ifndef BREAKS
#define BREAKS 0
#endif
#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

struct tally {
    int64_t count, sum, fed;
};

static const char *const outputs[] = {"count", "sum"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "from", 0, 0, 1000, "bars", "what it counts from"),
};

static uint64_t state_size(const struct turret_param_value *param)
{
    (void)param;
    return sizeof(struct tally);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    ((struct tally *)state)->count = turret_arg_int(param, 0);
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    (void)param;
    return 0;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    static uint32_t updates; /* of this build */
    struct tally *t = state;
    t->count += BREAKS == 1 ? 2 : 1;
    t->sum = (t->sum * 31 + (int64_t)llround(bar->close * 100)) % 1000003;
    out[0] = (double)t->count;
    out[1] = (BREAKS == 2 && t->count > 40) || (BREAKS == 3 && ++updates > 40 && t->count > 300)
                 ? (double)NAN
                 : (double)t->sum;
    return 1;
}

TURRET_INDICATOR("test.tally", "1." TEXT(BUILD) ".0", "Counts bars", outputs, params, state_size,
                 start, lookback, update, NULL);
