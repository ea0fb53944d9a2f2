/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: records under their sequence, each with a checksum and a link. The link is SHA-256
 * over the link before, the record's own fields and its payload, so that no record can be changed,
 * taken out or put in without every later one telling. The newest link lies in the head, a row of
 * its own written in the same transaction: a journal that lost its end does not agree with it.
 */
#include "store/internal.h"

#include "store/crc32c.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_HASHED offsetof(struct journal_header, crc)

static int bad(const struct store *store, uint64_t sequence, const char *wrong,
               struct turret_error *err)
{
    return turret_fail(err, TURRET_ECORRUPT,
                       "store %s: journal record %llu %s; restore the directory from a backup",
                       store->path, (unsigned long long)sequence, wrong);
}

int journal_load_head(const struct store *store, MDB_txn *txn, struct store_journal_head *head,
                      struct turret_error *err)
{
    MDB_val key = {sizeof JOURNAL_HEAD_KEY - 1, (void *)(uintptr_t)JOURNAL_HEAD_KEY};
    struct journal_head_row stored;
    struct row row = {NULL, 0, 0};
    int code = rows_find(store, txn, store->rows[STORE_META], STORE_META, &key, &row, err);
    memset(head, 0, sizeof *head);
    if (code == TURRET_ENOTFOUND || (code == TURRET_OK && row.size_bytes != sizeof stored))
        return turret_fail(err, TURRET_ECORRUPT,
                           "store %s has lost the journal's head; restore the directory from a "
                           "backup",
                           store->path);
    if (code != TURRET_OK)
        return code;
    memcpy(&stored, row.value, sizeof stored);
    head->first = stored.first;
    head->last = stored.last;
    memcpy(head->hash, stored.hash, sizeof head->hash);
    return TURRET_OK;
}

int journal_save_head(const struct store *store, MDB_txn *txn,
                      const struct store_journal_head *head, struct turret_error *err)
{
    MDB_val key = {sizeof JOURNAL_HEAD_KEY - 1, (void *)(uintptr_t)JOURNAL_HEAD_KEY};
    struct journal_head_row stored = {head->first, head->last, mdb_txn_id(txn), {0}};
    MDB_val value = {sizeof stored, &stored};
    memcpy(stored.hash, head->hash, sizeof stored.hash);
    return rows_put(store, txn, store->rows[STORE_META], STORE_META, &key, 1, &value, err);
}

static uint32_t checksum(const struct journal_header *header, const void *payload)
{
    struct journal_header blank = *header;
    uint32_t crc;
    blank.crc = 0;
    crc = crc32c_update(0, &blank, sizeof blank);
    return crc32c_update(crc, payload, header->size_bytes);
}

int journal_append(struct store *store, MDB_txn *txn, struct store_journal_head *head,
                   const struct batch_op *op, struct turret_error *err)
{
    const void *payload = op + 1;
    struct journal_header header = {.sequence = op->sequence,
                                    .time = op->time,
                                    .type = op->table,
                                    .version = op->version,
                                    .size_bytes = op->value_bytes};
    unsigned char name[8];
    MDB_val key = {sizeof name, name}, value = {sizeof header + op->value_bytes, NULL};
    int rc;
    if (op->sequence != head->last + 1)
        return turret_fail(err, TURRET_ESTATE,
                           "store %s: journal record %llu was to follow record %llu; nothing of "
                           "the commit was written",
                           store->path, (unsigned long long)op->sequence,
                           (unsigned long long)head->last);
    hash_link(head->hash, &header, HEADER_HASHED, payload, op->value_bytes, header.hash);
    header.crc = checksum(&header, payload);
    rows_store_be64(name, op->sequence);
    rc = mdb_put(txn, store->journal, &key, &value, MDB_RESERVE | MDB_APPEND);
    if (rc != 0)
        return store_fail(store, rc, "writing a journal record", err);
    memcpy(value.mv_data, &header, sizeof header);
    if (op->value_bytes > 0)
        memcpy((unsigned char *)value.mv_data + sizeof header, payload, op->value_bytes);
    memcpy(head->hash, header.hash, sizeof head->hash);
    head->last = op->sequence;
    if (head->first == 0)
        head->first = op->sequence;
    return TURRET_OK;
}

int store_journal_head(struct store *store, struct store_journal_head *head,
                       struct turret_error *err)
{
    MDB_txn *txn;
    int code = store_read_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = journal_load_head(store, txn, head, err);
    mdb_txn_abort(txn);
    return code;
}

/* One pass over the journal, for reading and for verifying. */
struct pass {
    const struct store *store;
    struct store_journal_head head;
    struct row_copy copy;
    uint64_t next; /* the sequence that has to come */
    store_record_fn *each;
    void *context;
    bool verifies; /* `link`, the chain */
    uint8_t link[HASH_BYTES];
    uint64_t checked;
    struct turret_error *err;
};

static int take(struct pass *pass, const MDB_val *key, const MDB_val *value, bool *stop)
{
    struct journal_header header;
    struct store_record record;
    const unsigned char *payload = (const unsigned char *)value->mv_data + sizeof header;
    uint8_t link[HASH_BYTES];
    if (key->mv_size != 8 || rows_load_be64(key->mv_data) != pass->next)
        return bad(pass->store, pass->next, "is missing", pass->err);
    if (value->mv_size < sizeof header)
        return bad(pass->store, pass->next, "is too short", pass->err);
    memcpy(&header, value->mv_data, sizeof header);
    if (header.size_bytes != value->mv_size - sizeof header)
        return bad(pass->store, pass->next, "has another length than it says", pass->err);
    if (header.crc != checksum(&header, payload))
        return bad(pass->store, pass->next, "has a wrong checksum", pass->err);
    if (header.sequence != pass->next)
        return bad(pass->store, pass->next, "carries another sequence", pass->err);
    if (pass->verifies) {
        hash_link(pass->link, &header, HEADER_HASHED, payload, header.size_bytes, link);
        /* the oldest record of a shortened journal has nothing before it to be checked against */
        if (memcmp(link, header.hash, sizeof link) != 0 &&
            !(pass->next == pass->head.first && pass->head.first > 1))
            return bad(pass->store, pass->next, "does not continue the chain", pass->err);
    }
    memcpy(pass->link, header.hash, sizeof pass->link);
    pass->next++;
    pass->checked++;
    if (!pass->each)
        return TURRET_OK;
    record.sequence = header.sequence;
    record.time = header.time;
    record.type = header.type;
    record.version = header.version;
    record.size_bytes = header.size_bytes;
    record.payload = rows_align(&pass->copy, payload, header.size_bytes);
    if (!record.payload)
        return turret_fail(pass->err, TURRET_ENOMEM, "no memory to read a record of %u bytes",
                           record.size_bytes);
    *stop = pass->each(pass->context, &record) != 0;
    return TURRET_OK;
}

static int run(struct pass *pass, MDB_txn *txn, uint64_t from)
{
    const struct store *store = pass->store;
    unsigned char name[8];
    MDB_val key = {sizeof name, name}, value;
    MDB_cursor *cursor;
    bool stop = false;
    int rc, code = journal_load_head(store, txn, &pass->head, pass->err);
    if (code != TURRET_OK)
        return code;
    if (from < pass->head.first)
        from = pass->head.first;
    if (from > pass->head.last || from == 0)
        from = pass->head.last + 1; /* nothing to read, but nothing may lie there either */
    pass->next = from;
    rows_store_be64(name, from);
    rc = mdb_cursor_open(txn, store->journal, &cursor);
    if (rc != 0)
        return store_fail(store, rc, "reading the journal", pass->err);
    rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (rc == 0 && code == TURRET_OK && !stop) {
        if (pass->next > pass->head.last)
            code = bad(store, pass->next, "is beyond the journal's head", pass->err);
        else
            code = take(pass, &key, &value, &stop);
        if (code == TURRET_OK && !stop)
            rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (code != TURRET_OK || stop)
        return code;
    if (rc != MDB_NOTFOUND)
        return store_fail(store, rc, "reading the journal", pass->err);
    if (pass->next <= pass->head.last)
        return bad(store, pass->next, "is missing: the journal ends before it", pass->err);
    return TURRET_OK;
}

static int begin_and_run(struct store *store, struct pass *pass, uint64_t from)
{
    MDB_txn *txn;
    int code = check_journal(store, from, pass->err);
    if (code == TURRET_OK)
        code = store_read_begin(store, &txn, pass->err);
    if (code != TURRET_OK)
        return code;
    code = run(pass, txn, from);
    mdb_txn_abort(txn);
    free(pass->copy.memory);
    return code;
}

int store_journal_read(struct store *store, uint64_t from, store_record_fn *each, void *context,
                       struct turret_error *err)
{
    struct pass pass;
    memset(&pass, 0, sizeof pass);
    pass.store = store;
    pass.each = each;
    pass.context = context;
    pass.err = err;
    return begin_and_run(store, &pass, from);
}

int store_journal_verify(struct store *store, uint64_t *checked, struct turret_error *err)
{
    struct pass pass;
    int code;
    memset(&pass, 0, sizeof pass);
    pass.store = store;
    pass.err = err;
    pass.verifies = true;
    code = begin_and_run(store, &pass, 0);
    if (code == TURRET_OK && memcmp(pass.link, pass.head.hash, sizeof pass.link) != 0)
        code = bad(store, pass.head.last, "does not agree with the journal's head", err);
    if (checked)
        *checked = pass.checked;
    return code;
}
