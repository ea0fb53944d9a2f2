/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving-average cross, version 1.0.0: the first of three builds of one plugin that may be swapped
 * for each other while they trade. Its state has schema 1: two fields.
 */
#include <turret/strategy.h>

struct cross {
    turret_indicator fast, slow;
    turret_qty size;
    int64_t crossings;
    int32_t above; /* 1 while the fast average was above the slow one, else 0 */
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "length of the fast average"),
    TURRET_PARAM_INT(2, "slow", 30, 3, 500, "bars", "length of the slow average"),
    TURRET_PARAM_QTY(3, "size", "1", "position to hold"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct cross, crossings, "averages crossed so far"),
    TURRET_FIELD_I32(2, struct cross, above, "1 while the fast average is above the slow one"),
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
    s->crossings += above != s->above;
    s->above = above;
    (void)turret_target(self, bar->instrument, above ? s->size : 0, above ? "above" : "below");
}

TURRET_STRATEGY(cross, "example.cross", "1.0.0", "Moving-average cross, first build", params,
                fields, on_start, on_bar);
