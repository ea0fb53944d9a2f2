/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the indicator tests: loads one indicator's .so from TURRET_PLUGINS, gives it parameters the
 * way the host would, runs it over columns of bars, and reads the reference tables in place.
 */
#ifndef INDICATORS_PROBE_H
#define INDICATORS_PROBE_H

#include <dlfcn.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <turret/indicator.h>

#define OUTPUTS_MAX 4
#define PARAMS_MAX  8

/* ---- bars in columns ---- */

struct bars {
    uint32_t count;
    double *open, *high, *low, *close, *volume;
    turret_time_ns *time;
};

static inline struct bars bars_create(uint32_t count)
{
    struct bars b = {.count = count};
    double **columns[] = {&b.open, &b.high, &b.low, &b.close, &b.volume};
    for (size_t i = 0; i < 5; i++) {
        *columns[i] = calloc(count + 1u, sizeof(double));
        assert_non_null(*columns[i]);
    }
    b.time = calloc(count + 1u, sizeof *b.time);
    assert_non_null(b.time);
    return b;
}

static inline void bars_destroy(struct bars *b)
{
    free(b->open);
    free(b->high);
    free(b->low);
    free(b->close);
    free(b->volume);
    free(b->time);
    memset(b, 0, sizeof *b);
}

static inline struct turret_candle bars_at(const struct bars *b, uint32_t i)
{
    return (struct turret_candle){b->open[i],  b->high[i],   b->low[i],
                                  b->close[i], b->volume[i], b->time[i]};
}

static inline struct turret_block bars_block(const struct bars *b, uint32_t from, uint32_t count)
{
    return (struct turret_block){(uint32_t)sizeof(struct turret_block),
                                 count,
                                 b->open + from,
                                 b->high + from,
                                 b->low + from,
                                 b->close + from,
                                 b->volume + from,
                                 b->time + from};
}

/* ---- one indicator with its parameters and state ---- */

struct probe {
    void *library;
    const struct turret_indicator_type *type;
    struct turret_param_value values[PARAMS_MAX];
    char texts[PARAMS_MAX][24];
    void *state;
    uint64_t state_size;
    struct turret_error err; /* of start() */
};

/* Sets parameter i from text; "" means the default. */
static inline void probe_set(struct probe *p, uint32_t i, const char *text)
{
    const struct turret_param *param = &p->type->params[i];
    struct turret_param_value *value = &p->values[i];
    const char *given = *text ? text : param->default_text;
    assert_true(strlen(given) < sizeof p->texts[i]);
    memcpy(p->texts[i], given, strlen(given) + 1);
    value->id = param->id;
    value->type = param->type;
    if (param->type == TURRET_PARAM_TYPE_TEXT) {
        value->text = p->texts[i];
        return;
    }
    value->f = strtod(given, NULL);
    value->i = (int64_t)value->f;
    assert_true(value->f >= param->min && value->f <= param->max);
}

/* A fresh state; answers what start() said. */
static inline int32_t probe_start(struct probe *p)
{
    free(p->state);
    p->state_size = p->type->state_size(p->values);
    assert_true(p->state_size > 0 && p->state_size <= 16u << 20);
    p->state = calloc(1, p->state_size);
    assert_non_null(p->state);
    memset(&p->err, 0, sizeof p->err);
    return p->type->start(p->state, p->values, &p->err);
}

/* arguments: "14" or "14,,first", in table order. Starts it unless they contradict each other. */
static inline int32_t probe_open(struct probe *p, const char *name, const char *arguments)
{
    char path[4096];
    const char *folder = getenv("TURRET_PLUGINS");
    if (!folder)
        fail_msg("TURRET_PLUGINS must name the folder with the indicators' .so files");
    memset(p, 0, sizeof *p);
    (void)snprintf(path, sizeof path, "%s/%s.so", folder, name);
    p->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!p->library)
        fail_msg("%s", dlerror());
    const struct turret_entry *entry = dlsym(p->library, TURRET_ENTRY_SYMBOL);
    assert_non_null(entry);
    assert_int_equal(entry->offer_count, 1);
    p->type = entry->offers[0].indicator;
    assert_true(p->type->param_count <= PARAMS_MAX && p->type->output_count <= OUTPUTS_MAX);
    for (uint32_t i = 0; i < p->type->param_count; i++) {
        char text[24] = "";
        size_t length = strcspn(arguments, ",");
        assert_true(length < sizeof text);
        memcpy(text, arguments, length);
        probe_set(p, i, text);
        arguments += length + (arguments[length] == ',');
    }
    return probe_start(p);
}

static inline void probe_close(struct probe *p)
{
    free(p->state);
    (void)dlclose(p->library);
    memset(p, 0, sizeof *p);
}

/* ---- a run over bars, one call a bar; checks what holds for every indicator on the way ---- */

struct run {
    uint32_t count, ready; /* ready: index of the first bar that answered 1, or count */
    double *out[OUTPUTS_MAX];
};

static inline void run_destroy(struct run *r)
{
    for (int o = 0; o < OUTPUTS_MAX; o++)
        free(r->out[o]);
    memset(r, 0, sizeof *r);
}

static inline struct run run_create(uint32_t count)
{
    struct run r = {.count = count, .ready = count};
    for (int o = 0; o < OUTPUTS_MAX; o++) {
        r.out[o] = calloc(count + 1u, sizeof(double));
        assert_non_null(r.out[o]);
    }
    return r;
}

static inline struct run probe_run(struct probe *p, const struct bars *bars)
{
    struct run r = run_create(bars->count);
    for (uint32_t i = 0; i < bars->count; i++) {
        double out[OUTPUTS_MAX] = {NAN, NAN, NAN, NAN};
        struct turret_candle bar = bars_at(bars, i);
        int32_t ready = p->type->update(p->state, &bar, out);
        if (ready && r.ready > i)
            r.ready = i;
        if (ready != (i >= r.ready))
            fail_msg("%s: bar %u answered %d after it had been ready", p->type->id, i, ready);
        for (uint32_t o = 0; o < p->type->output_count; o++) {
            if (ready && !isfinite(out[o]))
                fail_msg("%s: bar %u output %u is %f", p->type->id, i, o, out[o]);
            r.out[o][i] = ready ? out[o] : NAN;
        }
    }
    uint32_t lookback = p->type->lookback(p->values);
    assert_int_equal(r.ready, lookback < bars->count ? lookback : bars->count);
    return r;
}

static inline struct run run_indicator(const char *name, const char *arguments,
                                       const struct bars *bars)
{
    struct probe p;
    int32_t status = probe_open(&p, name, arguments);
    if (status != 0)
        fail_msg("%s(%s): %s", name, arguments, p.err.text);
    struct run r = probe_run(&p, bars);
    probe_close(&p);
    return r;
}

/* A small generator whose numbers are the same everywhere: Marsaglia's xorshift64. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline double next_uniform(uint64_t *state)
{
    return (double)(next_random(state) >> 11) * 0x1p-53;
}

#endif
