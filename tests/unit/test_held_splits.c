/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a split makes of orders that have ended: they may still be filled late, or have their
 * exits made anew, at prices of after it. What the venue says of an execution of before it is
 * known again in the units of before, and is else for a person. Quotes of before it prove nothing,
 * and those of after it set off stops as ever.
 */
#include "held_bench.h"

static void exits_that_are_made_anew_have_the_prices_of_after(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 10500), profit = child(entry, TURRET_ORDER_LIMIT);
    uint64_t stop = child(entry, TURRET_ORDER_STOP);
    uint32_t commands;
    (void)state;
    split(2, 1);
    trade(5250);
    rig_fill(&rig, profit, "1", SELL, 20, 5250);
    is(stop, TURRET_STATE_CANCELED);
    busts("1", "", 0, 0);
    assert_int_equal(held_now(), 20);
    assert_int_not_equal(child(entry, TURRET_ORDER_STOP), stop);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 20);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->stop_price, 4750);
    assert_int_equal(at(child(entry, TURRET_ORDER_LIMIT))->limit_price, 5250);
    commands = rig.command_count;
    trade(5200); /* between the two */
    assert_int_equal(rig.command_count, commands);
}

static void an_entry_that_ended_is_filled_late(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t entry;
    (void)state;
    request.limit_price = 10000;
    request.stop_loss = 9500;
    entry = ask(request);
    taken(entry);
    rig_state_of(&rig, entry, TURRET_STATE_CANCELED, 10, 0, 0);
    split(2, 1);
    assert_int_equal(at(entry)->qty, 20);
    trade(5000);
    rig_fill(&rig, entry, "late", BUY, 20, 5000);
    assert_int_equal(at(entry)->filled_qty, 20);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->stop_price, 4750);
}

static void a_part_of_what_had_filled_is_taken_back(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t entry;
    (void)state;
    request.limit_price = 10000;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 6, 10000);
    rig_fill(&rig, entry, "2", BUY, 4, 10000);
    is(entry, TURRET_STATE_FILLED);
    split(2, 1);
    busts("1", "", 0, 0);
    assert_int_equal(held_now(), 8);
    assert_int_equal(at(entry)->filled_qty, 8);
}

/* ---- executions of before ---- */

static void doubted(const char *said)
{
    uint32_t alarms = rig.notices[NOTICE_ALARM];
    turret_qty held = held_now();
    busts("entry", "entry", 6, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_string_equal(rig.last_notice[NOTICE_ALARM], said);
    assert_int_equal(held_now(), held);
}

static void a_correction_that_is_said_again_is_known(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0);
    uint32_t alarms;
    (void)state;
    busts("entry", "entry", 8, 10000);
    split(2, 1);
    alarms = rig.notices[NOTICE_ALARM];
    busts("entry", "entry", 8, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
    assert_int_equal(held_now(), 16);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 16);
    doubted(
        "execution entry, which was taken back, is now said to be 6 at 100; that is not booked: "
        "check by hand");
    busts("entry", "", 0, 0); /* that has no units */
    assert_int_equal(held_now(), 0);
}

static void of_which_units_a_correction_is_nobody_can_say(void **state)
{
    (void)entered(BUY, 10, 9500, 0);
    (void)state;
    split(2, 1);
    doubted("execution entry, which is of before a split, is now said to be 6 at 100; that is not "
            "booked: check by hand");
    assert_int_equal(held_now(), 20);
    busts("entry", "", 0, 0);
    assert_int_equal(held_now(), 0);
}

/* No money is large enough for it: what it is said to be now cannot be what it was. */
static void a_correction_that_fits_no_money_is_doubted(void **state)
{
    uint32_t alarms;
    (void)entered(BUY, 10, 0, 0);
    (void)state;
    split(2, 1);
    alarms = rig.notices[NOTICE_ALARM];
    busts("entry", "entry", ORDER_QTY_MAX, 10000);
    busts("entry", "", 0, 0);
    assert_int_equal(held_now(), 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 2);
}

/* Nor for what a split made of it. */
static void a_split_makes_more_than_fits_money(void **state)
{
    (void)entered(BUY, 10, 0, 0);
    (void)state;
    busts("entry", "entry", 8, 10000);
    split(1000000000, 1);
    split(1000, 1);
    assert_true(held_now() == INT64_C(8000000000000));
    busts("entry", "entry", 8, 10000); /* said again */
    busts("entry", "entry", INT64_MAX, 10000);
    busts("entry", "entry", 6, 10000);
    assert_true(held_now() == INT64_C(8000000000000));
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "is now said to be 6 at 100"));
}

static void without_rows_prices_change_too(void **state)
{
    uint64_t entry = entered(BUY, 10, 9500, 0);
    (void)state;
    rig.engine->sink.order = NULL;
    split(2, 1);
    assert_int_equal(at(entry)->stop_loss, 4750);
}

static void quote(turret_price bid, turret_price ask)
{
    struct event event = rig_event(&rig, EVENT_QUOTE);
    event.venue = 0;
    event.time = rig.time += MONEY_NANO;
    event.u.quote = (struct turret_quote){rig.instrument[0], 0, event.time, bid, ask, 1, 1};
    engine_ingest(rig.engine, &event);
}

/* Nothing ever traded: quotes set off stops, also after a split. */
static void quotes_stand_in_for_trades_after_it(void **state)
{
    uint64_t stop;
    (void)state;
    rig.engine->instruments[1].mark = rig.engine->instruments[1].mark_time = 0;
    quote(9990, 10010);
    hold(BUY, 10, "1");
    stop = stop_of(SELL, 10, 9500, TURRET_ORDER_REDUCE_ONLY);
    rig.time += MONEY_NANO;
    split(2, 1);
    assert_int_equal(at(stop)->stop_price, 4750);
    assert_int_equal(engine_mark(rig.engine, rig.instrument[0]), 5000);
    assert_true(engine_mark_time(rig.engine, rig.instrument[0]) == rig.time); /* it is done */
    quote(4800, 4810);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(engine_mark(rig.engine, rig.instrument[0]), 4805);
    quote(4740, 4760);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 20);
}

/* Against an ask of 100.10 of before it a buy at 50.50 would rest; the market is at 50.05. */
static void a_quote_of_before_it_proves_nothing(void **state)
{
    struct turret_order_request passive = want(BUY, TURRET_ORDER_LIMIT, 10);
    (void)state;
    rig.engine->instruments[1].mark = rig.engine->instruments[1].mark_time = 0;
    quote(9990, 0); /* half a quote makes no price */
    rig.time += MONEY_NANO;
    split(1, 1);
    assert_true(engine_mark_time(rig.engine, rig.instrument[0]) == rig.time); /* it is done */
    trade(10000);
    passive.flags = TURRET_ORDER_POST_ONLY;
    passive.limit_price = 5050;
    quote(9990, 10010);
    split(2, 1);
    assert_int_equal(at(ask(passive))->denial, DENY_POST_ONLY);
    passive.limit_price = 5000;
    assert_int_equal(at(ask(passive))->denial, DENY_POST_ONLY); /* nobody knows */
    quote(4995, 5005);
    is(ask(passive), TURRET_STATE_SENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exits_that_are_made_anew_have_the_prices_of_after),
        TEST(an_entry_that_ended_is_filled_late),
        TEST(a_part_of_what_had_filled_is_taken_back),
        TEST(a_correction_that_is_said_again_is_known),
        TEST(of_which_units_a_correction_is_nobody_can_say),
        TEST(a_correction_that_fits_no_money_is_doubted),
        TEST(a_split_makes_more_than_fits_money),
        TEST(without_rows_prices_change_too),
        TEST(quotes_stand_in_for_trades_after_it),
        TEST(a_quote_of_before_it_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
