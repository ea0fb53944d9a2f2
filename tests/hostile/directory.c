/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the working directory in init(). */
#include "hostile.h"
#include <unistd.h>

static int32_t init(struct turret_error *err)
{
    (void)!chdir("/");
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
