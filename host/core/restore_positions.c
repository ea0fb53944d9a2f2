/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot's positions. None is let go unsaid: one whose instrument or strategy the configuration
 * has no more refuses it, unless the strategy is listed as disowned.
 */
#include "core/restoring.h"

#include <string.h>

static bool is_disowned(const struct restoring *r, uint32_t strategy)
{
    const struct engine_options *options = &r->engine->options;
    uint32_t i = 0;
    while (i < options->disowned_count && strcmp(options->disowned[i], r->names[strategy]) != 0)
        i++;
    return i < options->disowned_count;
}

/* Why the strategy has no place for it any more. */
static const char *why_gone(const struct restoring *r, const struct position *old)
{
    if (!r->instruments[old->instrument])
        return "the instrument is gone from the configuration; put it back";
    if (r->strategies[old->strategy] != ENGINE_NONE)
        return "is not on it any more; put it back";
    if (engine_trading_find(r->engine, TRADING_STRATEGY, r->names[old->strategy]) != ENGINE_NONE)
        return "has another plugin now; name the one before, or give this one a name of its own";
    return "is gone from the configuration; put it back";
}

/*
 * Of a strategy. A journal that is replayed has it that the configuration came into force: there it
 * is let go as it was then.
 */
static int let_go(const struct restoring *r, const struct position *old)
{
    const struct snapshot_instrument *instrument = &r->old_instruments[old->instrument];
    const char *name = r->names[old->strategy];
    char qty[MONEY_TEXT_MAX];
    if (old->qty == 0 || r->engine->recorded || is_disowned(r, old->strategy))
        return TURRET_OK;
    money_format(old->qty, instrument->qty_scale, qty, sizeof qty);
    return turret_fail(
        r->in.err, TURRET_EINVAL,
        "strategy %s holds a position of %s in %.31s.%.15s and %s, or close the position first; "
        "if it shall stay with the account, take the name %s out of strategies and list it in "
        "disowned",
        name, qty, instrument->symbol, instrument->venue, why_gone(r, old), name);
}

static int refuse_of_account(const struct restoring *r, const struct position *old)
{
    const struct snapshot_instrument *instrument = &r->old_instruments[old->instrument];
    char qty[MONEY_TEXT_MAX];
    money_format(old->qty, instrument->qty_scale, qty, sizeof qty);
    return turret_fail(r->in.err, TURRET_EINVAL,
                       "instrument %.31s.%.15s holds a position of %s and is gone from the "
                       "configuration; put it back, or close the position first",
                       instrument->symbol, instrument->venue, qty);
}

/* Where it belongs now; NULL: nowhere. */
static struct position *place_of(const struct restoring *r, const struct position *old)
{
    struct engine *engine = r->engine;
    turret_instrument instrument = r->instruments[old->instrument];
    if (!instrument)
        return NULL;
    if (old->strategy == POSITION_OF_ACCOUNT)
        return &engine->positions[engine->instruments[instrument].account_position];
    if (r->strategies[old->strategy] == ENGINE_NONE)
        return NULL;
    return strategy_position(engine, &engine->strategies[r->strategies[old->strategy]], instrument);
}

static int take(const struct restoring *r, const struct position *old)
{
    struct position *to = place_of(r, old);
    struct position taken = *old;
    if (!to && old->strategy != POSITION_OF_ACCOUNT)
        return let_go(r, old);
    if (!to)
        return old->qty == 0 ? TURRET_OK : refuse_of_account(r, old);
    taken.instrument = to->instrument;
    taken.strategy = to->strategy;
    taken.account = to->account;
    taken.open_buy = taken.open_sell = 0; /* counted again from the orders */
    *to = taken;
    return TURRET_OK;
}

int restore_positions(struct restoring *r)
{
    uint32_t i, count;
    int status = restore_count(&r->in, &count,
                               ENGINE_INSTRUMENTS_MAX + ENGINE_STRATEGIES_MAX * ENGINE_ON_MAX);
    for (i = 0; !status && i < count; i++) {
        struct position old;
        status = unpack_get(&r->in, &old, sizeof old);
        if (!status && (!position_is_sound(&old) || old.instrument == 0 ||
                        old.instrument > r->instrument_count ||
                        (old.strategy != POSITION_OF_ACCOUNT && old.strategy >= r->strategy_count)))
            status = restore_absurd(r, "position", i);
        if (!status)
            status = take(r, &old);
    }
    return status;
}
