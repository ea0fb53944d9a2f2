/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars in a CSV file, row by row: which column is what, in which form the times are, and whether a
 * row can be a bar. Values stay exact decimals; barset.h turns them into a series' integers.
 */
#ifndef RESEARCH_BARFILE_H
#define RESEARCH_BARFILE_H

#include "research/csv.h"
#include "research/when.h"

#define BARFILE_VALUES 5

enum barfile_value { BAR_OPEN, BAR_HIGH, BAR_LOW, BAR_CLOSE, BAR_VOLUME };

/* "open" … "volume" */
extern const char *const barfile_value_names[BARFILE_VALUES];

struct barfile_format {
    const char *columns; /* "time=1,open=2,…" or "time=Date+Time,open=Open,…"; NULL: automatic */
    char delimiter;      /* 0: automatic */
    bool no_header;
    bool date_given;        /* time.date is said by the caller, not by the file's name */
    int32_t price_decimals; /* added to every price: 4 when the file holds price × 10000 */
    /* Rows that open outside [from, to) of the day are passed over; to below from: over midnight.
     */
    bool hours_given;
    int32_t from_s, to_s; /* of the day in the zone of zone_use() when `time` is zoned, else UTC */
    struct when_format time;
};

/* A checked row: prices above 0, high the highest, low the lowest, volume not below 0. */
struct barfile_row {
    turret_time_ns time;
    int64_t digits[BARFILE_VALUES]; /* with decimals[]: struct decimal, packed */
    int32_t day;
    uint32_t line;
    uint8_t decimals[BARFILE_VALUES];
    bool twice;
};

struct barfile;

/*
 * Opens a file and finds its columns: as `columns` says; by a header's names (date, time,
 * timestamp, datetime, open, high, low, close, volume in any case); else in the order time, open,
 * high, low, close, volume. Volume may be missing: 0.
 *
 * owns:  *out until barfile_close(); format and path are borrowed that long
 * fails: as csv_open(); EINVAL columns cannot be told (text says how to name them)
 */
int barfile_open(struct barfile **out, const char *path, const struct barfile_format *format,
                 const volatile sig_atomic_t *stop, struct turret_error *err);

#define BARFILE_BAD_ROW 2
/*
 * Answers 1 with a row; 0 at the end; BARFILE_BAD_ROW when this row is no bar: *err says
 * "file:line: …", is to be cleared, and reading may go on.
 * fails: as csv_next(); reading cannot go on
 */
int barfile_next(struct barfile *file, struct barfile_row *row, struct turret_error *err);
const char *barfile_name(const struct barfile *file);
uint64_t barfile_outside(const struct barfile *file); /* rows passed over so far */
void barfile_position(const struct barfile *file, uint64_t *done_bytes, uint64_t *total_bytes);
void barfile_close(struct barfile *file); /* NULL is allowed */

#endif
