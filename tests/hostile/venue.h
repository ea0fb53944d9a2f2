/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated venue that does nothing wrong, for adapters that add one thing that is. What a file
 * defines before it includes this decides what is wrong.
 */
#ifndef HOSTILE_VENUE_H
#define HOSTILE_VENUE_H

#include <turret/broker.h>

#include <string.h>

#ifndef VENUE_ACKS
#define VENUE_ACKS 1 /* answers to one submit */
#endif
#ifndef VENUE_FILLS
#define VENUE_FILLS(qty) (qty) /* what an order of `qty` fills */
#endif
#ifndef VENUE_SHOWN
#define VENUE_SHOWN(filled) (filled) /* what is reported as filled, once it is */
#endif
#ifndef VENUE_EXECUTION
#define VENUE_EXECUTION(number) (number)
#endif
#ifndef VENUE_CAN
#define VENUE_CAN 0 /* besides trading and simulating */
#endif
#ifndef VENUE_MORE
#define VENUE_MORE .summary = "a venue that does one thing it must not"
#endif
#ifndef VENUE_KNOWS
#define VENUE_KNOWS(found) (found) /* whether an order is known */
#endif
#ifndef VENUE_REPEATS
#define VENUE_REPEATS(known) (known) /* whether a client id was there before */
#endif
#ifndef VENUE_CLOSE
#define VENUE_CLOSE(self) (void)(self)
#endif

#define VENUE_ORDERS 256

struct venue {
    struct turret_broker_order orders[VENUE_ORDERS];
    uint8_t states[VENUE_ORDERS];
    uint32_t count, executions;
};

static inline void venue_report(struct turret_broker *self, struct turret_report *report,
                                uint32_t type)
{
    report->struct_size = (uint32_t)sizeof *report;
    report->type = type;
    (void)self->host->report(self, report);
}

static inline void venue_ack(struct turret_broker *self, const struct turret_broker_order *order,
                             uint32_t kind, uint32_t outcome)
{
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.u.ack.order_id = order->order_id;
    report.u.ack.kind = kind;
    report.u.ack.request = order->request;
    report.u.ack.outcome = outcome;
    venue_report(self, &report, TURRET_REPORT_ACK);
}

static inline void venue_order(struct turret_broker *self, uint32_t at, turret_qty filled,
                               uint32_t snapshot)
{
    const struct venue *venue = self->state;
    const struct turret_broker_order *order = &venue->orders[at];
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.u.order.order_id = order->order_id;
    report.u.order.instrument = order->instrument;
    report.u.order.state = venue->states[at];
    report.u.order.side = order->side;
    report.u.order.type = order->type;
    report.u.order.tif = order->tif;
    report.u.order.snapshot = snapshot;
    report.u.order.qty = order->qty;
    report.u.order.filled_qty = filled;
    report.u.order.limit_price = order->limit_price;
    venue_report(self, &report, TURRET_REPORT_ORDER);
}

/* VENUE_ORDERS when it is not there. */
static inline uint32_t venue_find(const struct venue *venue, uint64_t order_id)
{
    uint32_t i;
    for (i = 0; i < venue->count; i++)
        if (venue->orders[i].order_id == order_id)
            return i;
    return VENUE_ORDERS;
}

static int32_t venue_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                              struct turret_error *err)
{
    (void)self;
    caps->can = TURRET_CAN_TRADE | TURRET_CAN_SIMULATE | VENUE_CAN;
    caps->order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    caps->times_in_force = 1u << TURRET_TIF_GTC;
    caps->id_length = 20;
    caps->id_characters = TURRET_ID_DIGITS;
    caps->idempotency = TURRET_IDEMPOTENT_ALWAYS;
    return turret_ok(err);
}

static int32_t venue_open(struct turret_broker *self, const struct turret_broker_open *open,
                          struct turret_error *err)
{
    (void)self;
    (void)open;
    return turret_ok(err);
}

static int32_t venue_connect(struct turret_broker *self, struct turret_error *err)
{
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.u.stream.status = TURRET_STREAM_READY;
    venue_report(self, &report, TURRET_REPORT_STREAM);
    return turret_ok(err);
}

static int32_t venue_download(struct turret_broker *self, turret_time_ns since,
                              struct turret_error *err)
{
    const struct venue *venue = self->state;
    struct turret_report report;
    uint32_t i;
    (void)since;
    memset(&report, 0, sizeof report);
    venue_report(self, &report, TURRET_REPORT_DOWNLOAD);
    for (i = 0; i < venue->count; i++)
        if (venue->states[i] == TURRET_STATE_ACCEPTED)
            venue_order(self, i, 0, 1);
    memset(&report, 0, sizeof report);
    report.u.download.done = 1;
    venue_report(self, &report, TURRET_REPORT_DOWNLOAD);
    return turret_ok(err);
}

static int32_t venue_submit(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    struct venue *venue = self->state;
    int i;
    if (VENUE_REPEATS(venue_find(venue, order->order_id) < VENUE_ORDERS)) {
        venue_ack(self, order, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_REJECTED);
        return turret_ok(err);
    }
    if (venue->count == VENUE_ORDERS)
        return turret_fail(err, TURRET_ELIMIT, "%d orders are known", VENUE_ORDERS);
    venue->orders[venue->count] = *order;
    venue->states[venue->count++] = TURRET_STATE_ACCEPTED;
    for (i = 0; i < VENUE_ACKS; i++)
        venue_ack(self, order, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK);
    venue_order(self, venue->count - 1, 0, 0);
    return turret_ok(err);
}

static int32_t venue_cancel(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    struct venue *venue = self->state;
    uint32_t at = venue_find(venue, order->order_id);
    int works = at < VENUE_ORDERS && venue->states[at] == TURRET_STATE_ACCEPTED;
    venue_ack(self, order, TURRET_REQUEST_CANCEL,
              VENUE_KNOWS(works) ? TURRET_OUTCOME_OK : TURRET_OUTCOME_REJECTED);
    if (works) {
        venue->states[at] = TURRET_STATE_CANCELED;
        venue_order(self, at, 0, 0);
    }
    return turret_ok(err);
}

static int32_t venue_query(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err)
{
    const struct venue *venue = self->state;
    uint32_t at = venue_find(venue, order->order_id);
    if (at < VENUE_ORDERS)
        venue_order(self, at, venue->states[at] == TURRET_STATE_FILLED ? order->qty : 0, 1);
    venue_ack(self, order, TURRET_REQUEST_QUERY,
              VENUE_KNOWS(at < VENUE_ORDERS) ? TURRET_OUTCOME_OK : TURRET_OUTCOME_NOT_FOUND);
    return turret_ok(err);
}

static void venue_fill(struct turret_broker *self, uint32_t at, turret_price price)
{
    struct venue *venue = self->state;
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.u.fill.order_id = venue->orders[at].order_id;
    report.u.fill.instrument = venue->orders[at].instrument;
    report.u.fill.side = venue->orders[at].side;
    report.u.fill.qty = VENUE_FILLS(venue->orders[at].qty);
    report.u.fill.price = price;
    venue->executions++;
    (void)snprintf(report.u.fill.execution_id, sizeof report.u.fill.execution_id, "x%u",
                   (unsigned)VENUE_EXECUTION(venue->executions));
    venue_report(self, &report, TURRET_REPORT_FILL);
    venue->states[at] = TURRET_STATE_FILLED;
    venue_order(self, at, VENUE_SHOWN(venue->orders[at].qty), 0);
}

static void venue_feed(struct turret_broker *self, const struct turret_report *event)
{
    const struct venue *venue = self->state;
    const struct turret_bar *bar = &event->u.bar;
    uint32_t i;
    for (i = 0; event->type == TURRET_REPORT_BAR && i < venue->count; i++) {
        const struct turret_broker_order *order = &venue->orders[i];
        if (venue->states[i] == TURRET_STATE_ACCEPTED && order->instrument == bar->instrument &&
            (order->limit_price == 0 || bar->low <= order->limit_price))
            venue_fill(self, i, bar->open);
    }
}

static void venue_close(struct turret_broker *self)
{
    VENUE_CLOSE(self);
}

static const struct turret_broker_type venue_type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct venue),
    .id = "hostile." HOSTILE_NAME,
    .version = "1.0.0",
    .state_schema = 1,
    .describe = venue_describe,
    .open = venue_open,
    .connect = venue_connect,
    .download = venue_download,
    .submit = venue_submit,
    .cancel = venue_cancel,
    .query_order = venue_query,
    .close = venue_close,
    .feed = venue_feed,
    VENUE_MORE};

TURRET_BROKER("hostile." HOSTILE_NAME, "1.0.0", venue_type);

#endif
