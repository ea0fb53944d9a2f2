/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole state as bytes. Sections in a fixed order, each with its element count; names, not
 * indexes, join a snapshot to a configuration, so that the configuration may change between.
 * Layout: the order of calls in engine_snapshot(). restore.c reads it.
 */
#include "core/snapshot.h"

#include <string.h>

static void put_u32(struct pack *pack, uint32_t value)
{
    pack_put(pack, &value, sizeof value);
}

static void put_u64(struct pack *pack, uint64_t value)
{
    pack_put(pack, &value, sizeof value);
}

static void put_globals(struct pack *pack, const struct engine *engine)
{
    struct snapshot_globals globals;
    memset(&globals, 0, sizeof globals);
    globals.now = engine->now;
    globals.day = engine->day;
    globals.sequence = engine->sequence;
    globals.next_order_id = engine->next_order_id;
    globals.next_fill_id = engine->next_fill_id;
    globals.epoch = engine->epoch;
    pack_put(pack, &globals, sizeof globals);
}

static void put_instruments(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    put_u32(pack, engine->venue_count);
    for (i = 0; i < engine->venue_count; i++) {
        const struct venue *venue = &engine->venues[i];
        pack_put(pack, venue->name, sizeof venue->name);
        put_u32(pack, (venue->ready ? SNAPSHOT_READY : 0) |
                          (venue->downloading ? SNAPSHOT_DOWNLOADING : 0) |
                          (venue->differs ? SNAPSHOT_DIFFERS : 0));
    }
    put_u32(pack, engine->instrument_count);
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct instrument *from = &engine->instruments[i];
        struct snapshot_instrument to;
        memset(&to, 0, sizeof to);
        memcpy(to.symbol, from->def.symbol, sizeof to.symbol);
        memcpy(to.venue, from->def.venue, sizeof to.venue);
        to.price_scale = from->def.price_scale;
        to.qty_scale = from->def.qty_scale;
        to.multiplier = from->def.multiplier;
        to.status = from->def.status;
        to.mark = from->mark;
        to.mark_time = from->mark_time;
        to.bid = from->bid;
        to.ask = from->ask;
        to.quote_time = from->quote_time;
        pack_put(pack, &to, sizeof to);
    }
    put_u32(pack, engine->stream_count);
    for (i = 0; i < engine->stream_count; i++) {
        put_u32(pack, engine->streams[i].instrument);
        put_u64(pack, (uint64_t)engine->streams[i].timeframe_ns);
        put_u64(pack, (uint64_t)engine->streams[i].last_time);
    }
}

static void put_accounts(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    put_u32(pack, engine->account_count);
    for (i = 0; i < engine->account_count; i++) {
        pack_put(pack, &engine->accounts[i], sizeof engine->accounts[i]);
        put_u32(pack, engine->account_stopped_by_loss[i]);
        put_u32(pack, engine->account_stopped_by_drawdown[i]);
        pack_put(pack, &engine->account_rate[i], sizeof engine->account_rate[i]);
    }
}

static void put_strategies(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    put_u32(pack, engine->strategy_count);
    for (i = 0; i < engine->strategy_count; i++) {
        const struct strategy *from = &engine->strategies[i];
        struct snapshot_strategy to;
        memset(&to, 0, sizeof to);
        memcpy(to.name, from->name, sizeof to.name);
        (void)snprintf(to.plugin, sizeof to.plugin, "%s", from->acting->type->id);
        to.run = (uint32_t)from->run;
        to.stopped = (from->stopped_by_loss ? 1u : 0u) | (from->stopped_by_drawdown ? 2u : 0u) |
                     (from->acting->lost ? 4u : 0u);
        to.equity = from->equity;
        to.rate = from->rate;
        to.orders = from->orders;
        to.fills = from->fills;
        to.denials = from->denials;
        memcpy(to.timers, from->timers, sizeof to.timers);
        to.score = from->score;
        memcpy(to.fault, from->fault, sizeof to.fault);
        pack_put(pack, &to, sizeof to);
        (void)saved_state_put(pack, from->acting, NULL); /* refused: restored as a first start */
    }
}

static void put_indicator(struct pack *pack, const struct engine *engine,
                          const struct indicator *from)
{
    struct snapshot_indicator to;
    memset(&to, 0, sizeof to);
    memcpy(to.key, from->key, sizeof to.key);
    (void)snprintf(to.version, sizeof to.version, "%s", from->type->version);
    to.instrument = engine->streams[from->stream].instrument;
    to.schema = from->type->state_schema;
    to.timeframe_ns = engine->streams[from->stream].timeframe_ns;
    to.fed = from->fed;
    to.fault = from->fault;
    to.slot = from->slot;
    to.state_size = from->state_size;
    pack_put(pack, &to, sizeof to);
    pack_put(pack, from->state, (size_t)from->state_size);
}

/* The indicator of a stream whose key comes next behind `key`; NULL after the last. */
static const struct indicator *next_by_key(const struct engine *engine, const struct stream *stream,
                                           const char *key)
{
    const struct indicator *next = NULL;
    uint32_t at;
    for (at = stream->first_indicator; at != ENGINE_NONE; at = engine->indicators[at].next) {
        const struct indicator *indicator = &engine->indicators[at];
        if (strcmp(indicator->key, key) > 0 && (!next || strcmp(indicator->key, next->key) < 0))
            next = indicator;
    }
    return next;
}

/* In the order of streams and keys, whatever order they were asked for in. */
static void put_indicators(struct pack *pack, const struct engine *engine)
{
    const struct indicator *indicator;
    uint32_t t, count = 0;
    size_t count_at = pack->used;
    put_u32(pack, 0);
    for (t = 0; t < engine->stream_count; t++) {
        const char *key = "";
        while ((indicator = next_by_key(engine, &engine->streams[t], key)) != NULL) {
            put_indicator(pack, engine, indicator);
            key = indicator->key;
            count++;
        }
    }
    if (pack->used <= pack->room)
        memcpy(pack->bytes + count_at, &count, sizeof count);
}

/* What risk remembers, of strategies and instruments in their order above. */
static void put_conduct(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->strategy_count; i++)
        pack_put(pack, &engine->strategies[i].conduct, sizeof engine->strategies[i].conduct);
    for (i = 1; i <= engine->instrument_count; i++)
        pack_put(pack, &engine->instruments[i].anchor, sizeof engine->instruments[i].anchor);
}

/* Closes of days, newest last, for every instrument; round trips of every strategy. */
static void put_sizing(struct pack *pack, const struct engine *engine)
{
    const struct daily *daily = &engine->daily;
    uint32_t i;
    put_u32(pack, daily->count);
    pack_put(pack, daily->days, daily->count * sizeof *daily->days);
    for (i = 0; i < daily->count; i++)
        pack_put(pack, daily->closes + (size_t)i * daily->width + 1,
                 engine->instrument_count * sizeof *daily->closes);
    for (i = 0; i < engine->strategy_count; i++)
        pack_put(pack, &engine->strategies[i].record, sizeof engine->strategies[i].record);
}

static void put_trading(struct pack *pack, const struct engine *engine)
{
    put_u32(pack, engine->trading.count);
    pack_put(pack, engine->trading.latches,
             engine->trading.count * sizeof engine->trading.latches[0]);
}

/* What notices that are told once, or whenever a count has doubled, are told by. */
static void put_told(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    put_u32(pack, DENY_CODES);
    for (i = 0; i < engine->strategy_count; i++) {
        put_u32(pack, engine->strategies[i].no_stake);
        pack_put(pack, engine->strategies[i].denied, sizeof engine->strategies[i].denied);
    }
    for (i = 0; i < engine->venue_count; i++)
        put_u32(pack, engine->venues[i].fees_above);
}

/* Strategies in their order above; then of the orders in the table those with numbers. */
static void put_post_trade(struct pack *pack, const struct engine *engine)
{
    const struct order *order;
    uint32_t i, cursor, count = 0;
    for (i = 0; i < engine->strategy_count; i++)
        pack_put(pack, &engine->strategies[i].post_trade, sizeof engine->strategies[i].post_trade);
    for (cursor = 0; (order = order_table_next(engine->orders, &cursor)) != NULL;)
        count += engine->sendings[order_table_slot(engine->orders, order)].order_id == order->id;
    put_u32(pack, count);
    for (cursor = 0; (order = order_table_next(engine->orders, &cursor)) != NULL;) {
        const struct sending *of = &engine->sendings[order_table_slot(engine->orders, order)];
        if (of->order_id == order->id)
            pack_put(pack, of, sizeof *of);
    }
    put_told(pack, engine);
}

/* Of accounts and strategies in their order above; nothing at all where nothing is known. */
static void put_stops(struct pack *pack, const struct engine *engine)
{
    uint32_t i, kind;
    bool known = false;
    for (i = 0; i < engine->account_count * STOP_KINDS; i++)
        known = known || engine->account_stops[i / STOP_KINDS][i % STOP_KINDS].since > 0;
    for (i = 0; i < engine->strategy_count; i++)
        for (kind = 0; kind < STOP_KINDS; kind++)
            known = known || engine->strategies[i].stops[kind].since > 0;
    if (!known)
        return;
    pack_put(pack, engine->account_stops, engine->account_count * sizeof engine->account_stops[0]);
    for (i = 0; i < engine->strategy_count; i++)
        pack_put(pack, engine->strategies[i].stops, sizeof engine->strategies[i].stops);
}

size_t engine_snapshot(const struct engine *engine, void *to, size_t room)
{
    struct pack pack = {to, 0, to ? room : 0};
    struct snapshot_head head = {SNAPSHOT_MAGIC, SNAPSHOT_VERSION, 0};
    const struct order *order;
    uint32_t cursor = 0, i;
    size_t count_at;
    pack_put(&pack, &head, sizeof head);
    put_globals(&pack, engine);
    put_instruments(&pack, engine);
    put_accounts(&pack, engine);
    put_strategies(&pack, engine);
    put_u32(&pack, engine->position_count);
    pack_put(&pack, engine->positions, engine->position_count * sizeof *engine->positions);
    put_indicators(&pack, engine);
    count_at = pack.used;
    put_u32(&pack, 0);
    for (i = 0; (order = order_table_next(engine->orders, &cursor)) != NULL; i++)
        pack_put(&pack, order, sizeof *order);
    if (pack.used <= pack.room)
        memcpy(pack.bytes + count_at, &i, sizeof i);
    put_u32(&pack, engine->executions.count);
    for (i = 0; i < engine->executions.count; i++)
        pack_put(
            &pack,
            &engine->executions.ring[(engine->executions.head + i) % engine->executions.capacity],
            sizeof(struct fill));
    put_conduct(&pack, engine);
    put_sizing(&pack, engine);
    for (i = 0; i < engine->strategy_count; i++)
        protection_put(&pack, &engine->strategies[i]);
    reconcile_put(&pack, engine);
    put_trading(&pack, engine);
    put_post_trade(&pack, engine);
    put_stops(&pack, engine);
    head.size_bytes = pack.used;
    if (pack.used <= pack.room)
        memcpy(pack.bytes, &head, sizeof head);
    return pack.used;
}

turret_time_ns engine_snapshot_time(const void *from, size_t size_bytes)
{
    struct snapshot_head head;
    struct snapshot_globals globals;
    if (size_bytes < sizeof head + sizeof globals)
        return 0;
    memcpy(&head, from, sizeof head);
    if (head.magic != SNAPSHOT_MAGIC || head.version != SNAPSHOT_VERSION)
        return 0;
    memcpy(&globals, (const uint8_t *)from + sizeof head, sizeof globals);
    return globals.now;
}
