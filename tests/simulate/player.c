/* SPDX-License-Identifier: Apache-2.0 */
#include "player.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const struct turret_param player_params[3] = {
    TURRET_PARAM_INT(1, "number", 1, 1, 1000000, "", "what chance begins with"),
    TURRET_PARAM_INT(2, "busy", 20, 0, 1000, "", "acts at so many of 1000 events"),
    TURRET_PARAM_INT(3, "wild", 0, 0, 100, "", "how often it does nonsense"),
};

/* How busy and wild it is lies below the newest order ids: parameters are not kept for us. */
struct all {
    struct player player;
    int64_t busy, wild;
};

static uint64_t chance(struct player *player, uint64_t limit)
{
    uint64_t x = (uint64_t)player->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    player->random = (int64_t)x;
    return (x >> 11) % limit;
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct all *all = turret_self(self);
    if (all->player.random == 0)
        all->player.random = turret_param_int(start, 1);
    all->busy = turret_param_int(start, 2);
    all->wild = turret_param_int(start, 3);
    return turret_ok(err);
}

static uint64_t remembered(struct player *player)
{
    return (uint64_t)player->orders[chance(player, 4)];
}

static void remember(struct player *player, uint64_t order_id)
{
    player->asked++;
    if (order_id)
        player->orders[player->next++ & 3] = (int64_t)order_id;
}

/* ---- what the host does where the venue does not, and what it always does ---- */

static void want_bracket(struct player *player, const struct turret_instrument_def *def,
                         turret_price price, struct turret_order_request *request)
{
    int64_t away = (request->side == TURRET_SIDE_BUY ? 1 : -1) * def->tick_size;
    if (chance(player, 3))
        request->take_profit = price + away * (5 + (int64_t)chance(player, 6));
    if (chance(player, 3))
        request->stop_loss = price - away * (5 + (int64_t)chance(player, 6));
    if (chance(player, 3) == 0)
        request->stop_trail = (1 + (int64_t)chance(player, 6)) * def->tick_size;
}

/* Its own of the newest orders as the other of a pair. */
static void want_more(struct player *player, const struct turret_instrument_def *def,
                      turret_price price, turret_time_ns now, struct turret_order_request *request)
{
    if (chance(player, 8) == 0) {
        request->tif = TURRET_TIF_GTD;
        request->expires = now + (1 + (int64_t)chance(player, 100)) * INT64_C(1000000000);
    }
    if (chance(player, 12) == 0) {
        request->type = TURRET_ORDER_TRAILING_STOP;
        request->limit_price = request->stop_price = 0;
        request->trail = (1 + (int64_t)chance(player, 8)) * def->tick_size;
    }
    if (chance(player, 8) == 0 && request->type == TURRET_ORDER_LIMIT)
        request->display_qty = (1 + (turret_qty)chance(player, 12)) * def->lot_size;
    if (chance(player, 6) == 0)
        want_bracket(player, def, price, request);
    if (chance(player, 8) == 0)
        request->oco = remembered(player);
    if (chance(player, 6) == 0)
        (void)snprintf(request->execution, sizeof request->execution, "p%u",
                       (unsigned)chance(player, 4));
}

/* A part of an order that is another's, or, by mistake, of one that is not given to it. */
static void work(struct turret_strategy *self, const struct turret_order *order, uint64_t parent)
{
    struct player *player = turret_self(self);
    const struct turret_instrument_def *def = turret_instrument_of(self, order->instrument);
    struct turret_order_request request;
    if (!def)
        return;
    memset(&request, 0, sizeof request);
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = order->instrument;
    request.side = order->side;
    request.type = chance(player, 4) ? order->type : (uint8_t)(1 + chance(player, 4));
    request.qty = (1 + (turret_qty)chance(player, 30)) * def->lot_size;
    request.limit_price = request.type == TURRET_ORDER_LIMIT ? order->limit_price : 0;
    request.stop_price = request.type == TURRET_ORDER_STOP ? order->stop_price : 0;
    request.flags = chance(player, 8) == 0 ? TURRET_ORDER_REDUCE_ONLY : 0;
    request.parent = parent;
    remember(player, turret_submit(self, &request));
}

static void ask(struct turret_strategy *self, const struct turret_instrument_def *def,
                turret_price price, turret_time_ns now, bool nonsense)
{
    struct player *player = turret_self(self);
    struct turret_order_request request;
    bool buys = chance(player, 2) == 0;
    int64_t away = ((int64_t)chance(player, 9) - 4) * def->tick_size;
    memset(&request, 0, sizeof request);
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = def->id;
    request.side = buys ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    request.type = (uint8_t)(1 + chance(player, 4));
    if (chance(player, 2) == 0)
        request.type = TURRET_ORDER_LIMIT;
    request.tif = (uint8_t)(1 + chance(player, 4));
    request.qty = (1 + (turret_qty)chance(player, 60)) * def->lot_size;
    request.flags = chance(player, 16) == 0 ? TURRET_ORDER_REDUCE_ONLY : 0;
    if (request.type == TURRET_ORDER_LIMIT || request.type == TURRET_ORDER_STOP_LIMIT)
        request.limit_price = price + away;
    if (request.type == TURRET_ORDER_STOP || request.type == TURRET_ORDER_STOP_LIMIT)
        request.stop_price =
            price + (buys ? 1 : -1) * (1 + (int64_t)chance(player, 6)) * def->tick_size;
    want_more(player, def, price, now, &request);
    if (nonsense && chance(player, 2))
        request.qty = (turret_qty)chance(player, 3) - 1;
    else if (nonsense && chance(player, 2))
        request.limit_price += 1 + (turret_price)chance(player, 1u << 30);
    else if (nonsense)
        request.side = (uint8_t)chance(player, 5);
    if (nonsense && chance(player, 4) == 0)
        request.instrument = (turret_instrument)chance(player, 12);
    remember(player, turret_submit(self, &request));
}

static void nonsense(struct turret_strategy *self, const struct turret_instrument_def *def,
                     turret_price price, turret_time_ns now)
{
    struct player *player = turret_self(self);
    uint64_t i, count;
    switch (chance(player, 7)) {
    case 0: /* more than it may in one turn, now and then */
        count = chance(player, 8) == 0 ? 300 : 12;
        for (i = 0; i < count; i++)
            ask(self, def, price, now, false);
        break;
    case 1: /* an order that is another's, or nobody's */
        (void)turret_cancel(self, remembered(player) + chance(player, 3));
        break;
    case 2:
        (void)turret_modify(self, remembered(player), -5, -1, (turret_price)chance(player, 9));
        break;
    case 3:
        if (chance(player, 40) == 0)
            turret_score(self, def->id, NAN, "not a number"); /* it is disabled for that */
        break;
    case 4: /* more than there is of anything */
        (void)turret_target(self, def->id, chance(player, 2) ? INT64_MAX : INT64_MIN, "all");
        break;
    default:
        ask(self, def, price, now, true);
        break;
    }
}

static void act(struct turret_strategy *self, turret_instrument instrument, turret_price price,
                turret_time_ns now)
{
    struct all *all = turret_self(self);
    struct player *player = &all->player;
    const struct turret_instrument_def *def = turret_instrument_of(self, instrument);
    uint64_t kind;
    player->seen++;
    if (!def || price <= 0 || (int64_t)chance(player, 1000) >= all->busy)
        return;
    if ((int64_t)chance(player, 100) < all->wild) {
        nonsense(self, def, price, now);
        return;
    }
    price -= price % def->tick_size;
    kind = chance(player, 100);
    if (kind < 50)
        ask(self, def, price, now, false);
    else if (kind < 65)
        (void)turret_modify(self, remembered(player),
                            (1 + (turret_qty)chance(player, 80)) * def->lot_size,
                            chance(player, 2) ? price + def->tick_size : 0, 0);
    else if (kind < 85)
        (void)turret_cancel(self, remembered(player));
    else if (kind < 95)
        (void)turret_target(self, instrument, ((turret_qty)chance(player, 61) - 30) * def->lot_size,
                            "a wish");
    else
        (void)turret_timer(self, (uint32_t)chance(player, 8),
                           player->seen * 1000 + (int64_t)chance(player, 1000));
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    act(self, bar->instrument, bar->close, bar->time + bar->timeframe_ns);
}

static void on_trade(struct turret_strategy *self, const struct turret_trade *trade)
{
    act(self, trade->instrument, trade->price, trade->time);
}

static void on_quote(struct turret_strategy *self, const struct turret_quote *quote)
{
    act(self, quote->instrument, quote->bid, quote->time);
}

static void on_status(struct turret_strategy *self, const struct turret_status *status)
{
    act(self, status->instrument, 0, 0);
}

/* Some are asked for again at once when they ended, within what a turn allows. */
static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct player *player = turret_self(self);
    player->heard++;
    if (order->state == TURRET_STATE_PARTIAL && chance(player, 8) == 0)
        (void)turret_cancel(self, order->id);
    if (order->state == TURRET_STATE_HELD && order->parent == 0 && chance(player, 3) == 0)
        work(self, order, order->id);
    else if (order->parent && order->state >= TURRET_STATE_FILLED && chance(player, 2) == 0)
        work(self, order, order->parent);
    else if (order->parent && chance(player, 16) == 0)
        (void)turret_modify(self, order->id, order->qty + (turret_qty)chance(player, 40) - 20, 0,
                            0);
}

static void on_fill(struct turret_strategy *self, const struct turret_fill *fill)
{
    struct player *player = turret_self(self);
    player->heard++;
    if (chance(player, 16) == 0)
        (void)turret_target(self, fill->instrument, 0, "flat");
}

static void on_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    struct player *player = turret_self(self);
    (void)timer_id;
    (void)now;
    (void)turret_cancel(self, remembered(player));
}

#define COMMON                                                                                     \
    TURRET_FIELD_I64(1, struct player, random, "chance"),                                          \
        TURRET_FIELD_I64(2, struct player, seen, "market events"),                                 \
        TURRET_FIELD_I64(3, struct player, asked, "orders asked for"),                             \
        TURRET_FIELD_I64(4, struct player, heard, "orders and fills heard of"),                    \
        TURRET_FIELD_I64(5, struct player, next, "place of the next order"),                       \
        TURRET_FIELD(6, I64, struct player, orders, 4, 0, "newest orders")

static const struct turret_field fields[] = {COMMON};
static const struct turret_field more_fields[] = {
    COMMON, TURRET_FIELD_I64(7, struct player, extra, "what only this build has")};

#define PLAYER(version_text, own_fields, count)                                                    \
    {                                                                                              \
        .struct_size = (uint32_t)sizeof(struct turret_strategy_type),                              \
        .state_size = (uint32_t)sizeof(struct all), .id = "simulate.player",                       \
        .version = version_text, .summary = "does anything", .params = player_params,              \
        .fields = own_fields, .param_count = 3, .field_count = count, .state_schema = 1,           \
        .on_start = on_start, .on_bar = on_bar, .on_trade = on_trade, .on_quote = on_quote,        \
        .on_status = on_status, .on_order = on_order, .on_fill = on_fill, .on_timer = on_timer     \
    }
const struct turret_strategy_type player_types[PLAYER_BUILDS] = {
    PLAYER("1.0", fields, 6), PLAYER("2.0", fields, 6), PLAYER("3.0", more_fields, 7)};
