/* SPDX-License-Identifier: Apache-2.0 */
/* Sets an environment variable in init(). */
#include "hostile.h"
#include <stdlib.h>

static int32_t init(struct turret_error *err)
{
    (void)setenv("TZ", "Mars/Olympus", 1);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
