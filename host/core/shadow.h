/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept about a build that runs and cannot act. */
#ifndef CORE_SHADOW_H
#define CORE_SHADOW_H

#include "core/state.h"

#define SHADOW_TOLD_MAX 20 /* differences that are told; then they are only counted */

#define SHADOW_PHANTOMS 64

/* The target it has asked for, of one instrument. */
struct shadow_wish {
    bool has_target;
    turret_qty target;
};

struct shadow {
    struct turret_strategy_host host;
    struct shadow_wish wishes[ENGINE_ON_MAX]; /* in the order of strategy.instruments */
    struct event_intent said[ENGINE_TURN_INTENTS];
    uint32_t said_count;                          /* in this callback */
    uint32_t acting_first, acting_count;          /* what the acting build asked for in it */
    uint64_t phantoms;                            /* orders asked for that nobody placed … */
    struct turret_order phantom[SHADOW_PHANTOMS]; /* … the newest of them, by phantoms % size */
    bool timer_set[ENGINE_SESSION_TIMERS];        /* while it started: in force once it acts */
    turret_time_ns timers[ENGINE_SESSION_TIMERS];
    struct engine_shadow view;
};

#endif
