/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the indicator tests: every indicator with a set of parameters for each of its ways of
 * working, and made-up bars to run them on.
 */
#ifndef INDICATORS_CASES_H
#define INDICATORS_CASES_H

#include "indicators_probe.h"

struct example {
    const char *name, *arguments;
};

static const struct example examples[] = {
    {"sma", "1"},
    {"sma", "20"},
    {"ema", "1"},
    {"ema", "20"},
    {"ema", "20,first"},
    {"wma", "1"},
    {"wma", "20"},
    {"rsi", "2"},
    {"rsi", "14"},
    {"macd", "12,26,9"},
    {"macd", "12,26,9,talib"},
    {"macd", "12,26,9,first"},
    {"macd", "1,2,1"},
    {"atr", "1"},
    {"atr", "14"},
    {"atr", "14,count"},
    {"bbands", "1,2"},
    {"bbands", "20,2"},
    {"stoch", "14,3,3"},
    {"stoch", "1,1,1"},
    {"stochrsi", "14,14,3,3"},
    {"stochrsi", "2,1,1,1"},
    {"adx", "14"},
    {"adx", "14,talib"},
    {"adx", "2"},
    {"obv", "zero"},
    {"obv", "volume"},
    {"vwap", "20"},
    {"vwap", "1,window,close"},
    {"vwap", "0"},
    {"vwap", "20,day,ohlc4"},
    {"vwap", "20,start"},
    {"volume_sma", "1"},
    {"volume_sma", "20"},
};

#define EXAMPLES (sizeof examples / sizeof examples[0])

/* One bar of a random walk around 100, with gaps, flat bars, bars without volume; minutes. */
static inline void walk_bar(struct bars *b, uint32_t i, double *price, uint64_t *seed)
{
    uint64_t kind = next_random(seed) % 16;
    double stride = kind == 0 ? 5 : 0.2; /* now and then a gap */
    b->open[i] = *price;
    if (kind != 1) {
        *price += stride * (next_uniform(seed) - 0.5) + 0.0005 * (100 - *price);
        *price = *price < 1 ? 1 : *price;
    }
    b->close[i] = *price;
    double top = b->open[i] > *price ? b->open[i] : *price;
    double bottom = b->open[i] > *price ? *price : b->open[i];
    b->high[i] = kind == 1 ? top : top + 0.1 * next_uniform(seed);
    b->low[i] = kind == 1 ? bottom : bottom - 0.1 * next_uniform(seed);
    b->volume[i] = kind == 2 ? 0 : 1000 * next_uniform(seed);
    b->time[i] = (turret_time_ns)i * INT64_C(60000000000);
}

static inline struct bars bars_walk(uint32_t count, uint64_t seed)
{
    struct bars b = bars_create(count);
    double price = 100;
    for (uint32_t i = 0; i < count; i++)
        walk_bar(&b, i, &price, &seed);
    return b;
}

/* All prices p, all volumes v. */
static inline struct bars bars_flat(uint32_t count, double p, double v)
{
    struct bars b = bars_create(count);
    for (uint32_t i = 0; i < count; i++) {
        b.open[i] = b.high[i] = b.low[i] = b.close[i] = p;
        b.volume[i] = v;
        b.time[i] = (turret_time_ns)i * INT64_C(60000000000);
    }
    return b;
}

#endif
