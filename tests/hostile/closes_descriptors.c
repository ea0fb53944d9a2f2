/* SPDX-License-Identifier: Apache-2.0 */
/* Closes every descriptor of the process in init(). */
#include "hostile.h"
#include <unistd.h>

static int32_t init(struct turret_error *err)
{
    for (int i = 0; i < 256; i++)
        (void)close(i);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
