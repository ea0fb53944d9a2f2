/* SPDX-License-Identifier: Apache-2.0 */
/* What audit_tamper.c and audit_changes.c share: the store's records as they are and as changed. */
#ifndef TESTS_AUDIT_TAMPER_H
#define TESTS_AUDIT_TAMPER_H

#include "store/internal.h"

#define RECORDS  24u /* of each chain before heads */
#define GROUP    6u  /* in a commit, which ends with a head */
#define ROWS_MAX 64u
#define ROW_MAX  512u
#define FILE_MAX 8192u

/* A row as LMDB has it, or, of the audit, the record in it. */
struct row_bytes {
    unsigned char bytes[ROW_MAX];
    size_t size_bytes;
};

struct image {
    struct row_bytes audit[ROWS_MAX], journal[ROWS_MAX]; /* records; rows */
    uint32_t audit_count, journal_count;
    struct audit_tail tail;
    struct journal_head_row head;
    char file[FILE_MAX];
    size_t file_bytes;
};

/* ---- audit_tamper.c ---- */
extern struct store *store;
extern struct image now;       /* as it is changed */
extern struct seal_key *other; /* somebody else's */

void stop(const char *what) __attribute__((noreturn));
void must(int code, const struct turret_error *err);
uint32_t draw(uint32_t below);
/* Puts it in place, but for the heads file. */
void save(const struct image *image);
/* A byte of a row as it is stored, its checksum left as it was. */
void spoil(MDB_dbi table, uint32_t index, size_t at, unsigned char by);

/* ---- audit_changes.c ---- */
/* The kinds of changes; one that ends with a save() of its own answers true. Ends with NULL. */
struct change_kind {
    const char *name;
    bool (*change)(void);
};
extern const struct change_kind change_kinds[];

#endif
