/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that stops and targets leave in whole lots and at prices on the grid, also after a split
 * and when a venue fills in pieces that are no lots; that what is less than one order may be ends
 * with an alarm; and that a stop which is denied for good, or of which nobody knows whether it
 * arrived, does not count as one.
 */
#include "held_bench.h"

static struct rig_options in_lots(turret_qty min_qty)
{
    struct rig_options o = rig_defaults();
    o.def.lot_size = 10;
    o.def.min_qty = min_qty;
    o.def.tick_size = 5;
    return o;
}

static int set_up_lots(void **state)
{
    struct rig_options o = in_lots(10);
    (void)state;
    return set_up_with(&o);
}

static int set_up_least(void **state) /* three lots */
{
    struct rig_options o = in_lots(30);
    (void)state;
    return set_up_with(&o);
}

static uint64_t enters(uint8_t side, turret_qty qty, turret_price stop, turret_price target,
                       const char *execution)
{
    struct turret_order_request request = want(side, TURRET_ORDER_MARKET, qty);
    uint64_t id;
    request.stop_loss = stop;
    request.take_profit = target;
    id = ask(request);
    rig_fill(&rig, id, execution, side, qty, 10000);
    return id;
}

static turret_qty held(void)
{
    return rig_own(&rig, 0, 0)->qty;
}

static turret_qty unprotected(void)
{
    turret_qty qty[16];
    engine_unprotected(rig.engine, qty);
    return qty[rig.engine->strategies[0].first_position];
}

static void ended_for_too_little(uint64_t id, const char *what)
{
    is(id, TURRET_STATE_CANCELED);
    assert_string_equal(at(id)->venue_reason, "less than one order may be");
    if (!strstr(rig.last_notice[NOTICE_ALARM], what))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

/* ---- quantities ---- */

/* 15 and 10 of 25: ten go, five cannot, then the other ten. */
static void stops_after_a_reverse_split(void **state)
{
    uint64_t first = enters(BUY, 30, 9500, 0, "a"), second = enters(BUY, 20, 9000, 0, "b"), stop;
    uint32_t alarms;
    (void)state;
    split(1, 2);
    trade(18900);
    stop = child(first, TURRET_ORDER_MARKET);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(at(stop)->whole, 15);
    alarms = rig.notices[NOTICE_ALARM];
    rig_fill(&rig, stop, "c", SELL, 10, 18900);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    ended_for_too_little(child(first, TURRET_ORDER_MARKET),
                         "is due and ends: it is to close 5, and one order is at least 10; that "
                         "stays open");
    assert_int_equal(unprotected(), 5);
    trade(17900);
    stop = child(second, TURRET_ORDER_MARKET);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 10);
    rig_fill(&rig, stop, "d", SELL, 10, 17900);
    assert_int_equal(held(), 5);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
}

static void stops_of_a_short_after_a_reverse_split(void **state)
{
    uint64_t first = enters(SELL, 50, 10500, 0, "a"), stop;
    (void)state;
    split(1, 2);
    trade(21100);
    stop = child(first, TURRET_ORDER_MARKET);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 20);
}

/* Set off between two pieces: seven are told, of the rest whole lots go. */
static void an_entry_that_fills_in_odd_pieces(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 30);
    uint64_t id, stop;
    (void)state;
    request.limit_price = 10000;
    request.stop_loss = 9500;
    id = ask(request);
    rig_fill(&rig, id, "a", BUY, 7, 10000);
    trade(9400);
    ended_for_too_little(child(id, TURRET_ORDER_STOP), "it is to close 7, and one order is");
    rig_fill(&rig, id, "b", BUY, 23, 9400);
    trade(9400);
    stop = child(id, TURRET_ORDER_MARKET);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 20);
    assert_int_equal(unprotected(), 7); /* those of it that follow are tried first */
    rig_fill(&rig, stop, "c", SELL, 20, 9400);
    ended_for_too_little(child(id, TURRET_ORDER_MARKET), "it is to close 3, and one order is");
    assert_int_equal(unprotected(), 10);
}

/* The order is a lot, and less than that is left of its position. */
static void a_position_below_a_lot_is_told(void **state)
{
    uint64_t entry = enters(BUY, 30, 9500, 0, "a");
    uint64_t stop = stop_of(SELL, 30, 9800, TURRET_ORDER_REDUCE_ONLY);
    (void)state;
    rig_fill(&rig, rig_order(&rig, 0, SELL, 20, 0), "b", SELL, 24, 10000); /* more than asked for */
    trade(9800);
    ended_for_too_little(stop, "it is to close 6, and one order is at least 10");
    trade(9500);
    ended_for_too_little(child(entry, TURRET_ORDER_STOP), "it is to close 6, and one order");
    assert_int_equal(held(), 6);
}

static void what_others_leave_below_a_lot_waits(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 30);
    uint64_t entry, stop, other;
    (void)state;
    request.stop_loss = 9500;
    entry = ask(request);
    rig_fill(&rig, entry, "a", BUY, 27, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    other = limit_of(SELL, 20, 10500, 0);
    trade(9500);
    is(stop, TURRET_STATE_HELD);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "others are closing its position"));
    assert_int_equal(unprotected(), 0); /* it goes as soon as it may */
    cancels(other);
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 20, 0, 0);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 20);
}

static void a_lot_is_the_least_where_nothing_else_is(void **state)
{
    uint64_t entry;
    (void)state;
    rig.engine->instruments[rig.instrument[0]].def.min_qty = 0;
    entry = enters(BUY, 30, 9500, 0, "a");
    trades(SELL, 10, "b");
    rig_fill(&rig, rig_order(&rig, 0, SELL, 10, 0), "c", SELL, 11, 10000);
    trade(9500);
    ended_for_too_little(child(entry, TURRET_ORDER_STOP),
                         "to close 9, and one order is at least 10");
}

static void the_least_that_an_order_may_be_binds(void **state)
{
    uint64_t first = enters(BUY, 60, 9500, 0, "a"), second = enters(BUY, 50, 9000, 0, "b"), stop;
    (void)state;
    split(1, 2); /* 30 and 25 */
    trade(18900);
    stop = child(first, TURRET_ORDER_MARKET);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(at(stop)->qty, 30);
    rig_fill(&rig, stop, "c", SELL, 30, 18900);
    trade(17900);
    ended_for_too_little(child(second, TURRET_ORDER_STOP),
                         "it is to close 25, and one order is at least 30");
}

/* ---- prices ---- */

static void a_target_after_a_split_is_on_the_grid(void **state)
{
    uint64_t profit = child(enters(BUY, 30, 0, 10505, "a"), TURRET_ORDER_LIMIT);
    (void)state;
    split(2, 1);
    assert_int_equal(at(profit)->limit_price, 5255);
    trade(5250);
    is(profit, TURRET_STATE_HELD);
    trade(5255);
    is(profit, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.limit_price, 5255);
    assert_int_equal(sent()->order.qty, 60);
}

/* ---- what is no stop ---- */

static void a_stop_that_is_denied_for_good_is_none(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t stop;
    (void)state;
    request.stop_loss = 9500;
    rig_fill(&rig, ask(request), "a", BUY, 10, 10000);
    assert_int_equal(unprotected(), 0);
    stop = child(rig.last_fill.order_id, TURRET_ORDER_STOP);
    rig.engine->options.risk.max_order_qty_nano = MONEY_NANO; /* less than a lot */
    trade(9500);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->denial, DENY_ORDER_QTY);
    assert_int_equal(unprotected(), 10);
    rig.engine->options.risk = rig_limits();
    trade(9500);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(unprotected(), 0);
}

static void a_stop_that_waits_is_one(void **state)
{
    struct event event = rig_event(&rig, EVENT_STATUS);
    uint64_t stop = child(enters(BUY, 10, 9500, 0, "a"), TURRET_ORDER_STOP);
    (void)state;
    event.venue = 0;
    event.u.status.instrument = rig.instrument[0];
    event.u.status.status = TURRET_STATUS_HALTED;
    engine_ingest(rig.engine, &event);
    trade(9500);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->denial, DENY_SESSION);
    assert_int_equal(unprotected(), 0);
}

/* It did not leave, and is tried again. */
static void a_stop_that_did_not_leave_is_one(void **state)
{
    static const uint32_t denials[] = {DENY_NOT_SENT, DENY_DEADLINE};
    uint64_t stop = child(enters(BUY, 10, 9500, 0, "a"), TURRET_ORDER_STOP);
    uint32_t i, denial;
    (void)state;
    trade(9500);
    is(stop, TURRET_STATE_SENT);
    did_not_leave(stop);
    is(stop, TURRET_STATE_HELD);
    denial = at(stop)->denial;
    for (i = 0; i < sizeof denials / sizeof *denials; i++) {
        order_table_find(rig.engine->orders, stop)->denial = denials[i];
        assert_int_equal(unprotected(), 0);
    }
    order_table_find(rig.engine->orders, stop)->denial = denial;
}

/* Its price is still to come: what it was denied for once says nothing. */
static void a_stop_that_rests_is_one(void **state)
{
    uint64_t stop = child(enters(BUY, 10, 9500, 0, "a"), TURRET_ORDER_STOP);
    (void)state;
    order_table_find(rig.engine->orders, stop)->denial = DENY_ORDER_QTY;
    assert_int_equal(unprotected(), 0);
    order_table_find(rig.engine->orders, stop)->denial = DENY_NONE;
}

static void a_stop_nobody_knows_of_is_none(void **state)
{
    uint64_t stop = child(enters(BUY, 10, 9500, 0, "a"), TURRET_ORDER_STOP);
    (void)state;
    trade(9500);
    assert_int_equal(unprotected(), 0);
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    is(stop, TURRET_STATE_UNKNOWN);
    assert_int_equal(unprotected(), 10);
    rig_state_of(&rig, stop, TURRET_STATE_ACCEPTED, 10, 0, 0);
    assert_int_equal(unprotected(), 0);
}

#define LOTS(name)  cmocka_unit_test_setup_teardown(name, set_up_lots, tear_down)
#define LEAST(name) cmocka_unit_test_setup_teardown(name, set_up_least, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOTS(stops_after_a_reverse_split),
        LOTS(stops_of_a_short_after_a_reverse_split),
        LOTS(an_entry_that_fills_in_odd_pieces),
        LOTS(a_position_below_a_lot_is_told),
        LOTS(what_others_leave_below_a_lot_waits),
        LOTS(a_lot_is_the_least_where_nothing_else_is),
        LEAST(the_least_that_an_order_may_be_binds),
        LOTS(a_target_after_a_split_is_on_the_grid),
        LOTS(a_stop_that_is_denied_for_good_is_none),
        LOTS(a_stop_that_waits_is_one),
        LOTS(a_stop_that_did_not_leave_is_one),
        LOTS(a_stop_that_rests_is_one),
        LOTS(a_stop_nobody_knows_of_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
