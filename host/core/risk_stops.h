/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of loss: when a line of equity has to be looked at. */
#ifndef CORE_RISK_STOPS_H
#define CORE_RISK_STOPS_H

#include "core/state.h"

/* The line of equity that the position is counted in has a new low. */
void risk_lowered(struct engine *engine, const struct position *position);
/* All lines: they moved as a whole, or limits changed. */
void risk_look_again(struct engine *engine);
/*
 * Where the line is above `floor` and less than `depth` below its peak, risk_lowered() would latch
 * nothing; until a day begins, a person lifts something or limits change.
 */
struct risk_near {
    turret_money floor;
    uint64_t depth;
};
struct risk_near risk_near(struct engine *engine, const struct position *position);

#endif
