/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that does nothing wrong: large orders are denied at every second bar. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct calm *s = turret_self(self);
    (void)account;
    if (order->qty > 500 && s->bars % 2)
        return turret_fail(err, TURRET_EDENIED, "%lld is too much at bar %lld",
                           (long long)order->qty, (long long)s->bars);
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
