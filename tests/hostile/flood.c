/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for 10,000 orders at one bar and does not listen to the answer. */
#include "hostile.h"

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = bar->instrument,
                                           .side = TURRET_SIDE_BUY,
                                           .type = TURRET_ORDER_MARKET,
                                           .qty = 1};
    calm_bar(self, bar);
    for (int i = 0; s->bars == 100 && i < 10000; i++)
        (void)turret_submit(self, &request);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
