/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter's life on the bench: opening, connecting, requests, events, closing. */
#include "check/check_broker_host.h"

#include "io/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define READY_ROUNDS 2000 /* timers and descriptors until it has to be ready */
#define PUMP_ROUNDS  64
#define DEADLINE_NS  INT64_C(60000000000)
#define REAL_ROUNDS  16 /* a real venue's events come in their own time */
#define FATE_ROUNDS  40
#define WAIT_MS      5  /* for a descriptor, before time goes on */
#define LOT          10 /* the instruments' lot */
#define NANO_PER_MS  1000000

void broker_bench_init(struct broker_bench *bench, struct check *check,
                       const struct plugin_offer *offer, struct check_values *values)
{
    memset(bench, 0, sizeof *bench);
    bench->check = check;
    bench->thread = pthread_self();
    bench->type = &offer->broker;
    bench->values = values;
    bench->next_order = (UINT64_C(1) << 32) + 1;
    bench->digest = CHECK_DIGEST_START;
    for (uint32_t i = 0; i < BROKER_INSTRUMENTS; i++) {
        struct turret_instrument_def *def = &bench->defs[i];
        *def = (struct turret_instrument_def){.struct_size = (uint32_t)sizeof *def,
                                              .id = i + 1,
                                              .venue = "check",
                                              .currency = "USD",
                                              .price_scale = TAPE_PRICE_SCALE,
                                              .qty_scale = 0,
                                              .currency_scale = 8,
                                              .status = TURRET_STATUS_OPEN,
                                              .tick_size = 1,
                                              .lot_size = LOT,
                                              .min_qty = LOT,
                                              .max_qty = 0,
                                              .multiplier = 1};
        (void)snprintf(def->symbol, sizeof def->symbol, i == 0 ? "%.28s" : "%.28s.2",
                       check->symbol);
    }
    memset(bench->timers, 0xff, sizeof bench->timers);
    memset(bench->watched, 0xff, sizeof bench->watched);
    check_tape_begin(&bench->tape, check->seed, SCENE_ORDINARY);
    broker_bench_offer_host(bench);
    bench->handle.state = calloc(1, bench->type->state_size ? bench->type->state_size : 1);
    if (!bench->handle.state)
        check_fail(check, "no memory for %u bytes of state", bench->type->state_size);
}

int broker_bench_open(struct broker_bench *bench, uint32_t reason, struct turret_error *why)
{
    const struct turret_broker_open open = {.struct_size = (uint32_t)sizeof open,
                                            .reason = reason,
                                            .params = bench->values->bound,
                                            .param_count = bench->values->count,
                                            .seed = (uint32_t)bench->check->seed,
                                            .venue = "check",
                                            .account = "check",
                                            .now = bench->now};
    int status;
    memset(why, 0, sizeof *why);
    memset(&bench->caps, 0, sizeof bench->caps);
    bench->caps.struct_size = (uint32_t)sizeof bench->caps;
    bench->open = true;
    check_stage(bench->check, "open");
    status = bench->type->open(&bench->handle, &open, why);
    why->text[sizeof why->text - 1] = '\0';
    if (status && (status > 0 || status < TURRET_EBUSY || !why->text[0] || strchr(why->text, '\n')))
        check_fail(bench->check, "open refuses with status %d and the text '%.200s'", status,
                   why->text);
    if (status) {
        bench->open = false;
    } else {
        struct turret_error describe = {0};
        check_stage(bench->check, "describe");
        if (bench->type->describe(&bench->handle, &bench->caps, &describe))
            check_fail(bench->check, "describe refuses: %s", describe.text);
    }
    check_stage(bench->check, "");
    return status;
}

/* One descriptor that is ready; false when none is within `wait_ms`. */
static bool fire_descriptor(struct broker_bench *bench, int wait_ms)
{
    struct pollfd waits[BROKER_WATCHES];
    nfds_t count = 0;
    for (int i = 0; i < BROKER_WATCHES; i++) {
        short events = 0;
        if (bench->watched[i] < 0)
            continue;
        if (bench->watch_events[i] & TURRET_WATCH_READ)
            events |= POLLIN;
        if (bench->watch_events[i] & TURRET_WATCH_WRITE)
            events |= POLLOUT;
        waits[count++] = (struct pollfd){bench->watched[i], events, 0};
    }
    if (count == 0 || !bench->type->on_fd || poll(waits, count, wait_ms) <= 0)
        return false;
    for (nfds_t i = 0; i < count; i++) {
        uint32_t events = 0;
        if (waits[i].revents & (POLLIN | POLLHUP | POLLERR))
            events |= TURRET_WATCH_READ;
        if (waits[i].revents & POLLOUT)
            events |= TURRET_WATCH_WRITE;
        if (events == 0)
            continue;
        check_stage(bench->check, "on_fd");
        bench->type->on_fd(&bench->handle, waits[i].fd, events);
        check_stage(bench->check, "");
        return true;
    }
    return false;
}

/* The timer that is due first; time goes on to it. */
static bool fire_timer(struct broker_bench *bench)
{
    int first = -1;
    for (int i = 0; i < 8; i++)
        if (bench->timers[i] >= 0 && (first < 0 || bench->timers[i] < bench->timers[first]))
            first = i;
    if (first < 0 || !bench->type->on_timer)
        return false;
    if (bench->timers[first] > bench->clock_ns)
        bench->clock_ns = bench->timers[first];
    bench->timers[first] = -1;
    check_stage(bench->check, "on_timer");
    bench->type->on_timer(&bench->handle, (uint32_t)first);
    check_stage(bench->check, "");
    return true;
}

void broker_bench_pump(struct broker_bench *bench, uint32_t rounds)
{
    while (rounds-- > 0 && (fire_descriptor(bench, WAIT_MS) || fire_timer(bench)))
        ;
}

bool broker_bench_connect(struct broker_bench *bench)
{
    bool trades = (bench->caps.can & TURRET_CAN_TRADE) != 0;
    struct turret_error why = {0};
    check_stage(bench->check, "connect");
    if (bench->type->connect(&bench->handle, &why)) {
        (void)snprintf(bench->status_text, sizeof bench->status_text, "%.90s", why.text);
        return false;
    }
    check_stage(bench->check, "download");
    if (trades && bench->type->download && bench->type->download(&bench->handle, 0, &why))
        check_fail(bench->check, "download refuses: %s", why.text);
    check_stage(bench->check, "");
    for (uint32_t i = 0; i < READY_ROUNDS; i += PUMP_ROUNDS) {
        bool streams =
            bench->status == TURRET_STREAM_READY || bench->status == TURRET_STREAM_FINISHED;
        if (trades ? bench->downloads_done > 0 && bench->download_result == TURRET_OK : streams)
            return true;
        broker_bench_pump(bench, PUMP_ROUNDS);
    }
    return false;
}

bool broker_bench_begin(struct broker_bench *bench, struct check *check,
                        const struct plugin_offer *offer)
{
    static struct check_values values;
    struct turret_error why;
    check_values_begin(&values, check, offer);
    broker_bench_init(bench, check, offer, &values);
    if (broker_bench_open(bench, TURRET_REASON_FIRST, &why)) {
        check_block(check, "does not open without being told its venue: %s", why.text);
        return false;
    }
    if (broker_bench_connect(bench))
        return true;
    if (bench->caps.can & TURRET_CAN_SIMULATE)
        check_fail(check, "a simulated venue that is not ready after connect(): %s",
                   bench->status_text);
    check_block(check, "its venue does not answer: %s", bench->status_text);
    return false;
}

static bool simulated(const struct broker_bench *bench)
{
    return (bench->caps.can & TURRET_CAN_SIMULATE) && bench->type->feed;
}

void broker_bench_feed(struct broker_bench *bench, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t id = 1; simulated(bench) && id <= BROKER_INSTRUMENTS; id++) {
            struct turret_report event = {.struct_size = (uint32_t)sizeof event,
                                          .type = TURRET_REPORT_BAR};
            event.u.bar = check_tape_next(&bench->tape, id);
            event.time = event.u.bar.time + event.u.bar.timeframe_ns;
            bench->now = event.time;
            check_stage(bench->check, "feed");
            bench->type->feed(&bench->handle, &event);
            check_stage(bench->check, "");
        }
        broker_bench_pump(bench, simulated(bench) ? PUMP_ROUNDS : REAL_ROUNDS);
    }
}

void broker_bench_end(struct broker_bench *bench)
{
    for (uint32_t i = 0; i < bench->request_count; i++) {
        const struct broker_request *row = &bench->requests[i];
        bool seen = row->shown && (row->kind == TURRET_REQUEST_QUERY || !simulated(bench));
        if (row->definite == 0 && row->unknown == 0 && !seen)
            check_fail(bench->check, "never answers request kind %u of order %llu", row->kind,
                       (unsigned long long)row->order_id);
    }
    check_stage(bench->check, "close");
    bench->type->close(&bench->handle);
    bench->open = false;
    check_stage(bench->check, "the second close");
    bench->type->close(&bench->handle);
    check_stage(bench->check, "");
    free(bench->handle.state);
    bench->handle.state = NULL;
}

struct turret_broker_order broker_bench_order(struct broker_bench *bench, uint8_t side,
                                              turret_price limit_price)
{
    /* a real venue remembers the ids of every run */
    static uint64_t epoch;
    if (!simulated(bench) && epoch == 0)
        epoch = (uint64_t)clock_monotonic_ns() / 1000 % 1000000000 << 32;
    struct turret_broker_order order = {.struct_size = (uint32_t)sizeof order,
                                        .instrument = 1,
                                        .order_id = epoch + bench->next_order++,
                                        .side = side,
                                        .type =
                                            limit_price ? TURRET_ORDER_LIMIT : TURRET_ORDER_MARKET,
                                        .tif = TURRET_TIF_GTC,
                                        .qty = 10 * LOT,
                                        .limit_price = limit_price,
                                        .deadline = bench->now + DEADLINE_NS,
                                        .request = 1};
    (void)snprintf(order.client_id, sizeof order.client_id, "%llu",
                   (unsigned long long)order.order_id);
    return order;
}

struct broker_request *broker_bench_answer(struct broker_bench *bench, uint64_t order_id,
                                           uint32_t kind)
{
    for (uint32_t i = bench->request_count; i-- > 0;)
        if (bench->requests[i].order_id == order_id && bench->requests[i].kind == kind)
            return &bench->requests[i];
    return NULL;
}

int broker_bench_request(struct broker_bench *bench, uint32_t kind,
                         const struct turret_broker_order *order)
{
    static const char *const names[] = {"", "submit", "modify", "cancel", "query_order"};
    const struct turret_broker_type *type = bench->type;
    struct broker_request *row = &bench->requests[bench->request_count++ % BROKER_REQUESTS];
    struct turret_error why = {0};
    int status;
    *row = (struct broker_request){order->order_id, kind, order->request, 0, 0, 0, false};
    check_stage(bench->check, names[kind]);
    status = kind == TURRET_REQUEST_SUBMIT   ? type->submit(&bench->handle, order, &why)
             : kind == TURRET_REQUEST_CANCEL ? type->cancel(&bench->handle, order, &why)
             : kind == TURRET_REQUEST_MODIFY ? type->modify(&bench->handle, order, &why)
                                             : type->query_order(&bench->handle, order, &why);
    check_stage(bench->check, "");
    if (status > 0 || status < TURRET_EBUSY)
        check_fail(bench->check, "%s answers %d, which is no status", names[kind], status);
    if (status && row->definite)
        check_fail(bench->check, "%s says it sent nothing (status %d) and answers all the same",
                   names[kind], status);
    if (status == TURRET_EUNKNOWN) {
        row->unknown++;
    } else if (status) {
        row->definite++;
        row->outcome = TURRET_OUTCOME_REJECTED;
    }
    return status;
}

uint32_t broker_bench_fate(struct broker_bench *bench, const struct turret_broker_order *order)
{
    struct turret_broker_order query = *order;
    for (uint32_t i = 0; i < FATE_ROUNDS; i++) {
        const struct broker_request *row =
            broker_bench_answer(bench, order->order_id, TURRET_REQUEST_SUBMIT);
        if (row->definite > 0)
            return row->outcome;
        if (!simulated(bench) && row->shown)
            return TURRET_OUTCOME_OK;
        if (!simulated(bench) && i % 4 == 3) {
            query.request++;
            (void)broker_bench_request(bench, TURRET_REQUEST_QUERY, &query);
        }
        broker_bench_feed(bench, 1);
    }
    return TURRET_OUTCOME_UNKNOWN;
}

const struct turret_report_order *broker_bench_state(const struct broker_bench *bench,
                                                     uint64_t order_id)
{
    for (uint32_t i = bench->report_count; i-- > 0;)
        if (bench->reports[i].type == TURRET_REPORT_ORDER &&
            bench->reports[i].u.order.order_id == order_id)
            return &bench->reports[i].u.order;
    return NULL;
}

turret_qty broker_bench_filled(const struct broker_bench *bench, uint64_t order_id)
{
    turret_qty sum = 0;
    for (uint32_t i = 0; i < bench->report_count; i++) {
        const struct turret_report_fill *fill = &bench->reports[i].u.fill;
        bool again = false;
        if (bench->reports[i].type != TURRET_REPORT_FILL || fill->order_id != order_id)
            continue;
        for (uint32_t k = 0; k < i && !again; k++)
            again = bench->reports[k].type == TURRET_REPORT_FILL &&
                    !strncmp(bench->reports[k].u.fill.execution_id, fill->execution_id,
                             sizeof fill->execution_id);
        sum += again ? 0 : fill->qty;
    }
    return sum;
}

void broker_bench_live(struct check *check, const struct plugin_offer *offer,
                       struct check_values *values)
{
    static struct broker_bench bench;
    struct turret_error why;
    broker_bench_init(&bench, check, offer, values);
    if (broker_bench_open(&bench, TURRET_REASON_FIRST, &why)) {
        check_block(check, "does not open without being told its venue: %s", why.text);
        free(bench.handle.state);
        return;
    }
    check_stage(check, "connect");
    (void)bench.type->connect(&bench.handle, &why);
    check_stage(check, "");
    broker_bench_feed(&bench, 10);
    broker_bench_end(&bench);
}

bool broker_bench_try(struct check *check, const struct plugin_offer *offer,
                      struct check_values *values)
{
    static struct broker_bench bench;
    struct turret_error why;
    bool opened;
    broker_bench_init(&bench, check, offer, values);
    opened = broker_bench_open(&bench, TURRET_REASON_FIRST, &why) == TURRET_OK;
    if (opened)
        broker_bench_end(&bench);
    else
        free(bench.handle.state);
    return opened;
}
