/* SPDX-License-Identifier: Apache-2.0 */
/* Recurses until the stack ends. */
#include "hostile.h"

static double deeper(int level)
{
    volatile char room[4096];
    room[0] = (char)level;
    return level > 0 ? deeper(level + 1) + room[0] : 0;
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    if (s->bars == 100)
        s->more[0] = deeper(1);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
