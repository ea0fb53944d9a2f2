/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of the host: submit, modify, cancel. Signatures of turret_broker_type. */
#ifndef SIM_REQUESTS_H
#define SIM_REQUESTS_H

#include "sim.h"

int32_t requests_submit(struct turret_broker *self, const struct turret_broker_order *request,
                        struct turret_error *err);
int32_t requests_modify(struct turret_broker *self, const struct turret_broker_order *request,
                        struct turret_error *err);
int32_t requests_cancel(struct turret_broker *self, const struct turret_broker_order *request,
                        struct turret_error *err);
int32_t requests_query(struct turret_broker *self, const struct turret_broker_order *request,
                       struct turret_error *err);
int32_t requests_cancel_all(struct turret_broker *self, uint32_t filter,
                            turret_instrument instrument, uint32_t side, struct turret_error *err);

/* Carries out the modify or cancel that waited for its latency and arrives at `at`. */
void requests_arrive(struct sim *sim, struct sim_order *order, turret_time_ns at);

#endif
