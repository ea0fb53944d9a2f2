/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds reports and hands them to the host in order. When the host's queue is full they wait in
 * the outbox and go out before anything newer; when the outbox is full too, the stream is reported
 * DOWN as soon as the host listens again, so that it downloads what it missed.
 */
#include "reports.h"

#include "orders.h"

#include <string.h>

#define OUTBOX_RETRY_NS 1000000

static int32_t hand_over(struct sim *sim, const struct turret_report *report)
{
    return sim->self->host->report(sim->self, report);
}

static void copy_text(char *to, uint32_t size_bytes, const char *from)
{
    uint32_t i = 0;
    for (; from && from[i] && i + 1u < size_bytes; i++) {
        to[i] = from[i];
    }
    to[i] = '\0';
}

int reports_flush(struct sim *sim)
{
    while (sim->outbox_count > 0) {
        if (hand_over(sim, &sim->outbox[sim->outbox_head]) == TURRET_ELIMIT) {
            (void)sim->self->host->timer(sim->self, SIM_TIMER_OUTBOX, OUTBOX_RETRY_NS);
            return 0;
        }
        sim->outbox_head = (sim->outbox_head + 1u) % SIM_OUTBOX_MAX;
        sim->outbox_count--;
    }
    if (sim->outbox_lost) {
        sim->outbox_lost = 0;
        reports_stream(sim, sim->now, TURRET_STREAM_DOWN,
                       "reports were lost: connect and download again");
    }
    return sim->outbox_count == 0;
}

static void send(struct sim *sim, turret_time_ns time, struct turret_report *report)
{
    report->struct_size = (uint32_t)sizeof *report;
    report->time = time;
    if (sim->outbox_count == 0) {
        if (hand_over(sim, report) != TURRET_ELIMIT) {
            return;
        }
        (void)sim->self->host->timer(sim->self, SIM_TIMER_OUTBOX, OUTBOX_RETRY_NS);
    }
    if (sim->outbox_count == SIM_OUTBOX_MAX) {
        if (!sim->outbox_lost) {
            sim->self->host->log(sim->self, TURRET_LOG_ERROR,
                                 "the host took no reports for too long; some are lost");
        }
        sim->outbox_lost = 1;
        sim->lost_since = sim->lost_since ? sim->lost_since : sim->now;
        return;
    }
    uint32_t at = (sim->outbox_head + sim->outbox_count) % SIM_OUTBOX_MAX;
    sim->outbox[at] = *report;
    sim->outbox_count++;
}

void reports_ack(struct sim *sim, uint64_t order_id, uint32_t kind, uint32_t request,
                 uint32_t outcome, const char *reason)
{
    struct turret_report report = {0};
    const struct sim_order *order = orders_find(sim, order_id);
    report.type = TURRET_REPORT_ACK;
    report.u.ack.order_id = order_id;
    report.u.ack.kind = kind;
    report.u.ack.request = request;
    report.u.ack.outcome = outcome;
    report.u.ack.origin = TURRET_ORIGIN_HOST;
    if (order) {
        memcpy(report.u.ack.venue_order_id, order->name, sizeof order->name);
    }
    copy_text(report.u.ack.reason, sizeof report.u.ack.reason, reason);
    send(sim, sim->now, &report);
}

void reports_order(struct sim *sim, const struct sim_order *order, uint32_t origin,
                   uint32_t snapshot)
{
    struct turret_report report = {0};
    struct turret_report_order *to = &report.u.order;
    report.type = TURRET_REPORT_ORDER;
    to->order_id = order->id;
    to->instrument = sim->instrument[order->instrument].def->id;
    to->state = order->state;
    to->side = order->side;
    to->type = order->type;
    to->tif = order->tif;
    to->origin = origin;
    to->snapshot = snapshot;
    to->qty = order->qty;
    to->filled_qty = order->filled;
    to->limit_price = order->limit;
    to->stop_price = order->stop;
    sim->sequence += snapshot ? 0 : 1; /* a copy of what was told is nothing new */
    to->venue_sequence = sim->sequence;
    memcpy(to->venue_order_id, order->name, sizeof order->name);
    memcpy(to->reason, order->reason, sizeof order->reason);
    send(sim, sim->now, &report);
}

/* The order's name, a dash and which of its fills this is: unique, the same in every run. */
static void write_execution_id(char *to, const char *name, uint32_t number)
{
    char digits[10];
    uint32_t count = 0;
    while (*name) {
        *to++ = *name++;
    }
    *to++ = '-';
    do {
        digits[count++] = (char)('0' + number % 10u);
        number /= 10u;
    } while (number != 0);
    while (count > 0) {
        *to++ = digits[--count];
    }
    *to = '\0';
}

void reports_fill(struct sim *sim, const struct sim_fill *fill, const char *name)
{
    struct turret_report report = {0};
    struct turret_report_fill *to = &report.u.fill;
    report.type = TURRET_REPORT_FILL;
    to->order_id = fill->order_id;
    to->instrument = sim->instrument[fill->instrument].def->id;
    to->side = fill->side;
    to->maker = fill->maker;
    to->qty = fill->qty;
    to->price = fill->price;
    to->fee = fill->fee;
    memcpy(to->venue_order_id, name, ORDERS_NAME_SIZE);
    write_execution_id(to->execution_id, name, fill->number);
    send(sim, fill->time, &report);
}

void reports_stream(struct sim *sim, turret_time_ns time, uint32_t status, const char *text)
{
    struct turret_report report = {0};
    report.type = TURRET_REPORT_STREAM;
    report.u.stream.status = status;
    copy_text(report.u.stream.text, sizeof report.u.stream.text, text);
    send(sim, time, &report);
}

void reports_fills(struct sim *sim, turret_time_ns since)
{
    uint64_t from = sim->fill_count > SIM_FILLS_MAX ? sim->fill_count - SIM_FILLS_MAX : 0;
    for (uint64_t i = from; i < sim->fill_count; i++) {
        const struct sim_fill *fill = &sim->fill[i % SIM_FILLS_MAX];
        if (fill->time >= since) {
            char name[ORDERS_NAME_SIZE];
            orders_write_name(name, fill->order_id);
            reports_fill(sim, fill, name);
        }
    }
}

void reports_positions(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        struct turret_report report = {0};
        report.type = TURRET_REPORT_POSITION;
        report.u.position.instrument = sim->instrument[i].def->id;
        report.u.position.qty = sim->instrument[i].position;
        report.u.position.average_price = sim->instrument[i].average_price;
        send(sim, sim->now, &report);
    }
}

void reports_balances(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->currency_count; i++) {
        struct turret_report report = {0};
        report.type = TURRET_REPORT_BALANCE;
        memcpy(report.u.balance.currency, sim->currency[i].code, sizeof sim->currency[i].code);
        report.u.balance.cash = sim->currency[i].change;
        send(sim, sim->now, &report);
    }
}

void reports_download(struct sim *sim, turret_time_ns since)
{
    struct turret_report report = {0};
    turret_time_ns fills = since + 1; /* those at `since` itself were told by then */
    if (sim->lost_since && sim->lost_since < fills) {
        fills = sim->lost_since;
        since = sim->lost_since < since ? sim->lost_since : since;
    }
    report.type = TURRET_REPORT_DOWNLOAD;
    send(sim, sim->now, &report);
    reports_fills(sim, fills);
    for (uint32_t at = sim->finished_head; at != SIM_NONE; at = sim->order[at].next) {
        if (sim->order[at].updated >= since) {
            reports_order(sim, &sim->order[at], TURRET_ORIGIN_HOST, 1);
        }
    }
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        for (uint32_t at = sim->instrument[i].head; at != SIM_NONE; at = sim->order[at].next) {
            reports_order(sim, &sim->order[at], TURRET_ORIGIN_HOST, 1);
        }
    }
    if (sim->complete) {
        reports_positions(sim);
        reports_balances(sim);
    }
    report.u.download.done = 1;
    report.u.download.result = sim->outbox_lost ? TURRET_ELIMIT : TURRET_OK;
    sim->lost_since = sim->outbox_lost ? sim->lost_since : 0;
    send(sim, sim->now, &report);
}
