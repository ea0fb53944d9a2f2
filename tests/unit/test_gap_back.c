/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a parent gets back what its parts did not use and no more: to the last unit, whatever
 * their venue makes of them meanwhile, wherever in the table they are, after a halt and after new
 * units; and that what becomes of an exit gives nothing back to the iceberg it protects.
 */
#include "gap_case.h"

static void one_too_many(uint64_t parent, turret_qty qty)
{
    all_trade();
    held_send(rig.engine, made_up_part(parent, qty), NULL);
}

/* ---- what comes back ---- */

static void the_last_unit_comes_back(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 61);
    (void)state;
    rig_fill(&rig, part, "1", BUY, 60, 9900);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 61, 60, 0);
    assert_int_equal(sending_of(parent)->out, 60);
    part = working_part(parent, 40);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 40, 0, 0);
    assert_int_equal(sending_of(part)->out, 0);
    assert_int_equal(sending_of(parent)->out, 60);
    one_too_many(parent, 41);
    halted("101 out, 100 asked for");
}

/* While a part may still become larger, all it may become is out. */
static void a_change_under_way_is_out(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    (void)state;
    changes(WORKS, part, 100, 0);
    rig_fill(&rig, part, "1", BUY, 1, 9900);
    one_too_many(parent, 1);
    halted("101 out, 100 asked for");
}

/* Its venue says less than has filled; that is gone all the same. */
static void what_has_filled_does_not_come_back(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 100);
    (void)state;
    rig_fill(&rig, part, "1", BUY, 30, 9900);
    rig_state_of(&rig, part, TURRET_STATE_PARTIAL, 20, 30, 0);
    one_too_many(parent, 71);
    halted("101 out, 100 asked for");
}

/* Nothing is given back before somebody asks, and then it is as its venue has it now. */
static void what_a_venue_takes_and_puts_back_is_still_out(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    (void)state;
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 50, 0, 0);
    (void)working_part(parent, 40);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 60, 0, 0);
    one_too_many(parent, 1);
    halted("101 out, 100 asked for");
}

static void after_a_halt_no_more_comes_back_than_was_out(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    struct order *other = made_up_part(parent, 60);
    (void)state;
    held_send(rig.engine, other, NULL);
    halted("120 out, 100 asked for");
    rig.engine->trading.count = 0; /* a person lifts it */
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    rig_state_of(&rig, other->id, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(sending_of(parent)->out, 0);
    one_too_many(parent, 101);
    halted("101 out, 100 asked for");
}

/* What a snapshot says of an ended order may be anything. */
static void less_than_nothing_filled_gives_nothing_more(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    (void)state;
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    order_of(part)->filled_qty = -5;
    one_too_many(parent, 101);
    halted("101 out, 100 asked for");
}

/* An order to buy 25 that is shown by tens, and closes what it bought at a profit. */
static uint64_t protected_iceberg(void)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, 25, 9900);
    request.display_qty = 10;
    request.take_profit = 10300;
    return asks(ASKS, &request);
}

static void exits_give_nothing_back_to_the_iceberg_they_protect(void **state)
{
    uint64_t parent, exit;
    (void)state;
    rig_script.on_order = NULL; /* it hears of its exits, too */
    parent = protected_iceberg();
    rig_fill(&rig, rig.commands[rig.command_count - 1].order.order_id, "1", BUY, 10, 9900);
    assert_int_equal(sending_of(parent)->out, 20); /* and the next slice */
    rig_bar(&rig, rig.instrument[0], 10300);
    exit = rig.commands[rig.command_count - 1].order.order_id;
    assert_int_equal(order_of(exit)->parent, parent);
    assert_int_equal(sending_of(exit)->out, 10);
    keep_back(exit);
    assert_int_equal(sending_of(parent)->out, 20);
    rig.time += 2 * MONEY_NANO;
    rig_turn(&rig);
    assert_int_equal(state_of(exit), TURRET_STATE_SENT);
    rig_state_of(&rig, exit, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sending_of(parent)->out, 20);
    all_trade();
}

/* ---- where they are in the table ---- */

#define ROOM 4

static int open_small(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    o.engine.orders_max = ROOM;
    rig_open(&rig, &o);
    return 0;
}

static void ended(uint64_t id)
{
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, order_of(id)->qty, 0, 0);
}

static uint64_t oldest(void)
{
    uint32_t cursor = 0;
    return order_table_next(rig.engine->orders, &cursor)->id;
}

static void a_part_older_than_all_others_gives_back(void **state)
{
    uint64_t parent = parent_of(100, 9900), gone = buys(1), part;
    (void)state;
    part = working_part(parent, 60);
    (void)buys(1);
    ended(gone);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 50, 0, 0);
    (void)working_part(parent, 50); /* in the place of the one that ended: the parent is behind */
    assert_int_equal(oldest(), part);
    assert_int_equal(sending_of(parent)->out, 100);
}

static void an_exit_older_than_all_others_counts(void **state)
{
    struct order *first;
    (void)state;
    hold(10);
    first = made_up(ORDER_EXIT, SELL, 6);
    held_send(rig.engine, first, NULL);
    (void)buys(1);
    (void)buys(1);
    (void)buys(1); /* takes the place of what opened the position */
    assert_int_equal(oldest(), first->id);
    ended(rig.last_order.id);
    all_trade();
    held_send(rig.engine, made_up(ORDER_EXIT, SELL, 5), NULL);
    halted("5 out, 4 asked for");
}

/* ---- new units ---- */

/* Each part is cut by itself: of 33 and 67, half is 16 and 33, and one is nobody's. */
static void what_new_units_cut_off_is_sent_again(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 33);
    (void)state;
    (void)working_part(parent, 67);
    split(1, 2);
    ended(part);
    part = part_of(parent, 17, 19800);
    assert_int_equal(denial_of(part), DENY_NONE);
    all_trade();
}

#define CASE(name)  cmocka_unit_test_setup_teardown(name, open_rig, close_rig)
#define SMALL(name) cmocka_unit_test_setup_teardown(name, open_small, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_last_unit_comes_back),
        CASE(a_change_under_way_is_out),
        CASE(what_has_filled_does_not_come_back),
        CASE(what_a_venue_takes_and_puts_back_is_still_out),
        CASE(after_a_halt_no_more_comes_back_than_was_out),
        CASE(less_than_nothing_filled_gives_nothing_more),
        CASE(exits_give_nothing_back_to_the_iceberg_they_protect),
        SMALL(a_part_older_than_all_others_gives_back),
        SMALL(an_exit_older_than_all_others_counts),
        CASE(what_new_units_cut_off_is_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
