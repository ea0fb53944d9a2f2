/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kill switch knows of each order. Only the venue's own word ends one: that it has ended;
 * or that there is no such order, of one that was never confirmed and may not arrive any more. That
 * is told by the venue's own time, as in core/absence.c: past the deadline, and as long as an order
 * may take to leave past the first time that it was not found.
 */
#include "session/halt.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_NS          INT64_C(20000000)
#define QUICK_CANCELS     4 /* then only as often as the back-off says */
#define NOT_FOUNDS_NEEDED 3 /* that late; as in core/reports.c */

bool halt_is_settled(const struct halt_order *order)
{
    return order->proof >= HALT_GONE;
}

static struct halt_order *add(struct halt_result *result)
{
    struct halt_order *bigger;
    if (result->count == result->room) {
        uint32_t room = result->room ? 2 * result->room : 1024;
        bigger = realloc(result->orders, room * sizeof *bigger);
        if (!bigger)
            return NULL;
        result->orders = bigger;
        result->room = room;
    }
    memset(&result->orders[result->count], 0, sizeof result->orders[0]);
    result->orders[result->count].proof = HALT_UNPROVEN;
    return &result->orders[result->count++];
}

/* ---- from the store ---- */

struct reading {
    struct halt_result *result;
    const char *venue;
    turret_time_ns newest;
    int status;
};

static void pass_over(struct halt_result *result, uint64_t rows, const char *why)
{
    if (result->unreadable == 0)
        (void)snprintf(result->unreadable_why, sizeof result->unreadable_why, "%.190s", why);
    result->unreadable += rows;
}

static int see_order(void *context, const void *key, size_t key_bytes, uint16_t version,
                     const void *value, size_t value_bytes)
{
    struct reading *reading = context;
    struct halt_order *order;
    struct row_order row;
    char why[80];
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION) {
        (void)snprintf(why, sizeof why, "a row has version %u, this turret knows %u", version,
                       ROWS_VERSION);
        pass_over(reading->result, 1, why);
        return 0;
    }
    if (value_bytes == sizeof row)
        memcpy(&row, value, sizeof row);
    if (value_bytes != sizeof row || !order_is_whole(&row.order)) {
        pass_over(reading->result, 1, "a row is damaged");
        return 0;
    }
    if (row.order.updated > reading->newest)
        reading->newest = row.order.updated;
    if (!order_is_working(&row.order) ||
        (reading->venue && strncmp(reading->venue, row.names.venue, sizeof row.names.venue) != 0) ||
        row.order.strategy == ORDER_NO_STRATEGY)
        return 0;
    order = add(reading->result);
    if (!order) {
        reading->status = TURRET_ENOMEM;
        return 1;
    }
    order->names = row.names;
    order->order = row.order;
    order->stored = true;
    return 0;
}

int halt_read_orders(struct halt_result *result, struct store *store, const char *venue,
                     turret_time_ns *newest, struct turret_error *err)
{
    struct reading reading = {.result = result, .venue = venue};
    struct turret_error why = {0};
    uint64_t damaged = 0;
    int status = store_scan(store, STORE_ORDER, NULL, 0, see_order, &reading, &damaged, &why);
    *newest = reading.newest;
    if (reading.status)
        return turret_fail(err, reading.status, "no memory for the working orders");
    if (status) /* or its end was not reached */
        pass_over(result, damaged > 0 ? damaged : 1, why.text);
    return TURRET_OK;
}

/* ---- from the venues ---- */

/* They lie in the order of their ids, but for those that were added later. */
struct halt_order *halt_find(struct halt_result *result, uint64_t order_id)
{
    uint32_t low = 0, high = result->count, i;
    while (high > 0 && !result->orders[high - 1].stored)
        high--;
    for (i = high; i < result->count; i++)
        if (result->orders[i].order.id == order_id)
            return &result->orders[i];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (result->orders[middle].order.id == order_id)
            return &result->orders[middle];
        if (result->orders[middle].order.id < order_id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_terminal(uint8_t state)
{
    return state == TURRET_STATE_FILLED || state == TURRET_STATE_CANCELED ||
           state == TURRET_STATE_EXPIRED || state == TURRET_STATE_REJECTED;
}

static struct halt_order *add_reported(struct halt_result *result, uint32_t venue,
                                       const struct turret_report_order *report)
{
    struct halt_order *order;
    if (report->order_id == 0) {
        result->venues[venue].foreign += report->snapshot;
        return NULL;
    }
    order = add(result);
    if (!order)
        return NULL;
    memcpy(order->names.venue, result->venues[venue].name, sizeof order->names.venue);
    order->order.id = report->order_id;
    order->order.instrument = report->instrument;
    order->order.side = report->side;
    order->order.type = report->type;
    order->order.qty = report->qty;
    order->order.filled_qty = report->filled_qty;
    order->order.state = report->state;
    memcpy(order->order.venue_order_id, report->venue_order_id, sizeof order->order.venue_order_id);
    return order;
}

static void hear_order(struct halt_result *result, uint32_t venue,
                       const struct turret_report_order *report, int64_t now_ns)
{
    struct halt_order *order = report->order_id ? halt_find(result, report->order_id) : NULL;
    if (!order && !is_terminal(report->state))
        order = add_reported(result, venue, report);
    if (!order)
        return;
    if (is_terminal(report->state)) {
        order->proof = HALT_GONE;
        order->became = report->state;
        return;
    }
    order->proof = HALT_OPEN;
    order->not_founds = 0;
    order->missed = 0;
    order->order.seen |= ORDER_SEEN_AT_VENUE;
    if (!order->order.venue_order_id[0])
        memcpy(order->order.venue_order_id, report->venue_order_id,
               sizeof order->order.venue_order_id);
    if (order->asked != TURRET_REQUEST_QUERY)
        return; /* told before the cancel came there, or part of a download */
    order->asked = 0;
    if (order->cancels < QUICK_CANCELS)
        order->due_ns = now_ns; /* it works still: cancelled again at once */
}

/* Before, it may be on its way. A stretch: the clock that made the deadline may have been slow. */
static bool is_late(const struct halt_order *order, turret_time_ns heard)
{
    return heard > order->order.deadline && heard - order->missed > ORDER_DEADLINE_NS;
}

/* Nothing is heard of a cancel that was taken but the order's end: else it is asked for. */
static void hear_ack(struct halt_result *result, const struct turret_report_ack *ack,
                     turret_time_ns heard, int64_t now_ns)
{
    struct halt_order *order = halt_find(result, ack->order_id);
    if (!order || halt_is_settled(order))
        return;
    if (ack->kind == TURRET_REQUEST_QUERY && ack->outcome == TURRET_OUTCOME_NOT_FOUND) {
        if (order->missed == 0)
            order->missed = heard;
        order->not_founds += is_late(order, heard);
        if (order->not_founds >= NOT_FOUNDS_NEEDED && !order_was_there(&order->order))
            order->proof = HALT_NEVER;
        return;
    }
    if (ack->kind != TURRET_REQUEST_CANCEL || !strncmp(ack->reason, "not sent", 8))
        return;
    order->answered = ack->outcome != TURRET_OUTCOME_UNKNOWN;
    if (order->answered && order->cancels < QUICK_CANCELS && order->due_ns > now_ns + AGAIN_NS)
        order->due_ns = now_ns + AGAIN_NS;
}

/* Why it is lost stays said while it is tried again. */
static void hear_stream(struct halt_venue *venue, const struct turret_report_stream *report)
{
    if (report->status != TURRET_STREAM_CONNECTING && report->status != TURRET_STREAM_DOWN)
        venue->reached = true;
    if (report->text[0])
        (void)snprintf(venue->stream, sizeof venue->stream, "%.*s", (int)sizeof report->text - 1,
                       report->text);
}

/* Of its reports: what a market's data say of the time is their exchange's word. */
static turret_time_ns hear_time(struct halt_venue *venue, const struct event *event)
{
    if (event->type >= EVENT_STREAM && event->type <= EVENT_GAP &&
        event->behind_s != EVENT_UNTIMED && event->time > venue->heard &&
        event->time <= EVENT_TIME_MAX)
        venue->heard = event->time;
    return venue->heard;
}

void halt_hear(struct halt_result *result, uint32_t venue, const struct event *event,
               int64_t now_ns)
{
    turret_time_ns heard = hear_time(&result->venues[venue], event);
    if (event->type == EVENT_ORDER || event->type == EVENT_DOWNLOAD ||
        (event->type == EVENT_ACK && strncmp(event->u.ack.reason, "not sent", 8) != 0))
        result->venues[venue].reached = true;
    if (event->type == EVENT_ORDER)
        hear_order(result, venue, &event->u.order, now_ns);
    else if (event->type == EVENT_STREAM)
        hear_stream(&result->venues[venue], &event->u.stream);
    else if (event->type == EVENT_ACK)
        hear_ack(result, &event->u.ack, heard, now_ns);
    else if (event->type == EVENT_DOWNLOAD && event->u.download.done)
        result->venues[venue].connected = event->u.download.result == TURRET_OK;
    else if (event->type == EVENT_DOWNLOAD)
        result->venues[venue].foreign = 0; /* after a lost connection it tells them again */
}

void halt_finish(struct halt_result *result)
{
    free(result->orders);
    free(result->lost);
    result->orders = NULL;
    result->lost = NULL;
    result->count = result->room = result->lost_count = 0;
}
