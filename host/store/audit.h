/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit: what people and the host decided, one record each, in a chain of its own beside the
 * journal (docs/audit.md). A record is written in the transaction of what it tells of. Every
 * AUDIT_HEAD_RECORDS records, and when a batch asks for it, the commit ends with a signed head: a
 * record that says how both chains stood, signed with the store's key. Every head is also a line of
 * the heads file, which may lie on another machine.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/seal.h"
#include "store/store.h"

#define AUDIT_TEXT_MAX     8192 /* bytes of a record's text */
#define AUDIT_HEAD_RECORDS 1000
#define AUDIT_KIND_HEAD    0 /* a signed head; the other kinds are the session's */

struct audit_record {
    uint64_t number;     /* 1, 2, 3 … without gaps; given by the commit */
    turret_time_ns time; /* Unix time */
    uint64_t sequence;   /* newest journal record when it was written */
    uint16_t kind;
    uint32_t text_bytes;
    const char *text; /* borrowed; of a head: struct audit_head */
};

/* What a head says. Signed is everything before the signature. */
struct audit_head {
    uint64_t number; /* of its own record */
    turret_time_ns time;
    uint64_t journal_last;                 /* newest record of the journal … */
    uint8_t journal_hash[SEAL_HASH_BYTES]; /* … and its link */
    uint8_t audit_hash[SEAL_HASH_BYTES];   /* link of the audit record before this one */
    uint8_t key[SEAL_KEY_BYTES];           /* public */
    uint8_t signature[SEAL_SIGNATURE_BYTES];
};

/* Adds a record. fails: EFULL no room in the batch; EINVAL the text is longer than AUDIT_TEXT_MAX
 */
int store_batch_audit(struct store_batch *batch, const struct audit_record *record);
/* The commit ends with a signed head, unless nothing came since the last one. fails: EFULL */
int store_batch_head(struct store_batch *batch, turret_time_ns time);

/*
 * From here on commits sign. The key is made when the store has no head yet. The heads file is made
 * when it is not there; heads it lacks are added and counted in *added: one after a crash, more
 * when somebody took them away.
 *
 * when:  the store is open for writing, before its first commit with audit records
 * fails: ENOTFOUND the key is gone; EDENIED others can read it; ECORRUPT the key is another one, or
 *        the heads file has heads that the store has not: the store lost its end; EIO, EFULL
 */
int store_audit_open(struct store *store, const char *key_path, const char *heads_path,
                     uint64_t *added, struct turret_error *err);

/* Return non-zero from the callback to stop. */
typedef int store_audit_fn(void *context, const struct audit_record *record);
/* Records from number `from` on, oldest first, checksums checked. fails: ECORRUPT names one */
int store_audit_read(struct store *store, uint64_t from, store_audit_fn *each, void *context,
                     struct turret_error *err);

struct audit_checked {
    uint64_t records, heads;
    uint64_t head_number;   /* newest head: this record and all before it are signed … */
    uint64_t head_sequence; /* … and so is the journal up to here; 0: there is no head */
    uint8_t key[SEAL_KEY_BYTES];
};
/*
 * Checks every record, every link, every signature, that the journal still is the one signed, and
 * that the heads file has the same heads. `heads_path` NULL: it is not looked at. `key` NULL: the
 * one in the heads file's first line; without that file the first head's own.
 *
 * fails: ECORRUPT names the first thing that does not fit
 */
int store_audit_verify(struct store *store, const char *heads_path, const uint8_t *key,
                       struct audit_checked *checked, struct turret_error *err);

#endif
