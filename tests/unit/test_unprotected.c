/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which positions count as unprotected, and with how much: those a stop was asked for, by
 * `protect` or with the order that opened them last, less what stops, and what closes at once, may
 * still close; and nothing of what nobody asked a stop for.
 */
#include "held_bench.h"

/* Of the strategy's position on this instrument; the account's are never. */
static turret_qty left_of(uint32_t strategy, uint32_t instrument)
{
    turret_qty qty[16];
    uint32_t i;
    assert_true(engine_position_count(rig.engine) <= 16);
    memset(qty, 0x7f, sizeof qty); /* it writes all of them */
    engine_unprotected(rig.engine, qty);
    for (i = 0; i < engine_position_count(rig.engine); i++)
        if (engine_position(rig.engine, i)->strategy == POSITION_OF_ACCOUNT)
            assert_int_equal(qty[i], 0);
    return qty[rig.engine->strategies[strategy].first_position + instrument];
}

static void kill_all(void)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_TRADING_STATE;
    event.u.control.target = TRADING_ALL;
    event.u.control.value = TRADING_KILLED;
    engine_ingest(rig.engine, &event);
    event.u.control.kind = CONTROL_TRADING_REVIVE;
    event.u.control.value = TRADING_ACTIVE;
    engine_ingest(rig.engine, &event);
}

static void nobody_asked_for_a_stop(void **state)
{
    (void)state;
    hold(BUY, 10, "1");
    assert_int_equal(left_of(0, 0), 0);
    (void)entered(BUY, 5, 0, 11000); /* a target is none */
    assert_int_equal(left_of(0, 0), 0);
}

static void a_halt_cancelled_it(void **state)
{
    (void)state;
    (void)entered(BUY, 10, 9500, 11000);
    assert_int_equal(left_of(0, 0), 0);
    kill_all();
    assert_int_equal(left_of(0, 0), 10);
    assert_int_equal(left_of(1, 0), 0);
    (void)stop_of(SELL, 4, 9000, TURRET_ORDER_REDUCE_ONLY);
    assert_int_equal(left_of(0, 0), 6);
    (void)limit_of(SELL, 6, 11000, 0); /* closes, and guards nothing */
    assert_int_equal(left_of(0, 0), 6);
    (void)stop_of(BUY, 6, 12000, 0); /* opens more */
    assert_int_equal(left_of(0, 0), 6);
    (void)stop_of(SELL, 20, 9000, 0); /* more than there is */
    assert_int_equal(left_of(0, 0), 0);
}

static void of_a_short(void **state)
{
    (void)state;
    (void)entered(SELL, 10, 10500, 0);
    assert_int_equal(left_of(0, 0), 0);
    kill_all();
    assert_int_equal(left_of(0, 0), 10);
    (void)stop_of(BUY, 3, 10500, TURRET_ORDER_REDUCE_ONLY);
    assert_int_equal(left_of(0, 0), 7);
}

static void the_newest_that_opened_it_says(void **state)
{
    (void)state;
    (void)entered(BUY, 10, 9500, 0);
    kill_all();
    assert_int_equal(left_of(0, 0), 10);
    (void)limit_of(BUY, 3, 9000, 0); /* nothing of it filled */
    assert_int_equal(left_of(0, 0), 10);
    trades(SELL, 2, "s"); /* makes it smaller */
    assert_int_equal(left_of(0, 0), 8);
    hold(BUY, 1, "b");
    assert_int_equal(left_of(0, 0), 0);
}

/* Orders that the host refuses: they end at once, and make room in the table. */
static void denied_ones(uint32_t count)
{
    for (; count > 0; count--)
        (void)limit_of(BUY, 1, 90000, 0);
}

static bool comes_first(uint64_t id, uint64_t other)
{
    const struct order *order;
    uint32_t cursor = 0;
    do {
        order = order_table_next(rig.engine->orders, &cursor);
        assert_non_null(order);
    } while (order->id != id && order->id != other);
    return order->id == id;
}

/* An older one that works on moves behind it in the table. */
static void the_newest_is_not_the_last_in_the_table(void **state)
{
    const uint32_t most = rig.engine->options.orders_max;
    uint64_t older = limit_of(BUY, 100, 9900, 0), newer;
    (void)state;
    rig_fill(&rig, older, "part", BUY, 10, 9900);
    denied_ones(20);
    newer = entered(BUY, 50, 9500, 0);
    cancels(child(newer, TURRET_ORDER_STOP));
    assert_true(comes_first(older, newer));
    assert_int_equal(left_of(0, 0), 60);
    denied_ones(most - 20);
    assert_true(comes_first(newer, older));
    assert_int_equal(left_of(0, 0), 60);
    denied_ones(20); /* that one is gone, and with it what it asked for */
    assert_null(engine_order(rig.engine, newer));
    assert_int_equal(left_of(0, 0), 0);
}

/* What closed a short before says nothing of the long. */
static void what_closes_does_not_say(void **state)
{
    struct order *order;
    uint64_t id;
    (void)state;
    (void)entered(BUY, 10, 9500, 0);
    kill_all();
    id = ask(want(BUY, TURRET_ORDER_MARKET, 1));
    rig_fill(&rig, id, "b", BUY, 1, 10000);
    assert_int_equal(left_of(0, 0), 0);
    order = (struct order *)(uintptr_t)at(id);
    order->role = ORDER_EXIT;
    assert_int_equal(left_of(0, 0), 11);
    order->role = ORDER_OWN;
    order->flags = TURRET_ORDER_REDUCE_ONLY;
    assert_int_equal(left_of(0, 0), 11);
    order->flags = 0;
    order->stop_trail = 5; /* a trailing stop is one, too */
    assert_int_equal(left_of(0, 0), 11);
    order->stop_trail = 0;
}

static void what_is_on_its_way_out_guards_nothing(void **state)
{
    uint64_t entry, stop;
    (void)state;
    entry = entered(BUY, 10, 9500, 0);
    stop = child(entry, TURRET_ORDER_STOP);
    trade(9500); /* it goes as a market order */
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(left_of(0, 0), 0);
    taken(stop);
    rig_fill(&rig, stop, "p", SELL, 4, 9500);
    assert_int_equal(left_of(0, 0), 0);
    held_cancel(rig.engine, (struct order *)(uintptr_t)at(stop), "a drill");
    assert_int_equal(at(stop)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_int_equal(left_of(0, 0), 6);
}

/* The host sends the rest itself, each time one has filled; and no more than that. */
static void one_that_goes_in_pieces_guards_the_whole(void **state)
{
    struct turret_order_request more = want(BUY, TURRET_ORDER_MARKET, 20);
    uint64_t entry = entered(BUY, 80, 9500, 0), stop = child(entry, TURRET_ORDER_STOP), added;
    (void)state;
    rig.engine->options.risk.max_order_qty_nano = 33 * MONEY_NANO;
    trade(9500);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 33);
    assert_int_equal(left_of(0, 0), 0);
    rig_fill(&rig, stop, "a", SELL, 3, 9500);
    assert_int_equal(left_of(0, 0), 0);
    more.stop_loss = 9000;
    added = ask(more);
    rig_fill(&rig, added, "more", BUY, 20, 9500);
    assert_int_equal(left_of(0, 0), 0);
    cancels(child(added, TURRET_ORDER_STOP));
    assert_int_equal(left_of(0, 0), 20);
    rig_fill(&rig, stop, "b", SELL, 30, 9500);
    stop = child(entry, TURRET_ORDER_MARKET);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 33);
    assert_int_equal(left_of(0, 0), 20);
}

/* What it was to close before it came back is not what it will close. */
static void one_that_did_not_leave_and_was_changed(void **state)
{
    uint64_t stop = child(entered(BUY, 10, 9500, 0), TURRET_ORDER_STOP);
    (void)state;
    trade(9500);
    did_not_leave(stop);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(left_of(0, 0), 0);
    changes(stop, 4, 0, 0);
    assert_int_equal(at(stop)->whole, 10);
    assert_int_equal(left_of(0, 0), 6);
}

/* A stop limit that was set off is a limit order, and still one. */
static void a_stop_that_was_set_off_is_one(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP_LIMIT, 10);
    uint64_t id;
    (void)state;
    (void)entered(BUY, 10, 9500, 0);
    kill_all();
    request.stop_price = 9600;
    request.limit_price = 9400;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    id = ask(request);
    assert_int_equal(left_of(0, 0), 0);
    trade(9600);
    is(id, TURRET_STATE_SENT);
    assert_int_equal(at(id)->type, TURRET_ORDER_LIMIT);
    assert_int_equal(left_of(0, 0), 0);
}

static void slices_are_their_parents(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_LIMIT, 10);
    struct order *slice;
    (void)state;
    (void)entered(BUY, 10, 9500, 0);
    kill_all();
    request.limit_price = 11000;
    request.display_qty = 5;
    (void)ask(request);
    slice = (struct order *)(uintptr_t)at(sent()->order.order_id);
    assert_int_equal(slice->role, ORDER_SLICE);
    slice->was_stop = 1;
    assert_int_equal(left_of(0, 0), 10);
    slice->was_stop = 0;
}

static void protect_in_the_configuration(void **state)
{
    struct protection *protection = &rig.engine->strategies[0].protection;
    (void)state;
    hold(BUY, 10, "1");
    assert_int_equal(left_of(0, 0), 0);
    protection->max_holding_ns = RIG_MINUTE * 1000; /* is no stop */
    assert_int_equal(left_of(0, 0), 0);
    protection->trailing_ppm = 1;
    assert_int_equal(left_of(0, 0), 10);
    protection->trailing_ppm = 0;
    protection->trailing_nano = 1;
    assert_int_equal(left_of(0, 0), 10);
    protection->trailing_nano = 0;
    protection->atr_period = 1;
    assert_int_equal(left_of(0, 0), 10);
    assert_int_equal(left_of(0, 1), 0); /* nothing is held */
    protection->atr_period = 0;
    assert_int_equal(left_of(0, 0), 0);
}

/* Foreign ones, and those of an instrument its strategy has left. */
static void orders_of_no_position(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    struct order *order;
    uint64_t id;
    (void)state;
    (void)entered(BUY, 10, 9500, 0);
    kill_all();
    id = stop_of(SELL, 10, 9000, TURRET_ORDER_REDUCE_ONLY);
    assert_int_equal(left_of(0, 0), 0);
    order = (struct order *)(uintptr_t)at(id);
    order->strategy = ORDER_NO_STRATEGY;
    assert_int_equal(left_of(0, 0), 10);
    order->strategy = 0;
    strategy->instrument_count -= 1; /* the other one goes; its orders have no position */
    order->instrument = rig.instrument[1];
    assert_int_equal(left_of(0, 0), 10);
    strategy->instrument_count += 1;
    order->instrument = rig.instrument[0];
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_two, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_asked_for_a_stop),
        TEST(a_halt_cancelled_it),
        TEST(of_a_short),
        TEST(the_newest_that_opened_it_says),
        TEST(the_newest_is_not_the_last_in_the_table),
        TEST(what_closes_does_not_say),
        TEST(what_is_on_its_way_out_guards_nothing),
        TEST(one_that_goes_in_pieces_guards_the_whole),
        TEST(one_that_did_not_leave_and_was_changed),
        TEST(a_stop_that_was_set_off_is_one),
        TEST(slices_are_their_parents),
        TEST(protect_in_the_configuration),
        TEST(orders_of_no_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
