/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the sums of the risk gate at their edges: each check denies by itself what cannot be valued
 * or added up, whatever the ones before it said; sums are those of the order's own account, of one
 * strategy or of all; the last unit of money that passes and the first that does not.
 */
#include "risk_bench.h"

#include "core/risk.h"

static struct order order;

/* A buy of 20 at 100.00 as the gate sees it: 2,000.00 of a million. */
static struct candidate candidate(void)
{
    struct candidate c = {.engine = rig.engine, .strategy = rig.engine->strategies};
    memset(&order, 0, sizeof order);
    order.instrument = rig.instrument[0];
    order.side = TURRET_SIDE_BUY;
    order.type = TURRET_ORDER_MARKET;
    order.tif = TURRET_TIF_GTC;
    order.qty = 20;
    c.order = &order;
    c.instrument = &rig.engine->instruments[1];
    c.own = strategy_position(rig.engine, c.strategy, 1);
    c.account = &rig.engine->positions[c.instrument->account_position];
    c.account_index = 0;
    c.price = 10000;
    c.notional = 20 * HUNDRED;
    c.increases = c.increases_account = true;
    risk_expose(&c);
    return c;
}

static struct position *second(bool own)
{
    return own ? strategy_position(rig.engine, rig.engine->strategies, rig.instrument[1])
               : &rig.engine->positions[rig.engine->instruments[2].account_position];
}

static void what_an_order_adds_up_to(void **state)
{
    struct candidate c = candidate();
    (void)state;
    assert_true(c.own_exposure.fits && c.own_exposure.valued);
    assert_true(c.own_exposure.worst == 20 && c.own_exposure.value == 20 * HUNDRED);
    assert_true(c.account_exposure.worst == 20 && c.gross_fits);
    assert_true(c.gross == 20 * (money_wide)HUNDRED);
    hold(100);
    c = candidate();
    c.price = 11000; /* what is there at the mark, what is added at its own price */
    risk_expose(&c);
    assert_true(c.account_exposure.worst == 120);
    assert_true(c.account_exposure.value == 100 * HUNDRED + 22 * HUNDRED);
    order.side = TURRET_SIDE_SELL;
    risk_expose(&c);
    assert_true(c.account_exposure.worst == 100);
    order.qty = 250;
    risk_expose(&c);
    assert_true(c.account_exposure.worst == 150);
    c.increases = c.increases_account = false;
    memset(&c.own_exposure, 0, sizeof c.own_exposure);
    c.gross = 77;
    risk_expose(&c);
    assert_true(c.own_exposure.worst == 0 && c.gross == 77); /* closing: nothing to look at */
    c.increases_account = true;
    risk_expose(&c);
    assert_true(c.own_exposure.worst == 0 && c.gross != 77);
}

static void exposures_beyond_64_bits(void **state)
{
    struct candidate c = candidate();
    (void)state;
    c.account->qty = INT64_MAX;
    risk_expose(&c);
    assert_false(c.account_exposure.fits || c.account_exposure.valued);
    assert_int_equal(risk_positions(&c), DENY_OVERFLOW);
    c.account->qty = -INT64_MAX; /* with the sells that are open, beyond */
    c.account->open_sell = 10;
    risk_expose(&c);
    assert_false(c.account_exposure.fits);
    c.account->open_sell = 0;
    c.account->qty = INT64_MAX / 1000; /* fits as quantity, not as money */
    all()->max_position_nano = INT64_MAX;
    c.instrument->def.qty_scale = 12;
    risk_expose(&c);
    assert_true(c.account_exposure.fits);
    assert_false(c.account_exposure.valued);
    assert_int_equal(risk_positions(&c), DENY_OVERFLOW);
    c.account->qty = 0;
    c.price = INT64_MAX / 2; /* what is added */
    risk_expose(&c);
    assert_true(c.account_exposure.fits && !c.account_exposure.valued);
    c.instrument->rate = (struct money_rate){1, 1};
    c.price = INT64_MAX / 20;
    c.account->qty = INT64_MAX / 20000; /* either alone would do */
    risk_expose(&c);
    assert_true(c.account_exposure.fits && !c.account_exposure.valued);
}

/* Books that cannot be deny: what is there does not fit, with the order it would. */
static void impossible_books_deny(void **state)
{
    struct candidate c = candidate();
    (void)state;
    c.account->qty = INT64_MIN;
    c.account->open_sell = -30;
    risk_expose(&c);
    assert_true(c.account_exposure.fits && !c.account_exposure.valued);
    all()->max_position_nano = INT64_MAX;
    c.instrument->def.qty_scale = 12;
    assert_int_equal(risk_positions(&c), DENY_OVERFLOW);
    c.account->qty = c.account->open_sell = 0;
    second(false)->qty = INT64_MAX;
    second(false)->open_buy = 1; /* of another instrument */
    risk_expose(&c);
    assert_true(c.account_exposure.valued && !c.gross_fits);
    assert_int_equal(risk_exposure(&c), DENY_OVERFLOW);
}

/* No check trusts that another has looked before. */
static void each_check_denies_what_has_no_value(void **state)
{
    struct candidate c = candidate();
    (void)state;
    c.account_exposure.valued = false;
    assert_int_equal(risk_exposure(&c), DENY_OVERFLOW);
    c = candidate();
    c.own_exposure.valued = false;
    assert_int_equal(risk_exposure(&c), DENY_OVERFLOW);
    c = candidate();
    c.gross_fits = false;
    assert_int_equal(risk_exposure(&c), DENY_OVERFLOW);
    assert_int_equal(risk_buying_power(&c), DENY_OVERFLOW);
    c = candidate();
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    assert_int_equal(risk_buying_power(&c), DENY_NONE);
    c.own_exposure.fits = false;
    assert_int_equal(risk_positions(&c), DENY_OVERFLOW);
    c = candidate();
    c.account_exposure.valued = false;
    assert_int_equal(risk_positions(&c), DENY_OVERFLOW);
}

static void fees_that_do_not_fit(void **state)
{
    struct candidate c = candidate();
    (void)state;
    rig.engine->venues[0].fees.per_unit_nano = INT64_MAX;
    assert_int_equal(risk_buying_power(&c), DENY_OVERFLOW);
    rig.engine->venues[0].fees.per_unit_nano = 0;
    rig.engine->venues[0].fees.min_nano = 10 * MONEY_NANO; /* 10.00 each */
    all()->leverage_ppm = 2010; /* of a million: exactly the order and its fee */
    assert_int_equal(risk_buying_power(&c), DENY_NONE);
    rig.engine->venues[0].fees.min_nano += 10;
    assert_int_equal(risk_buying_power(&c), DENY_BUYING_POWER);
}

static void strategies_whose_other_positions_have_no_value(void **state)
{
    struct candidate c;
    (void)state;
    second(true)->qty = INT64_MAX; /* another strategy is on the other side: the account is flat */
    c = candidate();
    assert_true(c.gross_fits);
    assert_int_equal(risk_exposure(&c), DENY_NONE); /* nobody asks for it */
    own()->net_exposure = INT64_MAX;
    assert_int_equal(risk_exposure(&c), DENY_OVERFLOW);
    own()->net_exposure = RISK_UNSET;
    own()->gross_exposure = INT64_MAX;
    assert_int_equal(risk_exposure(&c), DENY_OVERFLOW);
    second(true)->qty = 0;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
}

/* Each part of a net sum in turn: quantities with what is open, and their values. */
static void net_sums_that_do_not_fit(void **state)
{
    static const struct {
        turret_qty qty, open_buy, open_sell;
        uint32_t denial;
    } cases[] = {
        {INT64_MAX, 1, 0, DENY_OVERFLOW},        {-INT64_MAX, 0, 2, DENY_OVERFLOW},
        {INT64_MAX / 1000, 0, 0, DENY_OVERFLOW}, {0, INT64_MAX / 1000, 0, DENY_OVERFLOW},
        {0, 0, INT64_MAX / 1000, DENY_OVERFLOW}, {0, 0, 0, DENY_NONE},
        {INT64_C(100), 0, 0, DENY_NET_EXPOSURE},
    };
    struct candidate c;
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        c = candidate();
        c.increases = false;
        all()->net_exposure = 20 * HUNDRED;
        c.gross = (money_wide)all()->net_exposure + 1;
        second(false)->qty = cases[i].qty;
        second(false)->open_buy = cases[i].open_buy;
        second(false)->open_sell = cases[i].open_sell;
        assert_int_equal(risk_exposure(&c), cases[i].denial);
        second(false)->qty = second(false)->open_buy = second(false)->open_sell = 0;
    }
}

static void the_last_money_that_passes(void **state)
{
    struct candidate c = candidate();
    (void)state;
    all()->gross_exposure = 20 * HUNDRED;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    all()->gross_exposure--;
    assert_int_equal(risk_exposure(&c), DENY_GROSS_EXPOSURE);
    all()->gross_exposure = INT64_MAX;
    all()->net_exposure = 20 * HUNDRED - 1;
    assert_int_equal(risk_exposure(&c), DENY_NET_EXPOSURE);
    order.side = TURRET_SIDE_SELL;
    assert_int_equal(risk_exposure(&c), DENY_NET_EXPOSURE); /* short is as far from nothing */
    all()->net_exposure++;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    all()->concentration_ppm = 2000; /* two thousandths of a million */
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    all()->concentration_ppm--;
    assert_int_equal(risk_exposure(&c), DENY_CONCENTRATION);
    all()->concentration_ppm = INT64_MAX / 4;
    own()->concentration_ppm = 1999;
    assert_int_equal(risk_exposure(&c), DENY_CONCENTRATION);
    own()->concentration_ppm++;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    all()->max_unexecuted = 20 * HUNDRED;
    assert_int_equal(risk_unexecuted(&c), DENY_NONE);
    all()->max_unexecuted--;
    assert_int_equal(risk_unexecuted(&c), DENY_UNEXECUTED);
    all()->max_position_nano = 20 * UNIT;
    all()->max_position_notional = 20 * HUNDRED;
    assert_int_equal(risk_positions(&c), DENY_NONE);
    all()->max_position_notional--;
    assert_int_equal(risk_positions(&c), DENY_POSITION_NOTIONAL);
    all()->max_position_nano--;
    assert_int_equal(risk_positions(&c), DENY_POSITION);
}

/* The net sum takes buys and sells that may fill, each way, of all positions. */
static void net_sums_take_the_worst_side(void **state)
{
    struct candidate c = candidate();
    (void)state;
    c.increases = false;
    c.gross = INT64_MAX; /* so that the net sum is made */
    second(false)->qty = -30;
    second(false)->open_sell = 10;
    second(false)->open_buy = 5;
    all()->net_exposure = 40 * HUNDRED; /* -30 - 10 short, +20 - 30 + 5 long */
    all()->gross_exposure = INT64_MAX;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    all()->net_exposure--;
    assert_int_equal(risk_exposure(&c), DENY_NET_EXPOSURE);
    second(false)->qty = 30; /* 20 + 30 + 5 long */
    all()->net_exposure = 55 * HUNDRED;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    all()->net_exposure--;
    assert_int_equal(risk_exposure(&c), DENY_NET_EXPOSURE);
}

/* ---- what may still fill ---- */

static void unexecuted_sums_that_do_not_fit(void **state)
{
    struct candidate c = candidate();
    (void)state;
    second(false)->open_buy = INT64_MAX;
    assert_int_equal(risk_unexecuted(&c), DENY_OVERFLOW); /* as money */
    second(false)->open_sell = 1;
    assert_int_equal(risk_unexecuted(&c), DENY_OVERFLOW); /* as quantity */
    second(false)->open_buy = 10;
    second(false)->open_sell = 10;
    all()->max_unexecuted = 40 * HUNDRED;
    assert_int_equal(risk_unexecuted(&c), DENY_NONE);
    all()->max_unexecuted--;
    assert_int_equal(risk_unexecuted(&c), DENY_UNEXECUTED);
    c.increases = c.increases_account = false;
    assert_int_equal(risk_unexecuted(&c), DENY_NONE);
    c.increases_account = true; /* of the account only: the strategy's limit does not bind */
    all()->max_unexecuted = INT64_MAX;
    own()->max_unexecuted = 0;
    assert_int_equal(risk_unexecuted(&c), DENY_NONE);
    c.increases = true;
    assert_int_equal(risk_unexecuted(&c), DENY_UNEXECUTED);
    second(false)->open_buy = second(false)->open_sell = 0;
}

/* ---- accounts and sectors ---- */

static void positions_of_another_account_are_not_added(void **state)
{
    struct candidate c;
    (void)state;
    second(false)->qty = second(true)->qty = 30;
    c = candidate();
    assert_true(c.gross == 50 * (money_wide)HUNDRED);
    second(false)->account = second(true)->account = 1;
    c = candidate();
    assert_true(c.gross == 20 * (money_wide)HUNDRED);
    all()->net_exposure = 20 * HUNDRED;
    c.gross = INT64_MAX;
    assert_int_equal(risk_exposure(&c), DENY_GROSS_EXPOSURE);
    all()->gross_exposure = INT64_MAX;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    own()->gross_exposure = 20 * HUNDRED;
    assert_int_equal(risk_exposure(&c), DENY_NONE);
    second(true)->account = 0;
    assert_int_equal(risk_exposure(&c), DENY_GROSS_EXPOSURE);
    second(false)->account = 0;
    second(false)->qty = second(true)->qty = 0;
}

static void sectors_at_their_edges(void **state)
{
    struct rig_options o = risk_options();
    struct candidate c;
    (void)state;
    rig_close(&rig);
    o.sector = "energy";
    rig_open(&rig, &o);
    c = candidate();
    all()->sector_ppm = 2000;
    assert_int_equal(risk_sector(&c), DENY_NONE);
    all()->sector_ppm--;
    assert_int_equal(risk_sector(&c), DENY_SECTOR);
    c.increases_account = false; /* the account's part grows no larger */
    assert_int_equal(risk_sector(&c), DENY_NONE);
    own()->sector_ppm = 1999;
    assert_int_equal(risk_sector(&c), DENY_SECTOR);
    own()->sector_ppm = 2000;
    assert_int_equal(risk_sector(&c), DENY_NONE);
    c.increases = false;
    own()->sector_ppm = 0;
    assert_int_equal(risk_sector(&c), DENY_NONE);
    c.increases_account = true;
    all()->sector_ppm = 5000;
    second(false)->qty = 30;
    assert_int_equal(risk_sector(&c), DENY_NONE);
    second(false)->qty = 31;
    assert_int_equal(risk_sector(&c), DENY_SECTOR);
    second(false)->qty = INT64_MAX;
    assert_int_equal(risk_sector(&c), DENY_OVERFLOW);
    c.instrument->sector = 0; /* has none */
    assert_int_equal(risk_sector(&c), DENY_NONE);
    second(false)->qty = 0;
    all()->sector_ppm = RISK_UNSET;
    assert_int_equal(risk_sector(&c), DENY_LIMIT_UNSET);
}

/* ---- units ---- */

static void quantities_against_limits_in_nano(void **state)
{
    (void)state;
    assert_false(risk_above(5, 0, 5 * MONEY_NANO));
    assert_true(risk_above(5, 0, 5 * MONEY_NANO - 1));
    assert_true(risk_above(-6, 0, 5 * MONEY_NANO));
    assert_false(risk_above(-5, 0, 5 * MONEY_NANO));
    assert_false(risk_above(500, 2, 5 * MONEY_NANO)); /* 5.00 */
    assert_true(risk_above(501, 2, 5 * MONEY_NANO));
    assert_true(risk_above(1, 0, 0));
    assert_false(risk_above(0, 0, 0));
}

static void of_two_limits_both_bind(void **state)
{
    (void)state;
    assert_true(risk_lower(5, 3) == 3);
    assert_true(risk_lower(5, 7) == 5);
    assert_true(risk_lower(5, RISK_UNSET) == 5);
    assert_true(risk_higher(5, 3) == 5);
    assert_true(risk_higher(5, 7) == 7);
    assert_true(risk_higher(5, RISK_UNSET) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(what_an_order_adds_up_to),
        RISK_TEST(exposures_beyond_64_bits),
        RISK_TEST(impossible_books_deny),
        RISK_TEST(each_check_denies_what_has_no_value),
        RISK_TEST(fees_that_do_not_fit),
        RISK_TEST(strategies_whose_other_positions_have_no_value),
        RISK_TEST(net_sums_that_do_not_fit),
        RISK_TEST(the_last_money_that_passes),
        RISK_TEST(net_sums_take_the_worst_side),
        RISK_TEST(unexecuted_sums_that_do_not_fit),
        RISK_TEST(positions_of_another_account_are_not_added),
        RISK_TEST(sectors_at_their_edges),
        RISK_TEST(quantities_against_limits_in_nano),
        RISK_TEST(of_two_limits_both_bind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
