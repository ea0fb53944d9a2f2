/* SPDX-License-Identifier: Apache-2.0 */
/* Never comes back from init(). */
#include "hostile.h"

static int32_t init(struct turret_error *err)
{
    volatile int for_ever = 1;
    while (for_ever)
        ;
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
