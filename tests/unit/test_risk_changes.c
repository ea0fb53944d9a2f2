/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a working order that only closes may always be changed to no more than it is, whatever
 * else would close the position, and while the trading state only lets reduce: so a stop is moved
 * beside its target. A change to more is held against the position like a new order.
 */
#include "held_bench.h"

static int set_up_with_stops(void **state)
{
    int status = set_up(state);
    rig.engine->venues[0].caps.order_types |= 1u << TURRET_ORDER_STOP;
    hold(BUY, 100, "held");
    return status;
}

/* A stop of all that is held works at the venue, and so does a limit order of as much. */
static uint64_t stop_beside_a_target(void)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 100);
    uint64_t stop;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9500;
    stop = ask(request);
    taken(stop);
    request = want(SELL, TURRET_ORDER_LIMIT, 100);
    request.limit_price = 10500;
    request.oco = stop;
    taken(ask(request));
    return stop;
}

static bool becomes(uint64_t id, turret_qty qty, turret_price stop_price)
{
    uint32_t before = rig.command_count;
    changes(id, qty, 0, stop_price);
    rig_check_reservations(&rig);
    if (rig.command_count == before)
        return false;
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, at(id)->request_version, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, qty ? qty : at(id)->qty, at(id)->filled_qty, 0);
    return true;
}

static void a_stop_is_moved(void **state)
{
    uint64_t stop = stop_beside_a_target();
    (void)state;
    assert_true(becomes(stop, 0, 9600));
    assert_true(becomes(stop, 50, 9700));
    assert_int_equal(at(stop)->qty, 50);
    assert_false(becomes(stop, 60, 0)); /* more than it is: 160 of 100 */
    assert_int_equal(rig.last_denial, DENY_REDUCE_ONLY);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "160 > 100"));
}

static void while_it_only_may_reduce(void **state)
{
    uint64_t stop = stop_beside_a_target();
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_REDUCING);
    assert_true(becomes(stop, 0, 9600));
    assert_false(becomes(at(stop)->oco, 90, 0)); /* which is none that only closes */
    assert_int_equal(rig.last_denial, DENY_TRADING_STATE);
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    assert_false(becomes(stop, 0, 9700));
    assert_int_equal(rig.last_denial, DENY_TRADING_STATE);
}

static void after_a_part_of_it(void **state)
{
    uint64_t stop = stop_beside_a_target();
    (void)state;
    rig_fill(&rig, stop, "part", SELL, 40, 9500);
    assert_true(becomes(stop, 100, 9600)); /* 60, as before */
    assert_false(becomes(stop, 110, 0));
}

/* A price alone, too, is in the order's row and told. */
static void moved_by_its_venue(void **state)
{
    uint64_t stop = stop_beside_a_target();
    struct event event = rig_event(&rig, EVENT_ORDER);
    (void)state;
    event.venue = 0;
    event.u.order = (struct turret_report_order){.order_id = stop,
                                                 .instrument = rig.instrument[0],
                                                 .side = SELL,
                                                 .state = TURRET_STATE_ACCEPTED,
                                                 .qty = 100,
                                                 .stop_price = 9650};
    engine_ingest(rig.engine, &event);
    assert_int_equal(row_of(stop)->stop_price, 9650);
    event.u.order.limit_price = 9600; /* whatever that may be of a stop */
    engine_ingest(rig.engine, &event);
    assert_int_equal(row_of(stop)->limit_price, 9600);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_with_stops, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stop_is_moved),
        TEST(while_it_only_may_reduce),
        TEST(after_a_part_of_it),
        TEST(moved_by_its_venue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
