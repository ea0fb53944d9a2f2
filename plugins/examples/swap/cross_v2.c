/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving-average cross, version 2.0.0: remembers one thing more. A field that is added needs no
 * converter and no new schema: a state of version 1 begins it with its initial value, and version 1
 * leaves it out. The fields that stay keep their ids.
 */
#include <turret/strategy.h>

struct cross {
    turret_indicator fast, slow;
    turret_qty size;
    int64_t crossings;
    int32_t above;      /* 1 while the fast average was above the slow one, else 0 */
    int32_t quiet_bars; /* since the last crossing; -1: not known */
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "length of the fast average"),
    TURRET_PARAM_INT(2, "slow", 30, 3, 500, "bars", "length of the slow average"),
    TURRET_PARAM_QTY(3, "size", "1", "position to hold"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct cross, crossings, "averages crossed so far"),
    TURRET_FIELD_I32(2, struct cross, above, "1 while the fast average is above the slow one"),
    TURRET_FIELD(3, I32, struct cross, quiet_bars, 1, -1, "bars since the last crossing, or -1"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct cross *s = turret_self(self);
    s->size = turret_param_qty(start, 3);
    s->fast = turret_use(self, err, "sma(%d)", turret_param_int(start, 1));
    s->slow = turret_use(self, err, "sma(%d)", turret_param_int(start, 2));
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct cross *s = turret_self(self);
    int32_t above = turret_value(s->fast) > turret_value(s->slow);
    if (above != s->above)
        s->quiet_bars = 0;
    else if (s->quiet_bars >= 0 && s->quiet_bars < INT32_MAX)
        s->quiet_bars++;
    s->crossings += above != s->above;
    s->above = above;
    (void)turret_target(self, bar->instrument, above ? s->size : 0, above ? "above" : "below");
}

TURRET_STRATEGY(cross, "example.cross", "2.0.0", "Moving-average cross, with quiet bars", params,
                fields, on_start, on_bar);
