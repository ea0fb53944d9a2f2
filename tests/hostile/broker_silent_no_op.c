/* SPDX-License-Identifier: Apache-2.0 */
/* Has a cancel_all that does nothing and says that it went well. */
#include <turret/broker.h>

static int32_t cancel_all(struct turret_broker *self, uint32_t filter, turret_instrument instrument,
                          uint32_t side, struct turret_error *err)
{
    (void)self;
    (void)filter;
    (void)instrument;
    (void)side;
    return turret_ok(err);
}

#define VENUE_MORE .summary = "claims success", .cancel_all = cancel_all

#include "venue.h"
