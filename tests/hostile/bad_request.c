/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for an order of no known side, with a reason that does not end. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = bar->instrument,
                                           .side = 9,
                                           .type = TURRET_ORDER_MARKET,
                                           .qty = 1};
    for (size_t i = 0; i < sizeof request.reason; i++)
        request.reason[i] = 'x';
    (void)turret_submit(self, &request);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
