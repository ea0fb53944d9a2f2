/* SPDX-License-Identifier: Apache-2.0 */
/* Writes through a null pointer in on_start(). */
#include "hostile.h"

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    volatile int *volatile nowhere = NULL;
    (void)self;
    (void)start;
    *nowhere = 1;
    return turret_ok(err);
}

HOSTILE_STRATEGY(on_start, calm_bar, CALM_FIELDS);
