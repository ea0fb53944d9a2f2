/* SPDX-License-Identifier: Apache-2.0 */
/* Refuses to start with its own defaults. */
#include "hostile.h"

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_fail(err, TURRET_EINVAL, "I do not like Mondays");
}

HOSTILE_STRATEGY(on_start, calm_bar, CALM_FIELDS);
