/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that has something against an order and forgets to return it. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    (void)self;
    (void)account;
    if (order->side == TURRET_SIDE_SELL)
        (void)turret_fail(err, TURRET_EDENIED, "nothing is sold here");
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
