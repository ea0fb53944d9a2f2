/* SPDX-License-Identifier: Apache-2.0 */
/* Engines, venues and what comes out of an engine. */
#include "host.h"

#include "player.h"
#include "session/definitions.h"
#include "session/venues_state.h"

#include <stdlib.h>

/* ---- what is decided by the seed ---- */

static struct risk_limits any_limits(struct world *world)
{
    struct risk_limits limits = {
        .max_order_qty_nano = world_between(world, 20, 2000) * MONEY_NANO,
        .max_order_notional = INT64_C(20000000) * MONEY_ONE,
        .max_position_nano = world_between(world, 50, 100000) * MONEY_NANO,
        .max_position_notional = INT64_C(40000000) * MONEY_ONE,
        .max_open_orders = world_between(world, 3, 60),
        .max_orders_per_minute = world_between(world, 20, 2000),
        .collar_ppm = 100000,
        .reference_age_ns = 60 * SECOND,
        .daily_loss = INT64_C(30000000) * MONEY_ONE,
        .daily_loss_ppm = RISK_UNSET,
        .drawdown_ppm = 900000,
        .leverage_ppm = 5 * MONEY_PPM,
        .self_trade = world_between(world, 0, 1),
        .gross_exposure = INT64_MAX / 4,
        .net_exposure = INT64_MAX / 4,
        .concentration_ppm = INT64_MAX / 4,
        .loss_streak = 50,
        .cool_down_ns = SECOND,
        .fills_per_minute = world_between(world, 100, 5000),
        .max_unexecuted = INT64_MAX,
        .messages_per_fill = 100000,
        .sector_ppm = INT64_MAX / 4,
        .correlation_ppm = INT64_MAX / 4,
        .correlation_from_ppm = INT64_MAX / 4,
        .max_slippage_ppm = 10000,
        .max_rejects_ppm = 100000,
    };
    return limits;
}

static void choose_market(struct host *host, uint32_t i)
{
    struct world *world = host->world;
    const struct exchange_market *market = &world->exchanges[i % world->venues]->markets[i + 1];
    struct config_instrument *to = &host->config_instruments[i];
    (void)snprintf(to->symbol, sizeof to->symbol, "S%u", i);
    (void)snprintf(to->venue, sizeof to->venue, "v%u", i % world->venues);
    memcpy(to->feed, to->venue, sizeof to->feed);
    memcpy(to->currency, "USD", 4);
    to->price_scale = market->price_scale;
    to->qty_scale = market->qty_scale;
    to->tick_size = market->tick;
    to->lot_size = to->min_qty = market->lot;
    to->max_qty = ORDER_QTY_MAX;
    to->multiplier = market->multiplier;
}

void host_choose(struct host *host)
{
    struct world *world = host->world;
    uint32_t i;
    host->config.mode = CONFIG_PAPER;
    host->config.venues = host->config_venues;
    host->config.instruments = host->config_instruments;
    host->config.strategies = host->config_strategies;
    host->config.venue_count = world->venues;
    host->config.instrument_count = world->instruments;
    host->config.strategy_count = world->strategies;
    for (i = 0; i < world->venues; i++) {
        (void)snprintf(host->config_venues[i].name, sizeof host->config_venues[i].name, "v%u", i);
        host->config_venues[i].reconcile.every_ns = INT64_C(20000000000);
        host->config_venues[i].reconcile.policy =
            (struct engine_reconcile){.orders = RECONCILE_ADOPT,
                                      .fills = RECONCILE_ADOPT,
                                      .positions = RECONCILE_HALT,
                                      .cash = RECONCILE_HALT};
    }
    for (i = 0; i < world->instruments; i++)
        choose_market(host, i);
    for (i = 0; i < world->strategies; i++) {
        (void)snprintf(host->config_strategies[i].name, sizeof host->config_strategies[i].name,
                       "p%u", i);
        host->numbers[i] = world_between(world, 1, 1000000);
        host->busy[i] = world_between(world, 5, world_below(world, 4) ? 120 : 600);
        host->wild[i] = world_below(world, 2) ? world_between(world, 0, 20) : 0;
    }
    for (i = 0; i < HOST_VERSIONS; i++)
        host->limits[i] = any_limits(world);
}

/* ---- venues: the session's own, around the adapter here ---- */

int host_open_venues(struct host *host, struct turret_error *err)
{
    static struct plugin_offer offer;
    struct venues *venues = calloc(1, sizeof *venues);
    uint32_t i;
    int status = TURRET_OK;
    host->live->venues = venues;
    if (venues) {
        venues->defs = calloc(WORLD_INSTRUMENTS + 1, sizeof *venues->defs);
        venues->waiting.events = calloc(VENUE_QUEUE, sizeof *venues->waiting.events);
        venues->prompt.events = calloc(VENUE_PROMPT, sizeof *venues->prompt.events);
    }
    if (!venues || !venues->defs || !venues->waiting.events || !venues->prompt.events)
        return turret_fail(err, TURRET_ENOMEM, "no memory for venues");
    venues->waiting.capacity = VENUE_QUEUE;
    venues->prompt.capacity = VENUE_PROMPT;
    venues->config = &host->config;
    offer.broker = adapter_type;
    for (i = 0; i < host->world->instruments; i++)
        definitions_fill(&host->config_instruments[i], i + 1, &venues->defs[i + 1]);
    for (i = 0; !status && i < host->world->venues; i++) {
        venues->count = i + 1;
        status = venues_make_link(venues, i, &offer, host->world->now, TURRET_REASON_RESTART, NULL,
                                  &venues->links[i], err);
    }
    return status;
}

/* ---- engines ---- */

static int add_market(struct host *host, struct engine *engine, struct turret_error *err)
{
    uint32_t i, index;
    int status = TURRET_OK;
    for (i = 0; !status && i < host->world->venues; i++) {
        struct engine_venue venue = {.caps = *venues_caps(host->live->venues, i)};
        memcpy(venue.name, host->config_venues[i].name, sizeof venue.name);
        venue.reconcile = host->config_venues[i].reconcile.policy;
        status = engine_add_venue(engine, &venue, &index, err);
    }
    for (i = 0; !status && i < host->world->instruments; i++) {
        struct engine_instrument instrument;
        turret_instrument id;
        memset(&instrument, 0, sizeof instrument);
        definitions_fill(&host->config_instruments[i], i + 1, &instrument.def);
        instrument.venue = instrument.feed = i % host->world->venues;
        status = engine_add_instrument(engine, &instrument, &id, err);
    }
    return status;
}

/* Each is on one to all instruments, on some of them with bars. */
static int add_strategy(struct host *host, struct engine *engine, uint32_t s, uint32_t build,
                        struct turret_error *err)
{
    struct turret_param_value params[3] = {
        {1, TURRET_PARAM_TYPE_INT, host->numbers[s], (double)host->numbers[s], NULL},
        {2, TURRET_PARAM_TYPE_INT, host->busy[s], (double)host->busy[s], NULL},
        {3, TURRET_PARAM_TYPE_INT, host->wild[s], (double)host->wild[s], NULL}};
    struct engine_subscription on[WORLD_INSTRUMENTS];
    struct engine_strategy strategy = {.type = &player_types[build],
                                       .params = params,
                                       .on = on,
                                       .enabled = true,
                                       .build = {(uint8_t)(build + 1)}};
    uint32_t i, index;
    if (host->numbers[s] >> 12 & 1)
        strategy.protection.max_holding_ns = (5 + (host->numbers[s] >> 13 & 31)) * SECOND;
    if (host->numbers[s] >> 14 & 1)
        strategy.protection.trailing_ppm = 200 + (uint32_t)(host->numbers[s] & 2047);
    memcpy(strategy.name, host->config_strategies[s].name, sizeof strategy.name);
    risk_limits_clear(&strategy.limits);
    for (i = 0; i < host->world->instruments; i++)
        if (i == s % host->world->instruments || (host->numbers[s] >> i & 1))
            on[strategy.on_count++] =
                (struct engine_subscription){i + 1, (host->numbers[s] >> (i + 6) & 1) * MINUTE};
    return engine_add_strategy(engine, &strategy, &index, err);
}

void host_builds(const struct engine *engine, uint32_t builds[WORLD_STRATEGIES])
{
    uint32_t s;
    for (s = 0; s < engine->strategy_count; s++)
        builds[s] = (uint32_t)(engine->strategies[s].acting->type - player_types);
}

static int build(struct host *host, const struct saved *from, const struct sink *sink,
                 uint32_t reason, bool recorded, struct engine **out, struct turret_error *err)
{
    const struct engine_options options = {.orders_max = 512,
                                           .intents_max = 1024,
                                           .executions_max = 4096,
                                           .indicators_max = 8,
                                           .recorded_intents = recorded,
                                           .risk = host->limits[host->version % HOST_VERSIONS]};
    uint32_t s;
    int status = engine_create(out, &options, sink, err);
    if (status)
        return status;
    status = add_market(host, *out, err);
    for (s = 0; !status && s < host->world->strategies; s++)
        status = add_strategy(host, *out, s, from ? from->builds[s] : 0, err);
    if (!status && from)
        status = engine_preload(*out, from->bytes, from->size, err);
    if (!status)
        status = engine_start(*out, reason, err);
    if (!status && from)
        status = engine_restore(*out, from->bytes, from->size, err);
    return status;
}

int host_build(struct host *host, const struct saved *from, uint32_t reason, bool recorded,
               struct engine **out, struct turret_error *err)
{
    const struct sink sink = host_sink(host);
    return build(host, from, &sink, reason, recorded, out, err);
}

static void carried_out_by_nobody(void *context, const struct command *command)
{
    (void)context;
    (void)command;
}

void host_check_saved(struct host *host, const struct saved *saved)
{
    const struct sink sink = {.command = carried_out_by_nobody}; /* beside the one that goes on */
    struct turret_error err = {0};
    struct engine *engine = NULL;
    if (build(host, saved, &sink, TURRET_REASON_RESTART, true, &engine, &err))
        world_fail(host->world, "what is kept can be taken up again", "%s", err.text);
    engine_destroy(engine, TURRET_REASON_SHUTDOWN);
}

/* ---- what comes out: to the invariants, then to the session ---- */

static void on_journal(void *context, const struct event *event)
{
    struct host *host = context;
    struct event heard = *event;
    host_check(host);
    host_see_event(host, event);
    if (host->rebuilding)
        return;
    host->world->events++;
    world_mix(host->world, &event->sequence, 24 + event_payload_size(event->type));
    world_say(host->world, "event %llu: %s of venue %d", (unsigned long long)event->sequence,
              event_type_name(event->type), event->venue == EVENT_FROM_HOST ? -1 : event->venue);
    if (event->type == EVENT_SWAP) { /* what else the session keeps of it needs its registry */
        uint8_t payload[sizeof heard];
        struct store_record record = {event->sequence,
                                      event->time,
                                      event->type,
                                      EVENT_VERSION,
                                      8 + event_payload_size(event->type),
                                      payload};
        memset(payload, 0, 8);
        memcpy(payload, &event->venue, sizeof event->venue);
        memcpy(payload + 8, &event->u, event_payload_size(event->type));
        if (store_batch_record(host->live->batch, &record))
            world_fail(host->world, "a turn fits its batch", "a step of a swap did not");
        return;
    }
    host->inner.journal(host->inner.context, event);
}

static void on_order(void *context, const struct order *order)
{
    struct host *host = context;
    host_see_order(host, order);
    if (!host->rebuilding)
        host->inner.order(host->inner.context, order);
}

static void on_fill(void *context, const struct fill *fill)
{
    struct host *host = context;
    host_see_fill(host, fill);
    if (!host->rebuilding)
        host->inner.fill(host->inner.context, fill);
}

static void on_difference(void *context, const struct difference *one)
{
    host_see_difference(context, one);
}

static void on_position(void *context, const struct position *position)
{
    struct host *host = context;
    host->inner.position(host->inner.context, position);
}

static void on_cash(void *context, const struct account *account)
{
    struct host *host = context;
    host->inner.cash(host->inner.context, account);
}

static void on_command(void *context, const struct command *command)
{
    struct host *host = context;
    if (host->rebuilding)
        return;
    world_mix(host->world, &command->order.order_id, sizeof command->order.order_id);
    world_say(host->world, "command %d of %llu: qty %lld at %lld", (int)command->kind,
              (unsigned long long)command->order.order_id, (long long)command->order.qty,
              (long long)command->order.limit_price);
    host->inner.command(host->inner.context, command);
}

static void on_notice(void *context, enum notice_kind kind, uint32_t strategy, const char *text)
{
    struct host *host = context;
    (void)strategy;
    if (!host->rebuilding && kind != NOTICE_LOG)
        world_say(host->world, "notice: %s", text);
}

struct sink host_sink(struct host *host)
{
    host->inner = live_sink(host->live);
    return (struct sink){.context = host,
                         .journal = on_journal,
                         .order = on_order,
                         .fill = on_fill,
                         .difference = on_difference,
                         .position = on_position,
                         .cash = on_cash,
                         .command = on_command,
                         .notice = on_notice};
}
