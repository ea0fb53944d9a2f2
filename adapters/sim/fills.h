/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to an order when it fills and when it ends. */
#ifndef SIM_FILLS_H
#define SIM_FILLS_H

#include "sim.h"

/*
 * How much of the order may still fill. A reduce-only order never takes the position through zero.
 * After a restart without its state the venue does not know the positions; reduce-only is then the
 * host's to enforce, and describe() says so.
 */
turret_qty fills_room(const struct sim *sim, const struct sim_order *order);

/*
 * Books one execution and reports it. Returns 1; or 0 when its value does not fit money: the order
 * is then cancelled by the venue.
 */
int fills_execute(struct sim *sim, struct sim_order *order, turret_qty qty, turret_price price,
                  int maker);

/*
 * What follows once an event, or the order's arrival, had its chance to fill it: FILLED, cancelled
 * for its time in force or reduce-only, PARTIAL, TRIGGERED, or nothing to report.
 * filled_before and triggered_before: as they were before that chance.
 */
void fills_conclude(struct sim *sim, struct sim_order *order, turret_qty filled_before,
                    int triggered_before);

/* Ends the order, reports it and refuses a request that was still on its way to it. */
void fills_finish(struct sim *sim, struct sim_order *order, uint8_t state, uint32_t origin,
                  const char *reason);

/* "too late: filled" and so on: why a request to an order in this end state is refused. */
const char *fills_too_late(uint8_t state);

#endif
