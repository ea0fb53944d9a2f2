/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the bars: every block, every bar in it, and that the series' row tells the truth. */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

struct verify {
    struct store *store;
    MDB_txn *txn;
    const char *name; /* NULL: all */
    uint64_t bars, blocks, series;
    struct row_copy copy;
    int code;
    struct turret_error *err;
};

static int bad_bar(struct verify *verify, const struct series *series, turret_time_ns time,
                   const char *wrong)
{
    return turret_fail(verify->err, TURRET_ECORRUPT,
                       "store %s: bar of %s at time %lld %s; import this stretch again",
                       verify->store->path, series->label, (long long)time, wrong);
}

static const char *check_bar(const struct store_bars *bars, uint32_t i)
{
    turret_price high = bars->high[i], low = bars->low[i];
    if (high < low || high < bars->open[i] || high < bars->close[i])
        return "has a high below its other prices";
    if (low > bars->open[i] || low > bars->close[i])
        return "has a low above its other prices";
    return bars->volume[i] < 0 ? "has a negative volume" : NULL;
}

/* Checks a block's bars; *last is the time of the bar before and becomes that of its last one. */
static int check_block(struct verify *verify, const struct series *series, const void *value,
                       size_t size_bytes, bool is_first, turret_time_ns *last)
{
    const void *block = rows_align(&verify->copy, value, size_bytes);
    const struct block_header *header = block;
    struct store_bars bars;
    if (!block)
        return turret_fail(verify->err, TURRET_ENOMEM, "no memory to check bars");
    block_lend(block, &bars);
    if (header->price_scale != series->shown.price_scale ||
        header->qty_scale != series->shown.qty_scale ||
        header->timeframe_ns != series->shown.timeframe_ns)
        return bad_bar(verify, series, header->first, "is in a block with other scales");
    for (uint32_t i = 0; i < bars.count; i++) {
        const char *wrong = check_bar(&bars, i);
        if ((!is_first || i > 0) && bars.time[i] <= *last)
            wrong = "does not come after the one before it";
        if (wrong)
            return bad_bar(verify, series, bars.time[i], wrong);
        *last = bars.time[i];
        verify->bars++;
    }
    if (header->last != *last)
        return bad_bar(verify, series, *last, "is not the last its block announces");
    return TURRET_OK;
}

static int check_blocks(struct verify *verify, const struct series *series, MDB_cursor *cursor)
{
    unsigned char name[BLOCK_KEY_BYTES];
    MDB_val key = {sizeof name, name}, value;
    uint64_t before = verify->bars;
    turret_time_ns first = 0, last = 0;
    bool is_first = true;
    int rc;
    block_key(name, series->id, INT64_MIN);
    rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; rc == 0 && block_key_series(&key) == series->id;
         rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        const char *wrong = block_check(&key, &value);
        int code;
        if (wrong)
            return block_fail(verify->store, &key, wrong, verify->err);
        if (is_first)
            first = block_key_first(&key);
        code = check_block(verify, series, value.mv_data, value.mv_size, is_first, &last);
        if (code != TURRET_OK)
            return code;
        is_first = false;
        verify->blocks++;
    }
    if (rc != 0 && rc != MDB_NOTFOUND)
        return store_fail(verify->store, rc, "checking bars", verify->err);
    if (verify->bars - before != series->shown.bar_count || first != series->shown.first ||
        last != series->shown.last)
        return turret_fail(verify->err, TURRET_ECORRUPT,
                           "store %s: series %s has %llu bars where its row says %llu; restore "
                           "the directory from a backup",
                           verify->store->path, series->label,
                           (unsigned long long)(verify->bars - before),
                           (unsigned long long)series->shown.bar_count);
    return TURRET_OK;
}

static int on_series(void *context, const struct series *series)
{
    struct verify *verify = context;
    MDB_cursor *cursor;
    int rc;
    if (verify->name && strcmp(verify->name, series->shown.name) != 0)
        return 0;
    verify->series++;
    rc = mdb_cursor_open(verify->txn, verify->store->bars, &cursor);
    if (rc != 0) {
        verify->code = store_fail(verify->store, rc, "checking bars", verify->err);
        return 1;
    }
    verify->code = check_blocks(verify, series, cursor);
    mdb_cursor_close(cursor);
    return verify->code != TURRET_OK;
}

static int run(struct verify *verify)
{
    MDB_stat stat;
    int rc, code = series_scan(verify->store, verify->txn, on_series, verify, verify->err);
    if (verify->code != TURRET_OK)
        return verify->code;
    if (code != TURRET_OK)
        return code;
    if (verify->name)
        return verify->series > 0
                   ? TURRET_OK
                   : turret_fail(verify->err, TURRET_ENOTFOUND, "store %s has no bars of %s",
                                 verify->store->path, verify->name);
    rc = mdb_stat(verify->txn, verify->store->bars, &stat);
    if (rc != 0)
        return store_fail(verify->store, rc, "counting the blocks", verify->err);
    if (stat.ms_entries != verify->blocks)
        return turret_fail(verify->err, TURRET_ECORRUPT,
                           "store %s has %zu blocks of bars of which %llu belong to a series; "
                           "restore the directory from a backup",
                           verify->store->path, stat.ms_entries,
                           (unsigned long long)verify->blocks);
    return TURRET_OK;
}

int store_bars_verify(struct store *store, const char *name, uint64_t *bars_checked,
                      struct turret_error *err)
{
    struct verify verify;
    int code;
    memset(&verify, 0, sizeof verify);
    verify.store = store;
    verify.name = name;
    verify.err = err;
    code = store_read_begin(store, &verify.txn, err);
    if (code != TURRET_OK)
        return code;
    code = run(&verify);
    mdb_txn_abort(verify.txn);
    free(verify.copy.memory);
    if (bars_checked)
        *bars_checked = verify.bars;
    return code;
}
