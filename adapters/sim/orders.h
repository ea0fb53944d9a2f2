/* SPDX-License-Identifier: Apache-2.0 */
/* Where the venue keeps its orders. */
#ifndef SIM_ORDERS_H
#define SIM_ORDERS_H

#include "sim.h"

/* Forgets all orders; the arrays stay. */
void orders_reset(struct sim *sim);

/* The order with this id, working or finished; NULL when the venue does not know it. */
struct sim_order *orders_find(const struct sim *sim, uint64_t id);

/*
 * A zeroed order of that id at the end of its instrument's list. NULL when SIM_WORKING_MAX orders
 * work already. May forget the order that finished first.
 */
struct sim_order *orders_add(struct sim *sim, uint64_t id, uint32_t instrument);

/* Moves a working order behind the others of its instrument: it lost its place in time. */
void orders_requeue(struct sim *sim, struct sim_order *order);

#define ORDERS_NAME_SIZE (sizeof(((struct sim_order *)0)->name))

/* Writes the venue's id of an order: "S" and the order's id in decimal; name[ORDERS_NAME_SIZE]. */
void orders_write_name(char *name, uint64_t id);

/* Takes an order out of its instrument's list; it stays known for a while. */
void orders_retire(struct sim *sim, struct sim_order *order);

static inline struct sim_order *orders_at(const struct sim *sim, uint32_t slot)
{
    return slot == SIM_NONE ? NULL : &sim->order[slot];
}

#endif
