/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executions that the venue takes back. Exits of an entry are for less from then on; what an exit
 * had closed is guarded again, by exits as its entry asked for. Nothing is sent here but what makes
 * less of an order: whether anything trades is decided by prices and holding times, as ever.
 */
#include "core/held.h"

/* What it closes, with those that are to follow it. One that is being cancelled closes nothing. */
static turret_qty covered(const struct order *exit)
{
    turret_qty leaves = exit->unwanted == HELD_UNWANTED ? 0 : order_leaves(exit);
    turret_qty whole = exit->whole - exit->filled_qty;
    return leaves > whole ? leaves : whole;
}

/* Pairs of the entry that rest, or those that do not. Answers what is still to be taken off. */
static turret_qty lessen(struct engine *engine, uint64_t entry, turret_qty qty, bool resting)
{
    static const char why[] = "its entry was taken back";
    struct order *order, *partner;
    uint64_t last = 0;
    while (qty > 0 && (order = held_next(engine, last)) != NULL) {
        turret_qty most;
        last = order->id;
        if (order->role != ORDER_EXIT || order->parent != entry)
            continue;
        partner = held_partner(engine, order);
        if (partner && !order_is_working(partner))
            partner = NULL;
        if ((partner && partner->id < last) || /* done with that one */
            (held_rests(order) && (!partner || held_rests(partner))) != resting)
            continue;
        most = covered(order);
        if (partner && covered(partner) > most)
            most = covered(partner);
        if (most > qty)
            most = qty;
        qty -= most;
        held_take_off(engine, order, most, why);
        if (partner)
            held_take_off(engine, partner, most, why);
    }
    return qty;
}

/* One that works may fill it once more, and the other of its pair is for that, too. */
static void guard_again(struct engine *engine, const struct order *exit, turret_qty qty)
{
    struct order *partner = held_partner(engine, exit);
    const struct order *entry = order_table_find(engine->orders, exit->parent);
    bool works = order_is_working(exit);
    if (works && partner && partner->state == TURRET_STATE_HELD) {
        held_enlarge(engine, partner, qty);
    } else if (!works || exit->unwanted == HELD_UNWANTED) { /* it is being cancelled */
        if (entry)
            held_bracket(engine, entry, qty, engine->instruments[exit->instrument].mark);
    }
}

void held_taken_back(struct engine *engine, const struct fill *fill, turret_qty qty)
{
    const struct order *order = order_table_find(engine->orders, fill->order_id);
    struct strategy *strategy;
    uint64_t entry;
    if (fill->strategy >= engine->strategy_count)
        return;
    strategy = &engine->strategies[fill->strategy];
    protection_filled(engine, strategy, fill->instrument);
    if (!strategy_position(engine, strategy, fill->instrument))
        return; /* its strategy has left the instrument */
    entry = order && order->role == ORDER_SLICE ? order->parent : fill->order_id;
    if (qty > 0 && order && order->role == ORDER_EXIT)
        guard_again(engine, order, qty);
    else
        (void)lessen(engine, entry, lessen(engine, entry, qty, true), false);
    held_fit_exits(engine, fill->strategy, fill->instrument);
}
