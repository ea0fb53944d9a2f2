/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An adapter whose code runs in a runner. Its code runs only inside calls: when one of its
 * descriptors is ready the runner rings, and the host makes the call that looks. A runner that is
 * lost is a stream that is down; a new one opens, connects and downloads after a while. A request
 * that was on its way then is UNKNOWN, one that comes later is known not to have been sent.
 */
#include "isolation/adapter_asks.h"
#include "isolation/channel.h"
#include "isolation/isolated.h"
#include "isolation/params.h"
#include "isolation/program.h"
#include "session/venues.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SOON_NS       1000000
#define BACK_OFF_MOST 6                     /* doublings of a second */
#define CALM_NS       INT64_C(600000000000) /* so long without a loss: counted anew */

static struct adapter *adapter_of(const struct turret_broker *self)
{
    return *(struct adapter **)self->state;
}

/* ---- a runner that is lost ---- */

static void report_down(struct adapter *adapter)
{
    struct turret_report down = {.struct_size = (uint32_t)sizeof down,
                                 .type = TURRET_REPORT_STREAM};
    down.u.stream.status = TURRET_STREAM_DOWN;
    (void)snprintf(down.u.stream.text, sizeof down.u.stream.text, "its runner %s",
                   runner_why(adapter->runner));
    (void)adapter->self->host->report(adapter->self, &down);
}

static void plan_restart(struct adapter *adapter, const char *why)
{
    char text[256];
    struct itimerspec at = {{0, 0}, {0, 0}};
    int64_t now = channel_now_ns();
    int seconds;
    if (now - adapter->lost_ns > CALM_NS)
        adapter->losses = 0;
    adapter->lost_ns = now;
    seconds = 1 << (adapter->losses < BACK_OFF_MOST ? adapter->losses : BACK_OFF_MOST);
    adapter->losses++;
    if (adapter->caps.can & TURRET_CAN_SIMULATE) { /* only the journal can rebuild its market */
        (void)snprintf(text, sizeof text, "its runner %.120s; restart the daemon to recover it",
                       why);
    } else {
        (void)snprintf(text, sizeof text, "its runner %.120s; it starts again in %d s", why,
                       seconds);
        at.it_value.tv_sec = seconds;
        (void)timerfd_settime(adapter->wake, 0, &at, NULL);
    }
    adapter->self->host->log(adapter->self, TURRET_LOG_ERROR, text);
}

static void unwatch(struct adapter *adapter)
{
    const struct turret_broker_host *host = adapter->self->host;
    (void)host->watch(adapter->self, runner_bell(adapter->runner), 0);
    (void)host->watch(adapter->self, runner_end_watch(adapter->runner), 0);
}

static void lose(struct adapter *adapter)
{
    unwatch(adapter);
    if (!adapter->closing) {
        report_down(adapter);
        plan_restart(adapter, runner_why(adapter->runner));
    }
    runner_stop(adapter->runner);
    adapter->runner = NULL;
}

/* ---- calling ---- */

static int32_t call(struct adapter *adapter, uint32_t which, uint64_t a, const void *body,
                    size_t size, struct turret_error *err)
{
    const struct wire_head head = {.kind = WIRE_ADAPTER + which, .size = (uint32_t)size, .a = a};
    struct wire_head done;
    struct turret_error why;
    if (!adapter || !adapter->runner)
        return turret_fail(err, TURRET_EIO, "its runner is gone");
    if (size)
        memcpy(runner_wire(adapter->runner)->calls.body, body, size);
    if (runner_call(adapter->runner, &head, adapter_answer, adapter, &done)) {
        (void)turret_fail(err, TURRET_EUNKNOWN, "its runner %s", runner_why(adapter->runner));
        lose(adapter);
        return TURRET_EUNKNOWN;
    }
    if (done.b && adapter->wake >= 0) { /* it still has reports that there was no room for */
        const struct itimerspec soon = {{0, 0}, {0, SOON_NS}};
        (void)timerfd_settime(adapter->wake, 0, &soon, NULL);
    }
    if (done.kind == WIRE_DONE)
        return done.status <= 0 ? done.status : TURRET_EFAULT;
    memset(&why, 0, sizeof why);
    if (done.size == sizeof why)
        wire_take(&why, runner_wire(adapter->runner)->answers.body, sizeof why);
    program_clean_text(why.text, sizeof why.text);
    return turret_fail(err, why.code < 0 ? why.code : TURRET_EFAULT, "%s", why.text);
}

static int32_t call_numbers(struct turret_broker *self, uint32_t which, int64_t n0, int64_t n1,
                            int64_t n2, int64_t n3, struct turret_error *err)
{
    const struct wire_numbers numbers = {{n0, n1, n2, n3}};
    return call(adapter_of(self), which, 0, &numbers, sizeof numbers, err);
}

static int32_t call_orders(struct turret_broker *self, uint32_t which,
                           const struct turret_broker_order *orders, uint32_t count,
                           struct turret_error *err)
{
    if (count > WIRE_BODY / sizeof *orders)
        return turret_fail(err, TURRET_ELIMIT, "%u orders at once do not fit", count);
    return call(adapter_of(self), which, count, orders, count * sizeof *orders, err);
}

/* ---- opening, and again ---- */

/* What it says it can do; nothing is believed but that these are numbers. */
static int32_t ask_caps(struct adapter *adapter, struct turret_broker_caps *caps,
                        struct turret_error *err)
{
    int32_t status = call(adapter, ADAPTER_DESCRIBE, 0, NULL, 0, err);
    if (status)
        return status;
    wire_take(caps, runner_wire(adapter->runner)->answers.body, sizeof *caps);
    caps->struct_size = (uint32_t)sizeof *caps;
    return TURRET_OK;
}

static int begin(struct adapter *adapter, struct turret_error *err)
{
    const struct turret_broker_host *host = adapter->self->host;
    int status = isolated_start(isolated_origin(adapter->type->id), &adapter->runner, err);
    if (status)
        return status;
    (void)host->watch(adapter->self, runner_bell(adapter->runner), TURRET_WATCH_READ);
    (void)host->watch(adapter->self, runner_end_watch(adapter->runner), TURRET_WATCH_READ);
    return call(adapter, ADAPTER_OPEN, 0, adapter->open, adapter->open_bytes, err);
}

static int32_t subscribe_again(struct adapter *adapter, struct turret_error *err)
{
    int32_t status = TURRET_OK;
    uint32_t i;
    for (i = 0; !status && i < adapter->wish_count; i++)
        status = call(adapter, ADAPTER_SUBSCRIBE, 0, &adapter->wishes[i], sizeof adapter->wishes[i],
                      err);
    return status;
}

static int32_t connect_again(struct adapter *adapter, struct turret_error *err)
{
    struct turret_broker_caps caps;
    int32_t status = begin(adapter, err);
    if (!status)
        status = ask_caps(adapter, &caps, err);
    if (!status && memcmp(&caps, &adapter->caps, sizeof caps) != 0)
        status = turret_fail(err, TURRET_EFAULT, "it says that it can do other things than before");
    if (!status)
        status = subscribe_again(adapter, err);
    if (!status)
        status = call(adapter, ADAPTER_CONNECT, 0, NULL, 0, err);
    if (!status && (caps.can & TURRET_CAN_TRADE))
        status = call(adapter, ADAPTER_DOWNLOAD, (uint64_t)adapter->since, NULL, 0, err);
    return status;
}

static void restart(struct adapter *adapter)
{
    struct turret_error why = {0};
    struct wire_open *open = (void *)adapter->open;
    uint32_t losses = adapter->losses;
    open->reason = TURRET_REASON_RESTART;
    if (adapter->runner || connect_again(adapter, &why) == TURRET_OK)
        return;
    if (adapter->runner) { /* it lives and refuses */
        runner_breach(adapter->runner, why.text);
        lose(adapter);
    } else if (adapter->losses == losses) { /* it did not even start */
        plan_restart(adapter, why.text);
    }
}

static void adapter_close(struct turret_broker *self)
{
    struct adapter *adapter = adapter_of(self);
    if (!adapter)
        return;
    *(struct adapter **)self->state = NULL;
    adapter->closing = true;
    (void)call(adapter, ADAPTER_CLOSE, 0, NULL, 0, NULL);
    if (adapter->runner)
        lose(adapter);
    if (adapter->wake >= 0) {
        (void)self->host->watch(self, adapter->wake, 0);
        (void)close(adapter->wake);
    }
    free(adapter->wishes);
    free(adapter->open);
    free(adapter);
}

static int32_t open_adapter(struct turret_broker *self, const struct turret_broker_open *given,
                            struct turret_error *err)
{
    struct adapter *adapter = calloc(1, sizeof *adapter);
    size_t size = sizeof(struct wire_open) + given->param_count * sizeof(struct wire_param);
    struct wire_open *open = calloc(1, size);
    int32_t status;
    if (!adapter || !open) {
        free(adapter);
        free(open);
        return turret_fail(err, TURRET_ENOMEM, "no memory for its runner");
    }
    *(struct adapter **)self->state = adapter;
    adapter->self = self;
    adapter->type = venues_type_of(self);
    adapter->open = (unsigned char *)open;
    adapter->open_bytes = (uint32_t)size;
    open->reason = given->reason;
    open->param_count = given->param_count;
    open->seed = given->seed;
    open->now = given->now;
    open->until = given->until;
    (void)snprintf(open->venue, sizeof open->venue, "%s", given->venue);
    (void)snprintf(open->account, sizeof open->account, "%s", given->account);
    params_pack(given->params, given->param_count, (struct wire_param *)(void *)(open + 1));
    adapter->wake = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    (void)self->host->watch(self, adapter->wake, TURRET_WATCH_READ);
    adapter->closing = true; /* not open yet: a loss only fails the opening */
    status = begin(adapter, err);
    adapter->closing = false;
    if (status) {
        adapter_close(self);
        *(struct adapter **)self->state = NULL;
    }
    return status;
}

static int32_t describe(struct turret_broker *self, struct turret_broker_caps *caps,
                        struct turret_error *err)
{
    struct adapter *adapter = adapter_of(self);
    int32_t status = ask_caps(adapter, &adapter->caps, err);
    *caps = adapter->caps;
    return status;
}

/* The next runner connects and downloads: that the stream is down is told, and is no refusal. */
static int32_t or_later(const struct adapter *adapter, int32_t status, struct turret_error *err)
{
    if (!adapter || adapter->runner || (adapter->caps.can & TURRET_CAN_SIMULATE))
        return status;
    if (err)
        err->code = TURRET_OK;
    return TURRET_OK;
}

static int32_t connect_adapter(struct turret_broker *self, struct turret_error *err)
{
    struct adapter *adapter = adapter_of(self);
    return or_later(adapter, call(adapter, ADAPTER_CONNECT, 0, NULL, 0, err), err);
}

static int32_t download(struct turret_broker *self, turret_time_ns since, struct turret_error *err)
{
    struct adapter *adapter = adapter_of(self);
    if (adapter)
        adapter->since = since;
    return or_later(adapter, call(adapter, ADAPTER_DOWNLOAD, (uint64_t)since, NULL, 0, err), err);
}

/* ---- requests ---- */

static int32_t submit(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    return call_orders(self, ADAPTER_SUBMIT, order, 1, err);
}

static int32_t cancel(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    return call_orders(self, ADAPTER_CANCEL, order, 1, err);
}

static int32_t query_order(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err)
{
    return call_orders(self, ADAPTER_QUERY_ORDER, order, 1, err);
}

static int32_t modify(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err)
{
    return call_orders(self, ADAPTER_MODIFY, order, 1, err);
}

static int32_t submit_batch(struct turret_broker *self, const struct turret_broker_order *orders,
                            uint32_t count, struct turret_error *err)
{
    return call_orders(self, ADAPTER_SUBMIT_BATCH, orders, count, err);
}

static int32_t cancel_batch(struct turret_broker *self, const struct turret_broker_order *orders,
                            uint32_t count, struct turret_error *err)
{
    return call_orders(self, ADAPTER_CANCEL_BATCH, orders, count, err);
}

static int32_t cancel_all(struct turret_broker *self, uint32_t filter, turret_instrument instrument,
                          uint32_t side, struct turret_error *err)
{
    return call_numbers(self, ADAPTER_CANCEL_ALL, filter, instrument, side, 0, err);
}

static int32_t query_fills(struct turret_broker *self, turret_time_ns since,
                           struct turret_error *err)
{
    return call_numbers(self, ADAPTER_QUERY_FILLS, since, 0, 0, 0, err);
}

static int32_t query_positions(struct turret_broker *self, struct turret_error *err)
{
    return call_numbers(self, ADAPTER_QUERY_POSITIONS, 0, 0, 0, 0, err);
}

static int32_t query_balances(struct turret_broker *self, struct turret_error *err)
{
    return call_numbers(self, ADAPTER_QUERY_BALANCES, 0, 0, 0, 0, err);
}

static int32_t subscribe(struct turret_broker *self, turret_instrument instrument, uint32_t reports,
                         int64_t timeframe_ns, struct turret_error *err)
{
    const struct wire_numbers wish = {{instrument, reports, timeframe_ns, 0}};
    struct adapter *adapter = adapter_of(self);
    int32_t status = call(adapter, ADAPTER_SUBSCRIBE, 0, &wish, sizeof wish, err);
    struct wire_numbers *grown;
    uint32_t i = 0;
    while (!status && i < adapter->wish_count &&
           memcmp(&adapter->wishes[i], &wish, sizeof wish) != 0)
        i++;
    if (status || i < adapter->wish_count)
        return status;
    grown = realloc(adapter->wishes, (i + 1u) * sizeof *grown);
    if (!grown)
        return turret_fail(err, TURRET_ENOMEM, "no memory to subscribe");
    adapter->wishes = grown;
    adapter->wishes[adapter->wish_count++] = wish; /* for the runner that comes after */
    return TURRET_OK;
}

static int32_t unsubscribe(struct turret_broker *self, turret_instrument instrument,
                           uint32_t reports, struct turret_error *err)
{
    return call_numbers(self, ADAPTER_UNSUBSCRIBE, instrument, reports, 0, 0, err);
}

static int32_t history(struct turret_broker *self, turret_instrument instrument,
                       int64_t timeframe_ns, turret_time_ns from, turret_time_ns to,
                       struct turret_error *err)
{
    return call_numbers(self, ADAPTER_HISTORY, instrument, timeframe_ns, from, to, err);
}

static int32_t set_cancel_on_disconnect(struct turret_broker *self, int64_t after_ns,
                                        struct turret_error *err)
{
    return call_numbers(self, ADAPTER_DEAD_MAN, after_ns, 0, 0, 0, err);
}

static int32_t server_time(struct turret_broker *self, struct turret_error *err)
{
    return call_numbers(self, ADAPTER_SERVER_TIME, 0, 0, 0, 0, err);
}

static int32_t command(struct turret_broker *self, const char *name, const char *json,
                       struct turret_error *err)
{
    static struct wire_command body;
    if (strlen(name) >= sizeof body.name || strlen(json) >= sizeof body.json)
        return turret_fail(err, TURRET_ELIMIT, "command %.60s is too long", name);
    memset(&body, 0, sizeof body);
    memcpy(body.name, name, strlen(name));
    memcpy(body.json, json, strlen(json));
    return call(adapter_of(self), ADAPTER_COMMAND, 0, &body, sizeof body, err);
}

static int32_t quiesce(struct turret_broker *self, struct turret_error *err)
{
    return call_numbers(self, ADAPTER_QUIESCE, 0, 0, 0, 0, err);
}

static int32_t with_stream(struct turret_broker *self, uint32_t which, struct turret_stream *stream,
                           struct turret_error *err)
{
    struct adapter *adapter = adapter_of(self);
    int32_t status;
    if (!adapter)
        return turret_fail(err, TURRET_EIO, "its runner is gone");
    adapter->stream = stream;
    status = call(adapter, which, stream->schema, NULL, 0, err);
    adapter->stream = NULL;
    return status;
}

static int32_t export_state(struct turret_broker *self, struct turret_stream *to,
                            struct turret_error *err)
{
    return with_stream(self, ADAPTER_EXPORT, to, err);
}

static int32_t import_state(struct turret_broker *self, struct turret_stream *from,
                            struct turret_error *err)
{
    return with_stream(self, ADAPTER_IMPORT, from, err);
}

static void feed(struct turret_broker *self, const struct turret_report *event)
{
    struct turret_report whole;
    size_t size = event->struct_size < sizeof whole ? event->struct_size : sizeof whole;
    memset(&whole, 0, sizeof whole);
    memcpy(&whole, event, size);
    (void)call(adapter_of(self), ADAPTER_FEED, 0, &whole, sizeof whole, NULL);
}

/* ---- what the host's loop says ---- */

static void on_timer(struct turret_broker *self, uint32_t timer_id)
{
    (void)call(adapter_of(self), ADAPTER_ON_TIMER, timer_id, NULL, 0, NULL);
}

static void on_fd(struct turret_broker *self, int32_t descriptor, uint32_t events)
{
    struct adapter *adapter = adapter_of(self);
    uint64_t count;
    (void)events;
    if (!adapter)
        return;
    if (descriptor == adapter->wake) {
        (void)!read(adapter->wake, &count, sizeof count);
        if (adapter->runner)
            (void)call(adapter, ADAPTER_ON_FD, 0, NULL, 0, NULL);
        else
            restart(adapter);
    } else if (adapter->runner && descriptor == runner_bell(adapter->runner)) {
        (void)!read(descriptor, &count, sizeof count);
        (void)call(adapter, ADAPTER_ON_FD, 0, NULL, 0, NULL);
    } else if (adapter->runner && descriptor == runner_end_watch(adapter->runner)) {
        runner_breach(adapter->runner, "it ended"); /* tells why if it died */
        lose(adapter);
    }
}

const struct turret_broker_type proxy_broker_type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .describe = describe,
    .open = open_adapter,
    .connect = connect_adapter,
    .download = download,
    .submit = submit,
    .cancel = cancel,
    .query_order = query_order,
    .close = adapter_close,
    .on_timer = on_timer,
    .on_fd = on_fd,
    .modify = modify,
    .submit_batch = submit_batch,
    .cancel_batch = cancel_batch,
    .cancel_all = cancel_all,
    .query_fills = query_fills,
    .query_positions = query_positions,
    .query_balances = query_balances,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .history = history,
    .set_cancel_on_disconnect = set_cancel_on_disconnect,
    .server_time = server_time,
    .command = command,
    .quiesce = quiesce,
    .export_state = export_state,
    .import_state = import_state,
    .feed = feed,
};
