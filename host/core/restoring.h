/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot on its way into an engine; shared by the files that read its sections. */
#ifndef CORE_RESTORING_H
#define CORE_RESTORING_H

#include "core/snapshot.h"

struct restoring {
    struct engine *engine;
    struct unpack in;
    /* from the snapshot's numbers to the engine's; ENGINE_NONE (0 for instruments): gone */
    uint32_t venues[ENGINE_VENUES_MAX];
    uint32_t strategies[ENGINE_STRATEGIES_MAX];
    char names[ENGINE_STRATEGIES_MAX][ENGINE_NAME_MAX]; /* the snapshot's */
    uint32_t *instruments;
    uint32_t accounts[ENGINE_ACCOUNTS_MAX], account_count;
    uint32_t venue_count, instrument_count, strategy_count;
    struct snapshot_instrument *old_instruments;
};

/* A count of at most `most`. fails: ECORRUPT */
int restore_count(struct unpack *in, uint32_t *count, uint32_t most);
/* Answers ECORRUPT: "the snapshot's <what> <id> is absurd". */
int restore_absurd(struct restoring *r, const char *what, uint64_t id);

static inline bool restore_is_time(turret_time_ns time)
{
    return time >= 0 && time <= EVENT_TIME_MAX;
}

/* ---- restore_positions.c ---- */
int restore_positions(struct restoring *r);

/* ---- restore_memory.c ---- */
int restore_indicators(struct restoring *r);
int restore_conduct(struct restoring *r);
int restore_sizing(struct restoring *r);
int restore_post_trade(struct restoring *r);
int restore_stops(struct restoring *r);

#endif
