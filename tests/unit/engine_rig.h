/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An engine on the bench: one or two venues that take everything, instruments, strategies whose
 * callbacks a test supplies, small indicators, and a sink that writes down all that comes out.
 */
#ifndef TESTS_ENGINE_RIG_H
#define TESTS_ENGINE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/held.h"

#include <turret/core.h>

#define RIG_MINUTE     (INT64_C(60) * MONEY_NANO)
#define RIG_START      (INT64_C(1700000000) / 86400 * 86400 * MONEY_NANO)
#define RIG_STRATEGIES 48
#ifndef RIG_COMMANDS
#define RIG_COMMANDS 4096
#endif

/* ---- numbers that are the same on every run ---- */

static inline uint64_t rig_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline int64_t rig_between(uint64_t *state, int64_t low, int64_t high)
{
    return low + (int64_t)(rig_random(state) % (uint64_t)(high - low + 1));
}

/* ---- what comes out ---- */

struct rig_log {
    uint8_t *bytes;
    size_t used, room;
};

struct rig {
    struct engine *engine;
    struct turret_strategy *self[RIG_STRATEGIES]; /* as on_start was given them */
    uint32_t venue[2];
    turret_instrument instrument[4];
    uint32_t strategies;
    struct rig_log log; /* orders, fills and commands, byte after byte */
    uint32_t orders, fills, days, settles, matches, positions, journaled;
    uint32_t notices[NOTICE_SHADOW + 1];
    char last_notice[NOTICE_SHADOW + 1][320];
    uint32_t notice_of; /* whom the last one is about */
    struct command commands[RIG_COMMANDS];
    uint32_t command_count, tradings;
    struct fill last_fill;
    struct order last_order, last_denied;
    uint32_t last_denial;
    turret_time_ns time;
};

static inline void rig_write(struct rig_log *log, const void *from, size_t size)
{
    if (!log->bytes)
        return;
    assert_true(log->used + size <= log->room);
    memcpy(log->bytes + log->used, from, size);
    log->used += size;
}

static inline void rig_on_journal(void *context, const struct event *event)
{
    (void)event;
    ((struct rig *)context)->journaled++;
}

static inline void rig_on_order(void *context, const struct order *order)
{
    struct rig *rig = context;
    rig->orders++;
    rig->last_order = *order;
    rig_write(&rig->log, order, sizeof *order);
}

static inline void rig_on_fill(void *context, const struct fill *fill)
{
    struct rig *rig = context;
    rig->fills++;
    rig->last_fill = *fill;
    rig_write(&rig->log, fill, sizeof *fill);
}

static inline void rig_on_position(void *context, const struct position *position)
{
    (void)position;
    ((struct rig *)context)->positions++;
}

static inline void rig_on_command(void *context, const struct command *command)
{
    struct rig *rig = context;
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)command->order.order_id);
    assert_string_equal(command->order.client_id, digits);
    if (rig->command_count < RIG_COMMANDS)
        rig->commands[rig->command_count] = *command;
    rig->command_count++;
    rig_write(&rig->log, &command->kind, sizeof command->kind);
    rig_write(&rig->log, &command->order, sizeof command->order);
}

static inline void rig_on_notice(void *context, enum notice_kind kind, uint32_t strategy,
                                 const char *text)
{
    struct rig *rig = context;
    rig->notice_of = strategy;
    rig->notices[kind]++;
    (void)snprintf(rig->last_notice[kind], sizeof rig->last_notice[kind], "%s", text);
}

static inline void rig_on_day(void *context, int64_t day)
{
    (void)day;
    ((struct rig *)context)->days++;
}

static inline void rig_on_denied(void *context, const struct order *order, uint32_t denial)
{
    struct rig *rig = context;
    rig->last_denied = *order;
    rig->last_denial = denial;
}

static inline void rig_on_trading(void *context)
{
    ((struct rig *)context)->tradings++;
}

static inline struct sink rig_sink(struct rig *rig)
{
    struct sink sink = {rig,  rig_on_journal, rig_on_order,  rig_on_fill,   rig_on_position,
                        NULL, rig_on_command, rig_on_notice, rig_on_day,    NULL,
                        NULL, rig_on_denied,  NULL,          rig_on_trading};
    return sink;
}

#include "engine_plugins.h"

/* ---- building ---- */

/* Limits that let pass what a test does not forbid. */
static inline struct risk_limits rig_limits(void)
{
    struct risk_limits limits = {
        .max_order_qty_nano = INT64_C(1000000000) * MONEY_NANO,
        .max_order_notional = INT64_MAX / 4,
        .max_position_nano = INT64_C(1000000000) * MONEY_NANO,
        .max_position_notional = INT64_MAX / 4,
        .max_open_orders = 100000,
        .max_orders_per_minute = 100000,
        .collar_ppm = 500000,
        .reference_age_ns = 3600 * MONEY_NANO,
        .daily_loss = INT64_MAX / 4,
        .daily_loss_ppm = RISK_UNSET,
        .drawdown_ppm = 990000,
        .leverage_ppm = 100 * MONEY_PPM,
        .gross_exposure = INT64_MAX / 4,
        .net_exposure = INT64_MAX / 4,
        .concentration_ppm = INT64_MAX / 4,
        .loss_streak = 1000,
        .cool_down_ns = MONEY_NANO,
        .fills_per_minute = 100000,
        .max_unexecuted = INT64_MAX,
        .messages_per_fill = 100000,
        .sector_ppm = INT64_MAX / 4,
        .correlation_ppm = INT64_MAX / 4,
        .correlation_from_ppm = MONEY_PPM,
        .max_slippage_ppm = RISK_UNSET,
        .max_rejects_ppm = RISK_UNSET,
    };
    return limits;
}

struct rig_options {
    uint32_t strategies, venues, instruments;
    int64_t timeframe[2]; /* the second one: 0 none */
    struct engine_options engine;
    struct risk_limits own; /* of every strategy */
    const char *names;      /* first letter of strategy i's name; NULL: 'a' + i */
    uint32_t can;           /* besides TURRET_CAN_TRADE and TURRET_CAN_MODIFY */
    struct turret_instrument_def def;
    const char *sector; /* of every instrument; NULL none */
};

static inline struct rig_options rig_defaults(void)
{
    struct rig_options o;
    memset(&o, 0, sizeof o);
    o.strategies = o.venues = 1;
    o.instruments = 2;
    o.timeframe[0] = RIG_MINUTE;
    o.engine.orders_max = 512;
    o.engine.executions_max = 256;
    o.engine.intents_max = 1024;
    o.engine.indicators_max = 64;
    o.engine.risk = rig_limits();
    risk_limits_clear(&o.own);
    memcpy(o.def.currency, "USD", 4);
    o.def.price_scale = 2;
    o.def.qty_scale = 0;
    o.def.status = TURRET_STATUS_OPEN;
    o.def.tick_size = 1;
    o.def.lot_size = 1;
    o.def.min_qty = 1;
    o.def.max_qty = INT64_C(1000000000);
    o.def.multiplier = 1;
    return o;
}

static inline void rig_add_market(struct rig *rig, const struct rig_options *o)
{
    struct engine_venue venue;
    uint32_t i;
    for (i = 0; i < o->venues; i++) {
        memset(&venue, 0, sizeof venue);
        (void)snprintf(venue.name, sizeof venue.name, "venue%u", i);
        venue.caps.struct_size = (uint32_t)sizeof venue.caps;
        venue.caps.can = TURRET_CAN_TRADE | TURRET_CAN_MODIFY | o->can;
        venue.caps.order_types = 0x1e;
        venue.caps.times_in_force = 0x1e;
        assert_int_equal(engine_add_venue(rig->engine, &venue, &rig->venue[i], NULL), TURRET_OK);
    }
    for (i = 0; i < o->instruments; i++) {
        struct engine_instrument instrument = {
            .def = o->def, .venue = i % o->venues, .feed = i % o->venues};
        (void)snprintf(instrument.sector, sizeof instrument.sector, "%s",
                       o->sector ? o->sector : "");
        (void)snprintf(instrument.def.symbol, sizeof instrument.def.symbol, "S%u", i);
        (void)snprintf(instrument.def.venue, sizeof instrument.def.venue, "venue%u", i % o->venues);
        assert_int_equal(engine_add_instrument(rig->engine, &instrument, &rig->instrument[i], NULL),
                         TURRET_OK);
    }
}

static inline void rig_add_strategies(struct rig *rig, const struct rig_options *o)
{
    uint32_t i, k, index;
    for (i = 0; i < o->strategies; i++) {
        struct turret_param_value number = {1, TURRET_PARAM_TYPE_INT, i, (double)i, NULL};
        struct engine_subscription on[8];
        struct engine_strategy strategy;
        memset(&strategy, 0, sizeof strategy);
        (void)snprintf(strategy.name, sizeof strategy.name, "%c%u",
                       o->names ? o->names[i] : (int)('a' + i % 26), o->names ? 0 : i);
        strategy.type = &rig_strategy;
        strategy.params = &number;
        strategy.on = on;
        for (k = 0; k < o->instruments; k++) {
            on[strategy.on_count++] =
                (struct engine_subscription){rig->instrument[k], o->timeframe[0]};
            if (o->timeframe[1])
                on[strategy.on_count++] =
                    (struct engine_subscription){rig->instrument[k], o->timeframe[1]};
        }
        strategy.enabled = true;
        strategy.limits = o->own;
        assert_int_equal(engine_add_strategy(rig->engine, &strategy, &index, NULL), TURRET_OK);
    }
    rig->strategies = o->strategies;
}

static inline int rig_build(struct rig *rig, const struct rig_options *o, struct turret_error *err)
{
    struct sink sink = rig_sink(rig);
    memset(rig, 0, sizeof *rig);
    rig_script.rig = rig;
    rig->time = RIG_START;
    assert_int_equal(engine_create(&rig->engine, &o->engine, &sink, err), TURRET_OK);
    engine_set_indicators(rig->engine, rig_find, NULL);
    rig_add_market(rig, o);
    rig_add_strategies(rig, o);
    return TURRET_OK;
}

/* ---- events ---- */

static inline struct event rig_event(struct rig *rig, uint16_t type)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = type;
    event.venue = EVENT_FROM_HOST;
    event.time = rig->time;
    return event;
}

static inline void rig_control(struct rig *rig, uint32_t kind, uint32_t target, int64_t value)
{
    struct event event = rig_event(rig, EVENT_CONTROL);
    event.u.control.kind = kind;
    event.u.control.target = target;
    event.u.control.value = value;
    memcpy(event.u.control.currency, "USD", 4);
    engine_ingest(rig->engine, &event);
}

/* An event that does nothing but let what was asked for be processed. */
static inline void rig_turn(struct rig *rig)
{
    struct event event = rig_event(rig, EVENT_CONTROL);
    engine_ingest(rig->engine, &event);
}

static inline void rig_download(struct rig *rig, uint32_t venue, uint32_t done, int32_t result)
{
    struct event event = rig_event(rig, EVENT_DOWNLOAD);
    event.venue = (uint16_t)venue;
    event.u.download.done = done;
    event.u.download.result = result;
    engine_ingest(rig->engine, &event);
}

static inline void rig_connect(struct rig *rig)
{
    uint32_t i;
    for (i = 0; i < rig->engine->venue_count; i++) {
        rig_download(rig, i, 0, TURRET_OK);
        rig_download(rig, i, 1, TURRET_OK);
    }
}

static inline struct event rig_bar_event(struct rig *rig, turret_instrument instrument,
                                         turret_time_ns time, turret_price close)
{
    struct event event = rig_event(rig, EVENT_BAR);
    struct turret_bar *bar = &event.u.bar;
    event.venue = 0;
    event.time = time + RIG_MINUTE;
    bar->instrument = instrument;
    bar->timeframe_ns = RIG_MINUTE;
    bar->time = time;
    bar->open = bar->high = bar->low = bar->close = close;
    bar->volume = 1;
    return event;
}

/* One flat bar, a minute after the last. */
static inline void rig_bar(struct rig *rig, turret_instrument instrument, turret_price close)
{
    struct event event = rig_bar_event(rig, instrument, rig->time, close);
    rig->time += RIG_MINUTE;
    engine_ingest(rig->engine, &event);
}

/* Started, with cash, connected, and a first price of 100.00 on every instrument. */
static inline void rig_open(struct rig *rig, const struct rig_options *o)
{
    struct turret_error err = {0};
    uint32_t i;
    (void)rig_build(rig, o, &err);
    assert_int_equal(engine_start(rig->engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    for (i = 0; i < o->venues; i++)
        rig_control(rig, CONTROL_CASH, i, INT64_C(1000000) * MONEY_ONE);
    rig_connect(rig);
    for (i = 0; i < o->instruments; i++)
        rig_bar(rig, rig->instrument[i], 10000);
}

static inline void rig_close(struct rig *rig)
{
    engine_destroy(rig->engine, TURRET_REASON_SHUTDOWN);
    free(rig->log.bytes);
    memset(&rig_script, 0, sizeof rig_script);
}

#include "engine_answers.h"

#endif
