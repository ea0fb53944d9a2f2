/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Version 1.1.0 of plugins/strategies/ma_cross.c, as scripts/demo drops it into a running session:
 * it also counts how long the present wish has stood. A field more needs no converter.
 *
 * With FAULTY, version 1.2.0 with a mistake in it: it takes `size` for thousands. No check of a
 * plugin by itself can know that; the limits do. Its orders are denied, and scripts/demo shows how
 * the build is taken back for it.
 */
#include <turret/strategy.h>

#ifdef FAULTY
#define VERSION "1.2.0"
#define TIMES   1000
#else
#define VERSION "1.1.0"
#define TIMES   1
#endif

struct cross {
    turret_indicator fast, slow;
    turret_instrument instrument;
    turret_qty above, below; /* what to hold on either side */
    int64_t crossings;
    int64_t bars_held; /* since the wish last changed; -1: it did before this was counted */
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "fast", 10, 2, 500, "bars", "length of the fast average"),
    TURRET_PARAM_INT(2, "slow", 30, 3, 1000, "bars", "length of the slow average"),
    TURRET_PARAM_QTY(3, "size", "1", "position to hold"),
    TURRET_PARAM_BOOL(4, "short", 0, "hold minus size while fast is not above slow"),
    TURRET_PARAM_TEXT(5, "kind", "sma", "sma|ema", "which moving average"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct cross, crossings, "times the wanted position changed"),
    TURRET_FIELD(2, I64, struct cross, bars_held, 1, -1, "bars the present wish has stood"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct cross *s = turret_self(self);
    const char *kind = turret_param_text(start, 5);
    int32_t fast = turret_param_int(start, 1), slow = turret_param_int(start, 2);
    if (fast >= slow)
        return turret_fail(err, TURRET_EINVAL, "fast is %d, not below slow %d", fast, slow);
    s->instrument = start->instruments[0];
    if (turret_param_qty(start, 3) > INT64_MAX / TIMES)
        return turret_fail(err, TURRET_EINVAL, "size is above %lld",
                           (long long)(INT64_MAX / TIMES));
    s->above = turret_param_qty(start, 3) * TIMES;
    s->below = turret_param_int(start, 4) ? -s->above : 0;
    s->fast = turret_use(self, err, "%s(%d)", kind, fast);
    s->slow = turret_use(self, err, "%s(%d)", kind, slow);
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct cross *s = turret_self(self);
    int up = turret_value(s->fast) > turret_value(s->slow);
    if (bar->instrument != s->instrument)
        return;
    if (s->bars_held >= 0)
        s->bars_held++;
    if (turret_target(self, s->instrument, up ? s->above : s->below,
                      up ? "fast above slow" : "fast not above slow")) {
        s->crossings++;
        s->bars_held = 0;
    }
}

TURRET_STRATEGY(cross, "turret.ma_cross", VERSION, "Moving-average cross", params, fields, on_start,
                on_bar);
