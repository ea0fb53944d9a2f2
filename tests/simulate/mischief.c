/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes of the host, made on purpose (world.h, WORLD_BUGS), so that an invariant must notice. */
#include "mischief.h"

#include "player.h"

static const char *const names[BUGS] = {
#define BUG(name, text) [BUG_##name] = #name,
    WORLD_BUGS(BUG)
#undef BUG
};

const char *mischief_name(enum bug bug)
{
    return bug < BUGS && names[bug] ? names[bug] : "";
}

static void let_go(struct host *host)
{
    struct engine *engine = host->live->engine;
    struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order_is_working(order)) {
            order_reserve(engine, order, -1);
            return;
        }
}

static void enlarge_exit(struct host *host)
{
    struct engine *engine = host->live->engine;
    struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->role == ORDER_EXIT && order->state == TURRET_STATE_HELD) {
            order->qty *= 2;
            return;
        }
}

void mischief_turn(struct host *host)
{
    struct world *world = host->world;
    struct player *player = host->live->engine->strategies[0].acting->handle.state;
    if (world->bug == BUG_DEAF_HALT && host->books.trading[TRADING_ALL][0] >= TRADING_CANCEL_ONLY)
        host->live->engine->trading.count = 0;
    else if (world->bug == BUG_EVENT_TWICE && world_below(world, 500) == 0)
        player->seen++;
    else if (world->bug == BUG_EXPOSURE && world_below(world, 200) == 0)
        let_go(host);
    else if (world->bug == BUG_EXIT_GROWS && world_below(world, 200) == 0)
        enlarge_exit(host);
}

/* What was on its way is sent once more. */
static int resend(void *context, const struct order *order)
{
    struct host *host = context;
    struct command command;
    if (order->state != TURRET_STATE_UNKNOWN && order->state != TURRET_STATE_ACCEPTED)
        return 0;
    memset(&command, 0, sizeof command);
    command.kind = COMMAND_SUBMIT;
    command.venue = order->venue;
    command.order.instrument = order->instrument;
    command.order.order_id = order->id;
    command.order.qty = order->qty;
    command.order.deadline = order->deadline;
    venues_command(host->live->venues, &command);
    return 0;
}

void mischief_start(struct host *host)
{
    if (host->world->bug == BUG_RESENT)
        (void)engine_each_order(host->live->engine, resend, host);
}
