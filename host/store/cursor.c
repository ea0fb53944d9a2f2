/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads bars in place: a cursor holds one snapshot while it is open and lends each block's columns
 * where LMDB has them. A block's checksum is taken when the cursor enters it. The blocks on both
 * sides of the range have their headers compared with their keys too: a block whose key was changed
 * would otherwise be missing without a word.
 */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

struct store_cursor {
    struct store *store;
    MDB_txn *txn;
    MDB_cursor *at;
    struct series series;
    turret_time_ns from, to;
    bool entered, ended;
    int failed;
    struct row_copy copy; /* of small blocks, which share a page with others */
};

int store_cursor_open(struct store_cursor **out, struct store *store, const char *name,
                      int64_t timeframe_ns, turret_time_ns from, turret_time_ns to,
                      struct turret_error *err)
{
    struct store_cursor *cursor = calloc(1, sizeof *cursor);
    int rc, code;
    *out = NULL;
    if (!cursor)
        return turret_fail(err, TURRET_ENOMEM, "no memory to read bars of %s", name);
    cursor->store = store;
    cursor->from = from;
    cursor->to = to;
    code = store_read_begin(store, &cursor->txn, err);
    if (code == TURRET_OK)
        code = series_load(store, cursor->txn, name, timeframe_ns, &cursor->series, err);
    if (code == TURRET_OK) {
        rc = mdb_cursor_open(cursor->txn, store->bars, &cursor->at);
        if (rc != 0)
            code = store_fail(store, rc, "reading bars", err);
    }
    if (code != TURRET_OK) {
        store_cursor_close(cursor);
        return code;
    }
    *out = cursor;
    return TURRET_OK;
}

/* Goes to the block that `from` falls into, or to the first one after it. */
static int enter(struct store_cursor *cursor, MDB_val *key, MDB_val *value,
                 struct turret_error *err)
{
    unsigned char name[BLOCK_KEY_BYTES];
    const char *wrong;
    int rc;
    block_key(name, cursor->series.id, cursor->from);
    key->mv_data = name;
    key->mv_size = sizeof name;
    rc = mdb_cursor_get(cursor->at, key, value, MDB_SET_RANGE);
    if (rc == 0 && block_key_series(key) == cursor->series.id &&
        block_key_first(key) == cursor->from)
        return 0;
    rc = mdb_cursor_get(cursor->at, key, value, rc == 0 ? MDB_PREV : MDB_LAST);
    if (rc == MDB_NOTFOUND)
        return mdb_cursor_get(cursor->at, key, value, MDB_FIRST);
    if (rc != 0)
        return rc;
    wrong = block_check_header(key, value);
    if (wrong) {
        cursor->failed = block_fail(cursor->store, key, wrong, err);
        return 0;
    }
    if (block_key_series(key) == cursor->series.id)
        return 0;
    return mdb_cursor_get(cursor->at, key, value, MDB_NEXT);
}

/* The next block's key and value; false at the end and when something is wrong. */
static bool advance(struct store_cursor *cursor, MDB_val *key, MDB_val *value,
                    struct turret_error *err)
{
    const char *wrong;
    bool within;
    int rc;
    if (cursor->entered)
        rc = mdb_cursor_get(cursor->at, key, value, MDB_NEXT);
    else
        rc = enter(cursor, key, value, err);
    cursor->entered = true;
    if (rc == MDB_NOTFOUND) {
        cursor->ended = true;
        return false;
    }
    if (rc != 0)
        cursor->failed = store_fail(cursor->store, rc, "reading bars", err);
    if (cursor->failed != TURRET_OK)
        return false;
    wrong = block_check_header(key, value);
    within =
        !wrong && block_key_series(key) == cursor->series.id && block_key_first(key) < cursor->to;
    if (within)
        wrong = block_check(key, value);
    if (wrong)
        cursor->failed = block_fail(cursor->store, key, wrong, err);
    cursor->ended = !within;
    return !wrong && within;
}

static void cut(struct store_bars *bars, uint32_t first, uint32_t end)
{
    bars->time += first;
    bars->open += first;
    bars->high += first;
    bars->low += first;
    bars->close += first;
    bars->volume += first;
    bars->count = end - first;
}

int store_cursor_next(struct store_cursor *cursor, struct store_bars *bars,
                      struct turret_error *err)
{
    MDB_val key = {0, NULL}, value = {0, NULL};
    memset(bars, 0, sizeof *bars);
    if (cursor->failed != TURRET_OK)
        return turret_fail(err, cursor->failed, "store %s: reading %s ended at a damaged block",
                           cursor->store->path, cursor->series.label);
    while (!cursor->ended && advance(cursor, &key, &value, err)) {
        struct store_bars block;
        uint32_t first = 0, end;
        const void *aligned = rows_align(&cursor->copy, value.mv_data, value.mv_size);
        if (!aligned)
            return cursor->failed = turret_fail(err, TURRET_ENOMEM, "no memory to read bars");
        block_lend(aligned, &block);
        end = block.count;
        if (block.time[0] < cursor->from)
            first = block_find(&block, cursor->from);
        if (block.time[end - 1] >= cursor->to)
            end = block_find(&block, cursor->to);
        if (first >= end)
            continue;
        cut(&block, first, end);
        *bars = block;
        return 1;
    }
    return cursor->failed;
}

void store_cursor_close(struct store_cursor *cursor)
{
    if (!cursor)
        return;
    if (cursor->at)
        mdb_cursor_close(cursor->at);
    if (cursor->txn)
        mdb_txn_abort(cursor->txn);
    free(cursor->copy.memory);
    free(cursor);
}
