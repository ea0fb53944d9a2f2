/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State of a replay: what it was opened with and the bars of one moment, ready to be sent.
 *
 * owns:   all arrays and the file, taken in open() and given back in close()
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <turret/broker.h>

#include <stdio.h>

#define REPLAY_INSTRUMENTS_MAX 4096u
#define REPLAY_CHUNK           256u /* stored bars read at a time, for each instrument */
#define REPLAY_LINE_MAX        512  /* bytes of a row */
#define REPLAY_PATH_MAX        1024
#define REPLAY_DAY_NS          86400000000000LL

/* One instrument and, when bars come from the store, the next of them. */
struct replay_track {
    const struct turret_instrument_def *def;
    uint32_t muted; /* reports unsubscribed, 1u << TURRET_REPORT_… */
    uint32_t at, count;
    uint32_t ended;
    turret_time_ns next_from;
    struct turret_bar *bar; /* REPLAY_CHUNK */
};

struct replay {
    struct turret_broker *self;
    struct replay_track *track; /* in id order */
    uint32_t track_count;
    uint32_t connected, finished;

    int64_t timeframe_ns;
    int64_t pace_milli;      /* event time over real time × 1000; 0 as fast as the host goes */
    turret_time_ns from, to; /* bars that open in [from, to) */
    turret_time_ns after;    /* bars that end then or later: the host had all others */
    turret_time_ns until;    /* 0, or no bar that ends later */

    struct turret_bar *group; /* track_count bars of one time, in id order */
    uint32_t group_count, cursor;
    uint32_t ended;  /* nothing is left to read */
    uint32_t faulty; /* ended because of `fault` */
    char fault[REPLAY_PATH_MAX + 160];

    FILE *file; /* NULL: bars come from the store */
    char path[REPLAY_PATH_MAX];
    uint64_t line, foreign_rows;
    uint32_t has_row; /* the next row is read already */
    uint32_t row_track;
    struct turret_bar row;
    turret_time_ns row_time; /* of the row before */
};

/* Ends the replay with a reason that names its place; the first one stays. */
TURRET_PRINTF(2, 3) void replay_fault(struct replay *replay, const char *format, ...);

#endif
