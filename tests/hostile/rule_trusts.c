/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that counts by instrument and believes that there are two. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    static const int64_t most[3] = {0, 500, 900};
    const volatile int64_t *of = &most[order->instrument];
    (void)self;
    (void)account;
    if (order->qty > *of)
        return turret_fail(err, TURRET_EDENIED, "more than %lld", (long long)*of);
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
