/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates in on_start() and never frees. */
#include "hostile.h"
#include <stdlib.h>

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)start;
    ((struct calm *)turret_self(self))->more[1] = malloc(64) != NULL;
    return turret_ok(err);
}

HOSTILE_STRATEGY(on_start, calm_bar, CALM_FIELDS);
