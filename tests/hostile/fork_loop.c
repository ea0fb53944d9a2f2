/* SPDX-License-Identifier: Apache-2.0 */
/* Forks 50 processes at the 100th bar, which stay. */
#include "hostile.h"
#include <unistd.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    for (int i = 0; s->bars == 100 && i < 50; i++) {
        if (fork() == 0) {
            (void)sleep(30);
            _exit(0);
        }
    }
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
