/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that takes memory for each question. */
#include "hostile.h"

#include <stdlib.h>

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    char *copy = malloc(64);
    (void)self;
    (void)account;
    if (copy)
        (void)snprintf(copy, 64, "%lld", (long long)order->qty);
    free(copy);
    return turret_ok(err);
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
