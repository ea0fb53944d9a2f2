/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at an engine without changing it. */
#include "core/risk.h"

#include <string.h>

turret_time_ns engine_now(const struct engine *engine)
{
    return engine->now;
}

uint64_t engine_sequence(const struct engine *engine)
{
    return engine->sequence;
}

uint32_t engine_strategy_count(const struct engine *engine)
{
    return engine->strategy_count;
}

const char *engine_strategy_name(const struct engine *engine, uint32_t strategy)
{
    return engine->strategies[strategy].name;
}

const char *engine_venue_name(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].name;
}

void engine_view_strategy(const struct engine *engine, uint32_t index, struct engine_view *view)
{
    const struct strategy *strategy = &engine->strategies[index];
    memset(view, 0, sizeof *view);
    memcpy(view->name, strategy->name, sizeof view->name);
    view->type = strategy->acting->type;
    view->state = strategy->acting->handle.state;
    view->run = strategy->run;
    view->ready = strategy->acting->ready;
    view->lost = strategy->acting->lost;
    view->call = strategy->acting->call.at;
    view->stopped = strategy->stopped_by_loss            ? "daily loss reached"
                    : strategy->stopped_by_drawdown      ? "drawdown reached"
                    : strategy->conduct.stopped_by_fills ? "fills_per_minute reached"
                                                         : NULL;
    view->open_orders = strategy->open_orders;
    view->orders = strategy->orders;
    view->fills = strategy->fills;
    view->denials = strategy->denials;
    view->equity = strategy->equity;
    equity_settle(&view->equity);
    view->score = strategy->score;
    memcpy(view->fault, strategy->fault, sizeof view->fault);
}

uint32_t engine_account_count(const struct engine *engine)
{
    return engine->account_count;
}

const struct account *engine_account(const struct engine *engine, uint32_t account)
{
    return &engine->accounts[account];
}

uint32_t engine_position_count(const struct engine *engine)
{
    return engine->position_count;
}

const struct position *engine_position(const struct engine *engine, uint32_t position)
{
    return &engine->positions[position];
}

uint32_t engine_instrument_count(const struct engine *engine)
{
    return engine->instrument_count;
}

const struct turret_instrument_def *engine_instrument(const struct engine *engine,
                                                      turret_instrument instrument)
{
    return instrument >= 1 && instrument <= engine->instrument_count
               ? &engine->instruments[instrument].def
               : NULL;
}

turret_price engine_mark(const struct engine *engine, turret_instrument instrument)
{
    return engine->instruments[instrument].mark;
}

turret_time_ns engine_mark_time(const struct engine *engine, turret_instrument instrument)
{
    const struct instrument *known = &engine->instruments[instrument];
    return known->mark_time ? known->mark_time : known->quote_time;
}

uint32_t engine_venue_of(const struct engine *engine, turret_instrument instrument)
{
    return engine->instruments[instrument].venue;
}

uint32_t engine_feed_of(const struct engine *engine, turret_instrument instrument)
{
    return engine->instruments[instrument].feed;
}

uint32_t engine_working(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].working;
}

uint32_t engine_unknown(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].unknown;
}

turret_time_ns engine_unknown_since(const struct engine *engine, uint32_t venue)
{
    uint32_t cursor = 0;
    turret_time_ns since = INT64_MAX;
    const struct order *order;
    if (engine->venues[venue].unknown == 0)
        return 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->venue == venue && order->state == TURRET_STATE_UNKNOWN && order->updated < since)
            since = order->updated;
    return since;
}

int engine_each_order(const struct engine *engine, engine_order_fn *each, void *context)
{
    uint32_t cursor = 0;
    const struct order *order;
    int stop = 0;
    while (!stop && (order = order_table_next(engine->orders, &cursor)) != NULL)
        stop = each(context, order);
    return stop;
}

const struct order *engine_order(const struct engine *engine, uint64_t order_id)
{
    return order_table_find(engine->orders, order_id);
}

bool engine_venue_ready(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].ready;
}

bool engine_venue_downloading(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].downloading;
}

bool engine_venue_exposed(const struct engine *engine, uint32_t venue)
{
    uint32_t i;
    for (i = 1; i <= engine->instrument_count; i++)
        if (engine->instruments[i].venue == venue &&
            engine->positions[engine->instruments[i].account_position].qty != 0)
            return true;
    return engine->venues[venue].working > 0;
}

const char *engine_venue_waits(const struct engine *engine, uint32_t index)
{
    const struct venue *venue = &engine->venues[index];
    return venue->ready || !(venue->caps.can & TURRET_CAN_TRADE) ? NULL
           : venue->downloading ? "it is being compared with the books: turret status"
           : !venue->complete
               ? "it is not connected: see what the daemon says of it, or whether the venue is up"
           : venue->differs ? "its books and ours differ: turret reconcile"
                            : "it has not told its time yet: see what the daemon says of it";
}

bool engine_clock_waits(const struct engine *engine, uint32_t index,
                        char text[ENGINE_CLOCK_TEXT_MAX])
{
    const uint32_t asked = TURRET_CAN_TRADE | TURRET_CAN_SERVER_TIME;
    const struct venue *venue = &engine->venues[index];
    int64_t limit = engine->options.risk.max_clock_skew_ns;
    money_wide off_ms = (risk_clock_off(venue) + 999999) / 1000000;
    text[0] = '\0';
    if ((venue->caps.can & asked) != asked)
        return false;
    if (limit == RISK_UNSET)
        (void)snprintf(text, ENGINE_CLOCK_TEXT_MAX,
                       "it tells its time and max_clock_skew is not set");
    else if (!venue->timed)
        (void)snprintf(text, ENGINE_CLOCK_TEXT_MAX, "it does not tell its time (max_clock_skew)");
    else if (risk_clock_is_off(venue, limit))
        (void)snprintf(text, ENGINE_CLOCK_TEXT_MAX, "its clock is %s s off (max_clock_skew %s s)",
                       money_text(money_clamped(off_ms), 3).text, money_text(limit, 9).text);
    return text[0] != '\0';
}

uint64_t engine_intent_mismatches(const struct engine *engine)
{
    return engine->mismatches;
}

uint32_t engine_epoch(const struct engine *engine)
{
    return engine->epoch;
}

bool engine_may_send(const struct engine *engine, uint64_t order_id)
{
    const struct order *order = order_table_find(engine->orders, order_id);
    return order && trading_of_order(engine, order) < TRADING_CANCEL_ONLY;
}

uint32_t engine_find_venue(const struct engine *engine, const char name[16])
{
    uint32_t i;
    for (i = 0; i < engine->venue_count; i++)
        if (!strncmp(engine->venues[i].name, name, 16))
            return i;
    return ENGINE_NONE;
}

uint32_t engine_find_instrument(const struct engine *engine, const char symbol[32],
                                const char venue[16])
{
    uint32_t i;
    for (i = 1; i <= engine->instrument_count; i++) {
        const struct turret_instrument_def *def = &engine->instruments[i].def;
        if (!strncmp(def->symbol, symbol, 32) && !strncmp(def->venue, venue, 16))
            return i;
    }
    return 0;
}
