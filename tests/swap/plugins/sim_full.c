/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into the sim adapter with -Wl,--wrap=events_feed: for what it has to say of a market event
 * the host has no room at that moment, as when one event fills thousands of orders. It keeps it.
 */
#include "../../../adapters/sim/sim.h"

void __real_events_feed(struct turret_broker *self, const struct turret_report *report);
void __wrap_events_feed(struct turret_broker *self, const struct turret_report *report);

static int32_t no_room(struct turret_broker *self, const struct turret_report *report)
{
    (void)self;
    (void)report;
    return TURRET_ELIMIT;
}

void __wrap_events_feed(struct turret_broker *self, const struct turret_report *report)
{
    const struct turret_broker_host *host = self->host;
    struct turret_broker_host full = *host;
    full.report = no_room;
    self->host = &full;
    __real_events_feed(self, report);
    self->host = host;
}
