/* SPDX-License-Identifier: Apache-2.0 */
/* Takes and touches 1 GiB at the 100th bar. */
#include "hostile.h"
#include <stdlib.h>
#include <string.h>

static char *volatile kept[1024];

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    for (int i = 0; s->bars == 100 && i < 1024; i++) {
        char *piece = malloc(1 << 20);
        if (!piece)
            break;
        memset(piece, i, 1 << 20);
        kept[i] = piece;
    }
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
