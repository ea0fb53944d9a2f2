/* SPDX-License-Identifier: Apache-2.0 */
/* Gives a score that is not a number. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    volatile double zero = 0;
    turret_score(self, bar->instrument, zero / zero, "none");
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
