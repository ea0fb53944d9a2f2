/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that times in every supported form become the right nanosecond, that local times follow the
 * time zone database through both changes of the clocks, and that what is no time is refused.
 * Expected values: date -u -d and date -d TZ="..." of GNU coreutils.
 */
#include "csv_fixture.h"

#include "research/when.h"
#include "research/zone.h"

#define SECOND INT64_C(1000000000)

static void reads(const char *format_text, const char *text, int64_t wanted_ns)
{
    struct when_format format = {0};
    struct turret_error err = {0};
    struct when when;
    assert_int_equal(when_format_set(&format, format_text, &err), TURRET_OK);
    assert_int_equal(when_parse(&format, text, &when, &err), TURRET_OK);
    assert_int_equal(when.time, wanted_ns);
}

static void refuses(const char *format_text, const char *text)
{
    struct when_format format = {0};
    struct turret_error err = {0};
    struct when when;
    assert_int_equal(when_format_set(&format, format_text, &err), TURRET_OK);
    assert_int_equal(when_parse(&format, text, &when, &err), TURRET_EINVAL);
    assert_int_equal(err.text[0], '\'');
}

static void test_automatic(void **unused)
{
    const int64_t day = 1381104000 * SECOND, half = day + 48600 * SECOND; /* 2013-10-07, 13:30 */
    (void)unused;
    reads("auto", "2013-10-07", day);
    reads("iso", "2013-10-07T13:30:00Z", half);
    reads("auto", "2013-10-07 13:30", half);
    reads("auto", "2013-10-07T13:30:00.5", half + SECOND / 2);
    reads("auto", "2013-10-07 13:30:00.123456789Z", half + 123456789);
    reads("auto", "2013-10-07T09:30:00-04:00", half);
    reads("auto", "2013-10-07 09:30:00 -0400", half);
    reads("auto", "1993-02-02 00:00:00+00:00", 728611200 * SECOND);
    reads("auto", "2022.10.10 00:15:00", 1665360900 * SECOND);
    reads("auto", "2013/10/07", day);
    reads("auto", "20131007", day);
    reads("auto", "20131007 13:30", half);
    reads("auto", "20131007 133000", half);
    reads("auto", "1969-12-31T23:59:59.9Z", -SECOND / 10);
    reads("auto", "2000-02-29", 951782400 * SECOND);
    reads("auto", "1900-03-01", -2203891200 * SECOND);
    refuses("auto", "1900-02-29");
    refuses("auto", "2013-13-01");
    refuses("auto", "2013-10-07T24:00");
    refuses("auto", "1/2/1990");
    refuses("auto", "1381104000");
    refuses("auto", "2013107");
    refuses("auto", "");
    refuses("auto", "1600-01-01");
    refuses("auto", "2300-01-01");
    refuses("auto", "2013-10-07 junk");
}

static void test_formats(void **unused)
{
    (void)unused;
    reads("epoch_s", "1381152600", 1381152600 * SECOND);
    reads("epoch_s", "1381152600.0", 1381152600 * SECOND);
    reads("epoch_s", "-1", -SECOND);
    reads("epoch_ms", "1381152600001", 1381152600001000000);
    reads("epoch_us", "1381152600000001", 1381152600000001000);
    reads("epoch_ns", "1381152600000000001", 1381152600000000001);
    reads("yyyymmdd", "20131007", 1381104000 * SECOND);
    reads("yyyymmdd hh:mm", "20131007 13:30", 1381152600 * SECOND);
    reads("%m/%d/%Y", "1/2/1990", 631238400 * SECOND);
    reads("%d.%m.%y %H:%M:%S", "07.10.13 13:30:00", 1381152600 * SECOND);
    reads("%d %b %Y %I:%M %p", "7 Oct 2013 1:30 PM", 1381152600 * SECOND);
    reads("%d%b%Y", "07oct2013", 1381104000 * SECOND);
    reads("%Y-%m-%dT%H:%M:%S%f%z", "2013-10-07T15:30:00.000+0200", 1381152600 * SECOND);
    refuses("epoch_s", "12.5");
    refuses("epoch_s", "");
    refuses("epoch_s", "99999999999999");
    refuses("epoch_ns", "99999999999999999999");
    refuses("yyyymmdd", "2013107");
    refuses("%m/%d/%Y", "13/1/1990");
    refuses("%I:%M", "13:00");
}

static void test_unknown_format(void **unused)
{
    static const char *const bad[] = {"epoch", "", "%Q", "100%", "iso8601"};
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct when_format format = {0};
        struct turret_error err = {0};
        assert_int_equal(when_format_set(&format, bad[i], &err), TURRET_EINVAL);
    }
}

static void test_midnight(void **unused)
{
    struct when_format format = {0};
    struct turret_error err = {0};
    struct when when;
    (void)unused;
    assert_int_equal(when_format_set(&format, "midnight_ms", &err), TURRET_OK);
    assert_int_equal(when_parse_date("2013-10-07", &format.date, &err), TURRET_OK);
    assert_int_equal(when_parse(&format, "48600000", &when, &err), TURRET_OK);
    assert_int_equal(when.time, 1381152600 * SECOND);
    assert_int_equal(when.day, format.date);
    assert_int_equal(when_parse(&format, "86400000", &when, &err), TURRET_EINVAL);
    err.code = 0;
    assert_int_equal(when_parse(&format, "-1", &when, &err), TURRET_EINVAL);
    /* Local milliseconds count on the wall clock, also after the clocks changed that night. */
    err.code = 0;
    assert_int_equal(zone_use("America/New_York", &err), TURRET_OK);
    format.zoned = true;
    assert_int_equal(when_parse(&format, "34200000", &when, &err), TURRET_OK);
    assert_int_equal(when.time, 1381152600 * SECOND);
    assert_int_equal(when_parse_date("20131103", &format.date, &err), TURRET_OK);
    assert_int_equal(when_parse(&format, "34200000", &when, &err), TURRET_OK);
    assert_int_equal(when.time, 1383489000 * SECOND); /* 14:30 UTC */
}

static void zone_reads(const char *text, int64_t wanted_s, bool twice)
{
    struct when_format format = {.kind = WHEN_AUTO, .zoned = true};
    struct turret_error err = {0};
    struct when when;
    assert_int_equal(when_parse(&format, text, &when, &err), TURRET_OK);
    assert_int_equal(when.time, wanted_s * SECOND);
    assert_int_equal(when.twice, twice);
}

static void test_zone(void **unused)
{
    struct when_format format = {.kind = WHEN_AUTO, .zoned = true};
    struct turret_error err = {0};
    struct when when;
    (void)unused;
    assert_int_equal(zone_use("America/New_York", &err), TURRET_OK);
    zone_reads("2013-10-07 09:30", 1381152600, false);
    zone_reads("2013-01-07 09:30", 1357569000, false);
    zone_reads("2013-03-10 01:59:59", 1362898799, false);
    zone_reads("2013-03-10 03:00:00", 1362898800, false);
    zone_reads("2013-11-03 00:59:59", 1383454799, false);
    zone_reads("2013-11-03 01:30:00", 1383456600, true); /* 05:30 UTC, not 06:30 */
    zone_reads("2013-11-03 02:00:00", 1383462000, false);
    zone_reads("2013-11-03T01:30:00-05:00", 1383460200, false);
    zone_reads("2013-10-07T09:30:00Z", 1381138200, false);
    assert_int_equal(when_parse(&format, "2013-03-10 02:30", &when, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "does not exist"));
    err.code = 0;
    assert_int_equal(zone_use("Asia/Kolkata", &err), TURRET_OK);
    zone_reads("2013-10-07 09:15", 1381117500, false);
    assert_int_equal(zone_use("Australia/Lord_Howe", &err), TURRET_OK);
    zone_reads("2013-04-07 01:45", 1365259500, true); /* clocks go back half an hour here */
    assert_int_equal(zone_use("UTC", &err), TURRET_OK);
    zone_reads("2013-10-07 13:30", 1381152600, false);
}

static void test_unknown_zone(void **unused)
{
    static const char *const bad[] = {"", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"};
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct turret_error err = {0};
        assert_int_equal(zone_use(bad[i], &err), TURRET_EINVAL);
    }
}

static void prints(int64_t time, const char *wanted)
{
    char text[WHEN_TEXT_MAX];
    when_print(time, text, sizeof text);
    assert_string_equal(text, wanted);
}

static void test_print(void **unused)
{
    struct when_format format = {.kind = WHEN_AUTO};
    (void)unused;
    prints(0, "1970-01-01T00:00:00Z");
    prints(-1, "1969-12-31T23:59:59.999999999Z");
    prints(1381152600 * SECOND + 500000000, "2013-10-07T13:30:00.5Z");
    prints(951782400 * SECOND, "2000-02-29T00:00:00Z");
    prints(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
    prints(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
    /* What is printed reads back, every 12 days and some hours over the whole range. */
    for (int64_t s = INT64_C(-9214560000); s < INT64_C(9214646400); s += 1045678) {
        char text[WHEN_TEXT_MAX];
        struct when when;
        when_print(s * SECOND + 7, text, sizeof text);
        assert_int_equal(when_parse(&format, text, &when, NULL), TURRET_OK);
        assert_int_equal(when.time, s * SECOND + 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_automatic),      cmocka_unit_test(test_formats),
        cmocka_unit_test(test_unknown_format), cmocka_unit_test(test_midnight),
        cmocka_unit_test(test_zone),           cmocka_unit_test(test_unknown_zone),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
