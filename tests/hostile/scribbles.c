/* SPDX-License-Identifier: Apache-2.0 */
/* Writes one byte behind its state at the 100th bar. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    if (s->bars == 100)
        ((volatile char *)s)[sizeof *s] = 1;
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
