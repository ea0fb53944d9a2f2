/* SPDX-License-Identifier: Apache-2.0 */
/* Sets a saved field back in on_start(). */
#include "hostile.h"

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)start;
    ((struct calm *)turret_self(self))->bars = 0;
    return turret_ok(err);
}

HOSTILE_STRATEGY(on_start, calm_bar, CALM_FIELDS);
