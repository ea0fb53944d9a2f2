/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Knight gap: what goes out against what was asked for, of each order and of the parts of each
 * parent, by numbers kept at both ends and not by the code in between: at intents, and where
 * commands leave. More out than asked for is an alarm, and the strategy is HALTED.
 *
 * What a venue makes of an order is no part of it. It may fill more, or make an order larger: that
 * is told elsewhere and never counts as sent. All its reports do here is to give back to a parent
 * what a part of it can not fill any more.
 */
#ifndef CORE_GAP_H
#define CORE_GAP_H

#include "core/engine.h"

/* Of each order in the table, by its slot; in snapshots byte for byte. */
struct sending {
    uint64_t order_id; /* whose numbers these are; of another order: there are none yet */
    turret_qty asked;  /* by the last intent that passed; 0: by none */
    turret_qty out;    /* sent; of a parent: by its parts, less what came back of them */
    turret_price mark; /* when it left or was changed, the one that forgives more; 0 none */
    uint32_t sent;     /* 1: it left */
    uint32_t
        counted; /* 1: among the strategy's orders of a day; once, however often it was tried */
};
TURRET_STATIC_ASSERT(sizeof(struct sending) == 40, "no hidden padding");

/* Of an order in the table. */
struct sending *gap_of(struct engine *engine, const struct order *order);
/* An intent's order, or a change of it to `qty`, passed risk. */
void gap_asked(struct engine *engine, const struct order *order, turret_qty qty);
/* A command of a strategy's order leaves; for a change before the order knows of it. */
void gap_sent(struct engine *engine, enum command_kind kind, const struct order *command);
/* It was kept back and did not leave at all: what a part had is its parent's again. */
void gap_unsent(struct engine *engine, const struct order *order);
/* An order was told: what a part can not fill any more is its parent's again. */
void gap_returned(struct engine *engine, const struct order *told);
/* New units, also in the order. Parts are counted anew from what filled: each is cut by itself. */
void gap_split(struct engine *engine, const struct order *order, const struct turret_split *split);
bool gap_is_whole(const struct sending *sending);

#endif
