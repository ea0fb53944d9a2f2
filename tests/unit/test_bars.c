/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that bars come back as merged, also a bar at a time and over several transactions; that a
 * cursor keeps its snapshot; that wrong input is refused; and that verify names impossible bars and
 * damaged blocks.
 */
#include "bars_fixture.h"

/* ---- plain cases ---- */

static void long_series_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE | STORE_FAST);
    struct store_series series = series_of("LONG", MINUTE), found;
    struct columns in, out;
    struct store_merge count;
    const uint32_t bars = 400000; /* several transactions */
    columns_make(&in, bars);
    columns_make(&out, bars);
    for (uint32_t i = 0; i < bars; i++)
        add(&in, (int64_t)i * MINUTE, i % 11);
    count = merge(store, &series, &in);
    assert_int_equal(count.added, bars);
    store_close(store);
    store = fixture_open(fixture->path, STORE_READ_ONLY);
    read_range(store, &series, INT64_MIN, INT64_MAX, &out);
    assert_int_equal(out.bars.count, bars);
    for (int i = 0; i < 6; i++)
        assert_memory_equal(out.value[i], in.value[i], (size_t)bars * 8);
    assert_int_equal(store_series_find(store, "LONG", MINUTE, &found, NULL), TURRET_OK);
    assert_int_equal(found.bar_count, bars);
    assert_int_equal(found.first, 0);
    assert_int_equal(found.last, (int64_t)(bars - 1) * MINUTE);
    assert_verified(store, NULL, bars);
    store_close(store);
    columns_free(&in);
    columns_free(&out);
}

static void disk_use_is_near_the_raw_size(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE | STORE_FAST);
    struct store_series series = series_of("DISK", MINUTE);
    struct columns in;
    unsigned char *bytes;
    size_t size;
    columns_make(&in, 200000);
    for (uint32_t i = 0; i < 200000; i++)
        add(&in, (int64_t)i * MINUTE, 0);
    (void)merge(store, &series, &in);
    store_close(store);
    bytes = fixture_read(fixture->path, &size);
    assert_true(size < (size_t)200000 * 48 * 104 / 100); /* small series: with the tables' pages */
    free(bytes);
    columns_free(&in);
}

static void merge_counts_and_rule(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_series series = series_of("SPY", DAY);
    struct columns in, out;
    struct store_merge count;
    columns_make(&in, 100);
    columns_make(&out, 100);
    count = merge(store, &series, &in); /* no bars: only makes the series */
    assert_int_equal(count.added + count.replaced + count.unchanged, 0);
    for (int i = 0; i < 10; i++)
        add(&in, (10 + i) * DAY, 0);
    count = merge(store, &series, &in);
    assert_int_equal(count.added, 10);
    count = merge(store, &series, &in);
    assert_int_equal(count.unchanged, 10);
    assert_int_equal(count.added + count.replaced, 0);
    in.bars.count = 0;
    add(&in, 5 * DAY, 0);
    add(&in, 12 * DAY, 0); /* as it is */
    add(&in, 15 * DAY, 9); /* another value */
    add(&in, 15 * DAY + 1, 9);
    add(&in, 40 * DAY, 9);
    count = merge(store, &series, &in);
    assert_int_equal(count.added, 3);
    assert_int_equal(count.replaced, 1);
    assert_int_equal(count.unchanged, 1);
    read_range(store, &series, 15 * DAY, 16 * DAY, &out);
    assert_int_equal(out.bars.count, 2);
    assert_int_equal(out.value[1][0], in.value[1][2]);
    assert_verified(store, "SPY", 13);
    store_close(store);
    columns_free(&in);
    columns_free(&out);
}

static void refuses_what_it_says(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_series series = series_of("SPY", DAY), other;
    struct turret_error err = {0, 0, ""};
    struct store_cursor *cursor;
    struct columns in;
    columns_make(&in, 10);
    add(&in, DAY, 0);
    add(&in, DAY, 0);
    assert_int_equal(store_bars_merge(store, &series, &in.bars, NULL, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "bar 1 "));
    in.bars.count = 1;
    (void)merge(store, &series, &in);
    memset(&err, 0, sizeof err);
    series.price_scale = 4;
    assert_int_equal(store_bars_merge(store, &series, &in.bars, NULL, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "price scale 2"));
    assert_non_null(strstr(err.text, "have 4"));
    series = series_of("", DAY);
    assert_int_equal(store_bars_merge(store, &series, &in.bars, NULL, NULL), TURRET_EINVAL);
    series = series_of("SPY", 0);
    assert_int_equal(store_bars_merge(store, &series, &in.bars, NULL, NULL), TURRET_EINVAL);
    memset(series.name, 'x', sizeof series.name); /* without an end */
    series.timeframe_ns = DAY;
    assert_int_equal(store_bars_merge(store, &series, &in.bars, NULL, NULL), TURRET_EINVAL);
    assert_int_equal(store_series_find(store, "QQQ", DAY, &other, NULL), TURRET_ENOTFOUND);
    assert_int_equal(store_series_find(store, "SPY", MINUTE, &other, NULL), TURRET_ENOTFOUND);
    memset(&err, 0, sizeof err);
    assert_int_equal(store_cursor_open(&cursor, store, "SPY", MINUTE, 0, 1, &err),
                     TURRET_ENOTFOUND);
    assert_null(cursor);
    assert_non_null(strstr(err.text, "SPY 1m"));
    assert_int_equal(store_bars_verify(store, "QQQ", NULL, NULL), TURRET_ENOTFOUND);
    series = series_of("SPY", DAY); /* none of this keeps the store from writing on */
    (void)merge(store, &series, &in);
    store_close(store);
    columns_free(&in);
}

static int count_series(void *context, const struct store_series *series)
{
    char *names = context;
    size_t length = strlen(names);
    (void)snprintf(names + length, 256 - length, "%s/%lld/%llu ", series->name,
                   (long long)(series->timeframe_ns / MINUTE),
                   (unsigned long long)series->bar_count);
    return 0;
}

static void series_stay_apart(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    static const char *const names[] = {"B", "A", "AB"};
    char seen[256] = "";
    struct columns in, out;
    columns_make(&in, 3000);
    columns_make(&out, 3000);
    for (int round = 0; round < 2; round++)
        for (int n = 0; n < 6; n++) {
            struct store_series series = series_of(names[n / 2], n % 2 ? DAY : MINUTE);
            in.bars.count = 0;
            for (int i = 0; i < 500 * (n + 1) / 2; i++)
                add(&in, ((int64_t)i * 2 + round) * DAY - 400 * DAY, n); /* before 1970 too */
            (void)merge(store, &series, &in);
        }
    for (int n = 0; n < 6; n++) {
        struct store_series series = series_of(names[n / 2], n % 2 ? DAY : MINUTE);
        read_range(store, &series, INT64_MIN, INT64_MAX, &out);
        assert_int_equal(out.bars.count, 500 * (n + 1) / 2 * 2);
        for (uint32_t i = 0; i < out.bars.count; i++) {
            assert_int_equal(out.value[0][i], (int64_t)i * DAY - 400 * DAY);
            assert_int_equal(out.value[5][i], 1000 + n * 3);
        }
    }
    assert_int_equal(store_series_each(store, count_series, seen, NULL), TURRET_OK);
    assert_string_equal(seen, "A/1/1500 A/1440/2000 AB/1/2500 AB/1440/3000 B/1/500 B/1440/1000 ");
    assert_verified(store, NULL, 1500 + 2000 + 2500 + 3000 + 500 + 1000);
    assert_verified(store, "AB", 5500);
    store_close(store);
    columns_free(&in);
    columns_free(&out);
}

static void one_bar_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE | STORE_FAST);
    struct store_series series = series_of("TICK", MINUTE);
    struct columns in, out;
    columns_make(&in, 1);
    columns_make(&out, 4000);
    for (int i = 0; i < 1500; i++) { /* at the end, at the beginning: both grow past one block */
        in.bars.count = 0;
        add(&in, (2000 + i) * MINUTE, 1);
        assert_int_equal(merge(store, &series, &in).added, 1);
        in.bars.count = 0;
        add(&in, (1999 - i) * MINUTE, 1);
        assert_int_equal(merge(store, &series, &in).added, 1);
    }
    read_range(store, &series, INT64_MIN, INT64_MAX, &out);
    assert_int_equal(out.bars.count, 3000);
    for (uint32_t i = 0; i < 3000; i++)
        assert_int_equal(out.value[0][i], ((int64_t)i + 500) * MINUTE);
    assert_verified(store, "TICK", 3000);
    store_close(store);
    columns_free(&in);
    columns_free(&out);
}

static void cursor_keeps_its_snapshot(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_series series = series_of("SNAP", MINUTE);
    struct store_cursor *cursor;
    struct store_bars bars;
    struct columns in;
    columns_make(&in, 2000);
    for (int i = 0; i < 2000; i++)
        add(&in, i * MINUTE, 1);
    (void)merge(store, &series, &in);
    assert_int_equal(store_cursor_open(&cursor, store, "SNAP", MINUTE, 0, 100000 * MINUTE, NULL),
                     TURRET_OK);
    assert_int_equal(store_cursor_next(cursor, &bars, NULL), 1);
    for (int64_t salt = 2; salt < 8; salt++) {
        in.bars.count = 0;
        for (int i = 0; i < 2000; i++)
            add(&in, i * MINUTE, salt);
        assert_int_equal(merge(store, &series, &in).replaced, 2000);
    }
    for (uint32_t i = 0; i < bars.count; i++)
        assert_int_equal(bars.volume[i], 1003);
    assert_int_equal(store_cursor_next(cursor, &bars, NULL), 1);
    for (uint32_t i = 0; i < bars.count; i++)
        assert_int_equal(bars.volume[i], 1003);
    assert_int_equal(store_cursor_next(cursor, &bars, NULL), 0);
    store_cursor_close(cursor);
    store_close(store);
    columns_free(&in);
}

static void verify_finds_impossible_bars(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct columns in;
    columns_make(&in, 3000);
    for (int wrong = 0; wrong < 4; wrong++) {
        static const char *const names[] = {"HIGH", "LOW", "VOLUME", "SWAPPED"};
        struct store_series series = series_of(names[wrong], MINUTE);
        struct turret_error err = {0, 0, ""};
        uint64_t checked = 0;
        in.bars.count = 0;
        for (int i = 0; i < 3000; i++)
            add(&in, i * MINUTE, 1);
        if (wrong == 0)
            in.value[2][2500] = in.value[4][2500] - 1;
        else if (wrong == 1)
            in.value[3][2500] = in.value[1][2500] + 1;
        else if (wrong == 2)
            in.value[5][2500] = -1;
        else
            in.value[2][2500] = 0;
        (void)merge(store, &series, &in);
        assert_int_equal(store_bars_verify(store, names[wrong], &checked, &err), TURRET_ECORRUPT);
        assert_int_equal(checked, 2500);
        assert_non_null(strstr(err.text, names[wrong]));
        assert_non_null(strstr(err.text, "150000000000000")); /* the time of bar 2500 */
    }
    assert_int_equal(store_bars_verify(store, NULL, NULL, NULL), TURRET_ECORRUPT);
    store_close(store);
    columns_free(&in);
}

static void damaged_block_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_series series = series_of("BAD", MINUTE);
    struct turret_error err = {0, 0, ""};
    struct store_cursor *cursor;
    struct store_bars bars;
    struct columns in;
    unsigned char *bytes;
    size_t size, hits = 0;
    int64_t mark = 1000 + 77 * 3;
    columns_make(&in, 4000);
    for (int i = 0; i < 4000; i++)
        add(&in, i * MINUTE, i == 2000 ? 77 : 1);
    (void)merge(store, &series, &in);
    store_close(store);
    bytes = fixture_read(fixture->path, &size);
    for (size_t i = 0; i + 8 <= size; i += 8)
        if (memcmp(bytes + i, &mark, 8) == 0) {
            bytes[i] ^= 1;
            hits++;
        }
    assert_int_equal(hits, 1);
    fixture_write(fixture->path, bytes, size);
    free(bytes);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(store_cursor_open(&cursor, store, "BAD", MINUTE, 0, INT64_MAX, NULL),
                     TURRET_OK);
    assert_int_equal(store_cursor_next(cursor, &bars, NULL), 1);
    assert_int_equal(store_cursor_next(cursor, &bars, &err), TURRET_ECORRUPT);
    assert_non_null(strstr(err.text, "checksum"));
    assert_int_equal(store_cursor_next(cursor, &bars, NULL), TURRET_ECORRUPT); /* not skipped */
    store_cursor_close(cursor);
    assert_int_equal(store_bars_verify(store, "BAD", NULL, NULL), TURRET_ECORRUPT);
    memset(&err, 0, sizeof err); /* and a merge does not make it look whole again */
    in.bars.count = 0;
    add(&in, 2000 * MINUTE, 3);
    assert_int_equal(store_bars_merge(store, &series, &in.bars, NULL, &err), TURRET_ECORRUPT);
    store_close(store);
    columns_free(&in);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(long_series_comes_back),    WITH_FIXTURE(disk_use_is_near_the_raw_size),
        WITH_FIXTURE(merge_counts_and_rule),     WITH_FIXTURE(refuses_what_it_says),
        WITH_FIXTURE(series_stay_apart),         WITH_FIXTURE(one_bar_at_a_time),
        WITH_FIXTURE(cursor_keeps_its_snapshot), WITH_FIXTURE(verify_finds_impossible_bars),
        WITH_FIXTURE(damaged_block_is_named),
    };
    return cmocka_run_group_tests_name("bars", tests, NULL, NULL);
}
