/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a snapshot over into a started engine whose configuration may have changed: what belongs to
 * the same names is taken, what is new starts fresh, what must not be lost refuses.
 */
#include "core/held.h"
#include "core/restoring.h"
#include "core/risk_stops.h"

#include <stdlib.h>
#include <string.h>

int restore_count(struct unpack *in, uint32_t *count, uint32_t most)
{
    int status = unpack_get(in, count, sizeof *count);
    if (status == TURRET_OK && *count > most)
        status = turret_fail(in->err, TURRET_ECORRUPT, "the snapshot says %u of at most %u", *count,
                             most);
    return status;
}

int restore_absurd(struct restoring *r, const char *what, uint64_t id)
{
    return turret_fail(r->in.err, TURRET_ECORRUPT, "the snapshot's %s %llu is absurd", what,
                       (unsigned long long)id);
}

static int get_globals(struct restoring *r)
{
    struct snapshot_globals globals;
    struct engine *engine = r->engine;
    int status = unpack_get(&r->in, &globals, sizeof globals);
    if (status)
        return status;
    if (globals.reserved != 0 || globals.next_order_id >= ORDER_ID_END ||
        globals.epoch >= ORDER_EPOCH_END || globals.now < 0 || globals.now > INT64_MAX / 2 ||
        (globals.day != INT64_MIN && globals.day != engine_day_of(globals.now)))
        return restore_absurd(r, "event", globals.sequence);
    engine->now = globals.now;
    engine->day = globals.day;
    engine->sequence = globals.sequence;
    engine->next_order_id = globals.next_order_id;
    engine->next_fill_id = globals.next_fill_id;
    engine->epoch = globals.epoch;
    return TURRET_OK;
}

static int get_streams(struct restoring *r)
{
    uint32_t i, streams, instrument;
    int64_t old[2]; /* timeframe, newest bar */
    int status = restore_count(&r->in, &streams, ENGINE_STREAMS_MAX);
    for (i = 0; !status && i < streams; i++) {
        struct stream *to;
        status = unpack_get(&r->in, &instrument, sizeof instrument);
        if (!status)
            status = unpack_get(&r->in, old, sizeof old);
        if (status || instrument > r->instrument_count || !r->instruments[instrument])
            continue;
        to = market_stream(r->engine, r->instruments[instrument], old[0]);
        if (to)
            to->last_time = old[1];
    }
    return status;
}

static int take_instrument(struct restoring *r, const struct snapshot_instrument *old,
                           struct instrument *to)
{
    if (to->def.price_scale != old->price_scale || to->def.qty_scale != old->qty_scale ||
        to->def.multiplier != old->multiplier)
        return turret_fail(r->in.err, TURRET_EINVAL,
                           "instrument %.31s.%.15s had scales %d and %d and multiplier %lld; the "
                           "configuration says %d, %d and %lld; keep them or use another store",
                           old->symbol, old->venue, old->price_scale, old->qty_scale,
                           (long long)old->multiplier, to->def.price_scale, to->def.qty_scale,
                           (long long)to->def.multiplier);
    to->def.status = old->status;
    to->mark = old->mark;
    to->mark_time = old->mark_time;
    to->bid = old->bid;
    to->ask = old->ask;
    to->quote_time = old->quote_time;
    return TURRET_OK;
}

/* A changed configuration goes on with a venue that is connected and reconciled. */
static void take_venue(struct venue *to, uint32_t flags)
{
    to->ready = (flags & SNAPSHOT_READY) != 0;
    to->downloading = (flags & SNAPSHOT_DOWNLOADING) != 0;
    to->differs = (flags & SNAPSHOT_DIFFERS) != 0;
}

static int get_instruments(struct restoring *r)
{
    char name[16];
    uint32_t i, flags;
    int status = restore_count(&r->in, &r->venue_count, ENGINE_VENUES_MAX);
    for (i = 0; !status && i < r->venue_count; i++) {
        status = unpack_get(&r->in, name, sizeof name);
        if (!status)
            status = unpack_get(&r->in, &flags, sizeof flags);
        r->venues[i] = status ? ENGINE_NONE : engine_find_venue(r->engine, name);
        if (r->venues[i] != ENGINE_NONE)
            take_venue(&r->engine->venues[r->venues[i]], flags);
    }
    if (!status)
        status = restore_count(&r->in, &r->instrument_count, ENGINE_INSTRUMENTS_MAX);
    for (i = 1; !status && i <= r->instrument_count; i++) {
        struct snapshot_instrument *old = &r->old_instruments[i];
        status = unpack_get(&r->in, old, sizeof *old);
        if (!status && (old->qty_scale < 0 || old->qty_scale > 12))
            status = restore_absurd(r, "instrument", i);
        if (!status &&
            (r->instruments[i] = engine_find_instrument(r->engine, old->symbol, old->venue)) != 0) {
            status = take_instrument(r, old, &r->engine->instruments[r->instruments[i]]);
        }
    }
    return status ? status : get_streams(r);
}

static int get_accounts(struct restoring *r)
{
    uint32_t i, k, count, stopped[2];
    int status = restore_count(&r->in, &count, ENGINE_ACCOUNTS_MAX);
    r->account_count = status ? 0 : count;
    for (i = 0; !status && i < count; i++) {
        struct account old;
        struct rate_window rate;
        r->accounts[i] = ENGINE_NONE;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status)
            status = unpack_get(&r->in, stopped, sizeof stopped);
        if (!status)
            status = unpack_get(&r->in, &rate, sizeof rate);
        if (!status && !account_is_sound(&old))
            status = restore_absurd(r, "account", i);
        if (status || old.venue >= r->venue_count || r->venues[old.venue] == ENGINE_NONE)
            continue;
        old.venue = r->venues[old.venue];
        for (k = 0; k < r->engine->account_count; k++) {
            struct account *to = &r->engine->accounts[k];
            if (to->venue != old.venue || strncmp(to->currency, old.currency, sizeof old.currency))
                continue;
            *to = old;
            r->accounts[i] = k;
            r->engine->account_stopped_by_loss[k] = stopped[0];
            r->engine->account_stopped_by_drawdown[k] = stopped[1];
            r->engine->account_rate[k] = rate;
        }
    }
    return status;
}

/* ---- strategies ---- */

static struct strategy *find_strategy(struct engine *engine, const struct snapshot_strategy *old)
{
    uint32_t i;
    for (i = 0; i < engine->strategy_count; i++)
        if (!strncmp(engine->strategies[i].name, old->name, sizeof old->name) &&
            !strncmp(engine->strategies[i].acting->type->id, old->plugin, sizeof old->plugin))
            return &engine->strategies[i];
    return NULL;
}

static int get_strategies(struct restoring *r)
{
    uint32_t i;
    int status = restore_count(&r->in, &r->strategy_count, ENGINE_STRATEGIES_MAX);
    for (i = 0; !status && i < r->strategy_count; i++) {
        struct snapshot_strategy old;
        struct strategy *to;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status && !equity_is_sound(&old.equity))
            status = restore_absurd(r, "strategy", i);
        if (status)
            break;
        to = find_strategy(r->engine, &old);
        (void)snprintf(r->names[i], sizeof r->names[i], "%.47s", old.name);
        r->strategies[i] = to ? to->index : ENGINE_NONE;
        if (to) {
            if (to->run == STRATEGY_RUNNING && old.run <= STRATEGY_FAULT)
                to->run = (enum strategy_run)old.run;
            to->stopped_by_loss = old.stopped & 1u;
            to->stopped_by_drawdown = old.stopped & 2u;
            to->equity = old.equity;
            to->rate = old.rate;
            to->orders = old.orders;
            to->fills = old.fills;
            to->denials = old.denials;
            memcpy(to->timers, old.timers, sizeof to->timers);
            r->engine->next_timer = 0;
            to->score = old.score;
            to->score.reason[sizeof to->score.reason - 1] = 0;
            old.fault[sizeof old.fault - 1] = 0;
            if (!to->acting->lost) { /* not in the on_start() just before */
                to->acting->lost = old.stopped & 4u;
                memcpy(to->fault, old.fault, sizeof to->fault);
            }
        }
        status = saved_state_take(
            &r->in, to && !(r->engine->started && r->engine->preloaded) ? to->acting : NULL, NULL,
            r->in.err);
    }
    return status;
}

/* ---- orders ---- */

/* What a slice takes of its parent is in the parent already. */
static void count_restored(struct engine *engine, struct order *order)
{
    uint8_t role = order->role;
    order->role = ORDER_OWN;
    order_count(engine, order, 1);
    order->role = role;
}

static int get_orders(struct restoring *r)
{
    uint32_t i, count;
    int status = restore_count(&r->in, &count, 1u << 24);
    for (i = 0; !status && i < count; i++) {
        struct order old, *to;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status &&
            (!order_is_whole(&old) || !restore_is_time(old.created) ||
             !restore_is_time(old.updated) || order_table_find(r->engine->orders, old.id)))
            status = restore_absurd(r, "order", old.id);
        if (status || old.instrument > r->instrument_count ||
            (!r->instruments[old.instrument] && (old.instrument || order_is_working(&old)))) {
            if (!status && order_is_working(&old))
                return turret_fail(r->in.err, TURRET_EINVAL,
                                   "order %llu is working and its instrument is gone from the "
                                   "configuration; put it back",
                                   (unsigned long long)old.id);
            continue;
        }
        to = order_table_add(r->engine->orders, old.id);
        if (!to)
            return turret_fail(r->in.err, TURRET_ELIMIT, "more working orders than orders_max");
        *to = old;
        to->instrument = r->instruments[old.instrument]; /* 0: denied for that */
        to->venue = (uint16_t)r->engine->instruments[to->instrument].venue;
        to->strategy =
            old.strategy < r->strategy_count ? r->strategies[old.strategy] : ORDER_NO_STRATEGY;
        if (order_is_working(to) && old.strategy != ORDER_NO_STRATEGY &&
            to->strategy == ORDER_NO_STRATEGY)
            return turret_fail(r->in.err, TURRET_EINVAL,
                               "order %llu is working and its strategy is gone from the "
                               "configuration; put it back, or first stop it: turret stop",
                               (unsigned long long)old.id);
        if (order_is_working(to) && to->strategy != ORDER_NO_STRATEGY &&
            !strategy_position(r->engine, &r->engine->strategies[to->strategy], to->instrument))
            return turret_fail(r->in.err, TURRET_EINVAL,
                               "order %llu is working and its strategy is not on its instrument "
                               "any more; put it back, or first stop it: turret stop",
                               (unsigned long long)old.id);
        if (to->algorithm)
            to->algorithm = old.algorithm <= r->strategy_count &&
                                    r->strategies[old.algorithm - 1] != ENGINE_NONE
                                ? r->strategies[old.algorithm - 1] + 1
                                : 0;
        if (order_is_working(to) && old.algorithm && !to->algorithm)
            return turret_fail(r->in.err, TURRET_EINVAL,
                               "order %llu is working and the strategy that works it is gone from "
                               "the configuration; put it back, or first stop it: turret stop",
                               (unsigned long long)old.id);
        if (order_is_working(to))
            count_restored(r->engine, to);
        r->engine->venues[to->venue].unknown += to->state == TURRET_STATE_UNKNOWN;
    }
    held_restore(r->engine);
    return status;
}

static int get_fills(struct restoring *r)
{
    uint32_t i, count;
    int status = restore_count(&r->in, &count, 1u << 24);
    for (i = 0; !status && i < count; i++) {
        struct fill old;
        status = unpack_get(&r->in, &old, sizeof old);
        if (status)
            break;
        if (old.instrument > r->instrument_count || old.venue >= r->venue_count ||
            r->venues[old.venue] == ENGINE_NONE || !r->instruments[old.instrument]) {
            r->engine->executions.forgot = true; /* it may be told again when it is back */
            continue;
        }
        if (!fill_is_whole(&old) ||
            (!old.by_host &&
             executions_find(&r->engine->executions, r->venues[old.venue], old.execution_id)))
            return restore_absurd(r, "fill", old.id);
        old.instrument = r->instruments[old.instrument];
        old.venue = r->venues[old.venue];
        old.strategy =
            old.strategy < r->strategy_count ? r->strategies[old.strategy] : ORDER_NO_STRATEGY;
        executions_add(&r->engine->executions, &old);
    }
    return status;
}

static int get_holdings(struct restoring *r)
{
    uint32_t s;
    int status = TURRET_OK;
    for (s = 0; !status && s < r->strategy_count; s++)
        status = protection_get(
            &r->in,
            r->strategies[s] == ENGINE_NONE ? NULL : &r->engine->strategies[r->strategies[s]],
            r->instruments, r->instrument_count);
    protection_restore(r->engine);
    return status;
}

/* What differs, and what waits for its other half. */
static int get_reconciliation(struct restoring *r)
{
    const struct snapshot_names names = {r->venues,      r->instruments,      r->accounts,
                                         r->venue_count, r->instrument_count, r->account_count};
    return reconcile_take(r->engine, &r->in, &names);
}

/* By name, also of what the configuration has no more: it may come back. */
static int get_trading(struct restoring *r)
{
    struct trading *trading = &r->engine->trading;
    uint32_t i, count;
    int status = restore_count(&r->in, &count, TRADING_LATCHES_MAX);
    trading->count = 0;
    for (i = 0; !status && i < count; i++) {
        status = unpack_get(&r->in, &trading->latches[i], sizeof trading->latches[i]);
        if (!status && !trading_latch_is_whole(&trading->latches[i]))
            status = restore_absurd(r, "trading state", i);
        if (!status)
            trading->count = i + 1;
    }
    trading_resolve(r->engine);
    return status;
}

typedef int section_fn(struct restoring *r);
static section_fn *const sections[] = {
    get_globals,        get_instruments,    get_accounts, get_strategies,     restore_positions,
    restore_indicators, get_orders,         get_fills,    restore_conduct,    restore_sizing,
    get_holdings,       get_reconciliation, get_trading,  restore_post_trade, restore_stops};
#define SECTIONS              ((uint32_t)(sizeof sections / sizeof *sections))
#define SECTIONS_BEFORE_START 4

/* Only when the whole snapshot is taken: until then it may be refused. */
static void tell_gone(const struct restoring *r)
{
    uint32_t i;
    for (i = 0; i < r->strategy_count; i++)
        if (r->strategies[i] == ENGINE_NONE)
            engine_notice(r->engine, NOTICE_ALARM, ENGINE_NONE,
                          "strategy %s is gone from the configuration; what it held, if anything, "
                          "is the account's",
                          r->names[i]);
}

static int read_sections(struct restoring *r, uint32_t count)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < count; i++)
        status = sections[i](r);
    if (!status && count > SECTIONS_BEFORE_START)
        strategies_start_lines(r->engine, r->strategies, r->strategy_count);
    if (!status && count > SECTIONS_BEFORE_START && r->in.at != r->in.end)
        status = turret_fail(r->in.err, TURRET_ECORRUPT, "the snapshot has bytes too many");
    if (!status && count == SECTIONS) {
        tell_gone(r);
        risk_look_again(r->engine);
        r->engine->stops_changed = true; /* some may be gone */
    }
    return status;
}

static int take(struct engine *engine, const void *from, size_t size_bytes, uint32_t section_count,
                struct turret_error *err)
{
    struct snapshot_head head;
    struct restoring *r;
    int status;
    if (size_bytes < sizeof head)
        return turret_fail(err, TURRET_ECORRUPT, "the snapshot is %zu bytes long", size_bytes);
    memcpy(&head, from, sizeof head);
    if (head.magic != SNAPSHOT_MAGIC || head.size_bytes != size_bytes)
        return turret_fail(err, TURRET_ECORRUPT, "this is not a snapshot of %zu bytes", size_bytes);
    if (head.version != SNAPSHOT_VERSION)
        return turret_fail(err, TURRET_EVERSION, "snapshot version %u, this host knows %u",
                           head.version, SNAPSHOT_VERSION);
    r = calloc(1, sizeof *r);
    if (r) {
        r->instruments = calloc(ENGINE_INSTRUMENTS_MAX + 1, sizeof *r->instruments);
        r->old_instruments = calloc(ENGINE_INSTRUMENTS_MAX + 1, sizeof *r->old_instruments);
    }
    if (!r || !r->instruments || !r->old_instruments) {
        status = turret_fail(err, TURRET_ENOMEM, "no memory to restore");
    } else {
        r->engine = engine;
        r->in = (struct unpack){(const uint8_t *)from + sizeof head,
                                (const uint8_t *)from + size_bytes, err};
        status = read_sections(r, section_count);
    }
    if (r) {
        free(r->instruments);
        free(r->old_instruments);
    }
    free(r);
    return status;
}

int engine_preload(struct engine *engine, const void *from, size_t size_bytes,
                   struct turret_error *err)
{
    engine->preloaded = true;
    return take(engine, from, size_bytes, SECTIONS_BEFORE_START, err);
}

int engine_restore(struct engine *engine, const void *from, size_t size_bytes,
                   struct turret_error *err)
{
    return take(engine, from, size_bytes, SECTIONS, err);
}
