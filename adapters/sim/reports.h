/* SPDX-License-Identifier: Apache-2.0 */
/* What the venue tells the host. Nothing about orders is lost while the host's queue is full. */
#ifndef SIM_REPORTS_H
#define SIM_REPORTS_H

#include "sim.h"

/* Sends what waits; returns 1 when nothing waits any more. */
int reports_flush(struct sim *sim);

/* Answers a request. reason may be NULL. */
void reports_ack(struct sim *sim, uint64_t order_id, uint32_t kind, uint32_t request,
                 uint32_t outcome, const char *reason);

/* The order as it stands. */
void reports_order(struct sim *sim, const struct sim_order *order, uint32_t origin,
                   uint32_t snapshot);

/* name: the venue's id of its order, as orders_write_name() makes it. */
void reports_fill(struct sim *sim, const struct sim_fill *fill, const char *name);

void reports_stream(struct sim *sim, turret_time_ns time, uint32_t status, const char *text);

/* All fills still known from `since` on, oldest first. */
void reports_fills(struct sim *sim, turret_time_ns since);

/* Every instrument's position; every currency's cash moved since the first start. */
void reports_positions(struct sim *sim);
void reports_balances(struct sim *sim);

/*
 * DOWNLOAD begin, fills after that time, orders that work or changed from it on, positions,
 * balances, DOWNLOAD end. After lost reports it goes back to the first of them.
 */
void reports_download(struct sim *sim, turret_time_ns since);

#endif
