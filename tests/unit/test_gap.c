/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what goes out is held against what was asked for: an order that leaves twice, one
 * that nobody asked for, changes, exits and parts of more than there is to ask for halt their
 * strategy, to the unit; and that nothing a venue does of its own halts anything: late changes,
 * larger or smaller orders, overfills, cancels and executions that are taken back.
 */
#include "gap_case.h"

/* ---- what is one too many ---- */

static void a_second_sending_halts(void **state)
{
    uint64_t id = rig_order(&rig, ASKS, TURRET_SIDE_BUY, 100, 9900);
    uint32_t before = rig.notices[NOTICE_ALARM];
    (void)state;
    all_trade();
    engine_command(rig.engine, COMMAND_SUBMIT, order_of(id)); /* as broken code would */
    halted("sent once more: 200 out, 100 asked for");
    assert_int_equal(rig.notices[NOTICE_ALARM], before + 1);
    assert_false(engine_may_send(rig.engine, id)); /* what still waits does not leave */
    assert_int_equal(denial_of(rig_order(&rig, ASKS, TURRET_SIDE_BUY, 20, 0)), DENY_TRADING_STATE);
    assert_int_equal(trading_state_of(WORKS), TRADING_ACTIVE);
}

static void an_order_nobody_asked_for_halts(void **state)
{
    (void)state;
    held_send(rig.engine, made_up(ORDER_OWN, TURRET_SIDE_BUY, 20), NULL);
    halted("more than asked for: 20 out, 0 asked for");
}

static void one_that_grew_on_its_way_halts(void **state)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_BUY, 100, 9900);
    uint64_t id;
    (void)state;
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET;
    request.type = TURRET_ORDER_STOP;
    request.limit_price = 0;
    request.stop_price = 10100;
    id = asks(ASKS, &request);
    assert_int_equal(state_of(id), TURRET_STATE_HELD);
    held_set_qty(rig.engine, order_of(id), 101);
    rig_bar(&rig, rig.instrument[0], 10100);
    assert_int_equal(state_of(id), TURRET_STATE_SENT);
    halted("101 out, 100 asked for");
}

static void a_change_to_more_than_asked_for_halts(void **state)
{
    uint64_t id = buys(100);
    struct order more;
    (void)state;
    changes(ASKS, id, 150, 0);
    all_trade();
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 150, 0, 0);
    answered(id, TURRET_OUTCOME_OK);
    more = *order_of(id);
    more.qty = 150;
    engine_command(rig.engine, COMMAND_MODIFY, &more); /* as it is: asks for nothing */
    all_trade();
    more.qty = 151;
    engine_command(rig.engine, COMMAND_MODIFY, &more);
    halted("changed to more than asked for: 151 out, 150 asked for");
}

static void a_change_nobody_asked_for_halts(void **state)
{
    uint64_t id = buys(100);
    struct order more;
    (void)state;
    changes(ASKS, id, 50, 0);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 50, 0, 0);
    more = *order_of(id);
    more.qty = 60; /* no more than was sent once, and nobody asked for it again */
    engine_command(rig.engine, COMMAND_MODIFY, &more);
    halted("60 out, 50 asked for");
}

static void an_exit_of_more_than_there_is_halts(void **state)
{
    uint64_t id = buys(100);
    struct order *exit;
    (void)state;
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 100, 9900);
    exit = made_up(ORDER_EXIT, TURRET_SIDE_SELL, 100);
    held_send(rig.engine, exit, NULL);
    all_trade();
    rig_state_of(&rig, exit->id, TURRET_STATE_CANCELED, 100, 0, 0);
    held_send(rig.engine, made_up(ORDER_EXIT, TURRET_SIDE_SELL, 101), NULL);
    halted("101 out, 100 asked for");
}

static void an_exit_of_nothing_halts(void **state)
{
    uint64_t id = rig_order(&rig, ASKS, TURRET_SIDE_SELL, 10, 0);
    (void)state;
    rig_fill(&rig, id, "1", TURRET_SIDE_SELL, 10, 10000);
    held_send(rig.engine, made_up(ORDER_EXIT, TURRET_SIDE_SELL, 1), NULL); /* more of the short */
    halted("more than asked for: 1 out, 0 asked for");
}

static void parts_of_more_than_their_parent_halt(void **state)
{
    uint64_t parent = parent_of(100, 9900);
    (void)state;
    (void)part_of(parent, 40, 9900);
    held_send(rig.engine, made_up_part(parent, 60), NULL); /* the last unit */
    all_trade();
    assert_int_equal(sending_of(parent)->out, 100);
    held_send(rig.engine, made_up_part(parent, 1), NULL);
    halted("parts of more than their parent: 101 out, 100 asked for");
    rig.engine->trading.count = 0; /* a person lifts it */
    held_send(rig.engine, made_up_part(parent, 1), NULL);
    halted("101 out, 100 asked for"); /* each one too many is told */
}

/* The books of the parent forget what was filled, as in the case this is named after. */
static void fills_that_are_not_counted_halt(void **state)
{
    uint64_t parent = parent_of(100, 9900), part;
    uint32_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        char execution[8];
        (void)snprintf(execution, sizeof execution, "%u", i);
        all_trade();
        part = part_of(parent, 60, 9900);
        assert_int_equal(denial_of(part), DENY_NONE);
        rig_fill(&rig, part, execution, TURRET_SIDE_BUY, 60, 9900);
        order_reserve(rig.engine, order_of(parent), -1);
        order_of(parent)->filled_qty = 0;
        order_reserve(rig.engine, order_of(parent), 1);
    }
    halted("parts of more than their parent: 120 out, 100 asked for");
}

static void a_part_of_nothing_halts(void **state)
{
    (void)state;
    held_send(rig.engine, made_up_part(0, 10), NULL);
    halted("a part of nothing: 10 out, 0 asked for");
}

/* Numbers as a snapshot may have them: the sum does not begin anew below nothing. */
static void numbers_at_their_end_halt(void **state)
{
    uint64_t parent = parent_of(100, 9900);
    (void)state;
    gap_of(rig.engine, order_of(parent))->out = INT64_MAX;
    held_send(rig.engine, made_up_part(parent, 1), NULL);
    halted("parts of more than their parent: 9223372036854775807 out, 100 asked for");
}

/* Nothing leaves that is not in the books; so nothing of it is counted. */
static void what_is_not_in_the_books_counts_nothing(void **state)
{
    struct order lost = *order_of(buys(100));
    (void)state;
    lost.id += 77;
    engine_command(rig.engine, COMMAND_SUBMIT, &lost);
    assert_false(engine_may_send(rig.engine, lost.id));
    all_trade();
}

/* ---- what venues do ---- */

static void a_change_to_less_may_be_too_late(void **state)
{
    uint64_t id = buys(100);
    (void)state;
    changes(ASKS, id, 50, 0);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 50, 0, 0);
    answered(id, TURRET_OUTCOME_OK);
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 100, 9900); /* it had filled before */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "filled 100 of 50"));
    all_trade();
    id = buys(100);
    changes(ASKS, id, 50, 0);
    answered(id, TURRET_OUTCOME_REJECTED); /* it keeps its 100 */
    changes(ASKS, id, 0, 9890);
    assert_int_equal(rig.commands[rig.command_count - 1].order.qty, 100);
    all_trade();
}

static void a_venue_may_enlarge_an_order(void **state)
{
    uint64_t id = buys(100);
    uint32_t before = rig.notices[NOTICE_ALARM];
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 150, 0, 0);
    changes(ASKS, id, 0, 9890); /* goes on with what it has there */
    assert_int_equal(rig.commands[rig.command_count - 1].order.qty, 150);
    answered(id, TURRET_OUTCOME_OK);
    changes(ASKS, id, 140, 0);
    answered(id, TURRET_OUTCOME_OK);
    held_reduce(rig.engine, order_of(id), 10, "less");
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 150, 9890);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 150, 150, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], before);
    all_trade();
}

static void an_overfill_is_told_and_halts_nothing(void **state)
{
    uint64_t id = buys(100);
    (void)state;
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 110, 9900);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "filled 110 of 100"));
    all_trade();
    assert_int_equal(denial_of(rig_order(&rig, ASKS, TURRET_SIDE_BUY, 20, 0)), DENY_NONE);
    all_trade();
}

static void an_order_that_was_kept_back_is_not_sent_twice(void **state)
{
    uint64_t id = buys(100);
    struct order *exit;
    (void)state;
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 100, 9900);
    held_close(rig.engine, &rig.engine->strategies[ASKS], rig.instrument[0], INT64_MAX,
               "held too long");
    rig_turn(&rig);
    exit = order_of(rig.last_order.id);
    assert_int_equal(exit->state, TURRET_STATE_SENT);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_DEADLINE, (int64_t)exit->id);
    assert_int_equal(exit->state, TURRET_STATE_HELD);
    rig.time += HELD_AGAIN_NS;
    rig_turn(&rig);
    assert_int_equal(exit->state, TURRET_STATE_SENT); /* and it may leave again */
    all_trade();
}

/* ---- what comes back to a parent ---- */

static void what_a_part_did_not_fill_is_sent_again(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 100);
    (void)state;
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 30, 9900);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 100, 30, 0);
    assert_int_equal(sending_of(parent)->out, 30);
    part = part_of(parent, 70, 9900);
    rig_ack(&rig, part, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(sending_of(parent)->out, 30);
    part = part_of(parent, 70, 9900);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_DEADLINE, (int64_t)part);
    assert_int_equal(sending_of(parent)->out, 30);
    part = working_part(parent, 70);
    rig_fill(&rig, part, "2", TURRET_SIDE_BUY, 70, 9900);
    assert_int_equal(state_of(parent), TURRET_STATE_FILLED);
    all_trade();
}

static void a_late_fill_of_a_part_halts_nothing(void **state)
{
    uint64_t parent = parent_of(100, 9900), first = working_part(parent, 50), part;
    (void)state;
    rig_state_of(&rig, first, TURRET_STATE_CANCELED, 50, 0, 0);
    (void)working_part(parent, 70);
    rig_fill(&rig, first, "1", TURRET_SIDE_BUY, 30, 9900); /* was on its way */
    assert_int_equal(denial_of(part_of(parent, 1, 9900)), DENY_PARENT);
    rig_fill(&rig, first, "2", TURRET_SIDE_BUY, 20, 9900);
    all_trade(); /* 20 too many, and not by us */
    changes(ASKS, parent, 150, 0);
    part = part_of(parent, 30, 9900);
    assert_int_equal(denial_of(part), DENY_NONE);
    all_trade();
}

static void a_part_made_smaller_by_its_venue_gives_back(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 100);
    (void)state;
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 60, 0, 0);
    (void)working_part(parent, 40);
    assert_int_equal(sending_of(parent)->out, 100);
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 100, 9900); /* the venue's own doing */
    all_trade();
}

/* Each parent has its own numbers, also when they are looked at once more. */
static void parts_give_back_to_their_own_parent(void **state)
{
    uint64_t other = parent_of(100, 9900), parent, part;
    (void)state;
    part = working_part(other, 60);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 50, 0, 0);
    assert_int_equal(sending_of(other)->out, 60); /* nobody was told */
    parent = parent_of(100, 9900);
    part = working_part(parent, 100);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 60, 0, 0);
    (void)working_part(parent, 40);
    assert_int_equal(sending_of(parent)->out, 100);
    assert_int_equal(sending_of(other)->out, 60);
}

/* To what it was when it left: no more is out than before. */
static void a_part_changed_back_adds_nothing(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    (void)state;
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 40, 0, 0); /* by the venue */
    changes(WORKS, part, 60, 0);
    assert_int_equal(rig.commands[rig.command_count - 1].order.qty, 60);
    assert_int_equal(sending_of(parent)->out, 60);
    answered(part, TURRET_OUTCOME_OK);
    (void)working_part(parent, 40);
    all_trade();
}

static void changes_of_a_part_count_by_what_they_add(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    struct order more;
    (void)state;
    changes(WORKS, part, 100, 0);
    assert_int_equal(sending_of(parent)->out, 100);
    answered(part, TURRET_OUTCOME_REJECTED);
    (void)working_part(parent, 40);
    all_trade();
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 70, 0, 0); /* larger, by the venue */
    changes(ASKS, parent, 110, 0);
    changes(WORKS, part, 70, 9890);
    all_trade();
    answered(part, TURRET_OUTCOME_OK);
    more = *order_of(part);
    more.qty = 71;
    engine_command(rig.engine, COMMAND_MODIFY, &more);
    halted("parts of more than their parent: 111 out, 110 asked for");
}

static void an_execution_taken_back_is_asked_for_again(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    struct event bust = rig_event(&rig, EVENT_BUST);
    (void)state;
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 60, 9900);
    bust.venue = 0;
    memcpy(bust.u.bust.execution_id, "1", 2);
    engine_ingest(rig.engine, &bust);
    assert_int_equal(sending_of(parent)->out, 0);
    (void)working_part(parent, 100);
    held_send(rig.engine, made_up_part(parent, 1), NULL);
    halted("101 out, 100 asked for");
}

static void new_units_halt_nothing(void **state)
{
    uint64_t parent = parent_of(99, 9900), part = working_part(parent, 33), own = buys(10);
    (void)state;
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 7, 9900);
    split(3, 2);
    assert_int_equal(order_of(parent)->qty, 148);
    assert_int_equal(sending_of(parent)->asked, 148);
    assert_int_equal(sending_of(own)->asked, 15);
    assert_int_equal(sending_of(own)->out, 15);
    (void)part_of(parent, order_leaves(order_of(parent)), 6600);
    all_trade();
    held_send(rig.engine, made_up_part(parent, 100), NULL);
    halted("asked for");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_second_sending_halts),
        CASE(an_order_nobody_asked_for_halts),
        CASE(one_that_grew_on_its_way_halts),
        CASE(a_change_to_more_than_asked_for_halts),
        CASE(a_change_nobody_asked_for_halts),
        CASE(an_exit_of_more_than_there_is_halts),
        CASE(an_exit_of_nothing_halts),
        CASE(parts_of_more_than_their_parent_halt),
        CASE(fills_that_are_not_counted_halt),
        CASE(a_part_of_nothing_halts),
        CASE(numbers_at_their_end_halt),
        CASE(what_is_not_in_the_books_counts_nothing),
        CASE(a_change_to_less_may_be_too_late),
        CASE(a_venue_may_enlarge_an_order),
        CASE(an_overfill_is_told_and_halts_nothing),
        CASE(an_order_that_was_kept_back_is_not_sent_twice),
        CASE(what_a_part_did_not_fill_is_sent_again),
        CASE(a_late_fill_of_a_part_halts_nothing),
        CASE(a_part_made_smaller_by_its_venue_gives_back),
        CASE(parts_give_back_to_their_own_parent),
        CASE(a_part_changed_back_adds_nothing),
        CASE(changes_of_a_part_count_by_what_they_add),
        CASE(an_execution_taken_back_is_asked_for_again),
        CASE(new_units_halt_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
