/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of a snapshot, as they lie in it; shared by snapshot.c and restore.c. */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "core/saved_state.h"

#define SNAPSHOT_MAGIC   UINT32_C(0x534e5254) /* "TRNS" */
#define SNAPSHOT_VERSION 6
#define SNAPSHOT_OLDEST  5 /* it ends before what is looked at after the trade */

/* of each venue, beside its name */
#define SNAPSHOT_READY       1u
#define SNAPSHOT_DOWNLOADING 2u
#define SNAPSHOT_DIFFERS     4u

struct snapshot_head {
    uint32_t magic, version;
    uint64_t size_bytes;
};

struct snapshot_globals {
    int64_t now, day;
    uint64_t sequence, next_order_id, next_fill_id;
    uint32_t epoch, reserved;
};

struct snapshot_instrument {
    char symbol[32];
    char venue[16];
    int32_t price_scale, qty_scale;
    int64_t multiplier;
    uint32_t status, reserved;
    turret_price mark;
    turret_time_ns mark_time;
    turret_price bid, ask;
    turret_time_ns quote_time;
};

struct snapshot_strategy {
    char name[ENGINE_NAME_MAX];
    char plugin[48];
    uint32_t run, stopped;
    struct equity equity;
    struct rate_window rate;
    uint64_t orders, fills, denials;
    turret_time_ns timers[ENGINE_SESSION_TIMERS];
    struct engine_score score;
    char fault[160];
};

/* From the snapshot's numbers to the engine's; ENGINE_NONE (0 for instruments): gone. */
struct snapshot_names {
    const uint32_t *venues, *instruments, *accounts;
    uint32_t venue_count, instrument_count, account_count;
};

struct snapshot_indicator {
    char key[256];
    char version[24];
    turret_instrument instrument;
    uint32_t schema;
    int64_t timeframe_ns;
    uint32_t fed, fault;
    struct turret_slot slot;
    uint64_t state_size;
};

/* ---- reconcile_kept.c ---- */
void reconcile_put(struct pack *pack, const struct engine *engine);
/* fails: ECORRUPT */
int reconcile_take(struct engine *engine, struct unpack *in, const struct snapshot_names *names);

#endif
