/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backtest of a moving-average cross through store, indicators, strategy, risk and simulated
 * venue, against the same thing written by hand in one loop. Both must end with the same fills,
 * fees, equity and drawdown, or the comparison means nothing and the program says so.
 *
 * The floor that is judged reads bars of 48 bytes from memory; a second one reads the columns of
 * the same store through its cursor.
 */
#include "bench.h"

#include "research/backtest.h"
#include "session/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BARS      10000000
#define MINUTE_NS (INT64_C(60) * 1000000000)
#define START_NS  (INT64_C(1262304000) * 1000000000) /* 2010-01-01 */
#define RUN       65536
#define TICK      25      /* prices have two decimals: sums of quarters are exact in double */
#define MONEY_OF  1000000 /* one price unit as money: 10^8 / 10^2 */
#define CASH      (INT64_C(100000000) * 100000000)
#define FEE       (INT64_C(50000000)) /* 0.50 a unit */

struct bar {
    int64_t time, open, high, low, close, volume;
};

/* What came of a run, in both forms. */
struct outcome {
    uint64_t fills;
    int64_t equity, fees, drawdown;
};

struct data {
    struct store *store;
    char plugins[512], private_dir[512];
    struct config *config;
    struct bar *bars;
    uint32_t count, fast, slow;
    struct outcome by_hand, by_host;
};

/* ---- the market ---- */

static void make_bars(struct bar *bars, uint32_t count)
{
    uint64_t seed = 20100101;
    int64_t close = 4000 * 100;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t dice = bench_random(&seed);
        int64_t open = close, high, low;
        close += ((int64_t)(dice % 9) - 4) * TICK;
        if (close < 1000 * 100 || close > 9000 * 100)
            close = open;
        high = (open > close ? open : close) + (int64_t)(dice >> 8 & 3) * TICK;
        low = (open < close ? open : close) - (int64_t)(dice >> 10 & 3) * TICK;
        bars[i] = (struct bar){START_NS + (int64_t)i * MINUTE_NS, open, high, low, close,
                               (int64_t)(dice >> 12 & 1023)};
    }
}

static void store_bars(struct data *data)
{
    const struct store_series series = {
        .name = "MADE", .timeframe_ns = MINUTE_NS, .price_scale = 2, .qty_scale = 0};
    int64_t *columns = malloc((size_t)6 * RUN * sizeof *columns);
    struct turret_error err = {0};
    if (!columns)
        bench_fail("no memory");
    for (uint32_t from = 0; from < data->count; from += RUN) {
        uint32_t count = data->count - from < RUN ? data->count - from : RUN;
        struct store_bars run = {count,
                                 columns,
                                 columns + RUN,
                                 columns + (size_t)2 * RUN,
                                 columns + (size_t)3 * RUN,
                                 columns + (size_t)4 * RUN,
                                 columns + (size_t)5 * RUN};
        struct store_merge merge;
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t c = 0; c < 6; c++)
                memcpy(&columns[(size_t)c * RUN + i],
                       (const char *)&data->bars[from + i] + 8 * (size_t)c, 8);
        if (store_bars_merge(data->store, &series, &run, &merge, &err))
            bench_fail("%s", err.text);
    }
    free(columns);
}

/* ---- by hand ---- */

struct hand {
    double fast_sum, slow_sum;
    double fast_length, slow_length;
    int64_t position, wanted, cash, entry, peak, trough, equity, drawdown, fees;
    int64_t day;
    uint64_t fills, seen;
};

static inline void hand_bar(struct hand *h, int64_t open, int64_t close, double fast_old,
                            double slow_old, uint32_t fast, uint32_t slow)
{
    double price = (double)close;
    if (h->wanted != h->position) {
        int64_t difference = h->wanted - h->position;
        h->cash -= difference * open * MONEY_OF + FEE;
        h->fees += FEE;
        h->position = h->wanted;
        h->fills++;
    }
    h->equity = h->cash + h->position * close * MONEY_OF;
    if (h->equity > h->peak) {
        if (h->peak - h->trough > h->drawdown)
            h->drawdown = h->peak - h->trough;
        h->peak = h->trough = h->equity;
    } else if (h->equity < h->trough) {
        h->trough = h->equity;
    }
    h->fast_sum += price - fast_old;
    h->slow_sum += price - slow_old;
    h->seen++;
    if (h->seen >= slow)
        h->wanted = h->fast_sum / fast > h->slow_sum / slow;
}

static struct outcome hand_end(struct hand *h)
{
    if (h->peak - h->trough > h->drawdown)
        h->drawdown = h->peak - h->trough;
    return (struct outcome){h->fills, h->equity, h->fees, h->drawdown};
}

static struct hand hand_begin(void)
{
    return (struct hand){.cash = CASH, .equity = CASH, .peak = CASH, .trough = CASH};
}

static double from_memory(void *context)
{
    struct data *data = context;
    const struct bar *bars = data->bars;
    uint32_t fast = data->fast, slow = data->slow;
    double started = bench_now(), took;
    struct hand h = hand_begin();
    for (uint32_t i = 0; i < slow && i < data->count; i++)
        hand_bar(&h, bars[i].open, bars[i].close, i < fast ? 0 : (double)bars[i - fast].close, 0,
                 fast, slow);
    for (uint32_t i = slow; i < data->count; i++)
        hand_bar(&h, bars[i].open, bars[i].close, (double)bars[i - fast].close,
                 (double)bars[i - slow].close, fast, slow);
    took = bench_now() - started;
    data->by_hand = hand_end(&h);
    return took / (double)data->count;
}

/* The same from the store's columns: what is let go lies in a ring, blocks end anywhere. */
static double from_store(void *context)
{
    struct data *data = context;
    struct store_cursor *cursor;
    struct store_bars run;
    struct turret_error err = {0};
    double ring[1024] = {0}, started = bench_now(), took;
    uint32_t at = 0, fast = data->fast, slow = data->slow;
    struct hand h = hand_begin();
    if (store_cursor_open(&cursor, data->store, "MADE", MINUTE_NS, 0, INT64_MAX, &err))
        bench_fail("%s", err.text);
    while (store_cursor_next(cursor, &run, &err) == 1)
        for (uint32_t i = 0; i < run.count; i++, at++) {
            hand_bar(&h, run.open[i], run.close[i], ring[(at - fast) & 1023],
                     ring[(at - slow) & 1023], fast, slow);
            ring[at & 1023] = (double)run.close[i];
        }
    store_cursor_close(cursor);
    took = bench_now() - started;
    data->by_hand = hand_end(&h);
    return took / (double)data->count;
}

/* ---- by the host ---- */

/* The time is that from the first bar to the last: loading plugins has a benchmark of its own. */
static double by_host(void *context)
{
    struct data *data = context;
    struct backtest_options options = {.config = data->config};
    struct backtest_result result;
    struct turret_error err = {0};
    uint32_t loaded;
    if (registry_create(&options.registry, data->private_dir, &err) ||
        registry_scan(options.registry, data->plugins, NULL, NULL, NULL, &loaded, &err) ||
        services_offer_store(options.registry, data->store, &err) ||
        backtest_run(&options, &result, &err))
        bench_fail("%s", err.text);
    registry_destroy(options.registry);
    if (result.bars != data->count || result.all.denials != 0)
        bench_fail("%llu bars run, %llu orders denied", (unsigned long long)result.bars,
                   (unsigned long long)result.all.denials);
    data->by_host = (struct outcome){result.all.fills, result.all.end_equity, result.all.fees,
                                     result.all.max_drawdown};
    backtest_result_finish(&result);
    return (double)result.wall_ns / (double)data->count;
}

static void configure(struct data *data, const char *kind, const struct bench *bench)
{
    struct turret_error err = {0};
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "turret: 1\nmode: backtest\nstore: %s/store\nplugins:\n  - path: %s\n"
                   "venues:\n  sim:\n    adapter: sim\n    cash: {USD: 100000000}\n"
                   "    params: {market_fill: next_open, commission_per_unit: 0.5}\n"
                   "instruments:\n  MADE.sim: {tick: 0.25, lot: 1, currency: USD, price_scale: 2}\n"
                   "strategies:\n  cross:\n    plugin: ma_cross\n    on: MADE.sim@1m\n"
                   "    params: {fast: %u, slow: %u, size: 1, kind: %s}\n"
                   "risk:\n  preset: development\n",
                   bench->directory, getenv("TURRET_PLUGINS"), data->fast, data->slow, kind);
    config_destroy(data->config);
    data->config = NULL;
    if (config_parse("bench", text, &data->config, stderr, &err))
        bench_fail("%s", err.text);
}

static void compare_outcomes(const struct data *data)
{
    if (memcmp(&data->by_hand, &data->by_host, sizeof data->by_hand) != 0)
        bench_fail("the loop and the host differ: fills %llu and %llu, equity %lld and %lld, fees "
                   "%lld and %lld, drawdown %lld and %lld",
                   (unsigned long long)data->by_hand.fills, (unsigned long long)data->by_host.fills,
                   (long long)data->by_hand.equity, (long long)data->by_host.equity,
                   (long long)data->by_hand.fees, (long long)data->by_host.fees,
                   (long long)data->by_hand.drawdown, (long long)data->by_host.drawdown);
}

static void run_case(const struct bench *bench, struct data *data, uint32_t fast, uint32_t slow)
{
    char what[128];
    struct bench_pair pair = {.what = what,
                              .unit = "bar",
                              .measured = by_host,
                              .target = 2.5,
                              .floor = from_memory,
                              .floor_name = "a loop over bars in memory",
                              .floor_context = data,
                              .measured_context = data};
    data->fast = fast;
    data->slow = slow;
    configure(data, "sma", bench);
    (void)by_host(data);
    (void)snprintf(what, sizeof what, "sma(%u) over sma(%u), %.1f orders in 1000 bars", fast, slow,
                   (double)data->by_host.fills * 1000 / (double)data->count);
    bench_compare(bench, &pair);
    if (data->by_hand.fills)
        compare_outcomes(data);
    pair.floor = from_store;
    pair.floor_name = "a loop over the store's columns";
    bench_compare(bench, &pair);
    if (data->by_hand.fills)
        compare_outcomes(data);
    data->by_hand.fills = 0;
}

int main(int argc, char **argv)
{
    struct bench bench;
    struct data data = {.count = BARS};
    struct turret_error err = {0};
    char path[512];
    bench_begin(&bench, "backtest", argc, argv);
    if (bench.smoke)
        data.count = 20000;
    data.bars = malloc(data.count * sizeof *data.bars);
    if (!data.bars)
        bench_fail("no memory for %u bars", data.count);
    make_bars(data.bars, data.count);
    (void)snprintf(path, sizeof path, "%s/store", bench.directory);
    (void)snprintf(data.private_dir, sizeof data.private_dir, "%s/plugins", bench.directory);
    if (store_open(&data.store, path, STORE_CREATE | STORE_FAST, &err))
        bench_fail("%s", err.text);
    store_bars(&data);
    (void)bench_plugin("sim", data.plugins);
    *strrchr(data.plugins, '/') = 0;
    run_case(&bench, &data, 10, 30);
    run_case(&bench, &data, 50, 200);
    run_case(&bench, &data, 200, 1000);
    config_destroy(data.config);
    store_close(data.store);
    free(data.bars);
    return bench_end(&bench);
}
