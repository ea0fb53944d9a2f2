/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what a kill or the stop of its strategy ended stays ended: no exit is followed by
 * another one, whatever its venue does meanwhile; what starts to work later is cancelled; and a
 * cancel that is refused is asked for again, later each time.
 */
#include "held_bench.h"

static void kill_all(void)
{
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_KILLED);
}

static uint32_t working(void)
{
    const struct order *order;
    uint32_t cursor = 0, count = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        count += order_is_working(order);
    return count;
}

/* A stop that was due and is at its venue; the other of a pair, a profit, if there is one. */
static uint64_t due_stop(turret_price profit)
{
    uint64_t stop = child(entered(BUY, 10, 9500, profit), TURRET_ORDER_STOP);
    trade(9400);
    return stop;
}

/* A profit that works at its venue and has to go, for the stop is due. */
static uint64_t dropped_profit(void)
{
    uint64_t profit = child(entered(BUY, 10, 9500, 10500), TURRET_ORDER_LIMIT);
    trade(10500);
    taken(profit);
    trade(9400);
    assert_int_equal(at(profit)->request, TURRET_REQUEST_PENDING_CANCEL);
    return profit;
}

static void none_follows(void)
{
    trade(10600);
    seconds_pass(100);
    assert_int_equal(working(), 0);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 10);
}

static void an_exit_refused_after_a_kill(void **state)
{
    uint64_t stop = due_stop(0);
    (void)state;
    kill_all();
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    none_follows();
    rig_control(&rig, CONTROL_TRADING_REVIVE, TRADING_ALL, TRADING_ACTIVE);
    none_follows();
}

static void an_exit_refused_after_a_stop(void **state)
{
    uint64_t stop = due_stop(0);
    (void)state;
    rig_control(&rig, CONTROL_STOP_STRATEGY, 0, 0);
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    none_follows();
}

static void a_profit_dropped_before_a_kill(void **state)
{
    uint64_t profit = dropped_profit();
    (void)state;
    kill_all();
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    none_follows();
}

static void a_profit_dropped_before_a_stop(void **state)
{
    uint64_t profit = dropped_profit();
    (void)state;
    rig_control(&rig, CONTROL_STOP_STRATEGY, 0, 0);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    none_follows();
}

/* Nor does its strategy's own cancel, which may be refused, make it one that is followed. */
static void a_strategys_cancel_after_a_kill(void **state)
{
    uint64_t profit = dropped_profit();
    (void)state;
    kill_all();
    cancels(profit);
    refuse(profit, TURRET_REQUEST_CANCEL);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    none_follows();
}

/* A venue refuses to cancel what it does not know yet. */
static void what_is_accepted_after(void (*end)(void))
{
    uint64_t id = rig_order(&rig, 0, BUY, 10, 9900);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    end();
    refuse(id, TURRET_REQUEST_CANCEL);
    assert_int_equal(count_of(COMMAND_CANCEL, id), 1);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    seconds_pass(2);
    assert_int_equal(count_of(COMMAND_CANCEL, id), 2);
}

static void what_is_accepted_after_a_kill(void **state)
{
    (void)state;
    what_is_accepted_after(kill_all);
}

static void stop_it(void)
{
    rig_control(&rig, CONTROL_STOP_STRATEGY, 0, 0);
}

static void what_is_accepted_after_a_stop(void **state)
{
    (void)state;
    what_is_accepted_after(stop_it);
}

static void lose_it(void)
{
    rig_control(&rig, CONTROL_FAULT_STRATEGY, 0, 1);
}

static void what_is_accepted_after_a_fault(void **state)
{
    (void)state;
    what_is_accepted_after(lose_it);
}

static void what_fills_after_it_was_refused(void **state)
{
    uint64_t id = rig_order(&rig, 0, BUY, 10, 9900);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    kill_all();
    assert_int_equal(count_of(COMMAND_CANCEL, id), 0);
    rig_fill(&rig, id, "a", BUY, 4, 9900);
    assert_int_equal(count_of(COMMAND_CANCEL, id), 1);
}

static void a_cancel_that_is_refused_again_and_again(void **state)
{
    uint64_t id = rig_order(&rig, 0, BUY, 10, 9900);
    uint32_t i;
    (void)state;
    taken(id);
    kill_all();
    for (i = 0; i < 600; i++) {
        rig.time += MONEY_NANO / 500; /* more than a second in all */
        if (at(id)->request == TURRET_REQUEST_PENDING_CANCEL)
            refuse(id, TURRET_REQUEST_CANCEL);
        rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    }
    assert_int_equal(count_of(COMMAND_CANCEL, id), 2);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_exit_refused_after_a_kill),    TEST(an_exit_refused_after_a_stop),
        TEST(a_profit_dropped_before_a_kill),  TEST(a_profit_dropped_before_a_stop),
        TEST(a_strategys_cancel_after_a_kill), TEST(what_is_accepted_after_a_kill),
        TEST(what_is_accepted_after_a_stop),   TEST(what_is_accepted_after_a_fault),
        TEST(what_fills_after_it_was_refused), TEST(a_cancel_that_is_refused_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
