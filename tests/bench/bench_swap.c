/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy's code is exchanged for another build inside one engine. The pause is the time from
 * the end of the last event that the old build got to the first line of the new build's callback:
 * what is left of that event, the commit with the state, and the way of the next event. The state
 * has 4 KB, 64 KB or 1 MB; it is allowed five times a memcpy() of it, timed between the swaps of
 * the same run, and 2 µs.
 *
 * The same with both builds in runners, of which no limit is stated: a commit starts a process
 * there. The host does not see the first line in the runner, so the pause ends when the callback
 * has returned.
 */
#include "bench.h"

#include "core/engine.h"
#include "plugin/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE           INT64_C(60000000000)
#define START            (INT64_C(1700000000) / 86400 * 86400 * INT64_C(1000000000))
#define SWAPS            1001
#define SWAPS_OF_RUNNERS 31
#define WORDS(k)         ((k)*1024u / 8u)

struct swaps {
    uint32_t kilobytes, count;
    double percentile;
    struct registry *registry; /* NULL: both are in this process */
    struct turret_field field;
    struct turret_strategy_type types[2];
    struct engine *engine;
    turret_time_ns time;
    uint8_t *from, *to;
    double pauses[SWAPS], copies[SWAPS];
};

/* The clock of whichever build was called last, and which that was. */
static struct {
    double began, ended;
    uint32_t build;
    bool muted; /* the build beside runs after the acting one */
} seen;

/* ---- two builds ---- */

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_ok(err);
}

static void see_bar(struct turret_strategy *self, const struct turret_bar *bar, uint32_t build)
{
    int64_t *words = turret_self(self);
    if (!seen.muted) {
        seen.began = bench_now();
        seen.build = build;
        seen.muted = true;
    }
    words[(uint64_t)bar->time / 8 % WORDS(4)] += bar->close;
    seen.ended = bench_now();
}

static void first_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    see_bar(self, bar, 0);
}

static void second_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    see_bar(self, bar, 1);
}

static void make_types(struct swaps *s)
{
    uint32_t i;
    s->field = (struct turret_field)TURRET_FIELD(1, I64, struct swaps, engine, 1, 0, "words");
    s->field.offset = 0;
    s->field.count = WORDS(s->kilobytes);
    for (i = 0; i < 2; i++) {
        memset(&s->types[i], 0, sizeof s->types[i]);
        s->types[i].struct_size = (uint32_t)sizeof s->types[i];
        s->types[i].state_size = s->kilobytes * 1024u;
        s->types[i].id = "bench.words";
        s->types[i].version = i ? "2.0.0" : "1.0.0";
        s->types[i].summary = "Keeps words";
        s->types[i].fields = &s->field;
        s->types[i].field_count = 1;
        s->types[i].state_schema = 1;
        s->types[i].on_start = on_start;
        s->types[i].on_bar = i ? second_bar : first_bar;
    }
}

/* One build twice: what is exchanged are its runners. */
static void load_types(struct swaps *s, const struct bench *bench)
{
    static const struct plugin_policy isolated = {.allow_writable = true, .isolated = true};
    const char *folder = getenv("TURRET_BENCH");
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct turret_error err = {0};
    char path[512];
    (void)snprintf(path, sizeof path, "%s/words_%u.so", folder ? folder : ".", s->kilobytes);
    if (registry_create(&s->registry, bench->directory, &err) ||
        registry_load(s->registry, path, &isolated, &err) ||
        registry_find(s->registry, TURRET_KIND_STRATEGY, "bench.words", &offer, &plugin, &err))
        bench_fail("swap: %s", err.text);
    s->types[0] = s->types[1] = offer->strategy;
}

/* ---- an engine ---- */

static void on_command(void *context, const struct command *command)
{
    (void)context;
    (void)command;
}

static void check(int status, const struct turret_error *err)
{
    if (status)
        bench_fail("swap: %s", err->text);
}

static void make_engine(struct swaps *s)
{
    const struct sink sink = {.command = on_command};
    struct engine_options options = {.orders_max = 64, .executions_max = 64, .intents_max = 64};
    struct engine_venue venue = {.name = "venue", .caps = {.can = TURRET_CAN_TRADE}};
    struct engine_instrument instrument = {.venue = 0, .feed = 0};
    struct engine_subscription on = {1, MINUTE};
    struct engine_strategy strategy = {
        .name = "words", .type = &s->types[0], .on = &on, .on_count = 1, .enabled = true};
    struct turret_error err = {0};
    uint32_t index;
    risk_limits_clear(&strategy.limits);
    venue.caps.struct_size = (uint32_t)sizeof venue.caps;
    (void)snprintf(instrument.def.symbol, sizeof instrument.def.symbol, "S");
    (void)snprintf(instrument.def.venue, sizeof instrument.def.venue, "venue");
    memcpy(instrument.def.currency, "USD", 4);
    instrument.def.price_scale = 2;
    instrument.def.tick_size = instrument.def.lot_size = instrument.def.min_qty = 1;
    instrument.def.max_qty = 1000000;
    instrument.def.multiplier = 1;
    instrument.def.status = TURRET_STATUS_OPEN;
    check(engine_create(&s->engine, &options, &sink, &err), &err);
    check(engine_add_venue(s->engine, &venue, &index, &err), &err);
    check(engine_add_instrument(s->engine, &instrument, &index, &err), &err);
    check(engine_add_strategy(s->engine, &strategy, &index, &err), &err);
    check(engine_start(s->engine, TURRET_REASON_FIRST, &err), &err);
    s->time = START;
}

static void bar(struct swaps *s)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_BAR;
    event.u.bar = (struct turret_bar){.instrument = 1,
                                      .timeframe_ns = MINUTE,
                                      .time = s->time,
                                      .open = 100,
                                      .high = 100,
                                      .low = 100,
                                      .close = 100,
                                      .volume = 1};
    s->time += MINUTE;
    event.time = s->time;
    seen.muted = false;
    engine_ingest(s->engine, &event);
    if (s->registry) /* what happens in runners is seen from here */
        seen.began = seen.ended = bench_now();
}

static void step(struct swaps *s, uint32_t phase, uint32_t to)
{
    const struct engine_build with = {.strategy = &s->types[to]};
    struct turret_error err = {0};
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_SWAP;
    event.venue = EVENT_FROM_HOST;
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.phase = phase;
    check(engine_swap(s->engine, &event, &with, &err), &err);
}

/* ---- measuring ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const struct swaps *s, double *times)
{
    qsort(times, s->count, sizeof *times, ascending);
    return times[(uint32_t)((double)(s->count - 1) * s->percentile)];
}

static void swap_all(struct swaps *s)
{
    size_t bytes = s->kilobytes * 1024u;
    uint32_t i;
    for (i = 0; i < s->count; i++) {
        uint32_t to = (i + 1) % 2;
        double started, ended;
        step(s, SWAP_PREPARE, to);
        bar(s);
        bar(s);
        started = seen.ended;
        step(s, SWAP_COMMIT, to);
        bar(s);
        if (!s->registry && seen.build != to)
            bench_fail("swap: the new build did not get the event");
        s->pauses[i] = seen.began - started;
        bar(s);
        step(s, SWAP_RETIRE, to);
        started = bench_now();
        memcpy(s->to, s->from, bytes);
        __asm__ volatile("" : : "r"(s->to) : "memory");
        ended = bench_now();
        s->copies[i] = ended - started;
    }
}

static double allowed(void *context)
{
    struct swaps *s = context;
    swap_all(s);
    return 5 * percentile(s, s->copies) + 2000;
}

/* Of the same run. */
static double pause(void *context)
{
    struct swaps *s = context;
    return percentile(s, s->pauses);
}

static void measure(const struct bench *bench, uint32_t kilobytes, double at, bool isolated)
{
    struct swaps *s = calloc(1, sizeof *s);
    char what[64];
    struct bench_pair pair = {.what = what,
                              .unit = "swap",
                              .floor_name = "5 memcpy() of the state and 2 us",
                              .target = isolated ? 0 : 1,
                              .floor = allowed,
                              .measured = pause};
    if (!s)
        bench_fail("no memory");
    (void)snprintf(what, sizeof what, "pause%s, %u KB of state, p%.0f",
                   isolated ? " of runners" : "", kilobytes, at * 100);
    s->kilobytes = kilobytes;
    s->percentile = at;
    s->count = bench->smoke ? 3 : isolated ? SWAPS_OF_RUNNERS : kilobytes > 64 ? 301 : SWAPS;
    s->from = malloc(kilobytes * 1024u);
    s->to = malloc(kilobytes * 1024u);
    if (!s->from || !s->to)
        bench_fail("no memory");
    memset(s->from, 1, kilobytes * 1024u);
    memset(s->to, 2, kilobytes * 1024u);
    if (isolated)
        load_types(s, bench);
    else
        make_types(s);
    make_engine(s);
    pair.floor_context = pair.measured_context = s;
    bench_compare(bench, &pair);
    engine_destroy(s->engine, TURRET_REASON_SHUTDOWN);
    registry_destroy(s->registry);
    free(s->from);
    free(s->to);
    free(s);
}

int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {4, 64, 1024};
    struct bench bench;
    size_t i;
    bench_begin(&bench, "swap", argc, argv);
    for (i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        measure(&bench, sizes[i / 2], 0.5, i % 2);
        measure(&bench, sizes[i / 2], 0.99, i % 2);
    }
    return bench_end(&bench);
}
