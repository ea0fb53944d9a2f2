/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit's chain: records under their numbers, each with the link over the one before and
 * itself. How the chain stands is a row of its own; whoever rewrites records and that row as well
 * is found by the signed heads (docs/audit.md).
 */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

#define VERSION     1
#define TAIL_KEY    STORE_OWN_PREFIX "audit"
#define HEAD_SIGNED offsetof(struct audit_head, signature)

/* So that a signature made here is good for nothing else. */
static const char purpose[24] = "turret audit head 1";

struct statement {
    char purpose[sizeof purpose];
    uint8_t head[HEAD_SIGNED];
};

static void state(struct statement *statement, const struct audit_head *head)
{
    memcpy(statement->purpose, purpose, sizeof purpose);
    memcpy(statement->head, head, HEAD_SIGNED);
}

static MDB_val tail_key(void)
{
    return (MDB_val){sizeof TAIL_KEY - 1, (void *)(uintptr_t)TAIL_KEY};
}

int audit_load_tail(const struct store *store, MDB_txn *txn, struct audit_tail *tail,
                    struct turret_error *err)
{
    MDB_val key = tail_key();
    struct row row = {NULL, 0, 0};
    int code = rows_find(store, txn, store->rows[STORE_META], STORE_META, &key, &row, err);
    memset(tail, 0, sizeof *tail);
    if (code == TURRET_ENOTFOUND)
        return TURRET_OK;
    if (code == TURRET_OK && row.size_bytes != sizeof *tail)
        return turret_fail(err, TURRET_ECORRUPT,
                           "store %s: the row that says how the audit stands has a wrong size; "
                           "restore the directory from a backup",
                           store->path);
    if (code == TURRET_OK)
        memcpy(tail, row.value, sizeof *tail);
    return code;
}

/* ---- writing ---- */

static int append(struct store *store, MDB_txn *txn, struct audit_tail *tail,
                  struct audit_header *header, const void *text, struct turret_error *err)
{
    unsigned char bytes[sizeof *header + AUDIT_TEXT_MAX], name[8];
    MDB_val key = {sizeof name, name};
    MDB_val value = {sizeof *header + header->text_bytes, bytes};
    int code;
    header->number = tail->count + 1;
    header->reserved = 0;
    seal_link(tail->link, header, AUDIT_LINKED, text, header->text_bytes, header->link);
    memcpy(bytes, header, sizeof *header);
    memcpy(bytes + sizeof *header, text, header->text_bytes);
    rows_store_be64(name, header->number);
    code = rows_put(store, txn, store->rows[STORE_AUDIT], STORE_AUDIT, &key, VERSION, &value, err);
    if (code != TURRET_OK)
        return code;
    tail->count = header->number;
    memcpy(tail->link, header->link, sizeof tail->link);
    return TURRET_OK;
}

int audit_take(struct store *store, MDB_txn *txn, struct audit_commit *audit,
               const struct batch_op *op, struct turret_error *err)
{
    struct audit_header header = {.time = op->time,
                                  .sequence = op->sequence,
                                  .text_bytes = op->value_bytes,
                                  .kind = op->table};
    if (!audit->loaded) {
        int code = seal_start(err);
        if (code == TURRET_OK)
            code = audit_load_tail(store, txn, &audit->tail, err);
        if (code != TURRET_OK)
            return code;
        audit->loaded = true;
        audit->wants_head = false;
    }
    audit->time = op->time;
    if (op->kind == BATCH_AUDIT)
        return append(store, txn, &audit->tail, &header, op + 1, err);
    audit->wants_head = true;
    return TURRET_OK;
}

static int sign(struct store *store, MDB_txn *txn, struct audit_commit *audit,
                const struct store_journal_head *journal, struct turret_error *err)
{
    struct audit_tail *tail = &audit->tail;
    struct audit_head *head = &audit->head;
    struct audit_header header = {.time = audit->time,
                                  .sequence = journal->last,
                                  .text_bytes = sizeof *head,
                                  .kind = AUDIT_KIND_HEAD};
    struct statement statement;
    int code;
    *head = (struct audit_head){
        .number = tail->count + 1, .time = audit->time, .journal_last = journal->last};
    memcpy(head->journal_hash, journal->hash, sizeof head->journal_hash);
    memcpy(head->audit_hash, tail->link, sizeof head->audit_hash);
    memcpy(head->key, seal_key_public(store->seal), sizeof head->key);
    state(&statement, head);
    seal_sign(store->seal, &statement, sizeof statement, head->signature);
    code = append(store, txn, tail, &header, head, err);
    tail->head_number = head->number;
    tail->head_sequence = journal->last;
    audit->has_head = code == TURRET_OK;
    return code;
}

int audit_finish(struct store *store, MDB_txn *txn, struct audit_commit *audit,
                 const struct store_journal_head *journal, struct turret_error *err)
{
    struct audit_tail *tail = &audit->tail;
    MDB_val key = tail_key(), value = {sizeof *tail, tail};
    bool moved = tail->count > tail->head_number || journal->last > tail->head_sequence;
    int code = TURRET_OK;
    if (audit->wants_head && !store->seal)
        return turret_fail(err, TURRET_ESTATE, "store %s: a head is wanted and there is no key",
                           store->path);
    if ((audit->wants_head && moved) ||
        (store->seal && tail->count - tail->head_number >= AUDIT_HEAD_RECORDS))
        code = sign(store, txn, audit, journal, err);
    if (code == TURRET_OK)
        code =
            rows_put(store, txn, store->rows[STORE_META], STORE_META, &key, VERSION, &value, err);
    return code;
}

bool audit_is_signed(const struct audit_head *head)
{
    struct statement statement;
    state(&statement, head);
    return seal_is_by(head->key, &statement, sizeof statement, head->signature);
}

/* ---- reading ---- */

const char *audit_decode(const MDB_val *key, const MDB_val *stored, struct audit_header *header,
                         const unsigned char **text)
{
    struct row row = {NULL, 0, 0};
    const char *wrong = rows_decode(STORE_AUDIT, key, stored, &row);
    if (wrong)
        return wrong;
    if (row.size_bytes < sizeof *header || row.version != VERSION)
        return "is none of this version";
    memcpy(header, row.value, sizeof *header);
    *text = (const unsigned char *)row.value + sizeof *header;
    if (header->text_bytes != row.size_bytes - sizeof *header ||
        header->text_bytes > AUDIT_TEXT_MAX || header->reserved != 0)
        return "has another length than it says";
    if (key->mv_size != 8 || header->number != rows_load_be64(key->mv_data))
        return "carries another number";
    if (header->kind == AUDIT_KIND_HEAD && header->text_bytes != sizeof(struct audit_head))
        return "is a head of a wrong size";
    return NULL;
}

int audit_bad(const struct store *store, uint64_t number, const char *wrong,
              struct turret_error *err)
{
    return turret_fail(err, TURRET_ECORRUPT, "store %s: audit record %llu %s", store->path,
                       (unsigned long long)number, wrong);
}

int audit_find_head(const struct store *store, MDB_txn *txn, uint64_t number,
                    struct audit_head *head, struct turret_error *err)
{
    unsigned char name[8];
    MDB_val key = {sizeof name, name}, stored;
    struct audit_header header;
    const unsigned char *text;
    const char *wrong;
    int rc;
    rows_store_be64(name, number);
    rc = mdb_get(txn, store->rows[STORE_AUDIT], &key, &stored);
    if (rc == MDB_NOTFOUND)
        return TURRET_ENOTFOUND;
    if (rc != 0)
        return store_fail(store, rc, "looking for a head of the audit", err);
    wrong = audit_decode(&key, &stored, &header, &text);
    if (wrong)
        return audit_bad(store, number, wrong, err);
    if (header.kind != AUDIT_KIND_HEAD)
        return TURRET_ENOTFOUND;
    memcpy(head, text, sizeof *head);
    return TURRET_OK;
}

struct scan {
    const struct store *store;
    uint64_t next;
    store_audit_fn *each;
    void *context;
    struct turret_error *err;
    int code;
};

static int on_row(void *context, const void *key, size_t key_bytes, uint16_t version,
                  const void *value, size_t value_bytes)
{
    struct scan *scan = context;
    struct audit_header header;
    struct audit_record record;
    (void)version;
    if (value_bytes < sizeof header || store_key_number(key, key_bytes) != scan->next) {
        scan->code = audit_bad(scan->store, scan->next, "is missing", scan->err);
        return 1;
    }
    memcpy(&header, value, sizeof header);
    record = (struct audit_record){.number = header.number,
                                   .time = header.time,
                                   .sequence = header.sequence,
                                   .kind = header.kind,
                                   .text_bytes = (uint32_t)(value_bytes - sizeof header),
                                   .text = (const char *)value + sizeof header};
    scan->next++;
    return scan->each(scan->context, &record);
}

int store_audit_read(struct store *store, uint64_t from, store_audit_fn *each, void *context,
                     struct turret_error *err)
{
    struct scan scan = {store, from > 0 ? from : 1, each, context, err, TURRET_OK};
    uint8_t key[STORE_NUMBER_KEY];
    int code;
    store_number_key(key, scan.next);
    code = store_scan(store, STORE_AUDIT, key, sizeof key, on_row, &scan, NULL, err);
    return scan.code != TURRET_OK ? scan.code : code;
}

/* ---- opening ---- */

static int check_key(const struct store *store, MDB_txn *txn, const struct audit_tail *tail,
                     const char *key_path, struct turret_error *err)
{
    struct audit_head head;
    int code;
    if (tail->head_number == 0)
        return TURRET_OK;
    code = audit_find_head(store, txn, tail->head_number, &head, err);
    if (code == TURRET_ENOTFOUND)
        return audit_bad(store, tail->head_number, "is missing, or is no head", err);
    if (code == TURRET_OK && memcmp(head.key, seal_key_public(store->seal), sizeof head.key) != 0)
        return turret_fail(err, TURRET_ECORRUPT,
                           "audit key %s is not the one that store %s was signed with; put that "
                           "one back",
                           key_path, store->path);
    return code;
}

int store_audit_open(struct store *store, const char *key_path, const char *heads_path,
                     uint64_t *added, struct turret_error *err)
{
    struct audit_tail tail;
    MDB_txn *txn;
    int code = store_read_begin(store, &txn, err);
    *added = 0;
    if (code != TURRET_OK)
        return code;
    store->heads_path = strdup(heads_path);
    if (!store->heads_path)
        code = turret_fail(err, TURRET_ENOMEM, "no memory to open the audit");
    if (code == TURRET_OK)
        code = audit_load_tail(store, txn, &tail, err);
    if (code == TURRET_OK)
        code = seal_key_open(&store->seal, key_path, tail.head_number == 0, err);
    if (code == TURRET_OK)
        code = check_key(store, txn, &tail, key_path, err);
    if (code == TURRET_OK)
        code = heads_open(store, txn, &tail, added, err);
    mdb_txn_abort(txn);
    return code;
}
