/* SPDX-License-Identifier: Apache-2.0 */
/* Strategies that ask for anything at any time, mistakes among it; what they do follows from their
   saved state, so that a replay does it again. Three builds of the same code. */
#ifndef SIMULATE_PLAYER_H
#define SIMULATE_PLAYER_H

#include <turret/strategy.h>

#define PLAYER_BUILDS 3

struct player {
    int64_t random, seen, asked, heard, next;
    int64_t orders[4]; /* the newest */
    int64_t extra;     /* of the third build */
};

extern const struct turret_strategy_type player_types[PLAYER_BUILDS];
/* Parameters: a number that chance begins with, how busy, how wild (0 … 100). */
extern const struct turret_param player_params[3];

#endif
