/* SPDX-License-Identifier: Apache-2.0 */
/* Fills into the books, each exactly once; and executions that the venue takes back. */
#include "core/held.h"
#include "core/risk_stops.h"

#include <string.h>

static bool fill_value(const struct instrument *instrument, uint8_t side, turret_qty qty,
                       turret_price price, turret_money *value)
{
    if (side == TURRET_SIDE_SELL)
        return money_value(&instrument->rate, qty, price, value);
    if (!money_value(&instrument->rate, -qty, price, value)) /* rounds a cost up */
        return false;
    *value = -*value;
    return true;
}

/* Cash and value move together, so that no dip is seen between them. */
static void book(struct engine *engine, struct position *position, turret_money cash_change)
{
    const struct instrument *instrument = &engine->instruments[position->instrument];
    struct equity *equity = position->strategy == POSITION_OF_ACCOUNT
                                ? &engine->accounts[position->account].equity
                                : &engine->strategies[position->strategy].equity;
    turret_money value = position->value, change;
    if (!money_value(&instrument->rate, position->qty, instrument->mark, &value) ||
        !amount_fits(value, &value))
        value = position->value;
    change = money_clamped((money_wide)cash_change + value - position->value);
    position->value = value;
    if (equity_move(equity, change))
        risk_lowered(engine, position);
    if (engine->sink.position)
        engine->sink.position(engine->sink.context, position);
}

static bool apply_to(struct engine *engine, struct position *position, const struct fill *fill,
                     turret_money *realised)
{
    turret_qty before = position->qty;
    turret_qty qty = fill->side == TURRET_SIDE_BUY ? fill->qty : -fill->qty;
    turret_money cash = (fill->side == TURRET_SIDE_BUY ? -fill->value : fill->value) - fill->fee;
    bool undone; /* as if it had never been: nothing was won or lost */
    if (!position_fill(position, qty, fill->value, realised))
        return false;
    undone = fill->busted && position->trade_profit + (money_wide)*realised - fill->fee == 0;
    position_fee(position, fill->fee, *realised,
                 before != 0 && !undone &&
                     (position->qty == 0 || (position->qty > 0) != (before > 0)));
    book(engine, position, cash);
    return true;
}

/* Cash and fees of the account after it. */
static bool is_payable(const struct account *account, const struct fill *fill)
{
    money_wide paid = fill->side == TURRET_SIDE_BUY ? -(money_wide)fill->value : fill->value;
    turret_money ignored;
    return amount_fits(account->cash + paid - fill->fee, &ignored) &&
           amount_fits((money_wide)account->fees + fill->fee, &ignored);
}

static bool apply_fill(struct engine *engine, struct fill *fill)
{
    struct instrument *instrument = &engine->instruments[fill->instrument];
    struct account *account = &engine->accounts[instrument->account];
    struct position *own = NULL;
    turret_money ignored;
    if (instrument->mark == 0)
        instrument->mark = fill->price;
    if (!is_payable(account, fill) ||
        !apply_to(engine, &engine->positions[instrument->account_position], fill,
                  &fill->realised)) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "execution %s does not fit 64-bit money and is not booked: halt and check",
                      fill->execution_id);
        trading_halt(engine, "an execution does not fit 64-bit money");
        return false;
    }
    if (fill->strategy < engine->strategy_count)
        own = strategy_position(engine, &engine->strategies[fill->strategy], fill->instrument);
    if (own) {
        uint64_t trades = own->trades, wins = own->wins;
        turret_money before = own->trade_profit;
        ignored = 0; /* does not fit: not booked */
        (void)apply_to(engine, own, fill, &ignored);
        if (own->trades != trades) {
            risk_trade_ended(engine, &engine->strategies[fill->strategy], own->wins != wins);
            sizing_trade_ended(&engine->strategies[fill->strategy], before + ignored - fill->fee);
        }
    }
    account->cash += (fill->side == TURRET_SIDE_BUY ? -fill->value : fill->value) - fill->fee;
    account->fees += fill->fee;
    account->realised = amount_clamped((money_wide)account->realised + fill->realised);
    executions_add(&engine->executions, fill);
    if (engine->sink.fill)
        engine->sink.fill(engine->sink.context, fill);
    if (engine->sink.cash)
        engine->sink.cash(engine->sink.context, account);
    return true;
}

static void order_filled(struct engine *engine, struct order *order, const struct fill *fill,
                         turret_qty replaced)
{
    bool working = order_is_working(order);
    uint8_t state = order->state;
    order->seen |= ORDER_SEEN_AT_VENUE;
    if (working)
        order_reserve(engine, order, -1);
    order_add_filled(order, fill->qty);
    money_add(&order->filled_value, fill->value);
    money_add(&order->fees, fill->fee);
    held_slice_filled(engine, order, fill->qty, fill->value, fill->fee);
    if (working)
        order_reserve(engine, order, 1);
    else if (order->state != TURRET_STATE_FILLED)
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "order %llu was %s and filled %s after that; booked",
                      (unsigned long long)order->id, order_state_name(order->state),
                      market_qty_text(engine, order->instrument, fill->qty).text);
    if (order->filled_qty > order->qty && order->filled_qty <= order->pending_qty) {
        order->qty = order->pending_qty; /* what it was changed to, before that was said */
        held_changed(order);
    }
    if (order->filled_qty > order->qty)
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "order %llu filled %s of %s: more than asked for; booked",
                      (unsigned long long)order->id,
                      market_qty_text(engine, order->instrument, order->filled_qty).text,
                      market_qty_text(engine, order->instrument, order->qty).text);
    if (order->filled_qty >= order->qty && order_leaves(order) == 0) /* not if it may grow */
        state = TURRET_STATE_FILLED;
    else if (working || state == TURRET_STATE_REJECTED)
        state = TURRET_STATE_PARTIAL;
    if (!order_change(engine, order, state, NULL))
        order_publish(engine, order); /* what was never sent stays what it was, and has filled */
    if (!working)
        held_works_again(engine, order);
    if (order->ending) /* was this the last of them? */
        engine_command(engine, COMMAND_QUERY, order);
    held_filled(engine, order, fill, replaced);
}

static bool is_sane(const struct engine *engine, const struct event *event)
{
    const struct turret_report_fill *report = &event->u.fill;
    return report->instrument >= 1 && report->instrument <= engine->instrument_count &&
           engine->instruments[report->instrument].venue == event->venue && report->qty > 0 &&
           report->qty <= ORDER_QTY_MAX && report->price > 0 && report->price <= PRICE_MAX &&
           report->execution_id[0] && report->fee > -FEE_MAX && report->fee < FEE_MAX &&
           (report->side == TURRET_SIDE_BUY || report->side == TURRET_SIDE_SELL);
}

bool fill_check(struct engine *engine, const struct event *event)
{
    if (is_sane(engine, event))
        return true;
    engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                  "a fill (execution %.39s) that makes no sense was not booked",
                  event->u.fill.execution_id);
    return false;
}

/* It was taken back before it came. */
static void take_early_bust(struct engine *engine, const struct event *event,
                            const struct fill *fill)
{
    struct event bust = *event;
    if (fill->by_host ||
        !reconcile_take_bust(engine, fill->venue, fill->execution_id, &bust.u.bust))
        return;
    bust.type = EVENT_BUST;
    bust_event(engine, &bust);
}

/* What a venue says of executions is its word: it may name an order they cannot be of. */
static bool may_be_of(const struct order *order, uint32_t venue, turret_instrument instrument,
                      uint8_t side)
{
    return order->venue == venue && order->instrument == instrument && order->side == side;
}

/* Whether it is booked. `was`: in whose place it stands, NULL in nobody's. */
static bool take_fill(struct engine *engine, const struct event *event, const struct fill *was,
                      bool by_host)
{
    const struct turret_report_fill *report = &event->u.fill;
    struct order *order =
        order_reported(engine, event->venue, report->order_id, report->venue_order_id);
    struct fill fill;
    bool known;
    if (order && !may_be_of(order, event->venue, report->instrument, report->side)) {
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "execution %s names order %llu, which is another instrument or side",
                      report->execution_id, (unsigned long long)order->id);
        order = NULL;
    }
    memset(&fill, 0, sizeof fill);
    fill.order_id = order ? order->id : report->order_id;
    if (fill.order_id == 0 && report->venue_order_id[0]) /* the order may be told of later */
        fill.order_id = order_foreign_id(event->venue, report->venue_order_id);
    fill.instrument = report->instrument;
    fill.strategy = order ? order->strategy : was ? was->strategy : ORDER_NO_STRATEGY;
    fill.venue = event->venue;
    fill.side = report->side;
    fill.maker = report->maker;
    fill.by_host = by_host;
    fill.qty = report->qty;
    fill.price = report->price;
    fill.fee = report->fee;
    fill.time = event->time;
    memcpy(fill.execution_id, report->execution_id, sizeof fill.execution_id);
    if (!fill_value(&engine->instruments[fill.instrument], fill.side, fill.qty, fill.price,
                    &fill.value)) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "execution %s: quantity × price does not fit; halted", fill.execution_id);
        trading_halt(engine, "an execution does not fit 64-bit money");
        return false;
    }
    fill.id = engine->next_fill_id++;
    known = order || fill.strategy < engine->strategy_count;
    if (!known)
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "execution %s is of an order this host does not know; booked to the account",
                      fill.execution_id);
    if (!apply_fill(engine, &fill))
        return false;
    post_trade_filled(engine, order, &fill);
    if (order)
        order_filled(engine, order, &fill, was ? was->qty : 0);
    else if (was) /* its order is forgotten */
        held_taken_back(engine, was, fill.qty < was->qty ? was->qty - fill.qty : 0);
    if (fill.strategy < engine->strategy_count)
        risk_executed(engine, &engine->strategies[fill.strategy]);
    if (!known)
        reconcile_foreign_fill(engine, &fill);
    strategy_told_fill(engine, &fill);
    take_early_bust(engine, event, &fill);
    return true;
}

void fill_event(struct engine *engine, const struct event *event)
{
    if (!executions_find(&engine->executions, event->venue, event->u.fill.execution_id))
        (void)take_fill(engine, event, NULL, false); /* else heard before */
}

/* ---- executions that are taken back ---- */

static bool corrects(const struct turret_report_bust *report)
{
    return report->corrected_qty > 0 && report->new_execution_id[0];
}

/* Books what stands in place of an execution that was taken back. Answers what that one is then. */
static uint8_t put_correction(struct engine *engine, const struct event *event,
                              const struct fill *was, uint64_t reverse_id)
{
    const struct turret_report_bust *report = &event->u.bust;
    struct event again = *event;
    struct turret_report_fill corrected;
    bool keeps_id = false;
    if (!corrects(report))
        return FILL_BUSTED;
    memset(&corrected, 0, sizeof corrected);
    corrected.order_id = was->order_id;
    corrected.instrument = was->instrument;
    corrected.side = was->side;
    corrected.qty = report->corrected_qty;
    corrected.price = report->corrected_price;
    corrected.fee = was->fee;
    memcpy(corrected.execution_id, report->new_execution_id, sizeof corrected.execution_id);
    if (executions_find(&engine->executions, event->venue, corrected.execution_id)) {
        if (strcmp(report->new_execution_id, report->execution_id) != 0)
            return FILL_TOLD_APART;
        keeps_id = true;
        (void)snprintf(corrected.execution_id, sizeof corrected.execution_id, "corrected-%llu",
                       (unsigned long long)reverse_id);
    }
    again.u.fill = corrected;
    return fill_check(engine, &again) && take_fill(engine, &again, was, keeps_id) ? FILL_CORRECTED
                                                                                  : FILL_BUSTED;
}

/* Off the order's numbers. */
static void order_unfilled(struct engine *engine, struct order *order, const struct fill *was)
{
    bool working = order_is_working(order);
    if (working)
        order_reserve(engine, order, -1);
    order->filled_qty -= was->qty < order->filled_qty ? was->qty : order->filled_qty;
    money_add(&order->filled_value, -was->value);
    money_add(&order->fees, -was->fee);
    held_slice_filled(engine, order, -was->qty, -was->value, -was->fee);
    if (working)
        order_reserve(engine, order, 1);
    else if (order->parent)
        order->whole = 0; /* what it had closed gets other exits, and no follower of its own */
    order_publish(engine, order);
}

/* It is not met any more, whichever order did it: said again it is a new one. An exit ends none. */
static void forget_wish(struct engine *engine, const struct fill *was)
{
    const struct order wished = {
        .by_target = 1, .strategy = was->strategy, .instrument = was->instrument};
    intent_forget_target(engine, &wished);
}

static const struct position *position_of(struct engine *engine, const struct fill *fill)
{
    return fill->strategy < engine->strategy_count
               ? strategy_position(engine, &engine->strategies[fill->strategy], fill->instrument)
               : NULL;
}

/* `before`: what its strategy held. More than that, or the other way round, wants a stop. */
static void tell_taken_back(struct engine *engine, const char *execution_id, const struct fill *was,
                            turret_qty before)
{
    const struct position *own = position_of(engine, was);
    bool opened = own && (own->qty > 0 ? own->qty > before : own->qty < before);
    turret_qty open = opened ? held_unguarded(engine, own) : 0;
    char text[MONEY_TEXT_MAX + 64] = "";
    if (open > 0)
        (void)snprintf(text, sizeof text, "; %s of the position are open, and no stop guards them",
                       market_qty_text(engine, was->instrument, open).text);
    engine_notice(engine, NOTICE_ALARM, was->strategy, "execution %s was taken back by the venue%s",
                  execution_id, text);
}

/* Of before a split, and less than one unit now: what it is of the position, nobody can say. */
static void leave_to_a_person(struct engine *engine, const char *execution_id,
                              const struct fill *was)
{
    engine_notice(engine, NOTICE_ALARM, was->strategy,
                  "the venue takes back execution %s, which a split made less than one unit; that "
                  "is not booked: check by hand",
                  execution_id);
}

static void take_back(struct engine *engine, const struct event *event, struct fill *found)
{
    const struct fill was = *found; /* its place may be given to what takes it back */
    const struct position *own = position_of(engine, &was);
    turret_qty before = own ? own->qty : 0;
    struct order *order = order_table_find(engine->orders, was.order_id);
    struct fill reverse = was;
    bool exits = false;
    uint8_t how;
    found->busted = FILL_BUSTED;
    if (was.qty == 0) {
        leave_to_a_person(engine, event->u.bust.execution_id, &was);
        return;
    }
    if (engine->sink.fill) /* its row says so too */
        engine->sink.fill(engine->sink.context, found);
    reverse.busted = FILL_BUSTED;
    reverse.by_host = 1;
    reverse.side = was.side == TURRET_SIDE_BUY ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    reverse.fee = -was.fee;
    reverse.id = engine->next_fill_id++;
    reverse.time = event->time;
    memset(reverse.execution_id, 0, sizeof reverse.execution_id);
    (void)snprintf(reverse.execution_id, sizeof reverse.execution_id, "busted-%llu",
                   (unsigned long long)was.id);
    if (!apply_fill(engine, &reverse))
        return;
    if (order && may_be_of(order, event->venue, was.instrument, was.side)) {
        exits = order->role == ORDER_EXIT; /* its slot may be given away below */
        order_unfilled(engine, order, &was);
    }
    how = put_correction(engine, event, &was, reverse.id);
    if (found->id == was.id)
        found->busted = how;
    if (how != FILL_CORRECTED)
        held_taken_back(engine, &was, was.qty);
    if (!exits && (how != FILL_CORRECTED || event->u.bust.corrected_qty != was.qty))
        forget_wish(engine, &was);
    tell_taken_back(engine, event->u.bust.execution_id, &was, before);
}

/* ---- and once more ---- */

/* Whether there was a split since: it changes what was filled, not its price nor its value. */
static bool units_changed(const struct engine *engine, const struct fill *fill)
{
    turret_money value;
    return !fill_value(&engine->instruments[fill->instrument], fill->side, fill->qty, fill->price,
                       &value) ||
           value != fill->value;
}

/* In the units in which it was filled. */
static bool says(const struct engine *engine, const struct turret_report_bust *report,
                 const struct fill *fill)
{
    turret_money value;
    if (fill->price != report->corrected_price)
        return false;
    if (fill->qty == report->corrected_qty)
        return true;
    return units_changed(engine, fill) &&
           fill_value(&engine->instruments[fill->instrument], fill->side, report->corrected_qty,
                      report->corrected_price, &value) &&
           value == fill->value;
}

static void doubt(struct engine *engine, const struct turret_report_bust *report,
                  const struct fill *found)
{
    const struct turret_instrument_def *def = &engine->instruments[found->instrument].def;
    char price[MONEY_TEXT_MAX], now[2 * MONEY_TEXT_MAX + 8] = "nothing";
    money_format(report->corrected_price, def->price_scale, price, sizeof price);
    if (corrects(report))
        (void)snprintf(now, sizeof now, "%s at %s",
                       market_qty_text(engine, found->instrument, report->corrected_qty).text,
                       price);
    engine_notice(engine, NOTICE_ALARM, found->strategy,
                  "execution %s, %s, is now said to be %s; that is not booked: check by hand",
                  report->execution_id,
                  found->busted ? "which was taken back" : "which is of before a split", now);
}

/* Of one that was taken back: a repetition, or news of what stands there. What was said under the
   same id before the last news may be either. */
static void bust_again(struct engine *engine, const struct event *event, struct fill *found)
{
    const struct turret_report_bust *report = &event->u.bust;
    const struct fill *named = corrects(report) ? executions_find(&engine->executions, event->venue,
                                                                  report->new_execution_id)
                                                : NULL;
    struct fill *now = found;
    bool before = false;
    if (named && named != found) {
        if (!says(engine, report, named))
            doubt(engine, report, found);
        return;
    }
    while (now && now->busted == FILL_CORRECTED) {
        now = executions_replacement(&engine->executions, now);
        before = before || (named && now && now->busted && says(engine, report, now));
    }
    if (now && !now->busted && corrects(report) && says(engine, report, now))
        return;
    if (!now || now->busted == FILL_TOLD_APART ||
        (corrects(report) && (now->busted || before || units_changed(engine, now))))
        doubt(engine, report, found);
    else if (!now->busted)
        take_back(engine, event, now);
}

void bust_event(struct engine *engine, const struct event *event)
{
    const struct turret_report_bust *report = &event->u.bust;
    struct fill *found = executions_find(&engine->executions, event->venue, report->execution_id);
    if (found && found->busted)
        bust_again(engine, event, found);
    else if (found && corrects(report) && units_changed(engine, found))
        doubt(engine, report, found); /* in units of before it or of now: nobody can say */
    else if (found)
        take_back(engine, event, found);
    else if (!reconcile_keep_bust(engine, event))
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "the venue takes back execution %s, which is not known; check by hand",
                      report->execution_id);
}
