/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact money. Cash counts 10^-MONEY_SCALE of its currency in int64; products are taken in 128
 * bits and checked. No float decides an order, a fill or a balance.
 */
#ifndef CORE_MONEY_H
#define CORE_MONEY_H

#include <turret/core.h>

#include <stdbool.h>

#define MONEY_SCALE 8
#define MONEY_ONE   INT64_C(100000000)
#define MONEY_NANO  INT64_C(1000000000)
#define MONEY_PPM   INT64_C(1000000)

__extension__ typedef __int128 money_wide;

/* 10^exponent, exponent 0…18. */
int64_t money_power10(int32_t exponent);

#define MONEY_TEXT_MAX 24 /* room for any of them */
/* 10^-scale units, scale 0…18, to the shortest decimal text; what has no room is left off. */
void money_format(int64_t value, int32_t scale, char *text, size_t room);

/* The same for one line of text: money_text(…).text */
struct money_text {
    char text[MONEY_TEXT_MAX];
};
struct money_text money_text(int64_t value, int32_t scale);

/* False when the value does not fit int64; *out is then untouched. */
static inline bool money_fits(money_wide value, int64_t *out)
{
    if (value > INT64_MAX || value < INT64_MIN)
        return false;
    *out = (int64_t)value;
    return true;
}

/* What does not fit is the largest that does: of lines that are only compared. */
static inline int64_t money_clamped(money_wide value)
{
    return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

/* A sum that only tells: at the edge of 64 bits it stays there. */
static inline void money_add(int64_t *sum, int64_t value)
{
    *sum = money_clamped((money_wide)*sum + value);
}

/*
 * a × b / divisor, divisor > 0, rounded down or up (towards minus or plus infinity); a × b must fit
 * 128 bits.
 */
money_wide money_muldiv_floor(money_wide a, int64_t b, money_wide divisor);
money_wide money_muldiv_ceil(money_wide a, int64_t b, money_wide divisor);

/* How qty × price of one instrument becomes money: × factor / divisor, one of them is 1. */
struct money_rate {
    int64_t factor;
    int64_t divisor;
};

/*
 * fails: EINVAL when multiplier × 10^(MONEY_SCALE - price_scale - qty_scale) has no exact form that
 *        fits (scales together above 26)
 */
int money_rate_init(struct money_rate *rate, int32_t price_scale, int32_t qty_scale,
                    int64_t multiplier, struct turret_error *err);

/* money_value() where int64 does not suffice on the way. */
bool money_value_wide(const struct money_rate *rate, turret_qty qty, turret_price price,
                      turret_money *value);

/*
 * The value of qty at price, in money, rounded down: what a long is worth at least and a short owes
 * at least rounded against its holder. False on overflow.
 */
static inline bool money_value(const struct money_rate *rate, turret_qty qty, turret_price price,
                               turret_money *value)
{
    int64_t product;
    if (rate->divisor == 1 && !__builtin_mul_overflow(qty, price, &product) &&
        !__builtin_mul_overflow(product, rate->factor, value))
        return true;
    return money_value_wide(rate, qty, price, value);
}

/* amount × times / by towards zero, kept within int64. by > 0 */
int64_t money_ratio(int64_t amount, uint32_t times, uint32_t by);

/* The fee schedule of a venue, all in 10^-9: max(min, qty × per_unit + notional × rate). */
struct money_fees {
    int64_t min_nano, per_unit_nano, rate_nano;
};

/* The fee of one fill, rounded up. False on overflow. */
bool money_fee(const struct money_fees *fees, turret_qty qty, int32_t qty_scale,
               turret_money notional, turret_money *fee);

#endif
