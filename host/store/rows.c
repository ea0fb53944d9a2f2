/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small tables. A row's checksum covers table, key, header and value, so that a value cannot turn
 * up under another key. A changed key byte would make a row silently absent: a look-up that finds
 * nothing therefore checks both neighbours, one of which is then the row that lost its name.
 */
#include "store/internal.h"

#include "store/crc32c.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *rows_table_name(int table)
{
    static const char *const names[STORE_ROW_TABLES] = {
        "meta",   "instrument", "order", "fill", "position",  "ledger",    "instance",
        "config", "snapshot",   "audit", "swap", "execution", "difference"};
    return table == STORE_SERIES_TABLE ? "series" : names[table];
}

static uint32_t checksum(int table, const MDB_val *key, const struct row_header *header,
                         const void *value, size_t size_bytes)
{
    unsigned char number = (unsigned char)table;
    uint32_t crc = crc32c_update(0, &number, 1);
    crc = crc32c_update(crc, key->mv_data, key->mv_size);
    crc = crc32c_update(crc, header, offsetof(struct row_header, crc));
    return crc32c_update(crc, value, size_bytes);
}

const char *rows_decode(int table, const MDB_val *key, const MDB_val *stored, struct row *row)
{
    struct row_header header;
    const unsigned char *value = (const unsigned char *)stored->mv_data + sizeof header;
    if (stored->mv_size < sizeof header)
        return "is too short";
    memcpy(&header, stored->mv_data, sizeof header);
    if (header.size_bytes != stored->mv_size - sizeof header || header.reserved != 0)
        return "has another length than it says";
    if (header.crc != checksum(table, key, &header, value, header.size_bytes))
        return "has a wrong checksum";
    row->value = value;
    row->size_bytes = header.size_bytes;
    row->version = header.version;
    return NULL;
}

/* Keys are text or numbers: shows them as one or the other. */
static const char *show_key(const MDB_val *key, char text[72])
{
    const unsigned char *at = key->mv_data;
    size_t length = key->mv_size < 32 ? key->mv_size : 32;
    bool plain = true;
    for (size_t i = 0; i < length; i++)
        plain = plain && at[i] > 0x20 && at[i] < 0x7f;
    if (plain) {
        (void)snprintf(text, 72, "%.*s", (int)length, (const char *)at);
        return text;
    }
    (void)snprintf(text, 72, "0x");
    for (size_t i = 0; i < length; i++)
        (void)snprintf(text + 2 + 2 * i, 72 - 2 - 2 * i, "%02x", at[i]);
    return text;
}

static int damaged_row(const struct store *store, int table, const MDB_val *key, const char *wrong,
                       struct turret_error *err)
{
    char text[72];
    return turret_fail(err, TURRET_ECORRUPT,
                       "store %s: row %s of table %s %s; restore the directory from a backup",
                       store->path, show_key(key, text), rows_table_name(table), wrong);
}

int rows_put(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table, const MDB_val *key,
             uint16_t version, const MDB_val *value, struct turret_error *err)
{
    struct row_header header = {version, 0, (uint32_t)value->mv_size, 0};
    MDB_val name = *key, stored = {sizeof header + value->mv_size, NULL};
    int rc = mdb_put(txn, dbi, &name, &stored, MDB_RESERVE);
    if (rc != 0)
        return store_fail(store, rc, "writing a row", err);
    header.crc = checksum(table, key, &header, value->mv_data, value->mv_size);
    memcpy(stored.mv_data, &header, sizeof header);
    if (value->mv_size > 0)
        memcpy((unsigned char *)stored.mv_data + sizeof header, value->mv_data, value->mv_size);
    return TURRET_OK;
}

/* Whether the rows around an absent key are whole. */
static int check_neighbours(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table,
                            const MDB_val *key, struct turret_error *err)
{
    MDB_cursor *cursor;
    MDB_val at = *key, stored;
    struct row row;
    const char *wrong = NULL;
    int code = TURRET_OK;
    int rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0)
        return store_fail(store, rc, "looking for a row", err);
    rc = mdb_cursor_get(cursor, &at, &stored, MDB_SET_RANGE);
    if (rc == 0) {
        wrong = rows_decode(table, &at, &stored, &row);
        if (!wrong)
            rc = mdb_cursor_get(cursor, &at, &stored, MDB_PREV);
    } else if (rc == MDB_NOTFOUND) {
        rc = mdb_cursor_get(cursor, &at, &stored, MDB_LAST);
    }
    if (rc == 0 && !wrong)
        wrong = rows_decode(table, &at, &stored, &row);
    if (wrong)
        code = damaged_row(store, table, &at, wrong, err);
    else if (rc != 0 && rc != MDB_NOTFOUND)
        code = store_fail(store, rc, "looking for a row", err);
    mdb_cursor_close(cursor);
    return code;
}

int rows_find(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table, const MDB_val *key,
              struct row *row, struct turret_error *err)
{
    MDB_val name = *key, stored;
    const char *wrong;
    int rc = mdb_get(txn, dbi, &name, &stored);
    if (rc == MDB_NOTFOUND) {
        int code = check_neighbours(store, txn, dbi, table, key, err);
        return code != TURRET_OK ? code : TURRET_ENOTFOUND;
    }
    if (rc != 0)
        return store_fail(store, rc, "looking for a row", err);
    wrong = rows_decode(table, key, &stored, row);
    return wrong ? damaged_row(store, table, key, wrong, err) : TURRET_OK;
}

const void *rows_align(struct row_copy *copy, const void *value, size_t size_bytes)
{
    if (((uintptr_t)value & 7u) == 0 || size_bytes == 0)
        return value;
    if (copy->room_bytes < size_bytes) {
        void *larger = realloc(copy->memory, size_bytes + size_bytes / 2);
        if (!larger)
            return NULL;
        copy->memory = larger;
        copy->room_bytes = size_bytes + size_bytes / 2;
    }
    memcpy(copy->memory, value, size_bytes);
    return copy->memory;
}

static bool is_own(int table, const MDB_val *key)
{
    size_t length = sizeof STORE_OWN_PREFIX - 1;
    return table == STORE_META && key->mv_size >= length &&
           memcmp(key->mv_data, STORE_OWN_PREFIX, length) == 0;
}

int rows_scan(const struct store *store, MDB_txn *txn, MDB_dbi dbi, int table, const MDB_val *from,
              store_row_fn *each, void *context, uint64_t *damaged, struct turret_error *err)
{
    struct row_copy copy = {NULL, 0};
    MDB_val key = {0, NULL}, stored;
    MDB_cursor *cursor;
    uint64_t bad = 0;
    int code = TURRET_OK;
    int rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0)
        return store_fail(store, rc, "reading a table", err);
    if (from)
        key = *from;
    rc = mdb_cursor_get(cursor, &key, &stored, from ? MDB_SET_RANGE : MDB_FIRST);
    for (; rc == 0; rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT)) {
        struct row row = {NULL, 0, 0};
        const char *wrong = rows_decode(table, &key, &stored, &row);
        const void *value;
        if (wrong) {
            bad++;
            code = damaged_row(store, table, &key, wrong, err);
            continue;
        }
        if (is_own(table, &key))
            continue;
        value = rows_align(&copy, row.value, row.size_bytes);
        if (!value) {
            code = turret_fail(err, TURRET_ENOMEM, "no memory to read a row of %u bytes",
                               row.size_bytes);
            break;
        }
        if (each(context, key.mv_data, key.mv_size, row.version, value, row.size_bytes) != 0)
            break;
    }
    if (rc != 0 && rc != MDB_NOTFOUND)
        code = store_fail(store, rc, "reading a table", err);
    mdb_cursor_close(cursor);
    free(copy.memory);
    if (damaged)
        *damaged = bad;
    return code;
}

int store_get(struct store *store, enum store_table table, const void *key, size_t key_bytes,
              uint16_t *version, void *value, size_t *size_bytes, struct turret_error *err)
{
    MDB_val name = {key_bytes, (void *)(uintptr_t)key};
    char text[72];
    struct row row = {NULL, 0, 0};
    MDB_txn *txn;
    int code = store_read_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = rows_find(store, txn, store->rows[table], table, &name, &row, err);
    if (code == TURRET_ENOTFOUND)
        (void)turret_fail(err, code, "store %s: table %s has no row %s", store->path,
                          rows_table_name(table), show_key(&name, text));
    if (code == TURRET_OK) {
        if (row.size_bytes > *size_bytes)
            code = turret_fail(err, TURRET_ELIMIT,
                               "store %s: row %s of table %s has %u bytes, there is room for %zu",
                               store->path, show_key(&name, text), rows_table_name(table),
                               row.size_bytes, *size_bytes);
        else if (row.size_bytes > 0)
            memcpy(value, row.value, row.size_bytes);
        *size_bytes = row.size_bytes;
        if (version)
            *version = row.version;
    }
    mdb_txn_abort(txn);
    return code;
}

int store_hold(struct store *store, struct turret_error *err)
{
    assert(!store->held);
    return store_read_begin(store, &store->held, err);
}

void store_release(struct store *store)
{
    if (store->held)
        mdb_txn_abort(store->held);
    store->held = NULL;
}

int store_scan(struct store *store, enum store_table table, const void *from, size_t from_bytes,
               store_row_fn *each, void *context, uint64_t *damaged, struct turret_error *err)
{
    MDB_val first = {from_bytes, (void *)(uintptr_t)from};
    MDB_txn *txn = store->held;
    int code = txn ? TURRET_OK : store_read_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = rows_scan(store, txn, store->rows[table], table, from ? &first : NULL, each, context,
                     damaged, err);
    if (!store->held)
        mdb_txn_abort(txn);
    return code;
}
