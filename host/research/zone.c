/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library reads the database; what it answers for one moment, the offset, is all that is
 * used. Both offsets around a local time are tried, so that gaps and repeats are seen.
 */
#include "research/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY_S       86400
#define ZONE_FOLDER "/usr/share/zoneinfo"

/* Days without a change of the clocks, from one day before to one after: what nearly all are. */
static struct {
    int64_t day;
    int64_t offset_s;
    bool known;
} plain_day;

int zone_use(const char *name, struct turret_error *err)
{
    const char *folder = getenv("TZDIR");
    char path[512], value[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder ? folder : ZONE_FOLDER, name);
    if (!name[0] || name[0] == '/' || strstr(name, "..") || strlen(name) > 200 ||
        access(path, R_OK))
        return turret_fail(err, TURRET_EINVAL,
                           "time zone '%.80s' is not in the time zone database; expected a name "
                           "such as America/New_York or UTC",
                           name);
    (void)snprintf(value, sizeof value, ":%s", name);
    if (setenv("TZ", value, 1))
        return turret_fail(err, TURRET_ENOMEM, "time zone %s: no memory", name);
    tzset();
    plain_day.known = false;
    return TURRET_OK;
}

static int64_t offset_at(int64_t utc_s)
{
    time_t moment = (time_t)utc_s;
    struct tm parts;
    return localtime_r(&moment, &parts) ? (int64_t)parts.tm_gmtoff : 0;
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

int64_t zone_to_local(int64_t utc_s)
{
    return utc_s + offset_at(utc_s);
}

int zone_to_utc(int64_t local_s, int64_t *utc_s, bool *twice)
{
    int64_t day = floor_divide(local_s, DAY_S), before, after;
    bool with_before, with_after;
    *twice = false;
    if (plain_day.known && plain_day.day == day) {
        *utc_s = local_s - plain_day.offset_s;
        return TURRET_OK;
    }
    /* No zone is further than a day from UTC, and no zone changes twice within three days. */
    before = offset_at((day - 1) * DAY_S);
    after = offset_at((day + 2) * DAY_S);
    if (before == after) {
        plain_day.day = day;
        plain_day.offset_s = before;
        plain_day.known = true;
        *utc_s = local_s - before;
        return TURRET_OK;
    }
    with_before = offset_at(local_s - before) == before;
    with_after = offset_at(local_s - after) == after;
    if (!with_before && !with_after)
        return TURRET_EINVAL;
    *twice = with_before && with_after;
    *utc_s = local_s - (with_before ? before : after);
    return TURRET_OK;
}
