/* SPDX-License-Identifier: Apache-2.0 */
/* Decides by an address, which differs from process to process. */
#include "hostile.h"

static char hostile_place;

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    uintptr_t here = (uintptr_t)&hostile_place;
    s->bars++;
    (void)turret_target(self, bar->instrument, (int64_t)(here >> 12) + s->bars / 7 % 2,
                        "by address");
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
