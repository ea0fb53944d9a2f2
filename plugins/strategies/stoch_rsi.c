/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns of the stochastic RSI out of its extremes. When k crosses above d while d is at or below
 * `oversold`, hold `size`; when k crosses below d while d is at or above `overbought`, hold
 * nothing, or minus `size` when `allow_short` is true. Any other crossing, and none, changes
 * nothing.
 *
 * k crosses above d on a bar where k > d after a bar where k <= d; below likewise. The indicator's
 * outputs are k and d, both 0…100.
 *
 * The bar before is saved, so that a crossing over a restart is seen. The n-th instrument of the
 * instance has the n-th place in the saved fields.
 */
#include <turret/strategy.h>

#define INSTRUMENTS_MAX 64

struct stoch {
    turret_indicator value[INSTRUMENTS_MAX];
    turret_instrument instrument[INSTRUMENTS_MAX];
    uint32_t instrument_count;
    double oversold, overbought;
    turret_qty size, other; /* what to hold after a turn up, after a turn down */
    double k[INSTRUMENTS_MAX], d[INSTRUMENTS_MAX];
    int32_t seen[INSTRUMENTS_MAX];
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "rsi", 14, 2, 500, "bars", "length of the RSI"),
    TURRET_PARAM_INT(2, "stoch", 14, 2, 500, "bars", "bars the RSI's range is taken over"),
    TURRET_PARAM_INT(3, "k", 3, 1, 100, "bars", "smoothing of k"),
    TURRET_PARAM_INT(4, "d", 3, 1, 100, "bars", "length of d, the average of k"),
    TURRET_PARAM_REAL(5, "oversold", 20, 0, 100, "", "crossings upwards count at or below this"),
    TURRET_PARAM_REAL(6, "overbought", 80, 0, 100, "", "crossings down count at or above this"),
    TURRET_PARAM_QTY(7, "size", "1", "position to hold"),
    TURRET_PARAM_BOOL(8, "allow_short", 0, "hold minus size after a turn down"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, F64, struct stoch, k, INSTRUMENTS_MAX, 0, "k of the last bar, each instrument"),
    TURRET_FIELD(2, F64, struct stoch, d, INSTRUMENTS_MAX, 0, "d of the last bar, each instrument"),
    TURRET_FIELD(3, I32, struct stoch, seen, INSTRUMENTS_MAX, 0,
                 "1 once there was a bar, each instrument"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct stoch *s = turret_self(self);
    char expression[64];
    uint32_t i;
    s->oversold = turret_param_real(start, 5);
    s->overbought = turret_param_real(start, 6);
    if (s->oversold >= s->overbought)
        return turret_fail(err, TURRET_EINVAL, "oversold is %g, not below overbought %g",
                           s->oversold, s->overbought);
    if (start->instrument_count > INSTRUMENTS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "on %u instruments, above the limit %d",
                           start->instrument_count, INSTRUMENTS_MAX);
    s->size = turret_param_qty(start, 7);
    s->other = turret_param_int(start, 8) ? -s->size : 0;
    (void)snprintf(expression, sizeof expression, "stochrsi(%d,%d,%d,%d)",
                   turret_param_int(start, 1), turret_param_int(start, 2),
                   turret_param_int(start, 3), turret_param_int(start, 4));
    s->instrument_count = start->instrument_count;
    for (i = 0; i < start->instrument_count; i++) {
        s->instrument[i] = start->instruments[i];
        s->value[i] = turret_use_on(self, err, s->instrument[i], 0, expression);
    }
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct stoch *s = turret_self(self);
    uint32_t i = 0;
    double k, d;
    while (i < s->instrument_count && s->instrument[i] != bar->instrument)
        i++;
    if (i == s->instrument_count || !turret_ready(s->value[i]))
        return;
    k = turret_output(s->value[i], 0);
    d = turret_output(s->value[i], 1);
    if (s->seen[i] && s->k[i] <= s->d[i] && k > d && d <= s->oversold)
        (void)turret_target(self, bar->instrument, s->size, "k crossed above d, oversold");
    else if (s->seen[i] && s->k[i] >= s->d[i] && k < d && d >= s->overbought)
        (void)turret_target(self, bar->instrument, s->other, "k crossed below d, overbought");
    s->k[i] = k;
    s->d[i] = d;
    s->seen[i] = 1;
}

TURRET_STRATEGY(stoch, "turret.stoch_rsi", "1.0.0",
                "Trades the stochastic RSI's turns out of its extremes", params, fields, on_start,
                on_bar);
