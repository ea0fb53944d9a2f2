/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody guards, told to people. */
#ifndef SESSION_LIVE_UNGUARDED_H
#define SESSION_LIVE_UNGUARDED_H

#include "core/trading.h"

#include <jansson.h>

struct live;

/* Positions of strategies in the scope that are to have a stop and do not, with how much: an array.
 */
json_t *live_unprotected(const struct live *live, uint32_t scope, uint32_t index);

/* Stops, targets and what else only closes, that the host holds in the scope: of each strategy and
 * instrument how many, an array. `now`: those alone that a trading state keeps from being sent. */
json_t *live_protective(const struct live *live, uint32_t scope, uint32_t index, bool now);
/* At a start: an alarm of each of those that a state keeps back. */
void live_protective_say(struct live *live);

/* Stops and targets of the strategy that the host made and that work: they end when it is stopped.
 */
uint32_t live_exits_of(const struct live *live, uint32_t strategy);

/* The daemon ends: of each venue a line, if there is something that is not watched meanwhile. */
void live_say_left(struct live *live);

#endif
