/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a backtest reads: stored bars, stored quotes and splits, merged by time. At one time splits
 * come first, then quotes, then bars, each in instrument order.
 */
#ifndef RESEARCH_FEED_H
#define RESEARCH_FEED_H

#include "config/config.h"
#include "core/engine.h"
#include "session/definitions.h"
#include "store/store.h"

struct feeds;

/*
 * Opens every series the configuration's strategies need.
 * fails: EINVAL told to `messages`, where the configuration asks for bars that are not stored
 */
int feeds_open(struct feeds **out, const struct config *config, struct store *store, FILE *messages,
               struct turret_error *err);
void feeds_close(struct feeds *feeds);
/* Bars in all of them, for progress. */
uint64_t feeds_total(const struct feeds *feeds);

/*
 * The next thing to happen: either a run of bars of one series (bars->count > 0) that nothing else
 * comes between, or one event. Answers 1, 0 at the end, or ECORRUPT.
 */
int feeds_next(struct feeds *feeds, struct engine_bars *bars, struct event *event,
               struct turret_error *err);

/*
 * The newest bar of an instrument (any timeframe) that feeds_next() has handed out and that ended
 * at `until` or before. False: none yet.
 */
bool feeds_last_bar(const struct feeds *feeds, turret_instrument instrument, turret_time_ns until,
                    struct turret_bar *bar);

#endif
