/* SPDX-License-Identifier: Apache-2.0 */
/* Writes past a local array; built with a stack protector. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    char text[16];
    volatile size_t size = 400;
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    if (s->bars == 100)
        for (size_t i = 0; i < size; i++)
            ((volatile char *)text)[i] = 'x';
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
