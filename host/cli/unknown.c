/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unknown.h"

#include <string.h>

static int take(void *context, const struct row_order *row)
{
    struct unknown *unknown = context;
    struct unknown_venue *venue = unknown->venues;
    const struct unknown_venue *end = venue + unknown->venue_count;
    while (venue < end && strcmp(venue->names.venue, row->names.venue) != 0)
        venue++;
    if (row->order.state != TURRET_STATE_UNKNOWN ||
        venue == unknown->venues + CONFIG_VENUES_MAX) /* no configuration has more */
        return 0;
    if (venue == end) {
        unknown->venue_count++;
        memcpy(venue->names.venue, row->names.venue, sizeof venue->names.venue);
        venue->since = INT64_MAX;
    }
    venue->orders++;
    if (row->order.updated < venue->since) {
        venue->since = row->order.updated;
        venue->oldest = row->order.id;
    }
    return 0;
}

int unknown_read(struct store *store, struct unknown *to, struct turret_error *err)
{
    memset(to, 0, sizeof *to);
    return records_orders(store, take, to, err);
}
