/* SPDX-License-Identifier: Apache-2.0 */
/* A strategy whose three fields overlap: together they are more than its state, and than the wire.
 */
#include <turret/strategy.h>

#define MANY (UINT32_C(1) << 20)

struct wide {
    int64_t all[MANY];
};

static const struct turret_param params[] = {TURRET_PARAM_INT(1, "none", 0, 0, 0, "", "nothing")};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, I64, struct wide, all, MANY, 0, "once"),
    TURRET_FIELD(2, I64, struct wide, all, MANY, 0, "twice"),
    TURRET_FIELD(3, I64, struct wide, all, MANY, 0, "and again"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)self;
    (void)bar;
}

TURRET_STRATEGY(wide, "test.wide", "1.0.0", "fields on top of each other", params, fields, on_start,
                on_bar);
