/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that counts outside of its state. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    static int64_t asked;
    (void)self;
    (void)order;
    (void)account;
    if (++asked % 7 == 0)
        return turret_fail(err, TURRET_EDENIED, "that was number %lld", (long long)asked);
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
