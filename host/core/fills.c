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
    if (!money_value(&instrument->rate, position->qty, instrument->mark, &value))
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
    if (!position_fill(position, qty, fill->value, realised))
        return false;
    position_fee(position, fill->fee, *realised,
                 before != 0 && (position->qty == 0 || (position->qty > 0) != (before > 0)));
    book(engine, position, cash);
    return true;
}

/* Cash and fees of the account after it. */
static bool is_payable(const struct account *account, const struct fill *fill)
{
    money_wide paid = fill->side == TURRET_SIDE_BUY ? -(money_wide)fill->value : fill->value;
    turret_money ignored;
    return money_fits(account->cash + paid - fill->fee, &ignored) &&
           money_fits((money_wide)account->fees + fill->fee, &ignored);
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
    money_add(&account->realised, fill->realised);
    executions_add(&engine->executions, fill);
    if (engine->sink.fill)
        engine->sink.fill(engine->sink.context, fill);
    if (engine->sink.cash)
        engine->sink.cash(engine->sink.context, account);
    return true;
}

static void order_filled(struct engine *engine, struct order *order, const struct fill *fill)
{
    bool working = order_is_working(order);
    uint8_t state = order->state;
    order->seen |= ORDER_SEEN_AT_VENUE;
    if (working)
        order_reserve(engine, order, -1);
    order->filled_qty += fill->qty;
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
    held_filled(engine, order, fill);
}

#define FEE_MAX (INT64_MAX / 65536) /* sums of thousands of them still fit */

static bool is_sane(const struct engine *engine, const struct event *event)
{
    const struct turret_report_fill *report = &event->u.fill;
    return report->instrument >= 1 && report->instrument <= engine->instrument_count &&
           engine->instruments[report->instrument].venue == event->venue && report->qty > 0 &&
           report->price > 0 && report->execution_id[0] && report->fee > -FEE_MAX &&
           report->fee < FEE_MAX &&
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
    if (!reconcile_take_bust(engine, fill->venue, fill->execution_id, &bust.u.bust))
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

void fill_event(struct engine *engine, const struct event *event)
{
    const struct turret_report_fill *report = &event->u.fill;
    struct order *order =
        order_reported(engine, event->venue, report->order_id, report->venue_order_id);
    struct fill fill;
    if (executions_find(&engine->executions, event->venue, report->execution_id))
        return; /* heard before */
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
    fill.strategy = order ? order->strategy : ORDER_NO_STRATEGY;
    fill.venue = event->venue;
    fill.side = report->side;
    fill.maker = report->maker;
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
        return;
    }
    fill.id = engine->next_fill_id++;
    if (!order)
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "execution %s is of an order this host does not know; booked to the account",
                      fill.execution_id);
    if (!apply_fill(engine, &fill))
        return;
    post_trade_filled(engine, order, &fill);
    if (order)
        order_filled(engine, order, &fill);
    if (fill.strategy < engine->strategy_count)
        risk_executed(engine, &engine->strategies[fill.strategy]);
    if (!order)
        reconcile_foreign_fill(engine, &fill);
    strategy_told_fill(engine, &fill);
    take_early_bust(engine, event, &fill);
}

/* What stands in place of an execution that was taken back. */
static void put_correction(struct engine *engine, const struct event *event,
                           const struct fill *reverse)
{
    const struct turret_report_bust *report = &event->u.bust;
    struct event again = *event;
    struct turret_report_fill corrected;
    memset(&corrected, 0, sizeof corrected);
    corrected.order_id = reverse->order_id;
    corrected.instrument = reverse->instrument;
    corrected.side = reverse->side == TURRET_SIDE_BUY ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    corrected.qty = report->corrected_qty;
    corrected.price = report->corrected_price;
    corrected.fee = -reverse->fee;
    memcpy(corrected.execution_id, report->new_execution_id, sizeof corrected.execution_id);
    if (executions_find(&engine->executions, event->venue, corrected.execution_id)) {
        if (strcmp(report->new_execution_id, report->execution_id) != 0)
            return; /* it was told as a fill of its own before */
        (void)snprintf(corrected.execution_id, sizeof corrected.execution_id, "corrected-%llu",
                       (unsigned long long)reverse->id); /* the venue keeps the id */
    }
    again.u.fill = corrected;
    if (fill_check(engine, &again))
        fill_event(engine, &again);
}

void bust_event(struct engine *engine, const struct event *event)
{
    const struct turret_report_bust *report = &event->u.bust;
    struct fill *found = executions_find(&engine->executions, event->venue, report->execution_id);
    struct fill reverse;
    struct order *order;
    if (!found || found->busted) {
        if (!found && !reconcile_keep_bust(engine, event))
            engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                          "the venue takes back execution %s, which is not known; check by hand",
                          report->execution_id);
        return;
    }
    found->busted = 1;
    if (engine->sink.fill) /* its row says so too */
        engine->sink.fill(engine->sink.context, found);
    reverse = *found;
    reverse.side = found->side == TURRET_SIDE_BUY ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    reverse.fee = -found->fee;
    reverse.id = engine->next_fill_id++;
    reverse.time = event->time;
    memset(reverse.execution_id, 0, sizeof reverse.execution_id);
    (void)snprintf(reverse.execution_id, sizeof reverse.execution_id, "busted-%llu",
                   (unsigned long long)found->id);
    if (!apply_fill(engine, &reverse))
        return;
    order = order_table_find(engine->orders, reverse.order_id);
    if (order && may_be_of(order, event->venue, found->instrument, found->side)) {
        bool working = order_is_working(order);
        if (working)
            order_reserve(engine, order, -1);
        order->filled_qty -= reverse.qty < order->filled_qty ? reverse.qty : order->filled_qty;
        money_add(&order->filled_value, -reverse.value);
        money_add(&order->fees, reverse.fee);
        held_slice_filled(engine, order, -reverse.qty, -reverse.value, reverse.fee);
        if (working)
            order_reserve(engine, order, 1);
        order_publish(engine, order);
    }
    engine_notice(engine, NOTICE_ALARM, reverse.strategy,
                  "execution %s was taken back by the venue", report->execution_id);
    if (report->corrected_qty > 0 && report->new_execution_id[0])
        put_correction(engine, event, &reverse);
}
