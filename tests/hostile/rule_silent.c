/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that denies and does not say why. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    (void)self;
    (void)account;
    (void)err;
    return order->side == TURRET_SIDE_BUY ? TURRET_OK : TURRET_EDENIED;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
