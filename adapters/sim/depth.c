/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders against quotes and aggregated books.
 *
 * The rules, for a buy; a sell is the mirror image:
 *  - A book, once one level was seen, stands before the quote. Its levels are walked best first,
 *    one fill a level; what an order took is gone until the feed says that level's quantity again.
 *  - A quote is one level. Its quantity limits fills only when volume_limit is set and the quote
 *    states one; then it is consumed in the same way. Otherwise the quote fills any quantity.
 *  - market (market_fill quote) and triggered stops take the asks at any price; a limit takes asks
 *    up to its limit. A limit order that rested was there first: it fills at its own limit, as
 *    maker. A stop triggers when the best ask is at its stop or above.
 *  - Slippage in ticks is added to market and stop orders on quotes; a book is walked as it is.
 */
#include "depth.h"

#include "fills.h"
#include "money.h"

#include <stdlib.h>
#include <string.h>

/* The side a new order of this side would trade with: 1 asks for a buy, 0 bids for a sell. */
static uint32_t opposite(uint8_t side)
{
    return side == TURRET_SIDE_BUY ? 1u : 0u;
}

void depth_quote(struct sim_instrument *instrument, const struct turret_quote *quote)
{
    instrument->quote = *quote;
    instrument->quoted = 1;
}

void depth_clear(struct sim_instrument *instrument)
{
    memset(&instrument->quote, 0, sizeof instrument->quote);
    instrument->quoted = 0;
    instrument->side[0].count = 0;
    instrument->side[1].count = 0;
}

/* Where a level of that price is or belongs. Bids rise towards the end, asks fall. */
static uint32_t place(const struct sim_side *side, int64_t sign, turret_price price)
{
    uint32_t low = 0, high = side->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2u;
        if (sign * side->level[middle].price < sign * price) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

static void set_level(struct sim_side *side, int64_t sign, turret_price price, turret_qty qty)
{
    uint32_t at = place(side, sign, price);
    int present = at < side->count && side->level[at].price == price;
    if (qty <= 0) {
        if (present) {
            side->count--;
            memmove(&side->level[at], &side->level[at + 1u],
                    (side->count - at) * sizeof *side->level);
        }
        return;
    }
    if (!present) {
        if (side->count == SIM_LEVELS_MAX) { /* full: the worst level goes */
            if (at == 0) {
                return;
            }
            at--;
            memmove(side->level, side->level + 1, at * sizeof *side->level);
        } else {
            memmove(&side->level[at + 1u], &side->level[at],
                    (side->count - at) * sizeof *side->level);
            side->count++;
        }
        side->level[at].price = price;
    }
    side->level[at].qty = qty;
}

int depth_level(struct sim_instrument *instrument, const struct turret_level *level)
{
    if (level->side != TURRET_SIDE_BUY && level->side != TURRET_SIDE_SELL) {
        return TURRET_EINVAL;
    }
    int64_t sign = level->side == TURRET_SIDE_BUY ? 1 : -1;
    struct sim_side *side = &instrument->side[sign > 0 ? 0 : 1];
    if (!side->level) {
        side->level = calloc(SIM_LEVELS_MAX, sizeof *side->level);
        if (!side->level) {
            return TURRET_ENOMEM;
        }
    }
    instrument->booked = 1;
    if (level->action == TURRET_LEVEL_CLEAR) {
        side->count = 0;
    } else if (level->action == TURRET_LEVEL_SET && level->price > 0) {
        set_level(side, sign, level->price, level->qty);
    } else {
        return TURRET_EINVAL;
    }
    return TURRET_OK;
}

/* Price and quantity an order of this side meets first; 0 when there is nothing. */
static int best(const struct sim *sim, const struct sim_instrument *instrument, uint8_t for_side,
                struct sim_level *found)
{
    uint32_t at = opposite(for_side);
    if (instrument->booked) {
        const struct sim_side *side = &instrument->side[at];
        if (side->count == 0) {
            return 0;
        }
        *found = side->level[side->count - 1u];
        return 1;
    }
    const struct turret_quote *quote = &instrument->quote;
    turret_qty shown = at ? quote->ask_qty : quote->bid_qty;
    found->price = at ? quote->ask : quote->bid;
    found->qty = sim->options.volume_ppm > 0 && shown > 0 ? shown : INT64_MAX;
    return found->price > 0;
}

static void consume(const struct sim *sim, struct sim_instrument *instrument, uint8_t for_side,
                    turret_qty taken)
{
    uint32_t at = opposite(for_side);
    if (instrument->booked) {
        struct sim_side *side = &instrument->side[at];
        side->level[side->count - 1u].qty -= taken;
        side->count -= side->level[side->count - 1u].qty == 0;
        return;
    }
    turret_qty *shown = at ? &instrument->quote.ask_qty : &instrument->quote.bid_qty;
    turret_price *price = at ? &instrument->quote.ask : &instrument->quote.bid;
    if (sim->options.volume_ppm > 0 && *shown > 0) {
        *shown -= taken;
        *price = *shown == 0 ? 0 : *price;
    }
}

static int is_limited(const struct sim_order *order)
{
    return order->type == TURRET_ORDER_LIMIT || order->type == TURRET_ORDER_STOP_LIMIT;
}

/* Whether `wanted` is there at prices the order accepts. */
static int enough(const struct sim *sim, const struct sim_instrument *instrument,
                  const struct sim_order *order, turret_qty wanted)
{
    struct sim_level level = {0, 0};
    int64_t sign = sim_sign(order);
    const struct sim_side *side = &instrument->side[opposite(order->side)];
    uint32_t left = instrument->booked ? side->count : 1u;
    int any = best(sim, instrument, order->side, &level);
    while (any && left > 0 && (!is_limited(order) || sign * level.price <= sign * order->limit)) {
        if (level.qty >= wanted) {
            return 1;
        }
        wanted -= level.qty;
        left--;
        if (instrument->booked && left > 0) {
            level = side->level[left - 1u];
        }
    }
    return 0;
}

static void take(struct sim *sim, struct sim_instrument *instrument, struct sim_order *order)
{
    struct sim_level level = {0, 0};
    int64_t sign = sim_sign(order);
    int limited = is_limited(order);
    int maker = limited && order->rested;
    for (turret_qty room = fills_room(sim, order); room > 0; room = fills_room(sim, order)) {
        if (!best(sim, instrument, order->side, &level) ||
            (limited && sign * level.price > sign * order->limit)) {
            return;
        }
        turret_qty qty = room < level.qty ? room : level.qty;
        turret_price price = maker ? order->limit : level.price;
        if (!limited && !instrument->booked && sim->options.slippage == SIM_SLIP_TICKS) {
            price = money_slipped(sim, instrument, order->side, price, qty, 0);
        }
        if (!fills_execute(sim, order, qty, price, maker)) {
            return;
        }
        consume(sim, instrument, order->side, qty);
    }
}

void depth_try(struct sim *sim, struct sim_order *order)
{
    struct sim_instrument *instrument = &sim->instrument[order->instrument];
    struct sim_level level = {0, 0};
    turret_qty filled_before = order->filled;
    int triggered_before = order->triggered;
    int stops = order->type == TURRET_ORDER_STOP || order->type == TURRET_ORDER_STOP_LIMIT;

    if (!(instrument->quoted || instrument->booked) ||
        (order->type == TURRET_ORDER_MARKET && sim->options.market_fill != SIM_FILL_QUOTE)) {
        return;
    }
    if (stops && !order->triggered) {
        int64_t sign = sim_sign(order);
        if (!best(sim, instrument, order->side, &level) ||
            sign * level.price < sign * order->stop) {
            return;
        }
        order->triggered = 1;
    }
    turret_qty whole = order->qty - order->filled;
    if (order->tif != TURRET_TIF_FOK ||
        (fills_room(sim, order) == whole && enough(sim, instrument, order, whole))) {
        take(sim, instrument, order);
    }
    fills_conclude(sim, order, filled_before, triggered_before);
}

void depth_match(struct sim *sim, struct sim_instrument *instrument, turret_time_ns time)
{
    for (uint32_t at = instrument->head, next; at != SIM_NONE; at = next) {
        struct sim_order *order = &sim->order[at];
        next = order->next;
        if (time >= order->active_at) {
            depth_try(sim, order);
        }
    }
}

int depth_rests(const struct sim_instrument *instrument, const struct sim_order *order)
{
    uint32_t at = opposite(order->side);
    turret_price touch = instrument->last_price;
    if (instrument->booked) {
        const struct sim_side *side = &instrument->side[at];
        touch = side->count > 0 ? side->level[side->count - 1u].price : 0;
    } else if (instrument->quoted) {
        touch = at ? instrument->quote.ask : instrument->quote.bid;
    }
    if (order->type != TURRET_ORDER_LIMIT) {
        return 0;
    }
    if (touch <= 0) {
        return instrument->booked || instrument->quoted;
    }
    return sim_sign(order) * touch > sim_sign(order) * order->limit;
}
