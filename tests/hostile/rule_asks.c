/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that places an order of its own whenever it is asked about one. */
#include "hostile.h"

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = order->instrument,
                                           .side = TURRET_SIDE_SELL,
                                           .type = TURRET_ORDER_MARKET,
                                           .qty = 1};
    (void)account;
    (void)turret_submit(self, &request);
    return turret_ok(err);
}

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS, .on_check = on_check);
