/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values, one record after the other: quoted fields (RFC 4180, "" is a quote, line
 * breaks inside quotes count), CRLF or LF, a byte order mark, blank lines skipped. The delimiter is
 * given or told by the first line: a tab if it has one, then a semicolon, else a comma.
 */
#ifndef RESEARCH_CSV_H
#define RESEARCH_CSV_H

#include "research/unpack.h"

#include <stdbool.h>

#define CSV_FIELDS_MAX 256
#define CSV_RECORD_MAX 65536 /* bytes of one record */

struct csv;

/* Fields of one record, trimmed of spaces outside quotes. Borrowed until the next csv_next(). */
struct csv_record {
    uint64_t line; /* where it begins, from 1 */
    uint32_t count;
    const char *field[CSV_FIELDS_MAX];
};

/* delimiter 0: told by the first line. fails: as unpack_open(); EINVAL UTF-16 */
int csv_open(struct csv **out, const char *path, char delimiter, const volatile sig_atomic_t *stop,
             struct turret_error *err);
/*
 * Answers 1 with a record, 0 at the end.
 * fails: as unpack_read(); EINVAL a quote that is not closed, a NUL byte, a record beyond the
 *        limits above (text says file and line); the file cannot be read further then
 */
int csv_next(struct csv *csv, struct csv_record *record, struct turret_error *err);
const char *csv_name(const struct csv *csv);
void csv_position(const struct csv *csv, uint64_t *done_bytes, uint64_t *total_bytes);
void csv_close(struct csv *csv); /* NULL is allowed */

#endif
