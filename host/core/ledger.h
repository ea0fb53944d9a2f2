/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact books: cash per account, positions per strategy and per account at average cost, realised
 * and unrealised profit, fees, equity with its peaks. Everything is int64 money; what a closing
 * fill takes out of the cost is rounded once and the rest stays in, so sums always agree.
 *
 * Average cost: a closing part takes cost × closed / held with it, rounded towards zero
 * (weighted-average method).
 */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "core/money.h"

#define POSITION_OF_ACCOUNT UINT32_MAX

/*
 * No amount in the books is beyond it, so that a few more of that size add up without overflow;
 * what a snapshot has beyond it is refused.
 */
#define AMOUNT_MAX (INT64_MAX / 2)
/* What is beyond is as much: of wishes, which may be anything, and of lines that are compared. */
static inline int64_t amount_clamped(money_wide amount)
{
    return amount > AMOUNT_MAX ? AMOUNT_MAX : amount < -AMOUNT_MAX ? -AMOUNT_MAX : (int64_t)amount;
}
/* False when it is beyond; *to is then untouched. */
static inline bool amount_fits(money_wide amount, int64_t *to)
{
    if (amount != amount_clamped(amount))
        return false;
    *to = (int64_t)amount;
    return true;
}

/* What the strategy wished for: nothing, this, or this once its last order has ended. */
#define POSITION_NO_TARGET    0
#define POSITION_TARGET       1
#define POSITION_TARGET_WAITS 2

struct position {
    turret_instrument instrument;
    uint32_t strategy; /* POSITION_OF_ACCOUNT: the account's own */
    uint32_t account;
    uint32_t reserved;
    turret_qty qty;                 /* negative is short */
    turret_qty open_buy, open_sell; /* what working orders may still fill */
    turret_money cost;              /* paid for what is held; negative for a short: received */
    turret_money value;             /* qty at the mark */
    turret_money realised;          /* of closed parts, fees not taken off */
    turret_money fees;
    turret_money trade_profit; /* realised less fees since the position was last flat */
    uint64_t trades, wins;     /* round trips ended, and those with a profit after fees */
    turret_qty target;
    uint32_t has_target; /* POSITION_TARGET… */
    uint32_t reserved2;
};

/* A line of equity with what drawdown and daily loss need. */
struct equity {
    turret_money now;
    turret_money start;
    turret_money peak, trough; /* trough: lowest since the peak */
    turret_money day_start, day_low;
    turret_money max_drawdown; /* money, at the deepest relative drawdown */
    int64_t max_drawdown_ppm;  /* of the peak before it */
};

struct account {
    uint32_t venue;
    uint32_t reserved;
    char currency[8];
    turret_money cash;
    turret_money fees;
    turret_money realised;
    struct equity equity;
};

/*
 * Applies qty (signed) at `value` (= |qty| × price × multiplier as money, >= 0) to a position.
 * *realised gets the profit of the part that closed. False on overflow: nothing changed.
 */
bool position_fill(struct position *position, turret_qty qty, turret_money value,
                   turret_money *realised);
/* Books a fee to the position and counts round trips. Call after position_fill of the same fill. */
void position_fee(struct position *position, turret_money fee, turret_money realised,
                  bool went_flat);
/* numerator new units for denominator old ones. False when it does not divide: qty is cut. */
bool position_split(struct position *position, uint32_t numerator, uint32_t denominator);

/* Whether amounts read from outside are within it, and the lines of equity in their order. */
bool equity_is_sound(const struct equity *equity);
bool account_is_sound(const struct account *account);
bool position_is_sound(const struct position *position);

void equity_init(struct equity *equity, turret_money start);
/* Moves the line by `change`, or to `now`; whether that is a new low of the day or since the peak.
 * On the hot path: few compares when nothing is new. */
static inline bool equity_move(struct equity *equity, turret_money change);
static inline bool equity_set(struct equity *equity, turret_money now);
/* Takes a pending trough into max_drawdown: at a new peak, and before reading it. */
void equity_settle(struct equity *equity);
/* Whether its deepest drawdown since the peak, won back or not, was at least that. */
bool equity_fell(const struct equity *equity, int64_t ppm);
/* Drawdown from the peak now, in parts per million of the peak; 0 when the peak is not positive. */
int64_t equity_drawdown_ppm(const struct equity *equity);

static inline bool equity_set(struct equity *equity, turret_money now)
{
    bool low = false;
    equity->now = now;
    if (now > equity->peak) {
        if (equity->trough < equity->peak)
            equity_settle(equity);
        equity->peak = now;
        equity->trough = now;
    } else if (now < equity->trough) {
        equity->trough = now;
        low = true;
    }
    if (now < equity->day_low) {
        equity->day_low = now;
        low = true;
    }
    return low;
}

static inline bool equity_move(struct equity *equity, turret_money change)
{
    return equity_set(equity, amount_clamped((money_wide)equity->now + change));
}

#endif
