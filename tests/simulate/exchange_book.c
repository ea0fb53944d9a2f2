/* SPDX-License-Identifier: Apache-2.0 */
/* Matching by price and time, executions and what becomes of them, the account's cash. */
#include "exchange.h"

#include <stdlib.h>

#define LEVELS 8 /* that a market order takes at most */

money_wide exchange_value(const struct exchange_market *market, uint8_t side, turret_qty qty,
                          turret_price price)
{
    money_wide product = (money_wide)qty * price * market->multiplier, divisor = 1;
    int32_t spare = 8 - market->price_scale - market->qty_scale;
    for (; spare > 0; spare--)
        product *= 10;
    for (; spare < 0; spare++)
        divisor *= 10;
    return side == TURRET_SIDE_BUY ? (product + divisor - 1) / divisor : product / divisor;
}

static void *grown(void *array, uint32_t count, uint32_t *room, size_t each)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    array = realloc(array, *room * each);
    if (!array)
        abort();
    return array;
}

struct exchange_order *exchange_add_order(struct exchange *exchange)
{
    struct exchange_order *order;
    exchange->orders = grown(exchange->orders, exchange->order_count, &exchange->order_room,
                             sizeof *exchange->orders);
    exchange->open =
        grown(exchange->open, exchange->open_count, &exchange->open_room, sizeof *exchange->open);
    order = &exchange->orders[exchange->order_count];
    memset(order, 0, sizeof *order);
    order->number = exchange->order_count++;
    order->state = TURRET_STATE_ACCEPTED;
    order->priority = exchange->priority++;
    order->created = order->updated = exchange->world->now;
    exchange->open[exchange->open_count++] = order->number;
    return order;
}

static void changed(struct exchange *exchange, struct exchange_order *order)
{
    order->version = ++exchange->version;
    order->updated = exchange->world->now;
    wire_tell_order(exchange->wire, order);
}

static void close_order(struct exchange *exchange, const struct exchange_order *order)
{
    uint32_t i;
    for (i = 0; i < exchange->open_count; i++)
        if (exchange->open[i] == order->number) {
            exchange->open[i] = exchange->open[--exchange->open_count];
            return;
        }
}

void exchange_end(struct exchange *exchange, struct exchange_order *order, uint8_t state)
{
    order->state = state;
    close_order(exchange, order);
    changed(exchange, order);
}

/* Into position and cash, out of them with sign -1. */
static void book(struct exchange *exchange, const struct exchange_fill *fill, int sign)
{
    bool buys = (fill->side == TURRET_SIDE_BUY) == (sign > 0);
    struct exchange_market *market = &exchange->markets[fill->instrument];
    market->position += buys ? fill->qty : -fill->qty;
    exchange->cash += (buys ? -(money_wide)fill->value : (money_wide)fill->value);
    exchange->cash -= (money_wide)fill->fee * sign;
    exchange->fees += (money_wide)fill->fee * sign;
}

static struct exchange_fill *add_fill(struct exchange *exchange)
{
    struct exchange_fill *fill;
    exchange->fills =
        grown(exchange->fills, exchange->fill_count, &exchange->fill_room, sizeof *exchange->fills);
    fill = &exchange->fills[exchange->fill_count];
    memset(fill, 0, sizeof *fill);
    fill->number = exchange->fill_count++;
    fill->order = fill->instead = EXCHANGE_NONE;
    fill->time = fill->changed = exchange->world->now;
    return fill;
}

uint32_t exchange_execute(struct exchange *exchange, struct exchange_order *order,
                          struct exchange_market *market, uint8_t side, turret_qty qty,
                          turret_price price, bool maker)
{
    struct exchange_fill *fill = add_fill(exchange), told;
    money_wide value = exchange_value(market, side, qty, price);
    int64_t ppm = maker ? exchange->maker_ppm : exchange->taker_ppm;
    fill->order = order ? order->number : EXCHANGE_NONE;
    fill->instrument = market->id;
    fill->side = side;
    fill->maker = maker;
    fill->qty = qty;
    fill->price = price;
    fill->value = (turret_money)value;
    fill->fee = (turret_money)(value * ppm / MONEY_PPM);
    book(exchange, fill, 1);
    if (exchange->world->bug == BUG_FILL_TWICE && world_below(exchange->world, 50) == 0)
        book(exchange, fill, 1);
    if (exchange->world->bug == BUG_FEE_DROPPED && world_below(exchange->world, 50) == 0)
        exchange->cash -= 1;
    told = *fill;
    world_say(exchange->world, "venue %u: execution %u of %llu: %s %lld at %lld", exchange->index,
              fill->number, order ? (unsigned long long)order->id : 0ULL,
              side == TURRET_SIDE_BUY ? "buy" : "sell", (long long)qty, (long long)price);
    world_mix(exchange->world, &told.qty, sizeof told.qty + sizeof told.price);
    wire_tell_fill(exchange->wire, &told);
    if (!order)
        return told.number;
    order->filled += qty;
    order->state = order->filled >= order->qty ? TURRET_STATE_FILLED : TURRET_STATE_PARTIAL;
    if (order->state == TURRET_STATE_FILLED)
        close_order(exchange, order);
    changed(exchange, order);
    return told.number;
}

void exchange_bust(struct exchange *exchange, uint32_t number, turret_qty corrected_qty,
                   turret_price corrected_price)
{
    struct exchange_fill *fill = &exchange->fills[number], *instead;
    struct exchange_order *order =
        fill->order == EXCHANGE_NONE ? NULL : &exchange->orders[fill->order];
    book(exchange, fill, -1);
    fill->busted = 1;
    fill->changed = exchange->world->now;
    if (order)
        order->filled -= fill->qty;
    if (corrected_qty > 0) {
        instead = add_fill(exchange);
        fill = &exchange->fills[number];
        instead->order = fill->order;
        instead->instead = number;
        instead->instrument = fill->instrument;
        instead->side = fill->side;
        instead->maker = fill->maker;
        instead->qty = corrected_qty;
        instead->price = corrected_price;
        instead->fee = fill->fee;
        instead->value = (turret_money)exchange_value(&exchange->markets[fill->instrument],
                                                      fill->side, corrected_qty, corrected_price);
        book(exchange, instead, 1);
        if (order)
            order->filled += corrected_qty;
    }
    world_say(exchange->world, "venue %u: takes execution %u back, %lld instead", exchange->index,
              number, (long long)corrected_qty);
    wire_tell_bust(exchange->wire, &exchange->fills[number]);
    if (order && exchange_is_open(order))
        order->state = order->filled ? TURRET_STATE_PARTIAL : TURRET_STATE_ACCEPTED;
    if (order)
        changed(exchange, order);
}

/* ---- matching ---- */

static bool may_trade(const struct exchange_order *order, turret_price price)
{
    if (order->limit == 0)
        return true;
    return order->side == TURRET_SIDE_BUY ? price <= order->limit : price >= order->limit;
}

static void take(struct exchange *exchange, uint32_t number)
{
    struct exchange_order *order = &exchange->orders[number];
    struct exchange_market *market = &exchange->markets[order->instrument];
    turret_price price = order->side == TURRET_SIDE_BUY ? market->ask : market->bid;
    int64_t away = order->side == TURRET_SIDE_BUY ? market->tick : -market->tick;
    turret_qty sizes[LEVELS], there = 0;
    uint32_t i;
    for (i = 0; i < LEVELS; i++) {
        sizes[i] = world_between(exchange->world, 1, 40) * market->lot;
        if (may_trade(order, price + away * i) && price + away * i > 0)
            there += sizes[i];
    }
    if (order->tif == TURRET_TIF_FOK && there < exchange_leaves(order))
        return;
    for (i = 0; i < LEVELS && exchange_leaves(order) > 0; i++, price += away) {
        turret_qty qty = exchange_leaves(order);
        if (!may_trade(order, price) || price <= 0)
            return;
        (void)exchange_execute(exchange, order, market, order->side,
                               qty < sizes[i] ? qty : sizes[i], price, false);
    }
}

void exchange_match(struct exchange *exchange, uint32_t number)
{
    struct exchange_order *order = &exchange->orders[number];
    bool waits = (order->type == TURRET_ORDER_STOP || order->type == TURRET_ORDER_STOP_LIMIT) &&
                 order->state == TURRET_STATE_ACCEPTED;
    if (waits || exchange->markets[order->instrument].closed)
        return;
    take(exchange, number);
    if (exchange_is_open(order) && (order->limit == 0 || order->tif >= TURRET_TIF_IOC))
        exchange_end(exchange, order, TURRET_STATE_CANCELED);
}

/* The resting order that comes first: better price, then earlier. EXCHANGE_NONE: none fills. */
static uint32_t first_resting(const struct exchange *exchange, const struct exchange_market *market,
                              turret_price price)
{
    const struct exchange_order *best = NULL;
    uint32_t i;
    for (i = 0; i < exchange->open_count; i++) {
        const struct exchange_order *order = &exchange->orders[exchange->open[i]];
        if (order->instrument != market->id || order->limit == 0 || !may_trade(order, price) ||
            (order->type == TURRET_ORDER_STOP_LIMIT && order->state == TURRET_STATE_ACCEPTED))
            continue;
        if (!best || (order->limit != best->limit
                          ? (order->limit > best->limit) == (order->side == TURRET_SIDE_BUY)
                          : order->priority < best->priority))
            best = order;
    }
    return best ? best->number : EXCHANGE_NONE;
}

static uint32_t first_stop(const struct exchange *exchange, const struct exchange_market *market,
                           turret_price price)
{
    uint32_t i;
    for (i = 0; i < exchange->open_count; i++) {
        const struct exchange_order *order = &exchange->orders[exchange->open[i]];
        if (order->instrument == market->id && order->stop != 0 &&
            order->state == TURRET_STATE_ACCEPTED &&
            (order->side == TURRET_SIDE_BUY ? price >= order->stop : price <= order->stop))
            return order->number;
    }
    return EXCHANGE_NONE;
}

void exchange_trade(struct exchange *exchange, struct exchange_market *market, turret_price price,
                    turret_qty qty)
{
    uint32_t number;
    while (qty > 0 && (number = first_resting(exchange, market, price)) != EXCHANGE_NONE) {
        struct exchange_order *order = &exchange->orders[number];
        turret_qty part = exchange_leaves(order) < qty ? exchange_leaves(order) : qty;
        (void)exchange_execute(exchange, order, market, order->side, part, order->limit, true);
        qty -= part;
    }
    while ((number = first_stop(exchange, market, price)) != EXCHANGE_NONE) {
        struct exchange_order *order = &exchange->orders[number];
        order->state = TURRET_STATE_TRIGGERED;
        changed(exchange, order);
        exchange_match(exchange, number);
    }
}
