/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every indicator plugin of the build, by blocks of 512 bars and one bar a call, against the
 * plainest loop there is: one multiplication and addition a bar over the same closes. The ratio
 * says how much an indicator costs, not how good it is: no target is judged here.
 */
#include "bench.h"

#include "plugin/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARS       400000
#define BLOCK      512
#define PARAMS_MAX 16

static const char *const names[] = {"adx", "atr",   "bbands",   "ema",        "macd", "obv", "rsi",
                                    "sma", "stoch", "stochrsi", "volume_sma", "vwap", "wma"};

struct run {
    const struct turret_indicator_type *type;
    struct turret_param_value params[PARAMS_MAX];
    double *column[5];
    turret_time_ns *time;
    uint32_t count;
    void *state;
    double *out[TURRET_OUTPUTS_MAX];
};

static void make_bars(struct run *run)
{
    uint64_t seed = 7;
    double close = 1000;
    for (uint32_t i = 0; i < 5; i++)
        run->column[i] = malloc(run->count * sizeof(double));
    run->time = malloc(run->count * sizeof *run->time);
    for (uint32_t i = 0; i < TURRET_OUTPUTS_MAX; i++)
        run->out[i] = malloc(BLOCK * sizeof(double));
    for (uint32_t i = 0; i < run->count; i++) {
        uint64_t dice = bench_random(&seed);
        double open = close;
        close += ((double)(dice % 9) - 4) * 0.25;
        if (close < 100)
            close = open;
        run->column[0][i] = open;
        run->column[1][i] = (open > close ? open : close) + (double)(dice >> 8 & 3) * 0.25;
        run->column[2][i] = (open < close ? open : close) - (double)(dice >> 10 & 3) * 0.25;
        run->column[3][i] = close;
        run->column[4][i] = (double)(dice >> 12 & 1023);
        run->time[i] = (turret_time_ns)i * INT64_C(60000000000);
    }
}

static void restart(struct run *run)
{
    struct turret_error err = {0};
    uint64_t size = run->type->state_size(run->params);
    free(run->state);
    run->state = calloc(1, size ? size : 1);
    if (!run->state || run->type->start(run->state, run->params, &err))
        bench_fail("%s does not start: %s", run->type->id, err.text);
}

/* An average that forgets: each bar waits for the one before, as most indicators do. */
static double plain_loop(void *context)
{
    const struct run *run = context;
    double started = bench_now(), value = 0;
    for (uint32_t i = 0; i < run->count; i++)
        value = value * 0.9375 + run->column[3][i];
    bench_keep(value);
    return (bench_now() - started) / run->count;
}

static double by_block(void *context)
{
    struct run *run = context;
    double started;
    restart(run);
    started = bench_now();
    for (uint32_t i = 0; i < run->count; i += BLOCK) {
        struct turret_block block = {
            (uint32_t)sizeof block, run->count - i < BLOCK ? run->count - i : BLOCK,
            run->column[0] + i,     run->column[1] + i,
            run->column[2] + i,     run->column[3] + i,
            run->column[4] + i,     run->time + i};
        if (run->type->update_block(run->state, &block, run->out) < 0)
            bench_fail("%s answers an error", run->type->id);
        bench_keep(run->out[0][block.count - 1]);
    }
    return (bench_now() - started) / run->count;
}

static double by_bar(void *context)
{
    struct run *run = context;
    double started, out[TURRET_OUTPUTS_MAX] = {0};
    restart(run);
    started = bench_now();
    for (uint32_t i = 0; i < run->count; i++) {
        struct turret_candle candle = {run->column[0][i], run->column[1][i], run->column[2][i],
                                       run->column[3][i], run->column[4][i], run->time[i]};
        if (run->type->update(run->state, &candle, out) < 0)
            bench_fail("%s answers an error", run->type->id);
    }
    bench_keep(out[0]);
    return (bench_now() - started) / run->count;
}

static void set_defaults(struct run *run)
{
    for (uint32_t i = 0; i < run->type->param_count; i++) {
        const struct turret_param *param = &run->type->params[i];
        struct turret_param_value *value = &run->params[i];
        memset(value, 0, sizeof *value);
        value->type = param->type;
        value->f = param->default_text ? strtod(param->default_text, NULL) : 0;
        value->i = (int64_t)value->f;
        value->text = param->default_text;
    }
}

int main(int argc, char **argv)
{
    struct bench bench;
    struct run run = {.count = BARS};
    struct turret_error err = {0};
    char path[512], private_dir[512], what[64];
    struct bench_pair pair = {.what = what,
                              .unit = "bar",
                              .floor_name = "a plain average",
                              .floor = plain_loop,
                              .floor_context = &run,
                              .measured_context = &run};
    bench_begin(&bench, "indicators", argc, argv);
    if (bench.smoke)
        run.count = 2000;
    (void)snprintf(private_dir, sizeof private_dir, "%s/private", bench.directory);
    make_bars(&run);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct plugin *plugin;
        if (plugin_load(bench_plugin(names[i], path), private_dir, &plugin, &err))
            bench_fail("%s", err.text);
        run.type = &plugin->offers[0].indicator;
        if (run.type->param_count > PARAMS_MAX)
            bench_fail("%s has more than %d parameters", names[i], PARAMS_MAX);
        set_defaults(&run);
        (void)snprintf(what, sizeof what, "%s, blocks of %d", names[i], BLOCK);
        pair.measured = by_block;
        if (run.type->update_block)
            bench_compare(&bench, &pair);
        (void)snprintf(what, sizeof what, "%s, one bar a call", names[i]);
        pair.measured = by_bar;
        bench_compare(&bench, &pair);
        plugin_unload(plugin);
    }
    for (uint32_t i = 0; i < 5; i++)
        free(run.column[i]);
    for (uint32_t i = 0; i < TURRET_OUTPUTS_MAX; i++)
        free(run.out[i]);
    free(run.time);
    free(run.state);
    return bench_end(&bench);
}
