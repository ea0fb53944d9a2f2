/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of an order is asked of the venue with back-off: 0.25, 0.5, 1, 2, then every 4 s. Of
 * those nobody knows the state of, of those whose answer is overdue, of those that ended ahead of
 * their fills, and of those of which nobody knows whether they were changed. Time is this
 * machine's: the venue's stands still when it says nothing.
 */
#include "session/live_state.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_WAIT_NS LIVE_UNKNOWN_QUERY_NS
#define LAST_WAIT_NS  (16 * FIRST_WAIT_NS)
#define SLACK_NS      (FIRST_WAIT_NS / 8) /* the timer's rounds are not exact */

/* One round over the table, which keeps its order: what was asked before is found by going along.
 */
struct round {
    struct live *live;
    struct live_ask *old, *next;
    uint32_t old_count, at;
    int64_t now;
};

int live_ask_open(struct live *live)
{
    live->asks[0] = calloc(LIVE_ASKS, sizeof *live->asks[0]);
    live->asks[1] = calloc(LIVE_ASKS, sizeof *live->asks[1]);
    return live->asks[0] && live->asks[1] ? TURRET_OK : TURRET_ENOMEM;
}

void live_ask_close(struct live *live)
{
    free(live->asks[0]);
    free(live->asks[1]);
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

/* The core asked when it came to be so; the first time here is a while later. */
static struct live_ask schedule_of(struct round *round, uint64_t order_id)
{
    struct live_ask found = {order_id, round->now + FIRST_WAIT_NS, FIRST_WAIT_NS};
    uint32_t i;
    for (i = round->at; i < round->old_count; i++)
        if (round->old[i].order_id == order_id) {
            found = round->old[i];
            round->at = i + 1;
            break;
        }
    return found;
}

static int consider(void *context, const struct order *order)
{
    struct round *round = context;
    struct live *live = round->live;
    struct live_ask one;
    bool silent = order->state == TURRET_STATE_SENT && engine_now(live->engine) > order->deadline;
    bool changing =
        order->pending_qty > 0 && order->request == TURRET_REQUEST_NONE && order_is_working(order);
    if ((order->state != TURRET_STATE_UNKNOWN && !silent && !order->ending && !changing) ||
        venues_simulated(live->venues, order->venue))
        return 0;
    if (live->ask_count == LIVE_ASKS)
        return 1; /* the others when some of these are known */
    one = schedule_of(round, order->id);
    if (round->now + SLACK_NS >= one.due_ns) {
        live_ask_one(live, order);
        one.wait_ns = one.wait_ns * 2 < LAST_WAIT_NS ? one.wait_ns * 2 : LAST_WAIT_NS;
        one.due_ns = round->now + one.wait_ns;
    }
    round->next[live->ask_count++] = one;
    return 0;
}

void live_ask_round(struct live *live)
{
    struct round round = {.live = live,
                          .old = live->asks[live->asks_turn],
                          .next = live->asks[!live->asks_turn],
                          .old_count = live->ask_count,
                          .now = clock_monotonic_ns()};
    if (!venues_have_room(live->venues))
        return;
    live->ask_count = 0;
    live->asks_turn = !live->asks_turn;
    (void)engine_each_order(live->engine, consider, &round);
}
