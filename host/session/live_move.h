/* SPDX-License-Identifier: Apache-2.0 */
/* One move to another build; live_swap.c decides which and when. */
#ifndef SESSION_LIVE_MOVE_H
#define SESSION_LIVE_MOVE_H

#include "session/live_state.h"

/* What people and turret plugin swap are told; the outcome of request `number` (0: of none). */
void move_tell(struct live *live, uint64_t number, int code, const char *format, ...)
    TURRET_PRINTF(4, 5);
/* Prepares; move->to is NULL afterwards when that was refused. */
void move_begin(struct live *live, struct live_move *move, const struct plugin *from,
                const struct plugin *to);
/* What this turn lets it do. */
void move_advance(struct live *live, struct live_move *move);
void move_abort(struct live *live, struct live_move *move, int code, const char *why);
/* Takes a strategy back on probation if too many of its orders were denied. True: it did. */
bool move_judge(struct live *live, struct live_move *move);
/* The probation is over. */
void move_retire(struct live *live, struct live_move *move);
/* Back to the build before, and the one that failed is blocked. */
int move_roll_back(struct live *live, struct live_move *move, const char *why,
                   struct turret_error *err);
/* The core did that already. */
void move_rolled_back(struct live *live, struct live_move *move, const char *why);
/* Never comes back by itself: a person lifts it. */
void move_block_build(struct live *live, const struct plugin *plugin, const char *why);
/* Those that wait for a gap. */
void move_venues(struct live *live);

#endif
