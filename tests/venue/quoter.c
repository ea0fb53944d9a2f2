/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy `test.quoter`: on every `every`-th bar of each instrument it cancels its oldest
 * limit order and places one more, in turn to buy below and to sell above the close. It keeps the
 * venue busy with resting orders, partial fills, cancels and cancels that come too late.
 */
#include <turret/strategy.h>

#define ORDERS_KEPT 8 /* of them the oldest is cancelled */

struct quoter {
    int32_t every;
    turret_qty qty;
    turret_price away;
    int64_t bars;
    int64_t ids[ORDERS_KEPT];
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "every", 3, 1, 1000, "bars", "bars between orders"),
    TURRET_PARAM_QTY(2, "qty", "10", "quantity of each order"),
    TURRET_PARAM_INT(3, "away", 60, 0, 1000, "ticks", "distance of the price to the close"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct quoter, bars, "bars seen"),
    TURRET_FIELD(2, I64, struct quoter, ids, ORDERS_KEPT, 0, "newest orders"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct quoter *s = turret_self(self);
    s->every = turret_param_int(start, 1);
    s->qty = turret_param_qty(start, 2);
    s->away = turret_param_int(start, 3);
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct quoter *s = turret_self(self);
    struct turret_order_request request = {0};
    int64_t turn, *slot;
    if (++s->bars % s->every != 0)
        return;
    turn = s->bars / s->every;
    slot = &s->ids[turn % ORDERS_KEPT];
    if (*slot)
        (void)turret_cancel(self, (uint64_t)*slot);
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = bar->instrument;
    request.side = turn % 2 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    request.type = TURRET_ORDER_LIMIT;
    request.qty = s->qty;
    request.limit_price = bar->close + (turn % 2 ? -s->away : s->away);
    (void)snprintf(request.reason, sizeof request.reason, "turn %lld", (long long)turn);
    *slot = (int64_t)turret_submit(self, &request);
}

TURRET_STRATEGY(quoter, "test.quoter", "1.0.0", "Keeps limit orders resting", params, fields,
                on_start, on_bar);
