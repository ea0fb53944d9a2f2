/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for an indicator at a bar. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct turret_error err = {0};
    (void)bar;
    (void)turret_use(self, &err, "sma(10)");
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
