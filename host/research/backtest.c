/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives the core from stored bars. The simulated venue sees an event before the core does, and
 * every command before the next event, as in a live session in lockstep.
 */
#include "research/backtest.h"

#include "io/clock.h"
#include "research/digest.h"
#include "research/feed.h"
#include "research/stats.h"
#include "session/services.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is remembered of the past fits the near caches; a simulated venue says nothing twice. */
#define ORDERS_MAX    4096
#define FILLS_MAX     512
#define COMMANDS_MAX  8192
#define PROGRESS_BARS 4096
#define DAY_NS        (INT64_C(86400) * MONEY_NANO)

struct run {
    const struct backtest_options *options;
    struct backtest_result *result;
    struct venues *venues;
    struct engine *engine;
    struct feeds *feeds;
    struct digest digest;
    struct command commands[COMMANDS_MAX];
    uint32_t head, waiting;
    int64_t split_day;   /* UTC day that so far has seen a split and no trading, else -1 */
    turret_time_ns *fed; /* by instrument: end of the newest bar its venue has seen */
    struct stats stats, *strategy_stats;
    struct turret_error failure;
};

/* ---- what leaves the core ---- */

static void on_command(void *context, const struct command *command)
{
    struct run *run = context;
    if (run->waiting >= COMMANDS_MAX) {
        (void)turret_fail(&run->failure, TURRET_ELIMIT, "more than %d commands at one time",
                          COMMANDS_MAX);
        return;
    }
    run->commands[(run->head + run->waiting++) % COMMANDS_MAX] = *command;
}

static void on_order(void *context, const struct order *order)
{
    struct run *run = context;
    _Static_assert(offsetof(struct order, build) + sizeof order->build == sizeof *order,
                   "the build is last: the same of another build is the same");
    if (!order_is_terminal(order))
        return; /* what became of it says what it went through */
    digest_add(&run->digest, order, offsetof(struct order, build));
}

static void print_fill(const struct run *run, const struct fill *fill)
{
    const struct turret_instrument_def *def = engine_instrument(run->engine, fill->instrument);
    struct engine_view view = {.name = ""};
    char qty[32], price[32], fee[32];
    if (fill->strategy < engine_strategy_count(run->engine))
        engine_view_strategy(run->engine, fill->strategy, &view);
    money_format(fill->qty, def->qty_scale, qty, sizeof qty);
    money_format(fill->price, def->price_scale, price, sizeof price);
    money_format(fill->fee, MONEY_SCALE, fee, sizeof fee);
    (void)fprintf(run->options->fills, "%" PRId64 ",%s,%s.%s,%s,%s,%s,%s,%" PRIu64 "\n", fill->time,
                  view.name, def->symbol, def->venue, order_side_name(fill->side), qty, price, fee,
                  fill->order_id);
}

static void on_fill(void *context, const struct fill *fill)
{
    struct run *run = context;
    run->result->all.fills++;
    digest_add(&run->digest, fill, sizeof *fill);
    if (run->options->fills)
        print_fill(run, fill);
}

static double units(turret_money money)
{
    return (double)money / (double)MONEY_ONE;
}

/* The account results are told in: the first one with cash, which is the first of the config. */
static const struct account *main_account(const struct run *run)
{
    return engine_account_count(run->engine) ? engine_account(run->engine, 0) : NULL;
}

static void on_day(void *context, int64_t day)
{
    struct run *run = context;
    const struct account *account = main_account(run);
    char equity[32], cash[32];
    uint32_t i;
    if (!account || (day + 1) * DAY_NS <= run->result->first || day == run->split_day)
        return; /* nothing has happened yet, or a split on a day without trading */
    stats_day(&run->stats, units(account->equity.now));
    for (i = 0; i < engine_strategy_count(run->engine); i++) {
        struct engine_view view;
        engine_view_strategy(run->engine, i, &view);
        stats_day(&run->strategy_stats[i], units(view.equity.now));
    }
    if (!run->options->equity)
        return;
    money_format(account->equity.now, MONEY_SCALE, equity, sizeof equity);
    money_format(account->cash, MONEY_SCALE, cash, sizeof cash);
    (void)fprintf(run->options->equity, "%" PRId64 ",%s,%s\n", day * DAY_NS, equity, cash);
}

static void on_notice(void *context, enum notice_kind kind, uint32_t strategy, const char *text)
{
    const struct run *run = context;
    (void)strategy;
    /* faults and denials are part of the results */
    if (run->options->messages && kind != NOTICE_DENIED && kind != NOTICE_LOG &&
        kind != NOTICE_FAULT)
        (void)fprintf(run->options->messages, "turret: %s%s\n",
                      kind == NOTICE_DROPPED ? "dropped: " : "", text);
}

/* ---- the simulated venue's side ---- */

static void feed_venue(struct run *run, const struct event *event, turret_instrument instrument)
{
    venues_feed(run->venues, engine_venue_of(run->engine, instrument), event);
}

/* A bar once. */
static void feed_bar(struct run *run, const struct event *event)
{
    turret_time_ns *fed = &run->fed[event->u.bar.instrument];
    if (event->time <= *fed)
        return;
    *fed = event->time;
    feed_venue(run, event, event->u.bar.instrument);
}

/* A venue is shown bars only while it has orders: it catches up before a new one. */
static void catch_up(struct run *run, turret_instrument instrument)
{
    struct event event;
    if (!feeds_last_bar(run->feeds, instrument, engine_now(run->engine), &event.u.bar))
        return;
    memset(&event, 0, offsetof(struct event, u));
    event.type = EVENT_BAR;
    event.time = event.u.bar.time + event.u.bar.timeframe_ns;
    feed_bar(run, &event);
}

/* Reports in, commands out, until nothing is left: all of it belongs to the present moment. */
static void settle(void *context)
{
    struct run *run = context;
    struct event event;
    for (;;) {
        if (venues_take(run->venues, &event)) {
            engine_ingest(run->engine, &event);
        } else if (run->waiting > 0) {
            struct command command = run->commands[run->head];
            run->head = --run->waiting ? (run->head + 1) % COMMANDS_MAX : 0;
            catch_up(run, command.order.instrument);
            venues_command(run->venues, &command);
        } else {
            return;
        }
    }
}

static void match(void *context, const struct event *event)
{
    struct run *run = context;
    feed_bar(run, event);
    settle(run);
}

/* ---- results ---- */

static void pack_line(struct backtest_line *line, const struct equity *equity,
                      const struct stats *stats)
{
    line->start_equity = equity->start;
    line->end_equity = equity->now;
    line->max_drawdown = equity->max_drawdown;
    line->max_drawdown_pct = (double)equity->max_drawdown_ppm / 10000.0;
    line->sharpe = stats_sharpe(stats);
    if (equity->start > 0)
        line->net_profit_pct =
            (double)(equity->now - equity->start) / (double)equity->start * 100.0;
    if (line->trades > 0)
        line->win_rate_pct = (double)line->wins / (double)line->trades * 100.0;
}

static void strategy_line(const struct run *run, uint32_t index)
{
    struct backtest_line *line = &run->result->strategies[index];
    struct engine_view view;
    uint32_t p;
    engine_view_strategy(run->engine, index, &view);
    memcpy(line->name, view.name, sizeof line->name);
    (void)snprintf(line->plugin, sizeof line->plugin, "%s", view.type->id);
    memcpy(line->fault, view.fault, sizeof line->fault);
    line->ready = view.ready;
    line->orders = view.orders;
    line->fills = view.fills;
    line->denials = view.denials;
    for (p = 0; p < engine_position_count(run->engine); p++) {
        const struct position *position = engine_position(run->engine, p);
        if (position->strategy != index)
            continue;
        line->trades += position->trades;
        line->wins += position->wins;
        line->fees += position->fees;
    }
    pack_line(line, &view.equity, &run->strategy_stats[index]);
}

static int collect(struct run *run, struct turret_error *err)
{
    struct backtest_result *result = run->result;
    const struct account *account = main_account(run);
    struct equity equity;
    uint32_t i;
    result->strategy_count = engine_strategy_count(run->engine);
    result->strategies = calloc(result->strategy_count + 1, sizeof *result->strategies);
    if (!result->strategies || !account)
        return turret_fail(err, account ? TURRET_ENOMEM : TURRET_EINVAL,
                           "no account: the configuration names no instrument with a venue's cash");
    equity = account->equity;
    equity_settle(&equity);
    memcpy(result->currency, account->currency, sizeof result->currency);
    (void)snprintf(result->all.name, sizeof result->all.name, "all");
    result->all.fees = account->fees;
    for (i = 0; i < result->strategy_count; i++) {
        strategy_line(run, i);
        result->all.orders += result->strategies[i].orders;
        result->all.denials += result->strategies[i].denials;
        result->all.trades += result->strategies[i].trades;
        result->all.wins += result->strategies[i].wins;
    }
    pack_line(&result->all, &equity, &run->stats);
    result->last = engine_now(run->engine);
    result->events = engine_sequence(run->engine);
    digest_end(&run->digest, result->hash);
    return TURRET_OK;
}

/* ---- the run ---- */

static int begin(struct run *run, struct turret_error *err)
{
    const struct backtest_options *options = run->options;
    struct assembly assembly = {.config = options->config,
                                .registry = options->registry,
                                .venues = run->venues,
                                .messages = options->messages,
                                .reason = TURRET_REASON_FIRST,
                                .orders_max = ORDERS_MAX,
                                .fills_max = FILLS_MAX};
    const struct sink sink = {.context = run,
                              .order = on_order,
                              .fill = on_fill,
                              .command = on_command,
                              .notice = on_notice,
                              .day = on_day,
                              .match = match,
                              .settle = settle};
    int status = assemble_engine(&assembly, &sink, &run->engine, err);
    if (status)
        return status;
    run->fed = calloc(engine_instrument_count(run->engine) + 1, sizeof *run->fed);
    run->strategy_stats =
        calloc(engine_strategy_count(run->engine) + 1, sizeof *run->strategy_stats);
    if (!run->fed || !run->strategy_stats)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a backtest");
    assemble_cash(&assembly, run->engine, 0);
    status = assemble_warm(&assembly, run->engine, 0, options->config->backtest.from, err);
    if (!status)
        status = venues_connect(run->venues, 0, err);
    if (status)
        return status;
    settle(run);
    if (main_account(run)) {
        uint32_t i;
        double start = units(main_account(run)->equity.start);
        stats_init(&run->stats, start);
        for (i = 0; i < engine_strategy_count(run->engine); i++)
            stats_init(&run->strategy_stats[i], start);
    }
    return TURRET_OK;
}

/* A split opens its day before anybody trades: alone it makes no day of results. */
static void note_split_day(struct run *run, const struct event *event)
{
    int64_t day = event->time / DAY_NS;
    if (event->type == EVENT_SPLIT)
        run->split_day = day;
    else if (day == run->split_day)
        run->split_day = -1;
}

static int run_all(struct run *run, struct turret_error *err)
{
    struct engine_bars bars;
    struct event event;
    uint64_t told = 0, total = feeds_total(run->feeds);
    int status;
    while ((status = feeds_next(run->feeds, &bars, &event, err)) == 1) {
        if (bars.count > 0) {
            if (run->result->bars == 0)
                run->result->first = bars.time[0];
            run->result->bars += bars.count;
            event.type = EVENT_BAR;
            event.time = bars.time[0] + bars.timeframe_ns;
            note_split_day(run, &event);
            engine_run_bars(run->engine, &bars);
        } else {
            note_split_day(run, &event);
            feed_venue(run, &event, event.u.quote.instrument);
            settle(run);
            engine_ingest(run->engine, &event);
        }
        settle(run);
        if (run->failure.code) {
            *err = run->failure;
            return run->failure.code;
        }
        if (!run->options->progress || run->result->bars - told < PROGRESS_BARS)
            continue;
        told = run->result->bars;
        if (run->options->progress(run->options->context, told, total)) {
            run->result->interrupted = true;
            break;
        }
    }
    if (status >= 0)
        on_day(run, engine_now(run->engine) / DAY_NS);
    return status < 0 ? status : TURRET_OK;
}

/* Orders of a backtest never go to a venue of the real world. */
static int only_simulated(const struct run *run, struct turret_error *err)
{
    uint32_t v;
    for (v = 0; v < run->options->config->venue_count; v++)
        if ((venues_caps(run->venues, v)->can & TURRET_CAN_TRADE) &&
            !venues_simulated(run->venues, v))
            return turret_fail(
                err, TURRET_EINVAL,
                "venue %s: adapter %s is not a simulation; a backtest needs one, for "
                "example adapter: sim",
                run->options->config->venues[v].name, run->options->config->venues[v].adapter);
    return TURRET_OK;
}

int backtest_run(const struct backtest_options *options, struct backtest_result *result,
                 struct turret_error *err)
{
    struct run *run = calloc(1, sizeof *run);
    int64_t started = 0;
    int status;
    memset(result, 0, sizeof *result);
    if (!run)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a backtest");
    run->options = options;
    run->result = result;
    run->split_day = -1;
    if (options->equity)
        (void)fputs("time,equity,cash\n", options->equity);
    if (options->fills)
        (void)fputs("time,strategy,instrument,side,qty,price,fee,order\n", options->fills);
    digest_begin(&run->digest);
    status = assemble_check(options->config, options->registry, options->messages, err);
    if (!status)
        status = venues_open(&run->venues, options->config, options->registry, 0,
                             TURRET_REASON_FIRST, NULL, options->messages, err);
    if (!status)
        status = only_simulated(run, err);
    if (!status)
        venues_warn_unfunded(run->venues, options->messages);
    if (!status)
        status = feeds_open(&run->feeds, options->config, services_store(options->registry),
                            options->messages, err);
    if (!status)
        status = begin(run, err);
    started = clock_monotonic_ns();
    if (!status)
        status = run_all(run, err);
    result->wall_ns = clock_monotonic_ns() - started;
    if (!status)
        status = collect(run, err);
    engine_destroy(run->engine, TURRET_REASON_SHUTDOWN);
    feeds_close(run->feeds);
    venues_close(run->venues);
    free(run->fed);
    free(run->strategy_stats);
    free(run);
    return status;
}

void backtest_result_finish(struct backtest_result *result)
{
    free(result->strategies);
    result->strategies = NULL;
}
