/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin of which several builds are made: each says which one it is, in a table and by running
 * code in a page of its own.
 */
#include <turret/strategy.h>

struct marked {
    int64_t mark;
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct marked, mark, "which build ran"),
};

/* Other builds have a function of this name, too. */
int hazard_mark(void);
__attribute__((noinline)) int hazard_mark(void)
{
    return MARK;
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)start;
    ((struct marked *)turret_self(self))->mark = hazard_mark();
    return turret_ok(err);
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof type,
    .state_size = (uint32_t)sizeof(struct marked),
    .id = "hazard.marked",
    .version = "1.0.0",
    .summary = "says which build it is",
    .fields = fields,
    .field_count = 1,
    .state_schema = 1,
    .on_start = on_start,
};

TURRET_STRATEGY_TYPE("hazard.marked", "1.0.0", type);
