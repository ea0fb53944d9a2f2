/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which of a pair goes when both are due: a stop, never the profit, which has to see its
 * price again; that a stop that waits for others says so once; that an order that did not leave
 * keeps its own quantity whatever its pair has; and with which words an unwanted one is cancelled.
 */
#include "held_bench.h"

static uint64_t entry, stop, profit;

static void go_down(void)
{
    struct event event = rig_event(&rig, EVENT_STREAM);
    event.venue = 0;
    event.u.stream.status = TURRET_STREAM_DOWN;
    engine_ingest(rig.engine, &event);
}

/* Long 10 from 100.00, a stop at 98.00 and a profit at 103.00. */
static void bracket(void)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    request.stop_loss = 9800;
    request.take_profit = 10300;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
}

static void the_profit_waits_for_its_price(void)
{
    is(profit, TURRET_STATE_HELD);
    assert_int_equal(at(profit)->held & HELD_TRIGGERED, 0);
    assert_string_equal(at(profit)->venue_reason, "waits for its price again");
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_NONE);
    assert_int_equal(at(stop)->unwanted, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.order_id, stop);
}

static void a_profit_that_did_not_leave_leaves_the_stop_alone(void **state)
{
    (void)state;
    bracket();
    trade(10300);
    is(profit, TURRET_STATE_SENT);
    did_not_leave(profit);
    assert_true(at(profit)->held & HELD_TRIGGERED);
    trade(9800);
    the_profit_waits_for_its_price();
    seconds_pass(100);
    trade(8000);
    the_profit_waits_for_its_price();
    rig_fill(&rig, stop, "stopped", SELL, 10, 8000);
    is(profit, TURRET_STATE_CANCELED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

static void both_are_due_when_the_venue_comes_back(void **state)
{
    (void)state;
    bracket();
    go_down();
    trade(10300);
    trade(9800);
    is(stop, TURRET_STATE_HELD);
    rig_connect(&rig);
    seconds_pass(1);
    the_profit_waits_for_its_price();
}

/* A stop limit that was set off is a limit order, and still no profit. */
static void a_stop_limit_that_did_not_leave_goes_before_its_profit(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP_LIMIT, 10);
    uint64_t first, second;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9800;
    request.limit_price = 9700;
    first = ask(request);
    trade(9800);
    is(first, TURRET_STATE_SENT);
    did_not_leave(first);
    assert_int_equal(at(first)->type, TURRET_ORDER_LIMIT);
    request = want(SELL, TURRET_ORDER_LIMIT, 10);
    request.limit_price = 10300;
    request.oco = first;
    second = ask(request);
    is(second, TURRET_STATE_SENT);
    seconds_pass(1);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, second);
    rig_state_of(&rig, second, TURRET_STATE_CANCELED, 10, 0, 0);
    is(first, TURRET_STATE_SENT);
}

static void a_stop_tells_that_the_profit_is_where_nobody_reaches(void **state)
{
    (void)state;
    bracket();
    trade(10300);
    rig_ack(&rig, profit, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    go_down();
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* with an order and a position there */
    trade(9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_ALARM], "is due and waits: the other of its pair may fill"));
    trade(9000);
    seconds_pass(600);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_string_equal(at(stop)->venue_reason, "waits: the other of its pair may fill");
}

static void a_stop_tells_that_nobody_knows_of_the_profit(void **state)
{
    (void)state;
    bracket();
    trade(10300);
    rig_ack(&rig, profit, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    trade(9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "may fill"));
    trade(9000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

/* A cancel takes its time; only one that takes longer is worth an alarm. */
static void a_stop_tells_that_the_cancel_is_not_answered(void **state)
{
    (void)state;
    bracket();
    trade(10300);
    rig_ack(&rig, profit, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    trade(9800);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    seconds_pass(1);
    seconds_pass(1);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->told, 0);
}

static void a_stop_tells_that_others_are_closing(void **state)
{
    uint64_t own;
    (void)state;
    bracket();
    own = rig_order(&rig, 0, SELL, 10, 10500);
    trade(9800);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_ALARM], "is due and waits: others are closing its position"));
    trade(9000);
    seconds_pass(600);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig_state_of(&rig, own, TURRET_STATE_CANCELED, 10, 0, 0);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 10);
}

/* A stop of 10 whose pair is a larger one did not leave: it stays one of 10. */
static void a_larger_pair_lends_nothing(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 100);
    uint64_t large, small;
    (void)state;
    hold(BUY, 100, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9500;
    large = ask(request);
    request.qty = 10;
    request.stop_price = 9800;
    request.oco = large;
    small = ask(request);
    trade(9800);
    did_not_leave(small);
    seconds_pass(1);
    assert_int_equal(sent()->order.order_id, small);
    assert_int_equal(sent()->order.qty, 10);
}

static void a_pair_of_the_other_side_lends_nothing(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 80);
    (void)state;
    hold(BUY, 90, "1");
    bracket();
    (void)turret_cancel(rig.self[0], profit);
    rig_turn(&rig);
    request.stop_price = 10500;
    (void)ask(request);
    trade(9800);
    assert_int_equal(sent()->order.qty, 10);
    did_not_leave(stop);
    seconds_pass(1);
    assert_int_equal(sent()->order.order_id, stop);
    assert_int_equal(sent()->order.qty, 10);
}

/* What its pair filled while it was out is not its any more. */
static void what_the_pair_filled_stays_off(void **state)
{
    (void)state;
    hold(BUY, 90, "1");
    bracket();
    trade(10300);
    rig_ack(&rig, profit, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    rig_fill(&rig, profit, "late", SELL, 3, 10300);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_PENDING_MODIFY);
    did_not_leave(stop);
    assert_int_equal(at(stop)->qty, 7);
    seconds_pass(1);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 7);
}

/* A venue that says yes to a change of what, it turns out, never reached it. */
static void nothing_is_left_of_a_change_that_was_taken(void **state)
{
    (void)state;
    hold(BUY, 90, "1");
    bracket();
    trade(10300);
    rig_ack(&rig, profit, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    trade(9800);
    rig_fill(&rig, profit, "late", SELL, 3, 10300);
    rig_ack(&rig, stop, TURRET_REQUEST_MODIFY, at(stop)->request_version, TURRET_OUTCOME_OK);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_NONE);
    assert_int_equal(at(stop)->pending_qty, 7);
    did_not_leave(stop);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->qty, 7);
    assert_int_equal(at(stop)->pending_qty, 0);
    assert_int_equal(at(stop)->unwanted, 0);
    rig_check_reservations(&rig);
}

static void a_lone_stop_is_whole_again(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t closing;
    (void)state;
    request.stop_loss = 9800;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    closing = rig_order(&rig, 0, SELL, 6, 10500);
    trade(9800);
    assert_int_equal(sent()->order.qty, 4);
    did_not_leave(stop);
    rig_state_of(&rig, closing, TURRET_STATE_CANCELED, 6, 0, 0);
    seconds_pass(1);
    assert_int_equal(sent()->order.order_id, stop);
    assert_int_equal(sent()->order.qty, 10);
}

static void one_that_is_not_cancelled_says_why_it_should_be(void **state)
{
    (void)state;
    bracket();
    trade(10300);
    rig_ack(&rig, profit, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    trade(9800);
    rig_ack(&rig, profit, TURRET_REQUEST_CANCEL, at(profit)->request_version,
            TURRET_OUTCOME_REJECTED);
    seconds_pass(1);
    assert_int_equal(at(profit)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_ALARM], "asked for again: the other of the pair is due"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_profit_that_did_not_leave_leaves_the_stop_alone),
        TEST(both_are_due_when_the_venue_comes_back),
        TEST(a_stop_limit_that_did_not_leave_goes_before_its_profit),
        TEST(a_stop_tells_that_the_profit_is_where_nobody_reaches),
        TEST(a_stop_tells_that_nobody_knows_of_the_profit),
        TEST(a_stop_tells_that_the_cancel_is_not_answered),
        TEST(a_stop_tells_that_others_are_closing),
        TEST(a_larger_pair_lends_nothing),
        TEST(a_pair_of_the_other_side_lends_nothing),
        TEST(what_the_pair_filled_stays_off),
        TEST(nothing_is_left_of_a_change_that_was_taken),
        TEST(a_lone_stop_is_whole_again),
        TEST(one_that_is_not_cancelled_says_why_it_should_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
