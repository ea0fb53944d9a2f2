/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the indicators give the values of TA-Lib's own regression tables on its 252 daily
 * bars, and that they begin where TA-Lib's begin. Every row of the tables on moving averages,
 * Bollinger bands, MACD, RSI, directional movement, stochastics and true range is either compared
 * or left out for one of these reasons, counted below:
 *
 *   - another indicator: T3, TRIMA, MAMA, FAMA, KAMA, DEMA, TEMA, CMO, PLUS_DM, MINUS_DM; bands
 *     around an EMA; MACDFIX, whose weights are fixed at 0.15 and 0.075.
 *   - METASTOCK RSI gives one value more, before the first (bar 13 for 14): all later ones are
 *     the same and are compared.
 *   - DI of period 1 is a plain ratio, not a percentage. Ours begins at 2.
 *   - DI and DX before bar 27: ours answer together with ADX.
 *
 * What is compared though it looks foreign: METASTOCK's EMA is ours with seed "first"; an unstable
 * period only hides the first values; a later startIdx gives the same bars, as these functions
 * reach back to bar 0 in all these rows; TRANGE is ATR of period 1; ADXR and DX follow from ADX and
 * DI; MACD(26,12), which TA-Lib silently turns around, is compared with (12,26) and refused by us.
 * The second half of the ADX table repeats the first in whole numbers, rounded on the way as in
 * Wilder's book: tolerance 1. Everywhere else it is TA-Lib's 0.01.
 *
 * TA-Lib and LEAN disagree on the first values of ADX and MACD; each is right by its own seed, and
 * the parameter "seeding" has both. Its book is followed by "classic".
 */
#include "indicators_table.h"

#define BARS      252
#define TOLERANCE 0.01

static struct bars bars;

struct tally {
    uint32_t compared, other;
};

static void near_value(const struct table *t, uint32_t row, double ours, double expected,
                       double tolerance)
{
    if (!(fabs(ours - expected) <= tolerance))
        fail_msg("%s row %u: %.8f here, %.8f there", t->name[0], row, ours, expected);
}

/* TA-Lib's first index and count against our lookback, where the row is about the whole range. */
static void begins_alike(const struct table *t, uint32_t row, const struct run *r)
{
    int unstable =
        table_find(t, "unstablePeriod") < COLUMNS_MAX && table_int(t, row, "unstablePeriod") != 0;
    int metastock = table_find(t, "compatibility") < COLUMNS_MAX &&
                    strstr(table_text(t, row, "compatibility"), "METASTOCK");
    if (unstable || metastock || table_int(t, row, "startIdx") != 0 ||
        table_int(t, row, "endIdx") != BARS - 1)
        return;
    assert_int_equal(r->ready, table_int(t, row, "expectedBegIdx"));
    assert_int_equal(BARS - r->ready, table_int(t, row, "expectedNbElement"));
}

/* Compares one output with the row's n-th "one of the expected" pair ("" where there is one). */
static void compare(const struct table *t, uint32_t row, const struct run *r, uint32_t output,
                    const char *n, double tolerance)
{
    char index[48], value[48];
    (void)snprintf(index, sizeof index, "oneOfTheExpectedOutRealIndex%s", n);
    (void)snprintf(value, sizeof value, "oneOfTheExpectedOutReal%s", n);
    int32_t bar = table_int(t, row, "expectedBegIdx") + table_int(t, row, index);
    assert_true(bar >= (int32_t)r->ready && bar < BARS);
    near_value(t, row, r->out[output][bar], table_number(t, row, value), tolerance);
    begins_alike(t, row, r);
}

static struct table *open_table(const char *file)
{
    return table_open("talib", file);
}

static void close_table(struct table *t, struct tally got, uint32_t compared, uint32_t other)
{
    printf("  %u of %u rows compared\n", got.compared, t->rows);
    assert_int_equal(got.compared + got.other, t->rows);
    assert_int_equal(got.compared, compared);
    assert_int_equal(got.other, other);
    table_close(t);
}

/* Rows that ask for nothing: a bad parameter, or a range before the first value. */
static int asks_nothing(const struct table *t, uint32_t row, const char *name, int32_t period)
{
    struct probe p;
    int bad = strcmp(table_text(t, row, "expectedRetCode"), "TA_BAD_PARAM") == 0;
    int none = table_int(t, row, "expectedNbElement") == 0;
    if (!bad && !none)
        return 0;
    assert_int_equal(probe_open(&p, name, ""), 0);
    if (bad) {
        assert_true(period < p.type->params[0].min);
    } else {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", period);
        probe_set(&p, 0, text);
        /* MetaStock's RSI has one bar more */
        assert_true((int32_t)p.type->lookback(p.values) >= table_int(t, row, "endIdx"));
    }
    probe_close(&p);
    return 1;
}

static void moving_averages(void **state)
{
    struct table *t = open_table("regtest_ma.tsv");
    struct tally tally = {0, 0};
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        const char *type = table_text(t, row, "optInMAType_1");
        int metastock = strstr(table_text(t, row, "compatibility"), "METASTOCK") != NULL;
        int32_t period = table_int(t, row, "optInTimePeriod");
        const char *name = strcmp(type, "TA_MAType_SMA") == 0   ? "sma"
                           : strcmp(type, "TA_MAType_WMA") == 0 ? "wma"
                           : strcmp(type, "TA_MAType_EMA") == 0 ? "ema"
                                                                : NULL;
        if (!name) {
            tally.other++;
            continue;
        }
        tally.compared++;
        if (asks_nothing(t, row, name, period))
            continue;
        char arguments[32];
        (void)snprintf(arguments, sizeof arguments, "%d%s", period,
                       strcmp(name, "ema") == 0 && metastock ? ",first" : "");
        struct run r = run_indicator(name, arguments, &bars);
        compare(t, row, &r, 0, "", TOLERANCE);
        run_destroy(&r);
    }
    close_table(t, tally, 75, 42);
}

static void bollinger_bands(void **state)
{
    struct table *t = open_table("regtest_bbands.tsv");
    struct tally tally = {0, 0};
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        if (strcmp(table_text(t, row, "optInMethod_3"), "TA_MAType_SMA") != 0) {
            tally.other++;
            continue;
        }
        struct run r = run_indicator("bbands", "20,2", &bars);
        assert_int_equal(table_int(t, row, "optInTimePeriod"), 20);
        compare(t, row, &r, 0, "0", TOLERANCE);
        compare(t, row, &r, 1, "1", TOLERANCE);
        compare(t, row, &r, 2, "2", TOLERANCE);
        run_destroy(&r);
        tally.compared++;
    }
    close_table(t, tally, 2, 17);
}

static void convergence(void **state)
{
    struct table *t = open_table("regtest_macd.tsv");
    struct tally tally = {0, 0};
    struct probe p;
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        if (strcmp(table_text(t, row, "testId"), "TA_MACDFIX_TEST") == 0) {
            tally.other++;
            continue;
        }
        struct run r = run_indicator("macd", "12,26,9,talib", &bars);
        compare(t, row, &r, 0, "0", TOLERANCE);
        compare(t, row, &r, 1, "1", TOLERANCE);
        compare(t, row, &r, 2, "2", TOLERANCE);
        run_destroy(&r);
        tally.compared++;
    }
    close_table(t, tally, 3, 3);
    assert_int_equal(probe_open(&p, "macd", "26,12,9"), TURRET_EINVAL);
    assert_non_null(strstr(p.err.text, "26"));
    probe_close(&p);
}

static void relative_strength(void **state)
{
    struct table *t = open_table("regtest_rsi.tsv");
    struct tally tally = {0, 0};
    struct run r = run_indicator("rsi", "14", &bars);
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        int32_t bar = table_int(t, row, "expectedBegIdx") +
                      table_int(t, row, "oneOfTheExpectedOutRealIndex0");
        int none = table_int(t, row, "expectedNbElement") == 0;
        if (strcmp(table_text(t, row, "theFunction"), "TA_RSI_TEST") != 0 || (!none && bar == 13)) {
            tally.other++;
            continue;
        }
        if (!asks_nothing(t, row, "rsi", 14))
            compare(t, row, &r, 0, "0", TOLERANCE);
        tally.compared++;
    }
    run_destroy(&r);
    close_table(t, tally, 31, 10);
}

/* The value of one function of the ADX family at a bar; NaN when ours does not give it. */
static double directional(const struct run *r, const char *id, int32_t bar)
{
    double plus = r->out[1][bar], minus = r->out[2][bar];
    if (strcmp(id, "TST_ADX") == 0)
        return r->out[0][bar];
    if (strcmp(id, "TST_ADXR") == 0)
        return (r->out[0][bar] + r->out[0][bar - 13]) / 2;
    if (strcmp(id, "TST_PLUS_DI") == 0)
        return plus;
    if (strcmp(id, "TST_MINUS_DI") == 0)
        return minus;
    return strcmp(id, "TST_DX") == 0 ? 100 * fabs(plus - minus) / (plus + minus) : NAN;
}

/* Whether an earlier row is about the same value: then this one is a whole number. */
static int repeats(const struct table *t, uint32_t row)
{
    static const char *const names[] = {"id", "optInTimePeriod", "oneOfTheExpectedOutRealIndex0"};
    for (uint32_t other = 0; other < row; other++) {
        int same = 1;
        for (size_t n = 0; n < 3; n++)
            same &= strcmp(table_text(t, row, names[n]), table_text(t, other, names[n])) == 0;
        if (same)
            return 1;
    }
    return 0;
}

static void directional_movement(void **state)
{
    struct table *t = open_table("regtest_adx.tsv");
    struct tally tally = {0, 0};
    struct run r = run_indicator("adx", "14,talib", &bars);
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        int32_t begin = table_int(t, row, "expectedBegIdx");
        int32_t bar = begin + table_int(t, row, "oneOfTheExpectedOutRealIndex0");
        double expected = table_number(t, row, "oneOfTheExpectedOutReal0");
        double ours = directional(&r, table_text(t, row, "id"), bar);
        if (table_int(t, row, "optInTimePeriod") != 14 || isnan(ours)) {
            tally.other++;
            continue;
        }
        near_value(t, row, ours, expected, repeats(t, row) ? 1 : TOLERANCE);
        if (strcmp(table_text(t, row, "id"), "TST_ADX") == 0)
            assert_int_equal(begin, r.ready);
        tally.compared++;
    }
    run_destroy(&r);
    close_table(t, tally, 30, 20);
}

static void stochastics(void **state)
{
    struct table *t = open_table("regtest_stoch.tsv");
    struct tally tally = {0, 0};
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        int32_t a = table_int(t, row, "optInPeriod_0"), b = table_int(t, row, "optInPeriod_1");
        int32_t c = table_int(t, row, "optInPeriod_2");
        int of_rsi = strcmp(table_text(t, row, "testId"), "TEST_STOCHRSI") == 0;
        char arguments[32];
        (void)snprintf(arguments, sizeof arguments, of_rsi ? "%d,%d,1,%d" : "%d,%d,%d", a, b, c);
        struct run r = run_indicator(of_rsi ? "stochrsi" : "stoch", arguments, &bars);
        compare(t, row, &r, 0, "0", TOLERANCE);
        compare(t, row, &r, 1, "1", TOLERANCE);
        run_destroy(&r);
        tally.compared++;
    }
    close_table(t, tally, 11, 0);
}

static void true_ranges(void **state)
{
    struct table *t = open_table("regtest_trange.tsv");
    struct tally tally = {0, 0};
    (void)state;
    for (uint32_t row = 0; row < t->rows; row++) {
        int average = table_int(t, row, "doAverage");
        char arguments[16];
        (void)snprintf(arguments, sizeof arguments, "%d",
                       average ? table_int(t, row, "optInTimePeriod") : 1);
        struct run r = run_indicator("atr", arguments, &bars);
        compare(t, row, &r, 0, "", TOLERANCE);
        run_destroy(&r);
        tally.compared++;
    }
    close_table(t, tally, 17, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moving_averages),      cmocka_unit_test(bollinger_bands),
        cmocka_unit_test(convergence),          cmocka_unit_test(relative_strength),
        cmocka_unit_test(directional_movement), cmocka_unit_test(stochastics),
        cmocka_unit_test(true_ranges),
    };
    if (reference_absent("talib"))
        return 77;
    struct table *t = open_table("sref_daily_252.csv");
    bars = table_bars(t);
    table_close(t);
    int failed = bars.count != BARS || cmocka_run_group_tests(tests, NULL, NULL);
    bars_destroy(&bars);
    return failed;
}
