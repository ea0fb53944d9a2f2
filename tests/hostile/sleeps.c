/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeps at every bar. */
#include "hostile.h"
#include <unistd.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)usleep(1);
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
