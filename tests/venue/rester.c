/* SPDX-License-Identifier: Apache-2.0 */
/* The strategy `test.rester`: orders that rest far below the market, some with each bar, no more.
 */
#include <turret/strategy.h>

struct rester {
    int32_t orders, each;
    int64_t placed;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "orders", 10000, 1, 100000, "orders", "in all"),
    TURRET_PARAM_INT(2, "each", 100, 1, 200, "orders", "with each bar"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct rester, placed, "orders placed"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct rester *s = turret_self(self);
    s->orders = turret_param_int(start, 1);
    s->each = turret_param_int(start, 2);
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct rester *s = turret_self(self);
    struct turret_order_request request = {0};
    int32_t i;
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = bar->instrument;
    request.side = TURRET_SIDE_BUY;
    request.type = TURRET_ORDER_LIMIT;
    request.qty = 1;
    for (i = 0; i < s->each && s->placed < s->orders; i++) {
        request.limit_price = bar->close / 2 + i;
        s->placed += turret_submit(self, &request) != 0;
    }
}

/* One that was denied, because the venue is not ready, is placed with a later bar. */
static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct rester *s = turret_self(self);
    s->placed -= order->state == TURRET_STATE_DENIED;
}

static const struct turret_strategy_type type = {
    .struct_size = sizeof type,
    .state_size = sizeof(struct rester),
    .id = "test.rester",
    .version = "1.0.0",
    .summary = "Rests many orders",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof *params,
    .field_count = sizeof fields / sizeof *fields,
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_order = on_order,
};

TURRET_STRATEGY_TYPE("test.rester", "1.0.0", type);
