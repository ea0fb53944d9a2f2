/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the venue become reports, one each. What an answer means is said by the table `proven`
 * alone; a code that is not in it proves nothing.
 */
#include "adapter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAR_NS      INT64_C(1000000000)
#define TIME_LATEST INT64_C(4102444800000000000) /* the year 2100 */
#define RATE_MS_MAX 86400000

/* reason NULL: any. What is not here is UNKNOWN. */
static const struct {
    uint32_t kind, code;
    const char *reason;
    uint32_t outcome;
} proven[] = {
    {TURRET_REQUEST_SUBMIT, 200, NULL, TURRET_OUTCOME_OK},
    {TURRET_REQUEST_SUBMIT, 400, "margin", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_SUBMIT, 400, "deadline", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_SUBMIT, 400, "closed", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_SUBMIT, 429, NULL, TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_SUBMIT, 418, NULL, TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_CANCEL, 200, NULL, TURRET_OUTCOME_OK},
    {TURRET_REQUEST_CANCEL, 400, "too-late", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_CANCEL, 404, NULL, TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_MODIFY, 200, NULL, TURRET_OUTCOME_OK},
    {TURRET_REQUEST_MODIFY, 400, "too-late", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_MODIFY, 400, "stale", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_MODIFY, 400, "deadline", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_MODIFY, 400, "closed", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_MODIFY, 400, "margin", TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_MODIFY, 404, NULL, TURRET_OUTCOME_REJECTED},
    {TURRET_REQUEST_QUERY, 404, NULL, TURRET_OUTCOME_NOT_FOUND},
};

static const char *const kinds[] = {"", "SUBMIT", "MODIFY", "CANCEL", "QUERY"};

/* ---- pending requests ---- */

static struct pending *find_pending(struct state *s, uint64_t order_id, uint32_t kind,
                                    uint32_t request)
{
    uint32_t i;
    for (i = 0; i < s->pending_count; i++) {
        struct pending *one = &s->pending[i];
        if (one->order_id == order_id && one->kind == kind &&
            ((kind != TURRET_REQUEST_CANCEL && kind != TURRET_REQUEST_MODIFY) ||
             one->request == request))
            return one;
    }
    return NULL;
}

static void settle(struct state *s, struct pending *one)
{
    s->pending_count--;
    memmove(one, one + 1, /* oldest first */
            (size_t)(&s->pending[s->pending_count] - one) * sizeof *one);
}

bool adapter_give_up(struct turret_broker *self, const char *why)
{
    struct state *s = self->state;
    const struct pending one = s->pending[0];
    struct turret_report report = {
        .struct_size = (uint32_t)sizeof report, .type = TURRET_REPORT_ACK, .time = s->heard};
    report.u.ack.order_id = one.order_id;
    report.u.ack.kind = one.kind;
    report.u.ack.request = one.request;
    report.u.ack.outcome = TURRET_OUTCOME_UNKNOWN;
    report.u.ack.round_trip_ns = self->host->monotonic_ns(self) - one.sent_ns;
    (void)snprintf(report.u.ack.reason, sizeof report.u.ack.reason, "%s", why);
    if (self->host->report(self, &report) == TURRET_ELIMIT)
        return false;
    settle(s, &s->pending[0]);
    return true;
}

/* ---- one line each ---- */

static uint8_t side_of(char side)
{
    return side == 'B' ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
}

/* 0: not one of ours */
static uint64_t id_of(const char *client_id)
{
    return client_id[0] >= '0' && client_id[0] <= '9' ? strtoull(client_id, NULL, 10) : 0;
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
    if (bar->time < 0 || bar->time > TIME_LATEST)
        return false;
    to->time = bar->time + BAR_NS;
    bar->instrument = self->host->find_instrument(self, symbol);
    return bar->instrument != 0;
}

static bool read_answer(struct turret_broker *self, const char *line, struct turret_report *to)
{
    struct turret_report_ack *ack = &to->u.ack;
    char kind[12];
    uint32_t code, i;
    to->type = TURRET_REPORT_ACK;
    if (sscanf(line, "%" SCNd64 " %" SCNu64 " %11s %u %u %39s %39s", &to->time, &ack->order_id,
               kind, &ack->request, &code, ack->venue_order_id, ack->reason) != 7)
        return false;
    for (ack->kind = 4; ack->kind > 0 && strcmp(kinds[ack->kind], kind) != 0; ack->kind--)
        ;
    ack->outcome = TURRET_OUTCOME_UNKNOWN;
    for (i = 0; i < sizeof proven / sizeof *proven; i++)
        if (proven[i].kind == ack->kind && proven[i].code == code &&
            (!proven[i].reason || !strcmp(proven[i].reason, ack->reason)))
            ack->outcome = proven[i].outcome;
    if (ack->outcome != TURRET_OUTCOME_OK)
        ack->venue_order_id[0] = 0;
    if (ack->outcome == TURRET_OUTCOME_UNKNOWN)
        (void)snprintf(ack->reason, sizeof ack->reason, "the venue answered %u", code);
    (void)self;
    return ack->kind != 0;
}

static bool read_order(struct turret_broker *self, const char *line, struct turret_report *to)
{
    static const struct {
        const char *name;
        uint8_t state;
    } states[] = {{"ACCEPTED", TURRET_STATE_ACCEPTED}, {"TRIGGERED", TURRET_STATE_TRIGGERED},
                  {"PARTIAL", TURRET_STATE_PARTIAL},   {"FILLED", TURRET_STATE_FILLED},
                  {"CANCELED", TURRET_STATE_CANCELED}, {"EXPIRED", TURRET_STATE_EXPIRED},
                  {"REJECTED", TURRET_STATE_REJECTED}};
    static const char types[] = "?MLST", tifs[] = "?GDIF";
    struct turret_report_order *order = &to->u.order;
    char id[24], symbol[8], state[12], side, type, tif;
    const char *at;
    uint32_t i;
    to->type = TURRET_REPORT_ORDER;
    if (sscanf(line,
               "%" SCNd64 " %23s %7s %11s %c %c %c %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
               " %u %39s",
               &to->time, id, symbol, state, &side, &type, &tif, &order->qty, &order->filled_qty,
               &order->limit_price, &order->stop_price, &order->snapshot,
               order->venue_order_id) != 13)
        return false;
    for (i = 0; i < sizeof states / sizeof *states; i++)
        if (!strcmp(states[i].name, state))
            order->state = states[i].state;
    order->order_id = id_of(id);
    order->origin = order->order_id ? TURRET_ORIGIN_HOST : TURRET_ORIGIN_FOREIGN;
    order->instrument = self->host->find_instrument(self, symbol);
    order->side = side_of(side);
    at = strchr(types, type);
    order->type = at ? (uint8_t)(at - types) : 0;
    at = strchr(tifs, tif);
    order->tif = at ? (uint8_t)(at - tifs) : 0;
    return order->state && order->instrument && order->type && order->tif;
}

static bool read_fill(struct turret_broker *self, const char *line, struct turret_report *to)
{
    struct turret_report_fill *fill = &to->u.fill;
    char id[24], symbol[8], side;
    to->type = TURRET_REPORT_FILL;
    if (sscanf(line, "%" SCNd64 " %23s %7s %c %" SCNd64 " %" SCNd64 " %" SCNd64 " %39s %39s",
               &to->time, id, symbol, &side, &fill->qty, &fill->price, &fill->fee,
               fill->execution_id, fill->venue_order_id) != 9)
        return false;
    fill->order_id = id_of(id);
    fill->instrument = self->host->find_instrument(self, symbol);
    fill->side = side_of(side);
    return fill->instrument != 0;
}

static bool read_bust(struct turret_broker *self, const char *line, struct turret_report *to)
{
    struct turret_report_bust *bust = &to->u.bust;
    (void)self;
    to->type = TURRET_REPORT_BUST;
    if (sscanf(line, "%" SCNd64 " %39s %39s %" SCNd64 " %" SCNd64, &to->time, bust->execution_id,
               bust->new_execution_id, &bust->corrected_qty, &bust->corrected_price) != 5)
        return false;
    if (bust->corrected_qty == 0)
        bust->new_execution_id[0] = 0;
    return true;
}

static bool read_position(struct turret_broker *self, const char *line, struct turret_report *to)
{
    char symbol[8];
    to->type = TURRET_REPORT_POSITION;
    if (sscanf(line, "%" SCNd64 " %7s %" SCNd64, &to->time, symbol, &to->u.position.qty) != 3)
        return false;
    to->u.position.instrument = self->host->find_instrument(self, symbol);
    return to->u.position.instrument != 0;
}

static bool read_balance(struct turret_broker *self, const char *line, struct turret_report *to)
{
    (void)self;
    to->type = TURRET_REPORT_BALANCE;
    memcpy(to->u.balance.currency, "USD", 4);
    return sscanf(line, "%" SCNd64 " %" SCNd64, &to->time, &to->u.balance.cash) == 2;
}

static bool read_begin(struct turret_broker *self, const char *line, struct turret_report *to)
{
    (void)self;
    to->type = TURRET_REPORT_DOWNLOAD;
    return sscanf(line, "%" SCNd64, &to->time) == 1;
}

static bool read_end(struct turret_broker *self, const char *line, struct turret_report *to)
{
    uint32_t code;
    (void)self;
    to->type = TURRET_REPORT_DOWNLOAD;
    to->u.download.done = 1;
    if (sscanf(line, "%" SCNd64 " %u", &to->time, &code) != 2)
        return false;
    to->u.download.result = code ? TURRET_EIO : TURRET_OK;
    return true;
}

static bool read_time(struct turret_broker *self, const char *line, struct turret_report *to)
{
    (void)self;
    to->type = TURRET_REPORT_TIME;
    return sscanf(line, "%" SCNd64 " %" SCNd64, &to->time, &to->u.server_time.time) == 2;
}

/* The venue says for how long; that is kept by this machine's clock. */
static bool read_rate(struct turret_broker *self, const char *line, struct turret_report *to)
{
    struct state *s = self->state;
    int64_t ms, until = self->host->monotonic_ns(self);
    to->type = TURRET_REPORT_RATE_LIMIT;
    if (sscanf(line, "%" SCNd64 " %" SCNd64 " %u", &to->time, &ms, &to->u.rate_limit.banned) != 3 ||
        to->time < 0 || to->time > TIME_LATEST || ms < 0 || ms > RATE_MS_MAX)
        return false;
    until += ms * 1000000;
    to->u.rate_limit.until = to->time + ms * 1000000;
    s->limited_ns = until;
    if (to->u.rate_limit.banned)
        s->banned_ns = until;
    return true;
}

typedef bool read_fn(struct turret_broker *self, const char *line, struct turret_report *to);

static const struct {
    const char *word;
    read_fn *read;
} words[] = {{"BAR", read_bar},     {"ANSWER", read_answer}, {"ORDER", read_order},
             {"FILL", read_fill},   {"BUST", read_bust},     {"POS", read_position},
             {"BAL", read_balance}, {"BEGIN", read_begin},   {"END", read_end},
             {"RATE", read_rate},   {"TIME", read_time}};

static bool read_any(struct turret_broker *self, const char *line, struct turret_report *to)
{
    size_t i, length = strcspn(line, " ");
    for (i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == length && !strncmp(words[i].word, line, length))
            return line[length] && words[i].read(self, line + length + 1, to);
    return false;
}

/* What the line answers, NULL nothing that is waited for. */
static struct pending *answered(struct state *s, const struct turret_report *report)
{
    if (report->type == TURRET_REPORT_ORDER && report->u.order.snapshot)
        return find_pending(s, report->u.order.order_id, TURRET_REQUEST_QUERY, 0);
    return report->type == TURRET_REPORT_ACK
               ? find_pending(s, report->u.ack.order_id, report->u.ack.kind, report->u.ack.request)
               : NULL;
}

/* False: the host's queue is full. */
static bool tell_host(struct turret_broker *self, const struct turret_report *report)
{
    struct state *s = self->state;
    struct pending *one = answered(s, report);
    if (report->type == TURRET_REPORT_BAR && !(s->subscribed & 1u << report->u.bar.instrument))
        return true;
    if (report->type == TURRET_REPORT_ACK && !one)
        return true; /* too late: UNKNOWN was said, and the order is asked for */
    if (one && report->type == TURRET_REPORT_ACK) {
        struct turret_report timed = *report;
        timed.u.ack.round_trip_ns = self->host->monotonic_ns(self) - one->sent_ns;
        if (self->host->report(self, &timed) == TURRET_ELIMIT)
            return false;
    } else if (self->host->report(self, report) == TURRET_ELIMIT) {
        return false;
    }
    if (one)
        settle(s, one);
    return true;
}

static void tell_gap(struct turret_broker *self, uint64_t received)
{
    struct state *s = self->state;
    struct turret_report report = {
        .struct_size = (uint32_t)sizeof report, .type = TURRET_REPORT_GAP, .time = s->heard};
    report.u.gap.expected = s->sequence + 1;
    report.u.gap.received = received;
    (void)self->host->report(self, &report);
}

enum line_result adapter_line(struct turret_broker *self, const char *line)
{
    struct state *s = self->state;
    struct turret_report report = {.struct_size = (uint32_t)sizeof report};
    uint64_t sequence = 0;
    int used = 0;
    if (sscanf(line, "%" SCNu64 " %n", &sequence, &used) == 1 && used > 0 && !s->syncing &&
        sequence > s->sequence + 1) {
        tell_gap(self, sequence);
        s->sequence = sequence;
        return LINE_MISSED;
    }
    if (s->syncing && strncmp(line + used, "BEGIN ", 6) != 0) {
        s->sequence = sequence > s->sequence ? sequence : s->sequence;
        return LINE_TAKEN; /* the download tells it again */
    }
    if (strncmp(line + used, "PONG ", 5) != 0) {
        if (!read_any(self, line + used, &report)) {
            self->host->log(self, TURRET_LOG_ERROR, line); /* cut off: what it said is not known */
            report.time = 0;
        } else if (!tell_host(self, &report)) {
            return LINE_WAITS;
        }
    }
    s->syncing = false;
    s->sequence = sequence > s->sequence ? sequence : s->sequence;
    if (report.time > s->heard)
        s->heard = report.time;
    if (!s->downloading)
        s->since = s->heard;
    return LINE_TAKEN;
}
