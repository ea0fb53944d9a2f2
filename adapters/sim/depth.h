/* SPDX-License-Identifier: Apache-2.0 */
/* Orders against quotes and books. */
#ifndef SIM_DEPTH_H
#define SIM_DEPTH_H

#include "sim.h"

/* Remembers the quote; orders meet it by depth_match(). */
void depth_quote(struct sim_instrument *instrument, const struct turret_quote *quote);

/*
 * Applies one change to the book.
 *
 * fails:  ENOMEM no memory for the book; EINVAL a side or action that does not exist
 */
int depth_level(struct sim_instrument *instrument, const struct turret_level *level);

/* Forgets quote and book. */
void depth_clear(struct sim_instrument *instrument);

/* Lets all orders that had arrived at `time` meet what is shown, by time of arrival. */
void depth_match(struct sim *sim, struct sim_instrument *instrument, turret_time_ns time);

/* Lets one order that has arrived meet what is shown. Nothing happens when nothing was ever. */
void depth_try(struct sim *sim, struct sim_order *order);

/* 1 when a limit order does not cross the market that is known; 0 when it does or none is. */
int depth_rests(const struct sim_instrument *instrument, const struct sim_order *order);

#endif
