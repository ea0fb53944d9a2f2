/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits bytes into records and fields. A record is copied once into a buffer of fixed size, fields
 * ended by NUL.
 */
#include "research/csv.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES 65536

struct csv {
    struct unpack *unpack;
    char delimiter;
    bool ended;
    uint64_t line; /* of the next byte */
    size_t at, input_bytes;
    size_t used; /* of text */
    char input[INPUT_BYTES];
    char text[CSV_RECORD_MAX + CSV_FIELDS_MAX + 1]; /* every field ends with NUL */
};

const char *csv_name(const struct csv *csv)
{
    return unpack_name(csv->unpack);
}

void csv_position(const struct csv *csv, uint64_t *done_bytes, uint64_t *total_bytes)
{
    unpack_position(csv->unpack, done_bytes, total_bytes);
}

/* The next byte without taking it; -1 at the end. */
static int peek(struct csv *csv, int *byte, struct turret_error *err)
{
    if (csv->at == csv->input_bytes && !csv->ended) {
        csv->at = 0;
        if (unpack_read(csv->unpack, csv->input, sizeof csv->input, &csv->input_bytes, err)) {
            csv->input_bytes = 0;
            return turret_ok(err);
        }
        csv->ended = csv->input_bytes == 0;
    }
    *byte = csv->ended ? -1 : (unsigned char)csv->input[csv->at];
    return TURRET_OK;
}

static char guess_delimiter(const char *text, size_t size_bytes)
{
    bool tab = false, semicolon = false, some = false;
    for (size_t i = 0; i < size_bytes && !((text[i] == '\n' || text[i] == '\r') && some); i++) {
        tab = tab || text[i] == '\t';
        semicolon = semicolon || text[i] == ';';
        some = some || (text[i] != '\n' && text[i] != '\r');
    }
    return tab ? '\t' : semicolon ? ';' : ',';
}

/* Fills the input for the first time: byte order marks and the delimiter. */
static int begin(struct csv *csv, struct turret_error *err)
{
    const unsigned char *input = (const unsigned char *)csv->input;
    csv->line = 1;
    while (csv->input_bytes < 3 && !csv->ended) {
        size_t got;
        if (unpack_read(csv->unpack, csv->input + csv->input_bytes,
                        sizeof csv->input - csv->input_bytes, &got, err))
            return turret_ok(err);
        csv->input_bytes += got;
        csv->ended = got == 0;
    }
    csv->ended = csv->input_bytes == 0;
    if (csv->input_bytes >= 2 &&
        ((input[0] == 0xff && input[1] == 0xfe) || (input[0] == 0xfe && input[1] == 0xff)))
        return turret_fail(err, TURRET_EINVAL, "%s: is UTF-16; convert it to UTF-8 first",
                           csv_name(csv));
    if (csv->input_bytes >= 3 && !memcmp(input, "\xef\xbb\xbf", 3))
        csv->at = 3;
    if (!csv->delimiter)
        csv->delimiter = guess_delimiter(csv->input + csv->at, csv->input_bytes - csv->at);
    return TURRET_OK;
}

int csv_open(struct csv **out, const char *path, char delimiter, const volatile sig_atomic_t *stop,
             struct turret_error *err)
{
    struct turret_error own = {0};
    struct csv *csv = calloc(1, sizeof *csv);
    err = err ? err : &own;
    *out = NULL;
    if (!csv)
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory", path);
    csv->delimiter = delimiter;
    if (unpack_open(&csv->unpack, path, stop, err) || begin(csv, err)) {
        csv_close(csv);
        return turret_ok(err);
    }
    *out = csv;
    return TURRET_OK;
}

static int keep(struct csv *csv, int byte, struct turret_error *err)
{
    if (byte == 0)
        return turret_fail(err, TURRET_EINVAL, "%s:%llu: has a NUL byte; expected text",
                           csv_name(csv), (unsigned long long)csv->line);
    if (csv->used >= CSV_RECORD_MAX)
        return turret_fail(err, TURRET_EINVAL, "%s:%llu: record is longer than %d bytes",
                           csv_name(csv), (unsigned long long)csv->line, CSV_RECORD_MAX);
    csv->text[csv->used++] = (char)byte;
    return TURRET_OK;
}

/* What stands between quotes; the opening one is taken. */
static int read_quoted(struct csv *csv, uint64_t line, struct turret_error *err)
{
    for (;;) {
        int byte = 0;
        if (peek(csv, &byte, err))
            return turret_ok(err);
        if (byte < 0)
            return turret_fail(err, TURRET_EINVAL, "%s:%llu: quote is not closed", csv_name(csv),
                               (unsigned long long)line);
        csv->at++;
        csv->line += byte == '\n';
        if (byte == '"') {
            int next = 0;
            if (peek(csv, &next, err))
                return turret_ok(err);
            if (next != '"')
                return TURRET_OK;
            csv->at++;
        }
        if (keep(csv, byte, err))
            return turret_ok(err);
    }
}

/*
 * One field into text, trimmed; leaves the delimiter or line end unread and answers it in *end
 * (-1 at the end of the file).
 */
static int read_field(struct csv *csv, int *end, struct turret_error *err)
{
    size_t first = csv->used, solid = csv->used; /* solid: end of what must not be trimmed */
    uint64_t line = csv->line;
    bool quoted = false;
    for (;;) {
        int byte = 0;
        if (peek(csv, &byte, err))
            return turret_ok(err);
        if (byte < 0 || byte == csv->delimiter || byte == '\n' || byte == '\r') {
            *end = byte;
            break;
        }
        csv->at++;
        if (byte == '"' && !quoted && csv->used == first) {
            if (read_quoted(csv, line, err))
                return turret_ok(err);
            quoted = true;
            solid = csv->used;
        } else if ((byte == ' ' || byte == '\t') && (quoted || csv->used == first)) {
            continue; /* before the text, or behind the quotes */
        } else if (keep(csv, byte, err)) {
            return turret_ok(err);
        }
        if (byte != ' ' && byte != '\t')
            solid = csv->used;
    }
    csv->used = solid;
    csv->text[csv->used++] = '\0';
    return TURRET_OK;
}

/* Takes a line end: LF, CRLF or CR. */
static int end_line(struct csv *csv, struct turret_error *err)
{
    int byte = 0;
    if (peek(csv, &byte, err))
        return turret_ok(err);
    if (byte == '\r') {
        csv->at++;
        if (peek(csv, &byte, err))
            return turret_ok(err);
    }
    if (byte == '\n')
        csv->at++;
    csv->line++;
    return TURRET_OK;
}

static int read_record(struct csv *csv, struct csv_record *record, struct turret_error *err)
{
    size_t starts[CSV_FIELDS_MAX];
    int end = 0;
    record->line = csv->line;
    record->count = 0;
    csv->used = 0;
    do {
        if (record->count == CSV_FIELDS_MAX)
            return turret_fail(err, TURRET_EINVAL, "%s:%llu: record has more than %d fields",
                               csv_name(csv), (unsigned long long)csv->line, CSV_FIELDS_MAX);
        starts[record->count++] = csv->used;
        if (read_field(csv, &end, err))
            return turret_ok(err);
        csv->at += end == csv->delimiter;
    } while (end == csv->delimiter);
    for (uint32_t i = 0; i < record->count; i++)
        record->field[i] = csv->text + starts[i];
    return end < 0 ? TURRET_OK : end_line(csv, err);
}

int csv_next(struct csv *csv, struct csv_record *record, struct turret_error *err)
{
    struct turret_error own = {0};
    err = err ? err : &own;
    for (;;) {
        int byte = 0;
        if (peek(csv, &byte, err))
            return turret_ok(err);
        if (byte < 0)
            return 0;
        if (read_record(csv, record, err))
            return turret_ok(err);
        if (record->count > 1 || record->field[0][0])
            return 1;
    }
}

void csv_close(struct csv *csv)
{
    if (!csv)
        return;
    unpack_close(csv->unpack);
    free(csv);
}
