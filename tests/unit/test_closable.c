/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what somebody closed at the venue is not closed once more: stops, what is made flat
 * and orders that only reduce are for what the account has, beside what other strategies hold
 * against it and less what others are closing. What belongs to nobody and makes the account's
 * position larger takes nothing from them.
 */
#include "held_bench.h"

#include "core/closable.h"

/* A person, whom no order here is of. */
static void by_hand(uint8_t side, turret_qty qty, const char *execution)
{
    rig.engine->venues[0].reconcile.fills = RECONCILE_ADOPT;
    rig_fill(&rig, 0, execution, side, qty, 10000);
}

static void holds(uint32_t strategy, uint8_t side, turret_qty qty, const char *execution)
{
    struct turret_order_request request = want(side, TURRET_ORDER_MARKET, qty);
    uint64_t id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    rig_fill(&rig, id, execution, side, qty, 10000);
}

static turret_qty of(uint32_t strategy, uint8_t side)
{
    return closable_qty(rig.engine, rig_own(&rig, strategy, 0), side);
}

static void flatten(void)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_FLATTEN;
    event.u.control.target = TRADING_ALL;
    event.u.control.value = TRADING_REDUCING;
    engine_ingest(rig.engine, &event);
}

static void it_is_the_position(void **state)
{
    (void)state;
    assert_int_equal(of(0, SELL), 0);
    holds(0, BUY, 10, "1");
    assert_true(of(0, SELL) == 10 && of(0, BUY) == 0);
    holds(1, SELL, 10, "2"); /* the account is flat */
    assert_true(of(0, SELL) == 10 && of(1, BUY) == 10);
    by_hand(BUY, 5, "3"); /* more for the one, and less for the other */
    assert_true(of(0, SELL) == 10 && of(1, BUY) == 5);
}

static uint64_t works(uint32_t strategy, uint8_t side, turret_qty qty)
{
    struct turret_order_request request = want(side, TURRET_ORDER_LIMIT, qty);
    uint64_t id;
    request.limit_price = side == SELL ? 10500 : 9500;
    id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    return id;
}

static void what_others_close_is_theirs(void **state)
{
    (void)state;
    holds(0, BUY, 10, "1");
    holds(1, BUY, 10, "2");
    by_hand(SELL, 10, "3");
    assert_true(of(0, SELL) == 10 && of(1, SELL) == 10); /* the first one has it */
    (void)works(1, SELL, 7);
    assert_true(of(0, SELL) == 3 && of(1, SELL) == 10);
    (void)works(1, SELL, 20); /* beyond its position it closes nothing */
    assert_int_equal(rig_own(&rig, 1, 0)->open_sell, 27);
    assert_int_equal(of(0, SELL), 0);
    by_hand(BUY, 5, "4");
    assert_int_equal(of(0, SELL), 5);
    by_hand(BUY, 5, "5");
    assert_int_equal(of(0, SELL), 10); /* nothing is missing */
}

static void of_what_is_short_too(void **state)
{
    (void)state;
    holds(0, SELL, 10, "1");
    holds(1, SELL, 10, "2");
    by_hand(BUY, 10, "3");
    (void)works(1, SELL, 9); /* closes nothing */
    assert_int_equal(of(0, BUY), 10);
    (void)works(1, BUY, 7);
    assert_int_equal(of(0, BUY), 3);
    holds(1, BUY, 14, "4"); /* holds 4 now, with 7 more to come: they make room for the other */
    assert_int_equal(rig_own(&rig, 1, 0)->qty, 4);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 4);
    assert_int_equal(of(0, BUY), 0);
    by_hand(SELL, 3, "5");
    assert_int_equal(of(0, BUY), 3);
    assert_int_equal(of(0, SELL), 0);
}

static void a_stop_does_not_open_the_other_side(void **state)
{
    uint64_t stop = child(entered(BUY, 10, 9500, 0), TURRET_ORDER_STOP);
    uint32_t commands;
    (void)state;
    by_hand(SELL, 10, "hand");
    commands = rig.command_count;
    trade(9400);
    is(stop, TURRET_STATE_CANCELED);
    assert_string_equal(at(stop)->venue_reason, "the account has nothing to close");
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "is due and ends: the account has nothing of S0.venue0 that it could "
                           "close, and its strategy counts 10;"));
    assert_int_equal(rig.command_count, commands);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    trade(9300); /* and nobody follows it */
    assert_int_equal(rig.command_count, commands);
}

static void a_stop_closes_what_is_there(void **state)
{
    uint64_t stop = child(entered(SELL, 10, 10500, 0), TURRET_ORDER_STOP);
    (void)state;
    by_hand(BUY, 7, "hand");
    trade(10600);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 3);
    rig_fill(&rig, stop, "exit", BUY, 3, 10600);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    assert_int_equal(held_now(), -7); /* its strategy counts on */
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 0);
}

static void what_is_made_flat_stays_flat(void **state)
{
    uint32_t commands;
    (void)state;
    hold(BUY, 10, "1");
    by_hand(SELL, 10, "hand");
    commands = rig.command_count;
    flatten();
    assert_int_equal(rig.command_count, commands);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "nothing of S0.venue0"));
}

static void an_order_that_only_reduces_is_denied(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_LIMIT, 4);
    (void)state;
    hold(BUY, 10, "1");
    by_hand(SELL, 7, "hand");
    request.limit_price = 10100;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    is(ask(request), TURRET_STATE_DENIED);
    assert_int_equal(rig.last_denial, DENY_REDUCE_ONLY);
    request.qty = 3;
    is(ask(request), TURRET_STATE_SENT);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TWO_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_two, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TWO_TEST(it_is_the_position),
        TWO_TEST(what_others_close_is_theirs),
        TWO_TEST(of_what_is_short_too),
        TEST(a_stop_does_not_open_the_other_side),
        TEST(a_stop_closes_what_is_there),
        TEST(what_is_made_flat_stays_flat),
        TEST(an_order_that_only_reduces_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
