/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration protects a strategy's positions with: a bracket for every entry and the
 * longest time a position is held. The orders are those of held.h.
 */
#ifndef CORE_PROTECTION_H
#define CORE_PROTECTION_H

#include <stdint.h>

/* 0: not asked for. */
struct protection {
    uint32_t atr_period;
    uint32_t reserved;
    int64_t atr_stop_nano, atr_target_nano; /* multiples of the average true range, 10^-9 */
    int64_t trailing_ppm;                   /* of the price it enters at … */
    int64_t trailing_nano;                  /* … or a distance, 10^-9 of the currency */
    int64_t max_holding_ns;
};

struct engine;
struct incarnation;
struct strategy;
struct order;
struct turret_error;
struct pack;
struct unpack;

/* Binds the range's indicator. fails: as turret_use(); EINVAL the strategy has no bars */
int protection_bind(struct incarnation *incarnation, struct turret_error *err);
/* Gives an entry without a bracket its own. DENY_NONE, or the range is not known yet. */
uint32_t protection_attach(const struct engine *engine, const struct strategy *strategy,
                           struct order *order);
/* A fill changed what the strategy holds. */
void protection_filled(struct engine *engine, struct strategy *strategy, uint32_t instrument);
/* An order that closed it has filled whole: what came to it meanwhile is due, too. */
void protection_closed(struct engine *engine, struct strategy *strategy, uint32_t instrument);
/* Once an event: what was held too long is closed. */
void protection_turn(struct engine *engine);
/* Since when positions are held, into and out of a snapshot; NULL: of a strategy that is gone.
   `instruments`: from the snapshot's numbers to the engine's. fails: ECORRUPT */
void protection_put(struct pack *pack, const struct strategy *strategy);
int protection_get(struct unpack *in, struct strategy *to, const uint32_t *instruments,
                   uint32_t instrument_count);
/* After a restore. */
void protection_restore(struct engine *engine);

#endif
