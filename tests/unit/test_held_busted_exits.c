/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a position is guarded again when the execution of an exit is taken back, as its entry
 * asked for it, or that the alarm says how much of it no stop guards; and that what is held is held
 * since the position was opened, whatever was taken back of it.
 */
#include "held_bench.h"

static const char *alarm(void)
{
    return rig.last_notice[NOTICE_ALARM];
}

/* The last one says that, and nothing more than `more`. */
static void told(const char *execution, const char *more)
{
    char text[160];
    (void)snprintf(text, sizeof text, "execution %s was taken back by the venue%s", execution,
                   more);
    assert_string_equal(alarm(), text);
}

/* ---- exits ---- */

static void a_stop_that_filled_is_restored_with_its_target(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), stop = child(entry, TURRET_ORDER_STOP), next;
    uint64_t profit = child(entry, TURRET_ORDER_LIMIT), target;
    uint32_t commands;
    (void)state;
    trade(9400);
    rig_fill(&rig, stop, "exit", SELL, 10, 9400);
    is(profit, TURRET_STATE_CANCELED);
    commands = rig.command_count;
    busts("exit", "", 0, 0);
    told("exit", "");
    assert_int_equal(held_now(), 10);
    assert_int_equal(rig.command_count, commands); /* nothing trades for that */
    next = child(entry, TURRET_ORDER_STOP);
    target = child(entry, TURRET_ORDER_LIMIT);
    assert_true(next != stop && target != profit);
    assert_true(at(next)->qty == 10 && at(next)->stop_price == 9500);
    assert_true(at(target)->qty == 10 && at(target)->limit_price == 10500);
    assert_true(at(next)->oco == target && at(target)->oco == next);
    rig_fill(&rig, stop, "again", SELL, 10, 9400); /* it had not ended there after all */
    assert_int_equal(held_now(), 0);
    is(next, TURRET_STATE_CANCELED);
    is(target, TURRET_STATE_CANCELED);
    assert_int_equal(child(entry, TURRET_ORDER_MARKET), stop);
}

static void a_target_that_filled_is_restored_with_its_stop(void **state)
{
    uint64_t entry = entered(SELL, 10, 10500, 9500), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    trade(9500);
    rig_fill(&rig, profit, "1", BUY, 6, 9500);
    rig_fill(&rig, profit, "2", BUY, 4, 9500);
    assert_int_equal(held_now(), 0);
    busts("2", "", 0, 0);
    told("2", "");
    assert_int_equal(held_now(), -4);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 4);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->stop_price, 10500);
    busts("1", "", 0, 0); /* those grow */
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 10);
    assert_int_equal(at(child(entry, TURRET_ORDER_LIMIT))->qty, 10);
}

static void a_trail_goes_from_the_last_price(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry, stop;
    (void)state;
    request.stop_trail = 200;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_TRAILING_STOP);
    trade(9800);
    rig_fill(&rig, stop, "exit", SELL, 10, 9800);
    trade(9900);
    busts("exit", "", 0, 0);
    assert_int_equal(at(child(entry, TURRET_ORDER_TRAILING_STOP))->stop_price, 9700);
}

/* One that works on may fill it once more: only the other of its bracket is larger again. */
static void an_exit_that_works_guards_it_again(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), profit = child(entry, TURRET_ORDER_LIMIT);
    uint64_t stop = child(entry, TURRET_ORDER_STOP), last = rig.engine->next_order_id;
    uint32_t rows_told;
    (void)state;
    trade(10500);
    taken(profit);
    rig_fill(&rig, profit, "1", SELL, 4, 10500);
    assert_int_equal(at(stop)->qty, 6);
    busts("1", "", 0, 0);
    told("1", "");
    assert_int_equal(held_now(), 10);
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(order_leaves(at(profit)), 10);
    assert_true(rig.engine->next_order_id == last);
    rig_fill(&rig, profit, "2", SELL, 4, 10500);
    rows_told = rig.orders;
    busts("2", "2b", 4, 10501); /* another price */
    assert_int_equal(at(stop)->qty, 6);
    assert_int_equal(rig.orders, rows_told + 2); /* the profit's alone */
    busts("2b", "2c", 7, 10501);                 /* and more of it */
    assert_int_equal(at(stop)->qty, 3);
    assert_int_equal(held_now(), 3);
    busts("2c", "2d", 6, 10501);
    assert_int_equal(at(stop)->qty, 4);
}

/* The stop waits for the profit's end, and goes for what is there then. */
static void a_stop_that_is_due_guards_it_again(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), profit = child(entry, TURRET_ORDER_LIMIT);
    uint64_t stop = child(entry, TURRET_ORDER_STOP);
    (void)state;
    trade(10500);
    taken(profit);
    rig_fill(&rig, profit, "1", SELL, 4, 10500);
    trade(9500);
    is(stop, TURRET_STATE_HELD);
    busts("1", "", 0, 0);
    told("1", "");
    assert_int_equal(at(stop)->qty, 10);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 10);
    rig_fill(&rig, stop, "2", SELL, 10, 9500);
    assert_int_equal(held_now(), 0);
}

/* One that is being cancelled, for the position had closed, guards nothing: others are made. */
static void an_exit_that_is_being_cancelled_guards_nothing(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), profit = child(entry, TURRET_ORDER_LIMIT);
    uint64_t stop = child(entry, TURRET_ORDER_STOP);
    (void)state;
    trade(10500);
    taken(profit);
    rig_fill(&rig, profit, "1", SELL, 4, 10500);
    trades(SELL, 6, "own");
    assert_int_equal(count_of(COMMAND_CANCEL, profit), 1);
    is(stop, TURRET_STATE_CANCELED);
    busts("1", "", 0, 0);
    told("1", "");
    assert_int_equal(held_now(), 4);
    assert_int_not_equal(child(entry, TURRET_ORDER_STOP), stop);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    seconds_pass(1);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 4);
    assert_int_equal(order_leaves(at(child(entry, TURRET_ORDER_LIMIT))), 4);
    assert_int_equal(held_unguarded(rig.engine, rig_own(&rig, 0, 0)), 0);
}

/* Beside 30 of another one: an entry fills 6, then 4, each with its pair, whose targets are at the
   venue; the first one filled so much between. Answers the stop of the second. */
static uint64_t in_two_executions(uint64_t profits[2], turret_qty sold)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 20);
    uint64_t entry;
    hold(BUY, 30, "other");
    request.limit_price = 10000;
    request.stop_loss = 9500;
    request.take_profit = 10500;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 6, 10000);
    profits[0] = child(entry, TURRET_ORDER_LIMIT);
    trade(10500);
    taken(profits[0]);
    if (sold > 0)
        rig_fill(&rig, profits[0], "profit", SELL, sold, 10500);
    rig_fill(&rig, entry, "2", BUY, 4, 10000);
    profits[1] = child(entry, TURRET_ORDER_LIMIT);
    trade(10500);
    taken(profits[1]);
    return child(entry, TURRET_ORDER_STOP);
}

/* Nor does it stand for what the next execution of its entry had opened. */
static void each_of_an_entrys_executions_takes_its_own_exits_along(void **state)
{
    uint64_t profits[2], stop = in_two_executions(profits, 0);
    (void)state;
    busts("1", "", 0, 0);
    assert_int_equal(count_of(COMMAND_CANCEL, profits[0]), 1);
    is(profits[0], TURRET_STATE_ACCEPTED); /* its cancel is under way */
    busts("2", "", 0, 0);
    assert_int_equal(count_of(COMMAND_CANCEL, profits[1]), 1);
    rig_state_of(&rig, profits[0], TURRET_STATE_CANCELED, 6, 0, 0);
    rig_state_of(&rig, profits[1], TURRET_STATE_CANCELED, 4, 0, 0);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(held_now(), 30);
}

/* What an exit has filled of its pair it stands for no more: the rest is taken off the next. */
static void a_pair_that_filled_in_part_covers_its_rest(void **state)
{
    uint64_t profits[2], stop = in_two_executions(profits, 2);
    (void)state;
    assert_int_equal(at(stop)->qty, 4);
    busts("1", "", 0, 0);
    assert_int_equal(count_of(COMMAND_CANCEL, profits[0]), 1);
    assert_int_equal(at(stop)->qty, 2);
    assert_int_equal(held_now(), 32);
    busts("2", "", 0, 0); /* the first one takes nothing of that any more */
    assert_int_equal(count_of(COMMAND_CANCEL, profits[1]), 1);
    assert_int_equal(at(profits[0])->whole, 2);
    assert_int_equal(held_now(), 28);
}

/* The position is somebody else's: nothing but the bust ends the exits. */
static void a_single_unit_takes_its_exits_along(void **state)
{
    uint64_t entry, stop;
    (void)state;
    hold(BUY, 30, "other");
    entry = entered(BUY, 1, 9500, 0);
    stop = child(entry, TURRET_ORDER_STOP);
    busts("entry", "", 0, 0);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(held_now(), 30);
}

/* Without a stop there is none. */
static void without_a_stop_there_is_none(void **state)
{
    uint64_t entry = entered(BUY, 10, 0, 10500), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    trade(10500);
    taken(profit);
    rig_fill(&rig, profit, "1", SELL, 4, 10500);
    busts("1", "", 0, 0);
    told("1", "; 10 of the position are open, and no stop guards them");
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), profit);
}

/* A correction to less: the rest is guarded once. */
static void of_a_correction_the_rest_is_guarded(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), stop = child(entry, TURRET_ORDER_STOP);
    (void)state;
    trade(9400);
    rig_fill(&rig, stop, "exit", SELL, 10, 9400);
    busts("exit", "b", 8, 9400);
    told("exit", "");
    assert_int_equal(held_now(), 2);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 2);
    assert_int_equal(at(child(entry, TURRET_ORDER_LIMIT))->qty, 2);
    assert_int_equal(child(entry, TURRET_ORDER_MARKET), stop);
    assert_int_equal(row_of(stop)->whole, 0);
    busts("b", "c", 10, 9400);
    assert_int_equal(held_now(), 0);
    is(child(entry, TURRET_ORDER_STOP), TURRET_STATE_CANCELED);
    is(child(entry, TURRET_ORDER_LIMIT), TURRET_STATE_CANCELED);
}

/* ---- what nothing guards ---- */

static void without_its_entry_nothing_is_restored(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0), stop = child(entry, TURRET_ORDER_STOP);
    uint32_t i;
    (void)state;
    rig.engine->sink.order = rig_on_order;
    for (i = 0; i < rig.engine->options.orders_max; i++)
        (void)limit_of(BUY, 1, 90000, 0); /* denied */
    assert_null(engine_order(rig.engine, entry));
    trade(9400);
    rig_fill(&rig, stop, "exit", SELL, 10, 9400);
    busts("exit", "", 0, 0);
    told("exit", "; 10 of the position are open, and no stop guards them");
    assert_int_equal(held_now(), 10);
}

static void a_sale_of_its_own_is_told(void **state)
{
    (void)state;
    (void)entered(BUY, 10, 9500, 0);
    trades(SELL, 4, "1");
    busts("1", "", 0, 0);
    told("1", "; 4 of the position are open, and no stop guards them");
    trades(SELL, 15, "2");
    assert_int_equal(held_now(), -5);
    trades(BUY, 2, "3");
    busts("3", "", 0, 0);
    told("3", "; 5 of the position are open, and no stop guards them");
    (void)stop_of(BUY, 7, 10500, TURRET_ORDER_REDUCE_ONLY); /* more than there is: denied */
    (void)stop_of(BUY, 5, 10500, TURRET_ORDER_REDUCE_ONLY);
    trades(BUY, 2, "4");
    busts("4", "", 0, 0);
    told("4", "");
}

/* A position that is less, or none, wants nothing more. */
static void what_is_less_is_not_told(void **state)
{
    (void)state;
    hold(BUY, 10, "1");
    hold(BUY, 5, "2");
    busts("2", "", 0, 0);
    told("2", "");
    busts("1", "1b", 10, 10001);
    told("1", "");
    busts("1b", "", 0, 0);
    told("1b", "");
    hold(SELL, 10, "3");
    hold(SELL, 5, "4");
    busts("4", "", 0, 0);
    told("4", "");
    busts("3", "", 0, 0);
    told("3", "");
    hold(SELL, 10, "5");
    trades(BUY, 10, "6");
    busts("5", "", 0, 0); /* long by that */
    told("5", "; 10 of the position are open, and no stop guards them");
}

static void the_accounts_alone_is_not_told(void **state)
{
    (void)state;
    rig_fill(&rig, 0, "1", BUY, 5, 10000);
    busts("1", "", 0, 0);
    told("1", "");
}

/* ---- how long it is held ---- */

static int set_up_for_an_hour(void **state)
{
    (void)set_up(state);
    rig.engine->strategies[0].protection.max_holding_ns = 3600 * MONEY_NANO;
    return 0;
}

static void minutes(uint32_t count)
{
    while (count-- > 0)
        bar(10000, 10000, 10000);
}

static void what_was_taken_back_is_not_held(void **state)
{
    uint32_t commands;
    (void)state;
    hold(BUY, 10, "1");
    minutes(58);
    busts("1", "", 0, 0);
    hold(BUY, 10, "2"); /* anew */
    commands = rig.command_count;
    minutes(59);
    assert_int_equal(rig.command_count, commands);
    minutes(2);
    assert_int_equal(rig.command_count, commands + 1);
    assert_true(sent()->order.side == SELL && sent()->order.qty == 10);
}

static void another_price_begins_no_new_time(void **state)
{
    uint32_t commands = rig.command_count;
    (void)state;
    hold(BUY, 10, "1");
    minutes(58);
    busts("1", "2", 9, 10001);
    commands = rig.command_count;
    minutes(3);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(sent()->order.qty, 9);
}

/* What closed it is taken back: open again, it is closed after its time. */
static void what_closed_it_is_taken_back(void **state)
{
    uint64_t closing;
    (void)state;
    hold(BUY, 10, "1");
    minutes(61);
    closing = sent()->order.order_id;
    rig_fill(&rig, closing, "2", SELL, 10, 10000);
    busts("2", "", 0, 0);
    told("2", "; 10 of the position are open, and no stop guards them");
    minutes(61);
    assert_true(sent()->order.order_id != closing && sent()->order.qty == 10);
}

#define BUST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define HOUR_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_for_an_hour, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BUST_TEST(a_stop_that_filled_is_restored_with_its_target),
        BUST_TEST(a_target_that_filled_is_restored_with_its_stop),
        BUST_TEST(a_trail_goes_from_the_last_price),
        BUST_TEST(an_exit_that_works_guards_it_again),
        BUST_TEST(a_stop_that_is_due_guards_it_again),
        BUST_TEST(an_exit_that_is_being_cancelled_guards_nothing),
        BUST_TEST(each_of_an_entrys_executions_takes_its_own_exits_along),
        BUST_TEST(a_pair_that_filled_in_part_covers_its_rest),
        BUST_TEST(a_single_unit_takes_its_exits_along),
        BUST_TEST(without_a_stop_there_is_none),
        BUST_TEST(of_a_correction_the_rest_is_guarded),
        BUST_TEST(without_its_entry_nothing_is_restored),
        BUST_TEST(a_sale_of_its_own_is_told),
        BUST_TEST(what_is_less_is_not_told),
        BUST_TEST(the_accounts_alone_is_not_told),
        HOUR_TEST(what_was_taken_back_is_not_held),
        HOUR_TEST(another_price_begins_no_new_time),
        HOUR_TEST(what_closed_it_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
