/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the process at the 100th bar. */
#include "hostile.h"
#include <stdlib.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    if (s->bars == 100)
        exit(3);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
