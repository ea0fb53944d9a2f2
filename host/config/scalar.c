/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers: digits with at most one point and one leading minus; no exponent, no plus, no spaces.
 * Nothing is rounded: what does not fit exactly is refused.
 */
#include "config/scalar.h"
#include "config/report.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#define NS_PER_MS          1000000LL
#define NS_PER_S           (1000 * NS_PER_MS)
#define NS_PER_DAY         (86400 * NS_PER_S)
#define TIMEFRAME_MAX_DAYS 366
#define DURATION_MAX_DAYS  36500
#define YEAR_FIRST         1970
#define YEAR_LAST          2261 /* the last whole one that nanoseconds in 64 bits can tell */

static const struct duration_unit {
    const char *suffix;
    int64_t ns;
} duration_units[] = {{"d", NS_PER_DAY},
                      {"h", 3600 * NS_PER_S},
                      {"m", 60 * NS_PER_S},
                      {"s", NS_PER_S},
                      {"ms", NS_PER_MS}};

TURRET_PRINTF(2, 3)
static bool because(struct scalar_why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Appends a digit; false when it no longer fits. INT64_MIN is never made. */
static bool push_digit(int64_t *value, int digit)
{
    if (*value > (INT64_MAX - digit) / 10)
        return false;
    *value = *value * 10 + digit;
    return true;
}

/* Whether `text` is -?digits[.digits]; *point is where the point is, or the end. */
static bool decimal_shape(const char *text, const char **point)
{
    const char *c = text + (*text == '-');
    if (!is_digit(*c))
        return false;
    while (is_digit(*c))
        c++;
    *point = c;
    if (*c == '.') {
        if (!is_digit(*++c))
            return false;
        while (is_digit(*c))
            c++;
    }
    return *c == '\0';
}

static bool too_large(int32_t scale, struct scalar_why *why)
{
    char largest[SCALAR_TEXT_MAX];
    money_format(INT64_MAX, scale, largest, sizeof largest);
    return because(why, "beyond the largest value %s", largest);
}

bool scalar_decimal(const char *text, int32_t scale, int64_t *value, struct scalar_why *why)
{
    const char *point, *c;
    int64_t sum = 0;
    int32_t left = scale;
    assert(scale >= 0 && scale <= SCALAR_SCALE_MAX);
    if (!decimal_shape(text, &point))
        return because(why, "not a decimal number like 12.5");
    if (scalar_decimals(text) > scale)
        return because(why, scale == 0 ? "not a whole number" : "finer than %d decimals", scale);
    for (c = text + (*text == '-'); c < point; c++)
        if (!push_digit(&sum, *c - '0'))
            return too_large(scale, why);
    for (c = *point ? point + 1 : point; left > 0; left--) {
        if (!push_digit(&sum, *c ? *c - '0' : 0))
            return too_large(scale, why);
        c += *c != '\0';
    }
    *value = *text == '-' ? -sum : sum;
    return true;
}

int32_t scalar_decimals(const char *text)
{
    const char *point = strchr(text, '.'), *c;
    int32_t decimals = 0;
    if (point)
        for (c = point + 1; *c; c++)
            if (*c != '0')
                decimals = c - point > 1000 ? 1000 : (int32_t)(c - point);
    return decimals;
}

bool scalar_integer(const char *text, int64_t min, int64_t max, int64_t *value,
                    struct scalar_why *why)
{
    const char *c = text + (*text == '-');
    int64_t sum = 0;
    bool fits = true;
    if (!is_digit(*c))
        return because(why, "not a whole number");
    for (; is_digit(*c); c++)
        fits = fits && push_digit(&sum, *c - '0');
    if (*c)
        return because(why, "not a whole number");
    sum = *text == '-' ? -sum : sum;
    if (*text == '-' ? !fits || sum < min : false)
        return because(why, "below its minimum %lld", (long long)min);
    if (!fits || sum > max)
        return because(why, "above its maximum %lld", (long long)max);
    if (sum < min)
        return because(why, "below its minimum %lld", (long long)min);
    *value = sum;
    return true;
}

/* Digits and a unit; *unit is NULL when the text is anything else. */
static int64_t count_and_unit(const char *text, const struct duration_unit **unit)
{
    int64_t count = 0;
    const char *c = text;
    size_t i;
    *unit = NULL;
    while (is_digit(*c)) {
        if (!push_digit(&count, *c - '0'))
            count = INT64_MAX / 10; /* too long for every unit; stays so */
        c++;
    }
    for (i = 0; c > text && i < sizeof duration_units / sizeof *duration_units; i++)
        if (strcmp(c, duration_units[i].suffix) == 0)
            *unit = &duration_units[i];
    return count;
}

bool scalar_timeframe(const char *text, int64_t *timeframe_ns, struct scalar_why *why)
{
    const struct duration_unit *unit;
    int64_t count = count_and_unit(text, &unit);
    if (!unit || unit->ns < NS_PER_S || count == 0)
        return because(why, "not a timeframe like 30s, 1m, 4h or 1d");
    if (count > TIMEFRAME_MAX_DAYS * NS_PER_DAY / unit->ns)
        return because(why, "above the longest timeframe %dd", TIMEFRAME_MAX_DAYS);
    *timeframe_ns = count * unit->ns;
    return true;
}

bool scalar_duration(const char *text, int64_t *duration_ns, struct scalar_why *why)
{
    const struct duration_unit *unit;
    int64_t count = count_and_unit(text, &unit);
    if (!unit)
        return because(why, "not a duration like 500ms, 5s, 2m, 1h or 7d");
    if (count > DURATION_MAX_DAYS * NS_PER_DAY / unit->ns)
        return because(why, "above its maximum %dd", DURATION_MAX_DAYS);
    *duration_ns = count * unit->ns;
    return true;
}

/* Two or four digits at `text`; -1 when they are none. */
static int digits(const char *text, int count)
{
    int value = 0;
    for (; count > 0; count--, text++) {
        if (!is_digit(*text))
            return -1;
        value = value * 10 + (*text - '0');
    }
    return value;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t days = day - 1;
    int y, m;
    for (y = YEAR_FIRST; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days;
}

bool scalar_time(const char *text, turret_time_ns *time, struct scalar_why *why)
{
    static const char form[] = "not a time like 2013-10-07 or 2013-10-07T14:30:00Z";
    size_t length = strlen(text);
    int year, month, day, hour = 0, minute = 0, second = 0;
    if ((length != 10 && length != 20) || text[4] != '-' || text[7] != '-')
        return because(why, "%s", form);
    if (length == 20) {
        if (text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z')
            return because(why, "%s", form);
        hour = digits(text + 11, 2);
        minute = digits(text + 14, 2);
        second = digits(text + 17, 2);
    }
    year = digits(text, 4);
    month = digits(text + 5, 2);
    day = digits(text + 8, 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
        return because(why, "%s", form);
    if (year < YEAR_FIRST || year > YEAR_LAST)
        return because(why, "outside the years %d to %d", YEAR_FIRST, YEAR_LAST);
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return because(why, "a day that does not exist");
    if (hour > 23 || minute > 59 || second > 59)
        return because(why, "a time of day that does not exist");
    *time = days_since_epoch(year, month, day) * NS_PER_DAY +
            (hour * 3600LL + minute * 60LL + second) * NS_PER_S;
    return true;
}

bool scalar_percent(const char *text, int64_t *ppm, struct scalar_why *why)
{
    char number[SCALAR_TEXT_MAX];
    size_t length = strlen(text);
    if (length < 2 || length >= sizeof number || text[length - 1] != '%')
        return because(why, "not a percentage like 2%% or 0.25%%");
    memcpy(number, text, length - 1);
    number[length - 1] = '\0';
    if (scalar_decimal(number, 4, ppm, why))
        return true;
    if (strncmp(why->text, "not", 3) == 0)
        return because(why, "not a percentage like 2%% or 0.25%%");
    return false;
}

bool scalar_bool(const char *text, bool *value, struct scalar_why *why)
{
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0 || because(why, "neither true nor false");
}

void scalar_format_duration(int64_t duration_ns, char *text, size_t room)
{
    size_t i = 0, last = sizeof duration_units / sizeof *duration_units - 1;
    while (i < last && duration_ns % duration_units[i].ns != 0)
        i++;
    if (duration_ns == 0)
        i = last - 1; /* "0s" */
    (void)snprintf(text, room, "%lld%s", (long long)(duration_ns / duration_units[i].ns),
                   duration_units[i].suffix);
}

void config_format_timeframe(int64_t timeframe_ns, char *text, size_t room)
{
    scalar_format_duration(timeframe_ns, text, room);
}

void scalar_format_time(turret_time_ns time, char *text, size_t room)
{
    int64_t days = time / NS_PER_DAY, seconds = time % NS_PER_DAY / NS_PER_S;
    int year = YEAR_FIRST, month = 1;
    assert(time >= 0);
    while (days >= (is_leap(year) ? 366 : 365))
        days -= is_leap(year++) ? 366 : 365;
    while (days >= days_in_month(year, month))
        days -= days_in_month(year, month++);
    if (seconds == 0)
        (void)snprintf(text, room, "%04d-%02d-%02d", year, month, (int)days + 1);
    else
        (void)snprintf(text, room, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, (int)days + 1,
                       (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

void scalar_format_percent(int64_t ppm, char *text, size_t room)
{
    char number[SCALAR_TEXT_MAX];
    money_format(ppm, 4, number, sizeof number);
    (void)snprintf(text, room, "%s%%", number);
}

/* The public ones: the same, telling the value too. */
static int answer(bool good, const char *text, const struct scalar_why *why,
                  struct turret_error *err)
{
    char shown[REPORT_SHOWN];
    if (good)
        return TURRET_OK;
    return turret_fail(err, TURRET_EINVAL, "'%s' is %s", report_shown(text, shown, sizeof shown),
                       why->text);
}

int config_parse_timeframe(const char *text, int64_t *timeframe_ns, struct turret_error *err)
{
    struct scalar_why why;
    return answer(scalar_timeframe(text, timeframe_ns, &why), text, &why, err);
}

int config_parse_time(const char *text, turret_time_ns *time, struct turret_error *err)
{
    struct scalar_why why;
    return answer(scalar_time(text, time, &why), text, &why, err);
}

int config_parse_decimal(const char *text, int32_t scale, int64_t *value, struct turret_error *err)
{
    struct scalar_why why;
    return answer(scalar_decimal(text, scale, value, &why), text, &why, err);
}
