/* SPDX-License-Identifier: Apache-2.0 */
/* Exact books: fills into positions at average cost, splits, equity lines. */
#include "core/ledger.h"

#include <assert.h>

static turret_qty magnitude(turret_qty qty)
{
    return qty < 0 ? -qty : qty;
}

/* cost × part / whole towards zero; part <= whole, so it fits. */
static turret_money share_of(turret_money cost, turret_qty part, turret_qty whole)
{
    return part == whole ? cost : (turret_money)((money_wide)cost * part / whole);
}

bool position_fill(struct position *position, turret_qty qty, turret_money value,
                   turret_money *realised)
{
    turret_qty held = position->qty, after, closed = 0;
    turret_money closing_value = 0, removed = 0, opening_value, cost, profit = 0, sum;
    assert(qty != 0 && value >= 0);
    if (!amount_fits((money_wide)held + qty, &after) || qty == INT64_MIN)
        return false;
    if ((held > 0) != (qty > 0) && held != 0) {
        closed = magnitude(qty) < magnitude(held) ? magnitude(qty) : magnitude(held);
        closing_value = share_of(value, closed, magnitude(qty));
        removed = share_of(position->cost, closed, magnitude(held));
    }
    opening_value = value - closing_value;
    if (!amount_fits((money_wide)position->cost - removed +
                         (qty > 0 ? opening_value : -opening_value),
                     &cost))
        return false;
    /* a long sold for closing_value cost `removed`; a short's cost is negative: what it brought */
    if (closed != 0 &&
        __builtin_sub_overflow(qty > 0 ? -closing_value : closing_value, removed, &profit))
        return false;
    if (!amount_fits((money_wide)position->realised + profit, &sum))
        return false;
    *realised = profit;
    position->qty = after;
    position->cost = cost;
    position->realised = sum;
    return true;
}

void position_fee(struct position *position, turret_money fee, turret_money realised,
                  bool went_flat)
{
    position->fees = amount_clamped((money_wide)position->fees + fee);
    position->trade_profit = amount_clamped((money_wide)position->trade_profit + realised - fee);
    if (!went_flat)
        return;
    position->trades++;
    position->wins += position->trade_profit > 0;
    position->trade_profit = 0;
}

bool position_split(struct position *position, uint32_t numerator, uint32_t denominator)
{
    money_wide units = (money_wide)position->qty * numerator;
    turret_qty after;
    bool whole = units % denominator == 0;
    if (!amount_fits(units / denominator, &after))
        return false;
    position->qty = after;
    position->target = amount_clamped((money_wide)position->target * numerator / denominator);
    return whole;
}

static bool are_bounded(const int64_t *amounts, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++)
        if (amounts[i] > AMOUNT_MAX || amounts[i] < -AMOUNT_MAX)
            return false;
    return true;
}

bool equity_is_sound(const struct equity *equity)
{
    const int64_t amounts[] = {equity->now,         equity->start,     equity->peak,
                               equity->trough,      equity->day_start, equity->day_low,
                               equity->max_drawdown};
    return are_bounded(amounts, sizeof amounts / sizeof *amounts) &&
           equity->trough <= equity->now && equity->now <= equity->peak &&
           equity->day_low <= equity->now;
}

bool account_is_sound(const struct account *account)
{
    const int64_t amounts[] = {account->cash, account->fees, account->realised};
    return are_bounded(amounts, sizeof amounts / sizeof *amounts) &&
           equity_is_sound(&account->equity);
}

bool position_is_sound(const struct position *position)
{
    const int64_t amounts[] = {position->qty,      position->cost, position->value,
                               position->realised, position->fees, position->trade_profit,
                               position->target};
    return are_bounded(amounts, sizeof amounts / sizeof *amounts);
}

void equity_init(struct equity *equity, turret_money start)
{
    equity->now = equity->start = equity->peak = equity->trough = equity->day_start =
        equity->day_low = start;
    equity->max_drawdown = 0;
    equity->max_drawdown_ppm = 0;
}

static int64_t drawdown_ppm(turret_money peak, turret_money at)
{
    if (peak <= 0 || at >= peak)
        return 0;
    return (int64_t)(((money_wide)peak - at) * MONEY_PPM / peak);
}

void equity_settle(struct equity *equity)
{
    int64_t ppm = drawdown_ppm(equity->peak, equity->trough);
    turret_money depth = amount_clamped((money_wide)equity->peak - equity->trough);
    if (ppm > equity->max_drawdown_ppm ||
        (ppm == equity->max_drawdown_ppm && depth > equity->max_drawdown)) {
        equity->max_drawdown_ppm = ppm;
        equity->max_drawdown = depth;
    }
}

bool equity_fell(const struct equity *equity, int64_t ppm)
{
    if (equity->peak <= 0 || equity->trough >= equity->peak)
        return ppm <= 0;
    return ((money_wide)equity->peak - equity->trough) * MONEY_PPM >=
           (money_wide)equity->peak * ppm;
}

int64_t equity_drawdown_ppm(const struct equity *equity)
{
    return drawdown_ppm(equity->peak, equity->now);
}
