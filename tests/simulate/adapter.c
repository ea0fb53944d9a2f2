/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter: the host's functions of <turret/broker.h> on the one side, the line on the other. */
#include "host.h"
#include "wire.h"

static struct wire *of(struct turret_broker *self)
{
    return *(struct wire **)self->state;
}

bool adapter_hear(struct wire *wire, const struct turret_report *report)
{
    return wire->broker->host->report(wire->broker, report) != TURRET_ELIMIT;
}

static void tell_stream(struct wire *wire, uint32_t status, const char *why)
{
    struct turret_report report = wire_report(wire, TURRET_REPORT_STREAM);
    report.u.stream.status = status;
    (void)snprintf(report.u.stream.text, sizeof report.u.stream.text, "%s", why);
    (void)adapter_hear(wire, &report);
}

/* ---- answers that are waited for ---- */

static void tell_unknown(struct wire *wire, const struct pending *pending, const char *why)
{
    struct turret_report report = wire_report(wire, TURRET_REPORT_ACK);
    report.u.ack.order_id = pending->order_id;
    report.u.ack.kind = pending->kind;
    report.u.ack.request = pending->request;
    report.u.ack.outcome = TURRET_OUTCOME_UNKNOWN;
    (void)snprintf(report.u.ack.reason, sizeof report.u.ack.reason, "%s", why);
    (void)adapter_hear(wire, &report);
}

static void on_timeout(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    uint32_t i;
    for (i = 0; i < wire->pending_count; i++)
        if (wire->pending[i].number == what) {
            struct pending pending = wire->pending[i];
            wire->pending[i] = wire->pending[--wire->pending_count];
            tell_unknown(wire, &pending, "no answer");
            return;
        }
}

static bool expect(struct wire *wire, uint32_t kind, const struct turret_broker_order *order)
{
    struct pending *pending = &wire->pending[wire->pending_count];
    if (wire->pending_count == WIRE_PENDING)
        return false;
    *pending = (struct pending){order->order_id, ++wire->pending_number, kind, order->request};
    wire->pending_count++;
    world_at(wire->world, WIRE_TIMEOUT, on_timeout, wire->exchange->index, pending->number);
    return true;
}

void adapter_answer(struct wire *wire, const struct turret_report *report)
{
    uint32_t i;
    for (i = 0; i < wire->pending_count; i++)
        if (wire->pending[i].order_id == report->u.ack.order_id &&
            wire->pending[i].kind == report->u.ack.kind &&
            wire->pending[i].request == report->u.ack.request) {
            wire->pending[i] = wire->pending[--wire->pending_count];
            break;
        }
    if (!adapter_hear(wire, report))
        adapter_lost(wire, "the host does not keep up");
}

/* ---- the line ---- */

static void on_reconnect(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    (void)what;
    wire->outage = false;
    if (wire->broker)
        adapter_connect(wire);
}

void adapter_lost(struct wire *wire, const char *why)
{
    if (!wire->up)
        return;
    wire->up = wire->downloading = false;
    wire->session++;
    wire->outage = true;
    world_say(wire->world, "venue %u: the line is down: %s", wire->exchange->index, why);
    tell_stream(wire, TURRET_STREAM_DOWN, why);
    while (wire->pending_count > 0) {
        struct pending pending = wire->pending[--wire->pending_count];
        tell_unknown(wire, &pending, "the line was lost");
    }
    world_at(wire->world, world_between(wire->world, 100 * MS, 20 * SECOND), on_reconnect,
             wire->exchange->index, 0);
}

static void on_download(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    if (!wire->broker || !wire->up || what != wire->session || !wire->downloading)
        return;
    wire->downloading = wire->gap = false;
    wire_download(wire, wire->told_since - 10 * SECOND);
    if (wire->up)
        tell_stream(wire, TURRET_STREAM_READY, "");
}

static void want_download(struct wire *wire)
{
    if (wire->downloading)
        return;
    wire->downloading = true;
    world_at(wire->world, world_between(wire->world, 20, 500) * MS, on_download,
             wire->exchange->index, wire->session);
}

void adapter_connect(struct wire *wire)
{
    wire->up = true;
    wire->session++;
    wire->downloading = false;
    tell_stream(wire, TURRET_STREAM_CONNECTING, "again");
    want_download(wire);
}

static void on_heartbeat(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    (void)what;
    world_at(world, SECOND, on_heartbeat, who, 0);
    if (!wire->broker || !wire->up)
        return;
    if (wire->gap && !wire->downloading) {
        struct turret_report report = wire_report(wire, TURRET_REPORT_GAP);
        report.u.gap.expected = 1;
        report.u.gap.received = 2;
        (void)adapter_hear(wire, &report);
        want_download(wire);
    }
    if (world_fault(world, FAULT_DISCONNECT))
        adapter_lost(wire, "reset by peer");
}

void wire_start(struct wire *wire)
{
    world_at(wire->world, SECOND, on_heartbeat, wire->exchange->index, 0);
}

/* ---- what the host calls ---- */

static int32_t describe(struct turret_broker *self, struct turret_broker_caps *caps,
                        struct turret_error *err)
{
    const struct exchange *exchange = of(self)->exchange;
    int64_t most =
        exchange->taker_ppm > exchange->maker_ppm ? exchange->taker_ppm : exchange->maker_ppm;
    caps->can = TURRET_CAN_TRADE | TURRET_CAN_MODIFY;
    caps->order_types =
        exchange->plain ? 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT : 0x1e;
    caps->times_in_force = 0x1e;
    caps->id_length = 39;
    caps->id_characters = TURRET_ID_DIGITS;
    caps->idempotency = TURRET_IDEMPOTENT_ALWAYS;
    caps->fee_rate_nano = (most > 0 ? most : 0) * 1000;
    return turret_ok(err);
}

static int32_t open_adapter(struct turret_broker *self, const struct turret_broker_open *open,
                            struct turret_error *err)
{
    struct wire *wire = world_now->exchanges[open->venue[1] - '0']->wire;
    *(struct wire **)self->state = wire;
    wire->broker = self;
    wire->up = wire->gap = wire->downloading = false;
    wire->pending_count = 0;
    wire->session++;
    ids_clear(&wire->versions);
    return turret_ok(err);
}

static int32_t connect_adapter(struct turret_broker *self, struct turret_error *err)
{
    struct wire *wire = of(self);
    if (!wire->outage)
        wire->up = true;
    return turret_ok(err);
}

static int32_t download(struct turret_broker *self, turret_time_ns since, struct turret_error *err)
{
    struct wire *wire = of(self);
    wire->told_since = since;
    if (wire->up)
        want_download(wire);
    return turret_ok(err);
}

/* Whether something is on the line, told by *sent. */
static int32_t request(struct wire *wire, uint32_t kind, const struct turret_broker_order *order,
                       bool *sent, struct turret_error *err)
{
    struct host *host = wire->world->host;
    *sent = false;
    if (host->dying)
        return turret_ok(err);
    if (world_fault(wire->world, FAULT_KILL_SENDING)) {
        host->dying = true;
        host->dying_with = host->disk.queue_count;
    }
    if (!wire->up)
        return turret_fail(err, TURRET_EIO, "no line");
    if (world_fault(wire->world, FAULT_RATE_LIMIT)) {
        struct turret_report report = wire_report(wire, TURRET_REPORT_RATE_LIMIT);
        report.u.rate_limit.until = report.time + SECOND;
        (void)adapter_hear(wire, &report);
        return turret_fail(err, TURRET_ELIMIT, "too many requests");
    }
    if (world_fault(wire->world, FAULT_UNSURE)) {
        *sent = world_below(wire->world, 2) && wire_request(wire, kind, order);
        return turret_fail(err, TURRET_EUNKNOWN, "reset while sending");
    }
    if (kind != TURRET_REQUEST_QUERY && !expect(wire, kind, order))
        return turret_fail(err, TURRET_ELIMIT, "too many requests wait for an answer");
    world_say(wire->world, "venue %u: request %u of %llu is sent", wire->exchange->index, kind,
              (unsigned long long)order->order_id);
    *sent = wire_request(wire, kind, order);
    if (wire->world->bug == BUG_NOT_SENT && kind == TURRET_REQUEST_SUBMIT &&
        world_below(wire->world, 30) == 0)
        return turret_fail(err, TURRET_EIO, "not sent, believe me");
    return turret_ok(err);
}

static int32_t submit(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    struct wire *wire = of(self);
    bool sent;
    int32_t status;
    if (wire->world->host->dying)
        return turret_ok(err);
    host_check_submit(wire->world->host, wire, order);
    status = request(wire, TURRET_REQUEST_SUBMIT, order, &sent, err);
    if (!sent)
        host_not_sent(wire->world->host, order->order_id);
    if (!sent && status && status != TURRET_EUNKNOWN)
        ids_put(&wire->sent, order->order_id, 0); /* the host was told so: it may try again */
    return status;
}

static int32_t cancel(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    bool sent;
    return request(of(self), TURRET_REQUEST_CANCEL, order, &sent, err);
}

static int32_t modify(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    struct wire *wire = of(self);
    bool sent;
    if (!wire->world->host->dying)
        host_check_change(wire->world->host, wire, order);
    return request(wire, TURRET_REQUEST_MODIFY, order, &sent, err);
}

static int32_t query_order(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err)
{
    bool sent;
    return request(of(self), TURRET_REQUEST_QUERY, order, &sent, err);
}

static void close_adapter(struct turret_broker *self)
{
    struct wire *wire = of(self);
    wire->broker = NULL;
    wire->up = false;
    wire->pending_count = 0;
    wire->session++;
}

const struct turret_broker_type adapter_type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct wire *),
    .id = "simulate.venue",
    .version = "1.0",
    .summary = "a venue of the simulation",
    .state_schema = 1,
    .describe = describe,
    .open = open_adapter,
    .connect = connect_adapter,
    .download = download,
    .submit = submit,
    .cancel = cancel,
    .query_order = query_order,
    .close = close_adapter,
    .modify = modify,
};
