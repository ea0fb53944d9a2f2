/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the store share: the open store, the layouts on the disk, and the calls between
 * them. All numbers on the disk are little endian except keys, which are big endian so that their
 * byte order is their order.
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/audit.h"
#include "store/hash.h"
#include "store/store.h"

#include <lmdb.h>
#include <stdatomic.h>
#include <sys/types.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the store's layouts are little endian");

/*
 * The map is reserved address space, not memory and not disk: the file grows as it is filled. Where
 * RLIMIT_AS forbids the large one the small one is taken; a store that outgrew it then needs the
 * limit lifted.
 */
#define STORE_MAP_BYTES       ((size_t)64 << 30)
#define STORE_MAP_SMALL_BYTES ((size_t)1 << 30)

#define STORE_KEY_MAX 511 /* LMDB's own limit */

/* Every so many commits reader slots of dead processes are swept, besides once at open. */
#define STORE_SWEEP_COMMITS 1024

/* Keys in STORE_META that begin so are the store's own. */
#define STORE_OWN_PREFIX "store."

/* The table number that goes into the checksum of a series row. */
#define STORE_SERIES_TABLE 64

struct store {
    char *path;
    unsigned flags;
    int lock_fd;
    int file_fd;   /* data.mdb, for the structure check */
    bool unlocked; /* opened with MDB_NOLOCK */
    MDB_env *env;
    MDB_dbi rows[STORE_ROW_TABLES];
    MDB_dbi journal, bars, series;
    MDB_txn *held;         /* what scans read while the caller holds a snapshot, else NULL */
    struct seal_key *seal; /* signs heads; NULL until store_audit_open() */
    char *heads_path;
    int heads_fd; /* kept open, so that no lack of descriptors stops it; -1 */
    uint64_t commit_count;
    atomic_int failed; /* code of the write that failed */
    struct turret_error failure;
    _Atomic uint64_t journal_checked_from; /* leaf pages from this sequence on were checked */
};

/* ---- fail.c ---- */

/* Records what LMDB or the system answered (rc) to `what`, with advice; returns our code. */
int store_fail(const struct store *store, int rc, const char *what, struct turret_error *err);
/* ---- store.c ---- */

/* Begins a write unless the store is read-only or latched. */
int store_write_begin(struct store *store, MDB_txn **txn, struct turret_error *err);
/*
 * Writes the journal's head with the transaction's number in it, commits, and latches when that
 * fails. `head` NULL: as it is. Every write of the store ends here (or in an abort).
 */
int store_write_commit(struct store *store, MDB_txn *txn, const struct store_journal_head *head,
                       struct turret_error *err);
/* What failed must not be followed: no commit after this. The first reason is kept. */
void store_latch(struct store *store, int code, const struct turret_error *why);
/* Aborts; latches unless the code says that the caller was at fault. Returns the code. */
int store_write_abort(struct store *store, MDB_txn *txn, int code, const struct turret_error *err);
int store_read_begin(const struct store *store, MDB_txn **txn, struct turret_error *err);

/* ---- lock.c: who may write ---- */

/* fails: EBUSY, EIO */
int lock_take(int *fd, const char *path, struct turret_error *err);
void lock_release(int fd);
/* Whether somebody holds it, without taking it. */
bool lock_held(const char *path);

/* ---- pages.c: LMDB's two meta pages ---- */

struct pages_tree {
    uint32_t pad; /* of the free list's tree: the page size */
    uint16_t flags, depth;
    uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};

struct pages_meta {
    uint32_t magic, version;
    uint64_t address, map_bytes;
    struct pages_tree free_list, tables;
    uint64_t last_page, txnid;
};

#define PAGES_NONE (~(uint64_t)0) /* root of an empty tree */

/*
 * Reads and checks both meta pages. A file without content is ENOTFOUND.
 * fails: ECORRUPT, ENOTFOUND, EIO
 */
int pages_read_meta(int fd, const char *path, struct pages_meta meta[2], struct turret_error *err);
/* A read transaction, the meta page it stands on (meta[0]) and the other one. */
int pages_pin(struct store *store, MDB_txn **txn, struct pages_meta meta[2],
              struct turret_error *err);

/*
 * A commit whose meta page cannot be written leaves, by LMDB's own attempt to undo it, the old
 * number over the new trees: no store that opens. So the page is kept before and put back after.
 */
struct pages_kept {
    struct pages_meta meta;
    off_t place;
    bool good;
};
void pages_keep(const struct store *store, uint64_t txnid, struct pages_kept *kept);
void pages_put_back(const struct store *store, const struct pages_kept *kept);

/* ---- check.c: the trees, page by page, before LMDB follows a damaged one ---- */

#define CHECK_META_TABLE    1u /* only the list of tables and the table "meta" */
#define CHECK_WHOLE_JOURNAL 2u /* every leaf page of the journal, however long it is */

/*
 * *sealed (may be NULL) becomes the transaction number that the tables below this meta page carry
 * themselves, 0 when it cannot be read.
 */
int check_structure(struct store *store, const struct pages_meta *meta, unsigned flags,
                    uint64_t *sealed, struct turret_error *err);
/* Checks what the check at open left out, once, before the journal is read from `from` on. */
int check_journal(struct store *store, uint64_t from, struct turret_error *err);

/* ---- rows.c ---- */

struct row_header {
    uint16_t version, reserved;
    uint32_t size_bytes;
    uint32_t crc; /* over table number, key, the fields above and the value */
};

struct row {
    const void *value; /* LMDB's, until the transaction ends */
    uint32_t size_bytes;
    uint16_t version;
};

/* Memory for values that LMDB does not align to 8 bytes; grows as needed. */
struct row_copy {
    void *memory;
    size_t room_bytes;
};

/* NULL, or what is wrong with the stored bytes. */
const char *rows_decode(int table, const MDB_val *key, const MDB_val *stored, struct row *row);
int rows_put(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table, const MDB_val *key,
             uint16_t version, const MDB_val *value, struct turret_error *err);
/* fails: ENOTFOUND (no text), ECORRUPT also when a neighbour is damaged and may be the one asked */
int rows_find(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table, const MDB_val *key,
              struct row *row, struct turret_error *err);
int rows_scan(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table, const MDB_val *from,
              store_row_fn *each, void *context, uint64_t *damaged, struct turret_error *err);
/* The value itself when it is aligned, else its copy, NULL without memory. */
const void *rows_align(struct row_copy *copy, const void *value, size_t size_bytes);
const char *rows_table_name(int table);

static inline void rows_store_be64(unsigned char to[8], uint64_t value)
{
    value = __builtin_bswap64(value);
    __builtin_memcpy(to, &value, 8);
}

static inline uint64_t rows_load_be64(const void *from)
{
    uint64_t value;
    __builtin_memcpy(&value, from, 8);
    return __builtin_bswap64(value);
}

/* ---- batch.c ---- */

enum batch_kind { BATCH_PUT, BATCH_DELETE, BATCH_RECORD, BATCH_AUDIT, BATCH_HEAD };

/* One thing to write; key and value follow it. */
struct batch_op {
    uint32_t span_bytes; /* to the next one */
    uint32_t value_bytes;
    uint16_t kind, key_bytes;
    uint16_t table; /* of a record: its type */
    uint16_t version;
    uint64_t sequence;
    int64_t time;
};

/* The op after `op`, the first when op is NULL; NULL at the end. */
const struct batch_op *batch_next(const struct store_batch *batch, const struct batch_op *op);

/* ---- journal.c ---- */

struct journal_header {
    uint64_t sequence;
    int64_t time;
    uint16_t type, version;
    uint32_t size_bytes;
    uint32_t crc; /* over the whole header with 0 here, and the payload */
    uint32_t reserved;
    uint8_t hash[HASH_BYTES]; /* over the hash before, the 24 bytes up to `crc`, and the payload */
};

#define JOURNAL_HEAD_KEY STORE_OWN_PREFIX "head"

struct journal_head_row {
    uint64_t first, last;
    uint64_t txnid; /* of the transaction that wrote it; LMDB's meta page has to say the same */
    uint8_t hash[HASH_BYTES];
};

int journal_load_head(const struct store *store, MDB_txn *txn, struct store_journal_head *head,
                      struct turret_error *err);
int journal_save_head(const struct store *store, MDB_txn *txn,
                      const struct store_journal_head *head, struct turret_error *err);
int journal_append(struct store *store, MDB_txn *txn, struct store_journal_head *head,
                   const struct batch_op *op, struct turret_error *err);

/* ---- audit.c ---- */

struct audit_header {
    uint64_t number;
    int64_t time;
    uint64_t sequence;
    uint32_t text_bytes;
    uint16_t kind, reserved;
    uint8_t link[SEAL_HASH_BYTES]; /* over the link before, the 32 bytes up to here, and the text */
};

#define AUDIT_LINKED offsetof(struct audit_header, link)

/* How the chain stands: a row of its own, written in the same transaction. */
struct audit_tail {
    uint64_t count;
    uint64_t head_number, head_sequence; /* newest head, and the newest journal record it signs */
    uint8_t link[SEAL_HASH_BYTES];
};

/* What a commit does to the audit. */
struct audit_commit {
    struct audit_tail tail;
    bool loaded, wants_head, has_head;
    turret_time_ns time; /* of the newest record */
    struct audit_head head;
};

/* Carries out BATCH_AUDIT and BATCH_HEAD. */
int audit_take(struct store *store, MDB_txn *txn, struct audit_commit *audit,
               const struct batch_op *op, struct turret_error *err);
/* After the last op: signs a head when it is time, writes the tail. */
int audit_finish(struct store *store, MDB_txn *txn, struct audit_commit *audit,
                 const struct store_journal_head *journal, struct turret_error *err);
/* No audit yet: all zero. */
int audit_load_tail(const struct store *store, MDB_txn *txn, struct audit_tail *tail,
                    struct turret_error *err);
/* What is wrong with the stored bytes, or NULL. */
const char *audit_decode(const MDB_val *key, const MDB_val *stored, struct audit_header *header,
                         const unsigned char **text);
/* fails: ENOTFOUND (no text), ECORRUPT */
int audit_find_head(const struct store *store, MDB_txn *txn, uint64_t number,
                    struct audit_head *head, struct turret_error *err);

bool audit_is_signed(const struct audit_head *head);
/* "store S: audit record N " and what is wrong; answers ECORRUPT. */
int audit_bad(const struct store *store, uint64_t number, const char *wrong,
              struct turret_error *err);

/* ---- heads.c ---- */

#define HEADS_LINE_MAX 512

/* Makes it or reads its end, and adds what it lacks. */
int heads_open(struct store *store, MDB_txn *txn, const struct audit_tail *tail, uint64_t *added,
               struct turret_error *err);
/* On the disk when it returns. fails: EFULL, EIO */
int heads_append(const struct store *store, const struct audit_head *head,
                 struct turret_error *err);

/* The file line by line, to be compared with the store's heads in their order. */
struct heads_reader {
    FILE *file; /* NULL: there is none */
    const char *path;
    uint64_t line;
    size_t size, left; /* bytes of it, and those not read yet */
    bool grown;        /* since it was opened: what came then may be newer than what is compared */
    uint8_t key[SEAL_KEY_BYTES]; /* of its first line */
};
/* fails: ECORRUPT, EIO; a file that is not there is no failure */
int heads_read_begin(struct heads_reader *reader, const char *path, struct turret_error *err);
/* Whether the next line is this head; *ended: there is none. fails: ECORRUPT */
int heads_read_next(struct heads_reader *reader, const struct audit_head *head, bool *ended,
                    struct turret_error *err);
/* Answers the number of the head on the next line, 0 when there is none. fails: ECORRUPT */
int heads_read_rest(struct heads_reader *reader, uint64_t *number, struct turret_error *err);
void heads_read_end(struct heads_reader *reader);

/* ---- series.c ---- */

/* "SPY 1d" and the like. */
#define SERIES_LABEL_MAX (STORE_SERIES_MAX + 32)

struct series {
    struct store_series shown;
    uint32_t id;
    char label[SERIES_LABEL_MAX];
};

/* fails: ENOTFOUND, ECORRUPT */
int series_load(const struct store *store, MDB_txn *txn, const char *name, int64_t timeframe_ns,
                struct series *series, struct turret_error *err);
/* Gives a number to a new one. fails: EINVAL name, timeframe or scales */
int series_load_or_make(const struct store *store, MDB_txn *txn, const struct store_series *wanted,
                        struct series *series, struct turret_error *err);
int series_save(const struct store *store, MDB_txn *txn, const struct series *series,
                struct turret_error *err);
typedef int series_fn(void *context, const struct series *series);
int series_scan(const struct store *store, MDB_txn *txn, series_fn *each, void *context,
                struct turret_error *err);

/* ---- block.c: bars in columns ---- */

#define BLOCK_BARS      1364u /* with both headers exactly 16 pages of 4 KiB */
#define BLOCK_KEY_BYTES 12u
#define BLOCK_COLUMNS   6u

struct block_header {
    uint16_t version, header_bytes;
    uint32_t count;
    uint32_t crc; /* over the whole block with 0 here */
    uint32_t series_id;
    int32_t price_scale, qty_scale;
    int64_t timeframe_ns;
    turret_time_ns first, last;
};

#define BLOCK_BYTES(count) (sizeof(struct block_header) + (size_t)(count)*BLOCK_COLUMNS * 8)

_Static_assert(sizeof(struct block_header) == 48, "columns begin at a multiple of 8");
_Static_assert(BLOCK_BYTES(BLOCK_BARS) + 16 == 65536, "a full block fills its pages");
_Static_assert(sizeof(struct row_header) == 12, "row header");
_Static_assert(sizeof(struct journal_header) == 64, "journal header");
_Static_assert(sizeof(struct audit_header) == 64, "audit header");
_Static_assert(sizeof(struct audit_head) == 184, "a head has no hidden padding");

/* Columns that can be written, with room for a number of bars. */
struct block_columns {
    int64_t *column[BLOCK_COLUMNS]; /* time, open, high, low, close, volume */
};

void block_key(unsigned char key[BLOCK_KEY_BYTES], uint32_t series_id, turret_time_ns first);
uint32_t block_key_series(const MDB_val *key);
turret_time_ns block_key_first(const MDB_val *key);
/* Writes header, columns and checksum of `count` bars from index `from` on. */
void block_write(void *to, const struct series *series, const struct block_columns *columns,
                 size_t from, uint32_t count);
/* What is wrong with the header, or that it does not belong to the key; NULL when it fits. */
const char *block_check_header(const MDB_val *key, const MDB_val *value);
/* The same for the whole block, checksum included. */
const char *block_check(const MDB_val *key, const MDB_val *value);
/* Lends the columns. The block must have been checked and be aligned to 8 bytes. */
void block_lend(const void *block, struct store_bars *bars);
/* Number of bars before `time`. */
uint32_t block_find(const struct store_bars *bars, turret_time_ns time);
/* Names a bad block. */
int block_fail(const struct store *store, const MDB_val *key, const char *wrong,
               struct turret_error *err);

#endif
