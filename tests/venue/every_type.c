/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy `test.every_type`: with each bar an order of the next kind: market, stop, stop
 * limit, and limits that are to trade at once, in part (IOC) or wholly (FOK); buying and selling in
 * turn.
 */
#include <turret/strategy.h>

struct every_type {
    turret_qty qty;
    int64_t bars;
};

static const struct turret_param params[] = {
    TURRET_PARAM_QTY(1, "qty", "30", "quantity of each order"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct every_type, bars, "bars seen"),
};

/* Ticks beyond the close, towards where it is worse for us; 0 of what the type does not have. */
static const struct {
    uint8_t type, tif;
    turret_price limit, stop;
} kinds[] = {
    {TURRET_ORDER_MARKET, TURRET_TIF_GTC, 0, 0},       {TURRET_ORDER_STOP, TURRET_TIF_GTC, 0, 12},
    {TURRET_ORDER_STOP_LIMIT, TURRET_TIF_GTC, 13, 12}, {TURRET_ORDER_LIMIT, TURRET_TIF_IOC, 2, 0},
    {TURRET_ORDER_LIMIT, TURRET_TIF_FOK, 2, 0},        {TURRET_ORDER_LIMIT, TURRET_TIF_FOK, 6, 0},
    {TURRET_ORDER_STOP, TURRET_TIF_GTC, 0, 3000},
};
#define KINDS ((int64_t)(sizeof kinds / sizeof *kinds))

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct every_type *s = turret_self(self);
    s->qty = turret_param_qty(start, 1);
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct every_type *s = turret_self(self);
    struct turret_order_request request = {0};
    int64_t turn = s->bars++, kind = turn % KINDS;
    turret_price worse = turn / KINDS % 2 ? -1 : 1;
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = bar->instrument;
    request.side = worse > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    request.type = kinds[kind].type;
    request.tif = kinds[kind].tif;
    request.qty = s->qty;
    if (kinds[kind].limit)
        request.limit_price = bar->close + worse * kinds[kind].limit;
    if (kinds[kind].stop)
        request.stop_price = bar->close + worse * kinds[kind].stop;
    (void)snprintf(request.reason, sizeof request.reason, "kind %lld", (long long)kind);
    (void)turret_submit(self, &request);
}

TURRET_STRATEGY(every_type, "test.every_type", "1.0.0", "Orders of every kind", params, fields,
                on_start, on_bar);
