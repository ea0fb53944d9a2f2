/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the process with success from a constructor, before init(). */
#include "hostile.h"

#include <unistd.h>

__attribute__((constructor)) static void leave(void)
{
    _exit(0);
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS);
