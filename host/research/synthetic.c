/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * OOPSLA 2014).
 */
#include "ops/plural.h"
#include "research/synthetic.h"

#include <stdlib.h>
#include <string.h>

#define RUN         4096 /* bars of one merge */
#define COLUMNS     6
#define START_CENTS 10000
#define LEAST_CENTS 100
#define MOST_CENTS  1000000
#define STEP_BP     12 /* furthest a close goes from its open, hundredths of a percent */

struct walk {
    uint64_t random;
    int64_t price, drift_bp;
    uint32_t left; /* bars until the drift changes */
};

static uint64_t draw(struct walk *walk)
{
    uint64_t z = walk->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* A whole number from -most to most. */
static int64_t within(struct walk *walk, int64_t most)
{
    return (int64_t)(draw(walk) % (uint64_t)(2 * most + 1)) - most;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The walk's next bar: open, high, low, close, volume. */
static void next_bar(struct walk *walk, int64_t bar[5])
{
    int64_t open = walk->price, reach, close;
    if (walk->left == 0) {
        walk->left = 40 + (uint32_t)(draw(walk) % 160);
        walk->drift_bp = within(walk, STEP_BP / 4);
    }
    walk->left--;
    reach = larger(open * STEP_BP / 10000, 1);
    close = open + within(walk, reach) + open * walk->drift_bp / 10000;
    close = close > MOST_CENTS ? MOST_CENTS : larger(close, LEAST_CENTS);
    bar[0] = open;
    bar[1] = larger(open, close) + (int64_t)(draw(walk) % (uint64_t)reach);
    bar[2] = (open < close ? open : close) - (int64_t)(draw(walk) % (uint64_t)reach);
    bar[3] = close;
    bar[4] = 100 + (int64_t)(draw(walk) % 900);
    walk->price = close;
}

static int store_run(struct store *store, const struct store_series *series, struct walk *walk,
                     int64_t (*columns)[RUN], uint64_t first, uint32_t count,
                     struct turret_error *err)
{
    struct store_merge merge = {0};
    struct store_bars bars = {count,      columns[0], columns[1], columns[2],
                              columns[3], columns[4], columns[5]};
    for (uint32_t i = 0; i < count; i++) {
        int64_t bar[COLUMNS - 1];
        columns[0][i] = SYNTHETIC_FIRST_NS + (int64_t)(first + i) * series->timeframe_ns;
        next_bar(walk, bar);
        for (uint32_t c = 1; c < COLUMNS; c++)
            columns[c][i] = bar[c - 1];
    }
    return store_bars_merge(store, series, &bars, &merge, err);
}

int synthetic_store(struct store *store, struct store_series *series, uint64_t bars, uint64_t seed,
                    struct turret_error *err)
{
    struct store_series found = {0};
    struct walk walk = {.random = seed, .price = START_CENTS};
    int64_t(*columns)[RUN];
    int status = TURRET_OK;
    if (store_series_find(store, series->name, series->timeframe_ns, &found, NULL) == TURRET_OK &&
        found.bar_count > 0)
        return turret_fail(err, TURRET_EEXIST,
                           "series %s has %llu %s of this timeframe already; made-up bars are not "
                           "mixed with others: choose another name",
                           series->name, (unsigned long long)found.bar_count,
                           plural(found.bar_count, "bar", "bars"));
    if (bars > (uint64_t)((INT64_MAX - SYNTHETIC_FIRST_NS) / series->timeframe_ns))
        return turret_fail(err, TURRET_EINVAL, "%llu bars of this timeframe end after year 2262",
                           (unsigned long long)bars);
    columns = calloc(COLUMNS, sizeof *columns);
    if (!columns)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %d bars", RUN);
    series->price_scale = SYNTHETIC_PRICE_SCALE;
    series->qty_scale = 0;
    for (uint64_t at = 0; !status && at < bars; at += RUN)
        status = store_run(store, series, &walk, columns, at,
                           (uint32_t)(bars - at < RUN ? bars - at : RUN), err);
    free(columns);
    return status;
}
