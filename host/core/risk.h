/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the checks of the one choke point share: the order in question, and limits. One file per
 * subject: risk.c and risk_fields.c the order itself, risk_exposure.c what it adds up to,
 * risk_conduct.c how its strategy behaves.
 */
#ifndef CORE_RISK_H
#define CORE_RISK_H

#include "core/state.h"

/* The worst that could be held of an instrument once the order is there. */
struct exposure {
    turret_qty worst;
    turret_money value;
    bool fits, valued; /* else it is beyond 64 bits */
};

/* One order and everything the checks look at. */
struct candidate {
    struct engine *engine;
    struct strategy *strategy;
    struct order *order;
    struct instrument *instrument;
    struct position *own, *account; /* positions: the strategy's, the account's */
    uint32_t account_index;
    turret_price asked; /* its own price; of a market order the mark */
    turret_price price; /* what its quantity is valued at */
    turret_money notional;
    bool increases;         /* worst case: more exposure of the strategy than now */
    bool increases_account; /* of the account, where other strategies may be on the other side */
    bool overflow;          /* its value does not fit */
    bool is_no_more;        /* a change of an order that only closes, not to a larger one */
    struct exposure own_exposure, account_exposure; /* of what increases */
    money_wide gross; /* of what increases: all positions of the account with the order */
    bool gross_fits;
};

static inline bool risk_is_set(int64_t limit)
{
    return limit != RISK_UNSET;
}

/* Of two limits both of which bind; one of them may not be set. */
static inline int64_t risk_lower(int64_t all, int64_t own)
{
    return risk_is_set(own) && own < all ? own : all;
}

static inline int64_t risk_higher(int64_t all, int64_t own)
{
    return own > all ? own : all;
}

static inline bool risk_increases_any(const struct candidate *c)
{
    return c->increases || c->increases_account;
}

/* What may only close: an exit of the host's closes its strategy's position, whatever others of the
   account hold against that. */
static inline bool risk_opens(const struct candidate *c)
{
    return c->increases || (c->increases_account && c->order->role != ORDER_EXIT);
}

/* ---- risk_said.c ---- */
/* The denial, whose text gets what was found and what is allowed, in its units. */
__attribute__((cold)) uint32_t risk_beyond(const struct candidate *c, uint32_t denial,
                                           money_wide found, money_wide allowed);
/* The denial, in the words of `who`. */
uint32_t risk_words(struct engine *engine, uint32_t denial, const char *who, const char *why);
/* A quantity as limits have it, in 10^-9; a part of a price above 0, in 10^-6, rounded up. */
money_wide risk_nano(turret_qty units, int32_t scale);
money_wide risk_part(money_wide distance, turret_price price);

/* ---- risk_fields.c ---- */
uint32_t risk_fields(const struct candidate *c);
uint32_t risk_parent(const struct candidate *c);
/* Which prices an order of a valid type has to have. */
bool risk_has_limit(const struct order *order);
bool risk_has_stop(const struct order *order);
/* The venue's clock is too far from this machine's, at the worst the measurement allows. */
static inline money_wide risk_clock_off(const struct venue *venue)
{
    money_wide skew = venue->skew_ns < 0 ? -(money_wide)venue->skew_ns : venue->skew_ns;
    return skew + venue->skew_doubt_ns;
}

static inline bool risk_clock_is_off(const struct venue *venue, int64_t limit_ns)
{
    return risk_clock_off(venue) > limit_ns;
}

/* ---- risk_exposure.c ---- */
/* Fills own_exposure, account_exposure and gross. */
void risk_expose(struct candidate *c);
/* True when `units` (in 10^-scale) is more than `limit_nano`. */
bool risk_above(turret_qty units, int32_t scale, int64_t limit_nano);
/* The worst case of a position at the mark, with the order where it is on its instrument. */
bool risk_worst_value(const struct candidate *c, bool own, const struct position *position,
                      turret_money *value);
/* Checks: DENY_NONE or why not. */
uint32_t risk_unexecuted(const struct candidate *c);
uint32_t risk_positions(const struct candidate *c);
uint32_t risk_exposure(const struct candidate *c);
uint32_t risk_sector(const struct candidate *c);
uint32_t risk_buying_power(const struct candidate *c);

/* ---- risk_correlation.c ---- */
uint32_t risk_correlation(const struct candidate *c);

/* ---- risk_conduct.c ---- */
uint32_t risk_collar_window(const struct candidate *c);
uint32_t risk_duplicate(const struct candidate *c);
uint32_t risk_self_trade(const struct candidate *c);
uint32_t risk_rate(const struct candidate *c);
uint32_t risk_repeated_fills(const struct candidate *c);
uint32_t risk_order_to_trade(const struct candidate *c);
uint32_t risk_stops(const struct candidate *c);
uint32_t risk_loss_streak(const struct candidate *c);
/* The order passed all checks: it counts from here on. */
void risk_passed(const struct candidate *c);

#endif
