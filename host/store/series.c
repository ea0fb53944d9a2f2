/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of series: name and timeframe to number, scales and extent. The number stands for the
 * pair in the keys of the blocks; none is used twice, as no series is ever taken out.
 */
#include "store/internal.h"

#include <string.h>

struct series_row {
    uint32_t id;
    int32_t price_scale, qty_scale;
    uint32_t reserved;
    uint64_t bar_count;
    turret_time_ns first, last;
};

struct series_key {
    unsigned char bytes[STORE_SERIES_MAX + 8]; /* name, 0, timeframe big endian */
    size_t length;
};

static void make_label(struct series *series)
{
    static const struct {
        int64_t length_ns;
        const char *unit;
    } units[] = {{INT64_C(86400000000000), "d"},
                 {INT64_C(3600000000000), "h"},
                 {INT64_C(60000000000), "m"},
                 {INT64_C(1000000000), "s"},
                 {1, "ns"}};
    size_t i = 0;
    while (series->shown.timeframe_ns % units[i].length_ns != 0)
        i++;
    (void)snprintf(series->label, sizeof series->label, "%s %lld%s", series->shown.name,
                   (long long)(series->shown.timeframe_ns / units[i].length_ns), units[i].unit);
}

/* Sets name, timeframe and label, and the key. */
static int begin(struct series *series, struct series_key *key, const char *name,
                 int64_t timeframe_ns, struct turret_error *err)
{
    size_t length = strnlen(name, STORE_SERIES_MAX);
    memset(series, 0, sizeof *series);
    if (length == 0 || length == STORE_SERIES_MAX)
        return turret_fail(err, TURRET_EINVAL, "the name of a series has 1 to %d bytes: '%.*s'",
                           STORE_SERIES_MAX - 1, STORE_SERIES_MAX, name);
    if (timeframe_ns <= 0)
        return turret_fail(err, TURRET_EINVAL, "series %s: a timeframe of %lld ns is impossible",
                           name, (long long)timeframe_ns);
    memcpy(series->shown.name, name, length);
    series->shown.timeframe_ns = timeframe_ns;
    make_label(series);
    memcpy(key->bytes, name, length + 1);
    rows_store_be64(key->bytes + length + 1, (uint64_t)timeframe_ns);
    key->length = length + 1 + 8;
    return TURRET_OK;
}

static void decode(struct series *series, const void *value)
{
    struct series_row stored;
    memcpy(&stored, value, sizeof stored);
    series->id = stored.id;
    series->shown.price_scale = stored.price_scale;
    series->shown.qty_scale = stored.qty_scale;
    series->shown.bar_count = stored.bar_count;
    series->shown.first = stored.first;
    series->shown.last = stored.last;
}

static int find(const struct store *store, MDB_txn *txn, struct series *series,
                const struct series_key *key, struct turret_error *err)
{
    MDB_val name = {key->length, (void *)(uintptr_t)key->bytes};
    struct row row = {NULL, 0, 0};
    int code = rows_find(store, txn, store->series, STORE_SERIES_TABLE, &name, &row, err);
    if (code != TURRET_OK)
        return code;
    if (row.size_bytes != sizeof(struct series_row))
        return turret_fail(err, TURRET_ECORRUPT,
                           "store %s: the row of series %s has a wrong length; restore the "
                           "directory from a backup",
                           store->path, series->label);
    decode(series, row.value);
    return TURRET_OK;
}

int series_load(const struct store *store, MDB_txn *txn, const char *name, int64_t timeframe_ns,
                struct series *series, struct turret_error *err)
{
    struct series_key key;
    int code = begin(series, &key, name, timeframe_ns, err);
    if (code == TURRET_OK)
        code = find(store, txn, series, &key, err);
    if (code == TURRET_ENOTFOUND)
        return turret_fail(err, code, "store %s has no bars of %s: import them first", store->path,
                           series->label);
    return code;
}

int series_save(const struct store *store, MDB_txn *txn, const struct series *series,
                struct turret_error *err)
{
    struct series_row stored = {series->id,
                                series->shown.price_scale,
                                series->shown.qty_scale,
                                0,
                                series->shown.bar_count,
                                series->shown.first,
                                series->shown.last};
    MDB_val value = {sizeof stored, &stored}, name;
    struct series same;
    struct series_key key = {{0}, 0};
    int code = begin(&same, &key, series->shown.name, series->shown.timeframe_ns, err);
    if (code != TURRET_OK)
        return code;
    name.mv_data = key.bytes;
    name.mv_size = key.length;
    return rows_put(store, txn, store->series, STORE_SERIES_TABLE, &name, 1, &value, err);
}

int series_load_or_make(const struct store *store, MDB_txn *txn, const struct store_series *wanted,
                        struct series *series, struct turret_error *err)
{
    struct series_key key;
    MDB_stat stat;
    int rc, code = begin(series, &key, wanted->name, wanted->timeframe_ns, err);
    if (code == TURRET_OK)
        code = find(store, txn, series, &key, err);
    if (code == TURRET_OK && (series->shown.price_scale != wanted->price_scale ||
                              series->shown.qty_scale != wanted->qty_scale))
        return turret_fail(err, TURRET_EINVAL,
                           "series %s is stored with price scale %d and quantity scale %d, these "
                           "bars have %d and %d: import them with the stored scales",
                           series->label, series->shown.price_scale, series->shown.qty_scale,
                           wanted->price_scale, wanted->qty_scale);
    if (code != TURRET_ENOTFOUND)
        return code;
    rc = mdb_stat(txn, store->series, &stat);
    if (rc != 0)
        return store_fail(store, rc, "counting the series", err);
    series->id = (uint32_t)stat.ms_entries + 1;
    series->shown.price_scale = wanted->price_scale;
    series->shown.qty_scale = wanted->qty_scale;
    return series_save(store, txn, series, err);
}

struct scan {
    const struct store *store;
    series_fn *each;
    void *context;
    int code;
    struct turret_error *err;
};

static int on_row(void *context, const void *key, size_t key_bytes, uint16_t version,
                  const void *value, size_t value_bytes)
{
    struct scan *scan = context;
    const char *name = key;
    struct series series;
    struct series_key same;
    size_t length = key_bytes > 9 && key_bytes <= sizeof same.bytes ? key_bytes - 9 : 0;
    (void)version;
    if (length == 0 || name[length] != '\0' || value_bytes != sizeof(struct series_row)) {
        scan->code = turret_fail(scan->err, TURRET_ECORRUPT,
                                 "store %s: a row of table series has a wrong length; restore "
                                 "the directory from a backup",
                                 scan->store->path);
        return 1;
    }
    scan->code = begin(&series, &same, name, (int64_t)rows_load_be64(name + length + 1), scan->err);
    if (scan->code != TURRET_OK)
        return 1;
    decode(&series, value);
    return scan->each(scan->context, &series);
}

int series_scan(const struct store *store, MDB_txn *txn, series_fn *each, void *context,
                struct turret_error *err)
{
    struct scan scan = {store, each, context, TURRET_OK, err};
    int code =
        rows_scan(store, txn, store->series, STORE_SERIES_TABLE, NULL, on_row, &scan, NULL, err);
    return code != TURRET_OK ? code : scan.code;
}

int store_series_find(struct store *store, const char *name, int64_t timeframe_ns,
                      struct store_series *series, struct turret_error *err)
{
    struct series found;
    MDB_txn *txn;
    int code = store_read_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = series_load(store, txn, name, timeframe_ns, &found, err);
    if (code == TURRET_OK)
        *series = found.shown;
    mdb_txn_abort(txn);
    return code;
}

struct shown {
    store_series_fn *each;
    void *context;
};

static int show(void *context, const struct series *series)
{
    struct shown *shown = context;
    return shown->each(shown->context, &series->shown);
}

int store_series_each(struct store *store, store_series_fn *each, void *context,
                      struct turret_error *err)
{
    struct shown shown = {each, context};
    MDB_txn *txn;
    int code = store_read_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = series_scan(store, txn, show, &shown, err);
    mdb_txn_abort(txn);
    return code;
}
