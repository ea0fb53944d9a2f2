/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing with the venues while everything goes on: fills, positions and balances are asked for
 * as each adapter offers it, working orders one after the other, the time. What comes back is
 * compared by the core; what the core cannot know (the store, the clocks) is found here and told it
 * as an event.
 */
#include "session/live_state.h"

#include "io/clock.h"
#include "session/rows.h"

#include <string.h>

#define AGAIN_NS    INT64_C(500000000)   /* until something suspicious is asked again */
#define DOWNLOAD_NS INT64_C(5000000000)  /* the same where it takes a download */
#define TIME_NS     INT64_C(10000000000) /* at most, between questions for the time */
#define SILENT_NS   INT64_C(5000000000)  /* until a venue that does not tell it is not waited for */
#define OVERLAP_NS  INT64_C(600000000000)
#define ORDERS_MOST 16 /* asked for in one round */

static void tell_core(struct live *live, uint16_t venue, const struct event_difference *found)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_DIFFERENCE;
    event.venue = venue;
    event.u.difference = *found;
    engine_ingest(live->engine, &event);
}

/* ---- fills that only the store remembers ---- */

static turret_instrument instrument_of(const struct live *live, const struct row_names *names)
{
    const struct config *config = live->config;
    uint32_t i;
    for (i = 0; i < config->instrument_count; i++)
        if (!strncmp(config->instruments[i].symbol, names->symbol, sizeof names->symbol) &&
            !strncmp(config->instruments[i].venue, names->venue, sizeof names->venue))
            return i + 1;
    return 0;
}

static uint32_t strategy_of(const struct live *live, const struct row_names *names)
{
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        if (!strncmp(engine_strategy_name(live->engine, i), names->strategy,
                     sizeof names->strategy))
            return i;
    return ORDER_NO_STRATEGY;
}

/* What was filled before a split counts other units: that is for a person. */
static bool split_since(const struct live *live, turret_instrument id, turret_time_ns time)
{
    const struct config_instrument *instrument = &live->config->instruments[id - 1];
    uint32_t i;
    for (i = 0; i < instrument->split_count; i++)
        if (instrument->splits[i].time > time)
            return true;
    return false;
}

static void recall(struct live *live, uint16_t venue, const struct row_fill *row)
{
    struct event_difference found;
    turret_instrument id = instrument_of(live, &row->names);
    if (!id || split_since(live, id, row->fill.time))
        return; /* the core says that it does not know it */
    memset(&found, 0, sizeof found);
    found.kind = DIFFERENCE_RECALL;
    found.fill = row->fill;
    found.fill.instrument = id;
    found.fill.venue = venue;
    found.fill.strategy = strategy_of(live, &row->names);
    tell_core(live, venue, &found);
}

bool live_reconcile_take(struct live *live, const struct event *event)
{
    const char *execution_id =
        event->type == EVENT_FILL ? event->u.fill.execution_id : event->u.bust.execution_id;
    struct turret_error why = {0};
    struct row_fill row;
    int status;
    if (venues_simulated(live->venues, event->venue))
        return true;
    if (engine_knows_execution(live->engine, event->venue, execution_id))
        return event->type == EVENT_BUST; /* a fill that is told again changes nothing */
    if (!engine_forgot_executions(live->engine))
        return true;
    status = rows_find_execution(live->store, engine_venue_name(live->engine, event->venue),
                                 execution_id, &row, &why);
    if (status == TURRET_ENOTFOUND)
        return true;
    if (status) {
        if (!live->failed)
            live->failed = turret_fail(&live->failure, status,
                                       "whether execution %s was booked cannot be read: %s",
                                       execution_id, why.text);
        return false;
    }
    if (event->type == EVENT_BUST && !row.fill.busted) {
        recall(live, event->venue, &row);
        return true;
    }
    live->reconcile.repeated++;
    return false; /* booked, or taken back, long ago */
}

/* ---- the store's thread ---- */

static void watch_journal(struct live *live)
{
    struct live_reconcile *r = &live->reconcile;
    uint64_t durable = writer_durable_sequence(live->writer);
    int64_t now = clock_monotonic_ns();
    struct event_difference found;
    bool behind;
    if (writer_pending(live->writer) == 0)
        r->behind_ns = 0;
    else if (r->behind_ns == 0 || durable != r->durable)
        r->behind_ns = now;
    r->durable = durable;
    behind = r->behind_ns != 0 && now - r->behind_ns > LIVE_JOURNAL_NS;
    if (behind == r->told_behind || !live_have_batch(live))
        return;
    r->told_behind = behind;
    memset(&found, 0, sizeof found);
    found.kind = DIFFERENCE_JOURNAL;
    found.value = behind;
    tell_core(live, EVENT_FROM_HOST, &found);
}

static void ask_time(struct live *live, uint32_t venue, int64_t now)
{
    struct live_reconcile *r = &live->reconcile;
    int64_t every = live->config->venues[venue].reconcile.every_ns, skew;
    if (now < r->time_ns[venue])
        return;
    every = every < TIME_NS ? every : TIME_NS;
    r->time_ns[venue] = now + (engine_skew(live->engine, venue, &skew) ? every : AGAIN_NS);
    if (venues_ask(live->venues, venue, VENUES_TIME, 0, NULL) != TURRET_OK)
        r->time_ns[venue] = now + AGAIN_NS;
}

void live_reconcile_connected(struct live *live, uint32_t venue)
{
    if (venues_caps(live->venues, venue)->can & TURRET_CAN_SERVER_TIME)
        ask_time(live, venue, clock_monotonic_ns()); /* known when the download has come */
}

void live_reconcile_lost(struct live *live, uint32_t venue)
{
    live->reconcile.time_ns[venue] = 0; /* what was asked is not answered any more */
}

/* It is ready once its time is known: one that does not tell it must not stand still unsaid. */
static void watch_silence(struct live *live, uint32_t venue, int64_t now)
{
    struct live_reconcile *r = &live->reconcile;
    struct event_difference found;
    int64_t skew;
    if (engine_skew(live->engine, venue, &skew)) {
        r->untold_ns[venue] = 0;
        return;
    }
    if (r->untold_ns[venue] == 0)
        r->untold_ns[venue] = now;
    if (now - r->untold_ns[venue] < SILENT_NS || !live_have_batch(live))
        return;
    r->untold_ns[venue] = INT64_MAX; /* told once */
    memset(&found, 0, sizeof found);
    found.kind = DIFFERENCE_CLOCK;
    found.doubt = DIFFERENCE_CLOCK_UNTOLD;
    tell_core(live, (uint16_t)venue, &found);
}

void live_reconcile_turn(struct live *live)
{
    struct venues_time time;
    uint32_t v;
    watch_journal(live);
    for (v = 0; v < live->config->venue_count; v++) {
        struct event_difference found;
        if (!(venues_caps(live->venues, v)->can & TURRET_CAN_SERVER_TIME))
            continue;
        if (!live_have_batch(live) || !venues_take_time(live->venues, v, &time))
            continue;
        memset(&found, 0, sizeof found);
        found.kind = DIFFERENCE_CLOCK;
        found.value = time.skew_ns;
        found.doubt = time.doubt_ns;
        tell_core(live, (uint16_t)v, &found);
    }
}

/* ---- asking ---- */

/* One order after the other, so that each is asked for once in `every_ns`. */
struct rounds {
    struct live *live;
    uint32_t venue, skip, left, seen;
};

static int consider(void *context, const struct order *order)
{
    struct rounds *rounds = context;
    if (order->venue != rounds->venue || !order_is_working(order) || order->id >= ORDER_ID_END ||
        order->state == TURRET_STATE_HELD || order->state == TURRET_STATE_SENT ||
        order->state == TURRET_STATE_UNKNOWN || rounds->seen++ < rounds->skip)
        return 0; /* live_ask.c asks for what is not known; foreign ones no venue knows by our id */
    live_ask_one(rounds->live, order);
    return --rounds->left == 0;
}

static void ask_orders(struct live *live, uint32_t venue, int64_t every_ns)
{
    struct live_reconcile *r = &live->reconcile;
    uint32_t working = engine_working(live->engine, venue);
    struct rounds rounds = {.live = live, .venue = venue, .skip = r->cursor[venue]};
    r->credit_ns[venue] += (int64_t)working * LIVE_UNKNOWN_QUERY_NS;
    while (r->credit_ns[venue] >= every_ns) {
        r->credit_ns[venue] -= every_ns;
        rounds.left += rounds.left < ORDERS_MOST;
    }
    if (rounds.left == 0)
        return;
    r->cursor[venue] += rounds.left;
    if (engine_each_order(live->engine, consider, &rounds) == 0)
        r->cursor[venue] = 0; /* from the oldest again */
}

/* What is not offered by itself comes with a download, and so does what found no room. */
static void ask_books(struct live *live, uint32_t venue)
{
    turret_time_ns since = engine_now(live->engine) - OVERLAP_NS;
    since = since > 0 ? since : 0;
    (void)venues_ask(live->venues, venue, VENUES_FILLS, since, NULL);
    if (engine_overflows(live->engine, venue) ||
        venues_ask(live->venues, venue, VENUES_POSITIONS, since, NULL) == TURRET_ENOTSUP) {
        (void)venues_ask(live->venues, venue, VENUES_DOWNLOAD, since, NULL);
        return;
    }
    (void)venues_ask(live->venues, venue, VENUES_BALANCES, since, NULL);
}

static void ask_venue(struct live *live, uint32_t venue, int64_t now)
{
    struct live_reconcile *r = &live->reconcile;
    const struct turret_broker_caps *caps = venues_caps(live->venues, venue);
    int64_t every = live->config->venues[venue].reconcile.every_ns;
    bool downloads =
        !(caps->can & TURRET_CAN_QUERY_POSITIONS) || engine_overflows(live->engine, venue);
    int64_t again = now + (downloads ? DOWNLOAD_NS : AGAIN_NS);
    if (r->due_ns[venue] == 0)
        r->due_ns[venue] = now + every; /* the download was the first comparison */
    if (r->due_ns[venue] > again &&
        (engine_suspects(live->engine, venue) || engine_needs_position(live->engine, venue)))
        r->due_ns[venue] = again;
    ask_orders(live, venue, every);
    if (now < r->due_ns[venue])
        return;
    r->due_ns[venue] = now + every;
    ask_books(live, venue);
}

void live_reconcile_round(struct live *live)
{
    int64_t now = clock_monotonic_ns();
    uint32_t v;
    if (!venues_have_room(live->venues))
        return;
    for (v = 0; v < live->config->venue_count; v++) {
        uint32_t can = venues_caps(live->venues, v)->can;
        if ((can & TURRET_CAN_SIMULATE) || !(can & TURRET_CAN_TRADE))
            continue;
        if (!engine_venue_complete(live->engine, v)) {
            live->reconcile.due_ns[v] = live->reconcile.untold_ns[v] = 0;
            continue;
        }
        if (can & TURRET_CAN_SERVER_TIME) {
            ask_time(live, v, now);
            watch_silence(live, v, now);
        }
        ask_venue(live, v, now);
    }
}

bool live_reconcile_now(struct live *live, uint32_t venue)
{
    if (!engine_venue_complete(live->engine, venue))
        return false;
    live->reconcile.due_ns[venue] = 1;
    return true;
}
