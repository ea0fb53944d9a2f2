/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders against bars and trades.
 *
 * The rules, for a buy; a sell is the mirror image:
 *  - A bar meets the orders that had arrived when it opened, so that nothing fills at a price that
 *    is older than the order. Only fills at a bar's close need no more than arrival by its end.
 *  - market: next_open at the bar's open, next_close and this_close at its close. A stop that
 *    triggered but found no volume fills at the next open.
 *  - limit: when low <= limit, at min(open, limit): a gap gives the better price.
 *  - stop: when high >= stop, at max(open, stop): a gap gives the worse price.
 *  - stop-limit, pessimistic within a bar: open >= stop: the limit works over the whole bar. Else
 *    high >= stop triggers inside the bar, where the path is not known: limit >= stop fills at
 *    min(limit, high), the worst price it accepts; limit < stop waits for the next bar.
 *  - immediate-or-cancel and fill-or-kill limits see only the bar's open.
 *  - Within a bar market orders come first, then stops, then limits, each by time of arrival.
 *  - A trade is a bar of one price, except that a limit order which rested fills at its own limit.
 *  - volume_limit: all orders together take at most that share of the bar's or trade's volume,
 *    in whole lots. A fill-or-kill order that would not get all of it gets none.
 *  - Slippage is added to fills of market and stop orders only; volume_share only on bars.
 */
#include "match.h"

#include "fills.h"
#include "money.h"
#include "orders.h"

/* A bar or a trade as the matching sees it. */
struct window {
    turret_price open, high, low, close;
    turret_time_ns open_time, time;
    turret_qty volume;
    turret_qty left; /* may still fill */
    int trade;
};

/* How a window reaches an order. */
struct reach {
    int concerned;      /* the order had its chance: time in force applies */
    turret_price price; /* 0 it does not fill */
    int maker, slips;
};

static turret_qty volume_left(const struct sim *sim, const struct sim_instrument *instrument,
                              turret_qty volume)
{
    if (sim->options.volume_ppm == 0) {
        return INT64_MAX;
    }
    if (volume <= 0) {
        return 0;
    }
    turret_qty left = (turret_qty)((sim_wide)volume * sim->options.volume_ppm / SIM_MILLION);
    return left - left % instrument->def->lot_size;
}

static struct reach reach_market(const struct sim *sim, const struct sim_order *order,
                                 const struct window *w)
{
    struct reach reach = {0, 0, 0, 1};
    switch (sim->options.market_fill) {
    case SIM_FILL_NEXT_OPEN:
        reach.concerned = w->open_time >= order->active_at;
        reach.price = w->open;
        break;
    case SIM_FILL_NEXT_CLOSE:
        reach.concerned = !w->trade && w->time >= order->active_at;
        reach.price = w->close;
        break;
    case SIM_FILL_THIS_CLOSE:
        reach.concerned = w->time >= order->active_at;
        reach.price = w->close;
        break;
    default:
        break;
    }
    return reach;
}

static struct reach reach_limit(const struct sim_order *order, const struct window *w)
{
    struct reach reach = {1, 0, 0, 0};
    int64_t sign = sim_sign(order);
    int immediate = order->tif == TURRET_TIF_IOC || order->tif == TURRET_TIF_FOK;
    turret_price best = immediate ? w->open : sign > 0 ? w->low : w->high;
    int at_open = sign * w->open <= sign * order->limit;
    if (sign * best > sign * order->limit) {
        return reach;
    }
    reach.maker = order->rested || !at_open;
    reach.price = at_open && !(w->trade && order->rested) ? w->open : order->limit;
    return reach;
}

static struct reach reach_stop(struct sim_order *order, const struct window *w)
{
    struct reach reach = {1, w->open, 0, 1};
    int64_t sign = sim_sign(order);
    turret_price worst = sign > 0 ? w->high : w->low;
    if (order->triggered) {
        return reach;
    }
    if (sign * worst < sign * order->stop) {
        reach.concerned = 0;
        return reach;
    }
    order->triggered = 1;
    if (sign * w->open < sign * order->stop) {
        reach.price = order->stop;
    }
    return reach;
}

static struct reach reach_stop_limit(struct sim_order *order, const struct window *w)
{
    struct reach reach = {0, 0, 0, 0};
    int64_t sign = sim_sign(order);
    turret_price worst = sign > 0 ? w->high : w->low;
    if (order->triggered) {
        return reach_limit(order, w);
    }
    if (sign * worst < sign * order->stop) {
        return reach;
    }
    order->triggered = 1;
    if (sign * w->open >= sign * order->stop) {
        return reach_limit(order, w);
    }
    reach.concerned = 1;
    if (sign * order->limit >= sign * order->stop) {
        reach.price = sign * order->limit < sign * worst ? order->limit : worst;
    }
    return reach;
}

static struct reach reach_order(const struct sim *sim, struct sim_order *order,
                                const struct window *w)
{
    struct reach none = {0, 0, 0, 0};
    if (order->type == TURRET_ORDER_MARKET) {
        return reach_market(sim, order, w);
    }
    if (w->open_time < order->active_at) {
        return none;
    }
    switch (order->type) {
    case TURRET_ORDER_LIMIT:
        return reach_limit(order, w);
    case TURRET_ORDER_STOP:
        return reach_stop(order, w);
    default:
        return reach_stop_limit(order, w);
    }
}

static void try_order(struct sim *sim, struct sim_order *order, struct window *w)
{
    int triggered_before = order->triggered;
    turret_qty filled_before = order->filled;
    struct reach reach = reach_order(sim, order, w);
    if (!reach.concerned) {
        return;
    }
    turret_qty take = fills_room(sim, order);
    if (take > w->left) {
        take = w->left;
    }
    if (order->tif == TURRET_TIF_FOK && take < order->qty) {
        take = 0;
    }
    if (reach.price > 0 && take > 0) {
        turret_price price = reach.price;
        if (reach.slips && (!w->trade || sim->options.slippage == SIM_SLIP_TICKS)) {
            price = money_slipped(sim, &sim->instrument[order->instrument], order->side, price,
                                  take, w->volume);
        }
        if (fills_execute(sim, order, take, price, reach.maker)) {
            w->left -= take;
        }
    }
    fills_conclude(sim, order, filled_before, triggered_before);
}

/* Market orders, then stops, then limits. */
static uint32_t rank(const struct sim_order *order)
{
    return order->type == TURRET_ORDER_MARKET ? 0u : order->type == TURRET_ORDER_LIMIT ? 2u : 1u;
}

static void try_all(struct sim *sim, struct sim_instrument *instrument, struct window *w)
{
    uint32_t ranks = 0;
    for (uint32_t turn = 0; turn < 3; turn++) {
        for (uint32_t at = instrument->head, next; at != SIM_NONE; at = next) {
            struct sim_order *order = &sim->order[at];
            next = order->next;
            ranks |= turn == 0 ? 1u << rank(order) : 0u;
            if (rank(order) == turn) {
                try_order(sim, order, w);
            }
        }
        while (turn < 2 && !(ranks & (1u << (turn + 1u)))) {
            turn++;
        }
    }
}

void match_bar(struct sim *sim, struct sim_instrument *instrument, const struct turret_bar *bar)
{
    struct window w = {bar->open,   bar->high, bar->low,
                       bar->close,  bar->time, bar->time + bar->timeframe_ns,
                       bar->volume, INT64_MAX, 0};
    if (bar->low <= 0 || bar->high < bar->low) {
        return;
    }
    w.left = volume_left(sim, instrument, bar->volume);
    try_all(sim, instrument, &w);
    instrument->last_taken = volume_left(sim, instrument, bar->volume) - w.left;
}

void match_trade(struct sim *sim, struct sim_instrument *instrument,
                 const struct turret_trade *trade)
{
    struct window w = {trade->price, trade->price, trade->price,
                       trade->price, trade->time,  trade->time,
                       trade->qty,   INT64_MAX,    1};
    if (trade->price <= 0) {
        return;
    }
    w.left = volume_left(sim, instrument, trade->qty);
    try_all(sim, instrument, &w);
    instrument->last_taken = volume_left(sim, instrument, trade->qty) - w.left;
}

void match_at_last(struct sim *sim, struct sim_order *order)
{
    struct sim_instrument *instrument = &sim->instrument[order->instrument];
    turret_price price = instrument->last_price;
    struct window w = {price, price, price, price, sim->now, sim->now, instrument->last_volume,
                       0,     0};
    if (price <= 0) {
        return;
    }
    w.trade = instrument->last_was_trade != 0;
    w.left = volume_left(sim, instrument, instrument->last_volume) - instrument->last_taken;
    turret_qty before = w.left;
    try_order(sim, order, &w);
    instrument->last_taken += before - w.left;
}
