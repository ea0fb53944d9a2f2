/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the columns once, then checks row after row. The first mistake of a row is the one told.
 */
#include "research/barfile.h"

#include "ops/suggest.h"
#include "research/decimal.h"
#include "research/zone.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMN_TIME        BARFILE_VALUES
#define COLUMN_TIME_OF_DAY (BARFILE_VALUES + 1)
#define COLUMNS            (BARFILE_VALUES + 2)
#define COLUMN_TEXT_MAX    64
#define DAY_S              86400

static const char hint[] =
    "name the columns with --columns time=1,open=2,high=3,low=4,close=5,volume=6";

const char *const barfile_value_names[BARFILE_VALUES] = {"open", "high", "low", "close", "volume"};

struct barfile {
    struct csv *csv;
    const struct barfile_format *format;
    struct when_format time;
    uint32_t column[COLUMNS]; /* field number from 1; 0 = there is none */
    bool pending;             /* the first record is a row and was read already */
    uint64_t outside;         /* rows that opened outside the hours wanted */
    struct csv_record record;
};

const char *barfile_name(const struct barfile *file)
{
    return csv_name(file->csv);
}

uint64_t barfile_outside(const struct barfile *file)
{
    return file->outside;
}

void barfile_position(const struct barfile *file, uint64_t *done_bytes, uint64_t *total_bytes)
{
    csv_position(file->csv, done_bytes, total_bytes);
}

static uint32_t find_field(const struct csv_record *record, const char *name)
{
    for (uint32_t i = 0; i < record->count; i++)
        if (!strcasecmp(record->field[i], name))
            return i + 1;
    return 0;
}

static bool is_decimal(const char *text)
{
    struct decimal value;
    return decimal_parse(text, &value, NULL) == TURRET_OK;
}

/* "3" → 3; 0 when it is a name. */
static uint32_t column_number(const char *text)
{
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9' && number <= CSV_FIELDS_MAX; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return *text ? 0 : number;
}

/* One column of the specification, by number or by the header's name. */
static int resolve_column(struct barfile *file, int column, const char *wanted, bool *by_name,
                          struct turret_error *err)
{
    uint32_t number = column_number(wanted);
    const char *near = NULL;
    if (!number) {
        *by_name = true;
        number = find_field(&file->record, wanted);
        near = suggest_nearest(wanted, file->record.field, file->record.count);
    }
    if (!number && file->format->no_header)
        return turret_fail(err, TURRET_EINVAL,
                           "--columns names '%s', but --no-header says there are no names; use "
                           "numbers from 1",
                           wanted);
    if (!number)
        return turret_fail(err, TURRET_EINVAL, "%s:%llu: no column '%s' in the header%s%s%s",
                           barfile_name(file), (unsigned long long)file->record.line, wanted,
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    if (number > file->record.count)
        return turret_fail(err, TURRET_EINVAL, "%s:%llu: --columns wants field %u, the row has %u",
                           barfile_name(file), (unsigned long long)file->record.line, number,
                           file->record.count);
    file->column[column] = number;
    return TURRET_OK;
}

/* "open=2" or "time=Date+Time" */
static int read_column_spec(struct barfile *file, char *item, bool *by_name,
                            struct turret_error *err)
{
    char *value = strchr(item, '='), *second = NULL;
    int column = COLUMNS;
    if (value)
        *value++ = '\0';
    if (!strcasecmp(item, "time"))
        column = COLUMN_TIME;
    for (int i = 0; i < BARFILE_VALUES; i++)
        if (!strcasecmp(item, barfile_value_names[i]))
            column = i;
    if (!value || !*value || column == COLUMNS)
        return turret_fail(err, TURRET_EINVAL,
                           "--columns has '%s'; expected time, open, high, low, close or volume, "
                           "'=' and a column",
                           item);
    if (column == COLUMN_TIME && (second = strchr(value, '+')) && second[1] &&
        !find_field(&file->record, value)) {
        *second++ = '\0';
        if (resolve_column(file, COLUMN_TIME_OF_DAY, second, by_name, err))
            return turret_ok(err);
    }
    return resolve_column(file, column, value, by_name, err);
}

static int columns_by_spec(struct barfile *file, struct turret_error *err)
{
    char spec[1024], *at = spec;
    bool by_name = false;
    size_t length = strlen(file->format->columns);
    if (length >= sizeof spec)
        return turret_fail(err, TURRET_EINVAL, "--columns is longer than %zu", sizeof spec - 1);
    memcpy(spec, file->format->columns, length + 1);
    while (at) {
        char *comma = strchr(at, ',');
        if (comma)
            *comma++ = '\0';
        if (read_column_spec(file, at, &by_name, err))
            return turret_ok(err);
        at = comma;
    }
    if (!file->column[COLUMN_TIME])
        return turret_fail(err, TURRET_EINVAL, "--columns does not name the column of time");
    for (int i = 0; i < BAR_VOLUME; i++)
        if (!file->column[i])
            return turret_fail(err, TURRET_EINVAL, "--columns does not name the column of %s",
                               barfile_value_names[i]);
    file->pending = !by_name && (file->format->no_header ||
                                 is_decimal(file->record.field[file->column[BAR_OPEN] - 1]));
    return TURRET_OK;
}

/* By the header's names; answers the first thing that is missing, NULL when all is there. */
static const char *columns_by_header(struct barfile *file)
{
    static const char *const moments[] = {"timestamp", "datetime", "date time", "open time",
                                          "open_time", "date",     "time"};
    const struct csv_record *record = &file->record;
    for (int i = 0; i < BARFILE_VALUES; i++)
        file->column[i] = find_field(record, barfile_value_names[i]);
    if (!file->column[BAR_VOLUME])
        file->column[BAR_VOLUME] = find_field(record, "vol");
    for (size_t i = 0; i < sizeof moments / sizeof moments[0] && !file->column[COLUMN_TIME]; i++)
        file->column[COLUMN_TIME] = find_field(record, moments[i]);
    if (file->column[COLUMN_TIME] && file->column[COLUMN_TIME] == find_field(record, "date"))
        file->column[COLUMN_TIME_OF_DAY] = find_field(record, "time");
    for (int i = 0; i < BAR_VOLUME; i++)
        if (!file->column[i])
            return barfile_value_names[i];
    return file->column[COLUMN_TIME] ? NULL : "time";
}

static int columns_by_order(struct barfile *file, const char *missing, struct turret_error *err)
{
    memset(file->column, 0, sizeof file->column);
    file->pending = true;
    if (file->record.count < 5)
        return turret_fail(err, TURRET_EINVAL,
                           "%s:%llu: has %u columns; expected time, open, high, "
                           "low, close and perhaps volume",
                           barfile_name(file), (unsigned long long)file->record.line,
                           file->record.count);
    for (uint32_t i = 0; i < BARFILE_VALUES && i + 2 <= file->record.count; i++) {
        if (missing && !is_decimal(file->record.field[i + 1]))
            return turret_fail(err, TURRET_EINVAL, "%s:%llu: no column '%s' in the header; %s",
                               barfile_name(file), (unsigned long long)file->record.line, missing,
                               hint);
        file->column[i] = i + 2;
    }
    file->column[COLUMN_TIME] = 1;
    return TURRET_OK;
}

/* The first "20131007" or "2013-10-07" in the file's own name. */
static int date_from_name(struct barfile *file, const char *path, struct turret_error *err)
{
    const char *name = strrchr(path, '/');
    for (const char *at = name ? name + 1 : path; *at; at++) {
        for (size_t length = 8; length <= 10; length += 2) {
            char text[11];
            if (strlen(at) < length)
                continue;
            memcpy(text, at, length);
            text[length] = '\0';
            if (when_parse_date(text, &file->time.date, NULL) == TURRET_OK)
                return TURRET_OK;
        }
    }
    return turret_fail(err, TURRET_EINVAL,
                       "%s: times count from midnight, but of which day is neither said by --date "
                       "2013-10-07 nor by the file's name",
                       barfile_name(file));
}

static int begin(struct barfile *file, const char *path, struct turret_error *err)
{
    const char *missing;
    int code = csv_next(file->csv, &file->record, err);
    if (code <= 0)
        return code ? code
                    : turret_fail(err, TURRET_EINVAL, "%s: is empty; expected rows of bars",
                                  barfile_name(file));
    if (file->time.kind == WHEN_MIDNIGHT_MS && !file->format->date_given &&
        date_from_name(file, path, err))
        return turret_ok(err);
    if (file->format->columns)
        return columns_by_spec(file, err);
    missing = file->format->no_header ? NULL : columns_by_header(file);
    return missing || file->format->no_header ? columns_by_order(file, missing, err) : TURRET_OK;
}

int barfile_open(struct barfile **out, const char *path, const struct barfile_format *format,
                 const volatile sig_atomic_t *stop, struct turret_error *err)
{
    struct turret_error own = {0};
    struct barfile *file = calloc(1, sizeof *file);
    err = err ? err : &own;
    *out = NULL;
    if (!file)
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory", path);
    file->format = format;
    file->time = format->time;
    if (csv_open(&file->csv, path, format->delimiter, stop, err) || begin(file, path, err)) {
        barfile_close(file);
        return turret_ok(err);
    }
    *out = file;
    return TURRET_OK;
}

/* Whose turn it is to say "file:line: what". */
static int bad_row(const struct barfile *file, const char *what, const struct turret_error *why,
                   struct turret_error *err)
{
    (void)turret_fail(err, TURRET_EINVAL, "%s:%llu: %s%s%s", barfile_name(file),
                      (unsigned long long)file->record.line, what, why->text[0] ? " " : "",
                      why->text);
    return BARFILE_BAD_ROW;
}

static const char *field(const struct barfile *file, int column)
{
    uint32_t number = file->column[column];
    return number && number <= file->record.count ? file->record.field[number - 1] : NULL;
}

static int read_time(const struct barfile *file, struct when *when, struct turret_error *why)
{
    const char *text = field(file, COLUMN_TIME), *rest = field(file, COLUMN_TIME_OF_DAY);
    char both[2 * COLUMN_TEXT_MAX];
    if (!text)
        return turret_fail(why, TURRET_EINVAL, "is missing: the row has %u fields",
                           file->record.count);
    if (!rest)
        return when_parse(&file->time, text, when, why);
    (void)snprintf(both, sizeof both, "%.60s %.60s", text, rest);
    return when_parse(&file->time, both, when, why);
}

static int read_values(const struct barfile *file, struct decimal *values, int *which,
                       struct turret_error *why)
{
    for (int i = 0; i < BARFILE_VALUES; i++) {
        const char *text = field(file, i);
        *which = i;
        values[i] = (struct decimal){0, 0};
        if (!text && file->column[i])
            return turret_fail(why, TURRET_EINVAL, "is missing: the row has %u fields",
                               file->record.count);
        if (!text)
            continue;
        if (decimal_parse(text, &values[i], why))
            return turret_ok(why);
        if (i != BAR_VOLUME && values[i].digits <= 0)
            return turret_fail(why, TURRET_EINVAL, "'%.40s' is not above 0", text);
        if (i == BAR_VOLUME && values[i].digits < 0)
            return turret_fail(why, TURRET_EINVAL, "'%.40s' is below 0", text);
    }
    return TURRET_OK;
}

/* high and low have to enclose the other prices. */
static int check_range(const struct barfile *file, const struct decimal *values,
                       struct turret_error *why)
{
    for (int i = 0; i < BAR_VOLUME; i++) {
        if (decimal_compare(values[i], values[BAR_HIGH]) > 0)
            return turret_fail(why, TURRET_EINVAL, "high %.40s is below %s %.40s",
                               field(file, BAR_HIGH), barfile_value_names[i], field(file, i));
        if (decimal_compare(values[i], values[BAR_LOW]) < 0)
            return turret_fail(why, TURRET_EINVAL, "low %.40s is above %s %.40s",
                               field(file, BAR_LOW), barfile_value_names[i], field(file, i));
    }
    return TURRET_OK;
}

/* Whether a row opens at a time of day that is not wanted. */
static bool is_outside(const struct barfile_format *format, turret_time_ns time)
{
    int64_t second;
    if (!format->hours_given)
        return false;
    second = time / 1000000000 - (time % 1000000000 < 0);
    if (format->time.zoned)
        second = zone_to_local(second);
    second = (second % DAY_S + DAY_S) % DAY_S;
    if (format->from_s < format->to_s)
        return second < format->from_s || second >= format->to_s;
    return second < format->from_s && second >= format->to_s;
}

/* What is in the row, with the file's divisor applied. */
static void fill_row(const struct barfile *file, const struct when *when,
                     const struct decimal *values, struct barfile_row *row)
{
    row->time = when->time;
    row->day = when->day;
    row->twice = when->twice;
    row->line = (uint32_t)file->record.line;
    for (int i = 0; i < BARFILE_VALUES; i++) {
        int32_t decimals =
            values[i].decimals + (i == BAR_VOLUME ? 0 : file->format->price_decimals);
        row->digits[i] = values[i].digits;
        for (; decimals > 0 && row->digits[i] % 10 == 0; decimals--)
            row->digits[i] /= 10;
        row->decimals[i] = (uint8_t)decimals;
    }
}

int barfile_next(struct barfile *file, struct barfile_row *row, struct turret_error *err)
{
    struct turret_error why;
    struct decimal values[BARFILE_VALUES] = {{0, 0}};
    struct when when = {0};
    int which = 0;
    int code;
    why.code = 0;
    why.text[0] = '\0';
    for (;; file->outside++) {
        code = file->pending ? 1 : csv_next(file->csv, &file->record, err);
        file->pending = false;
        if (code <= 0)
            return code;
        if (read_time(file, &when, &why))
            return bad_row(file, "time", &why, err);
        if (!is_outside(file->format, when.time))
            break;
    }
    if (read_values(file, values, &which, &why))
        return bad_row(file, barfile_value_names[which], &why, err);
    if (check_range(file, values, &why))
        return bad_row(file, "row", &why, err);
    fill_row(file, &when, values, row);
    return 1;
}

void barfile_close(struct barfile *file)
{
    if (!file)
        return;
    csv_close(file->csv);
    free(file);
}
