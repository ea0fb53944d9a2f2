/* SPDX-License-Identifier: Apache-2.0 */
/* What an adapter on the bench may call; every report is looked at as the contract says. */
#include "check/check_broker_host.h"

#include "core/event.h"

#include <string.h>

static struct broker_bench *of(struct turret_broker *self)
{
    struct broker_bench *bench = (struct broker_bench *)(void *)self;
    if (!pthread_equal(bench->thread, pthread_self()))
        check_fail(bench->check, "calls the host from a thread of its own");
    return bench;
}

static const struct turret_instrument_def *find_def(const struct broker_bench *bench,
                                                    turret_instrument id)
{
    return id >= 1 && id <= BROKER_INSTRUMENTS ? &bench->defs[id - 1] : NULL;
}

/* The request that this answers: the oldest open one, those whose order was not yet seen first. */
static struct broker_request *open_request(struct broker_bench *bench,
                                           const struct turret_report_ack *ack)
{
    struct broker_request *seen = NULL;
    for (uint32_t i = 0; i < bench->request_count; i++) {
        struct broker_request *at = &bench->requests[i];
        if (at->order_id != ack->order_id || at->kind != ack->kind || at->definite > 0)
            continue;
        if (!at->shown)
            return at;
        seen = seen ? seen : at;
    }
    return seen;
}

static void answer(struct broker_bench *bench, const struct turret_report_ack *ack)
{
    struct broker_request *row = broker_bench_answer(bench, ack->order_id, ack->kind);
    struct broker_request *open = open_request(bench, ack);
    if (!row)
        check_fail(bench->check, "answers a request (kind %u of order %llu) that nobody made",
                   ack->kind, (unsigned long long)ack->order_id);
    if (ack->outcome == TURRET_OUTCOME_UNKNOWN) {
        row->unknown++;
        return;
    }
    if (!open)
        check_fail(bench->check, "answers the %s of order %llu twice",
                   ack->kind == TURRET_REQUEST_SUBMIT   ? "submit"
                   : ack->kind == TURRET_REQUEST_CANCEL ? "cancel"
                   : ack->kind == TURRET_REQUEST_MODIFY ? "modify"
                                                        : "query",
                   (unsigned long long)ack->order_id);
    open->definite++;
    open->outcome = ack->outcome;
}

static void look_at_order(struct broker_bench *bench, const struct turret_report_order *order)
{
    const struct turret_report_order *before =
        order->order_id ? broker_bench_state(bench, order->order_id) : NULL;
    for (uint32_t i = 0; i < bench->request_count; i++) {
        struct broker_request *row = &bench->requests[i];
        if (row->order_id == order->order_id &&
            (row->kind == TURRET_REQUEST_SUBMIT ||
             (row->kind == TURRET_REQUEST_QUERY && order->snapshot)))
            row->shown = true;
    }
    if (order->qty <= 0 || order->filled_qty < 0 || order->filled_qty > order->qty)
        check_fail(bench->check, "reports order %llu with %lld of %lld filled",
                   (unsigned long long)order->order_id, (long long)order->filled_qty,
                   (long long)order->qty);
    if (before && order->filled_qty < before->filled_qty)
        check_fail(bench->check, "filled quantity of order %llu goes back from %lld to %lld",
                   (unsigned long long)order->order_id, (long long)before->filled_qty,
                   (long long)order->filled_qty);
    if (order->state == TURRET_STATE_FILLED && order->filled_qty != order->qty)
        check_fail(bench->check, "reports order %llu FILLED with %lld of %lld",
                   (unsigned long long)order->order_id, (long long)order->filled_qty,
                   (long long)order->qty);
}

static void look_at_fill(struct broker_bench *bench, const struct turret_report_fill *fill)
{
    const struct turret_instrument_def *def = find_def(bench, fill->instrument);
    if (fill->execution_id[0] == '\0')
        check_fail(bench->check, "reports a fill without an execution id");
    if (fill->qty <= 0 || fill->price <= 0)
        check_fail(bench->check, "reports a fill of %lld at %lld", (long long)fill->qty,
                   (long long)fill->price);
    if (def && (bench->caps.can & TURRET_CAN_SIMULATE) && fill->qty % def->lot_size != 0)
        check_fail(bench->check, "reports a fill of %lld, no multiple of the lot %lld",
                   (long long)fill->qty, (long long)def->lot_size);
    for (uint32_t i = 0; i < bench->report_count; i++) {
        const struct turret_report *old = &bench->reports[i];
        if (old->type != TURRET_REPORT_FILL ||
            strncmp(old->u.fill.execution_id, fill->execution_id, sizeof fill->execution_id) != 0)
            continue;
        if (old->u.fill.qty != fill->qty || old->u.fill.price != fill->price ||
            old->u.fill.order_id != fill->order_id)
            check_fail(bench->check, "two different fills have the execution id %.39s",
                       fill->execution_id);
    }
}

/* Feeds repeat what the bench showed; what the core would drop is a breach. */
static int32_t report(struct turret_broker *self, const struct turret_report *given)
{
    struct broker_bench *bench = of(self);
    struct event event;
    struct turret_error why = {0};
    if (!bench->open)
        check_fail(bench->check, "reports outside open() and close()");
    if (given->type == TURRET_REPORT_TIME && given->u.server_time.time > 0)
        return TURRET_OK; /* an answer to server_time(); no event of its own */
    if (event_from_report(&event, 0, given, &why))
        check_fail(bench->check, "a report the host drops: %s", why.text);
    if (bench->report_count == BROKER_REPORTS)
        return TURRET_ELIMIT;
    if (given->type == TURRET_REPORT_STREAM) {
        bench->status = given->u.stream.status;
        (void)snprintf(bench->status_text, sizeof bench->status_text, "%.87s",
                       given->u.stream.text);
    } else if (given->type == TURRET_REPORT_DOWNLOAD) {
        bench->downloads_begun += given->u.download.done == 0;
        bench->downloads_done += given->u.download.done != 0;
        bench->download_result = given->u.download.result;
        if (bench->downloads_done > bench->downloads_begun)
            check_fail(bench->check, "ends a download that it did not begin");
    } else if (given->type == TURRET_REPORT_ACK) {
        answer(bench, &given->u.ack);
    } else if (given->type == TURRET_REPORT_ORDER) {
        look_at_order(bench, &given->u.order);
    } else if (given->type == TURRET_REPORT_FILL) {
        look_at_fill(bench, &given->u.fill);
    }
    if (event.time > bench->now)
        bench->now = event.time;
    bench->digest = check_digest(bench->digest, &event.type, sizeof event.type);
    bench->digest = check_digest(bench->digest, &event.u, event_payload_size(event.type));
    memset(&bench->reports[bench->report_count], 0, sizeof bench->reports[0]);
    bench->reports[bench->report_count++] = *given;
    return TURRET_OK;
}

static int32_t watch(struct turret_broker *self, int32_t descriptor, uint32_t events)
{
    struct broker_bench *bench = of(self);
    int free_at = -1;
    for (int i = 0; i < BROKER_WATCHES; i++) {
        if (bench->watched[i] == descriptor) {
            bench->watch_events[i] = events;
            if (events == 0)
                bench->watched[i] = -1;
            return TURRET_OK;
        }
        if (bench->watched[i] < 0 && free_at < 0)
            free_at = i;
    }
    if (events == 0)
        return TURRET_OK;
    if (free_at < 0)
        return TURRET_ELIMIT;
    bench->watched[free_at] = descriptor;
    bench->watch_events[free_at] = events;
    return TURRET_OK;
}

static int32_t timer(struct turret_broker *self, uint32_t timer_id, int64_t delay_ns)
{
    struct broker_bench *bench = of(self);
    if (timer_id >= 8)
        return TURRET_EINVAL;
    bench->timers[timer_id] = delay_ns < 0 ? -1 : bench->clock_ns + delay_ns;
    return TURRET_OK;
}

static turret_instrument find_instrument(struct turret_broker *self, const char *symbol)
{
    for (uint32_t i = 0; i < BROKER_INSTRUMENTS; i++)
        if (!strcmp(of(self)->defs[i].symbol, symbol))
            return i + 1;
    return 0;
}

static const struct turret_instrument_def *instrument(struct turret_broker *self,
                                                      turret_instrument id)
{
    return find_def(of(self), id);
}

static void each_instrument(struct turret_broker *self, void *context,
                            void (*each)(void *context, const struct turret_instrument_def *def))
{
    for (uint32_t i = 0; i < BROKER_INSTRUMENTS; i++)
        each(context, &of(self)->defs[i]);
}

/* Nothing is stored on the bench. */
static int64_t read_bars(struct turret_broker *self, turret_instrument id, int64_t timeframe_ns,
                         turret_time_ns from, struct turret_bar *bars, uint32_t capacity)
{
    (void)self;
    (void)id;
    (void)timeframe_ns;
    (void)from;
    (void)bars;
    (void)capacity;
    return 0;
}

static int64_t monotonic_ns(struct turret_broker *self)
{
    return of(self)->clock_ns;
}

static void say(struct turret_broker *self, uint32_t level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

static const void *get_extension(struct turret_broker *self, const char *name_and_revision)
{
    (void)self;
    (void)name_and_revision;
    return NULL;
}

void broker_bench_offer_host(struct broker_bench *bench)
{
    bench->host = (struct turret_broker_host){(uint32_t)sizeof bench->host,
                                              0,
                                              report,
                                              watch,
                                              timer,
                                              find_instrument,
                                              instrument,
                                              each_instrument,
                                              read_bars,
                                              monotonic_ns,
                                              say,
                                              get_extension};
    bench->handle.host = &bench->host;
}
