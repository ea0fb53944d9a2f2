/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole state as bytes. Sections in a fixed order, each with its element count; names, not
 * indexes, join a snapshot to a configuration, so that the configuration may change between.
 * Layout: the order of calls in engine_snapshot(). restore.c reads it.
 */
#include "core/snapshot.h"

#include <string.h>

static void put(struct pack *pack, const void *from, size_t size)
{
    if (pack->used + size <= pack->room && size)
        memcpy(pack->bytes + pack->used, from, size);
    pack->used += size;
}

static void put_u32(struct pack *pack, uint32_t value)
{
    put(pack, &value, sizeof value);
}

static void put_u64(struct pack *pack, uint64_t value)
{
    put(pack, &value, sizeof value);
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
    globals.trading = (uint32_t)engine->trading;
    put(pack, &globals, sizeof globals);
}

static void put_instruments(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    put_u32(pack, engine->venue_count);
    for (i = 0; i < engine->venue_count; i++) {
        const struct venue *venue = &engine->venues[i];
        put(pack, venue->name, sizeof venue->name);
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
        put(pack, &to, sizeof to);
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
        put(pack, &engine->accounts[i], sizeof engine->accounts[i]);
        put_u32(pack, engine->account_stopped_by_loss[i]);
        put_u32(pack, engine->account_stopped_by_drawdown[i]);
        put(pack, &engine->account_rate[i], sizeof engine->account_rate[i]);
    }
}

size_t snapshot_field_size(const struct turret_field *field)
{
    return (field->type == TURRET_FIELD_TYPE_I32 ? sizeof(int32_t) : sizeof(int64_t)) *
           field->count;
}

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    put(stream->context, from, (size_t)size_bytes);
    return (int64_t)size_bytes;
}

/* Fields by id, then the bytes of save() if the type has it. */
static void put_state(struct pack *pack, const struct strategy *strategy)
{
    const struct turret_strategy_type *type = strategy->type;
    struct turret_stream stream = {(uint32_t)sizeof stream, type->state_schema, pack, NULL,
                                   stream_write};
    size_t length_at;
    uint64_t length;
    uint32_t i;
    put_u32(pack, type->state_schema);
    put_u32(pack, type->field_count);
    for (i = 0; i < type->field_count; i++) {
        const struct turret_field *field = &type->fields[i];
        put_u32(pack, field->id);
        put_u32(pack, field->type);
        put_u32(pack, field->count);
        put(pack, (const char *)strategy->handle.state + field->offset, snapshot_field_size(field));
    }
    length_at = pack->used;
    put_u64(pack, 0);
    if (!type->save)
        return;
    if (type->save((struct turret_strategy *)(uintptr_t)&strategy->handle, &stream, NULL))
        pack->used = length_at + sizeof length; /* refused: restored as a first start */
    length = pack->used - length_at - sizeof length;
    if (pack->used <= pack->room)
        memcpy(pack->bytes + length_at, &length, sizeof length);
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
        (void)snprintf(to.plugin, sizeof to.plugin, "%s", from->type->id);
        to.run = (uint32_t)from->run;
        to.stopped = (from->stopped_by_loss ? 1u : 0u) | (from->stopped_by_drawdown ? 2u : 0u) |
                     (from->lost ? 4u : 0u);
        to.equity = from->equity;
        to.rate = from->rate;
        to.orders = from->orders;
        to.fills = from->fills;
        to.denials = from->denials;
        memcpy(to.timers, from->timers, sizeof to.timers);
        to.score = from->score;
        memcpy(to.fault, from->fault, sizeof to.fault);
        put(pack, &to, sizeof to);
        put_state(pack, from);
    }
}

static void put_indicators(struct pack *pack, const struct engine *engine)
{
    uint32_t i;
    put_u32(pack, engine->indicator_count);
    for (i = 0; i < engine->indicator_count; i++) {
        const struct indicator *from = &engine->indicators[i];
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
        put(pack, &to, sizeof to);
        put(pack, from->state, (size_t)from->state_size);
    }
}

size_t engine_snapshot(const struct engine *engine, void *to, size_t room)
{
    struct pack pack = {to, 0, to ? room : 0};
    struct snapshot_head head = {SNAPSHOT_MAGIC, SNAPSHOT_VERSION, 0};
    const struct order *order;
    uint32_t cursor = 0, i;
    size_t count_at;
    put(&pack, &head, sizeof head);
    put_globals(&pack, engine);
    put_instruments(&pack, engine);
    put_accounts(&pack, engine);
    put_strategies(&pack, engine);
    put_u32(&pack, engine->position_count);
    put(&pack, engine->positions, engine->position_count * sizeof *engine->positions);
    put_indicators(&pack, engine);
    count_at = pack.used;
    put_u32(&pack, 0);
    for (i = 0; (order = order_table_next(engine->orders, &cursor)) != NULL; i++)
        put(&pack, order, sizeof *order);
    if (pack.used <= pack.room)
        memcpy(pack.bytes + count_at, &i, sizeof i);
    put_u32(&pack, engine->executions.count);
    for (i = 0; i < engine->executions.count; i++)
        put(&pack,
            &engine->executions.ring[(engine->executions.head + i) % engine->executions.capacity],
            sizeof(struct fill));
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
