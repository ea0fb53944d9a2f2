/* SPDX-License-Identifier: Apache-2.0 */
/* Exact money: powers, wide division with a stated direction, fees. */
#include "core/money.h"

#include <assert.h>

int64_t money_power10(int32_t exponent)
{
    static const int64_t powers[19] = {1,
                                       10,
                                       100,
                                       1000,
                                       10000,
                                       100000,
                                       1000000,
                                       10000000,
                                       100000000,
                                       1000000000,
                                       10000000000,
                                       100000000000,
                                       1000000000000,
                                       10000000000000,
                                       100000000000000,
                                       1000000000000000,
                                       10000000000000000,
                                       100000000000000000,
                                       1000000000000000000};
    assert(exponent >= 0 && exponent <= 18);
    return powers[exponent];
}

money_wide money_muldiv_floor(money_wide a, int64_t b, money_wide divisor)
{
    money_wide product = a * b, quotient;
    assert(divisor > 0);
    if (product >= 0 && product <= INT64_MAX && divisor <= INT64_MAX)
        return (int64_t)product / (int64_t)divisor; /* nearly always, and many times faster */
    quotient = product / divisor;
    return product % divisor < 0 ? quotient - 1 : quotient;
}

money_wide money_muldiv_ceil(money_wide a, int64_t b, money_wide divisor)
{
    money_wide product = a * b;
    int64_t small = (int64_t)product, by = (int64_t)divisor;
    assert(divisor > 0);
    if (product >= 0 && product <= INT64_MAX && divisor <= INT64_MAX)
        return small / by + (small % by != 0);
    return -money_muldiv_floor(-a, b, divisor);
}

int money_rate_init(struct money_rate *rate, int32_t price_scale, int32_t qty_scale,
                    int64_t multiplier, struct turret_error *err)
{
    int32_t spare;
    if (price_scale < 0 || price_scale > 12 || qty_scale < 0 || qty_scale > 12 || multiplier < 1)
        return turret_fail(err, TURRET_EINVAL,
                           "price scale %d, quantity scale %d, multiplier %lld: scales must be "
                           "0 to 12 and the multiplier at least 1",
                           price_scale, qty_scale, (long long)multiplier);
    spare = MONEY_SCALE - price_scale - qty_scale;
    rate->factor = multiplier;
    rate->divisor = 1;
    if (spare < 0)
        rate->divisor = money_power10(-spare);
    else if (__builtin_mul_overflow(multiplier, money_power10(spare), &rate->factor))
        return turret_fail(err, TURRET_EINVAL, "multiplier %lld is too large",
                           (long long)multiplier);
    return TURRET_OK;
}

bool money_value_wide(const struct money_rate *rate, turret_qty qty, turret_price price,
                      turret_money *value)
{
    money_wide product;
    if (__builtin_mul_overflow((money_wide)qty * price, (money_wide)rate->factor, &product))
        return false;
    return money_fits(money_muldiv_floor(product, 1, (money_wide)rate->divisor), value);
}

bool money_fee(const struct money_fees *fees, turret_qty qty, int32_t qty_scale,
               turret_money notional, turret_money *fee)
{
    money_wide by_unit, by_rate, least;
    money_wide size = qty < 0 ? -(money_wide)qty : qty;
    money_wide value = notional < 0 ? -(money_wide)notional : notional;
    if ((fees->min_nano | fees->per_unit_nano | fees->rate_nano) == 0) {
        *fee = 0;
        return true;
    }
    /* nano × qty / 10^qty_scale is nano currency; money has MONEY_SCALE digits, so / 10 */
    by_unit = size * fees->per_unit_nano;
    by_rate = value * fees->rate_nano;
    by_unit = money_muldiv_ceil(by_unit, 1, (money_wide)money_power10(qty_scale) * 10);
    by_rate = money_muldiv_ceil(by_rate, 1, MONEY_NANO);
    least = money_muldiv_ceil(fees->min_nano, 1, 10);
    return money_fits(by_unit + by_rate > least ? by_unit + by_rate : least, fee);
}

int64_t money_ratio(int64_t amount, uint32_t times, uint32_t by)
{
    money_wide product = (money_wide)amount * times / by;
    if (product > INT64_MAX)
        return INT64_MAX;
    return product < -INT64_MAX ? -INT64_MAX : (int64_t)product;
}

void money_format(int64_t value, int32_t scale, char *text, size_t room)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char reversed[MONEY_TEXT_MAX];
    size_t length = 0, out = 0;
    int32_t place;
    assert(scale >= 0 && scale <= 18 && room > 0);
    for (place = scale; place > 0 && rest % 10 == 0; place--)
        rest /= 10; /* zeros at the end say nothing */
    for (; place > 0; place--, rest /= 10) {
        reversed[length++] = (char)('0' + rest % 10);
        if (place == 1)
            reversed[length++] = '.';
    }
    do {
        reversed[length++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        reversed[length++] = '-';
    while (length > 0 && out + 1 < room)
        text[out++] = reversed[--length];
    text[out] = '\0';
}

struct money_text money_text(int64_t value, int32_t scale)
{
    struct money_text made;
    money_format(value, scale, made.text, sizeof made.text);
    return made;
}
