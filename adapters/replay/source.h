/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bars come from: the host's store or a file. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include "replay.h"

/*
 * Fills replay->group with all bars of the next moment, in id order, and sets group_count; 0 bars
 * when nothing is left, and `faulty` when that is because of a bad row or read.
 */
void stored_next(struct replay *replay);
void rows_next(struct replay *replay);

/*
 * Opens replay->path and checks its header.
 *
 * fails:  ENOTFOUND, EIO the file cannot be read; EINVAL its header is another one
 */
int rows_open(struct replay *replay, struct turret_error *err);

/* Whether a bar is one to send; `past` becomes 1 when no later one can be either. */
int source_wants(const struct replay *replay, turret_time_ns time, int *past);

#endif
