/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exits of brackets, and pairs of which one cancels the other. The host keeps exits itself, at
 * every venue: what one fills is then off the other in the same event. An exit is reduce-only and
 * is cut to the position when it is sent.
 */
#include "core/held.h"

#include <assert.h>

static struct order *other_of(struct engine *engine, const struct order *order)
{
    return order_table_find(engine->orders, order->oco);
}

bool held_rests(const struct order *order)
{
    return order->state == TURRET_STATE_HELD && !(order->held & HELD_TRIGGERED);
}

struct order *held_partner(struct engine *engine, const struct order *exit)
{
    struct order *order = other_of(engine, exit);
    return order && order->role == ORDER_EXIT ? order : NULL;
}

void held_enlarge(struct engine *engine, struct order *exit, turret_qty qty)
{
    exit->qty = qty < ORDER_QTY_MAX - exit->qty ? exit->qty + qty : ORDER_QTY_MAX;
    order_publish(engine, exit);
}

/* Exits of the entry that may still grow. False: there are none. */
static bool grow(struct engine *engine, const struct order *entry, turret_qty qty)
{
    struct order *order, *partner;
    uint64_t last = 0;
    while ((order = held_next(engine, last)) != NULL) {
        last = order->id;
        if (order->role != ORDER_EXIT || order->parent != entry->id || !held_rests(order) ||
            order->qty > ORDER_QTY_MAX - qty)
            continue;
        partner = held_partner(engine, order);
        if (partner && !held_rests(partner))
            continue;
        held_enlarge(engine, order, qty);
        if (partner)
            held_enlarge(engine, partner, qty);
        return true;
    }
    return false;
}

static struct order *add_exit(struct engine *engine, const struct order *entry, turret_qty qty,
                              uint8_t type, turret_price limit_price, turret_price stop_price)
{
    struct order draft, *order;
    held_draft(engine, &draft, entry->strategy, entry->instrument,
               type == TURRET_ORDER_LIMIT ? "take profit" : "stop loss");
    draft.parent = entry->id;
    draft.role = ORDER_EXIT;
    draft.side = entry->side == TURRET_SIDE_BUY ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    draft.type = type;
    draft.flags = TURRET_ORDER_REDUCE_ONLY;
    draft.qty = qty;
    draft.limit_price = limit_price;
    draft.stop_price = stop_price;
    draft.trail = type == TURRET_ORDER_TRAILING_STOP ? entry->stop_trail : 0;
    order = held_add(engine, &draft);
    if (order)
        held_keep(engine, order, HELD_TRIGGER | HELD_EXEMPT, NULL);
    return order;
}

/* What of so much that filled opened or added to the position. */
static turret_qty opened(struct engine *engine, const struct order *entry, turret_qty filled)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[entry->strategy], entry->instrument);
    turret_qty held = order_signed(entry, own->qty);
    return held <= 0 ? 0 : held < filled ? held : filled;
}

void held_bracket(struct engine *engine, const struct order *given, turret_qty filled,
                  turret_price price)
{
    const struct order entry = *given; /* an ended one's slot may be given to an exit */
    turret_qty qty = opened(engine, &entry, filled);
    turret_price stop_price = entry.stop_loss;
    struct order *profit = NULL, *stop = NULL;
    if (qty == 0 || grow(engine, &entry, qty))
        return;
    if (stop_price == 0 && entry.stop_trail > 0)
        stop_price = price - order_signed(&entry, entry.stop_trail);
    if (entry.stop_loss > 0 || entry.stop_trail > 0)
        stop = add_exit(engine, &entry, qty,
                        entry.stop_trail > 0 ? TURRET_ORDER_TRAILING_STOP : TURRET_ORDER_STOP, 0,
                        stop_price > 0 ? stop_price : 1);
    if (entry.take_profit > 0)
        profit = add_exit(engine, &entry, qty, TURRET_ORDER_LIMIT, entry.take_profit, 0);
    if (!profit || !stop)
        return;
    profit->oco = stop->id;
    stop->oco = profit->id;
    order_publish(engine, stop);
    order_publish(engine, profit);
}

void held_take_off(struct engine *engine, struct order *order, turret_qty qty, const char *why)
{
    if (!order_is_working(order))
        return;
    order->whole = qty < order->whole ? order->whole - qty : 0;
    held_reduce(engine, order, qty, why);
}

#define PAIR_FILLED "the other of the pair filled"

void held_pair(struct engine *engine, struct order *order, turret_qty qty)
{
    struct order *other = other_of(engine, order), *third;
    turret_qty most;
    if (!other)
        return;
    third = other_of(engine, other); /* the order itself, unless it was followed by the other */
    held_take_off(engine, other, qty, PAIR_FILLED);
    if (third && third != order)
        held_take_off(engine, third, qty, PAIR_FILLED);
    if (third != order && order_is_working(order))
        held_drop(engine, order, "another one went in its place"); /* it had ended, it was said */
    most = order->qty > other->qty ? order->qty : other->qty;
    if (other->filled_qty > 0 && order->filled_qty + other->filled_qty > most)
        engine_notice(
            engine, NOTICE_ALARM, order->strategy,
            "orders %llu and %llu cancel each other and both filled, %s of %s: the "
            "cancel came too late; booked",
            (unsigned long long)order->id, (unsigned long long)other->id,
            market_qty_text(engine, order->instrument, order->filled_qty + other->filled_qty).text,
            market_qty_text(engine, order->instrument, most).text);
}

/* ---- exits that end before their position ---- */

/* What it was to close, and nobody does. */
static turret_qty left_open(struct engine *engine, const struct order *order)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    turret_qty left = order->whole - order->filled_qty, against;
    if (!own)
        return 0;
    against = order->side == TURRET_SIDE_BUY ? -own->qty : own->qty;
    return left < against ? left : against;
}

/* What fills late of one that was followed is off the one that follows, as of a pair. */
static void follow(struct engine *engine, const struct order *gone, const struct order *next)
{
    bool filled =
        gone->state == TURRET_STATE_FILLED; /* by the fill that is being told: no later one */
    struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (order->oco != gone->id && (order->id != gone->id || filled))
            continue;
        order->oco = next->id;
        if (order_is_working(order))
            order_publish(engine, order);
    }
}

/*
 * As the one was that the host took back: a stop is due at once. It can not go round in circles,
 * each one more needs another fill of the position. As the one that its venue refused: due again,
 * later each time.
 */
static void renew(struct engine *engine, const struct order *gone, turret_qty qty, bool refused)
{
    struct order *other = other_of(engine, gone), draft, *order;
    bool due = refused || held_is_stop(gone);
    held_draft(engine, &draft, gone->strategy, gone->instrument, gone->reason);
    draft.parent = gone->parent;
    draft.role = ORDER_EXIT;
    draft.side = gone->side;
    draft.type = gone->type;
    draft.flags = gone->flags;
    draft.limit_price = gone->limit_price;
    draft.was_stop = gone->was_stop;
    draft.qty = qty;
    draft.oco = other && order_is_working(other) ? other->id : 0;
    draft.tries = refused ? held_next_try(gone) : 0;
    order = held_add(engine, &draft);
    assert(order); /* there is the slot of the one that ended, if no other */
    held_keep(engine, order, HELD_TRIGGER | HELD_EXEMPT | (due ? HELD_TRIGGERED : 0u),
              refused                              ? "instead of one refused"
              : gone->state == TURRET_STATE_FILLED ? "what is left of one that was cut"
                                                   : "what is left of one cancelled");
    follow(engine, gone, order);
}

void held_exit_ended(struct engine *engine, struct order *order)
{
    const struct order gone = *order; /* its slot may be given to the new one */
    bool refused = gone.state == TURRET_STATE_REJECTED && (gone.seen & ORDER_SEEN_REFUSED);
    bool filled = gone.state == TURRET_STATE_FILLED; /* it was cut when it was sent */
    bool follows = !gone.let_go && (gone.unwanted == HELD_UNWANTED || refused || filled);
    const char *why = gone.let_go ? order_let_go_text(&gone) : gone.venue_reason;
    char open[MONEY_TEXT_MAX];
    turret_qty qty;
    if (gone.strategy >= engine->strategy_count)
        return;
    if (filled && gone.parent == 0 && gone.whole <= gone.filled_qty)
        protection_closed(engine, &engine->strategies[gone.strategy], gone.instrument);
    if (gone.whole == 0 || (filled && gone.whole <= gone.filled_qty) || (gone.held & HELD_EXEMPT))
        return; /* what never left protects as long as nobody ends it */
    qty = left_open(engine, order);
    order->whole = 0; /* once: a late fill ends it again */
    if (engine->sink.order)
        engine->sink.order(engine->sink.context, order);
    if (qty <= 0 || (gone.unwanted == HELD_UNWANTED && held_is_second(engine, &gone)))
        return;
    if (follows)
        renew(engine, &gone, qty, refused);
    if (follows && (!refused || gone.tries > 0))
        return; /* nothing was lost, or it is told */
    money_format(qty, engine->instruments[gone.instrument].def.qty_scale, open, sizeof open);
    engine_notice(engine, gone.let_go ? NOTICE_LOG : NOTICE_ALARM, gone.strategy,
                  "%s: order %llu, an exit, is %s%s%s; %s of its position stay open %s",
                  engine->strategies[gone.strategy].name, (unsigned long long)gone.id,
                  order_state_name(gone.state), why[0] ? ": " : "", why, open,
                  follows ? "until another one is taken, which is tried again and again"
                          : "without it");
}

void held_fit_exits(struct engine *engine, uint32_t strategy, turret_instrument instrument)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[strategy], instrument);
    struct order *order;
    uint64_t last = 0;
    while ((order = held_next(engine, last)) != NULL) {
        turret_qty left = order->side == TURRET_SIDE_BUY ? -own->qty : own->qty;
        turret_qty leaves = order->unwanted == HELD_UNWANTED_PART
                                ? order->pending_qty - order->filled_qty /* asked for already */
                                : order_leaves(order);
        last = order->id;
        if (order->role != ORDER_EXIT || order->strategy != strategy ||
            order->instrument != instrument)
            continue;
        if (left <= 0) {
            order->whole = 0;
            held_drop(engine, order, "the position is closed");
        } else if (leaves > left) {
            if (order->whole > order->filled_qty + left)
                order->whole = order->filled_qty + left;
            held_reduce(engine, order, order_leaves(order) - left, "the position is smaller");
        }
    }
}
