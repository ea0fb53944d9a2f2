/* SPDX-License-Identifier: Apache-2.0 */
/* Market events, as the host feeds them. */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "sim.h"

/*
 * turret_broker_type.feed. The time of an event is its payload's; a bar's is its end.
 * With no working order in its instrument a bar costs a few loads and stores.
 */
void events_feed(struct turret_broker *self, const struct turret_report *event);

#endif
