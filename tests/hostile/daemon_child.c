/* SPDX-License-Identifier: Apache-2.0 */
/* Forks a child into a session of its own, out of its process group. */
#include "hostile.h"
#include <unistd.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    if (s->bars == 100 && fork() == 0) {
        (void)setsid();
        (void)sleep(30);
        _exit(0);
    }
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
