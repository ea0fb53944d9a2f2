/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes a small store's audit, its journal and its heads file in every way that somebody who
 * knows the format, and has all but the secret key, could think of, one at a time, and has all of
 * it verified each time against the heads file (changed itself in the kinds that begin with
 * "file"). Prints a line for each change that was not found, or not said in one line, and one of
 * counts.
 *
 * usage: audit_tamper DIRECTORY SEED FIRST COUNT
 *
 * Change number N is the same in every run. The first ones are every byte of every audit record
 * with a stale checksum, every one with a right checksum, every byte of the heads file; then they
 * are drawn from SEED and N. COUNT 0: all of the former.
 */
#include "audit_tamper.h"

#include <stdlib.h>
#include <string.h>

static const char *directory;
static char heads_path[4200], key_path[4200];
static struct image whole; /* as it was made */
struct store *store;
struct image now;
struct seal_key *other;
static uint64_t seed;

void stop(const char *what)
{
    (void)fprintf(stderr, "audit_tamper: %s\n", what);
    exit(2);
}

void must(int code, const struct turret_error *err)
{
    if (code != TURRET_OK)
        stop(err->text[0] ? err->text : "no room");
}

uint32_t draw(uint32_t below)
{
    uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)((x ^ (x >> 32)) % below);
}

/* ---- making and reading it ---- */

static void make_store(void)
{
    struct turret_error err = {0, 0, ""};
    struct store_batch *batch;
    uint64_t added, i;
    must(store_open(&store, directory, STORE_CREATE | STORE_FAST, &err), &err);
    must(store_audit_open(store, key_path, heads_path, &added, &err), &err);
    must(store_batch_create(&batch, 1 << 16, &err), &err);
    for (i = 1; i <= RECORDS; i++) {
        char text[64];
        struct store_record record = {i, (int64_t)i, 5, 1, 0, text};
        struct audit_record told = {.time = (int64_t)i, .sequence = i, .kind = 6, .text = text};
        record.size_bytes = told.text_bytes = (uint32_t)snprintf(
            text, sizeof text, "record %llu %.*s", (unsigned long long)i, (int)(i % 9), "and more");
        must(store_batch_record(batch, &record), &err);
        must(store_batch_audit(batch, &told), &err);
        if (i % GROUP != 0)
            continue;
        must(store_batch_head(batch, (int64_t)i), &err);
        must(store_commit(store, batch, &err), &err);
        store_batch_clear(batch);
    }
    store_batch_destroy(batch);
}

static MDB_txn *begin(unsigned flags)
{
    MDB_txn *txn;
    if (mdb_txn_begin(store->env, NULL, flags, &txn) != 0)
        stop("no transaction");
    return txn;
}

static void load_rows(MDB_txn *txn, MDB_dbi table, size_t leave_out, struct row_bytes *rows,
                      uint32_t *count)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    if (mdb_cursor_open(txn, table, &cursor) != 0)
        stop("no cursor");
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        struct row_bytes *row = &rows[(*count)++];
        row->size_bytes = value.mv_size - leave_out;
        memcpy(row->bytes, (unsigned char *)value.mv_data + leave_out, row->size_bytes);
    }
    mdb_cursor_close(cursor);
}

static void load(struct image *image)
{
    struct turret_error err = {0, 0, ""};
    struct store_journal_head head;
    MDB_txn *txn = begin(MDB_RDONLY);
    FILE *file = fopen(heads_path, "rb");
    load_rows(txn, store->rows[STORE_AUDIT], sizeof(struct row_header), image->audit,
              &image->audit_count);
    load_rows(txn, store->journal, 0, image->journal, &image->journal_count);
    must(audit_load_tail(store, txn, &image->tail, &err), &err);
    must(journal_load_head(store, txn, &head, &err), &err);
    image->head.first = head.first;
    image->head.last = head.last;
    memcpy(image->head.hash, head.hash, sizeof head.hash);
    mdb_txn_abort(txn);
    if (!file)
        stop("no heads file");
    image->file_bytes = fread(image->file, 1, sizeof image->file, file);
    (void)fclose(file);
}

/* ---- putting a changed one in place ---- */

static void put_meta(MDB_txn *txn, const char *name, const void *value, size_t size_bytes)
{
    struct turret_error err = {0, 0, ""};
    MDB_val key = {strlen(name), (void *)(uintptr_t)name};
    MDB_val stored = {size_bytes, (void *)(uintptr_t)value};
    must(rows_put(store, txn, store->rows[STORE_META], STORE_META, &key, 1, &stored, &err), &err);
}

/* Only when another one lies there. */
static void save_file(const struct image *image)
{
    static bool is_whole = true;
    bool same = image->file_bytes == whole.file_bytes &&
                memcmp(image->file, whole.file, whole.file_bytes) == 0;
    FILE *file = same && is_whole ? NULL : fopen(heads_path, "wb");
    if (same && is_whole)
        return;
    is_whole = same;
    if (!file || fwrite(image->file, 1, image->file_bytes, file) != image->file_bytes ||
        fclose(file) != 0)
        stop("no heads file");
}

void save(const struct image *image)
{
    struct turret_error err = {0, 0, ""};
    MDB_txn *txn = begin(0);
    if (mdb_drop(txn, store->rows[STORE_AUDIT], 0) != 0 || mdb_drop(txn, store->journal, 0) != 0)
        stop("cannot empty a table");
    for (uint32_t i = 0; i < image->audit_count; i++) {
        const struct row_bytes *row = &image->audit[i];
        unsigned char name[8];
        MDB_val key = {8, name}, value = {row->size_bytes, (void *)(uintptr_t)row->bytes};
        rows_store_be64(name, i + 1);
        must(rows_put(store, txn, store->rows[STORE_AUDIT], STORE_AUDIT, &key, 1, &value, &err),
             &err);
    }
    for (uint32_t i = 0; i < image->journal_count; i++) {
        const struct row_bytes *row = &image->journal[i];
        unsigned char name[8];
        MDB_val key = {8, name}, value = {row->size_bytes, (void *)(uintptr_t)row->bytes};
        rows_store_be64(name, image->head.first > 1 ? image->head.first + i : i + 1);
        if (mdb_put(txn, store->journal, &key, &value, 0) != 0)
            stop("cannot write the journal");
    }
    put_meta(txn, STORE_OWN_PREFIX "audit", &image->tail, sizeof image->tail);
    put_meta(txn, JOURNAL_HEAD_KEY, &image->head, sizeof image->head);
    if (mdb_txn_commit(txn) != 0)
        stop("cannot commit");
}

void spoil(MDB_dbi table, uint32_t index, size_t at, unsigned char by)
{
    unsigned char name[8], bytes[ROW_MAX];
    MDB_val key = {8, name}, value;
    MDB_txn *txn = begin(0);
    rows_store_be64(name, index + 1);
    if (mdb_get(txn, table, &key, &value) != 0)
        stop("no such row");
    memcpy(bytes, value.mv_data, value.mv_size);
    bytes[at % value.mv_size] ^= by;
    value.mv_data = bytes;
    if (mdb_put(txn, table, &key, &value, 0) != 0 || mdb_txn_commit(txn) != 0)
        stop("cannot spoil a row");
}

/* ---- one change ---- */

static uint64_t audit_bytes(size_t more)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < whole.audit_count; i++)
        sum += whole.audit[i].size_bytes + more;
    return sum;
}

/* The byte-th byte of all records. */
static uint32_t find_byte(uint64_t byte, size_t more, size_t *at)
{
    uint32_t i = 0;
    while (byte >= whole.audit[i].size_bytes + more)
        byte -= whole.audit[i++].size_bytes + more;
    *at = (size_t)byte;
    return i;
}

/* Answers what kind it was. */
static const char *change(uint64_t number, bool *saved)
{
    uint64_t stored = audit_bytes(sizeof(struct row_header)), records = audit_bytes(0);
    unsigned char by = (unsigned char)(1 + draw(255));
    uint32_t kind, kinds = 0;
    size_t at;
    *saved = false;
    if (number < stored) {
        uint32_t index = find_byte(number, sizeof(struct row_header), &at);
        save(&now);
        spoil(store->rows[STORE_AUDIT], index, at, by);
        *saved = true;
        return "each byte";
    }
    number -= stored;
    if (number < records) {
        uint32_t index = find_byte(number, 0, &at);
        now.audit[index].bytes[at] ^= by;
        return "each byte, right checksum";
    }
    number -= records;
    if (number < whole.file_bytes) {
        now.file[number] = (char)(now.file[number] ^ (char)by);
        return "each byte of the file";
    }
    while (change_kinds[kinds].name)
        kinds++;
    kind = draw(kinds);
    *saved = change_kinds[kind].change();
    return change_kinds[kind].name;
}

/* Whether it is found, and told in one line that says where. */
static bool found(struct turret_error *err)
{
    struct audit_checked checked;
    uint64_t records;
    int code = store_journal_verify(store, &records, err);
    if (code == TURRET_OK)
        code = store_audit_verify(store, heads_path, NULL, &checked, err);
    return code == TURRET_ECORRUPT && err->text[0] && !strchr(err->text, '\n');
}

int main(int argc, char **argv)
{
    struct turret_error err = {0, 0, ""};
    uint64_t first, count, missed = 0, bytes;
    char other_path[4200];
    if (argc != 5)
        stop("usage: audit_tamper DIRECTORY SEED FIRST COUNT");
    directory = argv[1];
    first = strtoull(argv[3], NULL, 10);
    count = strtoull(argv[4], NULL, 10);
    (void)snprintf(heads_path, sizeof heads_path, "%s.heads", directory);
    (void)snprintf(key_path, sizeof key_path, "%s.key", directory);
    (void)snprintf(other_path, sizeof other_path, "%s.other", directory);
    make_store();
    must(seal_key_open(&other, other_path, true, &err), &err);
    load(&whole);
    if (found(&err) || err.text[0])
        stop("the store is not good before it is changed");
    bytes = audit_bytes(sizeof(struct row_header)) + audit_bytes(0) + whole.file_bytes;
    count = count ? count : bytes;
    for (uint64_t i = first; i < first + count; i++) {
        const char *kind;
        bool saved;
        now = whole;
        seed = strtoull(argv[2], NULL, 10) * UINT64_C(1000000007) + i;
        kind = change(i, &saved);
        if (!saved)
            save(&now);
        save_file(&now);
        err = (struct turret_error){0, 0, ""};
        if (found(&err))
            continue;
        missed++;
        (void)printf("change %llu (%s) was not found: %s\n", (unsigned long long)i, kind, err.text);
    }
    (void)printf("changes=%llu found=%llu missed=%llu bytes=%llu\n", (unsigned long long)count,
                 (unsigned long long)(count - missed), (unsigned long long)missed,
                 (unsigned long long)bytes);
    seal_key_close(other);
    store_close(store);
    return missed > 0;
}
