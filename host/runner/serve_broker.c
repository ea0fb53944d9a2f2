/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An adapter in its runner. Between calls the process sleeps in poll() on the adapter's
 * descriptors; when one is ready it rings and waits for the call that lets the adapter look.
 */
#include "runner/serve.h"

#include "isolation/params.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WATCHES 16
#define LOOK_MS 1000 /* between looks whether the host is there */

static struct turret_broker self;
static struct turret_param_value *params;
static struct wire_open *opened;
static struct pollfd watched[WATCHES];
static uint32_t watch_count;
static struct turret_report reports[WIRE_REPORTS]; /* said, not yet sent */
static uint32_t waiting;
static struct turret_broker_caps caps;
static bool rung; /* the host knows that something is ready */

/* ---- turret_broker_host ---- */

/* Sends what waits; what the host has no room for stays. */
static void flush_reports(void)
{
    const struct wire_head ask = {.kind = WIRE_ASK_REPORT,
                                  .size = waiting * (uint32_t)sizeof *reports};
    struct wire_head reply;
    if (waiting == 0)
        return;
    memcpy(serve.wire->answers.body, reports, ask.size);
    serve_ask(&ask, &reply);
    if (reply.a > waiting)
        abort();
    waiting -= (uint32_t)reply.a;
    memmove(reports, reports + reply.a, waiting * sizeof *reports);
}

/* Collected: a round trip for each would take longer than making them. */
static int32_t report(struct turret_broker *who, const struct turret_report *given)
{
    size_t size = given->struct_size < sizeof *given ? given->struct_size : sizeof *given;
    (void)who;
    if (waiting == WIRE_REPORTS)
        flush_reports();
    if (waiting == WIRE_REPORTS)
        return TURRET_ELIMIT;
    memset(&reports[waiting], 0, sizeof *reports);
    memcpy(&reports[waiting++], given, size);
    return TURRET_OK;
}

static int32_t watch(struct turret_broker *who, int32_t descriptor, uint32_t events)
{
    const short wanted = (short)((events & TURRET_WATCH_READ ? POLLIN : 0) |
                                 (events & TURRET_WATCH_WRITE ? POLLOUT : 0));
    uint32_t i = 0;
    (void)who;
    while (i < watch_count && watched[i].fd != descriptor)
        i++;
    if (events == 0) {
        if (i < watch_count)
            watched[i] = watched[--watch_count];
        return TURRET_OK;
    }
    if (i == WATCHES)
        return TURRET_ELIMIT;
    watched[i] = (struct pollfd){descriptor, wanted, 0};
    watch_count += i == watch_count;
    return TURRET_OK;
}

static int32_t timer(struct turret_broker *who, uint32_t timer_id, int64_t delay_ns)
{
    const struct wire_head ask = {.kind = WIRE_ASK_DELAY, .a = timer_id, .b = (uint64_t)delay_ns};
    struct wire_head reply;
    (void)who;
    serve_ask(&ask, &reply);
    return reply.status;
}

static turret_instrument find_instrument(struct turret_broker *who, const char *symbol)
{
    const struct wire_head ask = {.kind = WIRE_ASK_FIND, .size = 256};
    struct wire_head reply;
    size_t length = strnlen(symbol, 255);
    (void)who;
    memset(serve.wire->answers.body, 0, 256);
    memcpy(serve.wire->answers.body, symbol, length);
    serve_ask(&ask, &reply);
    return (turret_instrument)reply.a;
}

static const struct turret_instrument_def *instrument_of(struct turret_broker *who,
                                                         turret_instrument instrument)
{
    (void)who;
    return serve_instrument(instrument);
}

static void each_instrument(struct turret_broker *who, void *context,
                            void (*each)(void *context, const struct turret_instrument_def *def))
{
    const struct turret_instrument_def *def = NULL;
    (void)who;
    while ((def = serve_next_instrument(def ? def->id : 0)) != NULL)
        each(context, def);
}

static int64_t read_bars(struct turret_broker *who, turret_instrument instrument,
                         int64_t timeframe_ns, turret_time_ns from, struct turret_bar *bars,
                         uint32_t capacity)
{
    uint32_t done = 0;
    (void)who;
    while (done < capacity) {
        const struct wire_head ask = {
            .kind = WIRE_ASK_BARS, .size = sizeof(struct wire_bars), .a = instrument};
        const struct wire_bars body = {
            .timeframe_ns = timeframe_ns, .from = from, .capacity = capacity - done};
        struct wire_head reply;
        int64_t got;
        memcpy(serve.wire->answers.body, &body, sizeof body);
        serve_ask(&ask, &reply);
        got = (int64_t)reply.a;
        if (got <= 0)
            return done > 0 ? done : got;
        memcpy(bars + done, serve.wire->reply, (size_t)got * sizeof *bars);
        done += (uint32_t)got;
        if ((uint32_t)got < WIRE_BARS_MAX)
            break;
        from = bars[done - 1].time + 1;
    }
    return done;
}

static int64_t monotonic_ns(struct turret_broker *who)
{
    struct timespec now = {0, 0};
    (void)who;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void say(struct turret_broker *who, uint32_t level, const char *text)
{
    const struct wire_head ask = {.kind = WIRE_ASK_LOG, .size = 256, .a = level};
    struct wire_head reply;
    size_t length = text ? strnlen(text, 255) : 0;
    (void)who;
    memset(serve.wire->answers.body, 0, 256);
    if (length)
        memcpy(serve.wire->answers.body, text, length);
    serve_ask(&ask, &reply);
}

static const void *get_extension(struct turret_broker *who, const char *name_and_revision)
{
    (void)who;
    (void)name_and_revision;
    return NULL; /* none are offered yet */
}

static const struct turret_broker_host host = {
    (uint32_t)sizeof(struct turret_broker_host),
    0,
    report,
    watch,
    timer,
    find_instrument,
    instrument_of,
    each_instrument,
    read_bars,
    monotonic_ns,
    say,
    get_extension,
};

/* ---- between calls ---- */

bool serve_broker_idle(void)
{
    struct pollfd all[WATCHES + 1] = {{WIRE_CALL_FD, POLLIN, 0}};
    const uint64_t one = 1;
    uint32_t count = rung ? 0 : watch_count;
    uint64_t rings;
    bool came;
    memcpy(all + 1, watched, count * sizeof *watched);
    atomic_store_explicit(&serve.wire->runner_sleeps, 2, memory_order_seq_cst);
    came =
        atomic_load_explicit(&serve.wire->calls.posted, memory_order_seq_cst) != serve.calls_seen;
    if (!came)
        (void)poll(all, count + 1, LOOK_MS);
    atomic_store_explicit(&serve.wire->runner_sleeps, 0, memory_order_relaxed);
    if (all[0].revents)
        (void)!read(WIRE_CALL_FD, &rings, sizeof rings);
    for (uint32_t i = 1; !came && !rung && i <= count; i++)
        if (all[i].revents) {
            rung = true;
            (void)!write(WIRE_BELL_FD, &one, sizeof one);
        }
    return atomic_load_explicit(&serve.wire->calls.posted, memory_order_acquire) !=
           serve.calls_seen;
}

static void look(const struct turret_broker_type *type)
{
    struct pollfd ready[WATCHES];
    uint32_t count = watch_count;
    rung = false;
    memcpy(ready, watched, sizeof ready);
    if (poll(ready, count, 0) <= 0 || !type->on_fd)
        return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t events =
            (ready[i].revents & (POLLIN | POLLHUP | POLLERR) ? TURRET_WATCH_READ : 0) |
            (ready[i].revents & POLLOUT ? TURRET_WATCH_WRITE : 0);
        if (events)
            type->on_fd(&self, ready[i].fd, events);
    }
}

/* ---- calls ---- */

static int32_t open_adapter(const struct turret_broker_type *type, uint32_t size,
                            struct turret_error *err)
{
    struct turret_broker_open open = {.struct_size = (uint32_t)sizeof open};
    opened = malloc(size);
    self.state = calloc(1, type->state_size ? type->state_size : 1);
    self.host = &host;
    if (!opened || !self.state)
        abort();
    memcpy(opened, serve.wire->calls.body, size);
    params = calloc(opened->param_count + 1, sizeof *params);
    if (!params)
        abort();
    params_unpack((const struct wire_param *)(const void *)(opened + 1), opened->param_count,
                  params);
    open.reason = opened->reason;
    open.params = params;
    open.param_count = opened->param_count;
    open.seed = opened->seed;
    open.venue = opened->venue;
    open.account = opened->account;
    open.now = opened->now;
    open.until = opened->until;
    return type->open(&self, &open, err);
}

static int32_t call_orders(const struct turret_broker_type *type, uint32_t which, uint32_t count,
                           struct turret_error *err)
{
    const struct turret_broker_order *orders = (const void *)serve.wire->calls.body;
    switch (which) {
    case ADAPTER_SUBMIT:
        return type->submit(&self, orders, err);
    case ADAPTER_CANCEL:
        return type->cancel(&self, orders, err);
    case ADAPTER_QUERY_ORDER:
        return type->query_order(&self, orders, err);
    case ADAPTER_MODIFY:
        return type->modify(&self, orders, err);
    case ADAPTER_SUBMIT_BATCH:
        return type->submit_batch(&self, orders, count, err);
    default:
        return type->cancel_batch(&self, orders, count, err);
    }
}

static int32_t call_numbers(const struct turret_broker_type *type, uint32_t which,
                            struct turret_error *err)
{
    struct wire_numbers given;
    const int64_t *n = given.n;
    memcpy(&given, serve.wire->calls.body, sizeof given);
    switch (which) {
    case ADAPTER_CANCEL_ALL:
        return type->cancel_all(&self, (uint32_t)n[0], (turret_instrument)n[1], (uint32_t)n[2],
                                err);
    case ADAPTER_QUERY_FILLS:
        return type->query_fills(&self, n[0], err);
    case ADAPTER_QUERY_POSITIONS:
        return type->query_positions(&self, err);
    case ADAPTER_QUERY_BALANCES:
        return type->query_balances(&self, err);
    case ADAPTER_SUBSCRIBE:
        return type->subscribe(&self, (turret_instrument)n[0], (uint32_t)n[1], n[2], err);
    case ADAPTER_UNSUBSCRIBE:
        return type->unsubscribe(&self, (turret_instrument)n[0], (uint32_t)n[1], err);
    case ADAPTER_HISTORY:
        return type->history(&self, (turret_instrument)n[0], n[1], n[2], n[3], err);
    case ADAPTER_DEAD_MAN:
        return type->set_cancel_on_disconnect(&self, n[0], err);
    case ADAPTER_SERVER_TIME:
        return type->server_time(&self, err);
    default:
        return type->quiesce(&self, err);
    }
}

static int32_t call_others(const struct turret_broker_type *type, const struct wire_head *call,
                           struct wire_head *done, struct turret_error *err)
{
    const struct wire_command *command = (const void *)serve.wire->calls.body;
    struct turret_stream out = serve_stream_out((uint32_t)call->a);
    struct turret_stream in = serve_stream_in((uint32_t)call->a);
    int32_t status = TURRET_OK;
    switch (call->kind - WIRE_ADAPTER) {
    case ADAPTER_DESCRIBE:
        caps = (struct turret_broker_caps){.struct_size = (uint32_t)sizeof caps};
        status = type->describe(&self, &caps, err);
        done->size = (uint32_t)sizeof caps;
        return status;
    case ADAPTER_OPEN:
        return open_adapter(type, call->size, err);
    case ADAPTER_CONNECT:
        return type->connect(&self, err);
    case ADAPTER_DOWNLOAD:
        return type->download(&self, (turret_time_ns)call->a, err);
    case ADAPTER_CLOSE:
        type->close(&self);
        return TURRET_OK;
    case ADAPTER_ON_TIMER:
        type->on_timer(&self, (uint32_t)call->a);
        return TURRET_OK;
    case ADAPTER_ON_FD:
        look(type);
        return TURRET_OK;
    case ADAPTER_COMMAND:
        return type->command(&self, command->name, command->json, err);
    case ADAPTER_EXPORT:
        status = type->export_state(&self, &out, err);
        if (status == TURRET_OK && serve_stream_flush())
            status = turret_fail(err, TURRET_EFULL, "the host does not take all of its state");
        return status;
    case ADAPTER_IMPORT:
        return type->import_state(&self, &in, err);
    case ADAPTER_FEED:
        type->feed(&self, (const struct turret_report *)(const void *)serve.wire->calls.body);
        return TURRET_OK;
    default:
        abort();
    }
}

void serve_broker(const struct wire_head *call, struct wire_head *done)
{
    static const uint32_t orders = 1u << ADAPTER_SUBMIT | 1u << ADAPTER_CANCEL |
                                   1u << ADAPTER_QUERY_ORDER | 1u << ADAPTER_MODIFY |
                                   1u << ADAPTER_SUBMIT_BATCH | 1u << ADAPTER_CANCEL_BATCH;
    static const uint32_t numbers = 1u << ADAPTER_CANCEL_ALL | 1u << ADAPTER_QUERY_FILLS |
                                    1u << ADAPTER_QUERY_POSITIONS | 1u << ADAPTER_QUERY_BALANCES |
                                    1u << ADAPTER_SUBSCRIBE | 1u << ADAPTER_UNSUBSCRIBE |
                                    1u << ADAPTER_HISTORY | 1u << ADAPTER_DEAD_MAN |
                                    1u << ADAPTER_SERVER_TIME | 1u << ADAPTER_QUIESCE;
    const struct turret_broker_type *type = &serve.offer->broker;
    const uint32_t which = call->kind - WIRE_ADAPTER;
    struct turret_error why = {0};
    if (which >= ADAPTER_CALLS)
        abort();
    if (orders >> which & 1u)
        done->status = call_orders(type, which, (uint32_t)call->a, &why);
    else if (numbers >> which & 1u)
        done->status = call_numbers(type, which, &why);
    else
        done->status = call_others(type, call, done, &why);
    flush_reports();
    if (which == ADAPTER_DESCRIBE) /* flushing used the body */
        memcpy(serve.wire->answers.body, &caps, sizeof caps);
    done->b = waiting;
    if (done->status) {
        why.code = done->status < 0 ? done->status : TURRET_EFAULT; /* not what err says instead */
        serve_refuse(&why, done->status, done);
    }
}
