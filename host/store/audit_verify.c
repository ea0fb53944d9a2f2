/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifies the audit: one pass over its records in their order, with the heads file beside it line
 * by line. A daemon may write meanwhile: what the file had when it was opened is in the store that
 * is looked at then, and for heads that the file had not yet it is looked at once more.
 */
#include "ops/plural.h"
#include "store/internal.h"

#include <string.h>

struct verify {
    const struct store *store;
    MDB_txn *txn;
    struct store_journal_head journal;
    struct heads_reader *heads; /* NULL: not looked at */
    const uint8_t *key;         /* NULL until the first head, when nobody said which */
    bool pinned;                /* the caller said which */
    uint8_t first_key[SEAL_KEY_BYTES];
    struct audit_checked *checked;
    uint8_t link[SEAL_HASH_BYTES];
    uint64_t head_at_file_end; /* the first head that the file has not */
    uint64_t unknown_heads;    /* how many it has not */
    struct turret_error *err;
};

/* That the journal's record is the one the head signs. */
static int check_journal_record(struct verify *v, const struct audit_head *head)
{
    struct journal_header header;
    unsigned char name[8];
    MDB_val key = {sizeof name, name}, stored;
    int rc;
    if (head->journal_last == 0)
        return TURRET_OK; /* there was none */
    rows_store_be64(name, head->journal_last);
    rc = head->journal_last > v->journal.last ? MDB_NOTFOUND
                                              : mdb_get(v->txn, v->store->journal, &key, &stored);
    if (rc == MDB_NOTFOUND || (rc == 0 && stored.mv_size < sizeof header))
        return turret_fail(v->err, TURRET_ECORRUPT,
                           "store %s: journal record %llu is missing, which audit record %llu "
                           "signs: the journal's end was cut off",
                           v->store->path, (unsigned long long)head->journal_last,
                           (unsigned long long)head->number);
    if (rc != 0)
        return store_fail(v->store, rc, "reading the journal", v->err);
    memcpy(&header, stored.mv_data, sizeof header);
    if (memcmp(header.hash, head->journal_hash, sizeof header.hash) == 0)
        return TURRET_OK;
    return turret_fail(v->err, TURRET_ECORRUPT,
                       "store %s: journal record %llu is not the one that audit record %llu signs: "
                       "the journal was changed there or before",
                       v->store->path, (unsigned long long)head->journal_last,
                       (unsigned long long)head->number);
}

static int check_head(struct verify *v, const struct audit_header *header,
                      const unsigned char *text)
{
    struct audit_head head;
    bool ended = false;
    int code;
    memcpy(&head, text, sizeof head);
    if (!v->key) {
        memcpy(v->first_key, head.key, sizeof head.key);
        v->key = v->first_key;
    }
    if (memcmp(head.key, v->key, sizeof head.key) != 0)
        return audit_bad(v->store, header->number, "is signed with another key", v->err);
    if (!audit_is_signed(&head))
        return audit_bad(v->store, header->number, "has a wrong signature", v->err);
    if (head.number != header->number || head.time != header->time ||
        head.journal_last != header->sequence ||
        memcmp(head.audit_hash, v->link, sizeof head.audit_hash) != 0)
        return audit_bad(v->store, header->number, "signs another record than the one before it",
                         v->err);
    code = check_journal_record(v, &head);
    if (code == TURRET_OK && v->heads && v->head_at_file_end == 0)
        code = heads_read_next(v->heads, &head, &ended, v->err);
    if (code != TURRET_OK)
        return code;
    if (ended)
        v->head_at_file_end = head.number;
    v->unknown_heads += v->head_at_file_end != 0;
    v->checked->heads++;
    v->checked->head_number = head.number;
    v->checked->head_sequence = head.journal_last;
    return TURRET_OK;
}

static int check_record(struct verify *v, const MDB_val *key, const MDB_val *stored)
{
    uint64_t number = v->checked->records + 1;
    struct audit_header header;
    const unsigned char *text;
    uint8_t link[SEAL_HASH_BYTES];
    const char *wrong;
    if (key->mv_size != 8 || rows_load_be64(key->mv_data) != number)
        return audit_bad(v->store, number, "is missing", v->err);
    wrong = audit_decode(key, stored, &header, &text);
    if (wrong)
        return audit_bad(v->store, number, wrong, v->err);
    seal_link(v->link, &header, AUDIT_LINKED, text, header.text_bytes, link);
    if (memcmp(link, header.link, sizeof link) != 0)
        return audit_bad(v->store, number, "does not continue the chain", v->err);
    if (header.kind == AUDIT_KIND_HEAD) {
        int code = check_head(v, &header, text);
        if (code != TURRET_OK)
            return code;
    }
    memcpy(v->link, link, sizeof v->link);
    v->checked->records++;
    return TURRET_OK;
}

static int check_records(struct verify *v)
{
    MDB_val key, stored;
    MDB_cursor *cursor;
    int code = TURRET_OK, rc;
    rc = mdb_cursor_open(v->txn, v->store->rows[STORE_AUDIT], &cursor);
    if (rc != 0)
        return store_fail(v->store, rc, "reading the audit", v->err);
    rc = mdb_cursor_get(cursor, &key, &stored, MDB_FIRST);
    for (; rc == 0 && code == TURRET_OK; rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT))
        code = check_record(v, &key, &stored);
    mdb_cursor_close(cursor);
    if (code == TURRET_OK && rc != MDB_NOTFOUND)
        code = store_fail(v->store, rc, "reading the audit", v->err);
    return code;
}

static int check_tail(struct verify *v)
{
    const struct audit_checked *checked = v->checked;
    struct audit_tail tail;
    int code = audit_load_tail(v->store, v->txn, &tail, v->err);
    if (code != TURRET_OK)
        return code;
    if (tail.count != checked->records)
        return audit_bad(
            v->store, tail.count < checked->records ? tail.count + 1 : checked->records + 1,
            tail.count < checked->records ? "is beyond the audit's end" : "is missing", v->err);
    if (memcmp(tail.link, v->link, sizeof tail.link) != 0)
        return audit_bad(v->store, tail.count, "is not the one the audit ended with", v->err);
    if (tail.head_number != checked->head_number || tail.head_sequence != checked->head_sequence)
        return audit_bad(v->store, checked->head_number, "is not the newest head, as was noted",
                         v->err);
    return TURRET_OK;
}

static int check_file_end(struct verify *v)
{
    uint64_t number = 0;
    int code = TURRET_OK;
    if (!v->heads->file && v->checked->heads > 0)
        return turret_fail(v->err, TURRET_ECORRUPT,
                           "heads file %s is not there, and store %s has %llu signed %s: name it "
                           "with --heads or -C",
                           v->heads->path, v->store->path, (unsigned long long)v->checked->heads,
                           plural(v->checked->heads, "head", "heads"));
    if (v->unknown_heads > 1) /* one, between a commit and its line */
        return turret_fail(v->err, TURRET_ECORRUPT,
                           "heads file %s lacks %llu heads of the store, the first is audit record "
                           "%llu: its end was cut off, or it is an old copy",
                           v->heads->path, (unsigned long long)v->unknown_heads,
                           (unsigned long long)v->head_at_file_end);
    if (v->unknown_heads == 0)
        code = heads_read_rest(v->heads, &number, v->err);
    if (code == TURRET_OK && number > 0)
        code = turret_fail(v->err, TURRET_ECORRUPT,
                           "store %s has no audit record %llu, a head in line %llu of %s: the "
                           "store lost its end",
                           v->store->path, (unsigned long long)number,
                           (unsigned long long)v->heads->line, v->heads->path);
    return code;
}

static int run(struct verify *v)
{
    int code = journal_load_head(v->store, v->txn, &v->journal, v->err);
    if (code == TURRET_OK && v->journal.first > 1)
        code = turret_fail(v->err, TURRET_ECORRUPT,
                           "store %s: the journal begins with record %llu: those before it were "
                           "taken out",
                           v->store->path, (unsigned long long)v->journal.first);
    if (code == TURRET_OK)
        code = check_records(v);
    if (code == TURRET_OK)
        code = check_tail(v);
    if (code == TURRET_OK && v->heads)
        code = check_file_end(v);
    if (code == TURRET_OK && v->pinned && v->checked->heads == 0)
        code = turret_fail(v->err, TURRET_ECORRUPT,
                           "store %s has no signed head: the audit was taken out of it",
                           v->store->path);
    return code;
}

int store_audit_verify(struct store *store, const char *heads_path, const uint8_t *key,
                       struct audit_checked *checked, struct turret_error *err)
{
    struct heads_reader heads = {.file = NULL, .path = heads_path};
    struct verify v = {.store = store,
                       .heads = heads_path ? &heads : NULL,
                       .pinned = key != NULL,
                       .checked = checked,
                       .err = err};
    int code = seal_start(err);
    memset(checked, 0, sizeof *checked);
    /* the file first: what a daemon adds meanwhile is in the store then, and not the other way */
    if (code == TURRET_OK && heads_path)
        code = heads_read_begin(&heads, heads_path, err);
    v.key = key ? key : heads.file ? heads.key : NULL;
    if (code == TURRET_OK && key && heads.file && memcmp(key, heads.key, SEAL_KEY_BYTES) != 0)
        code = turret_fail(err, TURRET_ECORRUPT, "heads file %s is of another key", heads_path);
    if (code == TURRET_OK)
        code = store_read_begin(store, &v.txn, err);
    if (code == TURRET_OK) {
        code = run(&v);
        mdb_txn_abort(v.txn);
    }
    if (v.key)
        memcpy(checked->key, v.key, sizeof checked->key);
    heads_read_end(&heads);
    return code;
}
