/* SPDX-License-Identifier: Apache-2.0 */
/* Loads another library by itself. */
#include "hostile.h"
#include <dlfcn.h>

static int32_t init(struct turret_error *err)
{
    void *math = dlopen("libm.so.6", RTLD_NOW | RTLD_GLOBAL);
    (void)math;
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
