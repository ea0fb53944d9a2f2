/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that counts in its state and does not save it. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct calm *s = turret_self(self);
    (void)order;
    (void)account;
    s->more[0]++;
    if (s->more[0] > 250)
        return turret_fail(err, TURRET_EDENIED, "that was enough");
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
