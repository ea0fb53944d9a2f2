/* SPDX-License-Identifier: Apache-2.0 */
/* Decides by a count that is not saved. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    s->bars++;
    s->more[0] += 1;
    (void)turret_target(self, bar->instrument, (int64_t)s->more[0] / 7 % 5, "counted");
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
