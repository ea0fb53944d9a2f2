/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a due order that only closes waits for, one reason after the other, and which orders a
 * halt says are not sent.
 */
#include "held_bench.h"

/* A long position of ten and a stop for it that is not reduce-only. */
static uint64_t stop_of_ten(void)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    hold(BUY, 10, "1");
    request.stop_price = 9800;
    return ask(request);
}

static void waits(uint64_t id, uint32_t denial)
{
    is(id, TURRET_STATE_HELD);
    assert_string_equal(denial_name(at(id)->denial), denial_name(denial));
}

static void what_closes_waits_for_the_trading_state(void **state)
{
    uint64_t stop = stop_of_ten();
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, TRADING_HALTED);
    trade(9800);
    waits(stop, DENY_TRADING_STATE);
    rig_control(&rig, CONTROL_TRADING_RESUME, TRADING_ALL, TRADING_ACTIVE);
    is(stop, TURRET_STATE_SENT);
}

static void what_closes_waits_for_the_next_minute(void **state)
{
    uint64_t stop = stop_of_ten();
    (void)state;
    rig.engine->options.risk.max_orders_per_minute = 1;
    rig.time += RIG_MINUTE;
    (void)ask(want(BUY, TURRET_ORDER_MARKET, 1)); /* the one of this minute */
    trade(9800);
    waits(stop, DENY_MESSAGE_RATE);
    rig.time += RIG_MINUTE;
    rig_turn(&rig);
    is(stop, TURRET_STATE_SENT);
}

/* One reason after the other, each told once; it goes with the first price after them. */
static void what_closes_waits_for_a_price_that_is_fresh(void **state)
{
    uint64_t stop = stop_of_ten();
    (void)state;
    rig.engine->venues[0].ready = false;
    trade(9800);
    waits(stop, DENY_NOT_RECONCILED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig.time += rig.engine->options.risk.reference_age_ns + 1;
    rig_turn(&rig);
    waits(stop, DENY_STALE_REFERENCE);
    rig_turn(&rig);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    rig.engine->instruments[rig.instrument[0]].mark = 0; /* nothing is known of it */
    rig_turn(&rig);
    waits(stop, DENY_NO_REFERENCE);
    assert_int_equal(rig.notices[NOTICE_ALARM], 3);
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    waits(stop, DENY_NO_REFERENCE);
    trade(9850);
    is(stop, TURRET_STATE_SENT);
}

/* What would not pass by itself is no reason to wait. */
static void what_closes_waits_for_the_journal(void **state)
{
    uint64_t stop = stop_of_ten();
    struct event event = rig_event(&rig, EVENT_DIFFERENCE);
    (void)state;
    event.u.difference.kind = DIFFERENCE_JOURNAL;
    event.u.difference.value = 1;
    engine_ingest(rig.engine, &event);
    trade(9800);
    waits(stop, DENY_JOURNAL);
    event.u.difference.value = 0;
    engine_ingest(rig.engine, &event);
    is(stop, TURRET_STATE_SENT);
}

static void what_closes_waits_for_a_clock_that_is_right(void **state)
{
    uint64_t stop = stop_of_ten();
    struct event event = rig_event(&rig, EVENT_DIFFERENCE);
    (void)state;
    rig.engine->venues[0].caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = MONEY_NANO;
    event.venue = 0;
    event.u.difference.kind = DIFFERENCE_CLOCK;
    event.u.difference.value = 5 * MONEY_NANO;
    engine_ingest(rig.engine, &event);
    trade(9800);
    waits(stop, DENY_CLOCK_SKEW);
    event.u.difference.value = 0;
    engine_ingest(rig.engine, &event);
    is(stop, TURRET_STATE_SENT);
}

static void a_limit_that_was_set_ends_what_it_forbids(void **state)
{
    uint64_t stop = stop_of_ten();
    (void)state;
    rig.engine->options.risk.max_order_qty_nano = 5 * MONEY_NANO;
    trade(9800);
    is(stop, TURRET_STATE_DENIED);
    assert_int_equal(at(stop)->denial, DENY_ORDER_QTY);
}

/* What it would have closed is gone meanwhile: the numbers of another check are not its own. */
static void what_has_nothing_left_to_close_tells_no_numbers(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_LIMIT, 10);
    uint64_t limit, stop;
    (void)state;
    hold(BUY, 10, "1");
    request.limit_price = 10500;
    limit = ask(request);
    taken(limit);
    request = want(SELL, TURRET_ORDER_STOP, 10);
    request.stop_price = 9500;
    stop = ask(request);
    rig.engine->options.risk.max_orders_per_minute = 0;
    trade(9500);
    is(stop, TURRET_STATE_HELD);
    rig_fill(&rig, limit, "2", SELL, 10, 10500);
    is(stop, TURRET_STATE_DENIED);
    assert_int_equal(at(stop)->denial, DENY_MESSAGE_RATE);
    assert_non_null(strstr(at(stop)->venue_reason, "too many orders in this minute"));
}

/* ---- what a halt says ---- */

static void halt(uint32_t scope, const char *name)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_TRADING_STATE;
    event.u.control.target = scope;
    event.u.control.value = TRADING_HALTED;
    (void)snprintf(event.u.control.name, sizeof event.u.control.name, "%s", name);
    engine_ingest(rig.engine, &event);
}

static void a_halt_counts_the_protective_orders_it_stops(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    (void)state;
    hold(BUY, 10, "1");
    request.stop_price = 10300;
    is(ask(request), TURRET_STATE_HELD); /* opens: protects nothing */
    request.side = SELL;
    request.stop_price = 9700;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    is(ask(request), TURRET_STATE_HELD);
    halt(TRADING_INSTRUMENT, "S1.venue0"); /* they are of the other one */
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    halt(TRADING_INSTRUMENT, "S0.venue0");
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "1 protective order that the host"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_closes_waits_for_the_trading_state),
        TEST(what_closes_waits_for_the_next_minute),
        TEST(what_closes_waits_for_a_price_that_is_fresh),
        TEST(what_closes_waits_for_the_journal),
        TEST(what_closes_waits_for_a_clock_that_is_right),
        TEST(a_limit_that_was_set_ends_what_it_forbids),
        TEST(what_has_nothing_left_to_close_tells_no_numbers),
        TEST(a_halt_counts_the_protective_orders_it_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
