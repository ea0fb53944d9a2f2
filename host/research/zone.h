/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local wall-clock times to UTC by the system's time zone database. zone.c is the only file that
 * sets TZ: for the whole process, so only programs of one thread (the command line) may use it.
 *
 * A local time that occurs twice (clocks set back) is taken as the earlier one. A local time that
 * never occurs (clocks set forward) is refused.
 */
#ifndef RESEARCH_ZONE_H
#define RESEARCH_ZONE_H

#include <turret/core.h>

#include <stdbool.h>

/* "America/New_York" from now on. fails: EINVAL no such zone in the database */
int zone_use(const char *name, struct turret_error *err);
/*
 * Seconds of the wall clock, counted as if it were UTC, to seconds since the epoch.
 * *twice says that the time occurs twice. fails: EINVAL the time does not occur
 */
int zone_to_utc(int64_t local_s, int64_t *utc_s, bool *twice);
/* Seconds since the epoch to seconds of the wall clock, counted as if it were UTC. */
int64_t zone_to_local(int64_t utc_s);

#endif
