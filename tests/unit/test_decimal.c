/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that decimal texts become integers exactly or are refused: every digit counts, nothing goes
 * through a double, rounding is half up, and adjusting by factors rounds once, at the end.
 */
#include "csv_fixture.h"

#include "research/decimal.h"

static void parses(const char *text, int64_t digits, int32_t decimals)
{
    struct decimal value;
    assert_int_equal(decimal_parse(text, &value, NULL), TURRET_OK);
    assert_int_equal(value.digits, digits);
    assert_int_equal(value.decimals, decimals);
}

static void test_parse(void **unused)
{
    (void)unused;
    parses("0", 0, 0);
    parses("-0.000", 0, 0);
    parses("12.50", 125, 1);
    parses("+12", 12, 0);
    parses("31702200.0", 31702200, 0);
    parses("100.0010", 100001, 3);
    parses(".5", 5, 1);
    parses("5.", 5, 0);
    parses("1e-05", 1, 5);
    parses("1.25E+3", 1250, 0);
    parses("1200e-2", 12, 0);
    parses("0.0018179399999999999", INT64_C(18179399999999999), 19);
    parses("26.127545601883227", INT64_C(26127545601883227), 15);
    parses("999999999999999999", INT64_C(999999999999999999), 0);
    parses("-0.000000000000000001", -1, 18);
    parses("000000000000000000000000001.10000000000000000000000000000000", 11, 1);
}

static void test_refused(void **unused)
{
    static const char *const words[] = {"",    "-",   ".",     "1..2", "1.2.3", "nan",
                                        "inf", "1e",  "12x",   "1,5",  "0x10",  " 1",
                                        "1 ",  "--1", "1e5.5", "null", "1e+",   "\xc2\xbd"};
    static const char *const large[] = {"1000000000000000000",   "1e18",  "1e999999999",
                                        "0.1234567890123456789", "1e-31", "1.0000000000000000001"};
    (void)unused;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct turret_error err = {0};
        struct decimal value;
        assert_int_equal(decimal_parse(words[i], &value, &err), TURRET_EINVAL);
        assert_non_null(strstr(err.text, "is not a number"));
    }
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        struct turret_error err = {0};
        struct decimal value;
        assert_int_equal(decimal_parse(large[i], &value, &err), TURRET_EINVAL);
        assert_non_null(strstr(err.text, "more than 18 digits"));
    }
}

static int compare(const char *a, const char *b)
{
    struct decimal left, right;
    assert_int_equal(decimal_parse(a, &left, NULL), TURRET_OK);
    assert_int_equal(decimal_parse(b, &right, NULL), TURRET_OK);
    assert_int_equal(decimal_compare(right, left), -decimal_compare(left, right));
    return decimal_compare(left, right);
}

static void test_compare(void **unused)
{
    (void)unused;
    assert_int_equal(compare("1.10", "1.1"), 0);
    assert_int_equal(compare("1.1", "1.09999999999999999"), 1);
    assert_int_equal(compare("-2", "1"), -1);
    assert_int_equal(compare("999999999999999999", "1e-30"), 1);
    assert_int_equal(compare("0", "1e-30"), -1);
    assert_int_equal(compare("0", "-1e-30"), 1);
    assert_int_equal(compare("-1", "-1e-30"), -1);
    assert_int_equal(compare("999999999999999999", "0.999999999999999999"), 1);
}

static void scales(const char *text, int32_t scale, bool round, int code, int64_t wanted)
{
    struct decimal value;
    int64_t out = 0;
    assert_int_equal(decimal_parse(text, &value, NULL), TURRET_OK);
    assert_int_equal(decimal_to_scale(value, NULL, scale, round, &out), code);
    if (!code)
        assert_int_equal(out, wanted);
}

static void test_scale(void **unused)
{
    (void)unused;
    scales("12.5", 4, false, TURRET_OK, 125000);
    scales("12.34", 1, false, TURRET_EINVAL, 0);
    scales("12.34", 1, true, TURRET_OK, 123);
    scales("12.35", 1, true, TURRET_OK, 124);
    scales("-12.35", 1, true, TURRET_OK, -124);
    scales("0.4999999999999999", 0, true, TURRET_OK, 0);
    scales("0.5", 0, true, TURRET_OK, 1);
    scales("1e-30", 12, true, TURRET_OK, 0);
    scales("1e-30", 12, false, TURRET_EINVAL, 0);
    scales("0", 12, false, TURRET_OK, 0);
    scales("9223372.03685477580", 12, false, TURRET_OK, INT64_MAX - 7);
    scales("9223372.03685477581", 12, false, TURRET_ELIMIT, 0);
    scales("999999999999999999", 12, true, TURRET_ELIMIT, 0);
}

/* Apple on 1998-01-02: 13.63 × 0.8613657 × 0.00892857 = 0.10482511261…, volume ÷ 0.00892857. */
static void test_factor(void **unused)
{
    const struct decimal price = {1363, 2}, volume = {6315000, 0}, one = {1, 0};
    const struct decimal_factor total = {{INT64_C(8613657) * 892857, 15}, one};
    const struct decimal_factor split = {one, {892857, 8}};
    int64_t out = 0;
    (void)unused;
    assert_int_equal(decimal_to_scale(price, &total, 4, true, &out), TURRET_OK);
    assert_int_equal(out, 1048);
    assert_int_equal(decimal_to_scale(price, &total, 12, true, &out), TURRET_OK);
    assert_int_equal(out, INT64_C(104825112612));
    assert_int_equal(decimal_to_scale(volume, &split, 0, true, &out), TURRET_OK);
    assert_int_equal(out, 707280113);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_compare), cmocka_unit_test(test_scale),
        cmocka_unit_test(test_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
