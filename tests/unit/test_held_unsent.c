/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what only reduces is sent again when its adapter could not send it, later each time
 * and told once, also of a strategy's own; that it is whole again then; and that an iceberg waits
 * for its next slice in the same way while everything else that never left is rejected.
 */
#include "held_bench.h"

/* A long position with a stop at 98.00. */
static uint64_t guarded(turret_qty qty)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, qty);
    uint64_t entry;
    request.stop_loss = 9800;
    request.take_profit = 11000;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, qty, 10000);
    return child(entry, TURRET_ORDER_STOP);
}

static void an_exit_is_tried_again_later_each_time(void **state)
{
    uint64_t stop = guarded(10);
    int64_t seconds = 1;
    uint32_t i;
    (void)state;
    trade(9800);
    for (i = 0; i < 10; i++) {
        is(stop, TURRET_STATE_SENT);
        did_not_leave(stop);
        is(stop, TURRET_STATE_HELD);
        assert_int_equal(at(stop)->denial, DENY_NOT_SENT);
        assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
        rig_check_reservations(&rig);
        seconds_pass(seconds - 1);
        is(stop, TURRET_STATE_HELD);
        seconds_pass(1);
        seconds = seconds < 64 ? seconds * 2 : 64;
    }
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(rig.engine->strategies[0].post_trade.sent, 2); /* the entry, and once this */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "did not leave and is tried again"));
    rig_fill(&rig, stop, "exit", SELL, 10, 9790);
    is(stop, TURRET_STATE_FILLED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

/* It went as a part of ten; six of them are closed by something else before it did not leave. */
static void it_is_no_more_than_its_position_then(void **state)
{
    uint64_t stop = guarded(10);
    (void)state;
    rig.engine->options.risk.max_order_qty_nano = 4 * MONEY_NANO;
    trade(9800);
    assert_int_equal(at(stop)->qty, 4);
    trades(SELL, 3, "1");
    trades(SELL, 3, "2");
    did_not_leave(stop);
    assert_int_equal(at(stop)->qty, 4);
    assert_int_equal(row_of(stop)->qty, 4);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
    rig_fill(&rig, stop, "3", SELL, 4, 9790);
    is(stop, TURRET_STATE_FILLED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

static void its_position_may_end_meanwhile(void **state)
{
    uint64_t stop = guarded(10), closing;
    (void)state;
    trade(9800);
    did_not_leave(stop);
    closing = rig_order(&rig, 0, SELL, 10, 0);
    rig_fill(&rig, closing, "closed", SELL, 10, 9790);
    is(stop, TURRET_STATE_CANCELED);
    seconds_pass(2);
    assert_int_equal(sent()->order.order_id, closing);
}

/* It was cut to what others left to close; they may be gone when it goes again. */
static void an_exit_is_whole_again(void **state)
{
    uint64_t stop = guarded(10), closing = rig_order(&rig, 0, SELL, 6, 10500);
    (void)state;
    trade(9800);
    assert_int_equal(sent()->order.qty, 4);
    did_not_leave(stop);
    assert_int_equal(at(stop)->qty, 10);
    rig_state_of(&rig, closing, TURRET_STATE_CANCELED, 6, 0, 0);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 10);
}

/* The position became smaller before the exit left: the change ends with it, no exit does. */
static void an_exit_with_a_change_under_way_is_tried_again(void **state)
{
    uint64_t stop = guarded(10), closing;
    (void)state;
    trade(9800);
    closing = rig_order(&rig, 0, SELL, 4, 0);
    rig_fill(&rig, closing, "closed", SELL, 4, 9800);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_PENDING_MODIFY);
    did_not_leave(stop);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_NONE);
    assert_int_equal(at(stop)->unwanted, 0);
    assert_int_equal(at(stop)->pending_qty, 0);
    assert_int_equal(at(stop)->qty, 6);
    rig_check_reservations(&rig);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 6);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

/* Its strategy asked for less. */
static void a_change_that_was_asked_for_is_kept(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t stop;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9800;
    stop = ask(request);
    trade(9800);
    assert_int_equal(turret_modify(rig.self[0], stop, 7, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(at(stop)->pending_qty, 7);
    did_not_leave(stop);
    assert_int_equal(at(stop)->qty, 7);
    assert_int_equal(at(stop)->pending_qty, 0);
    seconds_pass(1);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 7);
}

static void one_being_cancelled_is_rejected(void **state)
{
    uint64_t stop = guarded(10);
    (void)state;
    trade(9800);
    (void)turret_cancel(rig.self[0], stop);
    rig_turn(&rig);
    did_not_leave(stop);
    is(stop, TURRET_STATE_REJECTED);
}

static void what_closes_by_time_is_whole_again(void **state)
{
    uint64_t close, closing;
    (void)state;
    rig.engine->strategies[0].protection.max_holding_ns = RIG_MINUTE;
    hold(BUY, 10, "1");
    closing = rig_order(&rig, 0, SELL, 6, 10500);
    bar(10000, 10000, 10000);
    bar(10000, 10000, 10000);
    close = sent()->order.order_id;
    assert_int_equal(sent()->order.qty, 4);
    did_not_leave(close);
    rig_state_of(&rig, closing, TURRET_STATE_CANCELED, 6, 0, 0);
    seconds_pass(1);
    assert_int_equal(sent()->order.order_id, close);
    assert_int_equal(sent()->order.qty, 10);
}

static void a_stop_of_the_strategys_own_is_tried_again(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t stop;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9800;
    stop = ask(request);
    trade(9800);
    did_not_leave(stop);
    is(stop, TURRET_STATE_HELD);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 10);
}

static void what_opens_is_rejected(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    uint64_t entry = ask(want(BUY, TURRET_ORDER_MARKET, 10)), stop;
    (void)state;
    did_not_leave(entry);
    is(entry, TURRET_STATE_REJECTED);
    assert_int_equal(at(entry)->denial, DENY_NOT_SENT);
    request.stop_price = 10100;
    stop = ask(request);
    trade(10100);
    did_not_leave(stop);
    is(stop, TURRET_STATE_REJECTED);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 0);
}

static void an_iceberg_waits_for_its_next_slice(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t parent, slice;
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 10;
    parent = ask(request);
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 10, 9900);
    slice = sent()->order.order_id;
    did_not_leave(slice);
    is(slice, TURRET_STATE_REJECTED);
    is(parent, TURRET_STATE_HELD);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 15);
    rig_check_reservations(&rig);
    seconds_pass(1);
    assert_int_not_equal(sent()->order.order_id, slice);
    slice = sent()->order.order_id;
    assert_int_equal(sent()->order.qty, 10);
    did_not_leave(slice);
    seconds_pass(1);
    assert_int_equal(sent()->order.order_id, slice); /* two seconds by now */
    seconds_pass(1);
    rig_fill(&rig, sent()->order.order_id, "2", BUY, 10, 9900);
    slice = sent()->order.order_id;
    did_not_leave(slice);
    seconds_pass(1); /* one again */
    assert_int_not_equal(sent()->order.order_id, slice);
    rig_fill(&rig, sent()->order.order_id, "3", BUY, 5, 9900);
    is(parent, TURRET_STATE_FILLED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 25);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2); /* once after each slice that filled */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_exit_is_tried_again_later_each_time),
        TEST(its_position_may_end_meanwhile),
        TEST(an_exit_is_whole_again),
        TEST(it_is_no_more_than_its_position_then),
        TEST(an_exit_with_a_change_under_way_is_tried_again),
        TEST(a_change_that_was_asked_for_is_kept),
        TEST(one_being_cancelled_is_rejected),
        TEST(what_closes_by_time_is_whole_again),
        TEST(a_stop_of_the_strategys_own_is_tried_again),
        TEST(what_opens_is_rejected),
        TEST(an_iceberg_waits_for_its_next_slice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
