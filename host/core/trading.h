/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trading states: what may still be sent, per scope; of the scopes an order is in the strictest
 * binds. A state is latched: it is part of the snapshot and of the journal, joined by name, and
 * only a decision lifts it. A scope that is not listed is ACTIVE. STARTING and RECONCILING are
 * nobody's decision but what a venue that is not connected and reconciled yet comes to.
 */
#ifndef CORE_TRADING_H
#define CORE_TRADING_H

#include "core/event.h"

#include <stdbool.h>

#define TRADING_LATCHES_MAX 256

/* Of each, what is not ACTIVE; in the store as a row, byte for byte. */
struct trading_latch {
    char name[48];
    char reason[64];
    char who[16];
    turret_time_ns since;
    uint64_t sequence; /* of the event that set it */
    uint8_t scope, state;
    uint8_t reserved[6];
};
TURRET_STATIC_ASSERT(sizeof(struct trading_latch) == 152, "no hidden padding");

#define TRADING_TEXT_MAX 80 /* of trading_tell() */

struct trading {
    uint32_t count;
    uint32_t index[TRADING_LATCHES_MAX]; /* what the name means now; ENGINE_NONE: nothing */
    struct trading_latch latches[TRADING_LATCHES_MAX];
};

/* Upper case, as everywhere; "?" for a number that is none. */
const char *trading_state_name(uint32_t state);
/* "all", "venue" … */
const char *trading_scope_name(uint32_t scope);
/* -1 when there is none; states in either case, with '-' or '_'. */
int trading_find_state(const char *name);
int trading_find_scope(const char *name);
/* Whether texts end and numbers are known. */
bool trading_latch_is_whole(const struct trading_latch *latch);

struct engine;
uint32_t engine_trading_count(const struct engine *engine);
const struct trading_latch *engine_trading_latch(const struct engine *engine, uint32_t index);
/* The state set for exactly this scope. */
enum trading_state engine_trading_state(const struct engine *engine, uint32_t scope,
                                        const char *name);
/* The index behind a name of the scope in the configuration in force; ENGINE_NONE: nothing. */
uint32_t engine_trading_find(const struct engine *engine, uint32_t scope, const char *name);
/* Whether an order of this strategy on this instrument is in the scope of that index. */
bool engine_trading_concerns(const struct engine *engine, uint32_t scope, uint32_t index,
                             uint32_t strategy, turret_instrument id);
/* Of the scope's venues the first that trades and is not reconciled; ENGINE_NONE: all are. */
uint32_t engine_trading_unready(const struct engine *engine, uint32_t scope, uint32_t index);

#endif
