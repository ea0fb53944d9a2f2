/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that divides by the quantity of an order. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    volatile int64_t share = account->cash / order->qty;
    (void)self;
    if (share < 1000)
        return turret_fail(err, TURRET_EDENIED, "%lld is too little for each", (long long)share);
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
