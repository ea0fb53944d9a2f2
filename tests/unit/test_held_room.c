/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a full order table does to orders of the host's own: an exit, a closing order and a
 * slice that find no place are told, and fills of what lost its parent are booked.
 */
#include "held_bench.h"

#define ROOM 6

static int set_up_small(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.engine.orders_max = ROOM;
    return set_up_with(&o);
}

/* Working orders far from the market. */
static void fill_up(uint32_t count)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 1);
    request.limit_price = 9000;
    while (count-- > 0)
        is(ask(request), TURRET_STATE_SENT);
}

static void told(const char *what)
{
    if (!strstr(rig.last_notice[NOTICE_ALARM], "the order table is full; the host could not place"))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], what));
}

static void exits_without_room_are_told(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry;
    (void)state;
    request.stop_loss = 9800;
    request.take_profit = 10300;
    entry = ask(request);
    fill_up(ROOM - 1);
    rig_fill(&rig, entry, "1", BUY, 4, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    told("take profit"); /* after the stop */
    assert_int_equal(child(entry, TURRET_ORDER_STOP), 0);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), 0);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 4);
}

/* The stop has the last place: it protects alone. */
static void a_stop_comes_before_its_profit(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry, stop;
    (void)state;
    request.stop_loss = 9800;
    request.take_profit = 10300;
    entry = ask(request);
    fill_up(ROOM - 2);
    rig_fill(&rig, entry, "1", BUY, 4, 10000);
    told("take profit");
    stop = child(entry, TURRET_ORDER_STOP);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->oco, 0);
}

static void what_is_held_too_long_and_finds_no_room_is_told(void **state)
{
    (void)state;
    rig.engine->strategies[0].protection.max_holding_ns = RIG_MINUTE;
    hold(BUY, 10, "1");
    fill_up(ROOM);
    bar(10000, 10000, 10000);
    bar(10000, 10000, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    told("held as long as max_holding allows");
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 10);
}

static void an_iceberg_without_room_for_its_slice_is_cancelled(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t parent;
    (void)state;
    fill_up(ROOM - 1);
    request.limit_price = 9900;
    request.display_qty = 10;
    parent = ask(request);
    is(parent, TURRET_STATE_CANCELED);
    assert_string_equal(at(parent)->venue_reason, "no room for its next part");
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, ROOM - 1);
}

/* Its parent made room for others; its venue had refused it, and fills it after all. */
static void a_slice_outlives_its_parent(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t parent, slice;
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 10;
    parent = ask(request);
    slice = sent()->order.order_id;
    rig_ack(&rig, slice, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    is(parent, TURRET_STATE_CANCELED);
    fill_up(ROOM - 1);
    assert_null(engine_order(rig.engine, parent));
    rig_fill(&rig, slice, "1", BUY, 4, 9900);
    is(slice, TURRET_STATE_PARTIAL);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 4);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 6 + ROOM - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_small, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exits_without_room_are_told),
        TEST(a_stop_comes_before_its_profit),
        TEST(what_is_held_too_long_and_finds_no_room_is_told),
        TEST(an_iceberg_without_room_for_its_slice_is_cancelled),
        TEST(a_slice_outlives_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
