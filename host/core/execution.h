/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution algorithms. An algorithm is a strategy that is given orders to work instead of having
 * wishes: the host holds the parent, tells the algorithm of it, and takes its orders as parts of
 * it. Position, limits and fills of the parts are those of the strategy that asked for the parent.
 */
#ifndef CORE_EXECUTION_H
#define CORE_EXECUTION_H

#include "core/held.h"

/* The name of the algorithm that works an order; "" none. An order names one, or its strategy. */
const char *execution_of(const struct strategy *strategy, const struct event_intent *intent);
/* The strategy of that name, which works orders of this instrument now; ENGINE_NONE. */
uint32_t execution_find(const struct engine *engine, const char *name,
                        turret_instrument instrument);
/* A stop is the host's or the venue's; a day is the venue's, and what goes at once is no work. */
static inline bool execution_takes(const struct order *order)
{
    return order->type <= TURRET_ORDER_LIMIT &&
           (order->tif == TURRET_TIF_GTC || order->tif == TURRET_TIF_GTD);
}
/* A parent that passed risk: held and told. */
void execution_begin(struct engine *engine, struct order *parent, uint32_t algorithm);
/* The order that this one is to be a part of. NULL: of none, or its strategy does not work that. */
const struct order *execution_parent(const struct engine *engine, const struct event_intent *part);
/*
 * Whether its strategy may work this parent by such a part: DENY_NONE, else DENY_PARENT.
 * Quantity and price are bounded by risk.
 */
uint32_t execution_may(const struct engine *engine, const struct event_intent *part);
/* In words, when the part comes after its parent's end; NULL: it does not. */
const char *execution_comes_late(const struct engine *engine, const struct order *part);
/* Parents of the strategy's wishes on the other side than this one (0: none of them) are cancelled
   with their parts. Whether one that is being cancelled still works. */
bool execution_gives_way(struct engine *engine, const struct strategy *strategy,
                         turret_instrument instrument, uint8_t side);
/* Who works an order or, of a part, its parent; ENGINE_NONE nobody. */
uint32_t execution_algorithm(const struct engine *engine, const struct order *order);
/* The algorithm of this parent was stopped: nobody works it any more. */
bool execution_is_abandoned(const struct engine *engine, const struct order *parent);

#endif
