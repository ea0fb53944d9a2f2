/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter `test.venue`: speaks to the fake venue (venue.c) through the host's descriptors and
 * timers. Every line of the venue becomes one report, so that a full ingest queue only means that
 * the line waits. A request that is not answered in time, or whose connection ends, is UNKNOWN. A
 * lost connection is tried again, later each time, and begins, like the first, with a download from
 * before the newest time that was reported. A connection that says nothing for a heartbeat is
 * asked, after two it is given up. Lines are numbered: when some are missing a download comes
 * before those that follow.
 */
#include "adapter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMER_CONNECT 0
#define TIMER_RESUME  1
#define TIMER_WATCH   2
#define MS            INT64_C(1000000)
#define CONNECT_AGAIN (5 * MS)
#define CONNECT_SLOW  6 /* doublings at most */
#define RESUME_LATER  (1 * MS)
#define WATCH_EVERY   (20 * MS)
#define FEE_UNIT_NANO INT64_C(5000000)
#define OVERLAP_NS    (INT64_C(120000) * MS) /* reports may have been delayed for so long */

static const struct turret_param params[] = {
    TURRET_PARAM_TEXT(1, "socket", "venue.sock", "",
                      "where the fake venue listens: a path or tcp:PORT"),
    TURRET_PARAM_INT(2, "answer_ms", 1000, 1, 60000, "ms", "an answer is waited for so long"),
    TURRET_PARAM_INT(3, "heartbeat_ms", 2000, 1, 60000, "ms", "silence after which it is asked"),
    TURRET_PARAM_INT(4, "odd_answer", 0, -15, 15, "",
                     "breaks its contract: submit() answers it of each third order it sent"),
};

static void tell_stream(struct turret_broker *self, uint32_t status, const char *text)
{
    struct state *s = self->state;
    struct turret_report report = {
        .struct_size = (uint32_t)sizeof report, .type = TURRET_REPORT_STREAM, .time = s->heard};
    report.u.stream.status = status;
    (void)snprintf(report.u.stream.text, sizeof report.u.stream.text, "%s", text);
    (void)self->host->report(self, &report);
}

static void watch(struct turret_broker *self)
{
    struct state *s = self->state;
    uint32_t events = (s->held ? 0 : TURRET_WATCH_READ) | (s->out_used ? TURRET_WATCH_WRITE : 0);
    (void)self->host->watch(self, s->socket, events);
}

static void connect_later(struct turret_broker *self)
{
    struct state *s = self->state;
    int64_t delay = CONNECT_AGAIN << s->attempts, banned = s->banned_ns;
    banned -= self->host->monotonic_ns(self);
    if (s->attempts < CONNECT_SLOW)
        s->attempts++;
    (void)self->host->timer(self, TIMER_CONNECT, banned > delay ? banned : delay);
}

static void lose(struct turret_broker *self, const char *why)
{
    struct state *s = self->state;
    (void)self->host->watch(self, s->socket, 0);
    (void)self->host->timer(self, TIMER_RESUME, -1);
    (void)close(s->socket);
    s->socket = -1;
    s->held = s->syncing = s->pinged = false;
    s->in_used = s->out_used = 0;
    while (s->pending_count > 0 && adapter_give_up(self, why))
        ;
    tell_stream(self, TURRET_STREAM_DOWN, why);
    connect_later(self);
}

static void flush(struct turret_broker *self)
{
    struct state *s = self->state;
    ssize_t sent = send(s->socket, s->out, s->out_used, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        s->out_used -= (size_t)sent;
        memmove(s->out, s->out + sent, s->out_used);
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        return; /* reading finds out and tells */
    }
    watch(self);
}

/* fails: ELIMIT, ESTATE: nothing was sent */
TURRET_PRINTF(3, 4)
static int put(struct turret_broker *self, struct turret_error *err, const char *format, ...)
{
    struct state *s = self->state;
    va_list args;
    int size;
    if (s->socket < 0)
        return turret_fail(err, TURRET_ESTATE, "not connected");
    va_start(args, format);
    size = vsnprintf(s->out + s->out_used, ROOM - s->out_used, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= ROOM - s->out_used)
        return turret_fail(err, TURRET_ELIMIT, "the venue reads too slowly");
    s->out_used += (size_t)size;
    s->sent_ns = self->host->monotonic_ns(self);
    flush(self);
    return TURRET_OK;
}

/* The first from where the host says, later ones from before what was heard. */
static int ask_download(struct turret_broker *self, struct turret_error *err)
{
    struct state *s = self->state;
    turret_time_ns since = s->told ? s->since - OVERLAP_NS : s->since;
    s->told = s->downloading = true;
    return put(self, err, "DOWNLOAD %" PRId64 "\n", since > 0 ? since : 0);
}

/* 0, or the number of the error; *what: what it happened to. */
static int open_socket(struct state *s, const char **what)
{
    bool loopback = s->loopback.sin_port != 0;
    int failed = 0;
    *what = loopback ? "no TCP socket: " : "no Unix socket (in isolation there is tcp:PORT only): ";
    s->socket = loopback ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) /* at once, it is here */
                         : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->socket < 0)
        return errno;
    *what = "";
    if (loopback)
        failed = connect(s->socket, (const struct sockaddr *)&s->loopback, sizeof s->loopback);
    else
        failed = connect(s->socket, (const struct sockaddr *)&s->address, sizeof s->address);
    failed = failed ? errno : 0;
    if (failed) {
        (void)close(s->socket);
        s->socket = -1;
    }
    return failed;
}

static void begin(struct turret_broker *self)
{
    struct state *s = self->state;
    const char *what;
    int failed = open_socket(s, &what);
    if (failed) {
        char why[88];
        (void)snprintf(why, sizeof why, "%s%s", what, strerror(failed));
        if (failed != s->refused) /* not at each retry */
            tell_stream(self, TURRET_STREAM_DOWN, why);
        s->refused = failed;
        connect_later(self);
        return;
    }
    s->refused = 0;
    s->sequence = 0;
    s->heard_ns = self->host->monotonic_ns(self);
    (void)self->host->timer(self, TIMER_WATCH, WATCH_EVERY);
    tell_stream(self, TURRET_STREAM_DOWNLOADING, "");
    (void)ask_download(self, NULL);
}

/* Once the line is taken: a download that failed is asked for again, as are lines that are missing.
 */
static bool take_line(struct turret_broker *self, const char *line)
{
    struct state *s = self->state;
    const char *word = strchr(line, ' ');
    enum line_result result = adapter_line(self, line);
    if (result == LINE_MISSED) {
        s->syncing = true;
        (void)ask_download(self, NULL);
    } else if (result == LINE_TAKEN && word && !strncmp(word, " END ", 5)) {
        s->attempts = 0;
        s->downloading = strcmp(line + strlen(line) - 2, " 0") != 0;
        if (s->downloading)
            (void)ask_download(self, NULL);
    }
    return result != LINE_WAITS;
}

static void take_lines(struct turret_broker *self)
{
    struct state *s = self->state;
    char *start = s->in, *end;
    size_t left = s->in_used;
    s->held = false;
    while (!s->held && (end = memchr(start, '\n', left)) != NULL) {
        *end = 0;
        if (!take_line(self, start)) {
            *end = '\n';
            s->held = true;
            (void)self->host->timer(self, TIMER_RESUME, RESUME_LATER);
            break;
        }
        left -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    memmove(s->in, start, left);
    s->in_used = left;
    watch(self);
}

static void venue_on_fd(struct turret_broker *self, int32_t descriptor, uint32_t events)
{
    struct state *s = self->state;
    ssize_t got;
    if (descriptor != s->socket)
        return;
    if (events & TURRET_WATCH_WRITE)
        flush(self);
    if (!(events & TURRET_WATCH_READ) || s->held)
        return;
    got = recv(s->socket, s->in + s->in_used, ROOM - s->in_used, MSG_DONTWAIT);
    if (got > 0) {
        s->heard_ns = self->host->monotonic_ns(self);
        s->pinged = false;
        s->in_used += (size_t)got;
        take_lines(self);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        lose(self, "connection lost");
    }
}

/* Answers that are overdue, and a connection that says nothing. */
static void watch_time(struct turret_broker *self)
{
    struct state *s = self->state;
    int64_t now = self->host->monotonic_ns(self);
    while (s->pending_count > 0 && now - s->pending[0].sent_ns > s->answer_ns &&
           adapter_give_up(self, "no answer in time"))
        ;
    if (s->socket >= 0 && !s->held && now - s->heard_ns > 2 * s->heartbeat_ns) {
        tell_stream(self, TURRET_STREAM_STALE, "it says nothing");
        lose(self, "it said nothing for two heartbeats");
    } else if (s->socket >= 0 && !s->pinged && now - s->heard_ns > s->heartbeat_ns) {
        s->pinged = true;
        (void)put(self, NULL, "PING\n");
    }
    if (s->socket >= 0 && s->dead_man_ns > 0 && now - s->sent_ns > s->dead_man_ns / 3)
        (void)put(self, NULL, "PING\n"); /* its own timer must not fire while all is well */
    if (s->socket >= 0 || s->pending_count > 0)
        (void)self->host->timer(self, TIMER_WATCH, WATCH_EVERY);
}

static void venue_on_timer(struct turret_broker *self, uint32_t timer_id)
{
    const struct state *s = self->state;
    if (timer_id == TIMER_CONNECT && s->connected && s->socket < 0)
        begin(self);
    else if (timer_id == TIMER_RESUME && s->socket >= 0)
        take_lines(self);
    else if (timer_id == TIMER_WATCH)
        watch_time(self);
}

/* ---- requests ---- */

static int32_t venue_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                              struct turret_error *err)
{
    (void)self;
    (void)err;
    caps->can = TURRET_CAN_TRADE | TURRET_CAN_MODIFY | TURRET_CAN_QUERY_FILLS |
                TURRET_CAN_QUERY_POSITIONS | TURRET_CAN_QUERY_BALANCES | TURRET_CAN_SERVER_TIME |
                TURRET_CAN_DEAD_MAN | TURRET_CAN_SUBSCRIBE;
    caps->order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT |
                        1u << TURRET_ORDER_STOP | 1u << TURRET_ORDER_STOP_LIMIT;
    caps->times_in_force =
        1u << TURRET_TIF_GTC | 1u << TURRET_TIF_DAY | 1u << TURRET_TIF_IOC | 1u << TURRET_TIF_FOK;
    caps->id_length = 23;
    caps->id_characters = TURRET_ID_DIGITS;
    caps->idempotency = TURRET_IDEMPOTENT_ALWAYS;
    caps->fee_per_unit_nano = FEE_UNIT_NANO;
    return TURRET_OK;
}

static int32_t venue_open(struct turret_broker *self, const struct turret_broker_open *open,
                          struct turret_error *err)
{
    struct state *s = self->state;
    const char *path = open->params[0].text;
    s->socket = -1;
    s->answer_ns = open->params[1].i * MS;
    s->heartbeat_ns = open->params[2].i * MS;
    s->odd_answer = (int32_t)open->params[3].i;
    if (!strncmp(path, "tcp:", 4)) {
        s->loopback.sin_family = AF_INET;
        s->loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        s->loopback.sin_port = htons((uint16_t)strtoul(path + 4, NULL, 10));
        return TURRET_OK;
    }
    s->address.sun_family = AF_UNIX;
    if (snprintf(s->address.sun_path, sizeof s->address.sun_path, "%s", path) >=
        (int)sizeof s->address.sun_path)
        return turret_fail(err, TURRET_EINVAL, "socket path %.100s is too long", path);
    return TURRET_OK;
}

static int32_t venue_connect(struct turret_broker *self, struct turret_error *err)
{
    struct state *s = self->state;
    (void)err;
    s->connected = true;
    tell_stream(self, TURRET_STREAM_CONNECTING, "");
    return TURRET_OK;
}

static int32_t venue_download(struct turret_broker *self, turret_time_ns since,
                              struct turret_error *err)
{
    struct state *s = self->state;
    (void)err;
    s->since = s->heard = since;
    s->told = false;
    if (s->socket >= 0)
        return ask_download(self, err);
    begin(self);
    return TURRET_OK;
}

/* Remembered before it is sent. fails: ELIMIT, ESTATE: it is not sent */
static int expect_answer(struct turret_broker *self, const struct turret_broker_order *order,
                         uint32_t kind, struct turret_error *err)
{
    struct state *s = self->state;
    if (s->socket < 0)
        return turret_fail(err, TURRET_ESTATE, "not connected");
    if (s->pending_count == PENDING_MAX)
        return turret_fail(err, TURRET_ELIMIT, "%d requests wait for an answer", PENDING_MAX);
    s->pending[s->pending_count++] =
        (struct pending){order->order_id, kind, order->request, self->host->monotonic_ns(self)};
    return TURRET_OK;
}

/* A request that could not be written whole was not sent, and nobody waits for it. */
static int32_t sent(struct turret_broker *self, int status)
{
    struct state *s = self->state;
    if (status)
        s->pending_count--;
    return status;
}

static int32_t venue_submit(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    const struct state *s = self->state;
    int status;
    if (self->host->monotonic_ns(self) < s->limited_ns)
        return turret_fail(err, TURRET_ELIMIT, "rate limit");
    status = expect_answer(self, order, TURRET_REQUEST_SUBMIT, err);
    if (!status)
        status = sent(self,
                      put(self, err,
                          "SUBMIT %s %s %c %c %c %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
                          order->client_id, self->host->instrument(self, order->instrument)->symbol,
                          order->side == TURRET_SIDE_BUY ? 'B' : 'S', "?MLST"[order->type],
                          "?GDIF"[order->tif], order -> qty, order -> limit_price,
                          order -> stop_price, order -> deadline));
    return status || order->order_id % 3 ? status : s->odd_answer;
}

static int32_t venue_cancel(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    int status = expect_answer(self, order, TURRET_REQUEST_CANCEL, err);
    return status ? status
                  : sent(self, put(self, err, "CANCEL %s %u\n", order->client_id, order->request));
}

static int32_t venue_modify(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    int status = expect_answer(self, order, TURRET_REQUEST_MODIFY, err);
    return status ? status
                  : sent(self, put(self, err,
                                   "MODIFY %s %u %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
                                   order->client_id, order->request, order->qty, order->limit_price,
                                   order->stop_price, order->deadline));
}

static int32_t venue_query(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err)
{
    int status = expect_answer(self, order, TURRET_REQUEST_QUERY, err);
    return status ? status
                  : sent(self, put(self, err, "QUERY %s %u\n", order->client_id, order->request));
}

static int32_t venue_fills(struct turret_broker *self, turret_time_ns since,
                           struct turret_error *err)
{
    return put(self, err, "FILLS %" PRId64 "\n", since);
}

static int32_t venue_positions(struct turret_broker *self, struct turret_error *err)
{
    return put(self, err, "POSITIONS\n");
}

static int32_t venue_balances(struct turret_broker *self, struct turret_error *err)
{
    return put(self, err, "BALANCES\n");
}

static int32_t venue_time(struct turret_broker *self, struct turret_error *err)
{
    return put(self, err, "TIME\n");
}

/* The venue tells of all it has: what nobody asked for is left out here. */
static int32_t venue_subscribe(struct turret_broker *self, turret_instrument instrument,
                               uint32_t reports, int64_t timeframe_ns, struct turret_error *err)
{
    struct state *s = self->state;
    (void)timeframe_ns;
    (void)err;
    if (reports & 1u << TURRET_REPORT_BAR)
        s->subscribed |= 1u << instrument;
    return TURRET_OK;
}

static int32_t venue_unsubscribe(struct turret_broker *self, turret_instrument instrument,
                                 uint32_t reports, struct turret_error *err)
{
    struct state *s = self->state;
    (void)err;
    if (reports & 1u << TURRET_REPORT_BAR)
        s->subscribed &= ~(1u << instrument);
    return TURRET_OK;
}

static int32_t venue_dead_man(struct turret_broker *self, int64_t after_ns,
                              struct turret_error *err)
{
    struct state *s = self->state;
    s->dead_man_ns = after_ns;
    return put(self, err, "DEADMAN %" PRId64 "\n", after_ns / MS);
}

static void venue_close(struct turret_broker *self)
{
    struct state *s = self->state;
    if (s->connected) {
        (void)self->host->timer(self, TIMER_CONNECT, -1);
        (void)self->host->timer(self, TIMER_RESUME, -1);
        (void)self->host->timer(self, TIMER_WATCH, -1);
    }
    s->connected = false;
    if (s->socket >= 0) {
        (void)self->host->watch(self, s->socket, 0);
        (void)close(s->socket);
    }
    s->socket = -1;
}

static const struct turret_broker_type venue_type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct state),
    .id = "test.venue",
    .version = "1.0.0",
    .summary = "The fake venue of the tests",
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .state_schema = 1,
    .describe = venue_describe,
    .open = venue_open,
    .connect = venue_connect,
    .download = venue_download,
    .submit = venue_submit,
    .cancel = venue_cancel,
    .modify = venue_modify,
    .query_order = venue_query,
    .query_fills = venue_fills,
    .query_positions = venue_positions,
    .query_balances = venue_balances,
    .server_time = venue_time,
    .close = venue_close,
    .on_timer = venue_on_timer,
    .on_fd = venue_on_fd,
    .subscribe = venue_subscribe,
    .unsubscribe = venue_unsubscribe,
    .set_cancel_on_disconnect = venue_dead_man,
};

TURRET_BROKER("test.venue", "1.0.0", venue_type);
