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

/* ---- streams ---- */

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    struct wire_head ask = {.kind = WIRE_ASK_WRITE}, reply;
    (void)stream;
    ask.size = size_bytes < WIRE_REPLY ? (uint32_t)size_bytes : WIRE_REPLY;
    memcpy(serve.wire->answers.body, from, ask.size);
    serve_ask(&ask, &reply);
    return reply.status ? reply.status : (int64_t)reply.a;
}

static int64_t stream_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    const struct wire_head ask = {.kind = WIRE_ASK_READ, .a = size_bytes};
    struct wire_head reply;
    (void)stream;
    serve_ask(&ask, &reply);
    if (reply.status == 0 && reply.a <= size_bytes && reply.a <= WIRE_REPLY)
        memcpy(to, serve.wire->reply, (size_t)reply.a);
    return reply.status ? reply.status : (int64_t)reply.a;
}

struct turret_stream serve_stream_out(uint32_t schema)
{
    return (struct turret_stream){(uint32_t)sizeof(struct turret_stream), schema, NULL, NULL,
                                  stream_write};
}

struct turret_stream serve_stream_in(uint32_t schema)
{
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
