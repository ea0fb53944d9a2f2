/* SPDX-License-Identifier: Apache-2.0 */
/* Broker cards: sessions that end and come back, state that moves, markets that are not. */
#include "check/check_broker.h"
#include "check/check_groups.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS    60
#define STATE_MAX (1u << 20)
#define CUTS_MAX  2048
#define FAR_BELOW 100

struct bytes {
    uint8_t at[STATE_MAX];
    size_t used, room, piece_max;
};

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    struct bytes *to = stream->context;
    size_t size = (size_t)size_bytes;
    if (to->piece_max && size > to->piece_max)
        size = to->piece_max;
    if (size > sizeof to->at - to->used)
        return TURRET_EFULL;
    if (size > 0)
        memcpy(to->at + to->used, from, size);
    to->used += size;
    return (int64_t)size;
}

static int64_t stream_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    struct bytes *from = stream->context;
    size_t left = from->room - from->used;
    size_t size = size_bytes < left ? (size_t)size_bytes : left;
    if (from->piece_max && size > from->piece_max)
        size = from->piece_max;
    if (size > 0)
        memcpy(to, from->at + from->used, size);
    from->used += size;
    return (int64_t)size;
}

static void export_to(struct broker_bench *bench, struct bytes *to, size_t piece_max)
{
    struct turret_stream stream = {(uint32_t)sizeof stream, bench->type->state_schema, to, NULL,
                                   stream_write};
    struct turret_error why = {0};
    to->used = 0;
    to->piece_max = piece_max;
    check_stage(bench->check, "export_state");
    if (bench->type->export_state(&bench->handle, &stream, &why))
        check_fail(bench->check, "export_state refuses: %s", why.text);
    check_stage(bench->check, "");
}

static int import_from(struct broker_bench *bench, struct bytes *from, size_t size,
                       size_t piece_max, struct turret_error *why)
{
    struct turret_stream stream = {(uint32_t)sizeof stream, bench->type->state_schema, from,
                                   stream_read, NULL};
    int status;
    memset(why, 0, sizeof *why);
    from->room = size;
    from->used = 0;
    from->piece_max = piece_max;
    check_stage(bench->check, "import_state");
    status = bench->type->import_state(&bench->handle, &stream, why);
    check_stage(bench->check, "");
    return status;
}

/* A session with a resting order and a filled one. */
static bool begin_busy(struct broker_bench *bench, struct check *check,
                       const struct plugin_offer *offer)
{
    struct turret_broker_order order;
    if (!broker_bench_begin(bench, check, offer))
        return false;
    broker_bench_feed(bench, 4);
    if (!(bench->caps.can & TURRET_CAN_TRADE))
        return true;
    order = broker_bench_order(bench, TURRET_SIDE_BUY, 0);
    (void)broker_bench_request(bench, TURRET_REQUEST_SUBMIT, &order);
    broker_bench_feed(bench, 4);
    if (bench->caps.order_types & (1u << TURRET_ORDER_LIMIT)) {
        order = broker_bench_order(bench, TURRET_SIDE_BUY, FAR_BELOW);
        (void)broker_bench_request(bench, TURRET_REQUEST_SUBMIT, &order);
    }
    broker_bench_feed(bench, EVENTS);
    return true;
}

/* A new instance of the same adapter, opened as after a restart. */
static void reopen(struct broker_bench *bench, const struct broker_bench *before,
                   const struct plugin_offer *offer)
{
    struct turret_error why;
    broker_bench_init(bench, before->check, offer, before->values);
    bench->now = before->now;
    bench->next_order = before->next_order;
    bench->tape = before->tape;
    if (broker_bench_open(bench, TURRET_REASON_RESTART, &why))
        check_fail(bench->check, "does not open a second time: %s", why.text);
}

void check_broker_reconnect(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench, again;
    static struct bytes state;
    struct turret_error why;
    bool exports;
    if (!begin_busy(&bench, check, offer))
        return;
    exports = (bench.caps.can & TURRET_CAN_EXPORT) != 0;
    if (exports)
        export_to(&bench, &state, 0);
    reopen(&again, &bench, offer);
    broker_bench_end(&bench);
    if (exports && import_from(&again, &state, state.used, 0, &why))
        check_fail(check, "import_state refuses what export_state gave: %s", why.text);
    if (!broker_bench_connect(&again))
        check_fail(check, "is not ready after a reconnect: %s", again.status_text);
    broker_bench_feed(&again, 4);
    broker_bench_end(&again);
}

void check_broker_export(struct check *check, const struct plugin_offer *offer)
{
    static const size_t pieces[] = {0, 1, 7, 13, 1021};
    static struct broker_bench bench, again;
    static struct bytes first, second;
    struct turret_error why;
    size_t size, step;
    if (!begin_busy(&bench, check, offer))
        return;
    if (!(bench.caps.can & TURRET_CAN_EXPORT)) {
        check_skip(check, "it advertises no export");
        return;
    }
    export_to(&bench, &first, 0);
    size = first.used;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        reopen(&again, &bench, offer);
        if (import_from(&again, &first, size, pieces[i], &why))
            check_fail(check, "import_state by %zu bytes refuses what export_state gave: %s",
                       pieces[i], why.text);
        export_to(&again, &second, pieces[i]);
        if (second.used != size || memcmp(first.at, second.at, size) != 0)
            check_fail(check, "its state is not what it was after export and import by %zu bytes",
                       pieces[i]);
        broker_bench_end(&again);
    }
    step = size / CUTS_MAX + 1;
    for (size_t cut = 0; cut < size; cut += step) {
        reopen(&again, &bench, offer);
        if (import_from(&again, &first, cut, 0, &why) == TURRET_OK)
            check_fail(check, "import_state takes the first %zu of %zu bytes", cut, size);
        if (!why.text[0])
            check_fail(check, "import_state refuses %zu of %zu bytes without a text", cut, size);
        broker_bench_end(&again);
    }
    broker_bench_end(&bench);
}

/* Two runs over the same events report the same; and in two processes, which the runner compares.
 */
void check_broker_same(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    uint64_t digests[2];
    for (int i = 0; i < 2; i++) {
        if (!begin_busy(&bench, check, offer))
            return;
        if (!(bench.caps.can & TURRET_CAN_SIMULATE)) {
            check_skip(check, "its venue is a real one");
            return;
        }
        digests[i] = bench.digest;
        broker_bench_end(&bench);
    }
    if (digests[0] != digests[1])
        check_fail(check, "the same events and orders twice, and it reports something else");
    check_remark(check, "digest %016llx", (unsigned long long)digests[0]);
}

void check_broker_market(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    for (int scene = SCENE_FLAT; scene < SCENE_COUNT; scene++) {
        if (!begin_busy(&bench, check, offer))
            return;
        if (!(bench.caps.can & TURRET_CAN_SIMULATE)) {
            check_skip(check, "the host feeds it no events");
            return;
        }
        bench.tape.scene = (enum check_scene)scene;
        broker_bench_feed(&bench, EVENTS);
        broker_bench_end(&bench);
    }
}
