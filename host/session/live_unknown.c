/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order is UNKNOWN for a moment each time an answer is lost, and the next question ends it. One
 * that stays so is for a person: it is told once a venue, again when there are twice as many, and
 * when none is left.
 */
#include "session/live_unknown.h"

#include "io/clock.h"
#include "ops/plural.h"
#include "session/live_state.h"

#include <string.h>

#define LONG_NS INT64_C(5000000000)

struct oldest {
    uint32_t venue;
    uint64_t id;
    turret_time_ns updated;
};

static int see_order(void *context, const struct order *order)
{
    struct oldest *oldest = context;
    if (order->venue == oldest->venue && order->state == TURRET_STATE_UNKNOWN &&
        order->updated < oldest->updated) {
        oldest->id = order->id;
        oldest->updated = order->updated;
    }
    return 0;
}

/* How long one of them has been UNKNOWN, as far as it was watched. */
static int64_t age_of_oldest(struct live *live, uint32_t venue)
{
    struct live_unknown *unknown = &live->unknown[venue];
    const struct order *order = engine_order(live->engine, unknown->oldest);
    struct oldest oldest = {.venue = venue, .updated = INT64_MAX};
    int64_t now = clock_monotonic_ns();
    if (!order || order->state != TURRET_STATE_UNKNOWN) {
        (void)engine_each_order(live->engine, see_order, &oldest);
        unknown->oldest = oldest.id;
        unknown->since_ns = now;
    }
    return now - unknown->since_ns;
}

static void look(struct live *live, uint32_t venue)
{
    struct live_unknown *unknown = &live->unknown[venue];
    uint32_t count = engine_unknown(live->engine, venue);
    const char *name = engine_venue_name(live->engine, venue);
    if (count == 0) {
        if (unknown->told > 0)
            live_say(live, "turret: log: venue %s: no order is UNKNOWN any more\n", name);
        memset(unknown, 0, sizeof *unknown);
        return;
    }
    if (age_of_oldest(live, venue) < LONG_NS || count < 2 * unknown->told)
        return;
    unknown->told = count;
    live_say(
        live,
        "turret: alarm: venue %s: %u %s UNKNOWN, %llu for more than %d s: nobody knows whether "
        "%s, and %s for open (turret reconcile)\n",
        name, count, plural(count, "order is", "orders are"), (unsigned long long)unknown->oldest,
        (int)(LONG_NS / 1000000000), plural(count, "it works", "they work"),
        plural(count, "it is taken", "they are taken"));
}

void live_unknown_round(struct live *live)
{
    uint32_t v;
    for (v = 0; v < live->config->venue_count; v++)
        look(live, v);
}
