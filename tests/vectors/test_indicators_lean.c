/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the indicators give LEAN's reference columns. Which convention each file follows was
 * found by trying the candidates; the right one matches to the digits printed in the file:
 *
 *   ATR   counts the first bar's high less low: atr(14,count). From the second bar on (TA-Lib,
 *         Stock.Indicators) it is 0.035 off at first; both meet in time (last rows below).
 *   ADX   adds up 14 movements before it smooths: classic, as Stock.Indicators. TA-Lib smooths one
 *         earlier, 0.74 off at first; both meet.
 *   MACD  both averages start from their own SMA: classic. TA-Lib's late fast one is 23 points off
 *         at first, at prices near 14,000; both meet.
 *   OBV   starts with the first bar's volume. File and volume are printed with seven digits, so
 *         after 500 bars a billion shares may be a thousand off.
 *   VWAP  weighs (open + high + low + close) / 4. With (high + low + close) / 3 it is 0.1 off.
 *   StochRSI averages k over three values; its k is there two bars before its d, ours is not.
 *
 * "RSI 14" in spy_with_indicators.txt is Cutler's (simple averages) and its OBV has no volumes
 * beside it: no indicator of ours.
 */
#include "indicators_table.h"

struct column {
    const char *file, *name;
    const char *indicator, *arguments;
    uint32_t output, from, rows; /* compared from bar `from` on, at least `rows` of them */
    double tolerance;
};

#define MIXED    "spy_with_indicators.txt"
#define BANDS    "spy_bollinger_bands.txt"
#define STOCHRSI "spy_with_StochRSI.csv"
#define ADX      "spy_with_adx.txt"

static const struct column columns[] = {
    {MIXED, "SMA14", "sma", "14", 0, 0, 487, 1e-2},
    {MIXED, "EMA14", "ema", "14", 0, 0, 487, 1e-2},
    {"spy_ema.csv", "EMA14", "ema", "14", 0, 0, 351, 1e-9},
    {MIXED, "MACD 12 26", "macd", "12,26,1", 0, 0, 475, 1e-3},
    {MIXED, "MACD 12 26", "macd", "12,26,9,talib", 0, 150, 350, 1e-3},
    {MIXED, "RSI 14 Wilder", "rsi", "14", 0, 0, 486, 1e-5},
    {"spy_atr_wilder.txt", "Average True Range 14", "atr", "14,count", 0, 0, 488, 1e-5},
    {"spy_atr_wilder.txt", "Average True Range 14", "atr", "14,skip", 0, 150, 350, 1e-5},
    {BANDS, "Bollinger Bands® 20 2 Top", "bbands", "20,2", 0, 0, 481, 1e-4},
    {BANDS, "Moving Average 20", "bbands", "20,2", 1, 0, 481, 1e-9},
    {BANDS, "Bollinger Bands® 20 2 Bottom", "bbands", "20,2", 2, 0, 481, 1e-4},
    {BANDS, "%B", "bbands", "20,2", 3, 0, 481, 1e-4},
    {STOCHRSI, "k", "stochrsi", "14,14,3,3", 0, 0, 469, 1e-9},
    {STOCHRSI, "d", "stochrsi", "14,14,3,3", 1, 0, 469, 1e-9},
    {ADX, "ADX 14", "adx", "14", 0, 0, 477, 1e-4},
    {ADX, "+DI14", "adx", "14", 1, 0, 477, 1e-4},
    {ADX, "-DI14", "adx", "14", 2, 0, 477, 1e-4},
    {ADX, "ADX 14", "adx", "14,talib", 0, 250, 250, 1e-4},
    {"spy_with_obv.txt", "OBV ", "obv", "volume", 0, 0, 500, 2000},
    {"spy_with_vwap.txt", "Moving VWAP 50", "vwap", "50,window,ohlc4", 0, 0, 452, 1e-4},
};

static void every_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const struct column *c = &columns[i];
        struct table *t = table_open("lean/indicators", c->file);
        struct bars bars = table_bars(t);
        struct run r = run_indicator(c->indicator, c->arguments, &bars);
        printf("%s(%s) on %s\n", c->indicator, c->arguments, c->file);
        table_match(t, c->name, &r, c->output, c->from, c->tolerance, c->rows);
        run_destroy(&r);
        bars_destroy(&bars);
        table_close(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_column)};
    if (reference_absent("lean/indicators"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
