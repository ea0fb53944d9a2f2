/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what two venues report while strategies trade: absurd states, quantities, prices,
 * times, ids, in any order. Each report is refused with a text or taken; what is reserved for open
 * orders stays the sum of the orders, and the state can be saved.
 */
#include "bench.h"

#define STEPS_MAX 64

enum step_kind { STEP_REPORT, STEP_REPORT_OTHER, STEP_BAR, STEP_ORDER, STEP_SESSION, STEP_KINDS };

static void report(const uint8_t *bytes, uint16_t venue)
{
    struct turret_error err = {0};
    struct turret_report report;
    struct event event;
    memcpy(&report, bytes, sizeof report);
    if (event_from_report(&event, venue, &report, &err) == TURRET_OK) {
        (void)engine_accepts(rig.engine, &event);
        engine_ingest(rig.engine, &event);
    } else {
        FUZZ_MUST(err.text[0]);
    }
}

static void ask(const uint8_t *bytes)
{
    struct turret_order_request request;
    memcpy(&request, bytes, sizeof request);
    request.struct_size = (uint32_t)sizeof request;
    (void)turret_submit(rig.self[bytes[0] % 3], &request);
    (void)turret_modify(rig.self[bytes[0] % 3], bytes[1], request.qty, request.limit_price,
                        request.stop_price);
    (void)turret_cancel(rig.self[bytes[0] % 3], bytes[2]);
    rig_turn(&rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct rig_options o = bench_options();
    uint8_t padded[sizeof(struct turret_order_request)]; /* the larger of both */
    size_t at = 0;
    rig_open(&rig, &o);
    bench_busy(4);
    for (int step = 0; step < STEPS_MAX && at < size_bytes; step++) {
        uint8_t kind = bytes[at++] % STEP_KINDS;
        size_t room = kind == STEP_ORDER ? sizeof padded : sizeof(struct turret_report);
        size_t has = size_bytes - at < room ? size_bytes - at : room;
        memset(padded, 0, sizeof padded);
        memcpy(padded, bytes + at, has);
        if (kind == STEP_BAR) {
            rig_bar(&rig, rig.instrument[padded[0] % 2], 9000 + padded[1] * 8);
            at += has < 2 ? has : 2;
        } else if (kind == STEP_SESSION) {
            struct event event = rig_event(&rig, EVENT_SESSION);
            event.u.session.epoch = engine_epoch(rig.engine) + 1;
            engine_ingest(rig.engine, &event);
            rig_connect(&rig);
        } else {
            if (kind == STEP_ORDER)
                ask(padded);
            else
                report(padded, kind);
            at += has;
        }
    }
    bench_check();
    rig_close(&rig);
    return 0;
}

static size_t put(uint8_t *to, size_t at, const struct turret_report *report)
{
    to[at] = STEP_REPORT;
    memcpy(to + at + 1, report, sizeof *report);
    return at + 1 + sizeof *report;
}

/* An order's life, its corrections, then a report of every other kind. */
size_t fuzz_seed(unsigned number, uint8_t *to, size_t room)
{
    struct turret_report report;
    size_t used = 0;
    (void)room;
    if (number > 16)
        return 0;
    for (uint32_t type = 1 + number % 4; type <= TURRET_REPORT_SPLIT; type += 1 + number / 4) {
        memset(&report, 0, sizeof report);
        report.struct_size = (uint32_t)sizeof report;
        report.type = type;
        report.time = RIG_START + RIG_MINUTE;
        if (type == TURRET_REPORT_ACK) {
            report.u.ack.order_id = 1;
            report.u.ack.kind = TURRET_REQUEST_SUBMIT;
            report.u.ack.request = 1;
            report.u.ack.outcome = TURRET_OUTCOME_OK;
        } else if (type == TURRET_REPORT_ORDER) {
            report.u.order.order_id = number % 3;
            report.u.order.instrument = 1;
            report.u.order.state = TURRET_STATE_ACCEPTED;
            report.u.order.side = TURRET_SIDE_BUY;
            report.u.order.qty = 10;
        } else if (type == TURRET_REPORT_FILL) {
            report.u.fill.order_id = number % 3;
            report.u.fill.instrument = 1;
            report.u.fill.side = TURRET_SIDE_BUY;
            report.u.fill.qty = 4;
            report.u.fill.price = 10000;
            report.u.fill.execution_id[0] = 'e';
        } else if (type == TURRET_REPORT_BUST) {
            report.u.bust.execution_id[0] = 'e';
            report.u.bust.new_execution_id[0] = 'f';
            report.u.bust.corrected_qty = 3;
            report.u.bust.corrected_price = 9990;
        } else {
            report.u.position.instrument = 1;
            report.u.position.qty = 4;
            report.u.position.average_price = 10000;
        }
        used = put(to, used, &report);
    }
    return used;
}
