/* SPDX-License-Identifier: Apache-2.0 */
/* Says that its state has 8 bytes and uses more. */
#include "hostile.h"

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)start;
    ((volatile struct calm *)turret_self(self))->more[0] = 1;
    return turret_ok(err);
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof type,
    .state_size = 8,
    .id = HOSTILE_ID,
    .version = "1.0.0",
    .summary = "lies about the size of its state",
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = calm_bar,
};

TURRET_STRATEGY_TYPE(HOSTILE_ID, "1.0.0", type);
