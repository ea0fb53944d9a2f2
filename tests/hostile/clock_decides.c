/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the clock; who replays its journal gets other decisions. */
#include "hostile.h"
#include <time.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    volatile time_t now = time(NULL);
    (void)now;
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
