/* SPDX-License-Identifier: Apache-2.0 */
/* Market events: are they sane, what do they change, who hears of them. */
#include "core/held.h"
#include "core/risk_stops.h"
#include "core/split.h"

#include <stdlib.h>

static void move_value(struct engine *engine, struct position *position, turret_money value)
{
    turret_money change = money_clamped((money_wide)value - position->value);
    struct equity *equity = position->strategy == POSITION_OF_ACCOUNT
                                ? &engine->accounts[position->account].equity
                                : &engine->strategies[position->strategy].equity;
    position->value = value;
    if (equity_move(equity, change))
        risk_lowered(engine, position);
}

struct money_text market_qty_text(const struct engine *engine, turret_instrument instrument,
                                  turret_qty qty)
{
    const struct turret_instrument_def *def = engine_instrument(engine, instrument);
    return money_text(qty, def ? def->qty_scale : 0);
}

void market_revalue(struct engine *engine, struct position *position)
{
    const struct instrument *instrument = &engine->instruments[position->instrument];
    turret_money value = 0;
    if (position->qty != 0 &&
        (!money_value(&instrument->rate, position->qty, instrument->mark, &value) ||
         !amount_fits(value, &value))) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "%s.%s: position %s at %s does not fit 64-bit money; kept at its last value",
                      instrument->def.symbol, instrument->def.venue,
                      market_qty_text(engine, position->instrument, position->qty).text,
                      money_text(instrument->mark, instrument->def.price_scale).text);
        return;
    }
    move_value(engine, position, value);
}

void market_mark(struct engine *engine, struct instrument *instrument, turret_price price)
{
    const uint32_t *holder = engine->holders + instrument->first_holder;
    uint32_t i;
    instrument->mark_time = engine->now;
    if (instrument->mark == price)
        return;
    instrument->mark = price;
    for (i = 0; i < instrument->holder_count; i++)
        if (engine->positions[holder[i]].qty != 0)
            market_revalue(engine, &engine->positions[holder[i]]);
}

struct stream *market_stream(const struct engine *engine, turret_instrument instrument,
                             int64_t timeframe_ns)
{
    uint32_t at = engine->first_stream[instrument];
    while (at != ENGINE_NONE && engine->streams[at].timeframe_ns != timeframe_ns)
        at = engine->streams[at].next;
    return at == ENGINE_NONE ? NULL : &engine->streams[at];
}

int market_check_bar(const struct turret_bar *bar)
{
    /* or-ing keeps this to one branch on the hot path; a difference could overflow */
    return !((bar->open < bar->low) | (bar->close < bar->low) | (bar->low < 1) |
             (bar->high < bar->open) | (bar->high < bar->close) | (bar->volume < 0) |
             (bar->high > PRICE_MAX));
}

static void dropped(struct engine *engine, const struct event *event, const char *why)
{
    engine_notice(
        engine, NOTICE_DROPPED, ENGINE_NONE, "%s from %s: %s", event_type_name(event->type),
        event->venue < engine->venue_count ? engine->venues[event->venue].name : "host", why);
}

static const char *wrong_with(const struct engine *engine, const struct event *event)
{
    const struct turret_bar *bar = &event->u.bar;
    const struct stream *stream;
    if (event->time < 0 || event->time > EVENT_TIME_MAX)
        return "its time is absurd";
    switch (event->type) {
    case EVENT_BAR:
        if (!market_check_bar(bar))
            return "open, high, low and close contradict each other or are not positive";
        if (bar->timeframe_ns <= 0)
            return "its timeframe is not positive";
        stream = market_stream(engine, bar->instrument, bar->timeframe_ns);
        return stream && bar->time <= stream->last_time ? "older than the newest bar" : NULL;
    case EVENT_TRADE:
        return event->u.trade.price <= 0 || event->u.trade.price > PRICE_MAX ||
                       event->u.trade.qty < 0
                   ? "its price or quantity is absurd"
                   : NULL;
    case EVENT_QUOTE:
        if (event->u.quote.bid < 0 || event->u.quote.ask < 0 || event->u.quote.ask > PRICE_MAX ||
            event->u.quote.bid > PRICE_MAX)
            return "its price is absurd";
        return event->u.quote.bid > event->u.quote.ask && event->u.quote.ask > 0 ? "bid above ask"
                                                                                 : NULL;
    case EVENT_LEVEL:
        return event->u.level.price < 0 || event->u.level.qty < 0 ||
                       event->u.level.price > PRICE_MAX
                   ? "its price or quantity is absurd"
                   : NULL;
    case EVENT_STATUS:
        return event->u.status.status < TURRET_STATUS_OPEN ||
                       event->u.status.status > TURRET_STATUS_CLOSED
                   ? "no such status"
                   : NULL;
    case EVENT_SPLIT:
        return event->u.split.numerator == 0 || event->u.split.denominator == 0 ? "a split by zero"
                                                                                : NULL;
    default:
        return "not a market event";
    }
}

static turret_instrument instrument_of(const struct event *event)
{
    return event->u.bar.instrument; /* every market payload begins with it */
}

bool engine_accepts(const struct engine *engine, const struct event *event)
{
    turret_instrument id = instrument_of(event);
    return id >= 1 && id <= engine->instrument_count && !wrong_with(engine, event);
}

static void apply_split(struct engine *engine, struct instrument *instrument,
                        const struct turret_split *split)
{
    /* a stand-in stays one: prices of now are those of after it, whichever of them is there */
    turret_time_ns *since =
        instrument->mark_time ? &instrument->mark_time : &instrument->quote_time;
    uint32_t i, cursor = 0;
    struct order *order;
    instrument->mark = split_price(instrument->mark, split, 1, false);
    if (instrument->mark || *since) /* which says that this split has been, too */
        *since = engine->now;
    instrument->bid = instrument->ask = 0; /* until the next quote says */
    instrument->anchor.price = 0;
    for (i = 0; i < instrument->holder_count; i++) {
        struct position *position =
            &engine->positions[engine->holders[instrument->first_holder + i]];
        if (!position_split(position, split->numerator, split->denominator))
            engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                          "%s.%s: a split of %u:%u leaves a fraction, which was cut",
                          instrument->def.symbol, instrument->def.venue, split->numerator,
                          split->denominator);
        market_revalue(engine, position);
        if (engine->sink.position)
            engine->sink.position(engine->sink.context, position);
    }
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (order->instrument == instrument->def.id)
            split_order(engine, order, split);
    }
    executions_split(&engine->executions, instrument->def.id, split);
    daily_split(&engine->daily, instrument->def.id, split);
}

static void market_bar(struct engine *engine, struct instrument *instrument,
                       const struct turret_bar *bar)
{
    struct stream *stream = market_stream(engine, bar->instrument, bar->timeframe_ns);
    market_mark(engine, instrument, bar->close);
    held_prices(engine, bar->instrument, bar->time, bar->low, bar->high, bar->close);
    if (!stream)
        return;
    stream->last_time = bar->time < engine->now ? bar->time : engine->now; /* or none comes after */
    indicators_bar(engine, stream, bar);
    strategies_bar(engine, stream, bar);
}

static void market_quote(struct engine *engine, struct instrument *instrument,
                         const struct turret_quote *quote)
{
    instrument->bid = quote->bid;
    instrument->ask = quote->ask;
    instrument->quote_time = engine->now;
    if (instrument->mark_time == 0 && quote->bid > 0 && quote->ask > 0) {
        market_mark(engine, instrument, quote->bid + (quote->ask - quote->bid) / 2);
        instrument->mark_time = 0; /* stays a stand-in until something trades */
        held_prices(engine, quote->instrument, engine->now, quote->bid, quote->ask,
                    instrument->mark);
    }
}

/* The newest bar once more: a feed that carries on after a restart begins with it. */
static bool is_repeat(const struct engine *engine, const struct event *event)
{
    const struct turret_bar *bar = &event->u.bar;
    const struct stream *stream =
        event->type == EVENT_BAR ? market_stream(engine, bar->instrument, bar->timeframe_ns) : NULL;
    return stream && bar->time == stream->last_time;
}

/* False: dropped, nothing changed. The event is already checked to be of a market type. */
bool market_event(struct engine *engine, struct event *event)
{
    turret_instrument id = instrument_of(event);
    struct instrument *instrument;
    const char *wrong;
    if (id == 0 || id > engine->instrument_count) {
        dropped(engine, event, "the instrument is not in the configuration");
        return false;
    }
    wrong = wrong_with(engine, event);
    if (wrong) {
        if (!is_repeat(engine, event))
            dropped(engine, event, wrong);
        return false;
    }
    instrument = &engine->instruments[id];
    engine_record(engine, event);
    switch (event->type) {
    case EVENT_BAR:
        market_bar(engine, instrument, &event->u.bar);
        break;
    case EVENT_TRADE:
        market_mark(engine, instrument, event->u.trade.price);
        held_prices(engine, id, engine->now, event->u.trade.price, event->u.trade.price,
                    event->u.trade.price);
        break;
    case EVENT_QUOTE:
        market_quote(engine, instrument, &event->u.quote);
        break;
    case EVENT_STATUS:
        instrument->def.status = event->u.status.status;
        break;
    case EVENT_SPLIT:
        apply_split(engine, instrument, &event->u.split);
        break;
    default:
        break;
    }
    if (event->type != EVENT_BAR)
        strategies_event(engine, instrument, event);
    return true;
}
