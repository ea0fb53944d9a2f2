/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as journal records whose checksums are good: every type of event, also those that only
 * the host writes, through an engine that replays. The whole path, with store and venues, is walked
 * by live_replay_record(); what it hands over is checked here.
 */
#include "bench.h"

#define RECORDS_MAX 64

struct record_head {
    uint16_t type, venue;
    uint32_t reserved;
    turret_time_ns time;
};

static const struct turret_indicator_type *offered(const void *to, const char *id)
{
    const void *build;
    (void)to;
    return rig_find(NULL, id, &build, NULL);
}

/* Steps of a change of code; the new build is the old code. */
static void swap(struct event *event)
{
    static const struct turret_param_value number = {1, TURRET_PARAM_TYPE_INT, 0, 0, NULL};
    static const char new_build[] = "new";
    struct engine_build with = {
        .strategy = &rig_strategy, .params = &number, .to = new_build, .indicator = offered};
    struct turret_error err = {0};
    with.caps = rig.engine->venues[0].caps;
    FUZZ_MUST(engine_swap(rig.engine, event, &with, &err) == TURRET_OK || err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct rig_options o = bench_options();
    size_t at = 0;
    o.engine.recorded_intents = true;
    rig_open(&rig, &o);
    bench_busy(4);
    for (int i = 0; i < RECORDS_MAX && size_bytes - at >= sizeof(struct record_head); i++) {
        struct record_head head;
        struct event event;
        uint32_t size;
        memcpy(&head, bytes + at, sizeof head);
        at += sizeof head;
        size = event_payload_size(head.type);
        FUZZ_MUST(size <= sizeof event.u && event_type_name(head.type));
        if (size == 0 || size > size_bytes - at)
            continue;
        memset(&event, 0, sizeof event);
        event.type = head.type;
        event.venue = head.venue;
        event.time = head.time;
        memcpy(&event.u, bytes + at, size);
        at += size;
        if (event.type == EVENT_SWAP)
            swap(&event);
        else
            engine_ingest(rig.engine, &event);
    }
    engine_end_recorded(rig.engine);
    bench_busy(3);
    bench_check();
    rig_close(&rig);
    return 0;
}

static uint8_t *seed_to;
static size_t seed_used, seed_room;

static void on_journal(void *context, const struct event *event)
{
    struct record_head head = {event->type, event->venue, 0, event->time};
    uint32_t size = event_payload_size(event->type);
    (void)context;
    if (seed_used + sizeof head + size > seed_room)
        return;
    memcpy(seed_to + seed_used, &head, sizeof head);
    memcpy(seed_to + seed_used + sizeof head, &event->u, size);
    seed_used += sizeof head + size;
}

/* What an engine journals by itself. */
size_t fuzz_seed(unsigned number, uint8_t *to, size_t room)
{
    struct rig_options o = bench_options();
    if (number > CONTROL_RESTART_STRATEGY)
        return 0;
    seed_to = to;
    seed_used = 0;
    seed_room = room < 8000 ? room : 8000;
    rig_open(&rig, &o);
    bench_busy(number * 2);
    rig.engine->sink.journal = on_journal;
    if (number % 2) {
        struct event event = rig_event(&rig, EVENT_SWAP);
        event.u.swap.kind = number % 3 ? TURRET_KIND_STRATEGY : TURRET_KIND_INDICATOR;
        event.u.swap.phase = SWAP_PREPARE;
        swap(&event);
        bench_busy(4);
        event.u.swap.phase = SWAP_COMMIT;
        swap(&event);
    }
    rig_control(&rig, number, number % 2, TRADING_REDUCING);
    bench_busy(10);
    rig_close(&rig);
    return seed_used;
}
