/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of bars: the same as one engine_ingest() a bar, but with indicators by blocks and with what
 * holds for a whole block found out once.
 */
#include "core/columns.h"
#include "core/held.h"
#include "core/indicators.h"
#include "core/risk_stops.h"

#include <assert.h>
#include <string.h>

/* What changes from bar to bar. */
static inline void next_row(const struct engine_bars *bars, uint32_t i, struct turret_bar *row)
{
    row->time = bars->time[i];
    row->open = bars->open[i];
    row->high = bars->high[i];
    row->low = bars->low[i];
    row->close = bars->close[i];
    row->volume = bars->volume[i];
}

static void bar_row(const struct engine_bars *bars, uint32_t i, struct turret_bar *row)
{
    row->instrument = bars->instrument;
    row->flags = 0;
    row->timeframe_ns = bars->timeframe_ns;
    next_row(bars, i, row);
}

static void match_bar(struct engine *engine, const struct engine_bars *bars, uint32_t i,
                      uint32_t feed)
{
    struct event event;
    memset(&event, 0, offsetof(struct event, u));
    event.type = EVENT_BAR;
    event.venue = (uint16_t)feed;
    event.time = bars->time[i] + bars->timeframe_ns;
    bar_row(bars, i, &event.u.bar);
    engine->sink.match(engine->sink.context, &event);
}

static void run_one_by_one(struct engine *engine, const struct engine_bars *bars, uint32_t first,
                           uint32_t count)
{
    const struct instrument *instrument = &engine->instruments[bars->instrument];
    uint32_t i;
    for (i = first; i < first + count; i++) {
        struct event event;
        memset(&event, 0, sizeof event);
        event.type = EVENT_BAR;
        event.venue = (uint16_t)instrument->feed;
        bar_row(bars, i, &event.u.bar);
        event.time = event.u.bar.time + event.u.bar.timeframe_ns;
        if (engine->sink.match && engine->venues[instrument->venue].working &&
            market_check_bar(&event.u.bar))
            engine->sink.match(engine->sink.context, &event);
        engine_ingest(engine, &event);
        if (engine->sink.settle)
            engine->sink.settle(engine->sink.context);
    }
}

#define HELD_MAX 8

/* Who holds the instrument of a block, found again after anything was traded. */
struct held {
    uint32_t count;
    bool plain; /* else market_mark() does it */
    struct {
        struct position *position;
        struct equity *equity;
        int64_t factor; /* value = factor × price, which cannot overflow in this block */
    } of[HELD_MAX];
};

static void find_held(struct engine *engine, const struct instrument *instrument, int64_t highs,
                      struct held *held)
{
    const uint32_t *holder = engine->holders + instrument->first_holder;
    uint32_t i;
    held->count = 0;
    held->plain = instrument->rate.divisor == 1;
    for (i = 0; i < instrument->holder_count && held->plain; i++) {
        struct position *position = &engine->positions[holder[i]];
        int64_t factor, most;
        if (position->qty == 0)
            continue;
        if (held->count == HELD_MAX ||
            __builtin_mul_overflow(position->qty, instrument->rate.factor, &factor) ||
            __builtin_mul_overflow(factor, highs, &most) || !amount_fits(most, &most)) {
            held->plain = false;
            return;
        }
        held->of[held->count].position = position;
        held->of[held->count].equity = position->strategy == POSITION_OF_ACCOUNT
                                           ? &engine->accounts[position->account].equity
                                           : &engine->strategies[position->strategy].equity;
        held->of[held->count++].factor = factor;
    }
}

/* market_mark(), with what find_held() found. */
static inline void mark_held(struct engine *engine, struct instrument *instrument,
                             const struct held *held, turret_price price)
{
    uint32_t i;
    if (!held->plain) {
        market_mark(engine, instrument, price);
        return;
    }
    instrument->mark_time = engine->now;
    if (instrument->mark == price)
        return;
    instrument->mark = price;
    for (i = 0; i < held->count; i++) {
        turret_money value = held->of[i].factor * price;
        turret_money change = value - held->of[i].position->value;
        held->of[i].position->value = value;
        if (equity_move(held->of[i].equity, change))
            risk_lowered(engine, held->of[i].position);
    }
}

/* Strategies that a block's bars go to. */
#define LISTENERS_MAX 16

struct listeners {
    uint32_t count;
    bool plain; /* else strategies_bar() does it */
    struct {
        const struct strategy *strategy;
        struct turret_strategy *handle;
        void (*on_bar)(struct turret_strategy *self, const struct turret_bar *bar);
    } of[LISTENERS_MAX];
};

/* Whether a strategy's indicators are ready does not change while `steps` are plain. */
static void find_listeners(struct engine *engine, const struct stream *stream,
                           struct listeners *listeners)
{
    const uint32_t *listener = engine->listeners + stream->first_strategy;
    uint32_t i;
    listeners->count = 0;
    listeners->plain = stream->strategy_count <= LISTENERS_MAX;
    for (i = 0; i < stream->strategy_count && listeners->plain; i++) {
        const struct strategy *strategy = &engine->strategies[listener[i]];
        struct incarnation *acting = strategy->acting;
        if (strategy->beside)
            listeners->plain = false;
        if (!acting->ready || !acting->type->on_bar)
            continue;
        listeners->of[listeners->count].strategy = strategy;
        listeners->of[listeners->count].handle = &acting->handle;
        listeners->of[listeners->count++].on_bar = acting->type->on_bar;
    }
}

/* A block of at most ENGINE_BLOCK bars and what is found out about it beforehand. */
struct block {
    struct stream *stream;
    struct instrument *instrument;
    const struct venue *venue;
    const struct engine_bars *bars;
    uint32_t first, count;
    int64_t highs; /* no price is above it */
    struct indicator_steps steps;
    struct held held;
    struct listeners listeners;
};

static turret_time_ns day_end(const struct engine *engine)
{
    return engine->day == INT64_MIN ? INT64_MIN : (engine->day + 1) * ENGINE_DAY_NS;
}

/* Bar `i`, whatever may happen at it. */
static void run_bar(struct engine *engine, struct block *block, uint32_t i)
{
    struct instrument *instrument = block->instrument;
    struct turret_bar *row = engine->rows;
    bar_row(block->bars, block->first + i, row);
    if (block->venue->working && engine->sink.match) {
        match_bar(engine, block->bars, block->first + i, instrument->feed);
        find_held(engine, instrument, block->highs, &block->held);
    }
    if (row->time + row->timeframe_ns > engine->now) /* answers may have come later than that */
        engine->now = row->time + row->timeframe_ns;
    engine->sequence++;
    if (engine->now >= day_end(engine))
        engine_new_day(engine, engine_day_of(engine->now));
    mark_held(engine, instrument, &block->held, row->close);
    held_prices(engine, row->instrument, row->time, row->low, row->high, row->close);
    block->stream->last_time = row->time;
    if (block->steps.plain)
        indicators_take(&block->steps, i);
    else
        indicators_step(engine, block->stream, i);
    strategies_bar(engine, block->stream, row);
    strategies_timers(engine);
    held_turn(engine);
}

/* What a bar's intents lead to. */
static void after_bar(struct engine *engine, struct block *block)
{
    if (engine->intent_count)
        intents_process(engine);
    if (engine->commanded && engine->sink.settle) {
        engine->commanded = false;
        engine->sink.settle(engine->sink.context);
        find_held(engine, block->instrument, block->highs, &block->held);
    }
}

static bool is_quiet(const struct engine *engine, const struct block *block)
{
    return block->steps.plain && block->held.plain && block->listeners.plain &&
           !(block->venue->working && engine->sink.match) && !engine->any_timers &&
           engine->watched_count == 0 && engine->next_holding == INT64_MAX;
}

/* The columns from `first` on; a copy of its own, which no store of the loop can change. */
static struct engine_bars bars_from(const struct engine_bars *bars, uint32_t first)
{
    struct engine_bars from = *bars;
    from.time += first;
    from.open += first;
    from.high += first;
    from.low += first;
    from.close += first;
    from.volume += first;
    return from;
}

/* As far as it is looked ahead where a limit of loss is near. */
#define AHEAD 64

/* The first bar from `i` on, before `until`, at which a limit of loss may be reached on the line;
 * or where it was not looked further. */
static uint32_t first_near(struct engine *engine, const struct block *block, uint32_t h, uint32_t i,
                           uint32_t until)
{
    const turret_price *close = block->bars->close + block->first;
    const struct equity *equity = block->held.of[h].equity;
    const struct position *position = block->held.of[h].position;
    const struct risk_near near = risk_near(engine, position);
    int64_t factor = block->held.of[h].factor;
    turret_money rest = equity->now - position->value, peak = equity->peak, now;
    money_wide low = rest, high = (money_wide)rest + factor * block->highs;
    if (low > high) { /* short: prices from nothing up */
        money_wide lower = high;
        high = low;
        low = lower;
    }
    if (high < peak)
        high = peak;
    if (low > near.floor && high - low < (money_wide)near.depth)
        return until;
    if (until - i > AHEAD)
        until = i + AHEAD;
    for (; i < until; i++) {
        now = rest + factor * close[i];
        peak = now > peak ? now : peak;
        if (now <= near.floor || (uint64_t)peak - (uint64_t)now >= near.depth)
            break;
    }
    return i;
}

/*
 * Bars from `i` on until one leads to intents, begins a new day or may reach a limit of loss;
 * answers the first bar not run.
 * The same as run_bar(), less what cannot happen while it is quiet; what nobody sees between two
 * bars is written once, after the last one.
 */
static uint32_t run_quiet(struct engine *engine, const struct block *block, uint32_t i)
{
    const struct engine_bars bars = bars_from(block->bars, block->first);
    const struct listeners *listeners = &block->listeners;
    const struct held *held = &block->held;
    const turret_time_ns end = day_end(engine);
    struct turret_bar *row = engine->rows;
    turret_money rest[HELD_MAX];
    uint32_t until = block->count;
    uint32_t from = i, l, h;
    if (bars.time[i] + bars.timeframe_ns < engine->now)
        return i;
    bar_row(&bars, i, row);
    for (h = 0; h < held->count; h++) {
        rest[h] = held->of[h].equity->now - held->of[h].position->value;
        until = first_near(engine, block, h, i, until);
    }
    for (; i < until && engine->intent_count == 0; i++) {
        turret_time_ns now = bars.time[i] + bars.timeframe_ns;
        if (now >= end)
            break;
        next_row(&bars, i, row);
        engine->now = now;
        for (h = 0; h < held->count; h++)
            (void)equity_set(held->of[h].equity, rest[h] + held->of[h].factor * row->close);
        indicators_take(&block->steps, i);
        for (l = 0; l < listeners->count; l++)
            if (listeners->of[l].strategy->run == STRATEGY_RUNNING)
                listeners->of[l].on_bar(listeners->of[l].handle, row);
    }
    if (i == from)
        return i;
    for (h = 0; h < held->count; h++)
        held->of[h].position->value = held->of[h].factor * row->close;
    engine->sequence += i - from;
    block->instrument->mark = row->close;
    block->instrument->mark_time = engine->now;
    block->stream->last_time = row->time;
    return i;
}

static void run_block(struct engine *engine, struct block *block)
{
    uint32_t i = 0, from;
    indicators_block(engine, block->stream, block->bars, block->first, block->count);
    indicators_plan(engine, block->stream, &block->steps);
    find_held(engine, block->instrument, block->highs, &block->held);
    find_listeners(engine, block->stream, &block->listeners);
    while (i < block->count) {
        from = i;
        if (is_quiet(engine, block))
            i = run_quiet(engine, block, i);
        if (i == from)
            run_bar(engine, block, i++);
        after_bar(engine, block);
    }
}

void engine_run_bars(struct engine *engine, const struct engine_bars *bars)
{
    struct block block = {.bars = bars};
    uint32_t first, count;
    assert(engine->started);
    if (bars->instrument == 0 || bars->instrument > engine->instrument_count)
        return;
    block.stream = market_stream(engine, bars->instrument, bars->timeframe_ns);
    block.instrument = &engine->instruments[bars->instrument];
    block.venue = &engine->venues[block.instrument->venue];
    for (first = 0; first < bars->count; first += count) {
        count = bars->count - first < ENGINE_BLOCK ? bars->count - first : ENGINE_BLOCK;
        block.first = first;
        block.count = count;
        if (!block.stream || engine->recorded || engine->indicators_moving ||
            bars->time[first] + bars->timeframe_ns < engine->now ||
            !columns_sane(bars, first, count, block.stream->last_time, &block.highs))
            run_one_by_one(engine, bars, first, count);
        else
            run_block(engine, &block);
    }
}
