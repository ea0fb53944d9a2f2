/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps a count outside its state: instances disturb each other. */
#include "hostile.h"

static int64_t count;

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)self;
    (void)turret_target(self, bar->instrument, ++count / 7 % 5, "counted");
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
