# SPDX-License-Identifier: Apache-2.0
"""A strategy that asks for an order of every kind in turn, for tests that compare whole runs."""
from fixtures import strategy_source

KINDS = strategy_source(
    "kinds", state="turret_instrument instrument; int64_t bars, last;",
    fields="""
    {1, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, bars), 1, "bars", "seen", 0},
    {2, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, last), 1, "last", "resting", 0},""",
    callbacks=".on_order = on_order,",
    body="""
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    struct turret_order_request r = {0};
    int64_t turn = s->bars++;
    turret_price away = turn % 2 ? 20 : -20;
    r.struct_size = (uint32_t)sizeof r;
    r.instrument = s->instrument;
    r.side = turn % 2 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    r.type = TURRET_ORDER_LIMIT;
    r.qty = 6;
    r.limit_price = bar->close - away;
    if (turn % 3)
        return;
    switch (turn / 3 % 8) {
    case 0:
        r.type = TURRET_ORDER_TRAILING_STOP;
        r.limit_price = 0;
        r.trail = 25;
        break;
    case 1:
        r.tif = TURRET_TIF_GTD;
        r.expires = bar->time + 5 * bar->timeframe_ns;
        break;
    case 2:
        r.display_qty = 2;
        break;
    case 3:
        r.type = TURRET_ORDER_MARKET;
        r.limit_price = 0;
        r.take_profit = bar->close + 2 * away;
        r.stop_loss = bar->close - 2 * away;
        break;
    case 4:
        r.type = TURRET_ORDER_STOP;
        r.limit_price = 0;
        r.stop_price = bar->close + away;
        r.oco = (uint64_t)s->last;
        break;
    case 5:
        r.flags = TURRET_ORDER_POST_ONLY; /* denied where no quote proves it */
        break;
    case 6:
        if (s->last)
            (void)turret_modify(self, (uint64_t)s->last, 8, bar->close - away, 0);
        return;
    default:
        r.type = TURRET_ORDER_MARKET; /* the way back */
        r.limit_price = 0;
        r.qty = turret_position(self, s->instrument);
        r.side = r.qty > 0 ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
        r.qty = r.qty > 0 ? r.qty : -r.qty;
        if (r.qty == 0)
            return;
    }
    (void)turret_submit(self, &r);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct it *s = turret_self(self);
    if (order->type == TURRET_ORDER_LIMIT && order->state == TURRET_STATE_ACCEPTED)
        s->last = (int64_t)order->id;
    else if ((int64_t)order->id == s->last && order->state >= TURRET_STATE_FILLED)
        s->last = 0;
}
""")
