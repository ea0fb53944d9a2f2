/* SPDX-License-Identifier: Apache-2.0 */
/* What a split makes of prices and of orders. */
#include "core/split.h"

turret_price split_price(turret_price price, const struct turret_split *split, turret_price tick,
                         bool up)
{
    money_wide unit = (money_wide)split->numerator * tick, ticks;
    if (price <= 0)
        return price;
    ticks = ((money_wide)price * split->denominator + (up ? unit - 1 : 0)) / unit;
    if (ticks > PRICE_MAX / tick)
        ticks = PRICE_MAX / tick;
    return (turret_price)(ticks > 0 ? ticks : 1) * tick;
}

/*
 * Onto the grid away from its trader, as a venue does it: a limit is not looser and a stop not
 * earlier than it was asked for. An order's exits are of the other side.
 */
static void split_prices(struct order *order, const struct turret_split *split, turret_price tick)
{
    bool buys = order->side == TURRET_SIDE_BUY;
    order->limit_price = split_price(order->limit_price, split, tick, !buys);
    order->stop_price = split_price(order->stop_price, split, tick, buys);
    order->take_profit = split_price(order->take_profit, split, tick, buys);
    order->stop_loss = split_price(order->stop_loss, split, tick, !buys);
    order->trail = split_price(order->trail, split, tick, true);
    order->stop_trail = split_price(order->stop_trail, split, tick, true);
}

void split_order(struct engine *engine, struct order *order, const struct turret_split *split)
{
    const bool working = order_is_working(order);
    if (working)
        order_reserve(engine, order, -1); /* each is cut by itself: the sum follows the orders */
    order->qty = order_split_qty(order->qty, split);
    order->filled_qty = order_split_qty(order->filled_qty, split);
    order->pending_qty = order_split_qty(order->pending_qty, split);
    order->display_qty = order_split_qty(order->display_qty, split);
    order->whole = order_split_qty(order->whole, split);
    split_prices(order, split, engine->instruments[order->instrument].def.tick_size);
    if (working) {
        gap_split(engine, order, split);
        order_reserve(engine, order, 1);
        order_publish(engine, order);
    } else if (engine->sink.order) {
        engine->sink.order(engine->sink.context, order);
    }
}
