/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small host for one broker adapter: loads the .so from the folder in TURRET_PLUGINS, offers it
 * three instruments, records what it reports and drives its timers by hand.
 */
#ifndef BROKER_BENCH_H
#define BROKER_BENCH_H

#include <turret/broker.h>

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BENCH_REPORTS 60000
#define BENCH_STORED  2000
#define MINUTE        60000000000LL
#define DAY           86400000000000LL
#define T0            1704205800000000000LL /* 2024-01-02T14:30:00Z */
#define MIDNIGHT      1704240000000000000LL /* the midnight after it */

#define SPY 1u /* whole shares, cents */
#define BTC 2u /* 10^-8 units, cents, tick 5 cents */
#define FUT 5u /* contracts of 50, ticks of 25 cents, other currency */

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

struct bench {
    struct turret_broker broker; /* first: host callbacks get here from it */
    struct turret_broker_host host;
    void *library;
    const struct turret_broker_type *type;
    struct turret_param_value param[32];
    struct turret_report *report;
    uint32_t count, next;               /* reports recorded, and checked so far */
    uint32_t refuse_from, refuse_count; /* reports to refuse with ELIMIT, counted from recorded */
    int64_t timer[8];                   /* delay asked for, -1 not armed */
    struct turret_bar *stored;
    uint32_t stored_count;
    char log[2048];
    uint32_t seed;
    turret_time_ns until;
};

static const struct turret_instrument_def bench_defs[] = {
    {sizeof(struct turret_instrument_def), SPY, "SPY", "sim", "USD", 2, 0, 2, TURRET_STATUS_OPEN, 1,
     1, 1, 0, 1},
    {sizeof(struct turret_instrument_def), BTC, "BTC", "sim", "USD", 2, 8, 2, TURRET_STATUS_OPEN, 5,
     1000, 1000, 100000000000, 1},
    {sizeof(struct turret_instrument_def), FUT, "FUT", "sim", "EUR", 2, 0, 8, TURRET_STATUS_OPEN,
     25, 1, 1, 0, 50},
};

#define BENCH_DEFS (sizeof bench_defs / sizeof bench_defs[0])

static struct bench *bench_of(struct turret_broker *self)
{
    return (struct bench *)self;
}

static int32_t bench_report(struct turret_broker *self, const struct turret_report *report)
{
    struct bench *b = bench_of(self);
    assert_int_equal(report->struct_size, sizeof *report);
    if (b->refuse_count > 0 && b->count >= b->refuse_from) {
        b->refuse_count--;
        return TURRET_ELIMIT;
    }
    assert_true(b->count < BENCH_REPORTS);
    b->report[b->count++] = *report;
    return TURRET_OK;
}

static int32_t bench_timer(struct turret_broker *self, uint32_t timer_id, int64_t delay_ns)
{
    assert_true(timer_id < 8);
    bench_of(self)->timer[timer_id] = delay_ns;
    return TURRET_OK;
}

static const struct turret_instrument_def *bench_def(struct turret_broker *self,
                                                     turret_instrument instrument)
{
    (void)self;
    for (uint32_t i = 0; i < BENCH_DEFS; i++) {
        if (bench_defs[i].id == instrument) {
            return &bench_defs[i];
        }
    }
    return NULL;
}

static void bench_each(struct turret_broker *self, void *context,
                       void (*each)(void *context, const struct turret_instrument_def *def))
{
    (void)self;
    for (uint32_t i = 0; i < BENCH_DEFS; i++) {
        each(context, &bench_defs[i]);
    }
}

static int64_t bench_read_bars(struct turret_broker *self, turret_instrument instrument,
                               int64_t timeframe_ns, turret_time_ns from, struct turret_bar *bars,
                               uint32_t capacity)
{
    const struct bench *b = bench_of(self);
    int64_t count = 0;
    for (uint32_t i = 0; i < b->stored_count && count < (int64_t)capacity; i++) {
        const struct turret_bar *bar = &b->stored[i];
        if (bar->instrument == instrument && bar->timeframe_ns == timeframe_ns &&
            bar->time >= from) {
            bars[count++] = *bar;
        }
    }
    return count;
}

static void bench_log(struct turret_broker *self, uint32_t level, const char *text)
{
    struct bench *b = bench_of(self);
    size_t used = strlen(b->log);
    (void)snprintf(b->log + used, sizeof b->log - used, "%u %s\n", level, text);
}

/* Loads the adapter and takes the defaults of its own table. */
static inline struct bench *bench_load(const char *name)
{
    char path[4096];
    struct bench *b = calloc(1, sizeof *b);
    const char *folder = getenv("TURRET_PLUGINS");
    assert_non_null(folder);
    (void)snprintf(path, sizeof path, "%s/%s.so", folder, name);
    b->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(b->library);
    const struct turret_entry *entry = dlsym(b->library, TURRET_ENTRY_SYMBOL);
    assert_non_null(entry);
    assert_int_equal(entry->offer_count, 1);
    b->type = entry->offers[0].broker;
    assert_int_equal(b->type->struct_size, sizeof *b->type);
    b->report = calloc(BENCH_REPORTS, sizeof *b->report);
    b->stored = calloc(BENCH_STORED, sizeof *b->stored);
    b->broker.state = calloc(1, b->type->state_size);
    b->host = (struct turret_broker_host){.struct_size = sizeof b->host,
                                          .report = bench_report,
                                          .timer = bench_timer,
                                          .instrument = bench_def,
                                          .each_instrument = bench_each,
                                          .read_bars = bench_read_bars,
                                          .log = bench_log};
    b->broker.host = &b->host;
    for (uint32_t i = 0; i < 8; i++) {
        b->timer[i] = -1;
    }
    for (uint32_t i = 0; i < b->type->param_count; i++) {
        const struct turret_param *param = &b->type->params[i];
        b->param[i] = (struct turret_param_value){
            param->id, param->type,
            strcmp(param->default_text, "true") == 0 ? 1 : strtoll(param->default_text, NULL, 10),
            strtod(param->default_text, NULL), param->default_text};
    }
    return b;
}

/* Sets a parameter as the config would say it. */
static inline void bench_set(struct bench *b, const char *name, const char *value)
{
    for (uint32_t i = 0; i < b->type->param_count; i++) {
        if (strcmp(b->type->params[i].name, name) == 0) {
            b->param[i].text = value;
            b->param[i].f = strtod(value, NULL);
            b->param[i].i = value[0] == 't' ? 1 : strtoll(value, NULL, 10);
            return;
        }
    }
    fail_msg("no parameter %s", name);
}

static inline int bench_try_open(struct bench *b, turret_time_ns now, struct turret_error *err)
{
    struct turret_broker_open open = {.struct_size = sizeof open,
                                      .reason = now ? TURRET_REASON_RESTART : TURRET_REASON_FIRST,
                                      .params = b->param,
                                      .param_count = b->type->param_count,
                                      .seed = b->seed,
                                      .venue = "sim",
                                      .account = "demo",
                                      .now = now,
                                      .until = b->until};
    return b->type->open(&b->broker, &open, err);
}

/* Opens and connects; the READY report is checked and taken. */
static inline void bench_start(struct bench *b, turret_time_ns now)
{
    struct turret_error err = {0};
    if (bench_try_open(b, now, &err) != TURRET_OK) {
        fail_msg("open: %s", err.text);
    }
    assert_int_equal(b->type->connect(&b->broker, &err), TURRET_OK);
    assert_int_equal(b->count, b->next + 1);
    assert_int_equal(b->report[b->next].type, TURRET_REPORT_STREAM);
    assert_int_equal(b->report[b->next].u.stream.status, TURRET_STREAM_READY);
    b->next++;
}

static inline void bench_free(struct bench *b)
{
    b->type->close(&b->broker);
    b->type->close(&b->broker); /* may be called twice */
    (void)dlclose(b->library);
    free(b->report);
    free(b->stored);
    free(b->broker.state);
    free(b);
}

/* Fires a timer if it is armed; returns whether it was. */
static inline int bench_fire(struct bench *b, uint32_t timer_id)
{
    if (b->timer[timer_id] < 0) {
        return 0;
    }
    b->timer[timer_id] = -1;
    b->type->on_timer(&b->broker, timer_id);
    return 1;
}

/* The next report nobody checked yet; it must be of this type. */
static inline const struct turret_report *bench_next(struct bench *b, uint32_t type)
{
    if (b->next == b->count) {
        fail_msg("no report is left, one of type %u was expected", type);
    }
    assert_int_equal(b->report[b->next].type, type);
    return &b->report[b->next++];
}

static inline void bench_silent(const struct bench *b)
{
    if (b->next != b->count) {
        fail_msg("a report of type %u was not expected", b->report[b->next].type);
    }
}

#endif
