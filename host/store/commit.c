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
                       struct store_journal_head *head, struct turret_error *err)
{
    int code = journal_load_head(store, txn, head, err);
    for (const struct batch_op *op = batch_next(batch, NULL); op && code == TURRET_OK;
         op = batch_next(batch, op)) {
        if (op->kind == BATCH_PUT)
            code = put_row(store, txn, op, err);
        else if (op->kind == BATCH_DELETE)
            code = delete_row(store, txn, op, err);
        else
            code = journal_append(store, txn, head, op, err);
    }
    return code;
}

int store_commit(struct store *store, const struct store_batch *batch, struct turret_error *err)
{
    struct turret_error own = {0, 0, ""};
    struct store_journal_head head;
    MDB_txn *txn;
    int code;
    if (store_batch_empty(batch))
        return TURRET_OK;
    code = store_write_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = write_batch(store, txn, batch, &head, &own);
    if (code == TURRET_OK)
        return store_write_commit(store, txn, &head, err);
    code = store_write_abort(store, txn, code, &own);
    if (err && err->code == 0)
        *err = own;
    return code;
}
