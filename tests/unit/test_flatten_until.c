/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that flatten goes on until nothing is held: what its own cancels leave, what one order may
 * not be at once, what an exit does not stand for any more; on both sides of an account, out of
 * HALTED and KILLED, against a venue that refuses and a strategy that will not have it.
 */
#include "flatten_bench.h"

/* What is closed here waits for what its cancel leaves, and goes on with the rest. */
static void its_own_closing_orders_give_way(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 100);
    (void)rests(SELL, 90, 10500);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(rig.commands[before].kind, COMMAND_CANCEL);
    venues_do_it(before);
    nothing_is_left(0);
}

static void one_that_fills_in_the_meantime_is_taken_off(void **state)
{
    uint64_t own;
    uint32_t before;
    (void)state;
    hold(0, 0, 100);
    own = rests(SELL, 90, 10500);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    fill_of(own, 90);
    venues_do_it(before);
    nothing_is_left(0);
}

static void a_stop_that_was_set_off_does_not_stand_for_all(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, 10, 0);
    uint32_t before;
    uint64_t entry;
    (void)state;
    request.stop_loss = 9900;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    fill_of(entry, 10);
    request.qty = 90;
    request.stop_loss = 9000;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    fill_of(entry, 90);
    rig_bar(&rig, rig.instrument[0], 9890); /* the first stop goes to its venue */
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    venues_do_it(before);
    nothing_is_left(0);
}

/* An older exit of less, whose fate is not known, stands for no more than itself. */
static void an_older_exit_stands_for_what_it_closes(void **state)
{
    uint64_t older;
    uint32_t before;
    (void)state;
    hold(0, 0, 20);
    flatten(TRADING_STRATEGY, "a0");
    older = rig.commands[rig.command_count - 1].order.order_id;
    rig_ack(&rig, older, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    decide(CONTROL_TRADING_RESUME, TRADING_STRATEGY, "a0", TRADING_ACTIVE);
    hold(0, 0, 80);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(closed(before, 0, 0), -80);
    venues_do_it(before);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 20);
    fill_of(older, 20);
    nothing_is_left(0);
}

/* What filled of it closes nothing any more. */
static void an_older_exit_stands_for_what_is_left_of_it(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 20);
    flatten(TRADING_STRATEGY, "a0");
    fill_of(rig.commands[rig.command_count - 1].order.order_id, 5);
    decide(CONTROL_TRADING_RESUME, TRADING_STRATEGY, "a0", TRADING_ACTIVE);
    hold(0, 0, 80);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(closed(before, 0, 0), -80);
}

/* Each closes its own, whatever that does to the account's position, also with a loss latched. */
static void opposite_positions_are_both_closed(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 20);
    hold(1, 0, -150);
    rig.engine->account_stopped_by_loss[rig.engine->instruments[rig.instrument[0]].account] = true;
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    venues_do_it(before);
    nothing_is_left(0);
    assert_int_equal(rig_own(&rig, 1, 0)->qty, -150);
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    venues_do_it(before);
    nothing_is_left(1);
}

static void more_than_one_order_may_be_goes_in_parts(void **state)
{
    uint32_t before, limit;
    for (limit = 0; limit < 3; limit++) {
        if (limit > 0)
            (void)open_two(state);
        hold(0, 0, 80);
        if (limit == 0)
            rig.engine->instruments[rig.instrument[0]].def.max_qty = 33;
        else if (limit == 1)
            rig.engine->options.risk.max_order_qty_nano = 33 * MONEY_NANO;
        else
            rig.engine->strategies[0].limits.max_order_qty_nano = 33 * MONEY_NANO;
        before = rig.command_count;
        flatten(TRADING_STRATEGY, "a0");
        assert_int_equal(closed(before, 0, 0), -33);
        flatten(TRADING_STRATEGY, "a0"); /* others follow it */
        assert_int_equal(working_exits(), 1);
        venues_do_it(before);
        nothing_is_left(0);
        assert_int_equal(rig.command_count, before + 3);
        if (limit < 2)
            (void)close_two(state);
    }
}

/* Its strategy may be what has to be stopped. */
static void its_strategy_cannot_touch_the_exit(void **state)
{
    uint32_t before;
    uint64_t exit;
    (void)state;
    hold(0, 0, 100);
    flatten(TRADING_STRATEGY, "a0");
    exit = rig.commands[rig.command_count - 1].order.order_id;
    rig_state_of(&rig, exit, TURRET_STATE_ACCEPTED, 100, 0, 0);
    before = rig.command_count;
    (void)turret_cancel(rig.self[0], exit);
    rig_turn(&rig);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "is the host's (a person makes it flat)"));
    (void)turret_modify(rig.self[0], exit, 1, 0, 0);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, before);
    fill_of(exit, 100);
    nothing_is_left(0);
}

/* An entry whose cancel the venue refuses is cancelled again until it ends. */
static void a_refused_cancel_is_asked_for_again(void **state)
{
    uint64_t entry = rests(BUY, 50, 9900);
    uint32_t before = rig.command_count, i;
    (void)state;
    flatten(TRADING_STRATEGY, "a0");
    rig_ack(&rig, entry, TURRET_REQUEST_CANCEL, engine_order(rig.engine, entry)->request_version,
            TURRET_OUTCOME_REJECTED);
    assert_int_equal(cancels_since(before), 1);
    for (i = 0; i < 5; i++)
        rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(cancels_since(before) > 1);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_ALARM], "asked for again: its strategy is made flat"));
    ended(entry);
    nothing_is_left(0);
}

/* What states it leaves: HALTED with either word, KILLED with its own; then nothing happens. */
static void killed_is_left_by_its_own_word_only(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_KILLED);
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    assert_int_equal(rig.command_count, before);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_KILLED);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "nothing is made flat"));
    decide(CONTROL_FLATTEN_KILLED, TRADING_ALL, "", TRADING_REDUCING);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_REDUCING);
    assert_int_equal(closed(before, 0, 0), -5);
    venues_do_it(before);
    nothing_is_left(0);
}

static void halted_is_left(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "a0", TRADING_HALTED);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(engine_trading_state(rig.engine, TRADING_STRATEGY, "a0"), TRADING_REDUCING);
    venues_do_it(before);
    nothing_is_left(0);
}

/* What waits because another scope is halted is not begun twice, and goes when that is lifted. */
static void a_second_word_while_it_waits_adds_nothing(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue0", TRADING_HALTED);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(rig.command_count, before);
    assert_int_equal(working_exits(), 1);
    decide(CONTROL_TRADING_RESUME, TRADING_VENUE, "venue0", TRADING_ACTIVE);
    venues_do_it(before);
    nothing_is_left(0);
}

/* The kill switch cancels an exit, too: one that is being cancelled stands for nothing. */
static void an_exit_that_was_killed_is_followed(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 10);
    flatten(TRADING_ALL, "");
    before = rig.command_count;
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_KILLED);
    assert_int_equal(cancels_since(before), 1);
    decide(CONTROL_FLATTEN_KILLED, TRADING_ALL, "", TRADING_REDUCING);
    assert_int_equal(working_exits(), 2);
    venues_do_it(before);
    nothing_is_left(0);
}

/* Its venue would not make it less: it goes, and stands for nothing either. */
static void an_exit_that_has_to_go_is_followed(void **state)
{
    uint32_t before;
    uint64_t exit;
    (void)state;
    hold(0, 0, 10);
    flatten(TRADING_ALL, "");
    exit = rig.commands[rig.command_count - 1].order.order_id;
    order_table_find(rig.engine->orders, exit)->unwanted = HELD_UNWANTED;
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    assert_int_equal(working_exits(), 2);
    assert_int_equal(cancels_since(before), 1);
    venues_do_it(before);
    nothing_is_left(0);
}

/* A stop on its way that never left does not come back beside what closes now. */
static void a_stop_that_never_left_ends(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, 10, 0);
    uint64_t entry, stop;
    uint32_t before;
    (void)state;
    request.stop_loss = 9900;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    fill_of(entry, 10);
    rig_bar(&rig, rig.instrument[0], 9890);
    stop = rig.commands[rig.command_count - 1].order.order_id;
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    rig_ack(&rig, stop, TURRET_REQUEST_CANCEL, engine_order(rig.engine, stop)->request_version,
            TURRET_OUTCOME_REJECTED);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_NOT_SENT, (int64_t)stop);
    assert_int_equal(engine_order(rig.engine, stop)->state, TURRET_STATE_REJECTED);
    rig_turn(&rig);
    assert_int_equal(closed(before, 0, 0), -10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRADING_TEST(its_own_closing_orders_give_way),
        TRADING_TEST(one_that_fills_in_the_meantime_is_taken_off),
        TRADING_TEST(a_stop_that_was_set_off_does_not_stand_for_all),
        TRADING_TEST(an_older_exit_stands_for_what_it_closes),
        TRADING_TEST(an_older_exit_stands_for_what_is_left_of_it),
        TRADING_TEST(opposite_positions_are_both_closed),
        TRADING_TEST(more_than_one_order_may_be_goes_in_parts),
        TRADING_TEST(its_strategy_cannot_touch_the_exit),
        TRADING_TEST(a_refused_cancel_is_asked_for_again),
        TRADING_TEST(killed_is_left_by_its_own_word_only),
        TRADING_TEST(halted_is_left),
        TRADING_TEST(a_second_word_while_it_waits_adds_nothing),
        TRADING_TEST(an_exit_that_was_killed_is_followed),
        TRADING_TEST(an_exit_that_has_to_go_is_followed),
        TRADING_TEST(a_stop_that_never_left_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
