/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/serve.h"

#include "isolation/channel.h"

#include <stdlib.h>
#include <unistd.h>

#define LOOK_NS         INT64_C(1000000000) /* between looks whether the host is there */
#define INSTRUMENTS_MAX 1024

struct serve serve;

void serve_wait(struct wire_head *head)
{
    struct wire_lane *lane = &serve.wire->calls;
    if (!channel_spin(lane, serve.calls_seen, &serve.spins, serve.spins_most))
        while (!channel_sleep(lane, serve.calls_seen, &serve.wire->runner_sleeps, LOOK_NS))
            if (getppid() != serve.host)
                _exit(0);
    serve.calls_seen++;
    *head = (struct wire_head){lane->kind, lane->status, lane->size, lane->a, lane->b};
}

void serve_post(const struct wire_head *head)
{
    channel_post(&serve.wire->answers, ++serve.answers_posted, head, &serve.wire->host_sleeps);
}

void serve_ask(const struct wire_head *ask, struct wire_head *reply)
{
    serve_post(ask);
    serve_wait(reply);
}

void serve_refuse(const struct turret_error *why, int status, struct wire_head *done)
{
    struct turret_error told = *why;
    if (told.code == 0)
        told.code = status;
    done->kind = WIRE_REFUSED;
    done->status = told.code;
    done->size = (uint32_t)sizeof told;
    memcpy(serve.wire->answers.body, &told, sizeof told);
}

void serve_run(void)
{
    void (*const call)(const struct wire_head *, struct wire_head *) =
        serve.offer->kind == TURRET_KIND_STRATEGY    ? serve_strategy
        : serve.offer->kind == TURRET_KIND_INDICATOR ? serve_indicator
                                                     : serve_broker;
    for (;;) {
        struct wire_head head, done = {.kind = WIRE_DONE};
        if (call == serve_broker)
            while (!channel_spin(&serve.wire->calls, serve.calls_seen, &serve.spins,
                                 serve.spins_most) &&
                   !serve_broker_idle())
                if (getppid() != serve.host)
                    _exit(0);
        serve_wait(&head);
        call(&head, &done);
        serve_post(&done);
    }
}

/* ---- streams: plugins write and read a few bytes at a time, each question is a large piece ----
 */

struct piece {
    unsigned char bytes[WIRE_REPLY];
    size_t used, at;
    int32_t status; /* of the last question; nothing goes on after an error */
};

static struct piece written, ahead;

int32_t serve_stream_flush(void)
{
    size_t at = 0;
    while (at < written.used && !written.status) {
        const struct wire_head ask = {.kind = WIRE_ASK_WRITE,
                                      .size = (uint32_t)(written.used - at)};
        struct wire_head reply;
        memcpy(serve.wire->answers.body, written.bytes + at, ask.size);
        serve_ask(&ask, &reply);
        written.status = reply.status;
        if (!reply.status && (reply.a == 0 || reply.a > ask.size))
            written.status = TURRET_EIO;
        at += (size_t)reply.a;
    }
    written.used = 0;
    return written.status;
}

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    uint64_t at = 0;
    (void)stream;
    while (at < size_bytes) {
        size_t room = sizeof written.bytes - written.used;
        size_t size = size_bytes - at < room ? (size_t)(size_bytes - at) : room;
        memcpy(written.bytes + written.used, (const unsigned char *)from + at, size);
        written.used += size;
        at += size;
        if (written.used == sizeof written.bytes && serve_stream_flush())
            break;
    }
    return written.status ? written.status : (int64_t)at;
}

/* False: there is no more, or an error. */
static bool read_ahead(void)
{
    const struct wire_head ask = {.kind = WIRE_ASK_READ, .a = sizeof ahead.bytes};
    struct wire_head reply;
    if (ahead.status)
        return false;
    serve_ask(&ask, &reply);
    ahead.status = reply.a > sizeof ahead.bytes && !reply.status ? TURRET_EIO : reply.status;
    ahead.at = 0;
    ahead.used = ahead.status ? 0 : (size_t)reply.a;
    memcpy(ahead.bytes, serve.wire->reply, ahead.used);
    return ahead.used > 0;
}

static int64_t stream_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    uint64_t got = 0;
    (void)stream;
    while (got < size_bytes && (ahead.at < ahead.used || read_ahead())) {
        size_t left = ahead.used - ahead.at;
        size_t size = size_bytes - got < left ? (size_t)(size_bytes - got) : left;
        memcpy((unsigned char *)to + got, ahead.bytes + ahead.at, size);
        ahead.at += size;
        got += size;
    }
    return ahead.status ? ahead.status : (int64_t)got;
}

struct turret_stream serve_stream_out(uint32_t schema)
{
    written.used = 0;
    written.status = TURRET_OK;
    return (struct turret_stream){(uint32_t)sizeof(struct turret_stream), schema, NULL, NULL,
                                  stream_write};
}

struct turret_stream serve_stream_in(uint32_t schema)
{
    ahead.used = ahead.at = 0;
    ahead.status = TURRET_OK;
    return (struct turret_stream){(uint32_t)sizeof(struct turret_stream), schema, NULL, stream_read,
                                  NULL};
}

/* ---- instruments ---- */

/* Plugins may keep the pointer: it stays. */
static const struct turret_instrument_def *keep(const struct wire_head *ask)
{
    static struct turret_instrument_def *defs;
    struct turret_instrument_def def;
    struct wire_head reply;
    serve_ask(ask, &reply);
    if (reply.status || reply.size != sizeof def)
        return NULL;
    memcpy(&def, serve.wire->reply, sizeof def);
    if (!defs)
        defs = calloc(INSTRUMENTS_MAX + 1, sizeof *defs);
    if (!defs || def.id > INSTRUMENTS_MAX)
        return NULL;
    defs[def.id] = def;
    return &defs[def.id];
}

const struct turret_instrument_def *serve_instrument(turret_instrument instrument)
{
    const struct wire_head ask = {.kind = WIRE_ASK_INSTRUMENT, .a = instrument};
    return keep(&ask);
}

const struct turret_instrument_def *serve_next_instrument(turret_instrument after)
{
    const struct wire_head ask = {.kind = WIRE_ASK_NEXT, .a = after};
    return keep(&ask);
}
