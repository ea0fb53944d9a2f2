/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: how a strategy behaves over time. What latches stays until a person lifts it.
 */
#include "core/risk.h"

#include <string.h>

static bool is_anchored(const struct candidate *c)
{
    const struct collar_anchor *anchor = &c->instrument->anchor;
    return anchor->price > 0 &&
           c->engine->now - anchor->time < c->engine->options.risk.collar_window_ns;
}

uint32_t risk_collar_window(const struct candidate *c)
{
    const struct risk_limits *all = &c->engine->options.risk;
    money_wide distance;
    if (!risk_is_set(all->collar_window_ns) || !risk_is_set(all->collar_drift_ppm))
        return DENY_LIMIT_UNSET;
    if (all->collar_window_ns == 0 || !risk_increases_any(c) || !is_anchored(c))
        return DENY_NONE;
    distance = (money_wide)c->asked - c->instrument->anchor.price;
    if (c->order->side == TURRET_SIDE_SELL)
        distance = -distance;
    return distance * MONEY_PPM > (money_wide)c->instrument->anchor.price * all->collar_drift_ppm
               ? risk_beyond(c, DENY_COLLAR_WINDOW,
                             risk_part(distance, c->instrument->anchor.price),
                             all->collar_drift_ppm)
               : DENY_NONE;
}

/* A change of a working order is told from a new one by its state; slices are alike by nature. */
static bool is_new(const struct candidate *c)
{
    return c->order->state == TURRET_STATE_INIT && c->order->role != ORDER_SLICE;
}

static bool is_same(const struct recent_order *recent, const struct order *order)
{
    return recent->instrument == order->instrument && recent->side == order->side &&
           recent->type == order->type && recent->tif == order->tif && recent->qty == order->qty &&
           recent->limit_price == order->limit_price && recent->stop_price == order->stop_price;
}

static int64_t duplicate_window(const struct candidate *c)
{
    return risk_higher(c->engine->options.risk.duplicate_ns, c->strategy->limits.duplicate_ns);
}

uint32_t risk_duplicate(const struct candidate *c)
{
    const struct conduct *conduct = &c->strategy->conduct;
    int64_t window = duplicate_window(c);
    uint32_t i;
    if (!risk_is_set(c->engine->options.risk.duplicate_ns))
        return DENY_LIMIT_UNSET;
    for (i = 0; window > 0 && is_new(c) && i < conduct->recent_count; i++)
        if (c->engine->now - conduct->recent[i].time < window &&
            is_same(&conduct->recent[i], c->order))
            return DENY_DUPLICATE;
    return DENY_NONE;
}

static void remember(struct conduct *conduct, const struct order *order, turret_time_ns now)
{
    struct recent_order *to = &conduct->recent[conduct->recent_next];
    *to = (struct recent_order){now,         order->instrument,  order->side,
                                order->type, order->tif,         0,
                                order->qty,  order->limit_price, order->stop_price};
    conduct->recent_next = (conduct->recent_next + 1) % CONDUCT_RECENT;
    conduct->recent_count += conduct->recent_count < CONDUCT_RECENT;
}

/* Until its price traded, which its venue says, or a fill does. */
static bool is_stop(const struct order *order)
{
    return order->type >= TURRET_ORDER_STOP && order->state != TURRET_STATE_TRIGGERED &&
           order->filled_qty == 0;
}

/* Whether it would trade with the other; they are of one instrument and of opposite sides. */
static bool would_meet(const struct order *one, const struct order *other)
{
    const struct order *buy = one->side == TURRET_SIDE_BUY ? one : other;
    const struct order *sell = buy == one ? other : one;
    if (is_stop(one) || is_stop(other))
        return false;
    if (other->pending_qty > 0)
        return true; /* a change is under way: its price may be any */
    return buy->limit_price == 0 || sell->limit_price == 0 || buy->limit_price >= sell->limit_price;
}

/*
 * What others have open on the other side is known without looking, and the search ends when all
 * of it was seen: mostly nothing is there to look for.
 */
uint32_t risk_self_trade(const struct candidate *c)
{
    const struct engine *engine = c->engine;
    bool buys = c->order->side == TURRET_SIDE_BUY;
    turret_qty against =
        buys ? c->account->open_sell - c->own->open_sell : c->account->open_buy - c->own->open_buy;
    const struct order *other;
    uint32_t cursor = 0;
    if (!risk_is_set(engine->options.risk.self_trade))
        return DENY_LIMIT_UNSET;
    if (risk_higher(engine->options.risk.self_trade, c->strategy->limits.self_trade) !=
        RISK_SELF_TRADE_DENY)
        return DENY_NONE;
    while (against > 0 && (other = order_table_next(engine->orders, &cursor)) != NULL) {
        if (!order_is_working(other) || other->state == TURRET_STATE_HELD || /* nowhere to meet */
            other->instrument != c->order->instrument || other->side == c->order->side ||
            other->strategy == c->order->strategy || other->strategy == ORDER_NO_STRATEGY)
            continue;
        if (would_meet(c->order, other))
            return DENY_SELF_TRADE;
        against -= order_leaves(other);
    }
    return DENY_NONE;
}

static bool rate_passed(struct rate_window *window, int64_t minute, int64_t limit)
{
    if (window->minute != minute) {
        window->minute = minute;
        window->count = 0;
    }
    return window->count < limit;
}

uint32_t risk_rate(const struct candidate *c)
{
    int64_t minute = c->engine->now / (60 * MONEY_NANO);
    int64_t own = c->strategy->limits.max_orders_per_minute;
    int64_t all = c->engine->options.risk.max_orders_per_minute;
    struct rate_window *account = &c->engine->account_rate[c->account_index];
    if (!risk_is_set(all))
        return DENY_LIMIT_UNSET;
    if (!rate_passed(account, minute, all))
        return risk_beyond(c, DENY_MESSAGE_RATE, (money_wide)account->count + 1, all);
    if (!rate_passed(&c->strategy->rate, minute, risk_is_set(own) ? own : INT64_MAX))
        return risk_beyond(c, DENY_MESSAGE_RATE, (money_wide)c->strategy->rate.count + 1, own);
    return DENY_NONE;
}

/* Messages and executions are counted by day, as of the event's time. */
static void begin_day(const struct engine *engine, struct conduct *conduct)
{
    if (conduct->day == engine->day)
        return;
    conduct->day = engine->day;
    conduct->day_messages = conduct->day_fills = 0;
}

void risk_sent(const struct engine *engine, struct strategy *strategy)
{
    begin_day(engine, &strategy->conduct);
    strategy->conduct.day_messages++;
}

uint32_t risk_order_to_trade(const struct candidate *c)
{
    int64_t all = c->engine->options.risk.messages_per_fill;
    int64_t most = risk_lower(all, c->strategy->limits.messages_per_fill);
    struct conduct *conduct = &c->strategy->conduct;
    money_wide allowed;
    if (!risk_is_set(all))
        return DENY_LIMIT_UNSET;
    begin_day(c->engine, conduct);
    allowed = (money_wide)most * ((money_wide)conduct->day_fills + 1);
    return c->increases && conduct->day_messages >= allowed
               ? risk_beyond(c, DENY_ORDER_TO_TRADE, (money_wide)conduct->day_messages + 1, allowed)
               : DENY_NONE;
}

void risk_executed(struct engine *engine, struct strategy *strategy)
{
    int64_t most =
        risk_lower(engine->options.risk.fills_per_minute, strategy->limits.fills_per_minute);
    struct conduct *conduct = &strategy->conduct;
    if (!rate_passed(&conduct->filled, engine->now / (60 * MONEY_NANO), most) &&
        risk_is_set(most) && !conduct->stopped_by_fills) {
        conduct->stopped_by_fills = 1;
        strategy->stops[STOP_FILLS] = (struct stop){.since = engine->now, .limit = most};
        engine->stops_changed = true;
        engine_notice(engine, NOTICE_ALARM, strategy->index,
                      "%s: more than %lld %s in a minute; it may only close until turret resume",
                      strategy->name, (long long)most, most == 1 ? "execution" : "executions");
    }
    conduct->filled.count++;
    begin_day(engine, conduct);
    conduct->day_fills++;
}

uint32_t risk_repeated_fills(const struct candidate *c)
{
    if (!risk_is_set(c->engine->options.risk.fills_per_minute))
        return DENY_LIMIT_UNSET;
    return c->strategy->conduct.stopped_by_fills && c->increases ? DENY_REPEATED_FILLS : DENY_NONE;
}

void risk_trade_ended(struct engine *engine, struct strategy *strategy, bool won)
{
    struct conduct *conduct = &strategy->conduct;
    conduct->losses = won ? 0 : conduct->losses + (conduct->losses < UINT32_MAX);
    if (!won)
        conduct->last_loss = engine->now;
}

uint32_t risk_loss_streak(const struct candidate *c)
{
    const struct risk_limits *all = &c->engine->options.risk, *own = &c->strategy->limits;
    struct conduct *conduct = &c->strategy->conduct;
    if (!risk_is_set(all->loss_streak) || !risk_is_set(all->cool_down_ns))
        return DENY_LIMIT_UNSET;
    if (conduct->losses == 0 || conduct->losses < risk_lower(all->loss_streak, own->loss_streak))
        return DENY_NONE;
    if (c->engine->now - conduct->last_loss >= risk_higher(all->cool_down_ns, own->cool_down_ns))
        conduct->losses = 0;
    return conduct->losses > 0 && c->increases ? DENY_LOSS_STREAK : DENY_NONE;
}

/* As risk_loss_streak() would deny, now. */
static bool is_in_streak(const struct engine *engine, const struct strategy *strategy)
{
    const struct risk_limits *all = &engine->options.risk, *own = &strategy->limits;
    return risk_is_set(all->loss_streak) && risk_is_set(all->cool_down_ns) &&
           strategy->conduct.losses > 0 &&
           strategy->conduct.losses >= risk_lower(all->loss_streak, own->loss_streak) &&
           engine->now - strategy->conduct.last_loss <
               risk_higher(all->cool_down_ns, own->cool_down_ns);
}

bool engine_is_stopped(const struct engine *engine)
{
    bool stopped = false;
    uint32_t i;
    for (i = 0; i < engine->account_count; i++)
        stopped =
            stopped || engine->account_stopped_by_loss[i] || engine->account_stopped_by_drawdown[i];
    for (i = 0; i < engine->strategy_count; i++) {
        const struct strategy *strategy = &engine->strategies[i];
        stopped = stopped || strategy->stopped_by_loss || strategy->stopped_by_drawdown ||
                  strategy->conduct.stopped_by_fills || is_in_streak(engine, strategy);
    }
    return stopped;
}

void risk_forgive(struct strategy *strategy)
{
    strategy->stopped_by_loss = strategy->stopped_by_drawdown = false;
    memset(strategy->stops, 0, sizeof strategy->stops);
    strategy->conduct.losses = strategy->conduct.stopped_by_fills = 0;
    strategy->conduct.filled.count = 0;
}

void risk_passed(const struct candidate *c)
{
    c->engine->account_rate[c->account_index].count++;
    c->strategy->rate.count++;
    risk_sent(c->engine, c->strategy);
    if (c->engine->options.risk.collar_window_ns > 0 && !is_anchored(c))
        c->instrument->anchor = (struct collar_anchor){c->instrument->mark, c->engine->now};
    if (duplicate_window(c) > 0 && is_new(c))
        remember(&c->strategy->conduct, c->order, c->engine->now);
}
