/* SPDX-License-Identifier: Apache-2.0 */
/* Calls into runners: which was made last, and what is taken back when it is lost. */
#ifndef CORE_LOSSES_H
#define CORE_LOSSES_H

#include "core/engine.h"

#define ENGINE_ON_MAX 64

struct runner_call {
    struct event_loss at;
    /* As they were before it. */
    struct engine_score score;
    uint64_t denials;
    turret_time_ns timers[ENGINE_SESSION_TIMERS];
    struct {
        turret_qty target;
        uint32_t has_target;
    } wishes[ENGINE_ON_MAX]; /* in the order of strategy.instruments */
};

#endif
