/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a file in init() and leaves it open. */
#include "hostile.h"
#include <fcntl.h>

static int32_t init(struct turret_error *err)
{
    (void)!open("/dev/null", O_RDONLY);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
