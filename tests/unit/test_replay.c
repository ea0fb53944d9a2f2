/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The replay adapter: bars of several instruments in order of their end and then of their id, from
 * the store and from a file; pace; ranges; resuming; a full queue; rows that are not usable, named
 * by file and line.
 */
#include "broker_bench.h"

#include <unistd.h>

#define HEADER "time,symbol,open,high,low,close,volume\n"

static char folder[] = P_tmpdir "/turret-replay-XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void write_file(const char *text)
{
    (void)snprintf(path, sizeof path, "%s/bars.csv", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static struct bench *from_file(const char *text)
{
    struct bench *b = bench_load("replay");
    write_file(text);
    bench_set(b, "file", path);
    bench_set(b, "timeframe", "1m");
    return b;
}

static void store(struct bench *b, turret_instrument instrument, turret_time_ns time,
                  int64_t timeframe_ns)
{
    turret_price price = 100 + (turret_price)(time / MINUTE % 1000);
    assert_true(b->stored_count < BENCH_STORED);
    b->stored[b->stored_count++] =
        (struct turret_bar){instrument, 0, timeframe_ns, time, price, price, price, price, 10};
}

static void expect_bar(struct bench *b, turret_instrument instrument, turret_time_ns time)
{
    const struct turret_report *report = bench_next(b, TURRET_REPORT_BAR);
    assert_int_equal(report->u.bar.time, time);
    assert_int_equal(report->u.bar.instrument, instrument);
    assert_int_equal(report->time, time + report->u.bar.timeframe_ns);
}

static void expect_finished(struct bench *b)
{
    assert_true(bench_fire(b, 0));
    assert_int_equal(bench_next(b, TURRET_REPORT_STREAM)->u.stream.status, TURRET_STREAM_FINISHED);
    assert_false(bench_fire(b, 0));
    bench_silent(b);
}

static void test_stored_bars_are_merged(void **state)
{
    (void)state;
    struct bench *b = bench_load("replay");
    struct turret_broker_caps caps = {.struct_size = sizeof caps};
    for (int day = 0; day < 600; day++) { /* more than one chunk */
        if (day % 5 != 3) {
            store(b, BTC, MIDNIGHT + day * DAY, DAY);
        }
        store(b, SPY, MIDNIGHT + day * DAY, DAY);
        store(b, SPY, MIDNIGHT + day * DAY, MINUTE); /* another timeframe */
    }
    bench_start(b, 0);
    assert_int_equal(b->type->describe(&b->broker, &caps, NULL), TURRET_OK);
    assert_int_equal(caps.can, TURRET_CAN_SUBSCRIBE | TURRET_CAN_SIMULATE);
    assert_null(b->type->submit);
    for (int day = 0; day < 600; day++) {
        assert_int_equal(b->timer[0], 0); /* pace 0: at once */
        assert_true(bench_fire(b, 0));
        expect_bar(b, SPY, MIDNIGHT + day * DAY);
        if (day % 5 != 3) {
            expect_bar(b, BTC, MIDNIGHT + day * DAY);
        }
        bench_silent(b); /* one moment a timer */
    }
    expect_finished(b);
    bench_free(b);
}

static void test_pace_divides_event_time(void **state)
{
    static const struct {
        const char *pace;
        int64_t delay;
    } cases[] = {{"1", 90000000000}, {"60", 1500000000}, {"0.5", 180000000000}, {"0", 0}};
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        struct bench *b = from_file(HEADER "2024-01-02T14:30:00Z,SPY,1,1,1,1,0\n"
                                           "2024-01-02T14:31:30Z,SPY,1,1,1,1,0\n");
        bench_set(b, "pace", cases[i].pace);
        bench_start(b, 0);
        assert_int_equal(b->timer[0], 0);
        assert_true(bench_fire(b, 0));
        assert_int_equal(b->timer[0], cases[i].delay);
        assert_true(bench_fire(b, 0));
        assert_int_equal(b->timer[0], 0);
        bench_free(b);
    }
}

static void test_rows_of_a_file(void **state)
{
    (void)state;
    struct bench *b = from_file(HEADER "2024-01-02T14:30:00Z,BTC,43210.05,43300,43200.1,43250,1.5\n"
                                       "2024-01-02T14:30:00,SPY,100.5,101.255,99,100,1000\r\n"
                                       "2024-01-02T14:30:00Z,ABC,1,1,1,1,1\n"
                                       "\n"
                                       "1704205860000000000,SPY,1,2,0.5,1.994,7\n"
                                       "2024-01-02 15:32:00.000+01:00,SPY,1,1,1,1,0");
    bench_start(b, 0);
    assert_true(bench_fire(b, 0));
    const struct turret_bar *bar = &b->report[b->next].u.bar;
    assert_int_equal(bar->high, 10126); /* 101.255 is half a cent above 101.25: away from zero */
    assert_int_equal(bar->low, 9900);
    assert_int_equal(bar->volume, 1000);
    assert_int_equal(bar->timeframe_ns, MINUTE);
    expect_bar(b, SPY, T0); /* by id, though the file has it second */
    assert_int_equal(b->report[b->next].u.bar.open, 4321005);
    assert_int_equal(b->report[b->next].u.bar.low, 4320010);
    assert_int_equal(b->report[b->next].u.bar.volume, 150000000);
    expect_bar(b, BTC, T0);
    assert_true(bench_fire(b, 0));
    assert_int_equal(b->report[b->next].u.bar.close, 199);
    expect_bar(b, SPY, T0 + MINUTE);
    assert_true(bench_fire(b, 0));
    expect_bar(b, SPY, T0 + 2 * MINUTE);
    expect_finished(b);
    assert_non_null(strstr(b->log, "1 row of symbols that are not configured"));
    bench_free(b);
}

static void test_rows_that_are_not_usable(void **state)
{
    static const struct {
        const char *row, *why;
    } cases[] = {
        {"2024-01-02T14:31:00Z,SPY,1,1,1,1", "a row has 7 columns"},
        {"2024-01-02T14:31:00Z,SPY,1,1,1,1,1,1", "a row has 7 columns"},
        {"2024-13-02,SPY,1,1,1,1,1", "the time is neither"},
        {"2023-02-29,SPY,1,1,1,1,1", "the time is neither"},
        {"2024-01-02T24:00:00Z,SPY,1,1,1,1,1", "the time is neither"},
        {"tomorrow,SPY,1,1,1,1,1", "the time is neither"},
        {"2024-01-02T14:29:00Z,SPY,1,1,1,1,1", "the time is before that of the row above"},
        {"2024-01-02T14:30:00Z,SPY,1,1,1,1,1", "that symbol has a row of this time already"},
        {"2024-01-02T14:31:00Z,SPY,1,x,1,1,1", "a price is not a number"},
        {"2024-01-02T14:31:00Z,SPY,1,nan,1,1,1", "a price is not a number"},
        {"2024-01-02T14:31:00Z,SPY,1,,1,1,1", "a price is not a number"},
        {"2024-01-02T14:31:00Z,SPY,1,1e300,1,1,1", "a price is not a number"},
        {"2024-01-02T14:31:00Z,SPY,1,99999999999999999999,1,1,1", "a price is not a number"},
        {"2024-01-02T14:31:00Z,SPY,0,1,0,1,1", "a price is not above zero"},
        {"2024-01-02T14:31:00Z,SPY,1,2,1,3,1", "open or close is outside low and high"},
        {"2024-01-02T14:31:00Z,SPY,1,1,1,1,-1", "the volume is not a number"},
    };
    (void)state;
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512], place[256];
        (void)snprintf(text, sizeof text,
                       HEADER "2024-01-02T14:30:00Z,SPY,1,1,1,1,1\n%s\n"
                              "2024-01-02T14:32:00Z,SPY,1,1,1,1,1\n",
                       cases[i].row);
        struct bench *b = from_file(text);
        bench_start(b, 0);
        assert_true(bench_fire(b, 0));
        expect_bar(b, SPY, T0); /* what came before is sent */
        (void)snprintf(place, sizeof place, "1 %s:3: %s", path, cases[i].why);
        if (!strstr(b->log, place)) {
            fail_msg("expected \"%s\", logged \"%s\"", place, b->log);
        }
        assert_true(bench_fire(b, 0));
        assert_int_equal(bench_next(b, TURRET_REPORT_STREAM)->u.stream.status, TURRET_STREAM_DOWN);
        assert_false(bench_fire(b, 0));
        bench_silent(b);
        bench_free(b);
    }
}

static void refuses_to_open(struct bench *b, int status, const char *text)
{
    struct turret_error err = {0};
    assert_int_equal(bench_try_open(b, 0, &err), status);
    if (!strstr(err.text, text)) {
        fail_msg("expected \"%s\", got \"%s\"", text, err.text);
    }
    bench_free(b);
}

static void test_bad_settings_are_refused(void **state)
{
    (void)state;
    refuses_to_open(from_file("date,symbol,open\n"), TURRET_EINVAL, "bars.csv:1: the first line");
    refuses_to_open(from_file(""), TURRET_EINVAL, "bars.csv:1: the first line");
    struct bench *b = from_file(HEADER);
    bench_set(b, "file", "/nowhere/bars.csv");
    refuses_to_open(b, TURRET_ENOTFOUND, "/nowhere/bars.csv: ");
    b = from_file(HEADER);
    bench_set(b, "timeframe", "1x");
    refuses_to_open(b, TURRET_EINVAL, "timeframe is \"1x\"");
    b = from_file(HEADER);
    bench_set(b, "from", "2024-02-30");
    refuses_to_open(b, TURRET_EINVAL, "from is \"2024-02-30\"");
    b = from_file(HEADER);
    bench_set(b, "pace", "-1");
    refuses_to_open(b, TURRET_EINVAL, "pace is -1");
}

static void test_an_empty_file_finishes(void **state)
{
    (void)state;
    struct bench *b = from_file(HEADER);
    bench_start(b, 0);
    expect_finished(b);
    bench_free(b);
}

static void write_days(struct bench *b)
{
    for (int day = 0; day < 6; day++) { /* 2024-01-03 … 08 */
        store(b, SPY, MIDNIGHT + day * DAY, DAY);
    }
}

static void test_ranges_and_resuming(void **state)
{
    (void)state;
    struct bench *b = bench_load("replay");
    write_days(b);
    bench_set(b, "from", "2024-01-04");
    bench_set(b, "to", "2024-01-06"); /* that whole day */
    bench_start(b, 0);
    for (int day = 1; day <= 3; day++) {
        assert_true(bench_fire(b, 0));
        expect_bar(b, SPY, MIDNIGHT + day * DAY);
    }
    expect_finished(b);
    b->type->close(&b->broker);
    bench_start(b, MIDNIGHT + 3 * DAY); /* the bar of the 5th ended then: perhaps not taken yet */
    assert_true(bench_fire(b, 0));
    expect_bar(b, SPY, MIDNIGHT + 2 * DAY);
    assert_true(bench_fire(b, 0));
    expect_bar(b, SPY, MIDNIGHT + 3 * DAY);
    expect_finished(b);
    b->type->close(&b->broker);
    b->until = MIDNIGHT + 2 * DAY;
    bench_start(b, 0);
    assert_true(bench_fire(b, 0));
    expect_bar(b, SPY, MIDNIGHT + DAY);
    expect_finished(b);
    bench_free(b);
}

static void test_resuming_a_file(void **state)
{
    (void)state;
    struct bench *b = from_file(HEADER "2024-01-02T14:30:00Z,SPY,1,1,1,1,0\n"
                                       "2024-01-02T14:31:00Z,SPY,1,1,1,1,0\n"
                                       "2024-01-02T14:31:00Z,BTC,1,1,1,1,0\n"
                                       "2024-01-02T14:32:00Z,SPY,1,1,1,1,0\n");
    bench_start(b, T0 + 2 * MINUTE); /* one of two bars that end then may not have been taken */
    assert_true(bench_fire(b, 0));
    expect_bar(b, SPY, T0 + MINUTE);
    expect_bar(b, BTC, T0 + MINUTE);
    assert_true(bench_fire(b, 0));
    expect_bar(b, SPY, T0 + 2 * MINUTE);
    expect_finished(b);
    bench_free(b);
}

static void test_a_full_queue_loses_nothing(void **state)
{
    (void)state;
    for (uint32_t at = 1; at <= 9; at++) {
        struct bench *b = bench_load("replay");
        for (int day = 0; day < 4; day++) {
            store(b, SPY, MIDNIGHT + day * DAY, DAY);
            store(b, BTC, MIDNIGHT + day * DAY, DAY);
        }
        bench_start(b, 0);
        b->refuse_from = at; /* 9: the FINISHED report */
        b->refuse_count = 2;
        for (int i = 0; i < 5 + 2; i++) {
            assert_true(bench_fire(b, 0));
        }
        for (int day = 0; day < 4; day++) {
            expect_bar(b, SPY, MIDNIGHT + day * DAY);
            expect_bar(b, BTC, MIDNIGHT + day * DAY);
        }
        assert_int_equal(bench_next(b, TURRET_REPORT_STREAM)->u.stream.status,
                         TURRET_STREAM_FINISHED);
        bench_silent(b);
        bench_free(b);
    }
}

static void test_subscriptions(void **state)
{
    (void)state;
    struct bench *b = bench_load("replay");
    const uint32_t bars = 1u << TURRET_REPORT_BAR;
    struct turret_error err = {0};
    write_days(b);
    store(b, BTC, MIDNIGHT, DAY);
    bench_start(b, 0);
    assert_int_equal(b->type->subscribe(&b->broker, SPY, bars, MINUTE, &err), TURRET_EINVAL);
    assert_string_equal(err.text, "it replays bars of 86400 s only (timeframe)");
    assert_int_equal(b->type->subscribe(&b->broker, SPY, bars, 7 * DAY, NULL), TURRET_EINVAL);
    assert_int_equal(b->type->subscribe(&b->broker, SPY, bars, DAY, NULL), TURRET_OK);
    assert_int_equal(b->type->subscribe(&b->broker, SPY, 1u << TURRET_REPORT_TRADE, 0, NULL),
                     TURRET_OK);
    assert_int_equal(b->type->subscribe(&b->broker, 99, bars, DAY, NULL), TURRET_ENOTFOUND);
    assert_int_equal(b->type->unsubscribe(&b->broker, SPY, bars, NULL), TURRET_OK);
    assert_true(bench_fire(b, 0));
    expect_bar(b, BTC, MIDNIGHT);
    bench_silent(b);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_bars_are_merged),
        cmocka_unit_test(test_pace_divides_event_time),
        cmocka_unit_test(test_rows_of_a_file),
        cmocka_unit_test(test_rows_that_are_not_usable),
        cmocka_unit_test(test_bad_settings_are_refused),
        cmocka_unit_test(test_an_empty_file_finishes),
        cmocka_unit_test(test_ranges_and_resuming),
        cmocka_unit_test(test_resuming_a_file),
        cmocka_unit_test(test_a_full_queue_loses_nothing),
        cmocka_unit_test(test_subscriptions),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
