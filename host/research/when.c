/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One small pattern reader serves every format: the automatic one tries the patterns of a table.
 * Calendar arithmetic counts days from 1 March, so that the leap day is the last of its year.
 */
#include "research/when.h"

#include "research/zone.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define SECOND_NS INT64_C(1000000000)
#define DAY_S     86400
#define YEAR_MIN  1678 /* what 64 bits of nanoseconds reach */
#define YEAR_MAX  2261

struct parts {
    int64_t year, month, day, hour, minute, second, nanos, offset_s;
    bool offset_known, twelve, afternoon;
};

static const char month_names[12][4] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};

/* Tried in this order. A space stands for any run of spaces or one T. */
static const char *const auto_patterns[] = {
    "%Y-%m-%d",         "%Y-%m-%d %H:%M:%S%f%z", "%Y-%m-%d %H:%M%z",      "%Y%m%d",
    "%Y%m%d %H:%M%z",   "%Y%m%d %H:%M:%S%f%z",   "%Y%m%d %H%M%S%f%z",     "%Y%m%d %H%M%z",
    "%Y/%m/%d",         "%Y/%m/%d %H:%M%z",      "%Y/%m/%d %H:%M:%S%f%z", "%Y.%m.%d",
    "%Y.%m.%d %H:%M%z", "%Y.%m.%d %H:%M:%S%f%z",
};

static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    int64_t from_march = (month + 9) % 12;
    int64_t y = year - (month <= 2), era = y / 400, of_era = y % 400;
    int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    int64_t z = days + 719468, era = z / 146097, of_era = z % 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    *day = of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = y + era * 400 + (*month <= 2);
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    int64_t next_year = year + (month == 12), next = month == 12 ? 1 : month + 1;
    return days_from_civil(next_year, next, 1) - days_from_civil(year, month, 1);
}

/* At least `min` and at most `max` digits; NULL when there are fewer. */
static const char *read_digits(const char *at, int min, int max, int64_t *value)
{
    int count = 0;
    *value = 0;
    for (; count < max && *at >= '0' && *at <= '9'; count++)
        *value = *value * 10 + (*at++ - '0');
    return count >= min ? at : NULL;
}

/* ".123456": any number of digits, those beyond nanoseconds dropped. Nothing at all is fine. */
static const char *read_fraction(const char *at, int64_t *nanos)
{
    int64_t unit = SECOND_NS;
    *nanos = 0;
    if (*at != '.' && *at != ',')
        return at;
    for (at++; *at >= '0' && *at <= '9'; at++) {
        unit /= 10;
        *nanos += unit * (*at - '0');
    }
    return at;
}

/* "Z", "+02:00", "-0500", " +01"; nothing at all is fine. */
static const char *read_offset(const char *at, struct parts *parts)
{
    int64_t hours, minutes = 0;
    const char *sign = at + (*at == ' ');
    if (*at == 'Z' || *at == 'z') {
        parts->offset_known = true;
        return at + 1;
    }
    if (*sign != '+' && *sign != '-')
        return at;
    at = read_digits(sign + 1, 2, 2, &hours);
    if (!at)
        return NULL;
    at += *at == ':';
    if (*at) {
        at = read_digits(at, 2, 2, &minutes);
        if (!at || hours > 18 || minutes > 59)
            return NULL;
    }
    parts->offset_known = true;
    parts->offset_s = (hours * 3600 + minutes * 60) * (*sign == '-' ? -1 : 1);
    return at;
}

static const char *read_month_name(const char *at, int64_t *month)
{
    for (int64_t i = 0; i < 12; i++) {
        if (!strncasecmp(at, month_names[i], 3)) {
            *month = i + 1;
            return at + 3;
        }
    }
    return NULL;
}

/* tight: no separator around it, so both digits have to be there. */
static const char *read_part(char letter, const char *at, struct parts *parts, bool tight)
{
    int min = tight ? 2 : 1;
    switch (letter) {
    case 'Y':
        return read_digits(at, 4, 4, &parts->year);
    case 'y':
        at = read_digits(at, 2, 2, &parts->year);
        parts->year += parts->year < 69 ? 2000 : 1900; /* as POSIX has it */
        return at;
    case 'm':
        return read_digits(at, min, 2, &parts->month);
    case 'd':
        return read_digits(at, min, 2, &parts->day);
    case 'b':
        return read_month_name(at, &parts->month);
    case 'I':
        parts->twelve = true;
        return read_digits(at, min, 2, &parts->hour);
    case 'H':
        return read_digits(at, min, 2, &parts->hour);
    case 'M':
        return read_digits(at, 2, 2, &parts->minute);
    case 'S':
        return read_digits(at, 2, 2, &parts->second);
    case 'f':
        return read_fraction(at, &parts->nanos);
    case 'z':
        return read_offset(at, parts);
    case 'p':
        parts->afternoon = *at == 'P' || *at == 'p';
        return (parts->afternoon || *at == 'A' || *at == 'a') && (at[1] == 'M' || at[1] == 'm')
                   ? at + 2
                   : NULL;
    default:
        return *at == letter ? at + 1 : NULL;
    }
}

static bool read_pattern(const char *pattern, const char *at, struct parts *parts)
{
    const char *behind = NULL; /* where the conversion before this one ended */
    memset(parts, 0, sizeof *parts);
    parts->month = parts->day = 1;
    for (; *pattern && at; pattern++) {
        if (*pattern == '%' && pattern[1]) {
            bool tight = behind == pattern || pattern[2] == '%';
            at = read_part(*++pattern, at, parts, tight);
            behind = pattern + 1;
        } else if (*pattern == ' ') {
            if (*at != ' ' && *at != 'T' && *at != '\t')
                return false;
            for (at++; *at == ' '; at++)
                ;
        } else {
            at = *at == *pattern ? at + 1 : NULL;
        }
    }
    return at && !*at;
}

static bool parts_valid(struct parts *parts)
{
    if (parts->twelve) {
        if (parts->hour < 1 || parts->hour > 12)
            return false;
        parts->hour = parts->hour % 12 + (parts->afternoon ? 12 : 0);
    }
    return parts->year >= YEAR_MIN && parts->year <= YEAR_MAX && parts->month >= 1 &&
           parts->month <= 12 && parts->day >= 1 &&
           parts->day <= days_in_month(parts->year, parts->month) && parts->hour <= 23 &&
           parts->minute <= 59 && parts->second <= 59;
}

/* Seconds of a wall clock to a moment, by the offset in the text, the zone or UTC. */
static int place(const struct when_format *format, const char *text, int64_t local_s, int64_t nanos,
                 const struct parts *parts, struct when *when, struct turret_error *err)
{
    int64_t utc_s = local_s;
    when->twice = false;
    when->day = (int32_t)(local_s / DAY_S - (local_s % DAY_S < 0));
    if (parts && parts->offset_known)
        utc_s = local_s - parts->offset_s;
    else if (format->zoned && zone_to_utc(local_s, &utc_s, &when->twice))
        return turret_fail(err, TURRET_EINVAL,
                           "'%.40s' does not exist in that time zone: the clocks were set forward",
                           text);
    when->time = utc_s * SECOND_NS + nanos;
    return TURRET_OK;
}

static int parse_parts(const struct when_format *format, const char *text, struct when *when,
                       struct turret_error *err)
{
    size_t count = sizeof auto_patterns / sizeof auto_patterns[0];
    struct parts parts;
    bool read = false;
    if (format->kind == WHEN_PATTERN)
        read = read_pattern(format->pattern, text, &parts);
    else
        for (size_t i = 0; i < count && !read; i++)
            read = read_pattern(auto_patterns[i], text, &parts);
    if (!read && format->kind == WHEN_PATTERN)
        return turret_fail(err, TURRET_EINVAL, "'%.40s' does not have the form '%s'", text,
                           format->pattern);
    if (!read)
        return turret_fail(err, TURRET_EINVAL,
                           "'%.40s' is not a time such as 2013-10-07T13:30:00Z; say the form with "
                           "--time-format",
                           text);
    if (!parts_valid(&parts))
        return turret_fail(err, TURRET_EINVAL, "'%.40s' is not a time that exists", text);
    return place(format, text,
                 days_from_civil(parts.year, parts.month, parts.day) * DAY_S + parts.hour * 3600 +
                     parts.minute * 60 + parts.second,
                 parts.nanos, &parts, when, err);
}

static int parse_number(const struct when_format *format, const char *text, struct when *when,
                        struct turret_error *err)
{
    bool negative = *text == '-';
    int64_t value, unit_ns = format->epoch_unit_ns;
    const char *end = read_digits(text + negative, 1, 18, &value);
    if (end && *end >= '0' && *end <= '9' && unit_ns == 1 &&
        !__builtin_mul_overflow(value, INT64_C(10), &value) &&
        !__builtin_add_overflow(value, (int64_t)(*end - '0'), &value))
        end++;
    /* Programs that write floats append ".0". */
    if (end && end[0] == '.' && end[1] == '0' && !end[2])
        end += 2;
    if (!end || *end || __builtin_mul_overflow(value, unit_ns, &value))
        return turret_fail(err, TURRET_EINVAL, "'%.40s' is not a whole number of time units", text);
    value = negative ? -value : value;
    if (format->kind == WHEN_MIDNIGHT_MS) {
        if (value < 0 || value >= DAY_S * SECOND_NS)
            return turret_fail(err, TURRET_EINVAL,
                               "'%.40s' is not milliseconds since midnight: 0 to 86399999", text);
        return place(format, text, (int64_t)format->date * DAY_S + value / SECOND_NS,
                     value % SECOND_NS, NULL, when, err);
    }
    when->time = value;
    when->twice = false;
    when->day = (int32_t)(value / (DAY_S * SECOND_NS) - (value % (DAY_S * SECOND_NS) < 0));
    return TURRET_OK;
}

int when_parse(const struct when_format *format, const char *text, struct when *when,
               struct turret_error *err)
{
    if (format->kind == WHEN_EPOCH || format->kind == WHEN_MIDNIGHT_MS)
        return parse_number(format, text, when, err);
    return parse_parts(format, text, when, err);
}

static int set_pattern(struct when_format *format, const char *text, struct turret_error *err)
{
    for (const char *at = text; (at = strchr(at, '%')); at += 2)
        if (!at[1] || !strchr("YymdbHIpMSfz%", at[1]))
            return turret_fail(err, TURRET_EINVAL,
                               "time format '%.60s' has '%.2s'; expected %%Y %%y %%m %%d %%b %%H "
                               "%%I %%p %%M %%S %%f %%z",
                               text, at);
    if (strlen(text) >= sizeof format->pattern)
        return turret_fail(err, TURRET_EINVAL, "time format '%.20s...' is longer than %zu", text,
                           sizeof format->pattern - 1);
    format->kind = WHEN_PATTERN;
    memcpy(format->pattern, text, strlen(text) + 1);
    return TURRET_OK;
}

int when_format_set(struct when_format *format, const char *text, struct turret_error *err)
{
    static const struct {
        const char *name;
        enum when_kind kind;
        int64_t unit_ns;
        const char *pattern;
    } rows[] = {
        {"auto", WHEN_AUTO, 0, NULL},
        {"iso", WHEN_AUTO, 0, NULL},
        {"yyyymmdd", WHEN_PATTERN, 0, "%Y%m%d"},
        {"yyyymmdd hh:mm", WHEN_PATTERN, 0, "%Y%m%d %H:%M"},
        {"epoch_s", WHEN_EPOCH, SECOND_NS, NULL},
        {"epoch_ms", WHEN_EPOCH, 1000000, NULL},
        {"epoch_us", WHEN_EPOCH, 1000, NULL},
        {"epoch_ns", WHEN_EPOCH, 1, NULL},
        {"midnight_ms", WHEN_MIDNIGHT_MS, 1000000, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcasecmp(rows[i].name, text) != 0)
            continue;
        format->kind = rows[i].kind;
        format->epoch_unit_ns = rows[i].unit_ns;
        return rows[i].pattern ? set_pattern(format, rows[i].pattern, err) : TURRET_OK;
    }
    if (strchr(text, '%'))
        return set_pattern(format, text, err);
    return turret_fail(err, TURRET_EINVAL,
                       "time format '%.60s' is not known; expected auto, iso, yyyymmdd, "
                       "'yyyymmdd hh:mm', epoch_s, epoch_ms, epoch_us, epoch_ns, midnight_ms or a "
                       "pattern such as '%%d/%%m/%%Y %%H:%%M'",
                       text);
}

int when_parse_date(const char *text, int32_t *day, struct turret_error *err)
{
    struct parts parts;
    if ((!read_pattern("%Y-%m-%d", text, &parts) && !read_pattern("%Y%m%d", text, &parts)) ||
        !parts_valid(&parts))
        return turret_fail(err, TURRET_EINVAL, "'%.40s' is not a date such as 2013-10-07", text);
    *day = (int32_t)days_from_civil(parts.year, parts.month, parts.day);
    return TURRET_OK;
}

void when_print(turret_time_ns time, char *text, size_t room)
{
    int64_t second = time / SECOND_NS, nanos = time % SECOND_NS, days, year, month, day;
    int used;
    if (nanos < 0) {
        nanos += SECOND_NS;
        second--;
    }
    days = second / DAY_S - (second % DAY_S < 0);
    second -= days * DAY_S;
    civil_from_days(days, &year, &month, &day);
    used =
        snprintf(text, room,
                 "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64,
                 year, month, day, second / 3600, second / 60 % 60, second % 60);
    if (nanos && used > 0 && (size_t)used < room) {
        char fraction[16];
        size_t length = (size_t)snprintf(fraction, sizeof fraction, ".%09" PRId64, nanos);
        while (length && fraction[length - 1] == '0')
            fraction[--length] = '\0';
        used += snprintf(text + used, room - (size_t)used, "%s", fraction);
    }
    if (used > 0 && (size_t)used + 1 < room)
        memcpy(text + used, "Z", 2);
}
