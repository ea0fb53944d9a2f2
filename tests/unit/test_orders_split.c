/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a split makes of prices: on the grid away from their trader, never nothing, and never
 * so high that a distance more does not fit, however often it splits; and of what is remembered.
 */
#include "held_bench.h"

#include "core/split.h"

static int set_up_ticks(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.def.tick_size = 5;
    return set_up_with(&o);
}

static void prices_in_new_units(void **state)
{
    static const struct {
        turret_price price;
        uint32_t numerator, denominator;
        turret_price tick, down, up;
    } cases[] = {
        {10505, 2, 1, 5, 5250, 5255},
        {10510, 2, 1, 5, 5255, 5255},
        {10505, 2, 1, 1, 5252, 5253},
        {10001, 1, 3, 5, 30000, 30005},
        {5, 3, 1, 5, 5, 5}, /* not nothing */
        {1, 1000, 1, 1, 1, 1},
        {0, 2, 1, 5, 0, 0}, /* there is none */
        {-10, 2, 1, 5, -10, -10},
        {PRICE_MAX, 1, 1, 1, PRICE_MAX, PRICE_MAX},
        {PRICE_MAX - 1, 1, 1, 1, PRICE_MAX - 1, PRICE_MAX - 1},
        {PRICE_MAX / 2 + 1, 1, 2, 1, PRICE_MAX, PRICE_MAX},
        {PRICE_MAX, 1, UINT32_MAX, 7, PRICE_MAX / 7 * 7, PRICE_MAX / 7 * 7},
        {PRICE_MAX, 1, 1, 7, PRICE_MAX / 7 * 7, PRICE_MAX / 7 * 7},
        {INT64_MAX, 1, UINT32_MAX, 1, PRICE_MAX, PRICE_MAX},
        {1, UINT32_MAX, 1, PRICE_MAX, PRICE_MAX, PRICE_MAX},
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct turret_split by = {.numerator = cases[i].numerator,
                                  .denominator = cases[i].denominator};
        assert_true(split_price(cases[i].price, &by, cases[i].tick, false) == cases[i].down);
        assert_true(split_price(cases[i].price, &by, cases[i].tick, true) == cases[i].up);
    }
}

static const struct order *limits(uint8_t side, uint8_t type, turret_price limit, turret_price stop)
{
    struct turret_order_request request = want(side, type, 10);
    request.limit_price = limit;
    request.stop_price = stop;
    return at(ask(request));
}

static void prices_of_orders_go_away_from_their_trader(void **state)
{
    const struct order *buys[] = {limits(BUY, TURRET_ORDER_LIMIT, 9905, 0),
                                  limits(BUY, TURRET_ORDER_STOP, 0, 10105),
                                  limits(BUY, TURRET_ORDER_STOP_LIMIT, 10115, 10105)};
    const struct order *sells[] = {limits(SELL, TURRET_ORDER_LIMIT, 10105, 0),
                                   limits(SELL, TURRET_ORDER_STOP, 0, 9905),
                                   limits(SELL, TURRET_ORDER_STOP_LIMIT, 9895, 9905)};
    (void)state;
    split(2, 1);
    assert_int_equal(buys[0]->limit_price, 4950);
    assert_int_equal(buys[1]->stop_price, 5055);
    assert_int_equal(buys[2]->stop_price, 5055);
    assert_int_equal(buys[2]->limit_price, 5055);
    assert_int_equal(sells[0]->limit_price, 5055);
    assert_int_equal(sells[1]->stop_price, 4950);
    assert_int_equal(sells[2]->stop_price, 4950);
    assert_int_equal(sells[2]->limit_price, 4950);
}

static void exits_go_away_from_their_trader(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    const struct order *buy, *sell;
    (void)state;
    request.stop_loss = 9505;
    request.take_profit = 10505;
    buy = at(ask(request));
    request.side = SELL;
    request.stop_loss = 10505;
    request.take_profit = 9505;
    request.stop_trail = 105;
    sell = at(ask(request));
    split(2, 1);
    assert_int_equal(buy->stop_loss, 4750);
    assert_int_equal(buy->take_profit, 5255);
    assert_int_equal(sell->stop_loss, 5255);
    assert_int_equal(sell->take_profit, 4750);
    assert_int_equal(sell->stop_trail, 55); /* never less than asked for */
}

static void a_trail_is_never_less_than_asked_for(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_TRAILING_STOP, 10);
    uint64_t id;
    (void)state;
    request.trail = 105;
    id = ask(request);
    split(2, 1);
    assert_int_equal(at(id)->trail, 55);
}

static void a_change_under_way_is_in_new_units(void **state)
{
    uint64_t id = limit_of(BUY, 10, 9900, 0);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    changes(id, 30, 0, 0);
    rig_fill(&rig, id, "a", BUY, 4, 9900);
    split(2, 1);
    assert_int_equal(at(id)->qty, 20);
    assert_int_equal(at(id)->pending_qty, 60);
    assert_int_equal(at(id)->filled_qty, 8);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 52);
}

/* ---- splits without end ---- */

static void absurd_splits(void)
{
    uint32_t i;
    for (i = 0; i < 4; i++)
        split(1, UINT32_MAX);
}

static void a_trail_stays_within(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_TRAILING_STOP, 10);
    uint64_t id;
    (void)state;
    request.trail = 500;
    id = ask(request);
    absurd_splits();
    assert_true(at(id)->trail == PRICE_MAX);
    assert_true(at(id)->stop_price == PRICE_MAX);
    trade(PRICE_MAX / 5 * 5); /* a trail from there still fits */
    is(id, TURRET_STATE_DENIED);
}

static void the_trail_of_a_bracket_stays_within(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_LIMIT, 10);
    uint64_t id, stop;
    (void)state;
    request.limit_price = 10000;
    request.stop_trail = 500;
    id = ask(request);
    absurd_splits();
    assert_true(at(id)->stop_trail == PRICE_MAX);
    rig_fill(&rig, id, "a", SELL, 1, 10000);
    stop = child(id, TURRET_ORDER_TRAILING_STOP);
    assert_true(at(stop)->stop_price == PRICE_MAX + 10000);
    trade(10000);
    is(stop, TURRET_STATE_HELD);
}

/* What an order was sent at is told in new units, too. */
static void the_price_it_left_at_stays_within(void **state)
{
    uint64_t id = rig_order(&rig, 0, BUY, 10, 0);
    (void)state;
    split(3, 2);
    assert_int_equal(gap_of(rig.engine, at(id))->mark, 6666);
    absurd_splits();
    assert_true(gap_of(rig.engine, at(id))->mark == PRICE_MAX);
    assert_true(rig.engine->instruments[1].mark == PRICE_MAX);
}

static void what_filled_stays_within(void **state)
{
    static const struct turret_split more = {.numerator = UINT32_MAX, .denominator = 1};
    struct executions executions;
    struct fill fill = {.instrument = 1, .qty = 10, .execution_id = "a"};
    (void)state;
    memset(&executions, 0, sizeof executions);
    assert_int_equal(executions_init(&executions, 4), TURRET_OK);
    executions_add(&executions, &fill);
    executions_split(&executions, 1, &more);
    assert_int_equal(executions_find(&executions, 0, fill.execution_id)->qty, 42949672950);
    executions_split(&executions, 1, &more); /* beyond every order: nobody knows what it was */
    assert_int_equal(executions_find(&executions, 0, fill.execution_id)->qty, 0);
    executions_finish(&executions);
}

#define TEST(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TICKS(name) cmocka_unit_test_setup_teardown(name, set_up_ticks, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(prices_in_new_units),
        TICKS(prices_of_orders_go_away_from_their_trader),
        TICKS(exits_go_away_from_their_trader),
        TICKS(a_trail_is_never_less_than_asked_for),
        TEST(a_change_under_way_is_in_new_units),
        TEST(a_trail_stays_within),
        TEST(the_trail_of_a_bracket_stays_within),
        TEST(the_price_it_left_at_stays_within),
        TEST(what_filled_stays_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
