/* SPDX-License-Identifier: Apache-2.0 */
/* What the host offers a strategy: the table behind turret_use(), turret_target() and the like. */
#include "core/execution.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define LOG_LINES_PER_MINUTE 60

static struct incarnation *code_of(struct turret_strategy *self)
{
    return (struct incarnation *)(void *)self; /* the handle is its first member */
}

static struct strategy *of(struct turret_strategy *self)
{
    return code_of(self)->owner;
}

static turret_indicator use(struct turret_strategy *self, turret_instrument instrument,
                            int64_t timeframe_ns, const char *expression, struct turret_error *err)
{
    struct strategy *strategy = of(self);
    turret_indicator slot = NULL;
    if (!code_of(self)->starting) {
        (void)turret_fail(err, TURRET_ESTATE, "turret_use() is for on_start() only");
        return NULL;
    }
    if (instrument == 0)
        instrument = strategy->on[0].instrument;
    if (timeframe_ns == 0)
        timeframe_ns = strategy->on[0].timeframe_ns;
    if (instrument > strategy->engine->instrument_count) {
        (void)turret_fail(err, TURRET_ENOTFOUND, "instrument %u does not exist", instrument);
        return NULL;
    }
    (void)indicator_use(strategy->engine, code_of(self), instrument, timeframe_ns, expression,
                        &slot, err);
    return slot;
}

/* Into zeroed bytes. */
static void copy_reason(char to[56], const char *reason)
{
    size_t length = reason ? strnlen(reason, 55) : 0;
    if (length)
        memcpy(to, reason, length);
}

/* Whether this wish stands, or is to go on holding nothing. */
static bool stands(const struct position *position, turret_qty qty)
{
    if (position->has_target)
        return position->target == qty;
    return qty == 0 && position->qty == 0 && position->open_buy == 0 && position->open_sell == 0;
}

/* Not inlined: a wish that stands, which is nearly every one, then needs no stack. */
static __attribute__((noinline)) int32_t wish(struct strategy *strategy, struct position *position,
                                              turret_qty qty, const char *reason)
{
    struct event_intent *intent;
    qty = amount_clamped(sizing_target(strategy, position, qty));
    if (stands(position, qty))
        return 0;
    intent = intents_add(strategy->engine, strategy, INTENT_TARGET);
    if (!intent) /* neither when ids are used up */
        return 0;
    intent->instrument = position->instrument;
    intent->order_id = strategy->engine->next_order_id++;
    intent->qty = qty;
    copy_reason(intent->reason, reason);
    position->target = qty;
    position->has_target = 1;
    return 1;
}

static int32_t target(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                      const char *reason)
{
    struct strategy *strategy = of(self);
    struct position *position = strategy_position(strategy->engine, strategy, instrument);
    if (!position)
        return 0;
    if (strategy->sizing.policy == SIZE_AS_WISHED && stands(position, qty))
        return 0;
    return wish(strategy, position, qty, reason);
}

static uint64_t submit(struct turret_strategy *self, const struct turret_order_request *request)
{
    struct strategy *strategy = of(self);
    struct engine *engine = strategy->engine;
    struct event_intent *intent = intents_add(engine, strategy, INTENT_SUBMIT);
    if (!intent)
        return 0;
    intent_of_request(intent, request);
    intent->order_id = engine->next_order_id;
    return engine->next_order_id++;
}

static int32_t change(struct turret_strategy *self, uint8_t kind, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price)
{
    struct strategy *strategy = of(self);
    const struct order *order = order_table_find(strategy->engine->orders, order_id);
    struct event_intent *intent;
    bool own, works;
    if (!order)
        return TURRET_ENOTFOUND;
    own = order->strategy == strategy->index && order->role != ORDER_SLICE;
    works = execution_algorithm(strategy->engine, order) == strategy->index &&
            (order->role == ORDER_SLICE || kind == INTENT_CANCEL); /* a parent's terms: its owner */
    if (!own && !works)
        return TURRET_ENOTFOUND;
    if (!order_is_working(order))
        return TURRET_ESTATE;
    intent = intents_add(strategy->engine, strategy, kind);
    if (!intent)
        return TURRET_ELIMIT;
    intent->instrument = order->instrument;
    intent->order_id = order_id;
    intent->qty = qty;
    intent->limit_price = limit_price;
    intent->stop_price = stop_price;
    return TURRET_OK;
}

static int32_t cancel(struct turret_strategy *self, uint64_t order_id)
{
    return change(self, INTENT_CANCEL, order_id, 0, 0, 0);
}

static int32_t modify(struct turret_strategy *self, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price)
{
    return change(self, INTENT_MODIFY, order_id, qty, limit_price, stop_price);
}

static turret_qty position_of(struct turret_strategy *self, turret_instrument instrument)
{
    const struct position *position = strategy_position(of(self)->engine, of(self), instrument);
    return position ? position->qty : 0;
}

static const struct instrument *known(struct turret_strategy *self, turret_instrument id)
{
    const struct engine *engine = of(self)->engine;
    return id >= 1 && id <= engine->instrument_count ? &engine->instruments[id] : NULL;
}

static int32_t account_of(struct turret_strategy *self, turret_instrument id,
                          struct turret_account *out)
{
    const struct engine *engine = of(self)->engine;
    const struct instrument *instrument = known(self, id);
    const struct account *account;
    if (!instrument)
        return TURRET_ENOTFOUND;
    account = &engine->accounts[instrument->account];
    memset(out, 0, sizeof *out);
    out->struct_size = (uint32_t)sizeof *out;
    out->currency_scale = MONEY_SCALE;
    memcpy(out->currency, account->currency, sizeof out->currency);
    out->cash = account->cash;
    out->equity = account->equity.now;
    out->buying_power = account->cash > 0 ? account->cash : 0;
    return TURRET_OK;
}

static const struct turret_instrument_def *instrument_of(struct turret_strategy *self,
                                                         turret_instrument id)
{
    const struct instrument *instrument = known(self, id);
    return instrument ? &instrument->def : NULL;
}

static turret_money fee(struct turret_strategy *self, turret_instrument id, turret_qty qty,
                        turret_price price)
{
    const struct engine *engine = of(self)->engine;
    const struct instrument *instrument = known(self, id);
    turret_money value, amount;
    if (!instrument || qty == 0 || !money_value(&instrument->rate, qty, price, &value) ||
        !money_fee(&engine->venues[instrument->venue].fees, qty, instrument->def.qty_scale, value,
                   &amount))
        return 0;
    return amount;
}

/* Another's words: one line, whatever shows it. */
static void clean(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

static void score(struct turret_strategy *self, turret_instrument instrument, double value,
                  const char *reason)
{
    struct strategy *strategy = of(self);
    if (!isfinite(value)) {
        strategy_fault(strategy->engine, strategy, "gave a score that is not a number");
        return;
    }
    strategy->score.instrument = instrument;
    strategy->score.score = value < -1 ? -1 : value > 1 ? 1 : value;
    (void)snprintf(strategy->score.reason, sizeof strategy->score.reason, "%s",
                   reason ? reason : "");
    clean(strategy->score.reason);
}

static int32_t timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns at)
{
    if (timer_id >= ENGINE_SESSION_TIMERS || at < 0)
        return TURRET_EINVAL;
    strategy_set_timer(of(self), timer_id, at);
    return TURRET_OK;
}

static void say(struct turret_strategy *self, uint32_t level, const char *text)
{
    struct strategy *strategy = of(self);
    struct engine *engine = strategy->engine;
    int64_t minute = engine->now / (60 * MONEY_NANO);
    if (strategy->logged_minute != minute) {
        strategy->logged_minute = minute;
        strategy->logged = 0;
    }
    if (level > TURRET_LOG_NOTICE || ++strategy->logged > LOG_LINES_PER_MINUTE)
        return;
    engine_notice(engine, NOTICE_LOG, strategy->index, "%s: %.200s", strategy->name,
                  text ? text : "");
}

static const void *get_extension(struct turret_strategy *self, const char *name_and_revision)
{
    (void)self;
    (void)name_and_revision;
    return NULL; /* none are offered yet */
}

const struct turret_strategy_host strategy_host = {
    (uint32_t)sizeof(struct turret_strategy_host),
    0,
    use,
    target,
    submit,
    cancel,
    modify,
    position_of,
    account_of,
    instrument_of,
    fee,
    score,
    timer,
    say,
    get_extension,
};
