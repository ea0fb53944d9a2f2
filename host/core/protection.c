/* SPDX-License-Identifier: Apache-2.0 */
/* Brackets for entries, and an end for what is held too long. */
#include "core/protection.h"

#include "core/held.h"
#include "core/saved_state.h"

/* ---- brackets ---- */

int protection_bind(struct incarnation *incarnation, struct turret_error *err)
{
    struct strategy *strategy = incarnation->owner;
    char expression[32];
    uint32_t i, k;
    int status = TURRET_OK;
    if (strategy->protection.atr_period == 0)
        return TURRET_OK;
    (void)snprintf(expression, sizeof expression, "atr(%u)", strategy->protection.atr_period);
    for (i = 0; status == TURRET_OK && i < strategy->instrument_count; i++) {
        for (k = 0; strategy->on[k].instrument != strategy->instruments[i]; k++)
            ;
        if (strategy->on[k].timeframe_ns == 0)
            return turret_fail(err, TURRET_EINVAL, "protect.atr needs bars: write SYMBOL.venue@1m");
        status =
            indicator_use(strategy->engine, incarnation, strategy->on[k].instrument,
                          strategy->on[k].timeframe_ns, expression, &incarnation->range[i], err);
    }
    return status;
}

static uint32_t place_of(const struct strategy *strategy, turret_instrument instrument)
{
    uint32_t i = 0;
    while (i < strategy->instrument_count && strategy->instruments[i] != instrument)
        i++;
    return i;
}

/* Whole ticks, and never less than asked for: further away costs the trader. 0 when they do not
 * fit.
 */
static turret_price ticks_up(const struct instrument *instrument, money_wide nano)
{
    money_wide unit = (money_wide)instrument->def.tick_size * MONEY_NANO;
    money_wide price = (nano + unit - 1) / unit * instrument->def.tick_size;
    return price <= PRICE_MAX ? (turret_price)price : 0;
}

/* `multiple` of the range in price units; 0 when it is beyond a price. */
static turret_price range_distance(const struct instrument *instrument, double range,
                                   int64_t multiple_nano)
{
    double units = range * (double)money_power10(instrument->def.price_scale);
    double nano = units * (double)multiple_nano;
    int64_t whole;
    if (!(nano > 0 && nano < (double)INT64_MAX / 2))
        return 0; /* not a number is neither */
    whole = (int64_t)nano;
    return ticks_up(instrument, (money_wide)whole + ((double)whole < nano));
}

static turret_price trail_of(const struct protection *protection,
                             const struct instrument *instrument, turret_price price)
{
    money_wide nano = (money_wide)price * protection->trailing_ppm * (MONEY_NANO / MONEY_PPM);
    if (protection->trailing_nano > 0)
        nano = (money_wide)protection->trailing_nano * money_power10(instrument->def.price_scale);
    return ticks_up(instrument, nano);
}

static bool enters(const struct position *own, const struct order *order)
{
    turret_qty held = order_signed(order, own->qty);
    return !(order->flags & TURRET_ORDER_REDUCE_ONLY) &&
           (order->take_profit | order->stop_loss | order->stop_trail) == 0 &&
           (held >= 0 || order->qty > -held);
}

/* On the tick grid beyond the price, at least one tick above nothing. */
static turret_price beyond(const struct instrument *instrument, turret_price price, turret_price by,
                           bool up)
{
    turret_price tick = instrument->def.tick_size, at = up ? price + by : price - by;
    turret_price rest = at % tick;
    if (rest != 0)
        at += up ? tick - rest : -rest;
    return at < tick ? tick : at;
}

uint32_t protection_attach(const struct engine *engine, const struct strategy *strategy,
                           struct order *order)
{
    const struct protection *protection = &strategy->protection;
    uint32_t i = place_of(strategy, order->instrument);
    const struct instrument *instrument;
    turret_price price, stop, target;
    bool buys = order->side == TURRET_SIDE_BUY;
    if ((protection->atr_period | protection->trailing_ppm | protection->trailing_nano) == 0 ||
        i == strategy->instrument_count ||
        !enters(&engine->positions[strategy->first_position + i], order))
        return DENY_NONE;
    instrument = &engine->instruments[order->instrument];
    price = order->limit_price  ? order->limit_price
            : order->stop_price ? order->stop_price
                                : instrument->mark;
    if (price <= 0)
        return DENY_NONE; /* risk says so */
    if (price > PRICE_MAX)
        return DENY_PRICE; /* nothing is beyond it */
    if (protection->trailing_ppm > 0 || protection->trailing_nano > 0) {
        order->stop_trail = trail_of(protection, instrument, price);
        if (order->stop_trail == 0)
            return DENY_PRICE;
    }
    if (protection->atr_period == 0)
        return DENY_NONE;
    if (!strategy->acting->range[i] || !strategy->acting->range[i]->ready)
        return DENY_NO_REFERENCE;
    stop =
        range_distance(instrument, strategy->acting->range[i]->value[0], protection->atr_stop_nano);
    target = range_distance(instrument, strategy->acting->range[i]->value[0],
                            protection->atr_target_nano);
    order->stop_loss = beyond(instrument, price, stop, !buys);
    if (protection->atr_target_nano > 0)
        order->take_profit = beyond(instrument, price, target, buys);
    return DENY_NONE;
}

/* ---- the longest time ---- */

static void note_due(struct engine *engine, const struct strategy *strategy,
                     const struct holding *holding)
{
    if (holding->side != 0 && !holding->closing &&
        holding->since + strategy->protection.max_holding_ns < engine->next_holding)
        engine->next_holding = holding->since + strategy->protection.max_holding_ns;
}

void protection_restore(struct engine *engine)
{
    uint32_t s, i;
    engine->next_holding = INT64_MAX;
    for (s = 0; s < engine->strategy_count; s++)
        for (i = 0; engine->strategies[s].protection.max_holding_ns > 0 &&
                    i < engine->strategies[s].instrument_count;
             i++)
            note_due(engine, &engine->strategies[s], &engine->strategies[s].holdings[i]);
}

void protection_filled(struct engine *engine, struct strategy *strategy, uint32_t instrument)
{
    uint32_t i = place_of(strategy, instrument);
    struct holding *holding = &strategy->holdings[i];
    turret_qty qty;
    int32_t side;
    if (i == strategy->instrument_count)
        return;
    qty = engine->positions[strategy->first_position + i].qty;
    side = qty > 0 ? 1 : qty < 0 ? -1 : 0;
    if (side == holding->side)
        return; /* more or less of the same */
    *holding = (struct holding){engine->now, side, 0};
    protection_restore(engine);
}

void protection_closed(struct engine *engine, struct strategy *strategy, uint32_t instrument)
{
    uint32_t i = place_of(strategy, instrument);
    if (i == strategy->instrument_count)
        return;
    strategy->holdings[i].closing = 0;
    protection_restore(engine);
}

/* Other exits of it make room: nothing is closed twice. */
static void close_all(struct engine *engine, struct strategy *strategy,
                      turret_instrument instrument)
{
    struct order *order;
    uint64_t last = 0;
    while ((order = held_next(engine, last)) != NULL) {
        last = order->id;
        if (order->role != ORDER_EXIT || order->strategy != strategy->index ||
            order->instrument != instrument)
            continue;
        order->whole = 0; /* what it leaves is closed by the one below */
        held_drop(engine, order, "held too long: it closes now");
    }
    held_close(engine, strategy, instrument, INT64_MAX, "held as long as max_holding allows");
}

void protection_turn(struct engine *engine)
{
    uint32_t s, i;
    for (s = 0; s < engine->strategy_count; s++) {
        struct strategy *strategy = &engine->strategies[s];
        for (i = 0; strategy->protection.max_holding_ns > 0 && i < strategy->instrument_count;
             i++) {
            struct holding *holding = &strategy->holdings[i];
            if (holding->side == 0 || holding->closing ||
                engine->now - holding->since < strategy->protection.max_holding_ns)
                continue;
            holding->closing = 1;
            close_all(engine, strategy, strategy->instruments[i]);
        }
    }
    protection_restore(engine);
}

void protection_put(struct pack *pack, const struct strategy *strategy)
{
    uint32_t i;
    pack_put(pack, &strategy->instrument_count, sizeof strategy->instrument_count);
    for (i = 0; i < strategy->instrument_count; i++) {
        pack_put(pack, &strategy->instruments[i], sizeof strategy->instruments[i]);
        pack_put(pack, &strategy->holdings[i], sizeof strategy->holdings[i]);
    }
}

int protection_get(struct unpack *in, struct strategy *to, const uint32_t *instruments,
                   uint32_t instrument_count)
{
    uint32_t i, k, count, instrument;
    struct holding old;
    int status = unpack_get(in, &count, sizeof count);
    if (!status && count > ENGINE_ON_MAX)
        return turret_fail(in->err, TURRET_ECORRUPT, "a strategy of the snapshot is on %u", count);
    for (i = 0; !status && i < count; i++) {
        status = unpack_get(in, &instrument, sizeof instrument);
        if (!status)
            status = unpack_get(in, &old, sizeof old);
        if (!status && (old.side < -1 || old.side > 1 || old.since < 0 ||
                        old.since > EVENT_TIME_MAX || instrument > instrument_count))
            return turret_fail(in->err, TURRET_ECORRUPT, "a holding of the snapshot is absurd");
        for (k = 0; !status && to && k < to->instrument_count; k++)
            if (instruments[instrument] == to->instruments[k])
                to->holdings[k] = old;
    }
    return status;
}
