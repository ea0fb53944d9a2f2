/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A venue in memory that fills what it accepted at the next price, which a timer makes up. Put your
 * venue's wire in its place; the duties stay: <turret/broker.h> tells them. Nothing may block.
 */
#include <turret/broker.h>
#include <string.h>

#define ORDERS 256
#define BAR_NS INT64_C(60000000000) /* a minute of its market, which lasts 20 ms of ours */

/* One open adapter. The host zeroes it before open() and frees it after close(). */
struct venue {
    struct turret_report_order order[ORDERS]; /* a ring; state 0: the place is free */
    uint64_t submitted;
    turret_time_ns now; /* the market's time; a real venue says it */
};

/* Everything is said this way. fails: TURRET_ELIMIT the host's queue is full: say it later */
static int32_t tell(struct turret_broker *self, uint32_t type, const void *what, size_t size)
{
    const struct venue *v = self->state;
    struct turret_report report = {(uint32_t)sizeof report, type, v->now, {{0}}};
    memcpy(&report.u, what, size);
    return self->host->report(self, &report);
}

/* Duty: quantities of an order are totals; a download and a query's answer are snapshots. */
static int32_t tell_order(struct turret_broker *self, struct turret_report_order *order, int asked)
{
    order->snapshot = asked != 0;
    return tell(self, TURRET_REPORT_ORDER, order, sizeof *order);
}

/* Duty: every request is answered once. REJECTED is for what the venue proved; else UNKNOWN. */
static int32_t answer(struct turret_broker *self, const struct turret_broker_order *order,
                      uint32_t kind, uint32_t outcome)
{
    struct turret_report_ack ack = {order->order_id, kind, order->request, outcome, 0, 0, "", ""};
    return tell(self, TURRET_REPORT_ACK, &ack, sizeof ack);
}

static struct turret_report_order *find(struct venue *v, uint64_t order_id)
{
    for (int i = 0; i < ORDERS; i++)
        if (v->order[i].state && v->order[i].order_id == order_id)
            return &v->order[i];
    return NULL;
}

/* Duty: promise only what is true. What is not named here returns TURRET_ENOTSUP, or is NULL. */
static int32_t describe(struct turret_broker *self, struct turret_broker_caps *caps,
                        struct turret_error *err)
{
    (void)self;
    caps->can = TURRET_CAN_TRADE;
    caps->order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    caps->times_in_force = 1u << TURRET_TIF_GTC;
    caps->id_length = 39;
    caps->id_characters = TURRET_ID_DIGITS;
    caps->idempotency = TURRET_IDEMPOTENT_OPEN;
    return turret_ok(err);
}

static int32_t open_venue(struct turret_broker *self, const struct turret_broker_open *open,
                          struct turret_error *err)
{
    struct venue *v = self->state;
    v->now = open->now > 0 ? open->now - open->now % BAR_NS + BAR_NS : 28403430 * BAR_NS;
    return turret_ok(err);
}

/* Duty: logging in may take its time: return at once, report READY when it is done. */
static int32_t connect_venue(struct turret_broker *self, struct turret_error *err)
{
    struct turret_report_stream stream = {TURRET_STREAM_READY, 0, ""};
    (void)tell(self, TURRET_REPORT_STREAM, &stream, sizeof stream);
    (void)self->host->timer(self, 0, BAR_NS / 3000);
    return turret_ok(err);
}

/* Duty: all open orders between begin and end. Left out is "not known", never "cancelled". */
static int32_t download(struct turret_broker *self, turret_time_ns since, struct turret_error *err)
{
    static const struct turret_report_download begin = {0, TURRET_OK}, end = {1, TURRET_OK};
    struct venue *v = self->state;
    (void)since;
    (void)tell(self, TURRET_REPORT_DOWNLOAD, &begin, sizeof begin);
    for (int i = 0; i < ORDERS; i++)
        if (v->order[i].state == TURRET_STATE_ACCEPTED)
            (void)tell_order(self, &v->order[i], 1);
    (void)tell(self, TURRET_REPORT_DOWNLOAD, &end, sizeof end);
    return turret_ok(err);
}

/* Duty: TURRET_OK is "taken, the answer comes by report()"; anything else: nothing was sent. */
static int32_t submit(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    struct venue *v = self->state;
    struct turret_report_order *place = &v->order[v->submitted++ % ORDERS];
    if (place->state == TURRET_STATE_ACCEPTED || order->type > TURRET_ORDER_LIMIT)
        return turret_fail(err, TURRET_ENOTSUP, "submit: too many orders, or of a type unknown");
    if (find(v, order->order_id)) /* said again: the same id is the same order */
        return turret_fail(err, TURRET_EEXIST, "submit: order %s is known", order->client_id);
    if (answer(self, order, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK) != TURRET_OK)
        return turret_fail(err, TURRET_ELIMIT, "submit: the host's queue is full");
    place->order_id = order->order_id;
    place->instrument = order->instrument;
    place->state = TURRET_STATE_ACCEPTED;
    place->side = order->side;
    place->type = order->type;
    place->qty = order->qty;
    place->filled_qty = 0;
    place->limit_price = order->limit_price;
    memcpy(place->venue_order_id, order->client_id, sizeof order->client_id);
    return TURRET_OK;
}

/* Duty: a cancel that comes too late is refused; the host then asks what became of the order. */
static int32_t cancel(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    struct turret_report_order *known = find(self->state, order->order_id);
    if (!known || known->state != TURRET_STATE_ACCEPTED)
        return turret_fail(err, TURRET_ENOTFOUND, "cancel: %s does not work", order->client_id);
    if (answer(self, order, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_OK) != TURRET_OK)
        return turret_fail(err, TURRET_ELIMIT, "cancel: the host's queue is full");
    known->state = TURRET_STATE_CANCELED;
    return tell_order(self, known, 0);
}

/* Duty: NOT_FOUND is the venue's own word. A question nobody answered is no answer. */
static int32_t query_order(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err)
{
    struct turret_report_order *known = find(self->state, order->order_id);
    uint32_t outcome = known ? TURRET_OUTCOME_OK : TURRET_OUTCOME_NOT_FOUND;
    (void)answer(self, order, TURRET_REQUEST_QUERY, outcome);
    return known ? tell_order(self, known, 1) : turret_ok(err);
}

/* The market of one instrument: a hill every hour, its price as a bar, what fills at that price. */
static void trade(void *context, const struct turret_instrument_def *def)
{
    struct turret_broker *self = context;
    struct venue *v = self->state;
    turret_price p = def->tick_size * (10000 + v->now / BAR_NS % 60 * (60 - v->now / BAR_NS % 60));
    struct turret_bar bar = {def->id, 0, BAR_NS, v->now - BAR_NS, p, p, p, p, 0};
    (void)tell(self, TURRET_REPORT_BAR, &bar, sizeof bar);
    for (struct turret_report_order *o = v->order; o < v->order + ORDERS; o++) {
        struct turret_report_fill f = {o->order_id, def->id, o->side, 0, {0}, o->qty, p, 0, "", ""};
        if (o->state != TURRET_STATE_ACCEPTED || o->instrument != def->id ||
            (o->limit_price && (p > o->limit_price) == (o->side == TURRET_SIDE_BUY)))
            continue;
        /* Duty: an execution's id is unique in the account; by it what comes twice is dropped. */
        memcpy(f.execution_id, o->venue_order_id, sizeof o->venue_order_id);
        if (tell(self, TURRET_REPORT_FILL, &f, sizeof f) == TURRET_OK) { /* else next time */
            o->state = TURRET_STATE_FILLED;
            o->filled_qty = o->qty;
            (void)tell_order(self, o, 0);
        }
    }
}

static void on_timer(struct turret_broker *self, uint32_t timer_id)
{
    struct venue *v = self->state;
    v->now += BAR_NS;
    self->host->each_instrument(self, self, trade);
    (void)self->host->timer(self, timer_id, BAR_NS / 3000);
}

static void close_venue(struct turret_broker *self) /* Duty: may be called twice. */
{
    (void)self->host->timer(self, 0, -1);
}

static const struct turret_broker_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct venue),
    .id = "@ID@",
    .version = "1.0.0",
    .summary = "Loop-back venue: accepts orders and fills them at its own next price",
    .describe = describe,
    .open = open_venue,
    .connect = connect_venue,
    .download = download,
    .submit = submit,
    .cancel = cancel,
    .query_order = query_order,
    .close = close_venue,
    .on_timer = on_timer,
};

TURRET_BROKER("@ID@", "1.0.0", type);
