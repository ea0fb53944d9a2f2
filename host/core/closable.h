/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CLOSABLE_H
#define CORE_CLOSABLE_H

#include "core/state.h"

/*
 * What of a strategy's own position an order of this side may close; 0: nothing. That is the
 * position, unless its account has less in that direction than its strategies count together:
 * somebody closed it at the venue. Then it is what the account has, beside what other strategies
 * hold against it, and less what others are closing: what is not there is not sold once more.
 */
turret_qty closable_qty(const struct engine *engine, const struct position *own, uint8_t side);

#endif
