/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates and frees at every bar. */
#include "hostile.h"
#include <stdlib.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    void *volatile room = malloc(100);
    free(room);
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
