/* SPDX-License-Identifier: Apache-2.0 */
/* Holds `size` while the fast average is above the slow one, nothing otherwise. */
#include <turret/strategy.h>

/* One running instance. The host zeroes it, and keeps the fields that are listed below. */
struct cross {
    turret_indicator fast, slow;
    turret_qty size;
    int64_t crossings;
};

/* Checked in the configuration, listed by `turret plugin info`; an id is never used twice. */
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "length of the fast average"),
    TURRET_PARAM_INT(2, "slow", 30, 3, 500, "bars", "length of the slow average"),
    TURRET_PARAM_QTY(3, "size", "1", "position to hold"),
};

/* Saved, restored after a restart, carried over to a new build, shown to people. */
static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct cross, crossings, "averages crossed so far"),
};

/* Binds indicators and checks parameters; a refusal with a text keeps the instance out. */
static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct cross *s = (struct cross *)turret_self(self);
    int32_t fast = turret_param_int(start, 1), slow = turret_param_int(start, 2);
    if (fast >= slow)
        return turret_fail(err, TURRET_EINVAL, "fast is %d, not below slow %d", fast, slow);
    s->size = turret_param_qty(start, 3);
    s->fast = turret_use(self, err, "sma(%d)", fast);
    s->slow = turret_use(self, err, "sma(%d)", slow);
    return turret_ok(err);
}

/* Called with every finished bar, once both averages are ready. Says what to hold; the host finds
 * the order that leads there, checks it against the limits and sends it. */
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct cross *s = (struct cross *)turret_self(self);
    int up = turret_value(s->fast) > turret_value(s->slow);
    if (turret_target(self, bar->instrument, up ? s->size : 0, up ? "fast above slow" : "below"))
        s->crossings++; /* the wish changed */
}

TURRET_STRATEGY(cross, "@ID@", "1.0.0", "Moving-average cross", params, fields, on_start, on_bar);
