/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries a batch out in one transaction: rows, journal records and the journal's head together or
 * not at all.
 */
#include "store/internal.h"

static int put_row(struct store *store, MDB_txn *txn, const struct batch_op *op,
                   struct turret_error *err)
{
    unsigned char *bytes = (unsigned char *)(uintptr_t)(op + 1);
    MDB_val key = {op->key_bytes, bytes};
    MDB_val value = {op->value_bytes, bytes + op->key_bytes};
    return rows_put(store, txn, store->rows[op->table], op->table, &key, op->version, &value, err);
}

static int delete_row(struct store *store, MDB_txn *txn, const struct batch_op *op,
                      struct turret_error *err)
{
    MDB_val key = {op->key_bytes, (void *)(uintptr_t)(op + 1)};
    int rc = mdb_del(txn, store->rows[op->table], &key, NULL);
    return rc == 0 || rc == MDB_NOTFOUND ? TURRET_OK : store_fail(store, rc, "deleting a row", err);
}

static int write_batch(struct store *store, MDB_txn *txn, const struct store_batch *batch,
                       struct store_journal_head *head, struct audit_commit *audit,
                       struct turret_error *err)
{
    int code = journal_load_head(store, txn, head, err);
    for (const struct batch_op *op = batch_next(batch, NULL); op && code == TURRET_OK;
         op = batch_next(batch, op)) {
        if (op->kind == BATCH_PUT)
            code = put_row(store, txn, op, err);
        else if (op->kind == BATCH_DELETE)
            code = delete_row(store, txn, op, err);
        else if (op->kind == BATCH_RECORD)
            code = journal_append(store, txn, head, op, err);
        else
            code = audit_take(store, txn, audit, op, err);
    }
    if (code == TURRET_OK && audit->loaded)
        code = audit_finish(store, txn, audit, head, err);
    return code;
}

/*
 * The file follows the store, never the other way round: a head that only the file has means that
 * the store lost its end. What cannot be told outside is not durable, and nothing may follow it.
 */
static int tell_head(struct store *store, const struct audit_commit *audit,
                     struct turret_error *err)
{
    struct turret_error own = {0, 0, ""};
    int code = heads_append(store, &audit->head, &own);
    if (code == TURRET_OK)
        return code;
    store_latch(store, code, &own);
    if (err && err->code == 0)
        *err = own;
    return code;
}

int store_commit(struct store *store, const struct store_batch *batch, struct turret_error *err)
{
    struct turret_error own = {0, 0, ""};
    struct store_journal_head head;
    struct audit_commit audit;
    MDB_txn *txn;
    int code;
    audit.loaded = audit.has_head = false;
    if (store_batch_empty(batch))
        return TURRET_OK;
    code = store_write_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = write_batch(store, txn, batch, &head, &audit, &own);
    if (code == TURRET_OK) {
        code = store_write_commit(store, txn, &head, err);
        return code == TURRET_OK && audit.has_head ? tell_head(store, &audit, err) : code;
    }
    code = store_write_abort(store, txn, code, &own);
    if (err && err->code == 0)
        *err = own;
    return code;
}
