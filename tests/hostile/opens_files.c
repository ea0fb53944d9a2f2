/* SPDX-License-Identifier: Apache-2.0 */
/* Opens and closes a file at every bar. */
#include "hostile.h"
#include <fcntl.h>
#include <unistd.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    int file = open("/dev/null", O_RDONLY);
    if (file >= 0)
        (void)close(file);
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
