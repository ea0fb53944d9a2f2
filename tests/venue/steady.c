/* SPDX-License-Identifier: Apache-2.0 */
/* The strategy `test.steady`: at every bar of any of its instruments it buys some of the first. */
#include <turret/strategy.h>

struct steady {
    turret_qty qty;
    turret_instrument first;
};

static const struct turret_param params[] = {
    TURRET_PARAM_QTY(1, "qty", "1", "quantity of each order"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct steady, qty, "quantity"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct steady *s = turret_self(self);
    s->qty = turret_param_qty(start, 1);
    s->first = start->instruments[0];
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct steady *s = turret_self(self);
    struct turret_order_request request = {0};
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = s->first;
    request.side = TURRET_SIDE_BUY;
    request.type = TURRET_ORDER_MARKET;
    request.qty = s->qty;
    (void)snprintf(request.reason, sizeof request.reason, "bar of %u", bar->instrument);
    (void)turret_submit(self, &request);
}

TURRET_STRATEGY(steady, "test.steady", "1.0.0", "Buys its first instrument at every bar", params,
                fields, on_start, on_bar);
