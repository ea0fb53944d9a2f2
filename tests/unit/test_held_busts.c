/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that exits are for less when the venue takes an execution of their entry back, wherever
 * they are, and that none of them closes anything else then: of one entry or several, pair by pair,
 * those at a venue last. A correction changes them by no more than it changes the position.
 */
#include "held_bench.h"

/* A buy of 20 at 100.00, of which nothing filled yet. */
static uint64_t entry_of_20(turret_price stop_loss, turret_price take_profit)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 20);
    request.limit_price = 10000;
    request.stop_loss = stop_loss;
    request.take_profit = take_profit;
    return ask(request);
}

static void no_modify(void)
{
    rig.engine->venues[0].caps.can &= ~TURRET_CAN_MODIFY;
}

/* What is denied a thousand times is nothing for the list of rows. */
static int set_up_plain(void **state)
{
    (void)set_up(state);
    rig.engine->sink.order = rig_on_order;
    return 0;
}

/* ---- all of it is taken back ---- */

static void what_is_held_ends_with_its_position(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), stop = child(entry, TURRET_ORDER_STOP), next;
    (void)state;
    busts("entry", "", 0, 0);
    assert_int_equal(held_now(), 0);
    is(stop, TURRET_STATE_CANCELED);
    assert_string_equal(at(stop)->venue_reason, "its entry was taken back");
    is(child(entry, TURRET_ORDER_LIMIT), TURRET_STATE_CANCELED);
    next = ask(want(BUY, TURRET_ORDER_MARKET, 10));
    rig_fill(&rig, next, "next", BUY, 10, 10000);
    trade(9400); /* another position, without a stop */
    seconds_pass(1);
    assert_true(sent()->order.order_id == next);
    assert_int_equal(held_now(), 10);
}

static void what_is_out_is_cancelled_until_it_ends(void **state)
{
    uint64_t entry = entered(BUY, 10, 0, 10500), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    trade(10500);
    taken(profit);
    busts("entry", "", 0, 0);
    assert_int_equal(held_now(), 0);
    assert_int_equal(count_of(COMMAND_CANCEL, profit), 1);
    refuse(profit, TURRET_REQUEST_CANCEL);
    seconds_pass(10);
    assert_int_equal(count_of(COMMAND_CANCEL, profit), 2);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    is(profit, TURRET_STATE_CANCELED);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), profit); /* nothing follows it */
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
}

/* Its order is forgotten: its exits are known by its number. */
static void the_order_itself_may_be_forgotten(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0), stop = child(entry, TURRET_ORDER_STOP), second;
    uint32_t i;
    (void)state;
    second = entry_of_20(9000, 0);
    rig_fill(&rig, second, "second", BUY, 10, 10000);
    for (i = 0; i < rig.engine->options.orders_max; i++)
        (void)limit_of(BUY, 1, 90000, 0); /* denied */
    assert_null(engine_order(rig.engine, entry));
    busts("entry", "", 0, 0);
    assert_int_equal(held_now(), 10);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(at(child(second, TURRET_ORDER_STOP))->qty, 10);
}

/* Nobody's, and another's, are left alone; what its strategy has left is the account's. */
static void others_are_left_alone(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0), stop = child(entry, TURRET_ORDER_STOP);
    uint32_t told;
    (void)state;
    rig_fill(&rig, 0, "nobody", BUY, 5, 10000);
    busts("nobody", "", 0, 0);
    assert_int_equal(at(stop)->qty, 10);
    rig.engine->strategies[0].instrument_count = 0; /* as another configuration has it */
    told = rig.orders;
    busts("entry", "", 0, 0);
    assert_int_equal(rig.orders, told + 1); /* the entry */
    rig.engine->strategies[0].instrument_count = 2;
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
}

/* ---- a part of it ---- */

static void of_two_entries_only_its_own_are_less(void **state)
{
    uint64_t first = entry_of_20(9500, 10500), second = entry_of_20(9000, 11000);
    (void)state;
    rig_fill(&rig, first, "1", BUY, 10, 10000);
    rig_fill(&rig, second, "2", BUY, 10, 10000);
    rig_fill(&rig, first, "3", BUY, 4, 10000);
    busts("1", "", 0, 0);
    assert_int_equal(held_now(), 14);
    assert_int_equal(at(child(first, TURRET_ORDER_STOP))->qty, 4);
    assert_int_equal(at(child(first, TURRET_ORDER_LIMIT))->qty, 4);
    assert_int_equal(at(child(second, TURRET_ORDER_STOP))->qty, 10);
    assert_int_equal(at(child(second, TURRET_ORDER_LIMIT))->qty, 10);
    rig_fill(&rig, first, "4", BUY, 6, 10000); /* and they grow again */
    assert_int_equal(at(child(first, TURRET_ORDER_STOP))->qty, 10);
}

/* Two pairs: the first went to its venue with its profit when the second was placed. */
static void what_rests_is_less_before_what_is_out(void **state)
{
    uint64_t entry = entry_of_20(9500, 10500), stop, profit, stop2, profit2;
    (void)state;
    hold(BUY, 30, "other"); /* what exits are for is not cut to the position */
    rig_fill(&rig, entry, "1", BUY, 6, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
    trade(10500);
    taken(profit);
    rig_fill(&rig, entry, "2", BUY, 4, 10000);
    stop2 = child(entry, TURRET_ORDER_STOP);
    profit2 = child(entry, TURRET_ORDER_LIMIT);
    assert_true(stop2 != stop && profit2 != profit);
    busts("2", "", 0, 0);
    is(stop2, TURRET_STATE_CANCELED);
    is(profit2, TURRET_STATE_CANCELED);
    assert_int_equal(at(stop)->qty, 6);
    assert_int_equal(count_of(COMMAND_MODIFY, profit) + count_of(COMMAND_CANCEL, profit), 0);
    rig_fill(&rig, entry, "3", BUY, 2, 10000);
    stop2 = child(entry, TURRET_ORDER_STOP);
    assert_int_equal(at(stop2)->qty, 2);
    busts("1", "", 0, 0); /* more than that pair has */
    is(stop2, TURRET_STATE_CANCELED);
    assert_int_equal(at(stop)->qty, 2);
    assert_int_equal(count_of(COMMAND_MODIFY, profit), 1);
    assert_int_equal(sent()->order.qty, 2);
}

/* The pair is of different quantities: each is for as much less. */
static void a_pair_of_different_quantities_is_less(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), stop = child(entry, TURRET_ORDER_STOP);
    uint64_t profit = child(entry, TURRET_ORDER_LIMIT), other;
    (void)state;
    changes(stop, 3, 0, 0);
    other = entry_of_20(9000, 0);
    rig_fill(&rig, other, "other", BUY, 5, 10000);
    busts("entry", "entry-b", 6, 10000);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(at(profit)->qty, 6);
    busts("entry-b", "", 0, 0);
    is(profit, TURRET_STATE_CANCELED);
    assert_int_equal(at(child(other, TURRET_ORDER_STOP))->qty, 5);
}

/* The smaller one is out, and works until its cancel is taken. */
static void the_larger_of_a_pair_is_less_by_all_of_it(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), stop = child(entry, TURRET_ORDER_STOP);
    uint64_t profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    changes(stop, 3, 0, 0);
    hold(BUY, 30, "other");
    trade(9500);
    taken(stop);
    busts("entry", "entry-b", 6, 10000);
    assert_int_equal(count_of(COMMAND_CANCEL, stop), 1);
    assert_int_equal(at(profit)->qty, 6);
}

static void a_single_unit_is_taken_off(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0);
    (void)state;
    hold(BUY, 30, "other");
    busts("entry", "b", 9, 10000);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 9);
    busts("b", "c", 1, 10000);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 1);
    busts("c", "", 0, 0);
    is(child(entry, TURRET_ORDER_STOP), TURRET_STATE_CANCELED);
}

/* Nothing of it is theirs, but their position is less. */
static void exits_of_others_are_cut_to_the_position(void **state)
{
    uint64_t entry;
    (void)state;
    hold(BUY, 10, "other");
    entry = entered(BUY, 10, 9500, 0);
    trades(SELL, 5, "sold");
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 10);
    busts("other", "", 0, 0);
    assert_int_equal(held_now(), 5);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 5);
}

/* A part of the stop has filled: what is left of it, and what follows, is what is taken off. */
static void what_has_filled_is_not_taken_off(void **state)
{
    uint64_t first = entry_of_20(9500, 0), stop;
    (void)state;
    hold(BUY, 30, "other");
    rig_fill(&rig, first, "1", BUY, 12, 10000);
    rig_fill(&rig, first, "2", BUY, 8, 10000);
    stop = child(first, TURRET_ORDER_STOP);
    trade(9500);
    taken(stop);
    rig_fill(&rig, stop, "3", SELL, 12, 9500);
    assert_int_equal(order_leaves(at(stop)), 8);
    busts("1", "", 0, 0); /* more than is left */
    assert_int_equal(count_of(COMMAND_CANCEL, stop), 1);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 20, 12, 0);
    assert_int_equal(child(first, TURRET_ORDER_MARKET), stop);
}

/* The stop goes by parts of 4: what is to follow is less as well. */
static void what_follows_is_less(void **state)
{
    uint64_t entry = entry_of_20(9500, 0), stop, next;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 6, 10000);
    rig_fill(&rig, entry, "2", BUY, 5, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    rig.engine->options.risk.max_order_qty_nano = 4 * MONEY_NANO;
    trade(9500);
    taken(stop);
    assert_int_equal(at(stop)->qty, 4);
    assert_int_equal(at(stop)->whole, 11);
    busts("1", "", 0, 0);
    assert_int_equal(at(stop)->whole, 5);
    assert_int_equal(count_of(COMMAND_CANCEL, stop),
                     1); /* another one is to be of the right size */
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 4, 0, 0);
    next = child(entry, TURRET_ORDER_MARKET);
    assert_true(next != stop);
    assert_int_equal(at(next)->qty, 4);
    rig_fill(&rig, next, "3", SELL, 4, 9500);
    next = child(entry, TURRET_ORDER_MARKET);
    assert_int_equal(at(next)->qty, 1);
    rig_fill(&rig, next, "4", SELL, 1, 9500);
    assert_int_equal(held_now(), 0);
    assert_int_equal(child(entry, TURRET_ORDER_MARKET), next);
}

/* Where its venue cannot change it, another one follows for what is left. */
static void what_cannot_be_less_is_followed(void **state)
{
    uint64_t entry = entry_of_20(0, 10500), profit, next;
    (void)state;
    no_modify();
    rig_fill(&rig, entry, "1", BUY, 6, 10000);
    rig_fill(&rig, entry, "2", BUY, 4, 10000);
    profit = child(entry, TURRET_ORDER_LIMIT);
    trade(10500);
    taken(profit);
    busts("2", "", 0, 0);
    assert_int_equal(count_of(COMMAND_CANCEL, profit), 1);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    next = child(entry, TURRET_ORDER_LIMIT);
    assert_int_not_equal(next, profit);
    assert_int_equal(at(next)->qty, 6);
}

/* Parts of an iceberg fill; the exits are their parent's. */
static void of_a_part_its_parents_exits_are_less(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t parent, stop;
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 10;
    request.stop_loss = 9800;
    hold(BUY, 30, "other");
    parent = ask(request);
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 6, 9900);
    rig_fill(&rig, sent()->order.order_id, "2", BUY, 4, 9900);
    stop = child(parent, TURRET_ORDER_STOP);
    assert_int_equal(at(stop)->qty, 10);
    busts("1", "", 0, 0);
    assert_int_equal(at(stop)->qty, 4);
    assert_int_equal(at(parent)->filled_qty, 4);
}

/* ---- corrections ---- */

static void another_price_changes_no_exit(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), stop = child(entry, TURRET_ORDER_STOP);
    uint64_t profit = child(entry, TURRET_ORDER_LIMIT);
    uint32_t commands;
    (void)state;
    busts("entry", "b", 10, 10001);
    assert_int_equal(held_now(), 10);
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(at(profit)->qty, 10);
    trade(10500);
    taken(profit);
    commands = rig.command_count;
    busts("b", "c", 10, 10002);
    assert_int_equal(rig.command_count, commands);
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), stop);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), profit);
    is(profit, TURRET_STATE_ACCEPTED);
}

static void another_quantity_changes_them_by_the_difference(void **state)
{
    uint64_t entry = entry_of_20(9500, 10500), stop, profit;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
    busts("1", "2", 7, 10000);
    assert_int_equal(held_now(), 7);
    assert_int_equal(at(stop)->qty, 7);
    assert_int_equal(at(profit)->qty, 7);
    busts("2", "3", 9, 10000);
    assert_int_equal(held_now(), 9);
    assert_int_equal(at(stop)->qty, 9);
    assert_int_equal(at(profit)->qty, 9);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), stop);
}

/* Its order is forgotten: it is the strategy's all the same. */
static void a_correction_of_a_forgotten_order_is_its_strategys(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0), stop = child(entry, TURRET_ORDER_STOP);
    uint32_t i, told;
    (void)state;
    for (i = 0; i < rig.engine->options.orders_max; i++)
        (void)limit_of(BUY, 1, 90000, 0); /* denied */
    assert_null(engine_order(rig.engine, entry));
    told = rig.notices[NOTICE_ALARM];
    busts("entry", "b", 10, 10001);
    assert_int_equal(held_now(), 10);
    assert_int_equal(rig.notices[NOTICE_ALARM], told + 1); /* that it was taken back */
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(at(stop)->qty, 10);
    busts("b", "c", 7, 10001);
    assert_int_equal(held_now(), 7);
    assert_int_equal(at(stop)->qty, 7);
    busts("c", "d", 12, 10001); /* more than that is without an exit */
    assert_int_equal(held_now(), 12);
    assert_int_equal(at(stop)->qty, 7);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "execution c was taken back by the venue; 5 of the position are open, and "
                        "no stop guards them");
    assert_int_equal(rig_account_position(&rig, 0)->qty, 12);
}

/* What cannot be booked in its place leaves nothing. */
static void a_correction_that_is_none_leaves_no_exit(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0), stop = child(entry, TURRET_ORDER_STOP);
    (void)state;
    busts("entry", "b", 10, 0);
    assert_int_equal(held_now(), 0);
    is(stop, TURRET_STATE_CANCELED);
}

/* The fill in its place was told before, and taken back before that. */
static void what_replaces_may_be_taken_back_first(void **state)
{
    uint64_t entry = entry_of_20(9500, 0), stop;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    rig_fill(&rig, entry, "2", BUY, 4, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    busts("3", "", 0, 0); /* it has not come yet */
    busts("1", "3", 8, 10000);
    assert_int_equal(held_now(), 4);
    assert_int_equal(at(stop)->qty, 4);
}

#define BUST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BUST_TEST(what_is_held_ends_with_its_position),
        BUST_TEST(what_is_out_is_cancelled_until_it_ends),
        cmocka_unit_test_setup_teardown(the_order_itself_may_be_forgotten, set_up_plain, tear_down),
        BUST_TEST(others_are_left_alone),
        BUST_TEST(of_two_entries_only_its_own_are_less),
        BUST_TEST(what_rests_is_less_before_what_is_out),
        BUST_TEST(a_pair_of_different_quantities_is_less),
        BUST_TEST(the_larger_of_a_pair_is_less_by_all_of_it),
        BUST_TEST(a_single_unit_is_taken_off),
        BUST_TEST(exits_of_others_are_cut_to_the_position),
        BUST_TEST(what_has_filled_is_not_taken_off),
        BUST_TEST(what_follows_is_less),
        BUST_TEST(what_cannot_be_less_is_followed),
        BUST_TEST(of_a_part_its_parents_exits_are_less),
        BUST_TEST(another_price_changes_no_exit),
        BUST_TEST(another_quantity_changes_them_by_the_difference),
        cmocka_unit_test_setup_teardown(a_correction_of_a_forgotten_order_is_its_strategys,
                                        set_up_plain, tear_down),
        BUST_TEST(a_correction_that_is_none_leaves_no_exit),
        BUST_TEST(what_replaces_may_be_taken_back_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
