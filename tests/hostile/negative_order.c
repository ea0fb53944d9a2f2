/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for an order of a negative quantity. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = bar->instrument,
                                           .side = TURRET_SIDE_BUY,
                                           .type = TURRET_ORDER_MARKET,
                                           .qty = -5};
    (void)turret_submit(self, &request);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
