/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the indicators say at the edges, where formulas divide by nothing: flat prices, prices
 * that stop moving, one bar, fewer bars than the period, no volume, quiet after busy, bars that
 * contradict themselves, the largest and smallest doubles. Never NaN, never infinite once ready
 * (run_indicator() looks at every value).
 *
 * What references say without movement: RSI 0 in TA-Lib, 100 in LEAN, 50 in MetaTrader and here;
 * stochastics 0 in TA-Lib and Stock.Indicators and here; percent_b nothing in Stock.Indicators, 0.5
 * here; directional indicators and ADX 0 everywhere.
 */
#include "indicators_cases.h"

#define VOLUME 5.0

struct flat_case {
    const char *name, *arguments;
    uint32_t outputs;
    double prices; /* every output is so many times the price … */
    double value;  /* … plus this */
};

static const struct flat_case flat_cases[] = {
    {"sma", "20", 1, 1, 0},
    {"ema", "20", 1, 1, 0},
    {"ema", "20,first", 1, 1, 0},
    {"wma", "20", 1, 1, 0},
    {"rsi", "14", 1, 0, 50},
    {"macd", "12,26,9", 3, 0, 0},
    {"macd", "12,26,9,talib", 3, 0, 0},
    {"macd", "12,26,9,first", 3, 0, 0},
    {"atr", "14", 1, 0, 0},
    {"atr", "14,count", 1, 0, 0},
    {"bbands", "20,2", 3, 1, 0},
    {"stoch", "14,3,3", 2, 0, 0},
    {"stochrsi", "14,14,3,3", 2, 0, 0},
    {"adx", "14", 3, 0, 0},
    {"adx", "14,talib", 3, 0, 0},
    {"obv", "zero", 1, 0, 0},
    {"obv", "volume", 1, 0, VOLUME},
    {"vwap", "20", 1, 1, 0},
    {"vwap", "0", 1, 1, 0},
    {"vwap", "20,day,ohlc4", 1, 1, 0},
    {"volume_sma", "20", 1, 0, VOLUME},
};

static void near(double ours, double expected, double tolerance)
{
    if (!(fabs(ours - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g", ours, expected);
}

static void flat_prices(void **state)
{
    static const double prices[] = {100, 0.1, 1e-8, 65432.1, 0, -37.63};
    (void)state;
    for (size_t k = 0; k < sizeof prices / sizeof prices[0]; k++) {
        struct bars flat = bars_flat(300, prices[k], VOLUME);
        for (size_t c = 0; c < sizeof flat_cases / sizeof flat_cases[0]; c++) {
            const struct flat_case *known = &flat_cases[c];
            struct run r = run_indicator(known->name, known->arguments, &flat);
            double expected = known->prices * prices[k] + known->value;
            assert_true(r.ready < 40);
            for (uint32_t i = r.ready; i < flat.count; i++)
                for (uint32_t o = 0; o < known->outputs; o++)
                    near(r.out[o][i], expected, 1e-13 * fabs(prices[k]));
            run_destroy(&r);
        }
        bars_destroy(&flat);
    }
}

/* A walk of 500 bars, then the last close for ever. */
static struct bars stopping_walk(uint32_t count)
{
    struct bars b = bars_walk(count, 11);
    for (uint32_t i = 500; i < count; i++)
        b.open[i] = b.high[i] = b.low[i] = b.close[i] = b.close[499];
    return b;
}

/* Bands have no width at all, exactly, as soon as the window is flat; not one bar earlier. */
static void flat_bands_have_no_width(void **state)
{
    struct bars b = stopping_walk(600);
    struct run r = run_indicator("bbands", "20,2", &b);
    (void)state;
    for (uint32_t i = 500; i < 518; i++)
        assert_true(r.out[0][i] > r.out[2][i]);
    for (uint32_t i = 518; i < b.count; i++) {
        for (int o = 0; o < 3; o++)
            near(r.out[o][i], b.close[499], 0);
        near(r.out[3][i], 0.5, 0);
    }
    run_destroy(&r);
    bars_destroy(&b);
}

/*
 * A stopped market keeps its RSI and DI (both sides fade alike) until nothing is left of either;
 * then they say "no movement". Nothing in between.
 */
static void stopped_market_fades(void **state)
{
    struct bars b = stopping_walk(30000);
    struct run rsi = run_indicator("rsi", "14", &b), adx = run_indicator("adx", "14", &b);
    uint32_t faded = 0;
    (void)state;
    near(rsi.out[0][6000], rsi.out[0][499], 1e-6);
    for (uint32_t i = 501; i < b.count; i++) {
        faded += rsi.out[0][i] == 50;
        if (faded == 0)
            near(rsi.out[0][i], rsi.out[0][499], 1e-6);
        else
            near(rsi.out[0][i], 50, 0);
    }
    assert_true(faded > 10000);
    near(adx.out[1][6000], adx.out[1][500], 1e-6);
    for (int o = 0; o < 3; o++)
        near(adx.out[o][29999], 0, 0);
    run_destroy(&rsi);
    run_destroy(&adx);
    bars_destroy(&b);
}

/* Nothing lingers in denormal numbers; what rounding leaves of an RSI's range is no range. */
static void remains_are_nothing(void **state)
{
    struct bars b = stopping_walk(30000);
    struct run atr = run_indicator("atr", "14", &b);
    struct run k = run_indicator("stochrsi", "14,14,1,1", &b);
    (void)state;
    near(atr.out[0][29999], 0, 0);
    for (uint32_t i = 520; i < 6000; i++)
        near(k.out[0][i], 0, 0);
    for (uint32_t i = 500; i < b.count; i++)
        b.close[i] = 0;
    struct run ema = run_indicator("ema", "20", &b);
    near(ema.out[0][29999], 0, 0);
    run_destroy(&atr);
    run_destroy(&k);
    run_destroy(&ema);
    bars_destroy(&b);
}

/* Prices may be negative: what counts differences does not notice. */
static void negative_prices(void **state)
{
    static const struct example shifting[] = {{"rsi", "14"},       {"atr", "14"},
                                              {"stoch", "14,3,3"}, {"stochrsi", "14,14,3,3"},
                                              {"adx", "14"},       {"macd", "12,26,9"}};
    struct bars above = bars_walk(1000, 31), below = bars_walk(1000, 31);
    double *columns[] = {below.open, below.high, below.low, below.close};
    (void)state;
    for (uint32_t i = 0; i < below.count; i++)
        for (int c = 0; c < 4; c++)
            columns[c][i] -= 1000;
    for (size_t s = 0; s < sizeof shifting / sizeof shifting[0]; s++) {
        struct run a = run_indicator(shifting[s].name, shifting[s].arguments, &above);
        struct run b = run_indicator(shifting[s].name, shifting[s].arguments, &below);
        for (uint32_t i = a.ready; i < a.count; i++)
            near(b.out[0][i], a.out[0][i], 1e-6);
        run_destroy(&a);
        run_destroy(&b);
    }
    bars_destroy(&above);
    bars_destroy(&below);
}

static void one_way_markets(void **state)
{
    (void)state;
    for (int up = 0; up < 2; up++) {
        struct bars b = bars_flat(20000, 0, VOLUME);
        for (uint32_t i = 0; i < b.count; i++) {
            double price = 1000 + (up ? 0.01 : -0.01) * i;
            b.open[i] = b.high[i] = b.low[i] = b.close[i] = price;
        }
        struct run rsi = run_indicator("rsi", "14", &b);
        struct run k = run_indicator("stoch", "14,3,3", &b);
        struct run of_rsi = run_indicator("stochrsi", "14,14,3,3", &b);
        struct run adx = run_indicator("adx", "14", &b);
        for (uint32_t i = 31; i < b.count; i++) {
            near(rsi.out[0][i], up ? 100 : 0, 0);
            near(k.out[0][i], up ? 100 : 0, 1e-12);
            near(of_rsi.out[0][i], 0, 0); /* an RSI that stands still has no range */
            near(adx.out[0][i], 100, 1e-9);
            near(adx.out[up ? 1 : 2][i], 100, 1e-9);
            near(adx.out[up ? 2 : 1][i], 0, 0);
        }
        run_destroy(&rsi);
        run_destroy(&k);
        run_destroy(&of_rsi);
        run_destroy(&adx);
        bars_destroy(&b);
    }
}

/* One bar, and one fewer than needed: no answer. Exactly enough: one. */
static void too_few_bars(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        struct probe p;
        assert_int_equal(probe_open(&p, examples[e].name, examples[e].arguments), 0);
        uint32_t lookback = p.type->lookback(p.values);
        uint32_t counts[] = {1, lookback, lookback + 1};
        for (size_t c = 0; c < 3; c++) {
            struct bars b = bars_walk(counts[c], 5);
            assert_int_equal(probe_start(&p), 0);
            struct run r = probe_run(&p, &b);
            assert_int_equal(r.ready, counts[c] > lookback ? lookback : counts[c]);
            run_destroy(&r);
            bars_destroy(&b);
        }
        probe_close(&p);
    }
}

static void no_volume(void **state)
{
    static const char *const anchors[] = {"20,window,close", "0,window,close", "20,day,close"};
    struct bars b = bars_walk(400, 3);
    (void)state;
    memset(b.volume, 0, b.count * sizeof *b.volume);
    for (size_t a = 0; a < 3; a++) {
        struct run r = run_indicator("vwap", anchors[a], &b);
        for (uint32_t i = r.ready; i < b.count; i++)
            near(r.out[0][i], b.close[i], 0);
        run_destroy(&r);
    }
    struct run r = run_indicator("volume_sma", "20", &b), obv = run_indicator("obv", "volume", &b);
    near(r.out[0][399], 0, 0);
    near(obv.out[0][399], 0, 0);
    run_destroy(&r);
    run_destroy(&obv);
    bars_destroy(&b);
}

/* A window with a trillionth of the volume before it is still priced within its own range. */
static void quiet_after_busy(void **state)
{
    struct bars b = bars_walk(1000, 9);
    (void)state;
    for (uint32_t i = 0; i < b.count; i++)
        b.volume[i] = (i / 50 % 2 ? 1e-6 : 1e9) * (1 + i % 7) / 3.0;
    struct run r = run_indicator("vwap", "20,window,close", &b);
    for (uint32_t i = r.ready; i < b.count; i++) {
        long double value = 0, volume = 0;
        for (uint32_t j = i - 19; j <= i; j++) {
            value += (long double)b.close[j] * b.volume[j];
            volume += b.volume[j];
        }
        near(r.out[0][i], (double)(value / volume), 1e-11);
    }
    run_destroy(&r);
    bars_destroy(&b);
}

/* UTC days, before 1970 too; a bar of an earlier day begins anew as well. */
static void days_begin_at_midnight_utc(void **state)
{
    const turret_time_ns hour = INT64_C(3600000000000), day = 24 * hour;
    const turret_time_ns times[] = {-day - 1,       -day,    -1,      0,         day - 1,  day,
                                    day + 5 * hour, 9 * day, 8 * day, INT64_MIN, INT64_MAX};
    const double expected[] = {1, 2, 2.5, 4, 4.5, 6, 6.5, 8, 9, 10, 11};
    struct bars b = bars_flat(11, 0, 1);
    (void)state;
    for (uint32_t i = 0; i < b.count; i++) {
        b.time[i] = times[i];
        b.close[i] = i + 1;
    }
    struct run r = run_indicator("vwap", "20,day,close", &b);
    for (uint32_t i = 0; i < b.count; i++)
        near(r.out[0][i], expected[i], 1e-12);
    run_destroy(&r);
    bars_destroy(&b);
}

/* Any finite bar, sensible or not: run_indicator() fails on a value that is not finite. */
static void wild_bars(void **state)
{
    static const double wild[] = {0,      -0.0,    1,     -1,    DBL_MAX, -DBL_MAX, DBL_MIN,
                                  5e-324, -5e-324, 1e100, 1e200, -1e154,  1e-200,   123.45};
    uint64_t seed = 17;
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct bars b = bars_create(2000);
        double *columns[] = {b.open, b.high, b.low, b.close, b.volume};
        uint64_t kinds = round % 2 ? 14 : 7; /* among few kinds, flat runs are frequent */
        for (uint32_t i = 0; i < b.count; i++) {
            for (int c = 0; c < 5; c++)
                columns[c][i] = wild[(next_random(&seed) + (uint64_t)round) % kinds];
            b.time[i] = (turret_time_ns)next_random(&seed);
        }
        for (size_t e = 0; e < EXAMPLES; e++) {
            struct run r = run_indicator(examples[e].name, examples[e].arguments, &b);
            run_destroy(&r);
        }
        bars_destroy(&b);
    }
}

/* A bad tick leaves no trace in windows one lap after they let it go. */
static void bad_tick_is_forgotten(void **state)
{
    static const struct example windows[] = {{"sma", "20"},      {"wma", "20"},
                                             {"bbands", "20,2"}, {"stoch", "14,3,3"},
                                             {"vwap", "20"},     {"volume_sma", "20"}};
    struct bars clean = bars_walk(400, 21), bad = bars_walk(400, 21);
    (void)state;
    bad.high[200] = bad.close[200] = bad.volume[200] = 1e15;
    for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
        struct run a = run_indicator(windows[w].name, windows[w].arguments, &clean);
        struct run b = run_indicator(windows[w].name, windows[w].arguments, &bad);
        assert_true(a.out[0][200] != b.out[0][200]);
        for (uint32_t i = 240; i < clean.count; i++)
            near(b.out[0][i], a.out[0][i], 1e-11 * fabs(a.out[0][i]));
        run_destroy(&a);
        run_destroy(&b);
    }
    bars_destroy(&clean);
    bars_destroy(&bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_prices),
        cmocka_unit_test(flat_bands_have_no_width),
        cmocka_unit_test(stopped_market_fades),
        cmocka_unit_test(remains_are_nothing),
        cmocka_unit_test(negative_prices),
        cmocka_unit_test(one_way_markets),
        cmocka_unit_test(too_few_bars),
        cmocka_unit_test(no_volume),
        cmocka_unit_test(quiet_after_busy),
        cmocka_unit_test(days_begin_at_midnight_utc),
        cmocka_unit_test(wild_bars),
        cmocka_unit_test(bad_tick_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
