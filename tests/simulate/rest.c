/* SPDX-License-Identifier: Apache-2.0 */
/* The world rests: faults are off, everything that was asked is answered. Both sides agree now. */
#include "host.h"

/* The core's ids of orders that are not this host's: the top bit and FNV-1a of the venue's id. */
static uint64_t foreign_id(uint32_t venue, uint32_t number)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ venue;
    char text[40];
    const char *at = text;
    (void)snprintf(text, sizeof text, "X%u", number);
    while (*at)
        hash = (hash ^ (uint8_t)*at++) * UINT64_C(1099511628211);
    return hash | UINT64_C(1) << 63;
}

static void check_order(struct host *host, const struct exchange *exchange,
                        const struct exchange_order *truth)
{
    uint64_t id = truth->id ? truth->id : foreign_id(exchange->index, truth->number);
    const struct order *order = engine_order(host->live->engine, id);
    const char *state = order ? order_state_name(order->state) : "not known";
    bool open = exchange_is_open(truth);
    if (!order && !open)
        return; /* of long ago */
    if (!order || open != order_is_working(order) ||
        (open && (order_leaves(order) != exchange_leaves(truth) ||
                  order->state == TURRET_STATE_UNKNOWN || order->request != TURRET_REQUEST_NONE)))
        world_fail(host->world, "at rest both sides agree on orders",
                   "venue %u, order %llu (X%u): %s %lld of %lld there; %s %lld of %lld, request %u "
                   "here",
                   exchange->index, (unsigned long long)truth->id, truth->number,
                   order_state_name(truth->state), (long long)truth->filled, (long long)truth->qty,
                   state, order ? (long long)order->filled_qty : 0LL,
                   order ? (long long)order->qty : 0LL, order ? order->request : 0);
    else if (truth->id && order->filled_qty != truth->filled)
        world_fail(host->world, "at rest both sides agree on what is filled",
                   "venue %u, order %llu: %lld there, %lld here", exchange->index,
                   (unsigned long long)truth->id, (long long)truth->filled,
                   (long long)order->filled_qty);
}

/* But exits for what filled only afterwards, which the host holds. */
static void check_over(struct host *host, const struct order *order)
{
    bool held = order->state == TURRET_STATE_HELD && order->role == ORDER_EXIT;
    if (!order_is_working(order) || held || order->strategy >= host->world->strategies)
        return;
    if (host_trading(host, order->strategy, order->instrument) == TRADING_KILLED ||
        host->live->engine->strategies[order->strategy].run == STRATEGY_STOPPED)
        world_fail(host->world, "at rest nothing works that was killed or stopped",
                   "order %llu is %s", (unsigned long long)order->id,
                   order_state_name(order->state));
}

/* Nothing works here that is over there. */
static int check_known(void *context, const struct order *order)
{
    struct host *host = context;
    const struct exchange *exchange = host->world->exchanges[order->venue];
    if (order->state == TURRET_STATE_HELD && order->request != TURRET_REQUEST_NONE)
        world_fail(host->world, "at rest nothing is under way", "order %llu is still cancelled",
                   (unsigned long long)order->id);
    if (order_is_working(order) && order->tif == TURRET_TIF_GTD &&
        order->expires < engine_now(host->live->engine) - 30 * SECOND)
        world_fail(host->world, "at rest what had a time has ended", "order %llu is %s",
                   (unsigned long long)order->id, order_state_name(order->state));
    check_over(host, order);
    if (order->state == TURRET_STATE_HELD)
        return 0; /* the host's own */
    if (order_is_working(order) && !(order->id >> 63) && !exchange_find(exchange, order->id))
        world_fail(host->world, "at rest nothing is unknown that the venue can prove",
                   "order %llu is %s and never arrived", (unsigned long long)order->id,
                   order_state_name(order->state));
    return 0;
}

static void check_venue(struct host *host, const struct exchange *exchange)
{
    const struct engine *engine = host->live->engine;
    uint32_t i;
    for (i = 0; i < exchange->order_count; i++)
        check_order(host, exchange, &exchange->orders[i]);
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct position *position =
            &engine->positions[engine->instruments[i].account_position];
        if (exchange->markets[i].id && exchange->markets[i].position != position->qty)
            world_fail(host->world, "at rest both sides agree on positions",
                       "instrument %u: %lld there, %lld here", i,
                       (long long)exchange->markets[i].position, (long long)position->qty);
    }
    for (i = 0; i < engine->account_count; i++) {
        const struct account *account = &engine->accounts[i];
        if (account->venue == exchange->index &&
            (account->cash != exchange->cash || account->fees != exchange->fees))
            world_fail(host->world, "at rest both sides agree on cash",
                       "venue %u: %lld there, %lld here", exchange->index,
                       (long long)exchange->cash, (long long)account->cash);
    }
    if (!engine_venue_ready(engine, exchange->index))
        world_fail(host->world, "at rest every venue is reconciled", "venue %u is not",
                   exchange->index);
}

void host_check_rest(struct host *host)
{
    uint32_t v;
    if (!host->live || host->world->failed) {
        if (!host->world->failed)
            world_fail(host->world, "at rest the host is up", "it is not");
        return;
    }
    host_check_orders(host);
    host_check_kept(host);
    for (v = 0; v < host->world->venues; v++)
        check_venue(host, host->world->exchanges[v]);
    (void)engine_each_order(host->live->engine, check_known, host);
}
