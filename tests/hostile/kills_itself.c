/* SPDX-License-Identifier: Apache-2.0 */
/* Sends its own process a signal at the 100th bar. */
#include "hostile.h"
#include <signal.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    calm_bar(self, bar);
    if (s->bars == 100)
        (void)raise(SIGTERM);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
