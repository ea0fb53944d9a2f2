/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the edges of exact money and of the books: divisors and products beyond 64 bits, sums that
 * do not fit and then change nothing, equity that never was positive, and that no
 * limit is set by itself.
 */
#include "engine_rig.h"

static void wide_divisions_keep_their_direction(void **state)
{
    money_wide wide = (money_wide)INT64_MAX * 4;
    (void)state;
    assert_true(money_muldiv_floor(INT64_MAX, 1, wide) == 0);
    assert_true(money_muldiv_ceil(INT64_MAX, 1, wide) == 1);
    assert_true(money_muldiv_floor(-1, 1, wide) == -1);
    assert_true(money_muldiv_ceil(-1, 1, wide) == 0);
    assert_true(money_muldiv_floor(wide, 3, wide) == 3);
    assert_true(money_muldiv_ceil(wide, 3, wide) == 3);
    assert_true(money_muldiv_floor(wide, 1, 3) == wide / 3);
    assert_true(money_muldiv_ceil(wide + 1, 1, 3) == wide / 3 + 1);
    assert_true(money_muldiv_floor(-1, 1, 3) == -1);
    assert_true(money_muldiv_ceil(-1, 1, 3) == 0);
    assert_true(money_muldiv_floor(0, 5, 7) == 0);
    assert_true(money_muldiv_ceil(0, 5, 7) == 0);
    assert_true(money_muldiv_floor(INT64_MAX, 1, INT64_MAX) == 1);
    assert_true(money_muldiv_ceil(INT64_MAX, 1, INT64_MAX) == 1);
    assert_true(money_muldiv_ceil((money_wide)INT64_MAX + 1, 1, 2) == INT64_MAX / 2 + 1);
}

static void powers_and_fees_of_one_unit(void **state)
{
    static const struct money_fees by_unit = {0, MONEY_NANO, 0}, by_value = {0, 0, MONEY_NANO};
    int64_t power = 1;
    turret_money fee;
    int32_t i;
    (void)state;
    for (i = 0; i <= 18; i++) {
        assert_true(money_power10(i) == power);
        power = i < 18 ? power * 10 : power;
    }
    assert_true(money_fee(&by_unit, -1, 0, 0, &fee) && fee == MONEY_ONE); /* sold is as bought */
    assert_true(money_fee(&by_unit, 1, 0, 0, &fee) && fee == MONEY_ONE);
    assert_true(money_fee(&by_value, 0, 0, -1, &fee) && fee == 1);
    assert_true(money_fee(&by_value, 0, 0, 1, &fee) && fee == 1);
}

static void scales_and_multipliers_have_bounds(void **state)
{
    static const struct {
        int32_t price_scale, qty_scale;
        int64_t multiplier;
        int status;
        int64_t factor, divisor;
    } cases[] = {
        {0, 0, 1, TURRET_OK, 100000000, 1},
        {2, 0, 50, TURRET_OK, 50000000, 1},
        {4, 4, 1, TURRET_OK, 1, 1},
        {5, 4, 7, TURRET_OK, 7, 10},
        {12, 12, 1, TURRET_OK, 1, INT64_C(10000000000000000)},
        {-1, 0, 1, TURRET_EINVAL, 0, 0},
        {13, 0, 1, TURRET_EINVAL, 0, 0},
        {0, -1, 1, TURRET_EINVAL, 0, 0},
        {0, 13, 1, TURRET_EINVAL, 0, 0},
        {2, 0, 0, TURRET_EINVAL, 0, 0},
        {0, 0, INT64_MAX / 100000000, TURRET_OK, INT64_MAX / 100000000 * 100000000, 1},
        {0, 0, INT64_MAX / 100000000 + 1, TURRET_EINVAL, 0, 0},
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct money_rate rate = {0, 0};
        struct turret_error err = {0};
        assert_int_equal(money_rate_init(&rate, cases[i].price_scale, cases[i].qty_scale,
                                         cases[i].multiplier, &err),
                         cases[i].status);
        if (cases[i].status == TURRET_OK) {
            assert_true(rate.factor == cases[i].factor);
            assert_true(rate.divisor == cases[i].divisor);
        } else {
            assert_non_null(strstr(err.text, "multiplier"));
        }
    }
}

static void a_sum_that_does_not_fit_changes_nothing(void **state)
{
    static const struct {
        struct position position;
        turret_qty qty;
        turret_money value;
    } cases[] = {
        {{.qty = 0}, INT64_MIN, 0},
        {{.qty = INT64_MAX}, INT64_MIN, 0},
        {{.qty = -1}, INT64_MIN + 1, 0},
        {{.qty = INT64_MAX}, 1, 0},
        {{.qty = 10, .cost = INT64_MIN / 2}, -10, INT64_MAX}, /* the profit */
        {{.qty = 10, .cost = INT64_MAX}, 1, 1},               /* the cost */
        {{.qty = 10, .cost = 5, .realised = INT64_MAX}, -10, 6},
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct position position = cases[i].position;
        turret_money realised = 77;
        assert_false(position_fill(&position, cases[i].qty, cases[i].value, &realised));
        assert_memory_equal(&position, &cases[i].position, sizeof position);
        assert_true(realised == 77);
    }
}

static void the_largest_that_fit(void **state)
{
    struct position position = {.qty = 0};
    turret_money realised;
    (void)state;
    assert_true(position_fill(&position, AMOUNT_MAX, 5, &realised));
    assert_true(position_fill(&position, -AMOUNT_MAX, 7, &realised));
    assert_true(realised == 2 && position.qty == 0 && position.cost == 0);
    assert_true(position_fill(&position, -AMOUNT_MAX, 9, &realised));
    assert_true(position.qty == -AMOUNT_MAX && position.cost == -9 && realised == 0);
    assert_true(position_fill(&position, AMOUNT_MAX, 4, &realised));
    assert_true(realised == 5 && position.realised == 7);
}

/* What one more would make of them is refused by a restart: it is not booked. */
static void the_smallest_that_do_not_fit(void **state)
{
    static const struct {
        struct position position;
        turret_qty qty;
        turret_money value;
    } cases[] = {
        {{.qty = AMOUNT_MAX}, 1, 0},
        {{.qty = -AMOUNT_MAX}, -1, 0},
        {{.qty = 10, .cost = AMOUNT_MAX}, 1, 1},
        {{.qty = -10, .cost = -AMOUNT_MAX}, -1, 1},
        {{.qty = 10, .cost = 5, .realised = AMOUNT_MAX}, -10, 6},
        {{.qty = 10, .cost = 6, .realised = -AMOUNT_MAX}, -10, 5},
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct position position = cases[i].position;
        turret_money realised = 77;
        assert_true(position_is_sound(&position));
        assert_false(position_fill(&position, cases[i].qty, cases[i].value, &realised));
        assert_memory_equal(&position, &cases[i].position, sizeof position);
        assert_true(realised == 77);
    }
}

static void fees_stay_within(void **state)
{
    struct position position = {.fees = AMOUNT_MAX, .trade_profit = AMOUNT_MAX};
    (void)state;
    position_fee(&position, 1, 2, false);
    assert_true(position.fees == AMOUNT_MAX && position.trade_profit == AMOUNT_MAX);
    position.fees = position.trade_profit = -AMOUNT_MAX;
    position_fee(&position, -1, -2, false);
    assert_true(position.fees == -AMOUNT_MAX && position.trade_profit == -AMOUNT_MAX);
}

static void a_trade_without_profit_is_not_won(void **state)
{
    struct position position = {.qty = 0};
    (void)state;
    position_fee(&position, 3, 0, false);
    assert_true(position.fees == 3 && position.trade_profit == -3 && position.trades == 0);
    position_fee(&position, 2, 5, true); /* 5 gained, 5 paid */
    assert_true(position.fees == 5 && position.trades == 1 && position.wins == 0);
    position_fee(&position, 0, 1, true); /* the next one begins at 0 */
    assert_true(position.trades == 2 && position.wins == 1 && position.trade_profit == 0);
}

static void splits_that_do_not_divide_or_fit(void **state)
{
    struct position position = {.qty = 7, .cost = 70, .target = 9};
    (void)state;
    assert_false(position_split(&position, 1, 2));
    assert_true(position.qty == 3 && position.target == 4 && position.cost == 70);
    assert_true(position_split(&position, 4, 3));
    assert_true(position.qty == 4 && position.target == 5);
    position.qty = AMOUNT_MAX / 2 + 1;
    assert_false(position_split(&position, 2, 1));
    assert_true(position.qty == AMOUNT_MAX / 2 + 1 && position.target == 5);
    position.qty = 1;
    position.target = AMOUNT_MAX / 2;
    assert_true(position_split(&position, 2, 1));
    assert_true(position.target == AMOUNT_MAX - 1);
    assert_true(position_split(&position, UINT32_MAX, 1));
    assert_true(position.target == AMOUNT_MAX);
    position.target = -2;
    assert_true(position_split(&position, 1, 1));
    assert_true(position.target == -2);
    position.target = -AMOUNT_MAX;
    assert_true(position_split(&position, 3, 1));
    assert_true(position.target == -AMOUNT_MAX);
}

static void equity_that_never_was_positive_has_no_drawdown(void **state)
{
    struct equity equity;
    (void)state;
    equity_init(&equity, 0);
    equity_set(&equity, -50);
    assert_int_equal(equity_drawdown_ppm(&equity), 0);
    assert_true(equity_fell(&equity, 0));
    assert_false(equity_fell(&equity, 1));
    equity_settle(&equity);
    assert_int_equal(equity.max_drawdown_ppm, 0);
    assert_true(equity.max_drawdown == 50);
    equity_init(&equity, 1);
    assert_int_equal(equity_drawdown_ppm(&equity), 0);
    equity_set(&equity, 0);
    assert_int_equal(equity_drawdown_ppm(&equity), 1000000);
    assert_true(equity_fell(&equity, 1000000));
    assert_false(equity_fell(&equity, 1000001));
}

static void equity_at_its_peak_has_not_fallen(void **state)
{
    struct equity equity;
    (void)state;
    equity_init(&equity, 1000);
    assert_true(equity.max_drawdown == 0 && equity.max_drawdown_ppm == 0);
    assert_true(equity_fell(&equity, 0));
    assert_false(equity_fell(&equity, 1));
    equity_set(&equity, 900);
    assert_int_equal(equity_drawdown_ppm(&equity), 100000);
    assert_true(equity_fell(&equity, 100000));
    assert_false(equity_fell(&equity, 100001));
    equity_set(&equity, 1000); /* won back, not a new peak: it has fallen */
    assert_int_equal(equity_drawdown_ppm(&equity), 0);
    assert_true(equity_fell(&equity, 100000));
    equity_set(&equity, 2000);
    assert_true(equity.max_drawdown == 100 && equity.max_drawdown_ppm == 100000);
    equity_set(&equity, 1800); /* as deep, of more money */
    equity_settle(&equity);
    assert_true(equity.max_drawdown == 200 && equity.max_drawdown_ppm == 100000);
    equity_init(&equity, 1000);
    equity_set(&equity, 900);
    equity_settle(&equity);
    equity.peak = 500;
    equity.trough = 450; /* as deep, of less: the larger loss stays */
    equity_settle(&equity);
    assert_true(equity.max_drawdown == 100);
}

/* The line of equity as it is kept, and with one amount that cannot be gone on with. */
static void amounts_that_cannot_be_gone_on_with(void **state)
{
    struct account account, odd;
    struct position position = {.qty = AMOUNT_MAX, .target = -AMOUNT_MAX}, far;
    int64_t *const amounts[] = {&odd.cash,           &odd.fees,
                                &odd.realised,       &odd.equity.now,
                                &odd.equity.start,   &odd.equity.peak,
                                &odd.equity.trough,  &odd.equity.day_start,
                                &odd.equity.day_low, &odd.equity.max_drawdown};
    int64_t *const sizes[] = {&far.qty,  &far.cost,         &far.value, &far.realised,
                              &far.fees, &far.trade_profit, &far.target};
    size_t i;
    (void)state;
    memset(&account, 0, sizeof account);
    equity_init(&account.equity, 1000);
    equity_set(&account.equity, 900);
    assert_true(account_is_sound(&account));
    assert_true(position_is_sound(&position));
    for (i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        odd = account;
        *amounts[i] = AMOUNT_MAX + 1;
        assert_false(account_is_sound(&odd));
        *amounts[i] = -AMOUNT_MAX - 1;
        assert_false(account_is_sound(&odd));
    }
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        far = position;
        *sizes[i] = AMOUNT_MAX + 1;
        assert_false(position_is_sound(&far));
        *sizes[i] = -AMOUNT_MAX - 1;
        assert_false(position_is_sound(&far));
    }
    odd = account;
    odd.equity.trough = 901;
    assert_false(equity_is_sound(&odd.equity));
    odd = account;
    odd.equity.peak = 899;
    assert_false(equity_is_sound(&odd.equity));
    odd = account;
    odd.equity.day_low = 901;
    assert_false(equity_is_sound(&odd.equity));
}

static void a_fall_from_one_end_to_the_other(void **state)
{
    struct equity equity;
    (void)state;
    equity_init(&equity, AMOUNT_MAX);
    equity_set(&equity, -AMOUNT_MAX);
    equity_settle(&equity);
    assert_true(equity.max_drawdown == AMOUNT_MAX); /* as much as there is */
    equity_move(&equity, -1);
    assert_true(equity.now == -AMOUNT_MAX);
    equity_move(&equity, INT64_MAX);
    assert_true(equity.now == AMOUNT_MAX);
    equity_move(&equity, 1);
    assert_true(equity.now == AMOUNT_MAX);
    assert_true(equity_is_sound(&equity));
}

static void no_limit_is_set_by_itself(void **state)
{
    struct risk_limits limits;
    int64_t numbers[sizeof limits / sizeof(int64_t)];
    size_t i;
    (void)state;
    memset(&limits, 0, sizeof limits);
    risk_limits_clear(&limits);
    memcpy(numbers, &limits, sizeof limits);
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_true(numbers[i] == RISK_UNSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_divisions_keep_their_direction),
        cmocka_unit_test(powers_and_fees_of_one_unit),
        cmocka_unit_test(scales_and_multipliers_have_bounds),
        cmocka_unit_test(a_sum_that_does_not_fit_changes_nothing),
        cmocka_unit_test(the_largest_that_fit),
        cmocka_unit_test(the_smallest_that_do_not_fit),
        cmocka_unit_test(fees_stay_within),
        cmocka_unit_test(a_trade_without_profit_is_not_won),
        cmocka_unit_test(splits_that_do_not_divide_or_fit),
        cmocka_unit_test(equity_that_never_was_positive_has_no_drawdown),
        cmocka_unit_test(equity_at_its_peak_has_not_fallen),
        cmocka_unit_test(amounts_that_cannot_be_gone_on_with),
        cmocka_unit_test(a_fall_from_one_end_to_the_other),
        cmocka_unit_test(no_limit_is_set_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
