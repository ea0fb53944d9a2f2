/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold after every event, found out from the outside: what the sink published, what the
 * venue knows, what is on its way.
 */
#include "host.h"

#include "core/held.h"
#include "player.h"

static struct exchange_market *market_of(const struct host *host, turret_instrument id)
{
    return &host->world->exchanges[(id - 1) % host->world->venues]->markets[id];
}

uint32_t host_trading(const struct host *host, uint32_t strategy, turret_instrument id)
{
    uint32_t venue = (id - 1) % host->world->venues, i, strictest = TRADING_ACTIVE;
    const uint8_t of[] = {host->books.trading[TRADING_ALL][0],
                          host->books.trading[TRADING_VENUE][venue],
                          host->books.trading[TRADING_ACCOUNT][venue],
                          host->books.trading[TRADING_STRATEGY][strategy % HOST_SCOPED],
                          host->books.trading[TRADING_INSTRUMENT][id - 1]};
    for (i = 0; i < TRADING_SCOPES; i++)
        strictest = of[i] > strictest ? of[i] : strictest;
    return strictest;
}

/* ---- at the edge: an order is about to leave ---- */

/* Of a new order and of a change of one. */
void host_check_change(struct host *host, struct wire *wire,
                       const struct turret_broker_order *order)
{
    struct world *world = host->world;
    unsigned long long id = (unsigned long long)order->order_id;
    const struct order *known = engine_order(host->live->engine, order->order_id);
    uint32_t trading = known ? host_trading(host, known->strategy, order->instrument) : 0;
    if (trading >= TRADING_CANCEL_ONLY)
        world_fail(world, "no order after a halt", "order %llu leaves while trading is %s", id,
                   trading_state_name(trading));
    if (!engine_venue_ready(host->live->engine, wire->exchange->index))
        world_fail(world, "nothing trades before it is reconciled", "order %llu leaves", id);
    if (engine_now(host->live->engine) > order->deadline)
        world_fail(world, "nothing leaves after its deadline", "order %llu", id);
}

void host_check_submit(struct host *host, struct wire *wire,
                       const struct turret_broker_order *order)
{
    struct world *world = host->world;
    const struct order *known = engine_order(host->live->engine, order->order_id);
    unsigned long long id = (unsigned long long)order->order_id;
    const int64_t *left = ids_find(&wire->sent, order->order_id);
    uint32_t i;
    if (left && *left)
        world_fail(world, "no order leaves twice", "order %llu", id);
    ids_put(&wire->sent, order->order_id, 1);
    if (!ids_find(&host->intents, order->order_id) &&
        !(known && known->role != ORDER_OWN && ids_find(&host->intents, known->parent)))
        world_fail(world, "each order has an intent", "order %llu has none in the journal", id);
    if (!known)
        world_fail(world, "what leaves is in the books", "order %llu is not", id);
    else if (known->sequence > host->disk.durable)
        world_fail(world, "nothing leaves before it is on the disk",
                   "order %llu is of event %llu, the disk has %llu", id,
                   (unsigned long long)known->sequence, (unsigned long long)host->disk.durable);
    host_check_change(host, wire, order);
    for (i = 0; i < host->watched_count && host->watched[i].id != order->order_id; i++)
        ;
    if (i == HOST_WATCHED)
        return;
    host->watched[i] = (struct watched){order->order_id, wire->exchange->index, order->qty,
                                        world->now + 9 * SECOND};
    host->watched_count += i == host->watched_count;
    host->moved = true;
}

void host_not_sent(struct host *host, uint64_t order_id)
{
    uint32_t i;
    for (i = 0; i < host->watched_count; i++)
        if (host->watched[i].id == order_id)
            host->watched[i].until = 0;
}

/* ---- what the sink tells ---- */

static void own_event(struct host *host, turret_instrument id, int64_t timeframe_ns)
{
    const struct engine *engine = host->live->engine;
    uint32_t s, i;
    for (s = 0; s < engine->strategy_count; s++) {
        const struct strategy *strategy = &engine->strategies[s];
        for (i = 0; i < strategy->on_count && strategy->run == STRATEGY_RUNNING; i++)
            if (strategy->on[i].instrument == id &&
                (timeframe_ns == 0 || strategy->on[i].timeframe_ns == timeframe_ns)) {
                host->books.owned[s]++;
                break;
            }
    }
}

static void see_intent(struct host *host, const struct event_intent *intent)
{
    if (intent->kind != INTENT_TARGET && intent->kind != INTENT_SUBMIT)
        return;
    if (intent->order_id <= host->highest_id)
        world_fail(host->world, "an id is given once", "%llu after %llu",
                   (unsigned long long)intent->order_id, (unsigned long long)host->highest_id);
    host->highest_id = intent->order_id;
    ids_put(&host->intents, intent->order_id, 1);
}

static uint64_t execution_key(uint16_t venue, const char execution_id[40])
{
    uint64_t key = UINT64_C(14695981039346656037) ^ venue;
    while (*execution_id)
        key = (key ^ (uint8_t)*execution_id++) * UINT64_C(1099511628211);
    return key | 1;
}

/* A bust, or the fill of one that came first: what it fills is gone at once. */
static bool takes_back(struct host *host, const struct event *event)
{
    if (event->type == EVENT_BUST)
        ids_put(&host->busted, execution_key(event->venue, event->u.bust.execution_id), 1);
    return event->type == EVENT_BUST ||
           (event->type == EVENT_FILL &&
            ids_find(&host->busted, execution_key(event->venue, event->u.fill.execution_id)));
}

static void see_control(struct host *host, const struct event_control *control)
{
    uint32_t named = control->name[0] ? (uint32_t)strtoul(control->name + 1, NULL, 10) : 0;
    uint8_t *trading = &host->books.trading[control->target % TRADING_SCOPES][named];
    if (control->kind == CONTROL_TRADING_REVIVE)
        *trading = (uint8_t)control->value;
    else if (control->kind == CONTROL_FLATTEN_KILLED ||
             (control->kind == CONTROL_FLATTEN && *trading != TRADING_KILLED))
        *trading = TRADING_REDUCING;
    else if (control->kind == CONTROL_CASH)
        host->books.cash[control->target] = control->value;
}

void host_see_event(struct host *host, const struct event *event)
{
    bool market = event->type >= EVENT_BAR && event->type <= EVENT_SPLIT;
    host->busting = takes_back(host, event);
    host->moved = host->moved || !market;
    if (market)
        own_event(host, event->u.bar.instrument,
                  event->type == EVENT_BAR ? event->u.bar.timeframe_ns : 0);
    else if (event->type == EVENT_INTENT && !host->rebuilding)
        see_intent(host, &event->u.intent);
    else if (event->type == EVENT_CONTROL)
        see_control(host, &event->u.control);
}

void host_see_order(struct host *host, const struct order *order)
{
    const int64_t *before = ids_find(&host->filled, order->id);
    if (before && order->filled_qty < *before && !host->busting)
        world_fail(host->world, "cumulative quantities only grow", "order %llu: %lld after %lld",
                   (unsigned long long)order->id, (long long)order->filled_qty, (long long)*before);
    ids_put(&host->filled, order->id, order->filled_qty);
    host->moved = true;
}

/* The value of what takes an execution back is that of the execution. */
static money_wide value_of(struct host *host, const struct fill *fill)
{
    const int64_t *before = NULL;
    if (!strncmp(fill->execution_id, "busted-", 7))
        before = ids_find(&host->values, strtoull(fill->execution_id + 7, NULL, 10) + 1);
    return before ? *before
                  : exchange_value(market_of(host, fill->instrument), fill->side, fill->qty,
                                   fill->price);
}

static void into(struct line *line, const struct fill *fill, money_wide value)
{
    bool buys = fill->side == TURRET_SIDE_BUY;
    line->qty += buys ? fill->qty : -fill->qty;
    line->paid += buys ? value : -value;
    line->fees += fill->fee;
}

void host_see_fill(struct host *host, const struct fill *fill)
{
    money_wide value;
    if (fill->busted && strncmp(fill->execution_id, "busted-", 7) != 0)
        return; /* its row, marked; what takes it back follows */
    value = value_of(host, fill);
    ids_put(&host->values, fill->id + 1, (int64_t)value);
    if (value != fill->value)
        world_fail(host->world, "money is exact", "fill %llu is worth %lld, not %lld",
                   (unsigned long long)fill->id, (long long)value, (long long)fill->value);
    into(&host->books.account[fill->instrument], fill, value);
    if (fill->strategy < host->world->strategies)
        into(&host->books.own[fill->strategy][fill->instrument], fill, value);
    host->books.cash[fill->venue] -= (fill->side == TURRET_SIDE_BUY ? value : -value) + fill->fee;
    host->books.fees[fill->venue] += fill->fee;
    host->moved = true;
}

/* What is adopted comes at the mark, as if it had been traded without a fee. */
void host_see_difference(struct host *host, const struct difference *one)
{
    struct line *line = &host->books.account[one->instrument];
    int64_t by = one->theirs - one->ours;
    if (one->end != DIFFERENCE_ADOPTED)
        return;
    if (one->kind == DIFFERENCE_OF_CASH) {
        host->books.cash[one->venue] += by;
        host->books.adopted_cash[one->venue] += by;
    } else if (one->kind == DIFFERENCE_OF_POSITION) {
        money_wide value = exchange_value(
            market_of(host, one->instrument), TURRET_SIDE_SELL, /* rounded down */
            by < 0 ? -by : by, host->live->engine->instruments[one->instrument].mark);
        line->qty += by;
        host->books.adopted[one->instrument] += by;
        line->paid += by < 0 ? -value : value;
    }
    host->moved = true;
}

/* ---- between two events ---- */

static void check_position(struct host *host, const struct position *position)
{
    bool all = position->strategy == POSITION_OF_ACCOUNT;
    const struct line *line = all ? &host->books.account[position->instrument]
                                  : &host->books.own[position->strategy][position->instrument];
    if (line->qty != position->qty || line->fees != position->fees ||
        line->paid != (money_wide)position->cost - position->realised)
        world_fail(host->world, "the ledger is exact",
                   "position of %s %u in %u: %lld held, %lld paid, %lld fees; executions say %lld, "
                   "%lld, %lld",
                   all ? "account" : "strategy", all ? position->account : position->strategy,
                   position->instrument, (long long)position->qty,
                   (long long)(position->cost - position->realised), (long long)position->fees,
                   (long long)line->qty, (long long)line->paid, (long long)line->fees);
    if (!position_is_sound(position))
        world_fail(host->world, "what is kept can be taken up again", "position in %u is absurd",
                   position->instrument);
    if (position->open_buy < 0 || position->open_sell < 0)
        world_fail(host->world, "what is reserved is not negative", "position in %u",
                   position->instrument);
}

void host_check(struct host *host)
{
    const struct engine *engine = host->live->engine;
    money_wide worth[ENGINE_ACCOUNTS_MAX] = {0};
    uint32_t i;
    if (!engine || host->world->failed)
        return;
    if (engine_now(engine) > host->world->now + WORLD_AHEAD)
        world_fail(host->world, "time does not run ahead of the machine's",
                   "it is %lld ms ahead of it",
                   (long long)((engine_now(engine) - host->world->now) / MS));
    for (i = 0; i < engine->position_count; i++) {
        const struct position *position = &engine->positions[i];
        check_position(host, position);
        if (position->strategy == POSITION_OF_ACCOUNT)
            worth[position->account] += position->value;
    }
    for (i = 0; i < engine->account_count; i++) {
        const struct account *account = &engine->accounts[i];
        if (!account_is_sound(account))
            world_fail(host->world, "what is kept can be taken up again", "account %u is absurd",
                       i);
        if (account->cash != host->books.cash[account->venue] ||
            account->fees != host->books.fees[account->venue])
            world_fail(host->world, "the ledger is exact",
                       "cash of venue %u is %lld, executions say %lld", account->venue,
                       (long long)account->cash, (long long)host->books.cash[account->venue]);
        if (account->equity.now != account->cash + worth[i])
            world_fail(host->world, "equity is cash and what is held", "venue %u: %lld",
                       account->venue, (long long)account->equity.now);
    }
    for (i = 0; i < engine->strategy_count; i++) {
        const struct player *player = engine->strategies[i].acting->handle.state;
        if (player->seen != host->books.owned[i])
            world_fail(host->world, "every event has one owner",
                       "strategy %u got %lld market events of %lld", i, (long long)player->seen,
                       (long long)host->books.owned[i]);
    }
}

/* What the order may come to in all, as the venue and the line have it. */
static turret_qty truth_of(const struct host *host, const struct watched *watched,
                           const struct exchange_order **order)
{
    const struct exchange *exchange = host->world->exchanges[watched->venue];
    *order = exchange_find(exchange, watched->id);
    if (*order)
        return (*order)->filled + exchange_leaves(*order);
    return ids_find(&exchange->ids, watched->id) == NULL && host->world->now <= watched->until
               ? watched->qty
               : 0;
}

/* Whether it is over on both sides. */
static bool check_watched(struct host *host, const struct watched *watched)
{
    const struct exchange_order *at_venue;
    turret_qty truth = truth_of(host, watched, &at_venue), reserved = 0;
    const struct order *order = engine_order(host->live->engine, watched->id);
    if (!order && at_venue && !exchange_is_open(at_venue))
        return true; /* over, and made room for others */
    if (order)
        reserved = order->filled_qty + (order_is_working(order) ? order_leaves(order) : 0);
    if (reserved < truth)
        world_fail(host->world, "worst-case exposure is never understated",
                   "order %llu (%s) counts for %lld, at the venue (%s) it may come to %lld",
                   (unsigned long long)watched->id, order ? order_state_name(order->state) : "gone",
                   (long long)reserved, at_venue ? order_state_name(at_venue->state) : "on its way",
                   (long long)truth);
    if (order && order_is_working(order))
        return false;
    return at_venue ? !exchange_is_open(at_venue) : host->world->now > watched->until;
}

/* What slices may fill is taken off their parent, once; a slice stays within its parent. */
static void check_parents(struct host *host)
{
    const struct engine *engine = host->live->engine;
    const struct order *parent, *slice;
    uint32_t cursor = 0, at;
    while ((parent = order_table_next(engine->orders, &cursor)) != NULL) {
        money_wide open = 0;
        if (!(parent->held & HELD_PARENT) || !order_is_working(parent))
            continue;
        for (at = 0; (slice = order_table_next(engine->orders, &at)) != NULL;)
            if (slice->role == ORDER_SLICE && slice->parent == parent->id &&
                order_is_working(slice) && !(slice->held & HELD_EXEMPT))
                open += order_leaves(slice);
        if (open != parent->children_qty)
            world_fail(host->world, "slices count once",
                       "order %llu has given %lld away, its slices have %lld",
                       (unsigned long long)parent->id, (long long)parent->children_qty,
                       (long long)open);
    }
}

/* Reservations are the sum of what working orders may still fill. */
static void check_sums(struct host *host)
{
    const struct engine *engine = host->live->engine;
    money_wide buys[WORLD_INSTRUMENTS + 1] = {0}, sells[WORLD_INSTRUMENTS + 1] = {0};
    const struct order *order;
    uint32_t cursor = 0, i;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (!order_is_whole(order))
            world_fail(host->world, "what is kept can be taken up again", "order %llu is absurd",
                       (unsigned long long)order->id);
        if (order_is_working(order) && !(order->held & HELD_EXEMPT))
            (order->side == TURRET_SIDE_BUY ? buys : sells)[order->instrument] +=
                order_leaves(order);
    }
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct position *position =
            &engine->positions[engine->instruments[i].account_position];
        if (position->open_buy != buys[i] || position->open_sell != sells[i])
            world_fail(host->world, "reservations are the sum of the orders",
                       "instrument %u: %lld and %lld reserved, orders say %lld and %lld", i,
                       (long long)position->open_buy, (long long)position->open_sell,
                       (long long)buys[i], (long long)sells[i]);
    }
}

/* What it may still close, once what the host has asked for is done. */
static turret_qty may_close(const struct order *exit)
{
    if (exit->request == TURRET_REQUEST_PENDING_CANCEL || exit->unwanted == HELD_UNWANTED)
        return 0;
    return exit->unwanted == HELD_UNWANTED_PART ? exit->pending_qty - exit->filled_qty
                                                : order_leaves(exit);
}

/* No exit, held or at its venue, closes more than its strategy's position. */
static void check_exits(struct host *host)
{
    const struct engine *engine = host->live->engine;
    const struct order *exit;
    uint32_t cursor = 0;
    while ((exit = order_table_next(engine->orders, &cursor)) != NULL) {
        money_wide held;
        if (exit->role != ORDER_EXIT || !order_is_working(exit) ||
            exit->strategy >= host->world->strategies)
            continue;
        held = host->books.own[exit->strategy][exit->instrument].qty;
        if (exit->side == TURRET_SIDE_BUY)
            held = -held;
        if (may_close(exit) > (held > 0 ? held : 0))
            world_fail(host->world, "no exit closes more than its position",
                       "order %llu (%s, parent %llu) may close %lld, %lld are there",
                       (unsigned long long)exit->id, order_state_name(exit->state),
                       (unsigned long long)exit->parent, (long long)may_close(exit),
                       (long long)held);
    }
}

/* Nobody's code here sends more than was asked for, and nothing a venue does may look like it. */
static void check_gap(struct host *host)
{
    const struct engine *engine = host->live->engine;
    uint32_t i;
    for (i = 0; i < engine_trading_count(engine); i++) {
        const struct trading_latch *latch = engine_trading_latch(engine, i);
        if (!strcmp(latch->reason, "more orders out than asked for"))
            world_fail(host->world, "what goes out was asked for", "strategy %s was halted",
                       latch->name);
    }
}

void host_check_orders(struct host *host)
{
    uint32_t i;
    host->moved = false;
    check_gap(host);
    for (i = 0; i < host->watched_count && !host->world->failed;)
        if (check_watched(host, &host->watched[i]))
            host->watched[i] = host->watched[--host->watched_count];
        else
            i++;
    if ((host->looks++ & 7) == 0)
        check_sums(host), check_parents(host);
    check_exits(host);
    host_check(host);
}
