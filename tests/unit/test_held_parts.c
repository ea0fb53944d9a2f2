/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows icebergs, brackets and pairs that the host keeps: sums of slices are exact, exits follow
 * what filled and end with the position, one cancels the other, and what comes too late is told.
 */
#include "held_bench.h"

/* ---- icebergs ---- */

static uint64_t iceberg(uint64_t *parent)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    request.limit_price = 9900;
    request.display_qty = 10;
    *parent = ask(request);
    is(*parent, TURRET_STATE_HELD);
    return sent()->order.order_id;
}

static void an_iceberg_shows_one_slice_at_a_time(void **state)
{
    uint64_t parent, slice = iceberg(&parent);
    (void)state;
    assert_int_not_equal(slice, parent);
    assert_int_equal(sent()->order.qty, 10);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 25);
    rig_fill(&rig, slice, "1", BUY, 4, 9900);
    assert_int_equal(sent()->order.order_id, slice); /* not before all of it filled */
    assert_int_equal(at(parent)->filled_qty, 4);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 21);
    rig_check_reservations(&rig);
    rig_fill(&rig, slice, "2", BUY, 6, 9900);
    slice = sent()->order.order_id;
    assert_int_equal(sent()->order.qty, 10);
    rig_fill(&rig, slice, "3", BUY, 10, 9900);
    slice = sent()->order.order_id;
    assert_int_equal(sent()->order.qty, 5);
    rig_fill(&rig, slice, "4", BUY, 5, 9900);
    is(parent, TURRET_STATE_FILLED);
    assert_int_equal(at(parent)->filled_qty, 25);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 25);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 0);
    assert_int_equal(turret_cancel(rig.self[0], slice), TURRET_ENOTFOUND); /* the host's */
}

static void an_iceberg_ends_with_its_slice(void **state)
{
    uint64_t parent, slice = iceberg(&parent);
    (void)state;
    rig_fill(&rig, slice, "1", BUY, 4, 9900);
    assert_int_equal(turret_cancel(rig.self[0], parent), TURRET_OK);
    rig_turn(&rig);
    is(parent, TURRET_STATE_HELD);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, slice);
    rig_fill(&rig, slice, "2", BUY, 1, 9900); /* on the way */
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 5, 0);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(at(parent)->filled_qty, 5);
    slice = iceberg(&parent);
    rig_ack(&rig, slice, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    is(parent, TURRET_STATE_CANCELED);
}

static void a_changed_iceberg_goes_on_at_its_new_price(void **state)
{
    uint64_t parent, slice = iceberg(&parent);
    (void)state;
    assert_int_equal(turret_modify(rig.self[0], parent, 0, 9950, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_HELD);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.limit_price, 9950);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 25);
}

/* ---- brackets and pairs ---- */

static uint64_t bracket(uint8_t side, turret_qty qty)
{
    struct turret_order_request request = want(side, TURRET_ORDER_MARKET, qty);
    request.take_profit = side == BUY ? 10300 : 9700;
    request.stop_loss = side == BUY ? 9800 : 10200;
    return ask(request);
}

static void a_bracket_follows_what_filled(void **state)
{
    uint64_t entry = bracket(BUY, 10), profit, stop;
    (void)state;
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), 0);
    rig_fill(&rig, entry, "1", BUY, 4, 10000);
    profit = child(entry, TURRET_ORDER_LIMIT);
    stop = child(entry, TURRET_ORDER_STOP);
    is(profit, TURRET_STATE_HELD);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(profit)->qty, 4);
    rig_fill(&rig, entry, "2", BUY, 6, 10000);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), profit); /* the same, grown */
    assert_int_equal(at(profit)->qty, 10);
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    is(profit, TURRET_STATE_HELD);
    trade(10300); /* too late for the other */
    is(profit, TURRET_STATE_HELD);
    rig_fill(&rig, stop, "3", SELL, 3, 9790);
    assert_int_equal(at(profit)->qty, 7);
    rig_fill(&rig, stop, "4", SELL, 7, 9790);
    is(profit, TURRET_STATE_CANCELED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

static void a_short_bracket_takes_its_profit(void **state)
{
    uint64_t entry = bracket(SELL, 10), profit, stop;
    (void)state;
    rig_fill(&rig, entry, "1", SELL, 10, 10000);
    profit = child(entry, TURRET_ORDER_LIMIT);
    stop = child(entry, TURRET_ORDER_STOP);
    bar(9700, 10199, 9900);
    is(profit, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.limit_price, 9700);
    rig_fill(&rig, profit, "2", BUY, 4, 9700);
    assert_int_equal(at(stop)->qty, 6);
    trade(10200); /* the profit is still out: it goes first */
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, profit);
    rig_fill(&rig, profit, "3", BUY, 1, 9700);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 5, 0);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 5);
    rig_fill(&rig, stop, "4", BUY, 5, 10210);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

static void in_one_bar_the_stop_comes_first(void **state)
{
    uint64_t entry = bracket(BUY, 10);
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    bar(9700, 10400, 10000);
    is(child(entry, TURRET_ORDER_MARKET), TURRET_STATE_SENT); /* it was the stop */
    is(child(entry, TURRET_ORDER_LIMIT), TURRET_STATE_HELD);
}

static void a_trailing_bracket_starts_from_its_fill(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry, stop;
    (void)state;
    request.stop_trail = 50;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10010);
    stop = child(entry, TURRET_ORDER_TRAILING_STOP);
    assert_int_equal(at(stop)->stop_price, 9960);
    trade(10100);
    assert_int_equal(at(stop)->stop_price, 10050);
}

/* What the strategy closes by itself leaves no exit behind that could open something. */
static void exits_end_with_the_position(void **state)
{
    uint64_t entry = bracket(BUY, 10), close, profit, stop;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    profit = child(entry, TURRET_ORDER_LIMIT);
    stop = child(entry, TURRET_ORDER_STOP);
    close = rig_order(&rig, 0, SELL, 6, 0);
    rig_fill(&rig, close, "2", SELL, 6, 10000);
    assert_int_equal(at(stop)->qty, 4);
    trade(10300);
    is(profit, TURRET_STATE_SENT);
    close = rig_order(&rig, 0, SELL, 4, 0);
    rig_fill(&rig, close, "3", SELL, 4, 10000);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(sent()->kind, COMMAND_CANCEL); /* of the profit at the venue */
    assert_int_equal(sent()->order.order_id, profit);
}

/* What others close is there again when they are cancelled: it is less only when it is sent. */
static void a_denied_exit_stays_whole(void **state)
{
    uint64_t entry = bracket(BUY, 10), closing, stop;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    closing = rig_order(&rig, 0, SELL, 6, 10200);
    rig.engine->venues[0].ready = false;
    trade(9800);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->denial, DENY_NOT_RECONCILED);
    assert_int_equal(at(stop)->qty, 10);
    rig_state_of(&rig, closing, TURRET_STATE_CANCELED, 6, 0, 0);
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 10);
}

static void wrong_brackets_are_denied(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    (void)state;
    request.take_profit = 9900;
    assert_int_equal(at(ask(request))->denial, DENY_EXITS);
    request.take_profit = 0;
    request.stop_loss = 10100;
    assert_int_equal(at(ask(request))->denial, DENY_EXITS);
    request.stop_loss = -1;
    assert_int_equal(at(ask(request))->denial, DENY_EXITS);
    request.stop_loss = 9900;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    assert_int_equal(at(ask(request))->denial, DENY_EXITS);
    request = want(BUY, TURRET_ORDER_MARKET, 10);
    request.display_qty = 5;
    assert_int_equal(at(ask(request))->denial, DENY_ICEBERG);
    request.display_qty = 0;
    request.oco = 77;
    assert_int_equal(at(ask(request))->denial, DENY_PAIR);
    request.oco = 0;
    request.trail = 5;
    assert_int_equal(at(ask(request))->denial, DENY_ORDER_FIELDS);
    request.trail = 0;
    memcpy(request.execution, "no", 3);
    assert_int_equal(at(ask(request))->denial, DENY_EXECUTION);
}

static void one_cancels_the_other(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t low, high;
    (void)state;
    request.limit_price = 9900;
    low = ask(request);
    request.limit_price = 9800;
    request.oco = low;
    high = ask(request);
    assert_int_equal(at(low)->oco, high);
    request.limit_price = 9700;
    assert_int_equal(at(ask(request))->denial, DENY_PAIR); /* it has one */
    rig_fill(&rig, low, "1", BUY, 4, 9900);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    assert_int_equal(sent()->order.order_id, high);
    assert_int_equal(sent()->order.qty, 6);
    rig_fill(&rig, low, "2", BUY, 6, 9900);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig_fill(&rig, high, "3", BUY, 10, 9800); /* it came too late */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "both filled, 20 of 10"));
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 20);
}

static void what_cannot_be_less_is_cancelled(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t one, other;
    (void)state;
    rig.engine->venues[0].caps.can &= ~TURRET_CAN_MODIFY;
    request.limit_price = 9900;
    one = ask(request);
    request.limit_price = 9800;
    request.oco = one;
    other = ask(request);
    rig_fill(&rig, one, "1", BUY, 1, 9900);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, other);
}

static void a_stopped_strategy_leaves_nothing_held(void **state)
{
    uint64_t entry = bracket(BUY, 10), parent, slice;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    slice = iceberg(&parent);
    rig_control(&rig, CONTROL_STOP_STRATEGY, 0, 0);
    is(child(entry, TURRET_ORDER_STOP), TURRET_STATE_CANCELED);
    is(child(entry, TURRET_ORDER_LIMIT), TURRET_STATE_CANCELED);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(rig.engine->watched_count, 0);
}

static void a_halt_says_what_is_unprotected(void **state)
{
    uint64_t entry = bracket(BUY, 10);
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_HALTED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0); /* there is no position yet */
    rig_control(&rig, CONTROL_TRADING_RESUME, TRADING_ALL, TRADING_ACTIVE);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_REDUCING);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0); /* they pass */
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_CANCEL_ONLY);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "2 protective orders that the host holds are not sent while this state "
                        "lasts: their positions are unprotected");
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_KILLED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "host holds are cancelled"));
    is(child(entry, TURRET_ORDER_STOP), TURRET_STATE_CANCELED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_iceberg_shows_one_slice_at_a_time),
        TEST(an_iceberg_ends_with_its_slice),
        TEST(a_changed_iceberg_goes_on_at_its_new_price),
        TEST(a_bracket_follows_what_filled),
        TEST(a_short_bracket_takes_its_profit),
        TEST(in_one_bar_the_stop_comes_first),
        TEST(a_trailing_bracket_starts_from_its_fill),
        TEST(exits_end_with_the_position),
        TEST(a_denied_exit_stays_whole),
        TEST(wrong_brackets_are_denied),
        TEST(one_cancels_the_other),
        TEST(what_cannot_be_less_is_cancelled),
        TEST(a_stopped_strategy_leaves_nothing_held),
        TEST(a_halt_says_what_is_unprotected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
