/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times as files write them, to nanoseconds since the epoch, and back to ISO 8601.
 */
#ifndef RESEARCH_WHEN_H
#define RESEARCH_WHEN_H

#include <turret/core.h>

#include <stdbool.h>

#define WHEN_PATTERN_MAX 64
#define WHEN_TEXT_MAX    40

enum when_kind {
    WHEN_AUTO, /* ISO 8601 in its usual forms, yyyymmdd, yyyymmdd hh:mm[:ss] */
    WHEN_EPOCH,
    WHEN_MIDNIGHT_MS, /* milliseconds since the midnight that begins `date` */
    WHEN_PATTERN
};

struct when_format {
    enum when_kind kind;
    int64_t epoch_unit_ns;
    int32_t date; /* days since the epoch, of MIDNIGHT_MS */
    bool zoned;   /* times without an offset are in the zone of zone_use(), not UTC */
    char pattern[WHEN_PATTERN_MAX];
};

/* A moment, and the calendar day the file meant: days since the epoch, in the file's own zone. */
struct when {
    turret_time_ns time;
    int32_t day;
    bool twice; /* the local time occurs twice; the earlier was taken */
};

/*
 * iso, yyyymmdd, "yyyymmdd hh:mm", epoch_s, epoch_ms, epoch_us, epoch_ns, midnight_ms, auto, or a
 * pattern of %Y %y %m %d %b %H %I %p %M %S %f %z %% and literal text. Sets kind, unit and pattern.
 * fails: EINVAL
 */
int when_format_set(struct when_format *format, const char *text, struct turret_error *err);
/* "2013-10-07" to days since the epoch. fails: EINVAL */
int when_parse_date(const char *text, int32_t *day, struct turret_error *err);
/* fails: EINVAL (text begins with the value and says what is expected) */
int when_parse(const struct when_format *format, const char *text, struct when *when,
               struct turret_error *err);
/* "2013-10-07T13:30:00Z", with a fraction only when there is one. Room: WHEN_TEXT_MAX. */
void when_print(turret_time_ns time, char *text, size_t room);

#endif
