/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of a snapshot that tell what indicators, risk and sizing remember. */
#include "core/restoring.h"

static struct indicator *find_indicator(const struct engine *engine, const struct restoring *r,
                                        const struct snapshot_indicator *old)
{
    const struct stream *stream;
    uint32_t at;
    if (old->instrument > r->instrument_count || !r->instruments[old->instrument])
        return NULL;
    stream = market_stream(engine, r->instruments[old->instrument], old->timeframe_ns);
    for (at = stream ? stream->first_indicator : ENGINE_NONE; at != ENGINE_NONE;
         at = engine->indicators[at].next) {
        struct indicator *indicator = &engine->indicators[at];
        if (!strncmp(indicator->key, old->key, sizeof old->key) &&
            indicator->type->state_schema == old->schema &&
            !strncmp(indicator->type->version, old->version, sizeof old->version) &&
            indicator->state_size == old->state_size)
            return indicator;
    }
    return NULL;
}

int restore_indicators(struct restoring *r)
{
    uint32_t i, count;
    int status = restore_count(&r->in, &count, 1u << 20);
    for (i = 0; !status && i < count; i++) {
        struct snapshot_indicator old;
        struct indicator *to;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status && (uint64_t)(r->in.end - r->in.at) < old.state_size)
            status = turret_fail(r->in.err, TURRET_ECORRUPT, "the snapshot ends too early");
        if (!status && !indicator_may_show(&old.slot))
            status = restore_absurd(r, "indicator", i);
        if (status)
            break;
        to = find_indicator(r->engine, r, &old);
        if (to) {
            memcpy(to->state, r->in.at, (size_t)old.state_size);
            to->fed = old.fed;
            to->fault = old.fault;
            to->slot = old.slot;
        }
        r->in.at += old.state_size;
    }
    strategies_refresh_ready(r->engine);
    return status;
}

/* Of what goes on being counted. */
static bool is_count(int64_t count)
{
    return count >= 0 && count <= INT64_MAX / 2;
}

static bool take_conduct(const struct restoring *r, struct conduct *conduct)
{
    uint32_t i;
    if (conduct->recent_count > CONDUCT_RECENT || conduct->recent_next >= CONDUCT_RECENT ||
        conduct->stopped_by_fills > 1 || !restore_is_time(conduct->last_loss) ||
        !is_count(conduct->filled.count) || !is_count(conduct->day_messages) ||
        !is_count(conduct->day_fills))
        return false;
    for (i = 0; i < conduct->recent_count; i++) {
        turret_instrument *instrument = &conduct->recent[i].instrument;
        if (!restore_is_time(conduct->recent[i].time))
            return false;
        *instrument = *instrument <= r->instrument_count ? r->instruments[*instrument] : 0;
    }
    return true;
}

int restore_conduct(struct restoring *r)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < r->strategy_count; i++) {
        struct conduct old;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status && !take_conduct(r, &old))
            status = restore_absurd(r, "memory of strategy", i);
        if (!status && r->strategies[i] != ENGINE_NONE)
            r->engine->strategies[r->strategies[i]].conduct = old;
    }
    for (i = 1; !status && i <= r->instrument_count; i++) {
        struct collar_anchor anchor;
        status = unpack_get(&r->in, &anchor, sizeof anchor);
        if (!status && !restore_is_time(anchor.time))
            status = restore_absurd(r, "collar of instrument", i);
        if (!status && r->instruments[i])
            r->engine->instruments[r->instruments[i]].anchor = anchor;
    }
    return status;
}

static int get_closes(struct restoring *r, int64_t day)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 1; !status && i <= r->instrument_count; i++) {
        turret_price close;
        status = unpack_get(&r->in, &close, sizeof close);
        if (!status && close < 0)
            status = restore_absurd(r, "close of instrument", i);
        if (!status && r->instruments[i] && close)
            daily_put(&r->engine->daily, day, r->instruments[i], close);
    }
    return status;
}

int restore_sizing(struct restoring *r)
{
    int64_t days[DAILY_DAYS];
    uint32_t i, count;
    int status = restore_count(&r->in, &count, DAILY_DAYS);
    if (!status)
        status = unpack_get(&r->in, days, count * sizeof *days);
    for (i = 1; !status && i < count; i++)
        if (days[i] <= days[i - 1])
            status = restore_absurd(r, "day", i);
    for (i = 0; !status && i < count; i++)
        status = get_closes(r, days[i]);
    for (i = 0; !status && i < r->strategy_count; i++) {
        struct sizing_record old;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status && (old.won < 0 || old.lost < 0))
            status = restore_absurd(r, "record of strategy", i);
        if (!status && r->strategies[i] != ENGINE_NONE)
            r->engine->strategies[r->strategies[i]].record = old;
    }
    return status;
}

/* Codes that this host does not know come last, and are left out. */
static int get_denied(struct restoring *r, uint32_t codes, struct strategy *to)
{
    uint32_t code;
    int status = TURRET_OK;
    for (code = 0; !status && code < codes; code++) {
        uint64_t times;
        status = unpack_get(&r->in, &times, sizeof times);
        if (!status && to && code < DENY_CODES)
            to->denied[code] = times;
        if (!status && to)
            to->was_denied = true;
    }
    return status;
}

static int get_told(struct restoring *r)
{
    uint32_t i, codes;
    int status = restore_count(&r->in, &codes, 1u << 10);
    for (i = 0; !status && i < r->strategy_count; i++) {
        struct strategy *to =
            r->strategies[i] == ENGINE_NONE ? NULL : &r->engine->strategies[r->strategies[i]];
        uint32_t no_stake;
        status = unpack_get(&r->in, &no_stake, sizeof no_stake);
        if (!status && no_stake > 1)
            status = restore_absurd(r, "stake of strategy", i);
        if (!status && to)
            to->no_stake = no_stake != 0;
        if (!status)
            status = get_denied(r, codes, to);
    }
    for (i = 0; !status && i < r->venue_count; i++) {
        uint32_t fees_above;
        status = unpack_get(&r->in, &fees_above, sizeof fees_above);
        if (!status && r->venues[i] != ENGINE_NONE)
            r->engine->venues[r->venues[i]].fees_above = fees_above;
    }
    return status;
}

int restore_post_trade(struct restoring *r)
{
    struct post_trade post_trade;
    struct sending of;
    uint32_t i, count;
    int status = TURRET_OK;
    for (i = 0; !status && i < r->strategy_count; i++) {
        status = unpack_get(&r->in, &post_trade, sizeof post_trade);
        if (!status && r->strategies[i] != ENGINE_NONE)
            r->engine->strategies[r->strategies[i]].post_trade = post_trade;
    }
    if (!status)
        status = restore_count(&r->in, &count, 1u << 24);
    for (i = 0; !status && i < count; i++) {
        const struct order *order;
        status = unpack_get(&r->in, &of, sizeof of);
        if (!status && !gap_is_whole(&of))
            status = restore_absurd(r, "numbers of order", of.order_id);
        order = status ? NULL : order_table_find(r->engine->orders, of.order_id);
        if (order)
            *gap_of(r->engine, order) = of;
    }
    return status ? status : get_told(r);
}

static int get_stops(struct restoring *r, struct stop stops[STOP_KINDS])
{
    uint32_t kind;
    int status = unpack_get(&r->in, stops, STOP_KINDS * sizeof *stops);
    for (kind = 0; !status && kind < STOP_KINDS; kind++)
        if (!restore_is_time(stops[kind].since) || stops[kind].is_part > 1)
            status = restore_absurd(r, "stop", kind);
    return status;
}

/* A snapshot in which none is known has none. */
int restore_stops(struct restoring *r)
{
    struct stop stops[STOP_KINDS];
    uint32_t i;
    int status = TURRET_OK;
    if (r->in.at == r->in.end)
        return TURRET_OK;
    for (i = 0; !status && i < r->account_count; i++) {
        status = get_stops(r, stops);
        if (!status && r->accounts[i] != ENGINE_NONE)
            memcpy(r->engine->account_stops[r->accounts[i]], stops, sizeof stops);
    }
    for (i = 0; !status && i < r->strategy_count; i++) {
        status = get_stops(r, stops);
        if (!status && r->strategies[i] != ENGINE_NONE)
            memcpy(r->engine->strategies[r->strategies[i]].stops, stops, sizeof stops);
    }
    return status;
}
