/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as the venue takes them, and what happens there without the host. */
#include "exchange.h"

#include <stdlib.h>

struct exchange_order *exchange_find(const struct exchange *exchange, uint64_t id)
{
    const int64_t *found = ids_find(&exchange->ids, id);
    return found && *found >= 0 ? &exchange->orders[*found] : NULL;
}

/* ---- requests ---- */

uint32_t exchange_submit(struct exchange *exchange, const struct turret_broker_order *request,
                         const char **why)
{
    struct exchange_order *order;
    if (ids_find(&exchange->ids, request->order_id))
        return 0;
    if (world_fault(exchange->world, FAULT_REJECT)) {
        ids_put(&exchange->ids, request->order_id, -1);
        *why = "not today";
        return TURRET_OUTCOME_REJECTED;
    }
    order = exchange_add_order(exchange);
    ids_put(&exchange->ids, request->order_id, order->number);
    order->id = request->order_id;
    order->instrument = request->instrument;
    order->side = request->side;
    order->type = request->type;
    order->tif = request->tif;
    order->qty = request->qty;
    order->limit = request->limit_price;
    order->stop = request->stop_price;
    order->request = request->request;
    order->version = ++exchange->version;
    wire_tell_order(exchange->wire, order);
    exchange_match(exchange, order->number);
    return TURRET_OUTCOME_OK;
}

uint32_t exchange_cancel(struct exchange *exchange, const struct turret_broker_order *request,
                         const char **why)
{
    struct exchange_order *order = exchange_find(exchange, request->order_id);
    if (!order || !exchange_is_open(order)) {
        *why = order ? "too late" : "no such order";
        return TURRET_OUTCOME_REJECTED;
    }
    if (world_fault(exchange->world, FAULT_REJECT)) {
        *why = "not now";
        return TURRET_OUTCOME_REJECTED;
    }
    order->request = request->request;
    exchange_end(exchange, order, TURRET_STATE_CANCELED);
    return TURRET_OUTCOME_OK;
}

uint32_t exchange_modify(struct exchange *exchange, const struct turret_broker_order *request,
                         const char **why)
{
    struct exchange_order *order = exchange_find(exchange, request->order_id);
    const int64_t *refused = ids_find(&exchange->refused, request->order_id);
    if ((order && request->request <= order->request) || (refused && request->request <= *refused))
        return 0; /* a request that was overtaken, or came twice */
    if (!order || !exchange_is_open(order) || request->qty <= order->filled ||
        world_fault(exchange->world, FAULT_REJECT)) {
        ids_put(&exchange->refused, request->order_id, request->request);
        *why = order ? "too late" : "no such order";
        return TURRET_OUTCOME_REJECTED;
    }
    order->request = request->request;
    order->qty = request->qty;
    if (exchange->world->bug == BUG_LATE_CHANGE)
        order->qty += exchange->markets[order->instrument].lot;
    order->limit = request->limit_price;
    order->stop = request->stop_price;
    order->priority = exchange->priority++;
    order->version = ++exchange->version;
    order->updated = exchange->world->now;
    wire_tell_order(exchange->wire, order);
    exchange_match(exchange, order->number);
    return TURRET_OUTCOME_OK;
}

/* ---- what happens by itself ---- */

static struct exchange_market *any_market(struct exchange *exchange)
{
    struct exchange_market *market;
    do
        market = &exchange->markets[1 + world_below(exchange->world, exchange->world->instruments)];
    while (market->id == 0);
    return market;
}

static struct turret_report report_of(const struct exchange *exchange, uint32_t type)
{
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.struct_size = (uint32_t)sizeof report;
    report.type = type;
    report.time = exchange->world->now + exchange->skew_ns;
    return report;
}

static void tell_trade(struct exchange *exchange, const struct exchange_market *market,
                       turret_qty qty)
{
    struct turret_report report = report_of(exchange, TURRET_REPORT_TRADE);
    if (world_fault(exchange->world, FAULT_STAMP))
        report.time = exchange->world->now + (world_below(exchange->world, 8)
                                                  ? world_between(exchange->world, 1, 900)
                                                  : INT64_C(20) * 365 * 86400) *
                                                 SECOND;
    report.u.trade.instrument = market->id;
    report.u.trade.time = report.time;
    report.u.trade.price = market->price;
    report.u.trade.qty = qty;
    wire_tell_market(exchange->wire, &report);
}

static void tell_quote(struct exchange *exchange, const struct exchange_market *market)
{
    struct turret_report report = report_of(exchange, TURRET_REPORT_QUOTE);
    report.u.quote = (struct turret_quote){
        market->id, 0, report.time, market->bid, market->ask, market->bid_qty, market->ask_qty};
    wire_tell_market(exchange->wire, &report);
}

static void tell_bar(struct exchange *exchange, struct exchange_market *market)
{
    struct turret_report report = report_of(exchange, TURRET_REPORT_BAR);
    turret_price high = market->price + market->tick;
    report.u.bar = (struct turret_bar){market->id,      0,    MINUTE,      report.time - MINUTE,
                                       market->price,   high, market->bid, market->price,
                                       10 * market->lot};
    wire_tell_market(exchange->wire, &report);
}

static void move_market(struct exchange *exchange)
{
    struct world *world = exchange->world;
    struct exchange_market *market = any_market(exchange);
    uint64_t kind = world_below(world, 100);
    market->price += world_between(world, -3, 3) * market->tick;
    if (market->price < 100 * market->tick)
        market->price = 100 * market->tick;
    market->bid = market->price - world_between(world, 1, 3) * market->tick;
    market->ask = market->price + world_between(world, 1, 3) * market->tick;
    market->bid_qty = world_between(world, 1, 50) * market->lot;
    market->ask_qty = world_between(world, 1, 50) * market->lot;
    if (kind < 45 && !market->closed) {
        turret_qty qty = world_between(world, 1, 60) * market->lot;
        tell_trade(exchange, market, qty);
        exchange_trade(exchange, market, market->price, qty);
    } else if (kind < 95) {
        tell_quote(exchange, market);
    } else {
        tell_bar(exchange, market);
    }
}

static void set_session(struct exchange *exchange, struct exchange_market *market, bool closed)
{
    struct turret_report report = report_of(exchange, TURRET_REPORT_STATUS);
    uint32_t i;
    market->closed = closed;
    report.u.status.instrument = market->id;
    report.u.status.status = closed ? TURRET_STATUS_CLOSED : TURRET_STATUS_OPEN;
    report.u.status.time = report.time;
    wire_tell_market(exchange->wire, &report);
    for (i = exchange->open_count; closed && i-- > 0;) {
        struct exchange_order *order = &exchange->orders[exchange->open[i]];
        if (order->instrument == market->id && order->tif == TURRET_TIF_DAY)
            exchange_end(exchange, order, TURRET_STATE_EXPIRED);
    }
}

static void reopen(struct world *world, uint32_t who, uint64_t what)
{
    set_session(world->exchanges[who], &world->exchanges[who]->markets[what], false);
}

static void foreign_order(struct exchange *exchange)
{
    struct exchange_market *market = any_market(exchange);
    struct exchange_order *order = exchange_add_order(exchange);
    order->instrument = market->id;
    order->side = world_below(exchange->world, 2) ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    order->type = TURRET_ORDER_LIMIT;
    order->tif = TURRET_TIF_GTC;
    order->qty = world_between(exchange->world, 1, 30) * market->lot;
    order->limit = market->price + world_between(exchange->world, -8, 8) * market->tick;
    order->version = ++exchange->version;
    wire_tell_order(exchange->wire, order);
    exchange_match(exchange, order->number);
}

static void take_back(struct exchange *exchange, bool corrected)
{
    struct world *world = exchange->world;
    uint32_t first = exchange->fill_count > 40 ? exchange->fill_count - 40 : 0;
    uint32_t number;
    const struct exchange_fill *fill;
    if (exchange->fill_count == 0)
        return;
    number = first + (uint32_t)world_below(world, exchange->fill_count - first);
    fill = &exchange->fills[number];
    if (fill->busted || world->now - fill->time < 4 * SECOND)
        return;
    exchange_bust(exchange, number, corrected ? fill->qty : 0,
                  fill->price + exchange->markets[fill->instrument].tick);
}

static void by_chance(struct exchange *exchange)
{
    struct world *world = exchange->world;
    if (world_fault(world, FAULT_BUST))
        take_back(exchange, false);
    if (world_fault(world, FAULT_CORRECTION))
        take_back(exchange, true);
    if (world_fault(world, FAULT_FOREIGN))
        foreign_order(exchange);
    if (world_fault(world, FAULT_MANUAL)) {
        struct exchange_market *market = any_market(exchange);
        (void)exchange_execute(exchange, NULL, market,
                               world_below(world, 2) ? TURRET_SIDE_BUY : TURRET_SIDE_SELL,
                               market->lot, market->price, false);
    }
    if (world_fault(world, FAULT_DRIFT)) {
        struct exchange_market *market = any_market(exchange);
        int64_t by = world_below(world, 3) == 0 ? 0 : world_between(world, -40, 40) * market->lot;
        turret_money cash = by ? 0 : world_between(world, -1000, 1000) * MONEY_ONE;
        market->position += by;
        market->drift += by;
        exchange->cash += cash;
        exchange->drift += cash;
    }
    if (exchange->open_count > 0 && world_fault(world, FAULT_VENUE_CANCEL))
        exchange_end(exchange,
                     &exchange->orders[exchange->open[world_below(world, exchange->open_count)]],
                     TURRET_STATE_CANCELED);
    if (world_fault(world, FAULT_SESSION_END)) {
        struct exchange_market *market = any_market(exchange);
        if (!market->closed) {
            set_session(exchange, market, true);
            world_at(world, world_between(world, 5, 30) * SECOND, reopen, exchange->index,
                     market->id);
        }
    }
}

static void on_tick(struct world *world, uint32_t who, uint64_t what)
{
    struct exchange *exchange = world->exchanges[who];
    uint64_t burst = world->calm ? 1 : 1 + world_below(world, 8);
    (void)what;
    while (burst-- > 0 && !exchange->resting)
        move_market(exchange);
    by_chance(exchange);
    world_at(world, (world->calm ? 500 : world_between(world, 5, 200)) * MS, on_tick, who, 0);
}

/* ---- opening and closing ---- */

static void open_markets(struct exchange *exchange)
{
    static const struct {
        int32_t price_scale, qty_scale;
        int64_t multiplier, lot, tick;
        turret_price price;
    } kinds[] = {{2, 0, 1, 1, 1, 10000},
                 {5, 6, 1, 1000, 10, 12345670}, /* rounds: more decimals than money has */
                 {2, 0, 50, 1, 25, 450000},
                 {3, 3, 1, 10, 5, 77005}};
    uint32_t id;
    for (id = 1; id <= exchange->world->instruments; id++) {
        uint32_t kind = (id - 1) % 4;
        if ((id - 1) % exchange->world->venues != exchange->index)
            continue;
        exchange->markets[id] =
            (struct exchange_market){.id = id,
                                     .price_scale = kinds[kind].price_scale,
                                     .qty_scale = kinds[kind].qty_scale,
                                     .multiplier = kinds[kind].multiplier,
                                     .lot = kinds[kind].lot,
                                     .tick = kinds[kind].tick,
                                     .price = kinds[kind].price,
                                     .bid = kinds[kind].price - kinds[kind].tick,
                                     .ask = kinds[kind].price + kinds[kind].tick};
    }
}

/* Most clocks are set, as far as that goes; others are minutes off, either way. */
static int64_t any_skew(struct world *world)
{
    return world_below(world, 3) ? world_between(world, -200, 200) * MS
                                 : world_between(world, -EXCHANGE_SKEW / MS, 300000) * MS;
}

int exchange_create(struct exchange **out, struct world *world, uint32_t index)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    *out = exchange;
    if (!exchange)
        return TURRET_ENOMEM;
    exchange->world = world;
    exchange->index = index;
    exchange->cash = EXCHANGE_CASH;
    exchange->taker_ppm = world_between(world, 0, 900);
    exchange->maker_ppm = world_between(world, -200, 300);
    exchange->skew_ns = any_skew(world);
    exchange->plain = world_below(world, 2);
    open_markets(exchange);
    return TURRET_OK;
}

void exchange_destroy(struct exchange *exchange)
{
    if (!exchange)
        return;
    free(exchange->orders);
    free(exchange->fills);
    free(exchange->open);
    ids_finish(&exchange->ids);
    ids_finish(&exchange->refused);
    free(exchange);
}

void exchange_start(struct exchange *exchange)
{
    world_at(exchange->world, MS, on_tick, exchange->index, 0);
}
