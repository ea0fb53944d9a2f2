/* SPDX-License-Identifier: Apache-2.0 */
/* Writes through a null pointer at the 100th bar. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    volatile int *volatile nowhere = NULL;
    calm_bar(self, bar);
    if (s->bars == 100)
        *nowhere = 1;
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
