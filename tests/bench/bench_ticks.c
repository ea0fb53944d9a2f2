/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trades through the core as a live session has it: check, journal (into a batch), dispatch, a
 * strategy plugin's callback, target, risk, order, command; against a bare chain of three calls
 * into a .so that ends in a ring. The venue answers each order with a fill, outside the time taken.
 *
 * First a trade that rarely leads to an order, in bulk; then the time from one trade to its order,
 * clock included on both sides, at the median and the 99th percentile.
 */
#include "bench.h"
#include "tick_chain.h"

#include "core/engine.h"
#include "plugin/loader.h"
#include "store/store.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS       1000000
#define ORDERS      20000
#define RING        1024
#define BATCH_BYTES ((size_t)1 << 20)
#define START_PRICE 400000

struct ticks {
    uint32_t count, orders;
    /* bare */
    double (*indicator)(struct chain_state *state, int64_t price);
    int64_t (*strategy)(struct chain_state *state, double average, int64_t price);
    int (*risk)(struct chain_state *state, int64_t wanted, int64_t price);
    struct chain_state chain;
    struct command ring[RING];
    uint32_t head;
    /* host */
    struct engine *engine;
    const struct plugin *plugin;
    struct store_batch *batch;
    struct command command;
    uint32_t commands;
    uint64_t fills;
    double percentile;
    double *times;
};

static int64_t walk(uint64_t *seed, int64_t price)
{
    uint64_t dice = bench_random(seed);
    price += (dice & 0xff) == 0 ? (int64_t)(dice >> 8 & 63) - 31 : 0;
    return price < 1000 ? START_PRICE : price;
}

/* ---- bare ---- */

static inline void chain_tick(struct ticks *t, int64_t price)
{
    double average = t->indicator(&t->chain, price);
    int64_t wanted = t->strategy(&t->chain, average, price);
    if (t->risk(&t->chain, wanted, price)) {
        struct command *slot = &t->ring[t->head++ % RING];
        slot->order.qty = wanted;
        slot->order.limit_price = price;
    }
}

static double bare(void *context)
{
    struct ticks *t = context;
    uint64_t seed = 5;
    int64_t price = START_PRICE;
    double started;
    t->chain = (struct chain_state){.average = (double)price, .largest = 10, .dearest = INT64_MAX};
    started = bench_now();
    for (uint32_t i = 0; i < t->count; i++) {
        price = walk(&seed, price);
        chain_tick(t, price);
    }
    return (bench_now() - started) / t->count;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(struct ticks *t)
{
    qsort(t->times, t->orders, sizeof *t->times, ascending);
    return t->times[(uint32_t)((double)(t->orders - 1) * t->percentile)];
}

static double bare_latency(void *context)
{
    struct ticks *t = context;
    uint64_t seed = 5;
    int64_t price = START_PRICE;
    t->chain = (struct chain_state){
        .average = (double)price, .largest = 10, .dearest = INT64_MAX, .eager = 1};
    for (uint32_t i = 0; i < t->orders; i++) {
        double started;
        price = walk(&seed, price);
        started = bench_now();
        chain_tick(t, price);
        t->times[i] = bench_now() - started;
    }
    return percentile(t);
}

/* ---- the core ---- */

static void on_journal(void *context, const struct event *event)
{
    struct ticks *t = context;
    const struct store_record record = {.sequence = event->sequence,
                                        .time = event->time,
                                        .type = (uint16_t)event->type,
                                        .version = 1,
                                        .size_bytes = event_payload_size(event->type),
                                        .payload = &event->u};
    if (store_batch_record(t->batch, &record)) {
        store_batch_clear(t->batch);
        (void)store_batch_record(t->batch, &record);
    }
}

static void on_command(void *context, const struct command *command)
{
    struct ticks *t = context;
    t->command = *command;
    t->commands++;
}

static void ingest(struct ticks *t, enum event_type type, const void *payload, size_t size_bytes,
                   turret_time_ns time)
{
    struct event event;
    memset(&event, 0, offsetof(struct event, u));
    event.type = (uint16_t)type;
    event.time = time;
    memcpy(&event.u, payload, size_bytes);
    engine_ingest(t->engine, &event);
}

static void answer(struct ticks *t, int64_t price, turret_time_ns time)
{
    struct turret_report_fill fill;
    if (t->commands == 0)
        return;
    memset(&fill, 0, sizeof fill);
    fill.order_id = t->command.order.order_id;
    fill.instrument = t->command.order.instrument;
    fill.side = t->command.order.side;
    fill.qty = t->command.order.qty;
    fill.price = price;
    (void)snprintf(fill.execution_id, sizeof fill.execution_id, "%llu",
                   (unsigned long long)++t->fills);
    t->commands = 0;
    ingest(t, EVENT_FILL, &fill, sizeof fill, time);
}

/* Written where it is used, as an adapter's report becomes an event. */
static inline void trade(struct ticks *t, int64_t price, turret_time_ns time)
{
    struct event event;
    event.sequence = 0;
    event.type = EVENT_TRADE;
    event.venue = 0;
    event.behind_s = 0;
    event.time = time;
    event.u.trade.instrument = 1;
    event.u.trade.aggressor = 0;
    event.u.trade.time = time;
    event.u.trade.price = price;
    event.u.trade.qty = 1;
    event.u.trade.trade_id = 0;
    engine_ingest(t->engine, &event);
}

static void add_all(struct ticks *t, bool eager)
{
    struct engine_venue venue = {.name = "bench", .caps = {.struct_size = sizeof venue.caps}};
    struct engine_instrument instrument = {.venue = 0};
    struct turret_param_value param = {.id = 1, .type = TURRET_PARAM_TYPE_BOOL, .i = eager};
    struct engine_subscription on = {1, 0};
    struct engine_strategy strategy = {
        .name = "ticks", .params = &param, .on = &on, .on_count = 1, .enabled = true};
    struct turret_error err = {0};
    turret_instrument id;
    uint32_t index;
    venue.caps.can = TURRET_CAN_TRADE | TURRET_CAN_SIMULATE;
    venue.caps.order_types = venue.caps.times_in_force = UINT32_MAX;
    instrument.def.struct_size = sizeof instrument.def;
    memcpy(instrument.def.symbol, "MADE", 5);
    memcpy(instrument.def.venue, "bench", 6);
    memcpy(instrument.def.currency, "USD", 4);
    instrument.def.price_scale = 2;
    instrument.def.tick_size = instrument.def.lot_size = instrument.def.multiplier = 1;
    instrument.def.min_qty = 1;
    instrument.def.max_qty = 1000000;
    instrument.def.status = TURRET_STATUS_OPEN;
    strategy.type = &t->plugin->offers[0].strategy;
    risk_limits_clear(&strategy.limits);
    if (engine_add_venue(t->engine, &venue, &index, &err) ||
        engine_add_instrument(t->engine, &instrument, &id, &err) ||
        engine_add_strategy(t->engine, &strategy, &index, &err) ||
        engine_start(t->engine, TURRET_REASON_FIRST, &err))
        bench_fail("%s", err.text);
}

static void begin(struct ticks *t, bool eager)
{
    const struct sink sink = {.context = t, .journal = on_journal, .command = on_command};
    struct engine_options options = {.orders_max = 1024};
    struct event_control cash = {
        .kind = CONTROL_CASH, .target = 0, .value = INT64_C(100000000000000), .currency = "USD"};
    struct turret_report_download begun = {.done = 0}, done = {.done = 1};
    struct turret_error err = {0};
    risk_limits_clear(&options.risk);
    options.risk.max_order_qty_nano = options.risk.max_position_nano = INT64_MAX / 4;
    options.risk.max_order_notional = options.risk.max_position_notional = INT64_MAX / 4;
    options.risk.max_open_orders = 100;
    options.risk.max_orders_per_minute = INT32_MAX;
    options.risk.collar_ppm = options.risk.leverage_ppm = 1000000;
    options.risk.daily_loss_ppm = options.risk.drawdown_ppm = 900000;
    options.risk.reference_age_ns = INT64_C(86400000000000);
    options.risk.duplicate_ns = options.risk.collar_window_ns = 0;
    options.risk.self_trade = RISK_SELF_TRADE_ALLOW;
    options.risk.gross_exposure = options.risk.net_exposure = INT64_MAX / 4;
    options.risk.max_unexecuted = INT64_MAX / 4;
    options.risk.concentration_ppm = options.risk.sector_ppm = 1000000;
    options.risk.correlation_ppm = options.risk.correlation_from_ppm = 1000000;
    options.risk.collar_drift_ppm = 1000000;
    options.risk.loss_streak = options.risk.fills_per_minute = INT32_MAX;
    options.risk.messages_per_fill = INT32_MAX;
    options.risk.cool_down_ns = 0;
    if (engine_create(&t->engine, &options, &sink, &err))
        bench_fail("%s", err.text);
    add_all(t, eager);
    ingest(t, EVENT_CONTROL, &cash, sizeof cash, 1);
    ingest(t, EVENT_DOWNLOAD, &begun, sizeof begun, 1);
    ingest(t, EVENT_DOWNLOAD, &done, sizeof done, 1);
    t->commands = 0;
    t->fills = 0;
}

static void end(struct ticks *t, uint64_t least)
{
    struct engine_view view;
    engine_view_strategy(t->engine, 0, &view);
    if (view.denials != 0 || view.orders < least || view.fills != t->fills)
        bench_fail("%llu orders, %llu denied, %llu filled: this is not what was to be measured",
                   (unsigned long long)view.orders, (unsigned long long)view.denials,
                   (unsigned long long)view.fills);
    engine_destroy(t->engine, TURRET_REASON_SHUTDOWN);
}

static double through_core(void *context)
{
    struct ticks *t = context;
    uint64_t seed = 5;
    int64_t price = START_PRICE;
    double started, took, answering = 0;
    begin(t, false);
    started = bench_now();
    for (uint32_t i = 0; i < t->count; i++) {
        turret_time_ns time = 1000 + (turret_time_ns)i * 1000;
        price = walk(&seed, price);
        trade(t, price, time);
        if (t->commands) {
            double from = bench_now();
            answer(t, price, time);
            answering += bench_now() - from;
        }
    }
    took = bench_now() - started - answering;
    end(t, 1);
    return took / t->count;
}

static double core_latency(void *context)
{
    struct ticks *t = context;
    uint64_t seed = 5;
    int64_t price = START_PRICE;
    begin(t, true);
    for (uint32_t i = 0; i < t->orders; i++) {
        turret_time_ns time = 1000 + (turret_time_ns)i * 1000;
        double started;
        price = walk(&seed, price);
        started = bench_now();
        trade(t, price, time);
        t->times[i] = bench_now() - started;
        answer(t, price, time);
    }
    end(t, t->orders);
    return percentile(t);
}

static void *symbol(void *handle, const char *name)
{
    void *found = handle ? dlsym(handle, name) : NULL;
    if (!found)
        bench_fail("%s", dlerror());
    return found;
}

static void load(struct ticks *t, const struct bench *bench, struct plugin **plugin)
{
    const char *folder = getenv("TURRET_BENCH");
    char path[512], private_dir[512];
    struct turret_error err = {0};
    void *handle;
    if (!folder)
        bench_fail("TURRET_BENCH names no directory");
    (void)snprintf(path, sizeof path, "%s/tick_chain.so", folder);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    *(void **)&t->indicator = symbol(handle, "chain_indicator");
    *(void **)&t->strategy = symbol(handle, "chain_strategy");
    *(void **)&t->risk = symbol(handle, "chain_risk");
    (void)snprintf(path, sizeof path, "%s/tick_strategy.so", folder);
    (void)snprintf(private_dir, sizeof private_dir, "%s/private", bench->directory);
    if (plugin_load(path, private_dir, plugin, &err) ||
        store_batch_create(&t->batch, BATCH_BYTES, &err))
        bench_fail("%s", err.text);
    t->plugin = *plugin;
}

int main(int argc, char **argv)
{
    struct bench bench;
    static struct ticks t;
    struct plugin *plugin = NULL;
    struct bench_pair pair = {.what = "trades, full path",
                              .unit = "trade",
                              .target = 3,
                              .floor_name = "a bare chain of three calls",
                              .floor = bare,
                              .measured = through_core,
                              .floor_context = &t,
                              .measured_context = &t};
    bench_begin(&bench, "ticks", argc, argv);
    t.count = bench.smoke ? 2000 : TICKS;
    t.orders = bench.smoke ? 200 : ORDERS;
    t.times = malloc(t.orders * sizeof *t.times);
    if (!t.times)
        bench_fail("no memory for %u times", t.orders);
    load(&t, &bench, &plugin);
    bench_compare(&bench, &pair);
    pair = (struct bench_pair){.what = "from a trade to its order, p50",
                               .unit = "order",
                               .target = 5,
                               .floor_name = "a bare chain of three calls",
                               .floor = bare_latency,
                               .measured = core_latency,
                               .floor_context = &t,
                               .measured_context = &t};
    t.percentile = 0.5;
    bench_compare(&bench, &pair);
    pair.what = "from a trade to its order, p99";
    pair.target = 10;
    t.percentile = 0.99;
    bench_compare(&bench, &pair);
    store_batch_destroy(t.batch);
    plugin_unload(plugin);
    free(t.times);
    return bench_end(&bench);
}
