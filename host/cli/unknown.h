/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of which nobody knows what became of them, from the store, by venue. */
#ifndef CLI_UNKNOWN_H
#define CLI_UNKNOWN_H

#include "cli/records.h"
#include "config/config.h"

struct unknown_venue {
    struct row_names names; /* no strategy, no instrument */
    uint32_t orders;
    uint64_t oldest;      /* the order of which nothing is known for the longest time … */
    turret_time_ns since; /* … and since when */
};

struct unknown {
    struct unknown_venue venues[CONFIG_VENUES_MAX];
    uint32_t venue_count;
};

/* fails: as records_orders() */
int unknown_read(struct store *store, struct unknown *to, struct turret_error *err);

#endif
