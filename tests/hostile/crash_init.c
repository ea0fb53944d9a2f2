/* SPDX-License-Identifier: Apache-2.0 */
/* Writes through a null pointer in init(). */
#include "hostile.h"

static int32_t init(struct turret_error *err)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
