/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a saved field as an index without looking at it. */
#include "hostile.h"

static int32_t table[8];

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    int64_t at = s->bars % 8 == 0 && s->bars < 8 ? 0 : s->bars;
    (void)bar;
    s->bars = (s->bars + 1) % 8;
    ((volatile int32_t *)table)[at]++;
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
