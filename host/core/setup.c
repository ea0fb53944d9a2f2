/* SPDX-License-Identifier: Apache-2.0 */
/* Building an engine: capacities, venues, instruments, strategies, and who hears what. */
#include "core/held.h"

#include <stdlib.h>
#include <string.h>

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value ? value : otherwise;
}

static int reserve(struct engine *engine)
{
    struct engine_options *o = &engine->options;
    engine->instruments = calloc(ENGINE_INSTRUMENTS_MAX + 1, sizeof *engine->instruments);
    engine->streams = calloc(ENGINE_STREAMS_MAX, sizeof *engine->streams);
    engine->first_stream = calloc(ENGINE_INSTRUMENTS_MAX + 1, sizeof *engine->first_stream);
    engine->strategies = calloc(ENGINE_STRATEGIES_MAX, sizeof *engine->strategies);
    engine->indicators = calloc((size_t)o->indicators_max + 1, sizeof *engine->indicators);
    engine->orders = calloc(1, order_table_size(o->orders_max));
    engine->intents = calloc(o->intents_max, sizeof *engine->intents);
    engine->sendings = calloc(o->orders_max, sizeof *engine->sendings);
    engine->watched = calloc(o->orders_max, sizeof *engine->watched);
    engine->columns = calloc((size_t)5 * ENGINE_BLOCK, sizeof *engine->columns);
    engine->rows = calloc(ENGINE_BLOCK, sizeof *engine->rows);
    if (!engine->instruments || !engine->streams || !engine->first_stream || !engine->strategies ||
        !engine->indicators || !engine->orders || !engine->intents || !engine->columns ||
        !engine->rows || !engine->sendings || !engine->watched ||
        executions_init(&engine->executions, o->executions_max))
        return TURRET_ENOMEM;
    order_table_init(engine->orders, o->orders_max);
    engine->next_expiry = engine->next_holding = INT64_MAX;
    memset(engine->first_stream, 0xff, (ENGINE_INSTRUMENTS_MAX + 1) * sizeof *engine->first_stream);
    return TURRET_OK;
}

int engine_create(struct engine **out, const struct engine_options *options,
                  const struct sink *sink, struct turret_error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);
    *out = NULL;
    if (!engine)
        return turret_fail(err, TURRET_ENOMEM, "no memory for an engine");
    engine->options = *options;
    engine->options.orders_max = or_default(options->orders_max, 16384);
    engine->options.intents_max = or_default(options->intents_max, 4096);
    engine->options.executions_max = or_default(options->executions_max, 8192);
    engine->options.indicators_max = or_default(options->indicators_max, 1024);
    engine->recorded = options->recorded_intents;
    engine->calling = options->calling ? options->calling : &engine->calling_nobody;
    engine->sink = *sink;
    engine->next_order_id = engine->next_fill_id = 1;
    engine->day = INT64_MIN;
    if (reserve(engine)) {
        engine_destroy(engine, TURRET_REASON_SHUTDOWN);
        return turret_fail(err, TURRET_ENOMEM, "no memory for %u orders and %u indicators",
                           engine->options.orders_max, engine->options.indicators_max);
    }
    *out = engine;
    return TURRET_OK;
}

void engine_destroy(struct engine *engine, uint32_t reason)
{
    uint32_t i;
    if (!engine)
        return;
    for (i = 0; engine->strategies && i < engine->strategy_count; i++) {
        struct strategy *strategy = &engine->strategies[i];
        incarnation_destroy(strategy->acting, reason);
        incarnation_destroy(strategy->beside, reason);
        incarnation_destroy(strategy->spare, reason);
    }
    for (i = 0; engine->indicators && i < engine->indicator_count; i++) {
        engine_state_destroy(engine->indicators[i].state);
        free(engine->indicators[i].block);
        swap_indicator_finish(&engine->indicators[i]);
    }
    executions_finish(&engine->executions);
    free(engine->sendings);
    daily_finish(&engine->daily);
    free(engine->watched);
    free(engine->instruments);
    free(engine->streams);
    free(engine->first_stream);
    free(engine->strategies);
    free(engine->indicators);
    free(engine->positions);
    free(engine->holders);
    free(engine->listeners);
    free(engine->watchers);
    free(engine->orders);
    free(engine->intents);
    free(engine->columns);
    free(engine->rows);
    free(engine->swap_state.at);
    free(engine->swap_given.at);
    free(engine);
}

int engine_add_venue(struct engine *engine, const struct engine_venue *venue, uint32_t *index,
                     struct turret_error *err)
{
    struct venue *added = &engine->venues[engine->venue_count];
    if (engine->venue_count >= ENGINE_VENUES_MAX)
        return turret_fail(err, TURRET_ELIMIT, "venue %s: at most %u venues", venue->name,
                           ENGINE_VENUES_MAX);
    memset(added, 0, sizeof *added);
    memcpy(added->name, venue->name, sizeof added->name);
    added->caps = venue->caps;
    added->armed = !venue->unarmed || (venue->caps.can & TURRET_CAN_SIMULATE);
    added->reconcile = venue->reconcile;
    added->fees = (struct money_fees){venue->caps.fee_min_nano, venue->caps.fee_per_unit_nano,
                                      venue->caps.fee_rate_nano};
    *index = engine->venue_count++;
    return TURRET_OK;
}

static uint32_t account_for(struct engine *engine, uint32_t venue, const char currency[8])
{
    uint32_t i;
    struct account *account;
    for (i = 0; i < engine->account_count; i++)
        if (engine->accounts[i].venue == venue &&
            !strncmp(engine->accounts[i].currency, currency, 8))
            return i;
    if (engine->account_count >= ENGINE_ACCOUNTS_MAX)
        return ENGINE_NONE;
    account = &engine->accounts[engine->account_count];
    memset(account, 0, sizeof *account);
    account->venue = venue;
    memcpy(account->currency, currency, sizeof account->currency);
    return engine->account_count++;
}

static turret_instrument sector_of(const struct engine *engine, const struct instrument *added)
{
    turret_instrument first = 1;
    if (!added->sector_name[0])
        return 0;
    while (strcmp(engine->instruments[first].sector_name, added->sector_name) != 0)
        first++; /* at last itself */
    return first;
}

int engine_add_instrument(struct engine *engine, const struct engine_instrument *given,
                          turret_instrument *id, struct turret_error *err)
{
    struct instrument *added;
    int status;
    if (engine->instrument_count >= ENGINE_INSTRUMENTS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "instrument %s.%s: at most %u instruments",
                           given->def.symbol, given->def.venue, ENGINE_INSTRUMENTS_MAX);
    if (given->venue >= engine->venue_count || given->feed >= engine->venue_count)
        return turret_fail(err, TURRET_ENOTFOUND, "instrument %s.%s: no such venue",
                           given->def.symbol, given->def.venue);
    added = &engine->instruments[engine->instrument_count + 1];
    memset(added, 0, sizeof *added);
    added->def = given->def;
    added->def.struct_size = (uint32_t)sizeof added->def;
    added->def.currency_scale = MONEY_SCALE;
    added->venue = given->venue;
    added->feed = given->feed;
    (void)snprintf(added->sector_name, sizeof added->sector_name, "%s", given->sector);
    added->sector = sector_of(engine, added);
    status = money_rate_init(&added->rate, given->def.price_scale, given->def.qty_scale,
                             given->def.multiplier, err);
    if (status)
        return status;
    if (given->def.tick_size < 1 || given->def.lot_size < 1)
        return turret_fail(err, TURRET_EINVAL, "instrument %s.%s: tick and lot must be positive",
                           given->def.symbol, given->def.venue);
    if (given->def.max_qty > ORDER_QTY_MAX)
        return turret_fail(err, TURRET_EINVAL, "instrument %s.%s: an order may be %lld at most",
                           given->def.symbol, given->def.venue, (long long)ORDER_QTY_MAX);
    added->account = account_for(engine, given->venue, given->def.currency);
    if (added->account == ENGINE_NONE)
        return turret_fail(err, TURRET_ELIMIT, "at most %u accounts", ENGINE_ACCOUNTS_MAX);
    *id = added->def.id = ++engine->instrument_count;
    return TURRET_OK;
}

void engine_set_indicators(struct engine *engine, engine_indicator_fn *find, void *context)
{
    engine->find_indicator = find;
    engine->find_context = context;
}

static int add_stream(struct engine *engine, turret_instrument instrument, int64_t timeframe_ns,
                      struct turret_error *err)
{
    struct stream *stream;
    if (timeframe_ns == 0 || market_stream(engine, instrument, timeframe_ns))
        return TURRET_OK;
    if (engine->stream_count >= ENGINE_STREAMS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "at most %u bar streams", ENGINE_STREAMS_MAX);
    stream = &engine->streams[engine->stream_count];
    stream->instrument = instrument;
    stream->timeframe_ns = timeframe_ns;
    stream->last_time = INT64_MIN;
    stream->first_indicator = ENGINE_NONE;
    stream->next = engine->first_stream[instrument];
    engine->first_stream[instrument] = engine->stream_count++;
    return TURRET_OK;
}

static int copy_strategy(struct strategy *added, const struct engine_strategy *given,
                         struct turret_error *err)
{
    uint32_t i, k;
    memcpy(added->name, given->name, sizeof added->name);
    added->limits = given->limits;
    added->sizing = given->sizing;
    memcpy(added->execution, given->execution, sizeof added->execution);
    added->protection = given->protection;
    added->run = given->enabled ? STRATEGY_RUNNING : STRATEGY_STOPPED;
    added->acting = incarnation_create(added, given->type, given->params);
    if (!added->acting)
        return turret_fail(err, TURRET_ENOMEM, "no memory for strategy %s", given->name);
    memcpy(added->acting->build, given->build, sizeof given->build);
    for (i = 0; i < given->on_count; i++) {
        added->on[added->on_count++] = given->on[i];
        for (k = 0; k < added->instrument_count; k++)
            if (added->instruments[k] == given->on[i].instrument)
                break;
        if (k == added->instrument_count)
            added->instruments[added->instrument_count++] = given->on[i].instrument;
    }
    return TURRET_OK;
}

int engine_add_strategy(struct engine *engine, const struct engine_strategy *given, uint32_t *index,
                        struct turret_error *err)
{
    struct strategy *added = &engine->strategies[engine->strategy_count];
    uint32_t i;
    int status;
    if (engine->strategy_count >= ENGINE_STRATEGIES_MAX)
        return turret_fail(err, TURRET_ELIMIT, "strategy %s: at most %u strategies", given->name,
                           ENGINE_STRATEGIES_MAX);
    if (given->on_count == 0 || given->on_count > ENGINE_ON_MAX)
        return turret_fail(err, TURRET_EINVAL, "strategy %s: is on %u instruments; 1 to %u",
                           given->name, given->on_count, ENGINE_ON_MAX);
    memset(added, 0, sizeof *added);
    added->engine = engine;
    added->index = engine->strategy_count;
    for (i = 0; i < given->on_count; i++) {
        if (given->on[i].instrument == 0 || given->on[i].instrument > engine->instrument_count)
            return turret_fail(err, TURRET_ENOTFOUND, "strategy %s: instrument %u does not exist",
                               given->name, given->on[i].instrument);
        status = add_stream(engine, given->on[i].instrument, given->on[i].timeframe_ns, err);
        if (status)
            return status;
    }
    engine->strategy_count++;
    *index = added->index;
    return copy_strategy(added, given, err);
}

/* ---- start: who listens to what ---- */

static int reserve_books(struct engine *engine)
{
    uint32_t s, slots = engine->instrument_count, listeners = 0;
    for (s = 0; s < engine->strategy_count; s++) {
        slots += engine->strategies[s].instrument_count;
        listeners += engine->strategies[s].on_count;
    }
    engine->positions = calloc(slots + 1, sizeof *engine->positions);
    engine->holders = calloc(slots + 1, sizeof *engine->holders);
    engine->watchers = calloc(slots + 1, sizeof *engine->watchers);
    engine->listeners = calloc(listeners + 1, sizeof *engine->listeners);
    return engine->positions && engine->holders && engine->watchers && engine->listeners
               ? TURRET_OK
               : TURRET_ENOMEM;
}

static void add_position(struct engine *engine, turret_instrument instrument, uint32_t strategy)
{
    struct position *position = &engine->positions[engine->position_count++];
    position->instrument = instrument;
    position->strategy = strategy;
    position->account = engine->instruments[instrument].account;
}

static void lay_out_positions(struct engine *engine)
{
    uint32_t i, s, used = 0;
    for (i = 1; i <= engine->instrument_count; i++) {
        engine->instruments[i].account_position = engine->position_count;
        add_position(engine, i, POSITION_OF_ACCOUNT);
    }
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        strategy->first_position = engine->position_count;
        for (i = 0; i < strategy->instrument_count; i++)
            add_position(engine, strategy->instruments[i], s);
    }
    for (i = 1; i <= engine->instrument_count; i++) {
        struct instrument *instrument = &engine->instruments[i];
        instrument->first_holder = used;
        instrument->first_watcher = engine->watcher_count;
        for (s = 0; s < engine->position_count; s++) {
            if (engine->positions[s].instrument != i)
                continue;
            engine->holders[used++] = s;
            instrument->holder_count++;
            if (engine->positions[s].strategy != POSITION_OF_ACCOUNT)
                engine->watchers[engine->watcher_count++] = engine->positions[s].strategy;
        }
        instrument->watcher_count = engine->watcher_count - instrument->first_watcher;
    }
}

static void lay_out_listeners(struct engine *engine)
{
    uint32_t t, s, i;
    for (t = 0; t < engine->stream_count; t++) {
        struct stream *stream = &engine->streams[t];
        stream->first_strategy = engine->listener_count;
        for (s = 0; s < engine->strategy_count; s++)
            for (i = 0; i < engine->strategies[s].on_count; i++)
                if (engine->strategies[s].on[i].instrument == stream->instrument &&
                    engine->strategies[s].on[i].timeframe_ns == stream->timeframe_ns)
                    engine->listeners[engine->listener_count++] = s;
        stream->strategy_count = engine->listener_count - stream->first_strategy;
    }
}

int engine_start(struct engine *engine, uint32_t reason, struct turret_error *err)
{
    uint32_t s;
    int status;
    if (reserve_books(engine) || daily_init(&engine->daily, engine->instrument_count))
        return turret_fail(err, TURRET_ENOMEM, "no memory for the books");
    lay_out_positions(engine);
    lay_out_listeners(engine);
    for (s = 0; s < engine->strategy_count; s++) {
        struct turret_error why = {0};
        status = incarnation_start(engine->strategies[s].acting, reason, &why);
        if (status && !engine->strategies[s].acting->lost) /* else the others start without it */
            return turret_fail(err, status, "%s", why.text);
    }
    engine->started = true;
    return TURRET_OK;
}

void strategies_start_lines(struct engine *engine, const uint32_t *known, uint32_t known_count)
{
    uint32_t s, i;
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        const struct instrument *instrument = &engine->instruments[strategy->instruments[0]];
        for (i = 0; i < known_count && known[i] != s; i++)
            ;
        if (i == known_count)
            equity_init(&strategy->equity, engine->accounts[instrument->account].equity.start);
    }
}
