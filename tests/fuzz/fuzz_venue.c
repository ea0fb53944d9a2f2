/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what the fake venue sends: the adapter of the tests reads them line by line
 * (venue/adapter_lines.c), and what it makes of them goes into an engine whose strategies trade.
 * Each line is taken, put off or found to be missing; each report is refused with a text or taken;
 * what is reserved for open orders stays the sum of the orders.
 */
#include "bench.h"

#include "../venue/adapter.h"

#define LINES_MAX 64
#define OURS      4 /* orders whose answers are waited for */

static struct state adapter;

static int32_t take_report(struct turret_broker *self, const struct turret_report *report)
{
    struct turret_error err = {0};
    struct event event;
    (void)self;
    if (event_from_report(&event, 0, report, &err)) {
        FUZZ_MUST(err.text[0]);
        return TURRET_EINVAL;
    }
    (void)engine_accepts(rig.engine, &event);
    engine_ingest(rig.engine, &event);
    return TURRET_OK;
}

static turret_instrument find(struct turret_broker *self, const char *symbol)
{
    (void)self;
    return !strcmp(symbol, "AAA") ? rig.instrument[0]
                                  : (!strcmp(symbol, "BBB") ? rig.instrument[1] : 0);
}

static int64_t no_time(struct turret_broker *self)
{
    (void)self;
    return 1;
}

static void say(struct turret_broker *self, uint32_t level, const char *text)
{
    (void)self;
    (void)level;
    FUZZ_MUST(text);
}

static const struct turret_broker_host host = {.struct_size = (uint32_t)sizeof host,
                                               .report = take_report,
                                               .find_instrument = find,
                                               .monotonic_ns = no_time,
                                               .log = say};

static void expect_answers(void)
{
    static const uint32_t kinds[] = {TURRET_REQUEST_SUBMIT, TURRET_REQUEST_CANCEL,
                                     TURRET_REQUEST_QUERY};
    memset(&adapter, 0, sizeof adapter);
    for (uint32_t i = 0; i < OURS * 3; i++)
        adapter.pending[adapter.pending_count++] = (struct pending){
            engine_epoch(rig.engine) * (UINT64_C(1) << 32) + 1 + i / 3, kinds[i % 3], 1, 1};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct rig_options o = bench_options();
    struct turret_broker self = {&adapter, &host};
    size_t at = 0;
    rig_open(&rig, &o);
    bench_busy(4);
    expect_answers();
    for (int line = 0; line < LINES_MAX && at < size_bytes; line++) {
        const uint8_t *end = memchr(bytes + at, '\n', size_bytes - at);
        size_t length = end ? (size_t)(end - bytes) - at : size_bytes - at;
        char *text = calloc(1, length + 1);
        FUZZ_MUST(text);
        memcpy(text, bytes + at, length);
        (void)adapter_line(&self, text);
        free(text);
        at += length + 1;
        FUZZ_MUST(adapter.pending_count <= OURS * 3);
        FUZZ_MUST(adapter.since <= adapter.heard);
        if (line % 8 == 7)
            rig_bar(&rig, rig.instrument[line / 8 % 2], 10000);
    }
    while (adapter.pending_count > 0)
        FUZZ_MUST(adapter_give_up(&self, "no answer in time"));
    bench_check();
    rig_close(&rig);
    return 0;
}
