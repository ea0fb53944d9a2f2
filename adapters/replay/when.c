/* SPDX-License-Identifier: Apache-2.0 */
/* Times, timeframes and decimal numbers from text, in integers. */
#include "when.h"

#include <string.h>

#define SECOND_NS  1000000000LL
#define YEAR_LEAST 1970
#define YEAR_MOST  2261

/* Exactly `digits` decimal digits; moves *text on. Returns 1, or 0. */
static int take_digits(const char **text, int digits, int64_t *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9') {
            return 0;
        }
        *value = *value * 10 + (**text - '0');
    }
    return 1;
}

static int take_char(const char **text, char wanted)
{
    if (**text != wanted) {
        return 0;
    }
    (*text)++;
    return 1;
}

static int is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970-01-01; 0 and *valid = 0 when there is no such day. */
static int64_t days_since_epoch(int64_t year, int64_t month, int64_t day, int *valid)
{
    static const int before[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    *valid = 0;
    if (year < YEAR_LEAST || year > YEAR_MOST || month < 1 || month > 12 || day < 1) {
        return 0;
    }
    int leap = is_leap(year);
    if (day > before[month] - before[month - 1] + (month == 2 && leap)) {
        return 0;
    }
    *valid = 1;
    int64_t past = year - 1;
    int64_t leaps = past / 4 - past / 100 + past / 400 - 477; /* 477 up to 1969 */
    return (year - YEAR_LEAST) * 365 + leaps + before[month - 1] + (month > 2 && leap) + day - 1;
}

/* ".25" after the seconds, up to nine digits. */
static int take_fraction(const char **text, int64_t *fraction_ns)
{
    int64_t unit = SECOND_NS / 10;
    *fraction_ns = 0;
    if (!take_char(text, '.')) {
        return 1;
    }
    if (**text < '0' || **text > '9') {
        return 0;
    }
    for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10) {
        if (unit == 0) {
            return 0;
        }
        *fraction_ns += (**text - '0') * unit;
    }
    return 1;
}

/* "14:30[:05[.25]][Z|+01:00]" up to the end of the text, as ns after midnight UTC. */
static int take_clock(const char *text, int64_t *clock_ns)
{
    int64_t hour, minute, second = 0, fraction = 0, offset = 0, more = 0;
    if (!take_digits(&text, 2, &hour) || !take_char(&text, ':') ||
        !take_digits(&text, 2, &minute) || hour > 23 || minute > 59) {
        return 0;
    }
    if (take_char(&text, ':') &&
        (!take_digits(&text, 2, &second) || second > 59 || !take_fraction(&text, &fraction))) {
        return 0;
    }
    char sign = *text;
    if (sign == '+' || sign == '-') {
        text++;
        if (!take_digits(&text, 2, &offset)) {
            return 0;
        }
        (void)take_char(&text, ':');
        if (!take_digits(&text, 2, &more) || offset > 23 || more > 59) {
            return 0;
        }
        offset = (offset * 60 + more) * (sign == '+' ? 60 : -60);
    } else {
        (void)take_char(&text, 'Z');
    }
    *clock_ns = (hour * 3600 + minute * 60 + second - offset) * SECOND_NS + fraction;
    return *text == '\0';
}

int when_time(const char *text, turret_time_ns *time, int *is_date)
{
    int64_t year, month, day, clock = 0;
    int valid;
    *is_date = 0;
    if (text[0] != '\0' && strspn(text, "0123456789") == strlen(text)) {
        return when_decimal(text, 0, time);
    }
    if (!take_digits(&text, 4, &year) || !take_char(&text, '-') || !take_digits(&text, 2, &month) ||
        !take_char(&text, '-') || !take_digits(&text, 2, &day)) {
        return 0;
    }
    int64_t days = days_since_epoch(year, month, day, &valid);
    if (!valid) {
        return 0;
    }
    if (*text == '\0') {
        *is_date = 1;
    } else if ((*text != 'T' && *text != ' ') || !take_clock(text + 1, &clock)) {
        return 0;
    }
    *time = days * 86400 * SECOND_NS + clock;
    return 1;
}

int when_timeframe(const char *text, int64_t *timeframe_ns)
{
    static const char letters[] = "smhdw";
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
    int64_t count = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 4 || !take_digits(&text, (int)digits, &count) || count == 0) {
        return 0;
    }
    const char *letter = *text ? strchr(letters, *text) : NULL;
    if (!letter || text[1] != '\0') {
        return 0;
    }
    *timeframe_ns = count * seconds[letter - letters] * SECOND_NS;
    return 1;
}

int when_decimal(const char *text, int32_t scale, int64_t *value)
{
    int64_t number = 0;
    int negative = take_char(&text, '-');
    int digits = 0, point = 0, up = 0;
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = 1;
            continue;
        }
        if (*text < '0' || *text > '9') {
            return 0;
        }
        digits++;
        if (point && scale == 0) {
            up = point == 1 && *text >= '5' ? 1 : up; /* only the first digit beyond decides */
            point = 2;
            continue;
        }
        scale -= point;
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *text - '0', &number)) {
            return 0;
        }
    }
    for (; scale > 0; scale--) {
        if (__builtin_mul_overflow(number, 10, &number)) {
            return 0;
        }
    }
    if (digits == 0 || __builtin_add_overflow(number, up, &number)) {
        return 0;
    }
    *value = negative ? -number : number;
    return 1;
}
