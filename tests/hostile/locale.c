/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the locale in init(): decimal points may become commas. */
#include "hostile.h"
#include <locale.h>

static int32_t init(struct turret_error *err)
{
    (void)setlocale(LC_ALL, "C.UTF-8");
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
