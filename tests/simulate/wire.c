/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <stdlib.h>

struct turret_report wire_report(const struct wire *wire, uint32_t type)
{
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.struct_size = (uint32_t)sizeof report;
    report.type = type;
    report.time = wire->world->now + wire->exchange->skew_ns;
    return report;
}

static struct turret_report order_report(const struct wire *wire,
                                         const struct exchange_order *order, bool snapshot)
{
    struct turret_report report = wire_report(wire, TURRET_REPORT_ORDER);
    struct turret_report_order *to = &report.u.order;
    to->order_id = order->id;
    to->instrument = order->instrument;
    to->state = order->state;
    to->side = order->side;
    to->type = order->type;
    to->tif = order->tif;
    to->origin = order->id ? TURRET_ORIGIN_HOST : TURRET_ORIGIN_FOREIGN;
    to->snapshot = snapshot;
    to->qty = order->qty;
    to->filled_qty = order->filled;
    to->limit_price = order->limit;
    to->stop_price = order->stop;
    to->venue_sequence = order->version;
    (void)snprintf(to->venue_order_id, sizeof to->venue_order_id, "X%u", order->number);
    return report;
}

static struct turret_report fill_report(const struct wire *wire, const struct exchange_fill *fill)
{
    struct turret_report report = wire_report(wire, TURRET_REPORT_FILL);
    struct turret_report_fill *to = &report.u.fill;
    if (fill->order != EXCHANGE_NONE) {
        to->order_id = wire->exchange->orders[fill->order].id;
        (void)snprintf(to->venue_order_id, sizeof to->venue_order_id, "X%u", fill->order);
    }
    to->instrument = fill->instrument;
    to->side = fill->side;
    to->maker = fill->maker;
    to->qty = fill->qty;
    to->price = fill->price;
    to->fee = fill->fee;
    (void)snprintf(to->execution_id, sizeof to->execution_id, "E%u", fill->number);
    return report;
}

static bool is_told(const struct wire *wire, const struct exchange_fill *fill)
{
    return wire->world->bug != BUG_FILL_LOST || fill->number % 40 != 7;
}

/* The execution that stands for a busted one, NULL. */
static const struct exchange_fill *instead_of(const struct wire *wire,
                                              const struct exchange_fill *fill)
{
    uint32_t i;
    for (i = fill->number + 1; i < wire->exchange->fill_count; i++)
        if (wire->exchange->fills[i].instead == fill->number)
            return &wire->exchange->fills[i];
    return NULL;
}

static struct turret_report bust_report(const struct wire *wire, const struct exchange_fill *fill)
{
    struct turret_report report = wire_report(wire, TURRET_REPORT_BUST);
    const struct exchange_fill *instead = instead_of(wire, fill);
    struct turret_report_bust *to = &report.u.bust;
    (void)snprintf(to->execution_id, sizeof to->execution_id, "E%u", fill->number);
    if (instead) {
        (void)snprintf(to->new_execution_id, sizeof to->new_execution_id, "E%u", instead->number);
        to->corrected_qty = instead->qty;
        to->corrected_price = instead->price;
    }
    return report;
}

/* ---- messages on their way ---- */

static uint32_t take_slot(struct wire *wire)
{
    uint32_t slot = wire->free;
    if (slot != EXCHANGE_NONE) {
        wire->free = wire->messages[slot].next;
    } else {
        slot = wire->message_count++;
        if (slot >= wire->message_room) {
            wire->message_room = wire->message_room ? wire->message_room * 2 : 64;
            wire->messages = realloc(wire->messages, wire->message_room * sizeof *wire->messages);
            if (!wire->messages)
                abort();
        }
    }
    memset(&wire->messages[slot], 0, sizeof wire->messages[slot]);
    wire->messages[slot].session = wire->session;
    return slot;
}

static struct message take_message(struct wire *wire, uint64_t slot)
{
    struct message message = wire->messages[slot];
    wire->messages[slot].next = wire->free;
    wire->free = (uint32_t)slot;
    return message;
}

static int64_t delay(struct wire *wire, int64_t slowest)
{
    return world_fault(wire->world, FAULT_SLOW) ? world_between(wire->world, 20 * MS, slowest)
                                                : world_between(wire->world, 1, 20) * MS;
}

static void on_report(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    struct message message = take_message(wire, what);
    const int64_t *seen;
    if (!wire->broker || !wire->up || message.session != wire->session)
        return;
    if (message.u.report.type == TURRET_REPORT_ORDER) {
        seen = ids_find(&wire->versions, message.number + 1);
        if (seen && *seen > (int64_t)message.version)
            return; /* older news: the venue numbers them */
        ids_put(&wire->versions, message.number + 1, (int64_t)message.version);
    }
    if (!adapter_hear(wire, &message.u.report))
        adapter_lost(wire, "the host does not keep up");
}

static void on_answer(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    struct message message = take_message(wire, what);
    if (wire->broker && wire->up && message.session == wire->session)
        adapter_answer(wire, &message.u.report);
}

static void post(struct wire *wire, const struct turret_report *report, int64_t after_ns,
                 const struct exchange_order *order)
{
    uint32_t slot = take_slot(wire);
    wire->messages[slot].u.report = *report;
    if (order) {
        wire->messages[slot].number = order->number;
        wire->messages[slot].version = order->version;
    }
    world_at(wire->world, after_ns, report->type == TURRET_REPORT_ACK ? on_answer : on_report,
             wire->exchange->index, slot);
}

/* By the stream: numbered, so that a lost one is noticed. */
static void tell(struct wire *wire, const struct turret_report *report,
                 const struct exchange_order *order)
{
    if (!wire->broker || !wire->up)
        return;
    if (world_fault(wire->world, FAULT_LOSE_REPORT)) {
        wire->gap = true;
        return;
    }
    post(wire, report, delay(wire, 2 * SECOND), order);
    if (world_fault(wire->world, FAULT_REPEAT_REPORT))
        post(wire, report, delay(wire, 2 * SECOND), order);
}

void wire_tell_order(struct wire *wire, const struct exchange_order *order)
{
    struct turret_report report = order_report(wire, order, false);
    tell(wire, &report, order);
}

void wire_tell_fill(struct wire *wire, const struct exchange_fill *fill)
{
    struct turret_report report = fill_report(wire, fill);
    if (is_told(wire, fill))
        tell(wire, &report, NULL);
}

void wire_tell_bust(struct wire *wire, const struct exchange_fill *fill)
{
    struct turret_report report = bust_report(wire, fill);
    tell(wire, &report, NULL);
}

/* Market data is not kept for anybody. */
void wire_tell_market(struct wire *wire, const struct turret_report *report)
{
    if (wire->broker && wire->up && !adapter_hear(wire, report))
        adapter_lost(wire, "the host does not keep up");
}

/* ---- requests at the venue ---- */

static void history_of(struct wire *wire, uint32_t order, int64_t after_ns)
{
    struct exchange *exchange = wire->exchange;
    struct turret_report report;
    uint32_t i;
    for (i = 0; i < exchange->fill_count; i++) {
        const struct exchange_fill *fill = &exchange->fills[i];
        if (fill->order != order || !is_told(wire, fill))
            continue;
        report = fill_report(wire, fill);
        post(wire, &report, after_ns, NULL);
        if (!fill->busted)
            continue;
        report = bust_report(wire, fill);
        post(wire, &report, after_ns, NULL);
    }
}

static void arrive_query(struct wire *wire, const struct turret_broker_order *request)
{
    const struct exchange_order *order = exchange_find(wire->exchange, request->order_id);
    struct turret_report report;
    int64_t after_ns = delay(wire, 5 * SECOND);
    if (order && wire->world->now - order->created < 5 * SECOND &&
        world_fault(wire->world, FAULT_NOT_FOUND))
        order = NULL; /* it has not come everywhere yet */
    if (order) {
        history_of(wire, order->number, after_ns);
        report = order_report(wire, order, true);
        post(wire, &report, after_ns, order);
        return;
    }
    report = wire_report(wire, TURRET_REPORT_ACK);
    report.u.ack.order_id = request->order_id;
    report.u.ack.kind = TURRET_REQUEST_QUERY;
    report.u.ack.request = request->request;
    report.u.ack.outcome = TURRET_OUTCOME_NOT_FOUND;
    post(wire, &report, after_ns, NULL);
}

static void on_request(struct world *world, uint32_t who, uint64_t what)
{
    struct wire *wire = world->exchanges[who]->wire;
    struct message message = take_message(wire, what);
    const struct turret_broker_order *request = &message.u.request;
    struct turret_report report;
    const struct exchange_order *order;
    const char *why = "";
    uint32_t outcome;
    if (message.kind == TURRET_REQUEST_QUERY) {
        if (wire->broker && wire->up && message.session == wire->session)
            arrive_query(wire, request);
        return;
    }
    outcome = message.kind == TURRET_REQUEST_SUBMIT ? exchange_submit(wire->exchange, request, &why)
              : message.kind == TURRET_REQUEST_CANCEL
                  ? exchange_cancel(wire->exchange, request, &why)
                  : exchange_modify(wire->exchange, request, &why);
    world_say(world, "venue %u: request %u of %llu arrives: %u %s", who, message.kind,
              (unsigned long long)request->order_id, outcome, why);
    if (outcome == 0 || !wire->broker || !wire->up || message.session != wire->session ||
        world_fault(world, FAULT_LOSE_ANSWER))
        return;
    order = exchange_find(wire->exchange, request->order_id);
    report = wire_report(wire, TURRET_REPORT_ACK);
    report.u.ack.order_id = request->order_id;
    report.u.ack.kind = message.kind;
    report.u.ack.request = request->request;
    report.u.ack.outcome = outcome;
    (void)snprintf(report.u.ack.reason, sizeof report.u.ack.reason, "%s", why);
    if (order)
        (void)snprintf(report.u.ack.venue_order_id, sizeof report.u.ack.venue_order_id, "X%u",
                       order->number);
    post(wire, &report, delay(wire, 5 * SECOND), NULL);
}

bool wire_request(struct wire *wire, uint32_t kind, const struct turret_broker_order *request)
{
    uint32_t copies = world_fault(wire->world, FAULT_REPEAT_REQUEST) ? 2 : 1;
    if (world_fault(wire->world, FAULT_LOSE_REQUEST))
        return false;
    while (copies-- > 0) {
        uint32_t slot = take_slot(wire);
        wire->messages[slot].kind = kind;
        wire->messages[slot].u.request = *request;
        world_at(wire->world, delay(wire, 8 * SECOND), on_request, wire->exchange->index, slot);
    }
    return true;
}

/* ---- downloads ---- */

static bool hear_fill(struct wire *wire, const struct exchange_fill *fill)
{
    struct turret_report report = fill_report(wire, fill);
    if (!adapter_hear(wire, &report))
        return false;
    if (!fill->busted)
        return true;
    report = bust_report(wire, fill);
    return adapter_hear(wire, &report);
}

static bool hear_account(struct wire *wire)
{
    struct exchange *exchange = wire->exchange;
    struct turret_report report;
    uint32_t id;
    bool heard = true;
    for (id = 1; heard && id <= wire->world->instruments; id++) {
        if (exchange->markets[id].id == 0)
            continue;
        report = wire_report(wire, TURRET_REPORT_POSITION);
        report.u.position.instrument = id;
        report.u.position.qty = (turret_qty)exchange->markets[id].position;
        heard = adapter_hear(wire, &report);
    }
    report = wire_report(wire, TURRET_REPORT_BALANCE);
    memcpy(report.u.balance.currency, "USD", 4);
    report.u.balance.cash = (turret_money)exchange->cash;
    return heard && adapter_hear(wire, &report);
}

void wire_download(struct wire *wire, turret_time_ns since)
{
    struct exchange *exchange = wire->exchange;
    struct turret_report report = wire_report(wire, TURRET_REPORT_DOWNLOAD);
    bool heard = adapter_hear(wire, &report);
    uint32_t i;
    for (i = 0; heard && i < exchange->fill_count; i++)
        if (exchange->fills[i].changed + exchange->skew_ns >= since &&
            is_told(wire, &exchange->fills[i]))
            heard = hear_fill(wire, &exchange->fills[i]);
    for (i = 0; heard && i < exchange->order_count; i++) {
        const struct exchange_order *order = &exchange->orders[i];
        if (!exchange_is_open(order) && order->updated + exchange->skew_ns < since)
            continue;
        ids_put(&wire->versions, order->number + 1, (int64_t)order->version);
        report = order_report(wire, order, true);
        heard = adapter_hear(wire, &report);
    }
    heard = heard && hear_account(wire);
    if (heard) {
        report = wire_report(wire, TURRET_REPORT_DOWNLOAD);
        report.u.download.done = 1;
        heard = adapter_hear(wire, &report);
    }
    if (!heard)
        adapter_lost(wire, "the host does not keep up");
    else
        wire->told_since = wire->world->now + exchange->skew_ns;
}

/* ---- opening and closing ---- */

int wire_create(struct wire **out, struct world *world, struct exchange *exchange)
{
    struct wire *wire = calloc(1, sizeof *wire);
    *out = wire;
    if (!wire)
        return TURRET_ENOMEM;
    wire->world = world;
    wire->exchange = exchange;
    wire->free = EXCHANGE_NONE;
    exchange->wire = wire;
    return TURRET_OK;
}

void wire_destroy(struct wire *wire)
{
    if (!wire)
        return;
    free(wire->messages);
    ids_finish(&wire->versions);
    ids_finish(&wire->sent);
    free(wire);
}
