/* SPDX-License-Identifier: Apache-2.0 */
/* What a split makes of prices and of orders. */
#ifndef CORE_SPLIT_H
#define CORE_SPLIT_H

#include "core/state.h"

/*
 * A price in new units on the grid of `tick`, `up` or down: at least one tick, for what there was
 * may not become nothing, and at most PRICE_MAX. What is not above 0 stays as it is.
 */
turret_price split_price(turret_price price, const struct turret_split *split, turret_price tick,
                         bool up);
/* What it reserves, too. An ended one may still be filled late, or have its exits made anew. */
void split_order(struct engine *engine, struct order *order, const struct turret_split *split);

#endif
