/* SPDX-License-Identifier: Apache-2.0 */
/* One event at a time: record, dispatch, intents, commands. */
#include "core/flatten.h"
#include "core/held.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void engine_notice(struct engine *engine, enum notice_kind kind, uint32_t strategy,
                   const char *format, ...)
{
    char text[320];
    va_list args;
    if (!engine->sink.notice)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    engine->sink.notice(engine->sink.context, kind, strategy, text);
}

void engine_denied(struct engine *engine, const struct order *order, uint32_t denial)
{
    if (engine->sink.denied)
        engine->sink.denied(engine->sink.context, order, denial);
}

/* As snprintf does for %llu, in a fraction of its time. */
static void put_digits(char to[21], uint64_t number)
{
    uint64_t odd = number | 1; /* has as many digits, and is not 0 */
    uint32_t bits = 64 - (uint32_t)__builtin_clzll(odd);
    uint32_t count = bits * 1233 >> 12; /* log 2 is 1233 / 4096: right or one too few */
    if (count == 0 || odd / 10 >= (uint64_t)money_power10((int32_t)count - 1))
        count++;
    to[count] = 0;
    while (count > 0) {
        to[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void engine_command(struct engine *engine, enum command_kind kind, const struct order *order)
{
    struct command command;
    if (order->strategy == ORDER_NO_STRATEGY && kind != COMMAND_QUERY)
        return; /* foreign: left alone */
    gap_sent(engine, kind, order);
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.venue = order->venue;
    command.sequence = engine->sequence;
    command.order.struct_size = (uint32_t)sizeof command.order;
    command.order.instrument = order->instrument;
    command.order.order_id = order->id;
    put_digits(command.order.client_id, order->id);
    command.order.side = order->side;
    command.order.type = order->type;
    command.order.tif = order->tif;
    command.order.flags = order->flags;
    command.order.qty = order->qty;
    command.order.limit_price = order->limit_price;
    command.order.stop_price = order->stop_price;
    command.order.deadline = order->deadline;
    command.order.request = order->request_version;
    held_terms(engine, order, &command.order);
    engine->commanded = true;
    engine->sink.command(engine->sink.context, &command);
}

static void begin_day(struct equity *equity)
{
    equity->day_start = equity->day_low = equity->now;
}

void engine_new_day(struct engine *engine, int64_t day)
{
    uint32_t i;
    if (engine->day != INT64_MIN && engine->sink.day)
        engine->sink.day(engine->sink.context, engine->day);
    for (i = 1; engine->started && i <= engine->instrument_count; i++)
        if (engine->instruments[i].mark_time > 0 &&
            engine_day_of(engine->instruments[i].mark_time) == engine->day)
            daily_put(&engine->daily, engine->day, i, engine->instruments[i].mark);
    engine->day = day;
    for (i = 0; i < engine->account_count; i++)
        begin_day(&engine->accounts[i].equity);
    for (i = 0; i < engine->strategy_count; i++)
        begin_day(&engine->strategies[i].equity);
}

int64_t engine_day_of(turret_time_ns time)
{
    return time >= 0 ? time / ENGINE_DAY_NS : -1 - (-1 - time) / ENGINE_DAY_NS;
}

/* Accepts an event: time goes on, it gets its sequence and enters the journal. */
void engine_record(struct engine *engine, struct event *event)
{
    if (event->time > engine->now && event->time <= EVENT_TIME_MAX)
        engine->now = event->time;
    else
        event->time = engine->now; /* time never goes back, nor to where nothing is */
    if (engine->day == INT64_MIN || engine->now >= (engine->day + 1) * ENGINE_DAY_NS)
        engine_new_day(engine, engine_day_of(engine->now));
    event->sequence = ++engine->sequence;
    if (engine->sink.journal)
        engine->sink.journal(engine->sink.context, event);
}

/* ---- host events ---- */

static void on_session(struct engine *engine, const struct event *event)
{
    uint32_t i, cursor = 0;
    struct order *order;
    swaps_forget(engine);
    engine->stops_changed = true; /* rows may be of an older turret */
    engine->epoch = event->u.session.epoch;
    if (engine->next_order_id >> 32 < engine->epoch)
        engine->next_order_id = ((uint64_t)engine->epoch << 32) + 1;
    else if ((uint32_t)engine->next_order_id == 0) /* the last epoch's were used up */
        engine->next_order_id++;
    for (i = 0; i < engine->venue_count; i++)
        engine->venues[i].ready = engine->venues[i].downloading = engine->venues[i].complete =
            engine->venues[i].timed = engine->venues[i].untold = false; /* clocks drift meanwhile */
    for (i = 0; i < engine->venue_count; i++)
        engine->venues[i].stream_said[0] = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        order->missed_s = 0; /* a clock that stood for its venue's may have been set meanwhile */
        if (order->state == TURRET_STATE_SENT &&
            !(engine->venues[order->venue].caps.can & TURRET_CAN_SIMULATE))
            (void)order_change(engine, order, TURRET_STATE_UNKNOWN,
                               "the daemon ended before an answer came");
    }
}

/* A strategy's line of equity: the cash of its account and its own profit and loss. */
static void start_lines(struct engine *engine, uint32_t account)
{
    uint32_t s;
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        if (engine->instruments[strategy->instruments[0]].account == account)
            equity_init(&strategy->equity, engine->accounts[account].cash);
    }
}

static void set_cash(struct engine *engine, const struct event_control *control)
{
    uint32_t i;
    for (i = 0; i < engine->account_count; i++) {
        struct account *account = &engine->accounts[i];
        if (account->venue != control->target || strncmp(account->currency, control->currency, 8))
            continue;
        account->cash = control->value;
        equity_init(&account->equity, control->value);
        start_lines(engine, i);
        if (engine->sink.cash)
            engine->sink.cash(engine->sink.context, account);
    }
}

/* What was behind a lost one is begun anew, from the fields of its last whole callback. */
static void begin_again(struct engine *engine, struct strategy *strategy)
{
    struct turret_error why = {0};
    strategy->acting->lost = false;
    if (incarnation_start(strategy->acting, TURRET_REASON_RESTART, &why) == TURRET_OK)
        return;
    if (strategy->run != STRATEGY_FAULT)
        strategy_fault(engine, strategy, "%.140s", why.text);
    strategy->acting->lost = true;
}

/*
 * The journal says so; where it is replayed, what was lost then may not be lost now, or in another
 * way: the journal's words hold.
 */
static void set_fault(struct strategy *strategy, const struct event_control *control)
{
    memset(strategy->fault, 0, sizeof strategy->fault); /* a longer text was there */
    (void)snprintf(strategy->fault, sizeof strategy->fault, "%.63s", control->text);
    strategy->run = STRATEGY_FAULT;
    strategy->acting->lost = true;
}

static void set_run(struct engine *engine, const struct event_control *control)
{
    static const enum strategy_run runs[] = {
        [CONTROL_START_STRATEGY] = STRATEGY_RUNNING,   [CONTROL_STOP_STRATEGY] = STRATEGY_STOPPED,
        [CONTROL_PAUSE_STRATEGY] = STRATEGY_PAUSED,    [CONTROL_FAULT_STRATEGY] = STRATEGY_FAULT,
        [CONTROL_RESTART_STRATEGY] = STRATEGY_RUNNING,
    };
    struct strategy *strategy;
    uint32_t cursor = 0;
    struct order *order;
    bool kept = false, begins, cancels;
    uint32_t exits = 0;
    if (control->target >= engine->strategy_count)
        return;
    strategy = &engine->strategies[control->target];
    begins = control->kind == CONTROL_START_STRATEGY || control->kind == CONTROL_RESTART_STRATEGY;
    if (control->kind == CONTROL_RESTART_STRATEGY &&
        (!strategy->acting->lost || strategy->run != STRATEGY_FAULT))
        return; /* a person was quicker */
    if (control->kind == CONTROL_FAULT_STRATEGY)
        set_fault(strategy, control);
    else if (begins)
        strategy->fault[0] = 0;
    else if ((strategy->run == STRATEGY_FAULT &&
              !strategy->acting->lost) || /* until it is started */
             (control->kind == CONTROL_PAUSE_STRATEGY && strategy->run == STRATEGY_STOPPED))
        kept = true;
    if (!kept)
        strategy->run = runs[control->kind];
    engine->next_timer = 0;
    if (begins && strategy->acting->lost)
        begin_again(engine, strategy);
    cancels = control->kind == CONTROL_STOP_STRATEGY ||
              (control->kind == CONTROL_FAULT_STRATEGY && control->value == 1);
    if (!cancels)
        return;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (order->strategy != control->target || !order_is_working(order))
            continue;
        if (order->role == ORDER_EXIT && control->kind == CONTROL_FAULT_STRATEGY)
            continue; /* it guards the position whatever the strategy does */
        exits += order->role == ORDER_EXIT;
        held_let_go(engine, order, ORDER_LET_GO_STOPPED); /* nobody follows it */
    }
    if (exits > 0)
        engine_notice(
            engine, NOTICE_ALARM, strategy->index,
            "%s: it was stopped, and so were %u of its stops and targets: what it holds is "
            "unprotected now (turret flatten strategy %s)",
            strategy->name, exits, strategy->name);
}

/* Losses count from here on: the same loss would stop everything again at once. */
static void rebase(struct equity *equity)
{
    equity_settle(equity);
    equity->peak = equity->trough = equity->day_start = equity->day_low = equity->now;
}

static void reset_stops(struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->account_count; i++)
        rebase(&engine->accounts[i].equity);
    for (i = 0; i < engine->strategy_count; i++)
        rebase(&engine->strategies[i].equity);
    memset(engine->account_stopped_by_loss, 0, sizeof engine->account_stopped_by_loss);
    memset(engine->account_stopped_by_drawdown, 0, sizeof engine->account_stopped_by_drawdown);
    memset(engine->account_stops, 0, sizeof engine->account_stops);
    engine->stops_changed = true;
    for (i = 0; i < engine->strategy_count; i++)
        risk_forgive(&engine->strategies[i]);
}

static void on_control(struct engine *engine, const struct event *event)
{
    const struct event_control *control = &event->u.control;
    switch (control->kind) {
    case CONTROL_START_STRATEGY:
    case CONTROL_STOP_STRATEGY:
    case CONTROL_PAUSE_STRATEGY:
    case CONTROL_FAULT_STRATEGY:
    case CONTROL_RESTART_STRATEGY:
        set_run(engine, control);
        break;
    case CONTROL_TRADING_STATE:
    case CONTROL_TRADING_RESUME:
    case CONTROL_TRADING_REVIVE:
        (void)trading_decide(engine, control);
        break;
    case CONTROL_FLATTEN:
    case CONTROL_FLATTEN_KILLED:
        flatten_decide(engine, control);
        break;
    case CONTROL_CASH:
        set_cash(engine, control);
        break;
    case CONTROL_RESET_STOPS:
        reset_stops(engine);
        break;
    case CONTROL_RESOLVE_ORDER:
    case CONTROL_ADOPT:
    case CONTROL_KEPT_BACK:
        reconcile_control(engine, control);
        break;
    default:
        break;
    }
}

/* The journal's intent is used; what the strategies asked for this time is compared with it. */
static void on_recorded_intent(struct engine *engine, const struct event *event)
{
    const struct event_intent *own = &engine->intents[engine->intent_head];
    if (engine->intent_count > 0 && !memcmp(own, &event->u.intent, sizeof *own)) {
        engine->intent_head = (engine->intent_head + 1) % engine->options.intents_max;
        engine->intent_count--;
    } else {
        engine->mismatches++;
    }
    intent_apply(engine, &event->u.intent);
}

void engine_drop_unrecorded(struct engine *engine)
{
    if (!engine->recorded)
        return;
    engine->mismatches += engine->intent_count;
    engine->intent_count = 0;
    engine->turn++;
}

/*
 * An on_start() that was lost then may not be lost now, when the journal is replayed, nor may any
 * callback where the journal does not say which: what it asked for this time never happened.
 */
static void forget_lost(struct engine *engine, const struct event *event)
{
    const struct event_control *control = &event->u.control;
    bool fault = event->type == EVENT_CONTROL && control->kind == CONTROL_FAULT_STRATEGY;
    uint32_t lost = fault ? control->target : event->u.loss.strategy;
    if ((!fault && event->type != EVENT_LOSS) || lost >= engine->strategy_count)
        return;
    while (engine->intent_count > 0) {
        uint32_t last =
            (engine->intent_head + engine->intent_count - 1) % engine->options.intents_max;
        if (engine->intents[last].strategy != lost)
            return;
        intents_forget(engine, &engine->strategies[lost], 1);
    }
}

/* Not inlined: what comes from venues, which is nearly everything, then needs less of a stack. */
static __attribute__((noinline)) void host_event(struct engine *engine, struct event *event)
{
    engine_record(engine, event);
    switch (event->type) {
    case EVENT_SESSION:
        on_session(engine, event);
        break;
    case EVENT_CONTROL:
        on_control(engine, event);
        break;
    case EVENT_INTENT:
        on_recorded_intent(engine, event);
        break;
    case EVENT_CONFIG:
        engine->config_version = event->u.config.version;
        break;
    case EVENT_DIFFERENCE:
        reconcile_event(engine, event);
        break;
    default:
        break;
    }
}

static void stops_changed(struct engine *engine)
{
    engine->stops_changed = false;
    if (engine->sink.trading)
        engine->sink.trading(engine->sink.context);
}

void engine_ingest(struct engine *engine, struct event *event)
{
    bool taken = true;
    assert(engine->started);
    if (engine->recorded)
        forget_lost(engine, event);
    if (event->type != EVENT_INTENT)
        engine_drop_unrecorded(engine);
    if (event->type >= EVENT_BAR && event->type <= EVENT_SPLIT)
        taken = market_event(engine, event);
    else if (event->type >= EVENT_STREAM && event->type <= EVENT_GAP)
        taken = report_event(engine, event);
    else
        host_event(engine, event);
    if (event->type == EVENT_ORDER)
        trading_reported(engine, event->u.order.order_id);
    else if (event->type == EVENT_ACK)
        trading_reported(engine, event->u.ack.order_id);
    else if (event->type == EVENT_FILL)
        trading_reported(engine, event->u.fill.order_id);
    /* A replay's intent belongs to the event before; and only behind a configuration's record it
       has the engine that stands before it here. */
    if (taken && event->type != EVENT_INTENT && event->type != EVENT_CONFIG) {
        strategies_timers(engine);
        held_turn(engine);
    }
    if (engine->intent_count > 0)
        intents_process(engine);
    if (engine->rollback_due)
        swaps_settle(engine);
    if (engine->stops_changed)
        stops_changed(engine);
    engine->commanded = false;
}

/* ---- warming ---- */

uint32_t engine_lookback(const struct engine *engine, turret_instrument instrument,
                         int64_t timeframe_ns)
{
    const struct stream *stream = market_stream(engine, instrument, timeframe_ns);
    uint32_t at, most = 0;
    for (at = stream ? stream->first_indicator : ENGINE_NONE; at != ENGINE_NONE;
         at = engine->indicators[at].next) {
        const struct indicator *indicator = &engine->indicators[at];
        uint32_t wanted = indicator->slot.ready ? 0 : indicator->lookback + 1;
        if (indicator->incoming && indicator->incoming->warming)
            wanted = ENGINE_RECOMPUTE_LOOKBACKS *
                     (indicator->incoming->type->lookback(indicator->params) + 1);
        if (wanted > most)
            most = wanted;
    }
    return most;
}

void engine_begin_warm(struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->indicator_count; i++)
        engine->indicators[i].warming = engine->indicators[i].fed == 0;
}

void engine_warm(struct engine *engine, const struct turret_bar *bar)
{
    struct stream *stream = market_stream(engine, bar->instrument, bar->timeframe_ns);
    if (!stream || !market_check_bar(bar))
        return;
    indicators_warm(engine, stream, bar);
}

void engine_end_recorded(struct engine *engine)
{
    engine_drop_unrecorded(engine);
    engine->recorded = false;
}
