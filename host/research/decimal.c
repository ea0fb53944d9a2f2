/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal texts to integers in a scale, exactly, with 128-bit products in between.
 */
#include "research/decimal.h"

#include <assert.h>

__extension__ typedef __int128 wide;

#define EXPONENT_MAX 60
#define DIGITS_LIMIT INT64_C(1000000000000000000) /* 10^DECIMAL_DIGITS_MAX */

static wide power_of_ten(int32_t exponent)
{
    wide power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits and decimals before the exponent; answers where reading ended, NULL when it is no number.
 */
static const char *read_mantissa(const char *at, wide *digits, int32_t *decimals, bool *too_long)
{
    bool any = false, point = false;
    int32_t zeros = 0; /* held back: a trailing zero after the point is not a digit */
    *digits = 0;
    *decimals = 0;
    for (; is_digit(*at) || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        any = true;
        if (point && *at == '0') {
            zeros++;
            continue;
        }
        if (zeros + *decimals > EXPONENT_MAX || *digits >= DIGITS_LIMIT) {
            *too_long = true;
            continue;
        }
        for (; zeros > 0 && *digits < DIGITS_LIMIT; zeros--, ++*decimals)
            *digits *= 10;
        *digits = *digits * 10 + (*at - '0');
        *decimals += point;
        *too_long = *too_long || zeros > 0;
    }
    return any ? at : NULL;
}

static const char *read_exponent(const char *at, int32_t *exponent)
{
    bool negative;
    int32_t value = 0;
    *exponent = 0;
    if (*at != 'e' && *at != 'E')
        return at;
    at++;
    negative = *at == '-';
    at += *at == '-' || *at == '+';
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at); at++)
        value = value < EXPONENT_MAX ? value * 10 + (*at - '0') : value;
    *exponent = negative ? -value : value;
    return at;
}

int decimal_parse(const char *text, struct decimal *value, struct turret_error *err)
{
    const char *at = text;
    bool negative = *at == '-', too_long = false;
    wide digits = 0;
    int32_t decimals = 0, exponent = 0;
    at += *at == '-' || *at == '+';
    at = read_mantissa(at, &digits, &decimals, &too_long);
    at = at ? read_exponent(at, &exponent) : NULL;
    if (!at || *at)
        return turret_fail(err, TURRET_EINVAL,
                           "'%.40s' is not a number; expected a decimal such as 123.45", text);
    decimals -= exponent;
    for (; decimals < 0 && digits && digits < DIGITS_LIMIT; decimals++)
        digits *= 10;
    for (; decimals > 0 && digits % 10 == 0; decimals--)
        digits /= 10;
    decimals = digits ? decimals : 0;
    if (too_long || digits >= DIGITS_LIMIT || decimals < 0 || decimals > DECIMAL_DECIMALS_MAX)
        return turret_fail(err, TURRET_EINVAL, "'%.60s' has more than %d digits or %d decimals",
                           text, DECIMAL_DIGITS_MAX, DECIMAL_DECIMALS_MAX);
    value->digits = (int64_t)(negative ? -digits : digits);
    value->decimals = decimals;
    return TURRET_OK;
}

static int sign_of(int64_t value)
{
    return (value > 0) - (value < 0);
}

int decimal_compare(struct decimal a, struct decimal b)
{
    int32_t further = a.decimals - b.decimals;
    wide left = a.digits, right = b.digits;
    /* With 18 digits at most, the one with 19 decimals more is the nearer one to zero. */
    if (further > DECIMAL_DIGITS_MAX)
        return b.digits ? -sign_of(b.digits) : sign_of(a.digits);
    if (further < -DECIMAL_DIGITS_MAX)
        return a.digits ? sign_of(a.digits) : -sign_of(b.digits);
    left *= power_of_ten(-further);
    right *= power_of_ten(further);
    return (left > right) - (left < right);
}

static wide divide_half_up(wide value, wide divisor)
{
    wide magnitude = value < 0 ? -value : value;
    wide quotient = magnitude / divisor, rest = magnitude % divisor;
    quotient += rest >= divisor - rest;
    return value < 0 ? -quotient : quotient;
}

/* The divisor is beyond 10^38, the numerator below 10^37: less than half a unit. */
static int too_small(wide numerator, bool round, int64_t *out)
{
    *out = 0;
    return numerator && !round ? TURRET_EINVAL : TURRET_OK;
}

int decimal_to_scale(struct decimal value, const struct decimal_factor *factor, int32_t scale,
                     bool round, int64_t *out)
{
    wide numerator = value.digits, divisor = 1, quotient;
    int32_t shift = scale - value.decimals;
    assert(scale >= 0 && scale <= DECIMAL_SCALE_MAX);
    if (factor) {
        assert(factor->divisor.digits > 0);
        shift += factor->divisor.decimals - factor->multiplier.decimals;
        divisor = factor->divisor.digits;
        if (__builtin_mul_overflow(numerator, (wide)factor->multiplier.digits, &numerator))
            return TURRET_ELIMIT;
    }
    for (; shift > 0; shift--)
        if (__builtin_mul_overflow(numerator, (wide)10, &numerator))
            return TURRET_ELIMIT;
    for (; shift < 0; shift++)
        if (__builtin_mul_overflow(divisor, (wide)10, &divisor))
            return too_small(numerator, round, out);
    if (numerator % divisor && !round)
        return TURRET_EINVAL;
    quotient = divide_half_up(numerator, divisor);
    if (quotient > INT64_MAX || quotient < INT64_MIN)
        return TURRET_ELIMIT;
    *out = (int64_t)quotient;
    return TURRET_OK;
}
