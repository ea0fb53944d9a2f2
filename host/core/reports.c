/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What venues report about orders, and the only place where an order changes state. The venue's
 * word wins; a difference is told, never overwritten in silence.
 */
#include "core/held.h"

#include <string.h>

#define NOT_FOUNDS_NEEDED 3

static struct position *account_position(struct engine *engine, const struct order *order)
{
    return &engine->positions[engine->instruments[order->instrument].account_position];
}

static void reserve(struct position *position, uint8_t side, turret_qty change)
{
    /* chosen by address: which side it is cannot be guessed */
    turret_qty *open = side == TURRET_SIDE_BUY ? &position->open_buy : &position->open_sell;
    *open += change;
}

void order_reserve(struct engine *engine, const struct order *order, int sign)
{
    turret_qty change = order_leaves(order) * sign;
    if (order->held & HELD_EXEMPT)
        return; /* it only closes, and nothing of it is sent */
    if (order->role == ORDER_SLICE)
        held_share(engine, order, sign);
    reserve(account_position(engine, order), order->side, change);
    if (order->strategy < engine->strategy_count) {
        struct position *own =
            strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
        if (own)
            reserve(own, order->side, change);
    }
}

void order_count(struct engine *engine, const struct order *order, int sign)
{
    uint32_t step = (uint32_t)sign; /* unsigned wrap-around subtracts */
    engine->venues[order->venue].working += step;
    engine->account_open_orders[engine->instruments[order->instrument].account] += step;
    if (order->strategy < engine->strategy_count)
        engine->strategies[order->strategy].open_orders += step;
    order_reserve(engine, order, sign);
}

/* Its row, and its strategy. */
static void tell(struct engine *engine, const struct order *order)
{
    if (engine->sink.order)
        engine->sink.order(engine->sink.context, order);
    strategy_told_order(engine, order);
}

void order_publish(struct engine *engine, const struct order *order)
{
    gap_returned(engine, order);
    tell(engine, order);
}

bool order_change(struct engine *engine, struct order *order, uint8_t state, const char *why)
{
    bool was = order_is_working(order);
    uint8_t before = order->state;
    uint32_t *unknown = &engine->venues[order->venue].unknown;
    if (!order_move(order, state)) {
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "order %llu: the venue says %s, but it is %s here; left as it is",
                      (unsigned long long)order->id, order_state_name(state),
                      order_state_name(before));
        return false;
    }
    if (was && !order_is_working(order))
        order_count(engine, order, -1);
    else if (!was && order_is_working(order))
        order_count(engine, order, 1);
    *unknown -= before == TURRET_STATE_UNKNOWN;
    *unknown += state == TURRET_STATE_UNKNOWN;
    if (before != state) {
        order->queries = 0;
        order->missed_s = 0;
        if (before == TURRET_STATE_UNKNOWN)
            reconcile_order_known(engine, order);
    }
    order->updated = engine->now;
    if (why && *why)
        order_explain(order, why);
    if (order_is_terminal(order)) {
        order->request = TURRET_REQUEST_NONE;
        order->ending = 0;
        if (order->state != TURRET_STATE_FILLED)
            intent_forget_target(engine, order);
    }
    order_publish(engine, order);
    if (order_is_terminal(order))
        held_ended(engine, order);
    return true;
}

static void refused(struct engine *engine, struct order *order, const char *why)
{
    const uint32_t strategy = order->strategy; /* its slot may be given away below */
    order->seen |= ORDER_SEEN_REFUSED;
    if (order_change(engine, order, TURRET_STATE_REJECTED, why))
        post_trade_refused(engine, strategy);
}

/* ---- answers to requests ---- */

static void ack_submit(struct engine *engine, struct order *order,
                       const struct turret_report_ack *ack)
{
    if (ack->venue_order_id[0]) {
        order->seen |= ORDER_SEEN_AT_VENUE;
        memcpy(order->venue_order_id, ack->venue_order_id, sizeof order->venue_order_id);
    }
    switch (ack->outcome) {
    case TURRET_OUTCOME_OK:
        order->seen |= ORDER_SEEN_AT_VENUE;
        if (order->state == TURRET_STATE_SENT || order->state == TURRET_STATE_UNKNOWN)
            (void)order_change(engine, order, TURRET_STATE_ACCEPTED, ack->reason);
        break;
    case TURRET_OUTCOME_REJECTED:
        if (order->state == TURRET_STATE_SENT ||
            (order->state == TURRET_STATE_UNKNOWN && !order_was_there(order)))
            refused(engine, order, ack->reason);
        else if (order_is_working(order))
            engine_command(engine, COMMAND_QUERY, order); /* it was accepted before: which is it? */
        break;
    default:
        if (order->state == TURRET_STATE_SENT) {
            (void)order_change(engine, order, TURRET_STATE_UNKNOWN, ack->reason);
            engine_command(engine, COMMAND_QUERY, order);
        }
        break;
    }
}

/*
 * The venue does not know it. It never arrived only when that was said three times after its
 * deadline, by the venue's own time, nothing filled, and the venue's position agreed after that;
 * and never when the venue had told of it before.
 */
static void ack_not_found(struct engine *engine, struct order *order)
{
    if (order->state == TURRET_STATE_SENT)
        (void)order_change(engine, order, TURRET_STATE_UNKNOWN, "not found");
    if (order->state == TURRET_STATE_UNKNOWN)
        absence_begin(engine, order);
    if (!order_is_working(order) || engine->now <= order->deadline ||
        !absence_counts(engine, order))
        return; /* it may still be on its way: not counted */
    if (order->queries < UINT8_MAX)
        order->queries++;
    if (order->queries < NOT_FOUNDS_NEEDED)
        return;
    if (order->state != TURRET_STATE_UNKNOWN)
        (void)order_change(engine, order, TURRET_STATE_UNKNOWN, "the venue does not find it");
    else if (order_was_there(order))
        reconcile_order(engine, order, "the venue had it, and does not find it");
    else if (reconcile_proves_absence(engine, order))
        (void)order_change(engine, order, TURRET_STATE_REJECTED, "never arrived");
}

/* The quantity the venue works with is known again. */
static void end_modify(struct engine *engine, struct order *order)
{
    bool working = order_is_working(order);
    if (working)
        order_reserve(engine, order, -1);
    order->pending_qty = 0;
    if (working)
        order_reserve(engine, order, 1);
    held_not_less(engine, order);
}

static void ack_change(struct engine *engine, struct order *order,
                       const struct turret_report_ack *ack)
{
    if (ack->kind == TURRET_REQUEST_MODIFY && ack->outcome == TURRET_OUTCOME_REJECTED &&
        order->pending_qty &&
        (order->request != TURRET_REQUEST_PENDING_MODIFY || ack->request == order->request_version))
        end_modify(engine, order); /* also when a cancel has followed it, but no other change */
    if (ack->request != order->request_version || order->request == TURRET_REQUEST_NONE)
        return; /* answers an older request */
    if (ack->kind == TURRET_REQUEST_CANCEL && ack->outcome == TURRET_OUTCOME_UNKNOWN &&
        order_is_working(order)) { /* it stays asked for, until the venue says where it stands */
        order->cancel_lost = 1;
        engine_command(engine, COMMAND_QUERY, order);
        return;
    }
    if (ack->outcome == TURRET_OUTCOME_OK)
        order->seen |= ORDER_SEEN_AT_VENUE;
    else if (order->let_go == ORDER_LET_GO)
        order->let_go = 0; /* should it end after this, nobody asked for it */
    order->request = TURRET_REQUEST_NONE;
    order->cancel_lost = 0;
    order->updated = engine->now;
    order_explain(order, ack->reason);
    order_publish(engine, order);
    if (order_is_working(order) &&
        (ack->outcome != TURRET_OUTCOME_OK || /* "too late" may mean filled: ask */
         (order->pending_qty && !(engine->venues[order->venue].caps.can & TURRET_CAN_SIMULATE))))
        engine_command(engine, COMMAND_QUERY, order); /* what does it work with now? */
}

/* Whether it is about an order that the host holds, which no venue has: that is not believed. */
static bool is_of_held(struct engine *engine, const struct order *order)
{
    if (order->state != TURRET_STATE_HELD)
        return false;
    engine_notice(engine, NOTICE_ALARM, order->strategy,
                  "%s tells of order %llu, which the host holds and did not send; the report was "
                  "not used, look there",
                  engine->venues[order->venue].name, (unsigned long long)order->id);
    return true;
}

static void on_ack(struct engine *engine, const struct event *event)
{
    const struct turret_report_ack *ack = &event->u.ack;
    struct order *order = order_table_find(engine->orders, ack->order_id);
    if (!order || order->venue != event->venue) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "an answer for order %llu, which is not known",
                      (unsigned long long)ack->order_id);
        return;
    }
    if (is_of_held(engine, order))
        return;
    if (ack->outcome == TURRET_OUTCOME_NOT_FOUND)
        ack_not_found(engine, order);
    else if (ack->kind == TURRET_REQUEST_SUBMIT)
        ack_submit(engine, order, ack);
    else if (ack->kind != TURRET_REQUEST_QUERY)
        ack_change(engine, order, ack);
}

/* ---- orders as the venue has them ---- */

/* Foreign orders get ids of their own: the top bit and a hash of the venue's id. */
uint64_t order_foreign_id(uint16_t venue, const char *venue_order_id)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ venue;
    while (*venue_order_id)
        hash = (hash ^ (uint8_t)*venue_order_id++) * UINT64_C(1099511628211);
    return hash | UINT64_C(1) << 63;
}

struct order *order_reported(struct engine *engine, uint16_t venue, uint64_t order_id,
                             const char *venue_order_id)
{
    return order_table_find(engine->orders,
                            order_id ? order_id : order_foreign_id(venue, venue_order_id));
}

static struct order *adopt(struct engine *engine, const struct event *event)
{
    const struct turret_report_order *report = &event->u.order;
    bool ours = report->order_id != 0 && report->order_id < UINT64_C(1) << 62;
    uint64_t id = ours ? report->order_id : order_foreign_id(event->venue, report->venue_order_id);
    struct order *order = order_table_find(engine->orders, id);
    if (order)
        return order;
    if (report->instrument == 0 || report->instrument > engine->instrument_count ||
        engine->instruments[report->instrument].venue != event->venue || report->qty <= 0 ||
        (report->state >= TURRET_STATE_FILLED && report->state < TURRET_STATE_UNKNOWN))
        return NULL; /* what ended may not fill any more */
    order = order_table_add(engine->orders, id);
    if (!order)
        return NULL;
    if (ours && id >= engine->next_order_id)
        engine->next_order_id = id + 1; /* it was given once: never again */
    order->instrument = report->instrument;
    order->venue = event->venue;
    order->strategy = ORDER_NO_STRATEGY;
    order->side = report->side == TURRET_SIDE_SELL ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    order->type = report->type;
    order->tif = report->tif;
    order->qty = report->qty;
    order->limit_price = report->limit_price;
    order->stop_price = report->stop_price;
    order->created = engine->now;
    (void)snprintf(order->reason, sizeof order->reason, "not this host's");
    memcpy(order->venue_order_id, report->venue_order_id, sizeof order->venue_order_id);
    executions_sum(&engine->executions, order); /* heard of before the order itself */
    (void)order_move(order, TURRET_STATE_SENT);
    order_count(engine, order, 1);
    engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                  "venue %s has order %s, which is not this host's: counted, left alone",
                  engine->venues[event->venue].name, report->venue_order_id);
    return order;
}

/*
 * Whether a change asked for is over, one way or the other. Until its deadline it may be on its way
 * and arrive after what the venue says now, unless the venue refuses it.
 */
static bool ends_change(const struct engine *engine, const struct order *order,
                        const struct turret_report_order *report)
{
    if (report->qty == order->pending_qty)
        return true;
    return order->request == TURRET_REQUEST_NONE &&
           ((engine->venues[order->venue].caps.can & TURRET_CAN_SIMULATE) ||
            (report->snapshot && engine->now > order->deadline));
}

/* News that newer ones have overtaken. A venue may count anew with its download. */
static bool is_older(const struct engine *engine, const struct order *order,
                     const struct turret_report_order *report)
{
    return report->venue_sequence != 0 && report->venue_sequence < order->venue_sequence &&
           !(report->snapshot && engine->venues[order->venue].downloading);
}

static void take_sequence(const struct engine *engine, struct order *order,
                          const struct turret_report_order *report)
{
    if (report->venue_sequence || (report->snapshot && engine->venues[order->venue].downloading))
        order->venue_sequence = report->venue_sequence;
}

/* Quantity and prices a working order has at the venue. False: as they were. */
static bool take_terms(struct engine *engine, struct order *order,
                       const struct turret_report_order *report)
{
    bool ends, taken, moved;
    if (is_older(engine, order, report))
        return false;
    take_sequence(engine, order, report);
    moved = order->limit_price != report->limit_price || order->stop_price != report->stop_price;
    order->limit_price = report->limit_price;
    order->stop_price = report->stop_price;
    if (order->qty == report->qty && order->pending_qty == 0)
        return moved; /* what is reserved stays */
    order_reserve(engine, order, -1);
    order->qty = report->qty;
    ends = ends_change(engine, order, report);
    taken = ends && report->qty == order->pending_qty;
    if (ends)
        order->pending_qty = 0;
    order_reserve(engine, order, 1);
    if (taken && order->unwanted == HELD_UNWANTED_PART)
        order->unwanted = 0;
    else if (taken)
        held_changed(order);
    else if (ends)
        held_not_less(engine, order);
    return true;
}

/* It ended with fills that came before the venue said with which terms: its own stand. */
static void take_last_terms(struct engine *engine, struct order *order,
                            const struct turret_report_order *report)
{
    if (report->qty <= 0 || report->state != order->state ||
        report->filled_qty != order->filled_qty ||
        (order->qty == report->qty && order->limit_price == report->limit_price &&
         order->stop_price == report->stop_price))
        return;
    order->qty = report->qty;
    order->limit_price = report->limit_price;
    order->stop_price = report->stop_price;
    order->pending_qty = 0;
    if (engine->sink.order)
        engine->sink.order(engine->sink.context, order); /* its strategy has heard of the end */
}

/* What ended here may not work there: asked once more, for the answer may be older news. */
static void ended_here(struct engine *engine, struct order *order,
                       const struct turret_report_order *report)
{
    bool works = report->state < TURRET_STATE_FILLED || report->state == TURRET_STATE_UNKNOWN;
    if (!works || report->filled_qty >= order->qty) {
        order->queries = 0;
        reconcile_order_known(engine, order);
    } else if (order->queries++ == 0) {
        engine_command(engine, COMMAND_QUERY, order);
    } else {
        order->queries = 1;
        reconcile_order(engine, order, "it works at the venue and has ended here");
        engine_notice(engine, NOTICE_ALARM, order->strategy,
                      "order %llu is %s here and works at the venue; cancel it there",
                      (unsigned long long)order->id, order_state_name(order->state));
    }
}

/* False: it stays what it is. */
static bool take_state(struct engine *engine, struct order *order,
                       const struct turret_report_order *report)
{
    const bool ran_out = report->state == TURRET_STATE_CANCELED && held_ran_out(order);
    const char *why = ran_out ? HELD_RAN_OUT : report->reason;
    uint8_t state = ran_out ? TURRET_STATE_EXPIRED : report->state; /* by the host's cancel */
    if (report->filled_qty > order->filled_qty) {
        if (order_is_working(order) &&
            (state == TURRET_STATE_CANCELED || state == TURRET_STATE_EXPIRED))
            order->ending = state;
        return false; /* fills we have not heard of yet: they move it, not this */
    }
    if (state == TURRET_STATE_ACCEPTED && order->filled_qty)
        state = TURRET_STATE_PARTIAL;
    if (state == TURRET_STATE_FILLED && order->filled_qty < order->qty &&
        (!report->snapshot || report->filled_qty != order->filled_qty))
        return false; /* fills are to come; without any a part was taken back after it was full */
    if (state == order->state || order_is_terminal(order))
        return false; /* nothing new, or older news */
    if (state == TURRET_STATE_REJECTED)
        refused(engine, order, report->reason);
    else
        (void)order_change(engine, order, state, why);
    return true;
}

static void on_order(struct engine *engine, const struct event *event)
{
    const struct turret_report_order *report = &event->u.order;
    struct order *order = order_table_find(engine->orders, report->order_id);
    uint8_t state = report->state;
    bool moved = false;
    if (report->qty > ORDER_QTY_MAX || report->filled_qty < 0 || state < TURRET_STATE_ACCEPTED ||
        state > TURRET_STATE_UNKNOWN) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "order %s at %s has an absurd quantity or state; the report was not used",
                      report->venue_order_id, engine->venues[event->venue].name);
        return;
    }
    if (!order)
        order = adopt(engine, event);
    if (!order || order->venue != event->venue || is_of_held(engine, order))
        return;
    if (order_is_terminal(order))
        take_last_terms(engine, order, report);
    if (report->snapshot) {
        order->seen |= ORDER_SEEN_IN_DOWNLOAD;
        if (order_is_terminal(order)) {
            ended_here(engine, order, report);
            return;
        }
        order->queries = 0;
        if (state < TURRET_STATE_FILLED && !engine->venues[event->venue].downloading &&
            order_cancel_is_lost(order, engine->now))
            order_cancel_again(engine, order);
    }
    if (state != TURRET_STATE_UNKNOWN)
        order->seen |= ORDER_SEEN_AT_VENUE;
    if (report->venue_order_id[0])
        memcpy(order->venue_order_id, report->venue_order_id, sizeof order->venue_order_id);
    if (is_older(engine, order, report) && !report->snapshot)
        return;
    if (order_is_working(order) && report->qty > 0)
        moved = take_terms(engine, order, report);
    if (!take_state(engine, order, report) && moved)
        tell(engine, order); /* what it was made smaller by its venue is still out */
}

bool report_event(struct engine *engine, struct event *event)
{
    if (event->venue >= engine->venue_count ||
        (event->type == EVENT_FILL && !fill_check(engine, event)))
        return false;
    absence_hear(engine, event);
    engine_record(engine, event);
    switch (event->type) {
    case EVENT_ACK:
        on_ack(engine, event);
        break;
    case EVENT_ORDER:
        on_order(engine, event);
        break;
    case EVENT_FILL:
        fill_event(engine, event);
        break;
    case EVENT_BUST:
        bust_event(engine, event);
        break;
    case EVENT_POSITION:
        reconcile_position(engine, event);
        break;
    case EVENT_BALANCE:
        reconcile_balance(engine, event);
        break;
    case EVENT_DOWNLOAD:
        download_event(engine, event);
        break;
    case EVENT_STREAM:
        stream_event(engine, event);
        break;
    default:
        break; /* limits and gaps are journaled; policies come with them */
    }
    return true;
}
