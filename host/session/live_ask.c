/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of an order is asked of the venue with back-off: at once, then after 0.25, 0.5, 1, 2,
 * then every 4 s. Of those nobody knows the state of, of those whose answer is overdue, of those
 * that ended ahead of their fills, and of those of which nobody knows whether they were changed or
 * whether their cancel arrived. What the core wants to know in between waits for its turn, so that
 * no answer brings about the next question. Time is this machine's: the venue's stands still when
 * it says nothing.
 */
#include "session/live_state.h"

#include "core/places.h"
#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_WAIT_NS LIVE_UNKNOWN_QUERY_NS
#define LAST_WAIT_NS  (16 * FIRST_WAIT_NS)
#define SLACK_NS      (FIRST_WAIT_NS / 8) /* the timer's rounds are not exact */

struct live_ask {
    uint64_t order_id;
    int64_t due_ns, wait_ns; /* monotonic */
    bool open;               /* as of this round its order has to be asked for */
    bool wanted;             /* the core asked before it was due */
};

struct live_asks {
    uint32_t count, mask; /* mask: places - 1 */
    struct live_ask list[LIVE_ASKS];
    struct place places[];
};

int live_ask_open(struct live *live)
{
    uint32_t places = places_for(LIVE_ASKS);
    live->asks = calloc(1, sizeof *live->asks + places * sizeof live->asks->places[0]);
    if (!live->asks)
        return TURRET_ENOMEM;
    live->asks->mask = places - 1;
    return TURRET_OK;
}

void live_ask_close(struct live *live)
{
    free(live->asks);
}

static uint32_t hash_id(uint64_t id)
{
    return (uint32_t)(id * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static struct live_ask *find(struct live_asks *asks, uint64_t order_id)
{
    uint32_t hash = hash_id(order_id), at = hash, slot;
    for (; (slot = places_seek(asks->places, asks->mask, hash, &at)) != 0; at++)
        if (asks->list[slot - 1].order_id == order_id)
            return &asks->list[slot - 1];
    return NULL;
}

/* It is due a while later. NULL: there are too many; when some of these are known it is its turn.
 */
static struct live_ask *find_or_add(struct live_asks *asks, uint64_t order_id, int64_t now)
{
    struct live_ask *one = find(asks, order_id);
    if (one || asks->count == LIVE_ASKS)
        return one;
    places_add(asks->places, asks->mask, hash_id(order_id), asks->count);
    one = &asks->list[asks->count++];
    *one = (struct live_ask){order_id, now + FIRST_WAIT_NS, FIRST_WAIT_NS, false, false};
    return one;
}

static void drop(struct live_asks *asks, uint32_t slot)
{
    uint32_t last = --asks->count;
    places_remove(asks->places, asks->mask, hash_id(asks->list[slot].order_id), slot);
    if (slot == last)
        return;
    places_remove(asks->places, asks->mask, hash_id(asks->list[last].order_id), last);
    asks->list[slot] = asks->list[last];
    places_add(asks->places, asks->mask, hash_id(asks->list[slot].order_id), slot);
}

void live_ask_one(struct live *live, const struct order *order)
{
    struct command command;
    memset(&command, 0, sizeof command);
    command.kind = COMMAND_QUERY;
    command.venue = order->venue;
    command.order.struct_size = (uint32_t)sizeof command.order;
    command.order.instrument = order->instrument;
    command.order.order_id = order->id;
    (void)snprintf(command.order.client_id, sizeof command.order.client_id, "%llu",
                   (unsigned long long)order->id);
    command.order.request = order->request_version;
    venues_command(live->venues, &command);
}

static void later(struct live_ask *one, int64_t now)
{
    one->wait_ns = one->wait_ns * 2 < LAST_WAIT_NS ? one->wait_ns * 2 : LAST_WAIT_NS;
    one->due_ns = now + one->wait_ns;
    one->wanted = false;
}

void live_ask_wanted(struct live *live, const struct command *command)
{
    int64_t now = clock_monotonic_ns();
    struct live_asks *asks = live->asks;
    struct live_ask *one = find(asks, command->order.order_id);
    if (one && now + SLACK_NS < one->due_ns) {
        one->wanted = true;
        return;
    }
    if (one)
        later(one, now);
    else
        (void)find_or_add(asks, command->order.order_id, now);
    venues_command(live->venues, command);
}

static int consider(void *context, const struct order *order)
{
    struct live *live = context;
    turret_time_ns now = engine_now(live->engine);
    bool silent = order->state == TURRET_STATE_SENT && now > order->deadline;
    bool changing =
        order->pending_qty > 0 && order->request == TURRET_REQUEST_NONE && order_is_working(order);
    struct live_ask *one;
    if ((order->state != TURRET_STATE_UNKNOWN && !silent && !order->ending && !changing &&
         (order->state == TURRET_STATE_HELD || !order_cancel_is_lost(order, now))) ||
        venues_simulated(live->venues, order->venue))
        return 0;
    one = find_or_add(live->asks, order->id, clock_monotonic_ns());
    if (one)
        one->open = true;
    return 0;
}

void live_ask_round(struct live *live)
{
    struct live_asks *asks = live->asks;
    int64_t now = clock_monotonic_ns();
    uint32_t i;
    if (!venues_have_room(live->venues))
        return;
    (void)engine_each_order(live->engine, consider, live);
    for (i = asks->count; i-- > 0;) { /* from the end: what takes a place was seen before */
        struct live_ask *one = &asks->list[i];
        const struct order *order = engine_order(live->engine, one->order_id);
        bool due = now + SLACK_NS >= one->due_ns, open = one->open;
        one->open = false;
        if (due && order && (open || one->wanted)) {
            later(one, now);
            live_ask_one(live, order);
        } else if (due || !order) {
            drop(asks, i);
        }
    }
}
