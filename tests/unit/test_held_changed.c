/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an exit at its venue which its strategy changes is to close what it was changed to,
 * once that is in force, and what it was before as long as it is not.
 */
#include "held_bench.h"

static uint64_t stop;

/* Long 30; a stop of 10 of them is at the venue. */
static int open_stop(void **state)
{
    struct turret_order_request request;
    uint64_t entry;
    (void)set_up(state);
    hold(BUY, 20, "more");
    request = want(BUY, TURRET_ORDER_MARKET, 10);
    request.stop_loss = 9800;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    trade(9800);
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(at(stop)->whole, 10);
    return 0;
}

static void change_to(uint64_t id, turret_qty qty)
{
    assert_int_equal(turret_modify(rig.self[0], id, qty, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
}

static void answer(uint64_t id, uint32_t outcome)
{
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, at(id)->request_version, outcome);
}

static void ends(turret_qty qty, turret_qty filled, const char *text)
{
    rig_state_of(&rig, stop, TURRET_STATE_EXPIRED, qty, filled, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], text));
}

static void a_larger_one_leaves_more(void **state)
{
    (void)state;
    change_to(stop, 20);
    assert_int_equal(at(stop)->whole, 10);
    rig_state_of(&rig, stop, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(at(stop)->whole, 20);
    ends(20, 0, "; 20 of its position stay open without it");
}

static void a_smaller_one_leaves_less(void **state)
{
    (void)state;
    change_to(stop, 4);
    ends(4, 0, "; 4 of its position stay open without it"); /* that it is changed comes last */
}

static void one_that_is_not_changed_is_as_it_was(void **state)
{
    (void)state;
    change_to(stop, 20);
    answer(stop, TURRET_OUTCOME_REJECTED);
    assert_int_equal(at(stop)->whole, 10);
    ends(10, 0, "; 10 of its position stay open without it");
}

/* It fills beyond what it was before the venue says that it was changed. */
static void one_that_fills_as_changed_leaves_the_rest(void **state)
{
    (void)state;
    change_to(stop, 20);
    rig_fill(&rig, stop, "part", SELL, 15, 9800);
    assert_int_equal(at(stop)->whole, 20);
    ends(20, 15, "; 5 of its position stay open without it");
}

static void one_that_is_no_exit_is_to_close_nothing(void **state)
{
    uint64_t id = rig_order(&rig, 0, SELL, 1, 10500);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    change_to(id, 2);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 2, 0, 0);
    answer(id, TURRET_OUTCOME_OK);
    assert_int_equal(at(id)->qty, 2);
    change_to(id, 4);
    rig_fill(&rig, id, "three", SELL, 3, 10500);
    assert_int_equal(at(id)->qty, 4);
    assert_int_equal(at(id)->whole, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stop, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_larger_one_leaves_more),
        TEST(a_smaller_one_leaves_less),
        TEST(one_that_is_not_changed_is_as_it_was),
        TEST(one_that_fills_as_changed_leaves_the_rest),
        TEST(one_that_is_no_exit_is_to_close_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
