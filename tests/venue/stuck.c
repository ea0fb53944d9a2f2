/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy `test.stuck`: places `batch` limit orders far below the close at every bar until
 * there are `orders` of them, and at bar `at` never comes back. at 0: it always does.
 */
#include <turret/strategy.h>

struct stuck {
    int64_t bars, placed;
    int64_t at, orders, batch;
    turret_qty qty;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "at", 0, 0, 1000000, "bars", "at this bar it never comes back; 0: never"),
    TURRET_PARAM_INT(2, "orders", 20, 0, 100000, "", "orders that it places"),
    TURRET_PARAM_INT(3, "batch", 1, 1, 200, "", "of them at one bar"),
    TURRET_PARAM_QTY(4, "qty", "1", "quantity of each order"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct stuck, bars, "bars seen"),
    TURRET_FIELD_I64(2, struct stuck, placed, "orders placed"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct stuck *s = turret_self(self);
    s->at = turret_param_int(start, 1);
    s->orders = turret_param_int(start, 2);
    s->batch = turret_param_int(start, 3);
    s->qty = turret_param_qty(start, 4);
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct stuck *s = turret_self(self);
    struct turret_order_request request = {0};
    volatile int for_ever = 1;
    int64_t i;
    s->bars++;
    for (i = 0; i < s->batch && s->placed < s->orders; i++) {
        request.struct_size = (uint32_t)sizeof request;
        request.instrument = bar->instrument;
        request.side = TURRET_SIDE_BUY;
        request.type = TURRET_ORDER_LIMIT;
        request.qty = s->qty;
        /* each another price: none is taken for a repetition */
        request.limit_price = bar->close - bar->close / 4 - s->placed % 500;
        (void)snprintf(request.reason, sizeof request.reason, "order %lld", (long long)s->placed);
        s->placed += turret_submit(self, &request) != 0;
    }
    if (s->bars == s->at)
        turret_log(self, TURRET_LOG_NOTICE, "stuck from here on");
    while (s->bars == s->at && for_ever)
        ;
}

/* One that was denied, because the venue is not ready, is placed at a later bar. */
static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct stuck *s = turret_self(self);
    s->placed -= order->state == TURRET_STATE_DENIED;
}

static const struct turret_strategy_type type = {
    .struct_size = sizeof type,
    .state_size = sizeof(struct stuck),
    .id = "test.stuck",
    .version = "1.0.0",
    .summary = "Rests orders, then never comes back",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof *params,
    .field_count = sizeof fields / sizeof *fields,
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_order = on_order,
};

TURRET_STRATEGY_TYPE("test.stuck", "1.0.0", type);
