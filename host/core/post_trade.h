/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is looked at once something happened: fees, slippage, refusals. They only alarm; each is
 * told whenever its count has doubled, or once a day.
 */
#ifndef CORE_POST_TRADE_H
#define CORE_POST_TRADE_H

#include "core/gap.h"

/* Of one strategy; in snapshots byte for byte. */
struct post_trade {
    int64_t day; /* what sent and refused are of */
    uint32_t sent, refused;
    uint32_t told; /* of refusals, this day */
    uint32_t slipped;
};
TURRET_STATIC_ASSERT(sizeof(struct post_trade) == 24, "no hidden padding");

/* An order leaves, or is tried again; `of` is its gap_of(). */
void post_trade_sent(struct engine *engine, const struct order *order, struct sending *of);
/* A venue refused an order of the strategy. */
void post_trade_refused(struct engine *engine, uint32_t strategy);
/* A fill was booked, and is not in its order's numbers yet. `order`: NULL when it is not known. */
void post_trade_filled(struct engine *engine, const struct order *order, const struct fill *fill);

#endif
