/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of bars share: columns of their own, merging, reading a range, verifying. */
#ifndef TESTS_BARS_FIXTURE_H
#define TESTS_BARS_FIXTURE_H

#include "store_fixture.h"

#define DAY    INT64_C(86400000000000)
#define MINUTE INT64_C(60000000000)

/* Columns of our own. */
struct columns {
    uint32_t room;
    int64_t *value[6];
    struct store_bars bars;
};

static inline void columns_make(struct columns *columns, uint32_t room)
{
    columns->room = room;
    for (int i = 0; i < 6; i++) {
        columns->value[i] = calloc(room + 1, 8);
        assert_non_null(columns->value[i]);
    }
    columns->bars.count = 0;
    columns->bars.time = columns->value[0];
    columns->bars.open = columns->value[1];
    columns->bars.high = columns->value[2];
    columns->bars.low = columns->value[3];
    columns->bars.close = columns->value[4];
    columns->bars.volume = columns->value[5];
}

static inline void columns_free(struct columns *columns)
{
    for (int i = 0; i < 6; i++)
        free(columns->value[i]);
}

/* A bar that follows from its time and a salt, so that a mix-up of columns or bars shows. */
static inline void add(struct columns *columns, turret_time_ns time, int64_t salt)
{
    uint32_t i = columns->bars.count++;
    int64_t price = 10000 + (time / MINUTE % 977) * 7 + salt;
    assert_true(i < columns->room);
    columns->value[0][i] = time;
    columns->value[1][i] = price;
    columns->value[2][i] = price + 5 + salt % 3;
    columns->value[3][i] = price - 4;
    columns->value[4][i] = price + 1;
    columns->value[5][i] = 1000 + salt * 3 + i % 2 * 0;
}

static inline struct store_series series_of(const char *name, int64_t timeframe_ns)
{
    struct store_series series;
    memset(&series, 0, sizeof series);
    (void)snprintf(series.name, sizeof series.name, "%s", name);
    series.timeframe_ns = timeframe_ns;
    series.price_scale = 2;
    return series;
}

static inline struct store_merge merge(struct store *store, const struct store_series *series,
                                       const struct columns *columns)
{
    struct turret_error err = {0, 0, ""};
    struct store_merge count;
    if (store_bars_merge(store, series, &columns->bars, &count, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return count;
}

/* Everything a cursor lends for the range, appended to `to`. */
static inline void read_range(struct store *store, const struct store_series *series,
                              turret_time_ns from, turret_time_ns end, struct columns *to)
{
    struct turret_error err = {0, 0, ""};
    struct store_cursor *cursor;
    struct store_bars bars;
    int more;
    to->bars.count = 0;
    assert_int_equal(
        store_cursor_open(&cursor, store, series->name, series->timeframe_ns, from, end, &err),
        TURRET_OK);
    while ((more = store_cursor_next(cursor, &bars, &err)) == 1) {
        const int64_t *lent[6] = {bars.time, bars.open,  bars.high,
                                  bars.low,  bars.close, bars.volume};
        assert_true(bars.count > 0);
        assert_true(to->bars.count + bars.count <= to->room);
        for (int i = 0; i < 6; i++) {
            assert_int_equal((uintptr_t)lent[i] % 8, 0);
            memcpy(to->value[i] + to->bars.count, lent[i], (size_t)bars.count * 8);
        }
        to->bars.count += bars.count;
    }
    if (more != 0)
        fail_msg("%s", err.text);
    assert_int_equal(store_cursor_next(cursor, &bars, &err), 0); /* the end stays the end */
    store_cursor_close(cursor);
}

static inline void assert_verified(struct store *store, const char *name, uint64_t expected)
{
    struct turret_error err = {0, 0, ""};
    uint64_t checked = 0;
    if (store_bars_verify(store, name, &checked, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    assert_int_equal(checked, expected);
}

#endif
