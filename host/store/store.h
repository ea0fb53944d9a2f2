/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where state lies: an LMDB environment. Everything about orders is committed with
 * LMDB's default (durable) flags. Values never leave this folder as LMDB memory, except bar blocks,
 * which a bar cursor lends until its next step. Only files in store/ include <lmdb.h>.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <turret/core.h>

#include <stdbool.h>

/* The format this host writes. A store of another one is refused and left untouched. */
#define STORE_FORMAT 2

#define STORE_CREATE    1u /* make the directory and the tables when there are none */
#define STORE_READ_ONLY 2u /* snapshot reads only; works beside a running daemon */
#define STORE_EXCLUSIVE 4u /* the daemon: takes the lock or names the pid that holds it */
#define STORE_FAST      8u /* no sync: bulk import and backtests only, never for orders */

struct store;

/*
 * Opens the store in directory `path`. The map is large, sparse and fixed. Stale reader slots are
 * swept. With STORE_EXCLUSIVE an flock on "<path>/lock" (holding our pid as text) is taken.
 *
 * fails: ENOTFOUND no store there; EBUSY another daemon holds it (text names the pid); EVERSION
 *        written by another Turret; ECORRUPT not a store; EIO, EFULL, ENOMEM
 */
int store_open(struct store **out, const char *path, unsigned flags, struct turret_error *err);
/* NULL is allowed. */
void store_close(struct store *store);
const char *store_path(const struct store *store);
/* Whether there is one, whole or not. Any thread. */
bool store_is_there(const char *path);
/* The pid of the daemon that has it; 0: none does, or there is no store. Any thread. */
int64_t store_daemon(const char *path);

/* ---- rows: small tables of opaque values, each with a version, a size and a CRC-32C ---- */

enum store_table {
    STORE_META,
    STORE_INSTRUMENT,
    STORE_ORDER,
    STORE_FILL,
    STORE_POSITION,
    STORE_LEDGER, /* cash per account and currency, and totals */
    STORE_INSTANCE,
    STORE_CONFIG,
    STORE_SNAPSHOT,
    STORE_AUDIT,      /* store/audit.h */
    STORE_SWAP,       /* steps of changes of code */
    STORE_EXECUTION,  /* which fill an execution of a venue is */
    STORE_DIFFERENCE, /* between venues' books and ours */
    STORE_ROW_TABLES
};

/* Keys that are numbers: big endian, so that rows lie in the order of the numbers. */
#define STORE_NUMBER_KEY 8
void store_number_key(uint8_t key[STORE_NUMBER_KEY], uint64_t number);
/* 0 for a key of another size. */
uint64_t store_key_number(const void *key, size_t key_bytes);

/* A record as journaled: sequence-numbered, chained. */
struct store_record {
    uint64_t sequence; /* 1, 2, 3 … without gaps */
    turret_time_ns time;
    uint16_t type;
    uint16_t version;
    uint32_t size_bytes;
    const void *payload; /* borrowed until the callback returns or the batch is cleared */
};

/* ---- a batch: everything one commit writes, collected without touching LMDB ---- */

struct store_batch;

/* Room for `capacity_bytes`; nothing is allocated afterwards. */
int store_batch_create(struct store_batch **out, size_t capacity_bytes, struct turret_error *err);
void store_batch_destroy(struct store_batch *batch);
void store_batch_clear(struct store_batch *batch);
bool store_batch_empty(const struct store_batch *batch);
/* Bytes still free; a put or record needs its size plus at most 64. */
size_t store_batch_room(const struct store_batch *batch);
/* Sequence of the newest journal record in it, 0 when it has none. */
uint64_t store_batch_last_sequence(const struct store_batch *batch);

/* fails: EFULL no room left in the batch; nothing was added */
int store_batch_put(struct store_batch *batch, enum store_table table, const void *key,
                    size_t key_bytes, uint16_t version, const void *value, size_t value_bytes);
int store_batch_delete(struct store_batch *batch, enum store_table table, const void *key,
                       size_t key_bytes);
int store_batch_record(struct store_batch *batch, const struct store_record *record);
/* All of another one behind what is there; `from` stays as it is. */
int store_batch_append(struct store_batch *batch, const struct store_batch *from);

/*
 * Writes the batch in one transaction and returns when it is on the disk. Records continue the hash
 * chain; a sequence that is not the next one is our own mistake and aborts the commit.
 *
 * thread: one writer at a time (store/writer.h has the thread)
 * fails:  EFULL disk or map is full; EIO; nothing of the batch was written then, and the store
 *         refuses every later commit (latched) until it is opened again
 */
int store_commit(struct store *store, const struct store_batch *batch, struct turret_error *err);

/* ---- reading rows: each call its own snapshot; the callback's memory is borrowed ---- */

/* Copies a value out. *size_bytes: room in, length out. fails: ENOTFOUND, ELIMIT room, ECORRUPT */
int store_get(struct store *store, enum store_table table, const void *key, size_t key_bytes,
              uint16_t *version, void *value, size_t *size_bytes, struct turret_error *err);

/* Return non-zero from the callback to stop. */
typedef int store_row_fn(void *context, const void *key, size_t key_bytes, uint16_t version,
                         const void *value, size_t value_bytes);
/*
 * Every row from key `from` (NULL = first) on, in key order. Damaged rows are skipped and counted
 * in *damaged, and the first is named in *err with code ECORRUPT while the scan goes on.
 */
int store_scan(struct store *store, enum store_table table, const void *from, size_t from_bytes,
               store_row_fn *each, void *context, uint64_t *damaged, struct turret_error *err);

/*
 * Until store_release() every store_scan() reads the store as it is now, so that rows of two tables
 * belong together. Not for long: what is held cannot be written over.
 *
 * thread: one, which uses the store alone meanwhile
 */
int store_hold(struct store *store, struct turret_error *err);
/* Nothing when nothing is held. */
void store_release(struct store *store);

/* ---- the journal ---- */

struct store_journal_head {
    uint64_t first, last; /* sequences, 0 when empty */
    uint8_t hash[32];     /* of the newest record: SHA-256 over the one before and the record */
};
int store_journal_head(struct store *store, struct store_journal_head *head,
                       struct turret_error *err);
typedef int store_record_fn(void *context, const struct store_record *record);
/* Records from `from` on, oldest first, CRC checked each. fails: ECORRUPT names the sequence */
int store_journal_read(struct store *store, uint64_t from, store_record_fn *each, void *context,
                       struct turret_error *err);
/*
 * Checks every CRC, every link of the chain, that no sequence is missing and that the head agrees.
 * *checked counts good records. fails: ECORRUPT names the first bad sequence and what is wrong
 */
int store_journal_verify(struct store *store, uint64_t *checked, struct turret_error *err);

/* ---- bars: columns in blocks of at most 64 KiB, read in place ---- */

#define STORE_SERIES_MAX 48

/* A series of bars: whose, which timeframe, which scales. */
struct store_series {
    char name[STORE_SERIES_MAX]; /* "SPY" */
    int64_t timeframe_ns;
    int32_t price_scale, qty_scale;
    uint64_t bar_count;
    turret_time_ns first, last; /* opening times, 0 when empty */
};

/* Columns of equal length; opening times strictly ascending. */
struct store_bars {
    uint32_t count;
    const turret_time_ns *time;
    const turret_price *open, *high, *low, *close;
    const turret_qty *volume;
};

struct store_merge {
    uint64_t added, replaced, unchanged;
};

/*
 * Merges bars into a series, making it when it is new. Input may overlap what is stored and may
 * come in any order of calls, but each call's times ascend strictly. The rule for duplicates: the
 * bar that came last replaces the stored one of the same time.
 *
 * fails: EINVAL not ascending, or scales differ from the stored series (text says both)
 */
int store_bars_merge(struct store *store, const struct store_series *series,
                     const struct store_bars *bars, struct store_merge *merge,
                     struct turret_error *err);
/* fails: ENOTFOUND */
int store_series_find(struct store *store, const char *name, int64_t timeframe_ns,
                      struct store_series *series, struct turret_error *err);
typedef int store_series_fn(void *context, const struct store_series *series);
int store_series_each(struct store *store, store_series_fn *each, void *context,
                      struct turret_error *err);
/* Checks every block of a series (all when name is NULL): CRC, order, high/low. */
int store_bars_verify(struct store *store, const char *name, uint64_t *bars_checked,
                      struct turret_error *err);

struct store_cursor;
/*
 * Bars whose opening time lies in [from, to). The first and last block may be partial: the columns
 * lent begin and end at the range.
 */
int store_cursor_open(struct store_cursor **out, struct store *store, const char *name,
                      int64_t timeframe_ns, turret_time_ns from, turret_time_ns to,
                      struct turret_error *err);
/*
 * The next run of bars, in place: borrowed until the next call or close. Answers 1, 0 at the end,
 * or ECORRUPT naming the block.
 */
int store_cursor_next(struct store_cursor *cursor, struct store_bars *bars,
                      struct turret_error *err);
void store_cursor_close(struct store_cursor *cursor);

#endif
