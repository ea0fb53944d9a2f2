/* SPDX-License-Identifier: Apache-2.0 */
/* Never comes back from the 100th bar. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    volatile int for_ever = 1;
    calm_bar(self, bar);
    while (s->bars == 100 && for_ever)
        ;
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
