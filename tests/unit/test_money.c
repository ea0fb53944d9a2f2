/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that money is exact: values and fees rounded in the stated direction and never wrapped,
 * for every pair of scales, against long division in decimal limbs.
 */
#include "engine_rig.h"

/* ---- an independent reckoning: magnitudes in 32-bit limbs, schoolbook ---- */

#define LIMBS 12
struct big {
    uint32_t limb[LIMBS]; /* least significant first */
};

static struct big big_of(uint64_t value)
{
    struct big big = {{0}};
    big.limb[0] = (uint32_t)value;
    big.limb[1] = (uint32_t)(value >> 32);
    return big;
}

static struct big big_times(const struct big *a, uint64_t by)
{
    struct big b = big_of(by), out = {{0}};
    uint32_t i, k;
    for (i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (k = 0; k < 2 && i + k < LIMBS; k++) {
            carry += (uint64_t)a->limb[i] * b.limb[k] + out.limb[i + k];
            out.limb[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        for (k = i + 2; k < LIMBS && carry; k++) {
            carry += out.limb[k];
            out.limb[k] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    return out;
}

static bool big_less(const struct big *a, const struct big *b)
{
    uint32_t i = LIMBS;
    while (i-- > 0)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i];
    return false;
}

/* *a - *b, which must not be negative. */
static void big_minus(struct big *a, const struct big *b)
{
    int64_t borrow = 0;
    uint32_t i;
    for (i = 0; i < LIMBS; i++) {
        int64_t limb = (int64_t)a->limb[i] - b->limb[i] - borrow;
        borrow = limb < 0;
        a->limb[i] = (uint32_t)(limb + (borrow << 32));
    }
}

/* Quotient bit by bit; *rest gets what is left. */
static struct big big_divided(const struct big *a, uint64_t by, struct big *rest)
{
    struct big out = {{0}}, divisor = big_of(by);
    uint32_t bit = LIMBS * 32;
    memset(rest, 0, sizeof *rest);
    while (bit-- > 0) {
        *rest = big_times(rest, 2);
        rest->limb[0] |= a->limb[bit / 32] >> bit % 32 & 1u;
        if (!big_less(rest, &divisor)) {
            big_minus(rest, &divisor);
            out.limb[bit / 32] |= 1u << bit % 32;
        }
    }
    return out;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* qty × price × factor / divisor towards minus infinity; false when it does not fit. */
static bool slow_value(const struct money_rate *rate, int64_t qty, int64_t price, int64_t *value)
{
    struct big big = big_of(magnitude(qty)), rest, one = big_of(1);
    bool negative = (qty < 0) != (price < 0), exact = true;
    uint64_t low;
    uint32_t i;
    big = big_times(&big, magnitude(price));
    big = big_times(&big, magnitude(rate->factor));
    big = big_divided(&big, magnitude(rate->divisor), &rest);
    for (i = 0; i < LIMBS; i++)
        exact = exact && rest.limb[i] == 0;
    if (negative && !exact) {
        struct big ceiling = {{0}};
        uint64_t carry = 1;
        for (i = 0; i < LIMBS; i++) {
            carry += big.limb[i];
            ceiling.limb[i] = (uint32_t)carry;
            carry >>= 32;
        }
        big = ceiling;
    }
    (void)one;
    for (i = 2; i < LIMBS; i++)
        if (big.limb[i])
            return false;
    low = (uint64_t)big.limb[1] << 32 | big.limb[0];
    if (low > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *value = negative ? (int64_t)(0 - low) : (int64_t)low;
    return true;
}

static void divides_down_and_up(void **state)
{
    (void)state;
    assert_true(money_muldiv_floor(7, 1, 2) == 3);
    assert_true(money_muldiv_floor(-7, 1, 2) == -4);
    assert_true(money_muldiv_floor(-8, 1, 2) == -4);
    assert_true(money_muldiv_ceil(7, 1, 2) == 4);
    assert_true(money_muldiv_ceil(-7, 1, 2) == -3);
    assert_true(money_muldiv_ceil(8, 1, 2) == 4);
    assert_true(money_muldiv_floor(0, 5, 3) == 0);
    assert_int_equal(money_power10(0), 1);
    assert_int_equal(money_power10(18), INT64_C(1000000000000000000));
}

static void fits_at_the_edges(void **state)
{
    int64_t out = 17;
    (void)state;
    assert_true(money_fits(INT64_MAX, &out));
    assert_true(out == INT64_MAX);
    assert_true(money_fits(INT64_MIN, &out));
    assert_true(out == INT64_MIN);
    assert_false(money_fits((money_wide)INT64_MAX + 1, &out));
    assert_false(money_fits((money_wide)INT64_MIN - 1, &out));
    assert_true(out == INT64_MIN);
}

static void rates_of_all_scales(void **state)
{
    static const int64_t multipliers[] = {1, 5, 100, 1000000, INT64_C(92233720368)};
    int32_t price_scale, qty_scale;
    uint32_t m;
    (void)state;
    for (price_scale = 0; price_scale <= 12; price_scale++)
        for (qty_scale = 0; qty_scale <= 12; qty_scale++)
            for (m = 0; m < 5; m++) {
                struct money_rate rate;
                money_wide left, right;
                assert_int_equal(
                    money_rate_init(&rate, price_scale, qty_scale, multipliers[m], NULL),
                    TURRET_OK);
                assert_true(rate.factor == multipliers[m] || rate.divisor == 1);
                /* factor / divisor == multiplier × 10^8 / 10^(price_scale + qty_scale) */
                left =
                    (money_wide)rate.factor * money_power10(price_scale) * money_power10(qty_scale);
                right = (money_wide)multipliers[m] * MONEY_ONE * rate.divisor;
                assert_true(left == right);
            }
}

static void refuses_impossible_rates(void **state)
{
    static const struct {
        int32_t price_scale, qty_scale;
        int64_t multiplier;
    } bad[] = {{-1, 0, 1},
               {13, 0, 1},
               {0, -1, 1},
               {0, 13, 1},
               {0, 0, 0},
               {0, 0, -5},
               {0, 0, INT64_MAX},
               {INT32_MIN, 0, 1},
               {0, 0, INT64_C(92233720369)},
               {INT32_MAX, INT32_MAX, 1}};
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct money_rate rate;
        struct turret_error err = {0};
        assert_int_equal(
            money_rate_init(&rate, bad[i].price_scale, bad[i].qty_scale, bad[i].multiplier, &err),
            TURRET_EINVAL);
        assert_int_equal(err.code, TURRET_EINVAL);
        assert_true(err.text[0] != 0);
    }
}

static int64_t any_size(uint64_t *seed)
{
    int64_t value = (int64_t)(rig_random(seed) >> (rig_random(seed) % 63 + 1));
    return rig_random(seed) & 1 ? -value : value;
}

static void values_agree_with_long_division(void **state)
{
    uint64_t seed = 0x6d6f6e6579;
    uint32_t i, fitting = 0;
    (void)state;
    for (i = 0; i < 60000; i++) {
        struct money_rate rate;
        int64_t qty = any_size(&seed), price = any_size(&seed), got = 1, wanted = 2;
        int64_t multiplier = (int64_t)(rig_random(&seed) >> (28 + rig_random(&seed) % 36));
        bool fits;
        if (money_rate_init(&rate, (int32_t)(rig_random(&seed) % 13),
                            (int32_t)(rig_random(&seed) % 13), multiplier + 1, NULL))
            continue;
        fits = slow_value(&rate, qty, price, &wanted);
        assert_int_equal(money_value(&rate, qty, price, &got), fits);
        if (fits)
            assert_int_equal(got, wanted);
        fitting += fits;
    }
    assert_in_range(fitting, 5000, 55000);
}

static void values_never_wrap(void **state)
{
    struct money_rate rate = {INT64_C(1) << 40, 1};
    int64_t value = 17;
    (void)state;
    assert_false(money_value(&rate, INT64_MAX, INT64_MAX, &value));
    assert_false(money_value(&rate, INT64_MIN, INT64_MAX, &value));
    assert_false(money_value(&rate, INT64_MIN, INT64_MIN, &value));
    /* 2^50 × 2^48 × 2^40 is 0 when cut to 128 bits */
    assert_false(money_value(&rate, INT64_C(1) << 50, INT64_C(1) << 48, &value));
    assert_int_equal(value, 17);
}

static void fees_round_up(void **state)
{
    struct money_fees none = {0, 0, 0}, unit = {0, 1, 0}, least = {15, 0, 0};
    struct money_fees all = {MONEY_NANO, 5000000, 1000000}; /* 1.00, 0.005, 0.1 % */
    int64_t fee = -1;
    (void)state;
    assert_true(money_fee(&none, 100, 0, 100 * MONEY_ONE, &fee));
    assert_int_equal(fee, 0);
    assert_true(money_fee(&unit, 1, 0, 0, &fee)); /* a nano is a tenth of a unit of money */
    assert_int_equal(fee, 1);
    assert_true(money_fee(&unit, 11, 0, 0, &fee));
    assert_int_equal(fee, 2);
    assert_true(money_fee(&unit, 10, 0, 0, &fee));
    assert_int_equal(fee, 1);
    assert_true(money_fee(&least, 1, 0, 0, &fee));
    assert_int_equal(fee, 2);
    assert_true(money_fee(&all, 100, 0, 10 * MONEY_ONE, &fee)); /* 0.50 + 0.01 < 1.00 */
    assert_int_equal(fee, MONEY_ONE);
    assert_true(money_fee(&all, 100, 0, 10000 * MONEY_ONE, &fee)); /* 0.50 + 10.00 */
    assert_int_equal(fee, 1050 * MONEY_ONE / 100);
    assert_true(money_fee(&all, -100, 0, -10000 * MONEY_ONE, &fee)); /* sells pay the same */
    assert_int_equal(fee, 1050 * MONEY_ONE / 100);
    assert_true(money_fee(&all, 10000, 2, 10000 * MONEY_ONE, &fee)); /* 100.00 units */
    assert_int_equal(fee, 1050 * MONEY_ONE / 100);
}

static void fees_agree_and_never_wrap(void **state)
{
    struct money_fees dear = {0, INT64_MAX, INT64_MAX};
    uint64_t seed = 0x666565;
    int64_t fee = 0;
    uint32_t i;
    (void)state;
    assert_false(money_fee(&dear, INT64_MAX, 0, INT64_MAX, &fee));
    assert_false(money_fee(&dear, INT64_MIN, 0, INT64_MIN, &fee));
    for (i = 0; i < 20000; i++) {
        struct money_fees fees = {rig_between(&seed, 0, MONEY_NANO),
                                  rig_between(&seed, 0, MONEY_NANO),
                                  rig_between(&seed, 0, MONEY_NANO / 100)};
        int32_t scale = (int32_t)(rig_random(&seed) % 13);
        int64_t qty = rig_between(&seed, 1, INT64_C(1000000000000));
        int64_t notional = rig_between(&seed, 0, INT64_C(100000000000000000));
        money_wide unit = (money_wide)money_power10(scale) * 10;
        money_wide parts = ((money_wide)qty * fees.per_unit_nano + unit - 1) / unit;
        parts += ((money_wide)notional * fees.rate_nano + MONEY_NANO - 1) / MONEY_NANO;
        if (parts < (fees.min_nano + 9) / 10)
            parts = (fees.min_nano + 9) / 10;
        assert_int_equal(money_fee(&fees, qty, scale, notional, &fee), parts <= INT64_MAX);
        if (parts <= INT64_MAX)
            assert_true(fee == (int64_t)parts);
    }
}

static void ratios_are_cut_and_kept_within_their_range(void **state)
{
    (void)state;
    assert_int_equal(money_ratio(7, 3, 2), 10);
    assert_int_equal(money_ratio(-7, 3, 2), -10);
    assert_int_equal(money_ratio(2, 1, 3), 0);
    assert_true(money_ratio(INT64_MAX, UINT32_MAX, UINT32_MAX) == INT64_MAX);
    assert_true(money_ratio(INT64_MAX / 2 + 1, 2, 1) == INT64_MAX);
    assert_true(money_ratio(-(INT64_MAX / 2) - 1, 2, 1) == -INT64_MAX);
    assert_true(money_ratio(INT64_MIN, 1, 1) == -INT64_MAX);
}

static void a_text_is_cut_to_its_room(void **state)
{
    char text[MONEY_TEXT_MAX];
    (void)state;
    money_format(-1234567, 4, text, sizeof text);
    assert_string_equal(text, "-123.4567");
    memset(text, 'x', sizeof text);
    money_format(-1234567, 4, text, 5);
    assert_string_equal(text, "-123");
    assert_int_equal(text[5], 'x'); /* nothing behind its room is touched */
    money_format(7, 0, text, 1);
    assert_string_equal(text, "");
}

/* Of an order: what was paid so far is told, and nothing is reckoned with it. */
static void a_sum_that_only_tells_stays_at_its_edge(void **state)
{
    int64_t sum = INT64_MAX - 5;
    (void)state;
    money_add(&sum, 5);
    assert_true(sum == INT64_MAX);
    money_add(&sum, INT64_MAX);
    assert_true(sum == INT64_MAX);
    money_add(&sum, -7);
    assert_true(sum == INT64_MAX - 7);
    sum = INT64_MIN + 1;
    money_add(&sum, -2);
    assert_true(sum == INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_that_only_tells_stays_at_its_edge),
        cmocka_unit_test(divides_down_and_up),
        cmocka_unit_test(fits_at_the_edges),
        cmocka_unit_test(rates_of_all_scales),
        cmocka_unit_test(refuses_impossible_rates),
        cmocka_unit_test(values_agree_with_long_division),
        cmocka_unit_test(values_never_wrap),
        cmocka_unit_test(fees_round_up),
        cmocka_unit_test(fees_agree_and_never_wrap),
        cmocka_unit_test(ratios_are_cut_and_kept_within_their_range),
        cmocka_unit_test(a_text_is_cut_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
