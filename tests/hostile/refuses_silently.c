/* SPDX-License-Identifier: Apache-2.0 */
/* Refuses to start and does not say why. */
#include "hostile.h"

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    (void)err;
    return TURRET_EINVAL;
}

HOSTILE_STRATEGY(on_start, calm_bar, CALM_FIELDS);
