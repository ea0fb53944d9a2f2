/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that makes the order smaller instead of answering. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    (void)self;
    (void)account;
    ((struct turret_order *)(uintptr_t)order)->qty = 1;
    return turret_ok(err);
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
