/* SPDX-License-Identifier: Apache-2.0 */
/* Answers on_start() with a number that is no status. */
#include "hostile.h"

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    (void)err;
    return 17;
}

HOSTILE_STRATEGY(on_start, calm_bar, CALM_FIELDS);
