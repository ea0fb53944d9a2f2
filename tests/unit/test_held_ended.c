/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an exit which ends at its venue before its position is told with what stays open,
 * once; that one which the host took back is followed by a new one for what is left, in its pair;
 * and that nothing follows, and nothing is told, where nothing is left to close.
 */
#include "held_bench.h"

static uint64_t entry, stop, profit;

/* Long 10 from 100.00, a stop at 98.00. */
static void bracket(turret_price take_profit)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    request.stop_loss = 9800;
    request.take_profit = take_profit;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
}

static void works(uint64_t id)
{
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    is(id, TURRET_STATE_ACCEPTED);
}

static void closes(turret_qty qty)
{
    uint64_t id = rig_order(&rig, 0, SELL, qty, 0);
    char execution[24];
    (void)snprintf(execution, sizeof execution, "closed%lld", (long long)qty);
    rig_fill(&rig, id, execution, SELL, qty, 9800);
}

static void told(const char *text)
{
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], text));
}

static void one_that_expires_is_told(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    rig_fill(&rig, stop, "part", SELL, 3, 9800);
    rig_state_of(&rig, stop, TURRET_STATE_EXPIRED, 10, 3, 0);
    told("an exit, is EXPIRED: ");
    told("; 7 of its position stay open without it");
    trade(9000);
    rig_fill(&rig, stop, "late", SELL, 2, 9800); /* a late fill has an alarm of its own */
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "filled 2 after that"));
}

static void one_that_its_venue_cancels_is_told(void **state)
{
    (void)state;
    bracket(10300);
    trade(9800);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    told("; 10 of its position stay open without it");
    is(profit, TURRET_STATE_HELD);
}

/* ---- by its strategy ---- */

static void let_go_of(uint64_t id)
{
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
}

static void one_that_its_strategy_cancels_is_no_alarm(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    let_go_of(stop);
    rig_ack(&rig, stop, TURRET_REQUEST_CANCEL, at(stop)->request_version, TURRET_OUTCOME_OK);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG],
                           ", an exit, is CANCELED: its strategy cancelled it; 10 of its "
                           "position stay open without it"));
}

/* The cancel was refused: who ends it later is not its strategy. */
static void one_that_was_not_let_go_is_told(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    let_go_of(stop);
    rig_ack(&rig, stop, TURRET_REQUEST_CANCEL, at(stop)->request_version, TURRET_OUTCOME_REJECTED);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    told(", an exit, is CANCELED; 10 of its position stay open without it");
    assert_int_equal(rig.notices[NOTICE_LOG], 0);
}

static void one_that_its_strategy_cancels_ends_as_it_may(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    let_go_of(stop);
    rig_state_of(&rig, stop, TURRET_STATE_EXPIRED, 10, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "is EXPIRED: its strategy cancelled it"));
}

/* The host took it back, and its strategy wants none. */
static void one_that_was_let_go_is_not_followed(void **state)
{
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    bracket(0);
    trade(9800);
    works(stop);
    closes(4);
    let_go_of(stop);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(child(entry, TURRET_ORDER_MARKET), stop);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "; 6 of its position stay open"));
}

/* Its stop is due and goes for it: nothing stays open. */
static void one_that_was_let_go_for_its_stop_is_not_told(void **state)
{
    (void)state;
    bracket(10300);
    trade(10300);
    works(profit);
    trade(9800);
    let_go_of(profit);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sent()->order.order_id, stop);
    assert_int_equal(rig.notices[NOTICE_ALARM] + rig.notices[NOTICE_LOG], 0);
}

/* It ends in the event in which its strategy asks. */
static void one_that_had_ended_was_not_let_go(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    assert_int_equal(turret_cancel(rig.self[0], stop), TURRET_OK);
    rig_fill(&rig, stop, "all", SELL, 10, 9800);
    is(stop, TURRET_STATE_FILLED);
    assert_int_equal(at(stop)->let_go, 0);
}

/* No more than there is. */
static void what_was_closed_is_not_told(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    closes(10);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* Nor when it fills late, and there is another position by then. */
static void one_that_ended_is_not_told_later(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    closes(10);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    hold(BUY, 20, "another");
    rig_fill(&rig, stop, "late", SELL, 2, 9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* of the late fill itself */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "filled 2 after that"));
    assert_int_equal(rig.engine->watched_count, 0);
}

/* A venue that changes nothing: the exit is cancelled, and the rest goes with a new one. */
static void one_that_is_too_large_is_followed(void **state)
{
    uint64_t next;
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    bracket(0);
    trade(9800);
    works(stop);
    closes(4);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    closes(1); /* while the cancel is under way */
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    next = sent()->order.order_id;
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_true(next > stop);
    is(next, TURRET_STATE_SENT);
    assert_int_equal(at(next)->qty, 5);
    assert_int_equal(at(next)->type, TURRET_ORDER_MARKET);
    assert_int_equal(at(next)->parent, entry);
    assert_true(at(next)->flags & TURRET_ORDER_REDUCE_ONLY);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig_fill(&rig, next, "exit", SELL, 5, 9700);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
    is(next, TURRET_STATE_FILLED);
}

static void one_that_is_not_made_less_is_followed(void **state)
{
    (void)state;
    bracket(0);
    trade(9800);
    works(stop);
    closes(4);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    rig_ack(&rig, stop, TURRET_REQUEST_MODIFY, at(stop)->request_version, TURRET_OUTCOME_REJECTED);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_true(sent()->order.order_id > stop);
    assert_int_equal(sent()->order.qty, 6);
}

/* A profit follows as a profit, of the same pair. */
static void a_profit_is_followed_in_its_pair(void **state)
{
    uint64_t next;
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    bracket(10300);
    trade(10300);
    works(profit);
    closes(4);
    trade(10200);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    next = child(entry, TURRET_ORDER_LIMIT);
    assert_true(next > profit);
    is(next, TURRET_STATE_HELD);
    assert_int_equal(at(next)->qty, 6);
    assert_int_equal(at(next)->limit_price, 10300);
    assert_int_equal(at(next)->oco, stop);
    assert_int_equal(at(stop)->oco, next);
    trade(10200);
    is(next, TURRET_STATE_HELD);
    trade(10300);
    is(next, TURRET_STATE_SENT);
    rig_fill(&rig, next, "exit", SELL, 6, 10300);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* Its stop is due: that one closes. */
static void a_profit_that_went_for_its_stop_is_not_followed(void **state)
{
    (void)state;
    bracket(10300);
    trade(10300);
    works(profit);
    trade(9800);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sent()->order.order_id, stop);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), profit);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* Of a position of 100 the bracket is 10: its profit ended and fills 3 late, its stop is taken back
   for that. Answers the one that follows. */
static uint64_t followed(void)
{
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    hold(BUY, 90, "1");
    bracket(10300);
    trade(10300);
    works(profit);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    trade(9800);
    works(stop);
    rig_fill(&rig, profit, "late", SELL, 3, 10300);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    return sent()->order.order_id;
}

/* What follows is no more than the bracket's rest. */
static void what_follows_is_no_more_than_its_pair_left(void **state)
{
    (void)state;
    (void)followed();
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 7);
}

/* ---- one that was followed fills late ---- */

static void a_late_fill_is_off_what_follows(void **state)
{
    uint64_t next = followed(), last;
    uint32_t alarms = rig.notices[NOTICE_ALARM];
    (void)state;
    works(next);
    rig_fill(&rig, stop, "late too", SELL, 2, 9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1); /* of the late fill itself */
    assert_int_equal(sent()->kind, COMMAND_CANCEL);          /* a venue that makes nothing less */
    assert_int_equal(sent()->order.order_id, next);
    rig_state_of(&rig, next, TURRET_STATE_CANCELED, 7, 0, 0);
    last = sent()->order.order_id;
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 5); /* 3 and 2 are closed */
    works(last);
    rig_fill(&rig, next, "latest", SELL, 1, 9800);
    rig_fill(&rig, stop, "latest of all", SELL, 1, 9800); /* two before it */
    assert_int_equal(sent()->order.order_id, last);
    rig_state_of(&rig, last, TURRET_STATE_CANCELED, 5, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 3);
    rig_fill(&rig, profit, "and the other", SELL, 1, 10300);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 92);
}

static void a_late_fill_that_leaves_nothing_ends_what_follows(void **state)
{
    uint64_t next = followed();
    (void)state;
    works(next);
    rig_fill(&rig, stop, "late too", SELL, 7, 9800);
    assert_int_equal(sent()->order.order_id, next);
    rig_state_of(&rig, next, TURRET_STATE_CANCELED, 7, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_CANCEL); /* and none follows */
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 90);
}

/* The fill comes when the other has filled as well: there is no going back, it is told. */
static void a_late_fill_that_comes_too_late_is_told(void **state)
{
    uint64_t next = followed();
    uint32_t alarms;
    (void)state;
    works(next);
    rig_fill(&rig, next, "all", SELL, 7, 9800);
    alarms = rig.notices[NOTICE_ALARM];
    rig_fill(&rig, stop, "late too", SELL, 4, 9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "the cancel came too late; booked"));
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 86);
}

/* One that waits at the host, and the stop of its pair: both are less, at once. */
static void a_late_fill_is_off_a_whole_pair(void **state)
{
    uint64_t next;
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    bracket(10300);
    trade(10300);
    works(profit);
    closes(4);
    trade(10200);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    next = child(entry, TURRET_ORDER_LIMIT);
    hold(BUY, 90, "more"); /* it is no more the position that says how much */
    assert_int_equal(at(next)->qty, 6);
    rig_fill(&rig, profit, "late", SELL, 2, 10300);
    assert_int_equal(at(next)->qty, 4);
    assert_int_equal(at(stop)->qty, 4);
}

/* The pair and the position both say that it is less: it is made less once, not cancelled. */
static void it_is_made_less_once(void **state)
{
    (void)state;
    bracket(10300);
    trade(10300);
    works(profit);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    trade(9800);
    works(stop);
    rig_fill(&rig, profit, "late", SELL, 3, 10300);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    assert_int_equal(sent()->order.qty, 7);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_PENDING_MODIFY);
    closes(1); /* it is too large all the same, and a change is under way */
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
}

/* The slot of the one that ended is the only one left: it is given to the one that follows. */
static void a_full_table_has_its_slot(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 1);
    uint32_t working = 0;
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    bracket(0);
    trade(9800);
    works(stop);
    closes(4);
    request.limit_price = 9000;
    while (working < rig.engine->options.orders_max - 1)
        working += at(ask(request))->state == TURRET_STATE_SENT;
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 6);
}

/* Nobody but the host has it; only what was filled is booked, whoever tells it. */
static void what_a_venue_tells_of_a_held_one_is_not_believed(void **state)
{
    uint64_t held = child(entered(BUY, 10, 9500, 0), TURRET_ORDER_STOP);
    const struct order before = *at(held);
    (void)state;
    rig_state_of(&rig, held, TURRET_STATE_ACCEPTED, 3, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "which the host holds and did not send"));
    rig_state_of(&rig, held, TURRET_STATE_CANCELED, 10, 0, 0);
    rig_ack(&rig, held, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_ack(&rig, held, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_memory_equal(at(held), &before, sizeof before);
    rig_fill(&rig, held, "theirs", SELL, 10, 9500);
    is(held, TURRET_STATE_FILLED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_venue_tells_of_a_held_one_is_not_believed),
        TEST(one_that_expires_is_told),
        TEST(one_that_its_venue_cancels_is_told),
        TEST(one_that_its_strategy_cancels_is_no_alarm),
        TEST(one_that_was_not_let_go_is_told),
        TEST(one_that_its_strategy_cancels_ends_as_it_may),
        TEST(one_that_was_let_go_is_not_followed),
        TEST(one_that_was_let_go_for_its_stop_is_not_told),
        TEST(one_that_had_ended_was_not_let_go),
        TEST(what_was_closed_is_not_told),
        TEST(one_that_ended_is_not_told_later),
        TEST(one_that_is_too_large_is_followed),
        TEST(one_that_is_not_made_less_is_followed),
        TEST(a_profit_is_followed_in_its_pair),
        TEST(a_profit_that_went_for_its_stop_is_not_followed),
        TEST(what_follows_is_no_more_than_its_pair_left),
        TEST(a_late_fill_is_off_what_follows),
        TEST(a_late_fill_that_leaves_nothing_ends_what_follows),
        TEST(a_late_fill_that_comes_too_late_is_told),
        TEST(a_late_fill_is_off_a_whole_pair),
        TEST(it_is_made_less_once),
        TEST(a_full_table_has_its_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
