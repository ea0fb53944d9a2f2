/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter `test.venue`: speaks to the fake venue (venue.c) through the host's descriptors and
 * timers. Every line of the venue becomes one report, so that a full ingest queue only means that
 * the line waits. A lost connection is tried again every few milliseconds and begins, like the
 * first, with a download from the newest time that was reported.
 */
#include <turret/broker.h>

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROOM          65536
#define TIMER_CONNECT 0
#define TIMER_RESUME  1
#define CONNECT_AGAIN INT64_C(5000000)
#define RESUME_LATER  INT64_C(1000000)
#define FEE_UNIT_NANO INT64_C(5000000)
#define BAR_NS        INT64_C(1000000000)

struct state {
    struct sockaddr_un address;
    struct sockaddr_in loopback; /* used when its port is not 0 */
    int socket;                  /* -1: none */
    bool connected, held;
    turret_time_ns since;
    size_t in_used, out_used;
    char in[ROOM], out[ROOM];
};

static const struct turret_param params[] = {
    TURRET_PARAM_TEXT(1, "socket", "venue.sock", "",
                      "where the fake venue listens: a path or tcp:PORT"),
};

static void tell_stream(struct turret_broker *self, uint32_t status, const char *text)
{
    struct state *s = self->state;
    struct turret_report report = {
        .struct_size = (uint32_t)sizeof report, .type = TURRET_REPORT_STREAM, .time = s->since};
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

static void lose(struct turret_broker *self, const char *why)
{
    struct state *s = self->state;
    (void)self->host->watch(self, s->socket, 0);
    (void)self->host->timer(self, TIMER_RESUME, -1);
    (void)close(s->socket);
    s->socket = -1;
    s->held = false;
    s->in_used = s->out_used = 0;
    tell_stream(self, TURRET_STREAM_DOWN, why);
    (void)self->host->timer(self, TIMER_CONNECT, CONNECT_AGAIN);
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
    flush(self);
    return TURRET_OK;
}

static void begin(struct turret_broker *self)
{
    struct state *s = self->state;
    int failed;
    if (s->loopback.sin_port) {
        s->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* at once, on this machine */
        failed = connect(s->socket, (const struct sockaddr *)&s->loopback, sizeof s->loopback);
    } else {
        s->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        failed = connect(s->socket, (const struct sockaddr *)&s->address, sizeof s->address);
    }
    if (failed) {
        if (s->socket >= 0)
            (void)close(s->socket);
        s->socket = -1;
        (void)self->host->timer(self, TIMER_CONNECT, CONNECT_AGAIN);
        return;
    }
    tell_stream(self, TURRET_STREAM_DOWNLOADING, "");
    (void)put(self, NULL, "DOWNLOAD %" PRId64 "\n", s->since);
}

/* ---- lines of the venue ---- */

static uint8_t side_of(char side)
{
    return side == 'B' ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
}

static bool read_bar(struct turret_broker *self, const char *line, struct turret_report *to)
{
    struct turret_bar *bar = &to->u.bar;
    char symbol[8];
    to->type = TURRET_REPORT_BAR;
    bar->timeframe_ns = BAR_NS;
    if (sscanf(line, "%" SCNd64 " %7s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
               &bar->time, symbol, &bar->open, &bar->high, &bar->low, &bar->close,
               &bar->volume) != 7)
        return false;
    to->time = bar->time + BAR_NS;
    bar->instrument = self->host->find_instrument(self, symbol);
    return bar->instrument != 0;
}

static bool read_ack(const char *line, struct turret_report *to)
{
    static const char *const kinds[] = {"", "SUBMIT", "MODIFY", "CANCEL", "QUERY"};
    static const char *const outcomes[] = {"", "OK", "REJECTED", "UNKNOWN", "NOT_FOUND"};
    struct turret_report_ack *ack = &to->u.ack;
    char kind[12], outcome[12];
    to->type = TURRET_REPORT_ACK;
    if (sscanf(line, "%" SCNd64 " %" SCNu64 " %11s %u %11s %39s %39s", &to->time, &ack->order_id,
               kind, &ack->request, outcome, ack->venue_order_id, ack->reason) != 7)
        return false;
    for (ack->kind = 4; ack->kind > 0 && strcmp(kinds[ack->kind], kind) != 0; ack->kind--)
        ;
    for (ack->outcome = 4; ack->outcome > 0 && strcmp(outcomes[ack->outcome], outcome) != 0;)
        ack->outcome--;
    if (ack->outcome != TURRET_OUTCOME_OK)
        ack->venue_order_id[0] = 0;
    return ack->kind && ack->outcome;
}

static bool read_order(struct turret_broker *self, const char *line, struct turret_report *to)
{
    static const struct {
        const char *name;
        uint8_t state;
    } states[] = {{"ACCEPTED", TURRET_STATE_ACCEPTED},
                  {"PARTIAL", TURRET_STATE_PARTIAL},
                  {"FILLED", TURRET_STATE_FILLED},
                  {"CANCELED", TURRET_STATE_CANCELED},
                  {"REJECTED", TURRET_STATE_REJECTED}};
    struct turret_report_order *order = &to->u.order;
    char symbol[8], state[12], side, type;
    uint32_t i;
    to->type = TURRET_REPORT_ORDER;
    if (sscanf(line,
               "%" SCNd64 " %" SCNu64 " %7s %11s %c %c %" SCNd64 " %" SCNd64 " %" SCNd64 " %u %39s",
               &to->time, &order->order_id, symbol, state, &side, &type, &order->qty,
               &order->filled_qty, &order->limit_price, &order->snapshot,
               order->venue_order_id) != 11)
        return false;
    for (i = 0; i < sizeof states / sizeof *states; i++)
        if (!strcmp(states[i].name, state))
            order->state = states[i].state;
    order->instrument = self->host->find_instrument(self, symbol);
    order->side = side_of(side);
    order->type = type == 'M' ? TURRET_ORDER_MARKET : TURRET_ORDER_LIMIT;
    order->tif = TURRET_TIF_GTC;
    return order->state && order->instrument;
}

static bool read_fill(struct turret_broker *self, const char *line, struct turret_report *to)
{
    struct turret_report_fill *fill = &to->u.fill;
    char symbol[8], side;
    to->type = TURRET_REPORT_FILL;
    if (sscanf(line, "%" SCNd64 " %" SCNu64 " %7s %c %" SCNd64 " %" SCNd64 " %" SCNd64 " %39s %39s",
               &to->time, &fill->order_id, symbol, &side, &fill->qty, &fill->price, &fill->fee,
               fill->execution_id, fill->venue_order_id) != 9)
        return false;
    fill->instrument = self->host->find_instrument(self, symbol);
    fill->side = side_of(side);
    return fill->instrument != 0;
}

static bool read_rest(struct turret_broker *self, const char *line, struct turret_report *to)
{
    char symbol[8];
    if (sscanf(line, "POS %" SCNd64 " %7s %" SCNd64, &to->time, symbol, &to->u.position.qty) == 3) {
        to->type = TURRET_REPORT_POSITION;
        to->u.position.instrument = self->host->find_instrument(self, symbol);
        return to->u.position.instrument != 0;
    }
    if (sscanf(line, "BAL %" SCNd64 " %" SCNd64, &to->time, &to->u.balance.cash) == 2) {
        to->type = TURRET_REPORT_BALANCE;
        memcpy(to->u.balance.currency, "USD", 4);
        return true;
    }
    to->type = TURRET_REPORT_DOWNLOAD;
    to->u.download.done = !strncmp(line, "END", 3);
    return sscanf(line, to->u.download.done ? "END %" SCNd64 : "BEGIN %" SCNd64, &to->time) == 1;
}

/* False: the host's queue is full, the line waits. */
static bool on_line(struct turret_broker *self, const char *line)
{
    struct state *s = self->state;
    struct turret_report report = {.struct_size = (uint32_t)sizeof report};
    bool good;
    if (!strncmp(line, "BAR ", 4))
        good = read_bar(self, line + 4, &report);
    else if (!strncmp(line, "ACK ", 4))
        good = read_ack(line + 4, &report);
    else if (!strncmp(line, "ORDER ", 6))
        good = read_order(self, line + 6, &report);
    else if (!strncmp(line, "FILL ", 5))
        good = read_fill(self, line + 5, &report);
    else
        good = read_rest(self, line, &report);
    if (!good) {
        self->host->log(self, TURRET_LOG_ERROR, line);
        return true;
    }
    if (self->host->report(self, &report) == TURRET_ELIMIT)
        return false;
    if (report.time > s->since)
        s->since = report.time;
    return true;
}

static void take_lines(struct turret_broker *self)
{
    struct state *s = self->state;
    char *start = s->in, *end;
    size_t left = s->in_used;
    s->held = false;
    while (!s->held && (end = memchr(start, '\n', left)) != NULL) {
        *end = 0;
        if (!on_line(self, start)) {
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
        s->in_used += (size_t)got;
        take_lines(self);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        lose(self, "connection lost");
    }
}

static void venue_on_timer(struct turret_broker *self, uint32_t timer_id)
{
    const struct state *s = self->state;
    if (timer_id == TIMER_CONNECT && s->connected && s->socket < 0)
        begin(self);
    else if (timer_id == TIMER_RESUME && s->socket >= 0)
        take_lines(self);
}

/* ---- requests ---- */

static int32_t venue_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                              struct turret_error *err)
{
    (void)self;
    (void)err;
    caps->can = TURRET_CAN_TRADE;
    caps->order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    caps->times_in_force = 1u << TURRET_TIF_GTC;
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
    s->since = since;
    if (s->socket >= 0)
        return put(self, err, "DOWNLOAD %" PRId64 "\n", since);
    begin(self);
    return TURRET_OK;
}

static int32_t venue_submit(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    return put(self, err, "SUBMIT %s %s %c %c %" PRId64 " %" PRId64 " %" PRId64 "\n",
               order->client_id, self->host->instrument(self, order->instrument)->symbol,
               order->side == TURRET_SIDE_BUY ? 'B' : 'S',
               order->type == TURRET_ORDER_MARKET ? 'M' : 'L', order->qty, order->limit_price,
               order->deadline);
}

static int32_t venue_cancel(struct turret_broker *self, const struct turret_broker_order *order,
                            struct turret_error *err)
{
    return put(self, err, "CANCEL %s %u\n", order->client_id, order->request);
}

static int32_t venue_query(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err)
{
    return put(self, err, "QUERY %s %u\n", order->client_id, order->request);
}

static void venue_close(struct turret_broker *self)
{
    struct state *s = self->state;
    if (s->connected) {
        (void)self->host->timer(self, TIMER_CONNECT, -1);
        (void)self->host->timer(self, TIMER_RESUME, -1);
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
    .param_count = 1,
    .state_schema = 1,
    .describe = venue_describe,
    .open = venue_open,
    .connect = venue_connect,
    .download = venue_download,
    .submit = venue_submit,
    .cancel = venue_cancel,
    .query_order = venue_query,
    .close = venue_close,
    .on_timer = venue_on_timer,
    .on_fd = venue_on_fd,
};

TURRET_BROKER("test.venue", "1.0.0", venue_type);
