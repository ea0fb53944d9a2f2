/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of parts whose parent ends: those that are asked for then are not sent, and
 * told with that; those that wait or are at the venue are cancelled, and say what it was. An order
 * that is worked is a pair of another like any.
 */
#include "execution_case.h"

static void denied_with(const char *words, uint64_t part)
{
    const struct order *order = engine_order(rig.engine, part);
    char line[96];
    assert_int_equal(order->state, TURRET_STATE_DENIED);
    assert_int_equal(order->denial, DENY_PARENT);
    assert_string_equal(order->venue_reason, words);
    (void)snprintf(line, sizeof line, "a0: buy market 10: %s (PARENT)", words);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], line));
    rig.engine->strategies[ASKS].denied[DENY_PARENT] = 0; /* the next one is told, too */
}

/* What the algorithm asks for while the parent's owner takes it back, and after that. */
static void parts_that_come_late_are_not_sent(void **state)
{
    struct turret_order_request part = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    uint64_t first, second;
    (void)state;
    part.parent = parent_of(15, 0);
    first = asks(WORKS, &part);
    denied_with("its parent order ended or has less left", asks(WORKS, &part));
    assert_int_equal(turret_cancel(rig.self[ASKS], part.parent), TURRET_OK);
    second = turret_submit(rig.self[WORKS], &part); /* in the same event */
    rig_turn(&rig);
    denied_with("its parent order is being cancelled", second);
    assert_int_equal(rig.commands[rig.command_count - 1].kind, COMMAND_CANCEL); /* in flight */
    assert_int_equal(rig.commands[rig.command_count - 1].order.order_id, first);
    rig_state_of(&rig, first, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(state_of(part.parent), TURRET_STATE_CANCELED);
    denied_with("its parent order has ended", asks(WORKS, &part));
    part.parent = 12345; /* nor one that nobody knows any more */
    second = asks(WORKS, &part);
    assert_string_equal(engine_order(rig.engine, second)->venue_reason,
                        "its parent order has ended");
    rig_check_reservations(&rig);
}

/* A part that waits at the host. */
static uint64_t waiting_part_of(uint64_t parent)
{
    struct turret_order_request stop = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 4, 0);
    uint64_t part;
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 10500;
    stop.parent = parent;
    part = asks(WORKS, &stop);
    assert_int_equal(state_of(part), TURRET_STATE_HELD);
    return part;
}

static void ended_with(const char *words, uint64_t part)
{
    assert_int_equal(state_of(part), TURRET_STATE_CANCELED);
    assert_string_equal(engine_order(rig.engine, part)->venue_reason, words);
    rig_check_reservations(&rig);
}

static void a_part_that_waits_says_what_ended_it(void **state)
{
    uint64_t parent = parent_of(10, 0), part = waiting_part_of(parent);
    (void)state;
    assert_int_equal(turret_modify(rig.self[ASKS], parent, 3, 0, 0), TURRET_OK);
    rig_turn(&rig);
    ended_with("its parent order is changed", part);
    assert_int_equal(state_of(parent), TURRET_STATE_HELD);
    parent = parent_of(10, 0);
    part = waiting_part_of(parent);
    assert_int_equal(turret_cancel(rig.self[ASKS], parent), TURRET_OK);
    rig_turn(&rig);
    ended_with("its parent order is cancelled", part);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
}

/* One that waits, when the other parts are enough. */
static void a_part_that_waits_goes_with_its_parent(void **state)
{
    uint64_t parent = parent_of(10, 0), waits = waiting_part_of(parent);
    (void)state;
    rig_fill(&rig, part_of(parent, 6, 0), "more", TURRET_SIDE_BUY, 10, 10000); /* than asked for */
    assert_int_equal(state_of(parent), TURRET_STATE_FILLED);
    ended_with("its parent order has ended", waits);
}

/* Which of a pair the algorithm works does not matter: a fill of either is off the other. */
static void a_pair_is_one_of_both(void **state)
{
    struct turret_order_request other = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 9900);
    struct turret_order_request worked = wanted(10, 9990);
    uint64_t parent;
    (void)state;
    worked.oco = asks(ASKS, &other);
    parent = asks(ASKS, &worked);
    assert_int_equal(engine_order(rig.engine, worked.oco)->oco, parent);
    rig_fill(&rig, worked.oco, "part", TURRET_SIDE_BUY, 4, 9900);
    assert_int_equal(engine_order(rig.engine, parent)->qty, 6);
    rig_fill(&rig, worked.oco, "rest", TURRET_SIDE_BUY, 6, 9900);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
    rig_check_reservations(&rig);
}

#define EXECUTION_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXECUTION_TEST(parts_that_come_late_are_not_sent),
        EXECUTION_TEST(a_part_that_waits_says_what_ended_it),
        EXECUTION_TEST(a_part_that_waits_goes_with_its_parent),
        EXECUTION_TEST(a_pair_is_one_of_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
