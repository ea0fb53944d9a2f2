/* SPDX-License-Identifier: Apache-2.0 */
/* As strategy_asks.c: a row for each ask, bodies copied before they are looked at. */
#include "isolation/adapter_asks.h"

#include "isolation/program.h"

union ask_body {
    struct wire_bars bars;
    char text[256];
};

struct asking {
    struct adapter *adapter;
    const struct turret_broker_host *host;
    struct turret_broker *self;
    const struct wire_head *head;
    union ask_body *body;
    struct wire_head *reply;
    unsigned char *reply_body;
};

/* One after the other leaves the shared memory; those there is no room for are said again. */
static void ask_report(struct asking *a)
{
    const unsigned char *from = runner_wire(a->adapter->runner)->answers.body;
    const uint32_t count = a->head->size / (uint32_t)sizeof(struct turret_report);
    struct turret_report report;
    if (count > WIRE_REPORTS || a->head->size % sizeof report != 0) {
        runner_breach(a->adapter->runner, "reports of another size");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        wire_take(&report, from + i * sizeof report, sizeof report);
        report.struct_size = (uint32_t)sizeof report;
        if (a->host->report(a->self, &report) == TURRET_ELIMIT)
            return;
        a->reply->a = i + 1;
    }
}

static void ask_delay(struct asking *a)
{
    a->reply->status = a->head->a <= UINT32_MAX
                           ? a->host->timer(a->self, (uint32_t)a->head->a, (int64_t)a->head->b)
                           : TURRET_EINVAL;
}

static void ask_find(struct asking *a)
{
    a->body->text[sizeof a->body->text - 1] = '\0';
    a->reply->a = a->host->find_instrument(a->self, a->body->text);
}

static void give_def(struct asking *a, const struct turret_instrument_def *def)
{
    a->reply->size = (uint32_t)sizeof *def;
    memcpy(a->reply_body, def, sizeof *def);
}

static void ask_instrument(struct asking *a)
{
    const struct turret_instrument_def *def =
        a->head->a <= UINT32_MAX ? a->host->instrument(a->self, (turret_instrument)a->head->a)
                                 : NULL;
    a->reply->status = def ? TURRET_OK : TURRET_ENOTFOUND;
    if (def)
        give_def(a, def);
}

struct next {
    uint64_t after;
    const struct turret_instrument_def *found;
};

static void see(void *context, const struct turret_instrument_def *def)
{
    struct next *next = context;
    if (!next->found && def->id > next->after)
        next->found = def;
}

static void ask_next(struct asking *a)
{
    struct next next = {a->head->a, NULL};
    a->host->each_instrument(a->self, &next, see);
    a->reply->status = next.found ? TURRET_OK : TURRET_ENOTFOUND;
    if (next.found)
        give_def(a, next.found);
}

static void ask_bars(struct asking *a)
{
    static struct turret_bar bars[WIRE_BARS_MAX];
    const struct wire_bars *wanted = &a->body->bars;
    uint32_t most = wanted->capacity < WIRE_BARS_MAX ? wanted->capacity : WIRE_BARS_MAX;
    int64_t count = a->host->read_bars(a->self, (turret_instrument)a->head->a, wanted->timeframe_ns,
                                       wanted->from, bars, most);
    a->reply->a = (uint64_t)count;
    if (count <= 0)
        return;
    a->reply->size = (uint32_t)((size_t)count * sizeof *bars);
    memcpy(a->reply_body, bars, a->reply->size);
}

static void ask_log(struct asking *a)
{
    program_clean_text(a->body->text, sizeof a->body->text);
    a->host->log(a->self, (uint32_t)a->head->a, a->body->text);
}

/* The stream is the host's and bounded by it; pieces are as long as they say. */
static void ask_write(struct asking *a)
{
    static unsigned char piece[WIRE_REPLY];
    struct turret_stream *stream = a->adapter->stream;
    int64_t put = TURRET_ESTATE;
    if (stream && stream->write && a->head->size <= sizeof piece) {
        wire_take(piece, runner_wire(a->adapter->runner)->answers.body, a->head->size);
        put = stream->write(stream, piece, a->head->size);
    }
    a->reply->status = put < 0 ? (int32_t)put : TURRET_OK;
    a->reply->a = put < 0 ? 0 : (uint64_t)put;
}

static void ask_read(struct asking *a)
{
    struct turret_stream *stream = a->adapter->stream;
    uint64_t most = a->head->a < WIRE_REPLY ? a->head->a : WIRE_REPLY;
    int64_t got =
        stream && stream->read ? stream->read(stream, a->reply_body, most) : TURRET_ESTATE;
    a->reply->status = got < 0 ? (int32_t)got : TURRET_OK;
    a->reply->a = got < 0 ? 0 : (uint64_t)got;
}

static const struct {
    void (*answer)(struct asking *a);
    uint32_t size; /* of the body, exactly */
} answers[] = {
    [WIRE_ASK_REPORT] = {ask_report, UINT32_MAX},
    [WIRE_ASK_DELAY] = {ask_delay, 0},
    [WIRE_ASK_FIND] = {ask_find, 256},
    [WIRE_ASK_INSTRUMENT] = {ask_instrument, 0},
    [WIRE_ASK_NEXT] = {ask_next, 0},
    [WIRE_ASK_BARS] = {ask_bars, sizeof(struct wire_bars)},
    [WIRE_ASK_LOG] = {ask_log, 256},
    [WIRE_ASK_WRITE] = {ask_write, UINT32_MAX},
    [WIRE_ASK_READ] = {ask_read, 0},
};

void adapter_answer(void *context, const struct wire_head *ask, struct wire_head *reply)
{
    struct adapter *adapter = context;
    struct wire_channel *wire = runner_wire(adapter->runner);
    union ask_body body;
    struct asking asking = {adapter, adapter->self->host, adapter->self, ask, &body,
                            reply,   wire->reply};
    if (ask->kind >= sizeof answers / sizeof *answers || !answers[ask->kind].answer) {
        runner_breach(adapter->runner, "a question that does not exist");
        return;
    }
    if (answers[ask->kind].size != UINT32_MAX) {
        if (ask->size != answers[ask->kind].size) {
            runner_breach(adapter->runner, "a question of another size");
            return;
        }
        wire_take(&body, wire->answers.body, ask->size);
    }
    answers[ask->kind].answer(&asking);
}
