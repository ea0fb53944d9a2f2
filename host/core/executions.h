/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_EXECUTIONS_H
#define CORE_EXECUTIONS_H

#include "core/orders.h"
#include "core/places.h"

/* The newest fills, by execution id: a repeated one is applied once, a bust finds its fill. */
struct executions {
    struct fill *ring;
    struct place *places;
    uint32_t capacity, mask, head, count;
    bool forgot; /* not every one that ever was is in the ring */
};

int executions_init(struct executions *executions, uint32_t capacity);
void executions_finish(struct executions *executions);
/* By the venue's own id. */
struct fill *executions_find(const struct executions *executions, uint32_t venue,
                             const char execution_id[40]);
/* What stands in place of this one of them, which is FILL_CORRECTED. NULL: it is not there. */
struct fill *executions_replacement(const struct executions *executions,
                                    const struct fill *corrected);
/* Puts what is remembered of this order into what it has filled so far. */
void executions_sum(const struct executions *executions, struct order *order);
/* What is remembered counts new units from here on, so that a bust takes back the right number. 0:
   there is none, because it was less than one unit, or does not fit. */
void executions_split(struct executions *executions, turret_instrument instrument,
                      const struct turret_split *split);
/* Keeps a copy; the oldest makes room. */
void executions_add(struct executions *executions, const struct fill *fill);

#endif
