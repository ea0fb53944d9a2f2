/* SPDX-License-Identifier: Apache-2.0 */
#include "core/post_trade.h"

#include "core/risk.h"

#define REFUSALS_FROM 10 /* orders of a day, before which a ratio says nothing */

/* The stricter of what account and strategy say; RISK_UNSET: neither does. */
static int64_t either(int64_t all, int64_t own)
{
    return risk_is_set(all) ? risk_lower(all, own) : own;
}

static bool doubled(uint32_t count)
{
    return (count & (count - 1)) == 0;
}

static struct post_trade *today(struct engine *engine, uint32_t strategy)
{
    struct post_trade *of = &engine->strategies[strategy].post_trade;
    if (of->day != engine->day) {
        of->day = engine->day;
        of->sent = of->refused = of->told = 0;
    }
    return of;
}

void post_trade_sent(struct engine *engine, const struct order *order, struct sending *of)
{
    if (of->counted)
        return; /* it was kept back, and is tried again */
    of->counted = 1;
    today(engine, order->strategy)->sent++;
}

void post_trade_refused(struct engine *engine, uint32_t strategy)
{
    struct post_trade *of;
    int64_t most;
    if (strategy >= engine->strategy_count)
        return; /* not this host's */
    of = today(engine, strategy);
    of->refused++;
    most = either(engine->options.risk.max_rejects_ppm,
                  engine->strategies[strategy].limits.max_rejects_ppm);
    if (!risk_is_set(most) || of->told || of->sent < REFUSALS_FROM ||
        (money_wide)of->refused * MONEY_PPM <= (money_wide)of->sent * most)
        return;
    of->told = 1;
    engine_notice(engine, NOTICE_ALARM, strategy,
                  "%s: %u of %u orders of this day were refused by their venue (max_rejects)",
                  engine->strategies[strategy].name, of->refused, of->sent);
}

/* A venue that says what it charges may not charge more. Told whenever the count has doubled. */
static void check_fee(struct engine *engine, const struct fill *fill)
{
    struct venue *venue = &engine->venues[fill->venue];
    const struct turret_instrument_def *def = &engine->instruments[fill->instrument].def;
    const struct money_fees *said = &venue->fees;
    turret_money most;
    char fee[MONEY_TEXT_MAX];
    if ((venue->caps.can & TURRET_CAN_SIMULATE) ||
        (!said->min_nano && !said->per_unit_nano && !said->rate_nano))
        return; /* it said nothing */
    if (money_fee(said, fill->qty, def->qty_scale, fill->value, &most) && fill->fee <= most)
        return;
    venue->fees_above++;
    money_format(fill->fee, MONEY_SCALE, fee, sizeof fee);
    if (doubled(venue->fees_above))
        engine_notice(engine, NOTICE_ALARM, fill->strategy,
                      "execution %s cost %s %.7s, more than venue %s says it charges; %u so far",
                      fill->execution_id, fee, def->currency, venue->name, venue->fees_above);
}

/* A stop that waits at its venue is held against its own price, all others against the mark. */
static turret_price expected_price(struct engine *engine, const struct order *order)
{
    return order->type >= TURRET_ORDER_STOP ? order->stop_price : gap_of(engine, order)->mark;
}

/* How much worse than what was to be expected when its order left; better is no slippage. */
static void check_slippage(struct engine *engine, const struct order *order,
                           const struct fill *fill)
{
    struct strategy *strategy = &engine->strategies[order->strategy];
    int64_t most = either(engine->options.risk.max_slippage_ppm, strategy->limits.max_slippage_ppm);
    turret_price expected = expected_price(engine, order);
    money_wide worse = (money_wide)fill->price - expected;
    const struct turret_instrument_def *def = &engine->instruments[fill->instrument].def;
    char paid[MONEY_TEXT_MAX], was[MONEY_TEXT_MAX], percent[MONEY_TEXT_MAX];
    int64_t ppm;
    if (fill->side == TURRET_SIDE_SELL)
        worse = -worse;
    if (!risk_is_set(most) || expected <= 0 || worse * MONEY_PPM <= (money_wide)expected * most)
        return;
    strategy->post_trade.slipped++;
    if (!doubled(strategy->post_trade.slipped))
        return;
    if (!money_fits(worse * MONEY_PPM / expected, &ppm))
        ppm = INT64_MAX;
    money_format(fill->price, def->price_scale, paid, sizeof paid);
    money_format(expected, def->price_scale, was, sizeof was);
    money_format(ppm, 4, percent, sizeof percent);
    engine_notice(engine, NOTICE_ALARM, fill->strategy,
                  "%s: order %llu filled at %s, %s%% worse than %s (max_slippage); %u so far",
                  strategy->name, (unsigned long long)order->id, paid, percent, was,
                  strategy->post_trade.slipped);
}

void post_trade_filled(struct engine *engine, const struct order *order, const struct fill *fill)
{
    check_fee(engine, fill);
    if (order && order->strategy < engine->strategy_count)
        check_slippage(engine, order, fill);
}
