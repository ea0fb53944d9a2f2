/* SPDX-License-Identifier: Apache-2.0 */
/* A venue's position or cash comes into the books: no trade, and no profit. */
#include "core/risk_stops.h"

/* Sums of a few of these still fit. */
static bool is_sane(int64_t amount)
{
    return amount <= INT64_MAX / 16 && amount >= -(INT64_MAX / 16);
}

/* What came from outside is no profit: the whole line moves; a part of it is another one then. */
static bool shift(struct equity *equity, turret_money by)
{
    int64_t *const line[] = {&equity->now,    &equity->start,     &equity->peak,
                             &equity->trough, &equity->day_start, &equity->day_low};
    size_t i;
    for (i = 0; i < sizeof line / sizeof *line; i++)
        if (!is_sane(*line[i]) || !is_sane(by))
            return false;
    for (i = 0; i < sizeof line / sizeof *line; i++)
        *line[i] += by;
    return true;
}

bool adopt_position(struct engine *engine, turret_instrument id, turret_qty theirs)
{
    const struct instrument *instrument = &engine->instruments[id];
    struct position *ours = &engine->positions[instrument->account_position], taken = *ours;
    struct equity *equity = &engine->accounts[instrument->account].equity;
    turret_money cost, realised;
    turret_qty by;
    if (!is_sane(theirs) || !is_sane(ours->qty))
        return false;
    by = theirs - ours->qty;
    if (!money_value(&instrument->rate, by < 0 ? -by : by, instrument->mark, &cost) ||
        !position_fill(&taken, by, cost, &realised) ||
        !money_value(&instrument->rate, taken.qty, instrument->mark, &taken.value) ||
        !is_sane(taken.value) || !is_sane(ours->value) || !shift(equity, taken.value - ours->value))
        return false;
    *ours = taken;
    risk_look_again(engine);
    if (engine->sink.position)
        engine->sink.position(engine->sink.context, ours);
    return true;
}

bool adopt_cash(struct engine *engine, struct account *account, turret_money theirs)
{
    if (!is_sane(theirs) || !is_sane(account->cash) ||
        !shift(&account->equity, theirs - account->cash))
        return false;
    account->cash = theirs;
    risk_look_again(engine);
    if (engine->sink.cash)
        engine->sink.cash(engine->sink.context, account);
    return true;
}

/*
 * Of the venue by now: a fill that came since the difference was told is in its books as in ours.
 * Unless it made up for the difference. Beyond 64 bits it is as far as they go, which does not fit.
 */
static int64_t theirs_now(const struct difference *one, int64_t ours)
{
    money_wide moved = (money_wide)ours + one->theirs - one->ours;
    if (ours == one->theirs)
        return ours;
    return moved > INT64_MAX ? INT64_MAX : moved < INT64_MIN ? INT64_MIN : (int64_t)moved;
}

bool adopt_difference(struct engine *engine, struct difference *one)
{
    struct account *account = NULL;
    int64_t ours, theirs;
    bool fits;
    if (one->kind == DIFFERENCE_OF_CASH)
        account = reconcile_account(engine, one->venue, one->currency);
    else if (one->kind != DIFFERENCE_OF_POSITION)
        return true; /* it is in the books */
    ours = account ? account->cash
                   : engine->positions[engine->instruments[one->instrument].account_position].qty;
    theirs = theirs_now(one, ours);
    if (theirs == ours)
        return true;
    fits = account ? adopt_cash(engine, account, theirs)
                   : adopt_position(engine, one->instrument, theirs);
    if (fits) {
        one->ours = ours;
        one->theirs = theirs;
    }
    return fits;
}
