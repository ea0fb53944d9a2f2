/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows how columns of a file of bars are found, which rows are bars and what is said about the
 * others, and that rows are ordered, scaled and adjusted by the stated rules.
 */
#include "csv_fixture.h"

#include "research/barset.h"
#include "research/zone.h"

/* Reads every row; answers how many were bad. The first complaint goes to `first`. */
static int read_rows(const char *path, const struct barfile_format *format, struct barset *set,
                     struct turret_error *first)
{
    struct barfile *file = NULL;
    struct barfile_row row;
    int code, bad = 0;
    memset(set, 0, sizeof *set);
    if (barfile_open(&file, path, format, NULL, first))
        return -1;
    for (;;) {
        struct turret_error err = {0};
        code = barfile_next(file, &row, &err);
        if (code == 1)
            assert_int_equal(barset_add(set, &row, NULL), TURRET_OK);
        else if (code == BARFILE_BAD_ROW)
            bad++;
        if (code > 1 && first->code == 0)
            *first = err;
        if (code <= 0)
            break;
    }
    assert_int_equal(code, 0);
    barfile_close(file);
    return bad;
}

/* The single row of `text` is 10:00 on 2013-10-07 with 1.1, 1.4, 1.0, 1.2 and `volume`. */
static void expect_row(const char *text, const char *columns, bool no_header, int64_t volume)
{
    const struct barfile_format format = {.columns = columns, .no_header = no_header};
    const int64_t wanted[] = {11, 14, 1, 12, volume};
    struct turret_error err = {0};
    struct barset set;
    assert_int_equal(read_rows(fixture_text(text), &format, &set, &err), 0);
    assert_int_equal(set.count, 1);
    assert_int_equal(set.rows[0].time, INT64_C(1381140000000000000));
    assert_int_equal(set.rows[0].day, 15985);
    assert_memory_equal(set.rows[0].digits, wanted, sizeof wanted);
    barset_finish(&set);
}

static void test_columns(void **unused)
{
    (void)unused;
    expect_row("Date,Open,High,Low,Close,Volume,Adj Close\n"
               "2013-10-07T10:00,1.1,1.4,1.0,1.2,7,1.15\n",
               NULL, false, 7);
    expect_row("volume;CLOSE;low;high;open;TimeStamp\n7;1.2;1.0;1.4;1.1;2013-10-07 10:00\n", NULL,
               false, 7);
    expect_row("date\ttime\topen\thigh\tlow\tclose\n20131007\t10:00\t1.1\t1.4\t1\t1.2\n", NULL,
               false, 0);
    expect_row("2013-10-07 10:00,1.1,1.4,1,1.2,7\n", NULL, false, 7);
    expect_row("2013-10-07 10:00,1.1,1.4,1,1.2\n", NULL, true, 0);
    expect_row("t,o,h,l,c,v\n2013-10-07 10:00,1.1,1.4,1,1.2,7\n",
               "time=1,open=2,high=3,low=4,close=5", false, 0);
    expect_row("x,2013-10-07,7,1.1,1.4,1,1.2,10:00\n",
               "time=2+8,volume=3,open=4,high=5,low=6,close=7", false, 7);
    expect_row("Day;Hour;O;H;L;C;a+b\n20131007;10:00;1.1;1.4;1;1.2;7\n",
               "Time=day+hour,Open=o,High=h,Low=l,Close=c,Volume=a+b", false, 7);
}

static void refuse_file(const char *text, const char *columns, bool no_header, const char *phrase)
{
    const struct barfile_format format = {.columns = columns, .no_header = no_header};
    struct turret_error err = {0};
    struct barset set;
    assert_int_equal(read_rows(fixture_text(text), &format, &set, &err), -1);
    assert_int_equal(err.code, TURRET_EINVAL);
    assert_non_null(strstr(err.text, phrase));
}

static void test_columns_refused(void **unused)
{
    (void)unused;
    refuse_file("", NULL, false, "is empty");
    refuse_file("a,b,c\n", NULL, false, "has 3 columns");
    refuse_file("Date,Open,High,Lo,Close\n", NULL, false, "file.csv:1: no column 'low'");
    refuse_file("Date,Opn,High,Low,Close\n", "time=Date,open=Open,high=High,low=Low,close=Close",
                false, "did you mean 'Opn'?");
    refuse_file("1,2,3,4,5\n", "time=1,open=2,high=3,low=4,close=6", false, "wants field 6");
    refuse_file("1,2,3,4,5\n", "time=1,open=2,high=3,low=4", false, "the column of close");
    refuse_file("1,2,3,4,5\n", "open=2,high=3,low=4,close=5", false, "the column of time");
    refuse_file("1,2,3,4,5\n", "time=1,open=2,high=3,low=4,cloze=5", false, "'cloze'");
    refuse_file("1,2,3,4,5\n", "time=", false, "'time'");
    refuse_file("1,2,3,4,5\n", "time=Date,open=2,high=3,low=4,close=5", true, "--no-header");
}

/* One row between two good ones is told with its line, its value and what is expected. */
static void refuse_row(const char *row, const char *phrase)
{
    const struct barfile_format format = {0};
    struct turret_error err = {0};
    struct barset set;
    char text[512];
    (void)snprintf(text, sizeof text,
                   "date,open,high,low,close,volume\n2013-10-07,1,1,1,1,0\n%s\n"
                   "2013-10-09,1,1,1,1,0\n",
                   row);
    assert_int_equal(read_rows(fixture_text(text), &format, &set, &err), 1);
    assert_int_equal(set.count, 2);
    assert_int_equal(err.code, TURRET_EINVAL);
    assert_non_null(strstr(err.text, "file.csv:3: "));
    assert_non_null(strstr(err.text, phrase));
    barset_finish(&set);
}

static void test_bad_rows(void **unused)
{
    (void)unused;
    refuse_row("2013-10-32,1,1,1,1,0", "time '2013-10-32' is not a time");
    refuse_row("2013-10-08,12x,1,1,1,0", "open '12x' is not a number");
    refuse_row("2013-10-08,,1,1,1,0", "open '' is not a number");
    refuse_row("2013-10-08,nan,1,1,1,0", "open 'nan' is not a number");
    refuse_row("2013-10-08,1,inf,1,1,0", "high 'inf' is not a number");
    refuse_row("2013-10-08,1,1,0,1,0", "low '0' is not above 0");
    refuse_row("2013-10-08,1,1,1,-1,0", "close '-1' is not above 0");
    refuse_row("2013-10-08,1,1,1,1,-0.5", "volume '-0.5' is below 0");
    refuse_row("2013-10-08,1.1,1,1,1,0", "high 1 is below open 1.1");
    refuse_row("2013-10-08,1,1,1,1.01,0", "high 1 is below close 1.01");
    refuse_row("2013-10-08,2,2,1.5,1,0", "low 1.5 is above close 1");
    refuse_row("2013-10-08,1,2,3,1,0", "low 3 is above open 1");
    refuse_row("2013-10-08,1,1,1", "close is missing: the row has 4 fields");
}

/* How many of the rows open within the hours, and the moment of the first. */
static void expect_hours(const char *text, int32_t from_s, int32_t to_s, bool zoned, size_t kept,
                         const char *first)
{
    struct barfile_format format = {.hours_given = true, .from_s = from_s, .to_s = to_s};
    struct turret_error err = {0};
    struct barset set;
    char moment[WHEN_TEXT_MAX];
    format.time.zoned = zoned;
    assert_int_equal(read_rows(fixture_text(text), &format, &set, &err), 0);
    assert_int_equal(set.count, kept);
    if (kept > 0) {
        when_print(set.rows[0].time, moment, sizeof moment);
        assert_string_equal(moment, first);
    }
    barset_finish(&set);
}

static void test_hours(void **unused)
{
    static const char opening[] = "2013-10-07 09:29,1,1,1,1,1\n2013-10-07 09:30,1,1,1,1,1\n"
                                  "2013-10-07 15:59,1,1,1,1,1\n2013-10-07 16:00,1,1,1,1,1\n";
    static const char moments[] = "1381152540000,1,1,1,1,1\n1381152600000,1,1,1,1,1\n";
    struct barfile_format format = {.hours_given = true, .from_s = 34200, .to_s = 57600};
    struct turret_error err = {0};
    struct barfile *file = NULL;
    struct barfile_row row;
    (void)unused;
    expect_hours(opening, 34200, 57600, false, 2, "2013-10-07T09:30:00Z");
    expect_hours(opening, 57600, 34200, false, 2, "2013-10-07T09:29:00Z"); /* over midnight */
    expect_hours(opening, 0, 86400, false, 4, "2013-10-07T09:29:00Z");
    expect_hours(opening, 0, 60, false, 0, NULL);
    expect_hours("1969-12-31 23:59,1,1,1,1,1\n", 86340, 86400, false, 1, "1969-12-31T23:59:00Z");
    assert_int_equal(zone_use("America/New_York", &err), TURRET_OK);
    expect_hours(opening, 34200, 57600, true, 2, "2013-10-07T13:30:00Z");
    /* the same wall clock after the clocks were set back */
    expect_hours("2013-11-04 09:30,1,1,1,1,1\n", 34200, 57600, true, 1, "2013-11-04T14:30:00Z");
    /* a row outside is not read further; those that are no time are still told */
    assert_int_equal(when_format_set(&format.time, "epoch_ms", &err), TURRET_OK);
    format.time.zoned = true;
    assert_int_equal(barfile_open(&file, fixture_text(moments), &format, NULL, &err), TURRET_OK);
    assert_int_equal(barfile_next(file, &row, &err), 1);
    assert_int_equal(row.time, INT64_C(1381152600000000000));
    assert_int_equal(barfile_outside(file), 1);
    assert_int_equal(barfile_next(file, &row, &err), 0);
    barfile_close(file);
    format.time.kind = WHEN_AUTO;
    assert_int_equal(barfile_open(&file,
                                  fixture_text("2013-10-07 09:29,1,0,1,1,1\nnever,1,1,1,1,1\n"),
                                  &format, NULL, &err),
                     TURRET_OK);
    assert_int_equal(barfile_next(file, &row, &err), BARFILE_BAD_ROW);
    assert_non_null(strstr(err.text, "file.csv:2: time"));
    barfile_close(file);
    assert_int_equal(zone_use("UTC", NULL), TURRET_OK);
}

static void test_midnight_takes_the_date_from_the_name(void **unused)
{
    struct barfile_format format = {.price_decimals = 4};
    static const char text[] = "34200000,1674100,1674100,1672500,1672700,3197\n";
    struct turret_error err = {0};
    struct barset set;
    (void)unused;
    assert_int_equal(when_format_set(&format.time, "midnight_ms", &err), TURRET_OK);
    assert_int_equal(read_rows(fixture_write("spy_20131007_trade.csv", text, sizeof text - 1),
                               &format, &set, &err),
                     0);
    assert_int_equal(set.rows[0].time, INT64_C(1381138200000000000));
    assert_int_equal(set.rows[0].digits[BAR_OPEN], 16741);
    assert_int_equal(set.rows[0].decimals[BAR_OPEN], 2);
    barset_finish(&set);
    assert_int_equal(
        read_rows(fixture_write("spy.csv", text, sizeof text - 1), &format, &set, &err), -1);
    assert_non_null(strstr(err.text, "of which day"));
    format.date_given = true;
    format.time.date = 0;
    err.code = 0;
    assert_int_equal(read_rows(fixture_path, &format, &set, &err), 0);
    assert_int_equal(set.rows[0].time, INT64_C(34200000000000));
    barset_finish(&set);
}

static void test_order(void **unused)
{
    const struct barfile_format format = {0};
    struct turret_error err = {0};
    uint64_t repeated = 0;
    struct store_bars bars;
    struct barset set;
    bool moved = false;
    (void)unused;
    assert_int_equal(read_rows(fixture_text("2013-10-09,1,1,1,1,3\n2013-10-07,1,1,1,1,1\n"
                                            "2013-10-08,1,1,1,1,2\n2013-10-07,1,1,1,1,9\n"
                                            "2013-10-09,1,1,1,1,8\n2013-10-09,1,1,1,1,7\n"),
                               &format, &set, &err),
                     0);
    barset_order(&set, &moved, &repeated);
    assert_true(moved);
    assert_int_equal(repeated, 3);
    assert_int_equal(barset_run(&set, 0, &bars, &err), 3);
    assert_int_equal(bars.volume[0], 9);
    assert_int_equal(bars.volume[1], 2);
    assert_int_equal(bars.volume[2], 7);
    assert_true(bars.time[0] < bars.time[1] && bars.time[1] < bars.time[2]);
    assert_int_equal(barset_run(&set, 3, &bars, &err), 0);
    barset_order(&set, &moved, &repeated);
    assert_false(moved);
    assert_int_equal(repeated, 0);
    barset_finish(&set);
}

static struct barfile_row make_row(const char *day, int64_t digits, uint8_t decimals)
{
    struct barfile_row row = {.line = 5};
    assert_int_equal(when_parse_date(day, &row.day, NULL), TURRET_OK);
    for (int i = 0; i < BARFILE_VALUES; i++) {
        row.digits[i] = digits;
        row.decimals[i] = decimals;
    }
    return row;
}

static void test_scales(void **unused)
{
    struct barset_scale scale = {.price = 2, .qty = 0, .round = true};
    struct barfile_row row = make_row("2013-10-07", 12345, 3), again = row;
    struct turret_error err = {0};
    int32_t price = 1, qty = 0;
    (void)unused;
    barset_need(&row, &price, &qty);
    assert_int_equal(price, 3);
    assert_int_equal(qty, 3);
    assert_int_equal(barset_scale_row(&row, &scale, &err), TURRET_OK);
    assert_int_equal(row.digits[BAR_OPEN], 1235);
    assert_int_equal(row.digits[BAR_VOLUME], 12);
    scale.round = false;
    assert_int_equal(barset_scale_row(&again, &scale, &err), TURRET_EINVAL);
    assert_string_equal(err.text, "open 12.345 has more than the series' 2 decimals; use --round, "
                                  "or a larger --price-scale for a new series");
    err.code = 0;
    scale = (struct barset_scale){.price = 2, .round = true};
    row = make_row("2013-10-07", 4, 3);
    assert_int_equal(barset_scale_row(&row, &scale, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "open 0.004 becomes 0 with 2 decimals"));
}

static void adjusts(const struct factors *factors, const char *day, enum factors_adjust adjust,
                    int64_t price, int64_t volume)
{
    const struct barset_scale scale = {4, 0, false, adjust, factors};
    struct barfile_row row = make_row(day, 100, 0);
    assert_int_equal(barset_scale_row(&row, &scale, NULL), TURRET_OK);
    assert_int_equal(row.digits[BAR_CLOSE], price);
    assert_int_equal(row.digits[BAR_VOLUME], volume);
}

/* The first row whose date is not before the bar's; behind the last one nothing. */
static void test_factors(void **unused)
{
    struct factors *factors = NULL;
    struct turret_error err = {0};
    (void)unused;
    assert_int_equal(
        factors_load(&factors, fixture_text("20130101,0.5,0.25,1\n20130601,0.9,0.3,2\n"), &err),
        TURRET_OK);
    adjusts(factors, "2012-05-05", ADJUST_TOTAL, 125000, 400);
    adjusts(factors, "2013-01-01", ADJUST_TOTAL, 125000, 400);
    adjusts(factors, "2013-01-02", ADJUST_TOTAL, 270000, 333);
    adjusts(factors, "2013-01-02", ADJUST_SPLIT, 300000, 333);
    adjusts(factors, "2013-06-01", ADJUST_NONE, 1000000, 100);
    adjusts(factors, "2013-06-02", ADJUST_TOTAL, 1000000, 100);
    factors_destroy(factors);
}

static void test_factors_refused(void **unused)
{
    static const struct {
        const char *text, *phrase;
    } cases[] = {
        {"", "is empty"},
        {"20130101,1\n", "file.csv:1: has 2 fields"},
        {"date,price,split\n", "file.csv:1: 'date' is not a date"},
        {"20130101,1,1\n20130101,1,1\n", "file.csv:2: date 20130101 is not after"},
        {"20130101,0,1\n", "not above 0"},
        {"20130101,1,-1\n", "not above 0"},
        {"20130101,0.1234567890,0.1234567891\n", "at most 18 decimals"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct factors *factors = NULL;
        struct turret_error err = {0};
        assert_int_equal(factors_load(&factors, fixture_text(cases[i].text), &err), TURRET_EINVAL);
        assert_non_null(strstr(err.text, cases[i].phrase));
        assert_null(factors);
    }
}

/* Callers that do not want the text still get the code. */
static void test_error_may_be_null(void **unused)
{
    const struct barfile_format format = {0};
    struct barfile *file = NULL;
    struct factors *factors = NULL;
    struct csv *csv = NULL;
    struct csv_record record;
    struct barfile_row row;
    (void)unused;
    assert_int_equal(barfile_open(&file, "absent", &format, NULL, NULL), TURRET_ENOTFOUND);
    assert_int_equal(barfile_open(&file, fixture_text("a,b,c\n"), &format, NULL, NULL),
                     TURRET_EINVAL);
    assert_int_equal(factors_load(&factors, fixture_text("x\n"), NULL), TURRET_EINVAL);
    assert_int_equal(csv_open(&csv, fixture_write("a.zip", "PK\3\4", 4), 0, NULL, NULL),
                     TURRET_EINVAL);
    assert_int_equal(csv_open(&csv, fixture_text("\"open\n"), 0, NULL, NULL), TURRET_OK);
    assert_int_equal(csv_next(csv, &record, NULL), TURRET_EINVAL);
    csv_close(csv);
    assert_int_equal(barfile_open(&file, fixture_text("1,2,3,4,5\n\"x"), &format, NULL, NULL),
                     TURRET_OK);
    assert_int_equal(barfile_next(file, &row, NULL), BARFILE_BAD_ROW);
    assert_int_equal(barfile_next(file, &row, NULL), TURRET_EINVAL);
    barfile_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_columns_refused),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_midnight_takes_the_date_from_the_name),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_scales),
        cmocka_unit_test(test_factors),
        cmocka_unit_test(test_factors_refused),
        cmocka_unit_test(test_error_may_be_null),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
