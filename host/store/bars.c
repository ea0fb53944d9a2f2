/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges bars into a series. A step takes the block that the next bar falls into, together with all
 * given bars before the block after it, and writes both back as one or more blocks: the last of a
 * series packed full, those in the middle of equal size, so that the next bar in between finds
 * room.
 *
 * STEPS_PER_COMMIT steps share a transaction. When something fails the ones before have been kept;
 * merging the same bars again is then harmless, as a bar replaces the stored one of its time.
 */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

#define STEP_BARS        (16u * BLOCK_BARS)       /* new bars a step takes at most */
#define ROOM_BARS        (STEP_BARS + BLOCK_BARS) /* and the block they fall into */
#define STEPS_PER_COMMIT 16                       /* 16 MiB of blocks */

struct step {
    uint32_t old_count;
    turret_time_ns old_first;
    turret_time_ns end; /* first time that belongs to the block after; only when `bounded` */
    bool has_old, bounded;
    bool at_end; /* no block of any series follows */
};

struct merging {
    struct store *store;
    struct series series;
    MDB_txn *txn;
    MDB_cursor *cursor;
    const struct store_bars *bars;
    struct block_columns old, result; /* the block's bars; what is to be written */
    struct store_merge count;         /* of the transaction under way */
    struct turret_error *err;
};

static const int64_t *given(const struct store_bars *bars, unsigned column)
{
    const int64_t *const columns[BLOCK_COLUMNS] = {bars->time, bars->open,  bars->high,
                                                   bars->low,  bars->close, bars->volume};
    return columns[column];
}

static int check_input(const struct store_bars *bars, const struct store_series *series,
                       struct turret_error *err)
{
    for (uint32_t i = 1; i < bars->count; i++)
        if (bars->time[i] <= bars->time[i - 1])
            return turret_fail(err, TURRET_EINVAL,
                               "series %.*s: bar %u (time %lld) does not come after the one "
                               "before it (time %lld)",
                               STORE_SERIES_MAX, series->name, i, (long long)bars->time[i],
                               (long long)bars->time[i - 1]);
    return TURRET_OK;
}

static int lmdb_failed(struct merging *merging, int rc)
{
    return store_fail(merging->store, rc, "merging bars", merging->err);
}

/*
 * Puts the cursor on the block that `time` falls into; answers MDB_NOTFOUND when there is none. The
 * block before is looked at even if it is another series': its key may have been changed.
 */
static int seek(struct merging *merging, turret_time_ns time, MDB_val *key, MDB_val *value,
                const char **wrong)
{
    unsigned char name[BLOCK_KEY_BYTES];
    uint32_t id = merging->series.id;
    int rc;
    *wrong = NULL;
    block_key(name, id, time);
    key->mv_data = name;
    key->mv_size = sizeof name;
    rc = mdb_cursor_get(merging->cursor, key, value, MDB_SET_RANGE);
    if (rc == 0 && block_key_series(key) == id && block_key_first(key) == time)
        return 0;
    rc = mdb_cursor_get(merging->cursor, key, value, rc == 0 ? MDB_PREV : MDB_LAST);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    if (rc == 0)
        *wrong = block_check_header(key, value);
    if (rc == 0 && (*wrong || block_key_series(key) == id))
        return 0;
    /* nothing before it: the first block of the series, if there is one */
    block_key(name, id, INT64_MIN);
    key->mv_data = name;
    key->mv_size = sizeof name;
    rc = mdb_cursor_get(merging->cursor, key, value, MDB_SET_RANGE);
    return rc == 0 && block_key_series(key) != id ? MDB_NOTFOUND : rc;
}

/* Copies the block the next bar falls into, and finds out what follows it. */
static int load_step(struct merging *merging, turret_time_ns time, struct step *step)
{
    MDB_val key, value;
    const char *wrong;
    int rc = seek(merging, time, &key, &value, &wrong);
    memset(step, 0, sizeof *step);
    if (rc == 0) {
        struct block_header header;
        const unsigned char *columns = (const unsigned char *)value.mv_data + sizeof header;
        if (!wrong)
            wrong = block_check(&key, &value);
        if (wrong)
            return block_fail(merging->store, &key, wrong, merging->err);
        memcpy(&header, value.mv_data, sizeof header);
        step->has_old = true;
        step->old_count = header.count;
        step->old_first = header.first;
        for (unsigned i = 0; i < BLOCK_COLUMNS; i++)
            memcpy(merging->old.column[i], columns + (size_t)i * header.count * 8,
                   (size_t)header.count * 8);
        rc = mdb_cursor_get(merging->cursor, &key, &value, MDB_NEXT);
        step->at_end = rc == MDB_NOTFOUND;
        if (rc == 0)
            wrong = block_check_header(&key, &value);
        if (wrong)
            return block_fail(merging->store, &key, wrong, merging->err);
        if (rc == 0 && block_key_series(&key) == merging->series.id) {
            step->bounded = true;
            step->end = block_key_first(&key);
        }
        /* a full last block stays as it is when the new bars come after it */
        if (!step->bounded && header.count == BLOCK_BARS && time > header.last) {
            step->has_old = false;
            step->old_count = 0;
        }
    } else if (rc == MDB_NOTFOUND) {
        unsigned char name[BLOCK_KEY_BYTES];
        block_key(name, merging->series.id, INT64_MAX);
        key.mv_data = name;
        key.mv_size = sizeof name;
        rc = mdb_cursor_get(merging->cursor, &key, &value, MDB_SET_RANGE);
        step->at_end = rc == MDB_NOTFOUND;
    }
    return rc == 0 || rc == MDB_NOTFOUND ? TURRET_OK : lmdb_failed(merging, rc);
}

static bool same_bar(const struct merging *merging, uint32_t old, uint32_t from)
{
    bool same = true;
    for (unsigned i = 1; i < BLOCK_COLUMNS; i++)
        same = same && merging->old.column[i][old] == given(merging->bars, i)[from];
    return same;
}

/* Old bars and `count` given ones from index `from` on, by time, into the result. */
static size_t interleave(struct merging *merging, const struct step *step, uint32_t from,
                         uint32_t count)
{
    const turret_time_ns *time = merging->bars->time;
    uint32_t old = 0, end = from + count;
    size_t size = 0;
    while (old < step->old_count && from < end) {
        turret_time_ns stored = merging->old.column[0][old];
        bool take_old = stored < time[from];
        for (unsigned i = 0; i < BLOCK_COLUMNS; i++)
            merging->result.column[i][size] =
                take_old ? merging->old.column[i][old] : given(merging->bars, i)[from];
        size++;
        if (take_old) {
            old++;
            continue;
        }
        if (stored == time[from]) {
            if (same_bar(merging, old, from))
                merging->count.unchanged++;
            else
                merging->count.replaced++;
            old++;
        } else {
            merging->count.added++;
        }
        from++;
    }
    for (unsigned i = 0; i < BLOCK_COLUMNS; i++) {
        memcpy(merging->result.column[i] + size, merging->old.column[i] + old,
               (size_t)(step->old_count - old) * 8);
        memcpy(merging->result.column[i] + size + (step->old_count - old),
               given(merging->bars, i) + from, (size_t)(end - from) * 8);
    }
    merging->count.added += end - from;
    return size + (step->old_count - old) + (end - from);
}

static int write_step(struct merging *merging, const struct step *step, size_t total)
{
    size_t blocks = (total + BLOCK_BARS - 1) / BLOCK_BARS;
    const turret_time_ns *time = merging->result.column[0];
    unsigned char name[BLOCK_KEY_BYTES];
    MDB_val key = {sizeof name, name}, value;
    int rc = 0;
    if (step->has_old && step->old_first != time[0]) {
        block_key(name, merging->series.id, step->old_first);
        rc = mdb_del(merging->txn, merging->store->bars, &key, NULL);
    }
    for (size_t i = 0; i < blocks && rc == 0; i++) {
        size_t from = step->bounded ? total * i / blocks : i * BLOCK_BARS;
        size_t end = step->bounded ? total * (i + 1) / blocks : from + BLOCK_BARS;
        bool overwrites = step->has_old && step->old_first == time[from];
        unsigned flags = step->at_end && !overwrites ? MDB_RESERVE | MDB_APPEND : MDB_RESERVE;
        if (end > total)
            end = total;
        block_key(name, merging->series.id, time[from]);
        key.mv_data = name;
        key.mv_size = sizeof name;
        value.mv_size = BLOCK_BYTES(end - from);
        rc = mdb_cursor_put(merging->cursor, &key, &value, flags);
        if (rc == 0)
            block_write(value.mv_data, &merging->series, &merging->result, from,
                        (uint32_t)(end - from));
    }
    return rc == 0 ? TURRET_OK : lmdb_failed(merging, rc);
}

/* Merges the bars from *next on, as far as one step goes. */
static int run_step(struct merging *merging, uint32_t *next)
{
    const struct store_bars *bars = merging->bars;
    uint64_t changed = merging->count.added + merging->count.replaced;
    uint32_t count = bars->count - *next;
    struct step step;
    size_t total;
    int code = load_step(merging, bars->time[*next], &step);
    if (code != TURRET_OK)
        return code;
    if (count > STEP_BARS)
        count = STEP_BARS;
    if (step.bounded) {
        struct store_bars rest = {.count = count, .time = bars->time + *next};
        count = block_find(&rest, step.end);
    }
    total = interleave(merging, &step, *next, count);
    *next += count;
    if (merging->count.added + merging->count.replaced == changed)
        return TURRET_OK;
    return write_step(merging, &step, total);
}

/* Some steps and the series' row in a transaction. */
static int run_steps(struct merging *merging, const struct store_series *wanted, uint32_t *next)
{
    struct store_series *shown = &merging->series.shown;
    uint32_t first = *next;
    int rc, code = series_load_or_make(merging->store, merging->txn, wanted, &merging->series,
                                       merging->err);
    if (code != TURRET_OK)
        return code;
    rc = mdb_cursor_open(merging->txn, merging->store->bars, &merging->cursor);
    if (rc != 0)
        return lmdb_failed(merging, rc);
    for (int i = 0; i < STEPS_PER_COMMIT && *next < merging->bars->count && code == TURRET_OK; i++)
        code = run_step(merging, next);
    mdb_cursor_close(merging->cursor);
    if (code != TURRET_OK || *next == first)
        return code;
    if (shown->bar_count == 0 || merging->bars->time[first] < shown->first)
        shown->first = merging->bars->time[first];
    if (shown->bar_count == 0 || merging->bars->time[*next - 1] > shown->last)
        shown->last = merging->bars->time[*next - 1];
    shown->bar_count += merging->count.added;
    if (merging->count.added == 0)
        return TURRET_OK;
    return series_save(merging->store, merging->txn, &merging->series, merging->err);
}

static int run(struct merging *merging, const struct store_series *wanted,
               struct store_merge *merge)
{
    struct turret_error own = {0, 0, ""}, *err = merging->err;
    uint32_t next = 0;
    merging->err = &own;
    do {
        int code = store_write_begin(merging->store, &merging->txn, err);
        if (code != TURRET_OK)
            return code;
        memset(&merging->count, 0, sizeof merging->count);
        code = run_steps(merging, wanted, &next);
        if (code != TURRET_OK) {
            if (err && err->code == 0)
                *err = own;
            return store_write_abort(merging->store, merging->txn, code, &own);
        }
        code = store_write_commit(merging->store, merging->txn, NULL, err);
        if (code != TURRET_OK)
            return code;
        merge->added += merging->count.added;
        merge->replaced += merging->count.replaced;
        merge->unchanged += merging->count.unchanged;
    } while (next < merging->bars->count);
    return TURRET_OK;
}

int store_bars_merge(struct store *store, const struct store_series *series,
                     const struct store_bars *bars, struct store_merge *merge,
                     struct turret_error *err)
{
    struct store_merge unseen;
    struct merging merging;
    size_t old_room = bars->count > 0 ? BLOCK_BARS : 0;
    size_t room = bars->count < STEP_BARS ? bars->count + old_room : ROOM_BARS;
    int64_t *memory;
    int code = check_input(bars, series, err);
    if (!merge)
        merge = &unseen;
    memset(merge, 0, sizeof *merge);
    if (code != TURRET_OK)
        return code;
    memory = malloc((old_room + room) * BLOCK_COLUMNS * sizeof *memory + 1);
    if (!memory)
        return turret_fail(err, TURRET_ENOMEM, "no memory to merge %u bars of %.*s", bars->count,
                           STORE_SERIES_MAX, series->name);
    memset(&merging, 0, sizeof merging);
    merging.store = store;
    merging.bars = bars;
    merging.err = err;
    for (unsigned i = 0; i < BLOCK_COLUMNS; i++) {
        merging.old.column[i] = memory + i * old_room;
        merging.result.column[i] = memory + BLOCK_COLUMNS * old_room + i * room;
    }
    code = run(&merging, series, merge);
    free(memory);
    return code;
}
