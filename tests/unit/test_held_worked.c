/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an order which an algorithm works ends with the last of its parts and not before, that
 * a change of it takes back the parts there are and no later one, and that after a restart a wish
 * which waits for such an end is carried out.
 */
#include "execution_case.h"

static void ended(uint64_t id)
{
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, engine_order(rig.engine, id)->qty, 0, 0);
}

static void it_ends_with_the_last_of_its_parts(void **state)
{
    uint64_t parent = parent_of(100, 9900), first = part_of(parent, 40, 9900);
    uint64_t second = part_of(parent, 30, 9900);
    (void)state;
    assert_int_equal(turret_cancel(rig.self[ASKS], parent), TURRET_OK);
    rig_turn(&rig);
    ended(first);
    assert_int_equal(state_of(parent), TURRET_STATE_HELD); /* the second may still fill */
    rig_fill(&rig, second, "1", TURRET_SIDE_BUY, 5, 9900);
    rig_state_of(&rig, second, TURRET_STATE_CANCELED, 30, 5, 0);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
    assert_int_equal(engine_order(rig.engine, parent)->filled_qty, 5);
}

static void parts_after_a_change_stay(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = part_of(parent, 40, 9900);
    (void)state;
    assert_int_equal(turret_modify(rig.self[ASKS], parent, 0, 9950, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, part)->request, TURRET_REQUEST_PENDING_CANCEL);
    ended(part);
    part = part_of(parent, 40, 9950);
    rig.time += 10 * MONEY_NANO;
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, part)->request, TURRET_REQUEST_NONE);
    assert_int_equal(state_of(part), TURRET_STATE_SENT);
}

/* What a parent has reserved is its parts' to use, unless (a snapshot may say so) it has ended. */
static void a_part_takes_nothing_from_a_parent_that_ended(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    uint64_t parent, part;
    (void)state;
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    rig_fill(&rig, asks(ASKS, &request), "1", TURRET_SIDE_BUY, 10, 10000);
    request = rig_request(rig.instrument[0], TURRET_SIDE_SELL, 10, 0);
    memcpy(request.execution, "b1", 3);
    parent = asks(ASKS, &request);
    request = rig_request(rig.instrument[0], TURRET_SIDE_SELL, 10, 0);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 9900;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.parent = parent;
    part = asks(WORKS, &request);
    assert_int_equal(state_of(part), TURRET_STATE_HELD);
    order_table_find(rig.engine->orders, parent)->state = TURRET_STATE_CANCELED;
    rig_bar(&rig, rig.instrument[0], 9890);
    assert_int_equal(state_of(part), TURRET_STATE_HELD);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "others are closing its position"));
}

static void wish(turret_qty qty)
{
    (void)turret_target(rig.self[ASKS], rig.instrument[0], qty, "wish");
    rig_turn(&rig);
}

static void start_again(void)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    o.strategies = 2;
    (void)rig_build(&rig, &o, &err);
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_OK);
    free(bytes);
}

static void a_wish_that_waits_is_carried_out_after_a_restart(void **state)
{
    const struct order *order;
    uint32_t cursor = 0;
    uint64_t part;
    turret_qty sells = 0;
    (void)state;
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    wish(100);
    part = part_of(rig.engine->next_order_id - 1, 60, 9900);
    wish(-50);
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_TARGET_WAITS);
    start_again();
    ended(part);
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->side == TURRET_SIDE_SELL && order_is_working(order))
            sells += order->qty;
    assert_int_equal(sells, 50);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_ends_with_the_last_of_its_parts),
        CASE(parts_after_a_change_stay),
        CASE(a_part_takes_nothing_from_a_parent_that_ended),
        CASE(a_wish_that_waits_is_carried_out_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
