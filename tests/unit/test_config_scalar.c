/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that decimals, times, timeframes, durations and percentages are read exactly or refused
 * with the reason, and that what is written reads back to the same value.
 */
#include "test_config_rig.h"

#include "config/scalar.h"

static void decimals_are_exact(void **state)
{
    static const struct {
        const char *text;
        int32_t scale;
        int64_t value;
    } cases[] = {
        {"0", 0, 0},
        {"-12.5", 2, -1250},
        {"12.5", 1, 125},
        {"-0.0", 1, 0},
        {"-0", 0, 0},
        {"007", 0, 7},
        {"0.1", 18, 100000000000000000},
        {"1.500", 1, 15},
        {"5.0", 0, 5},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775807", 0, -INT64_MAX},
        {"92233720368.54775807", 8, INT64_MAX},
        {"0.00000001", 8, 1},
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct turret_error err = {0};
        int64_t value = 42;
        assert_int_equal(config_parse_decimal(cases[i].text, cases[i].scale, &value, &err),
                         TURRET_OK);
        assert_int_equal(value, cases[i].value);
    }
}

static void other_decimals_are_refused(void **state)
{
    static const struct {
        const char *text;
        int32_t scale;
        const char *says;
    } cases[] = {
        {"", 2, "'' is not a decimal number like 12.5"},
        {"-", 2, "'-' is not a decimal number like 12.5"},
        {"+5", 2, "'+5' is not a decimal number like 12.5"},
        {" 5", 2, "' 5' is not a decimal number like 12.5"},
        {"5 ", 2, "'5 ' is not a decimal number like 12.5"},
        {".5", 2, "'.5' is not a decimal number like 12.5"},
        {"5.", 2, "'5.' is not a decimal number like 12.5"},
        {"1.2.3", 2, "'1.2.3' is not a decimal number like 12.5"},
        {"1e3", 2, "'1e3' is not a decimal number like 12.5"},
        {"0x10", 2, "'0x10' is not a decimal number like 12.5"},
        {"1,000", 2, "'1,000' is not a decimal number like 12.5"},
        {"1_000", 2, "'1_000' is not a decimal number like 12.5"},
        {"nan", 2, "'nan' is not a decimal number like 12.5"},
        {"inf", 2, "'inf' is not a decimal number like 12.5"},
        {"--5", 2, "'--5' is not a decimal number like 12.5"},
        {"0.001", 2, "'0.001' is finer than 2 decimals"},
        {"0.5", 0, "'0.5' is not a whole number"},
        {"9223372036854775808", 0,
         "'9223372036854775808' is beyond the largest value 9223372036854775807"},
        {"-9223372036854775808", 0, /* that one means "not set" elsewhere */
         "'-9223372036854775808' is beyond the largest value 9223372036854775807"},
        {"92233720368.54775808", 8,
         "'92233720368.54775808' is beyond the largest value 92233720368.54775807"},
        {"10", 18, "'10' is beyond the largest value 9.223372036854775807"},
        {"5\n", 0, "'5?' is not a decimal number like 12.5"},
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct turret_error err = {0};
        int64_t value = 42;
        assert_int_equal(config_parse_decimal(cases[i].text, cases[i].scale, &value, &err),
                         TURRET_EINVAL);
        assert_string_equal(err.text, cases[i].says);
        assert_int_equal(value, 42);
    }
}

static void decimals_are_written_shortest(void **state)
{
    static const struct {
        int64_t value;
        int32_t scale;
        const char *text;
    } cases[] = {
        {0, 0, "0"},
        {0, 8, "0"},
        {-1250, 2, "-12.5"},
        {5, 3, "0.005"},
        {-5, 3, "-0.005"},
        {1000, 3, "1"},
        {INT64_MAX, 18, "9.223372036854775807"},
        {INT64_MIN, 0, "-9223372036854775808"},
    };
    char text[40];
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        money_format(cases[i].value, cases[i].scale, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
    money_format(123456, 2, text, 4); /* never beyond the room */
    assert_string_equal(text, "123");
}

/* SplitMix64 with a fixed seed. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void decimals_read_back(void **state)
{
    uint64_t random = 1;
    char text[40];
    int i;
    (void)state;
    for (i = 0; i < 20000; i++) {
        int32_t scale = (int32_t)(draw(&random) % 19);
        int64_t value = (int64_t)(draw(&random) >> (draw(&random) % 64)), read = 0;
        value = value == INT64_MIN ? 0 : value;
        money_format(value, scale, text, sizeof text);
        assert_int_equal(config_parse_decimal(text, scale, &read, NULL), TURRET_OK);
        assert_int_equal(read, value);
    }
}

static void timeframes_read_and_write(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
        const char *written;
    } cases[] = {{"1m", 60, "1m"},     {"15m", 900, "15m"},  {"1h", 3600, "1h"},
                 {"1d", 86400, "1d"},  {"30s", 30, "30s"},   {"60s", 60, "1m"},
                 {"90m", 5400, "90m"}, {"24h", 86400, "1d"}, {"366d", 31622400, "366d"}};
    static const char *const wrong[] = {"",
                                        "m",
                                        "1",
                                        "0m",
                                        "-1m",
                                        "1.5m",
                                        "1 m",
                                        "1M",
                                        "1min",
                                        "500ms",
                                        "367d",
                                        "+1m",
                                        "1m ",
                                        "1w",
                                        "99999999999999999999999s",
                                        "9223372036854775807d"};
    char text[40];
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ns = 0;
        assert_int_equal(config_parse_timeframe(cases[i].text, &ns, NULL), TURRET_OK);
        assert_int_equal(ns, cases[i].seconds * 1000000000);
        config_format_timeframe(ns, text, sizeof text);
        assert_string_equal(text, cases[i].written);
    }
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct turret_error err = {0};
        int64_t ns = 42;
        assert_int_equal(config_parse_timeframe(wrong[i], &ns, &err), TURRET_EINVAL);
        assert_non_null(strstr(err.text, "timeframe"));
        assert_int_equal(ns, 42);
    }
}

static void times_read_and_write(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {{"1970-01-01", 0},
                 {"1970-01-02", 86400},
                 {"2000-02-29", 951782400},
                 {"2013-10-07", 1381104000},
                 {"2013-10-07T14:30:00Z", 1381156200},
                 {"2100-03-01", 4107542400},
                 {"2261-12-31T23:59:59Z", 9214646399}};
    static const char *const wrong[] = {"",
                                        "2013-10-7",
                                        "2013-13-01",
                                        "2013-00-01",
                                        "2013-02-29",
                                        "2100-02-29",
                                        "2013-04-31",
                                        "2013-10-00",
                                        "1969-12-31",
                                        "2262-01-01",
                                        "2013-10-07T14:30:00",
                                        "2013-10-07 14:30:00Z",
                                        "2013/10/07",
                                        "2013-10-07T24:00:00Z",
                                        "2013-10-07T14:60:00Z",
                                        "2013-10-07T14:30:60Z",
                                        "+013-10-07",
                                        "2013-10-07T14:30:0xZ"};
    char text[40];
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        turret_time_ns time = 42;
        assert_int_equal(config_parse_time(cases[i].text, &time, NULL), TURRET_OK);
        assert_int_equal(time, cases[i].seconds * 1000000000);
        scalar_format_time(time, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        turret_time_ns time = 42;
        assert_int_equal(config_parse_time(wrong[i], &time, NULL), TURRET_EINVAL);
        assert_int_equal(time, 42);
    }
}

static void percentages_and_durations(void **state)
{
    struct scalar_why why;
    int64_t value = 0;
    char text[40];
    (void)state;
    assert_true(scalar_percent("2%", &value, &why));
    assert_int_equal(value, 20000);
    assert_true(scalar_percent("0.0001%", &value, &why));
    assert_int_equal(value, 1);
    scalar_format_percent(2500, text, sizeof text);
    assert_string_equal(text, "0.25%");
    assert_false(scalar_percent("%", &value, &why));
    assert_false(scalar_percent("2", &value, &why));
    assert_false(scalar_percent("2%%", &value, &why));
    assert_false(scalar_percent("0.00001%", &value, &why));
    assert_true(scalar_duration("500ms", &value, &why));
    assert_int_equal(value, 500000000);
    assert_true(scalar_duration("7d", &value, &why));
    assert_int_equal(value, 7 * 86400 * INT64_C(1000000000));
    scalar_format_duration(value, text, sizeof text);
    assert_string_equal(text, "7d");
    scalar_format_duration(0, text, sizeof text);
    assert_string_equal(text, "0s");
    assert_true(scalar_duration("0s", &value, &why));
    assert_int_equal(value, 0);
    assert_false(scalar_duration("5", &value, &why));
    assert_false(scalar_duration("99999999999d", &value, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_exact),
        cmocka_unit_test(other_decimals_are_refused),
        cmocka_unit_test(decimals_are_written_shortest),
        cmocka_unit_test(decimals_read_back),
        cmocka_unit_test(timeframes_read_and_write),
        cmocka_unit_test(times_read_and_write),
        cmocka_unit_test(percentages_and_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
