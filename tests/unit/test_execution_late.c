/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of parts whose parent ends: those that are asked for then are not sent, and
 * told with that; those that wait or are at the venue are cancelled, and say what it was. An order
 * that is worked is a pair of another like any. One that is to end with its day is not worked.
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

/* Which a restart takes up again. */
static void parts_are_made_larger_by_their_venue(void **state)
{
    uint64_t parent = parent_of(100, 10000), parts[2], i;
    (void)state;
    for (i = 0; i < 2; i++)
        parts[i] = part_of(parent, 10, 10000);
    for (i = 0; i < 2; i++)
        rig_state_of(&rig, parts[i], TURRET_STATE_ACCEPTED, ORDER_QTY_MAX, 0, 0);
    assert_true(engine_order(rig.engine, parent)->children_qty == 2 * ORDER_QTY_MAX);
    assert_true(order_is_whole(engine_order(rig.engine, parent)));
}

/* What is worked goes on for as long as that takes: nobody here knows when the day is over. */
static void what_is_not_to_last_is_not_worked(void **state)
{
    struct turret_order_request request = wanted(10, 9990);
    (void)state;
    request.tif = TURRET_TIF_DAY;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_EXECUTION);
    request.tif = TURRET_TIF_IOC;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_EXECUTION);
    request.tif = TURRET_TIF_FOK;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_EXECUTION);
    request.tif = TURRET_TIF_GTC;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_NONE);
    request.tif = TURRET_TIF_GTD;
    request.expires = rig.engine->now + RIG_MINUTE;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_NONE);
}

static uint32_t cancels_of(uint64_t id)
{
    uint32_t i, count = 0;
    for (i = 0; i < rig.command_count; i++)
        count += rig.commands[i].kind == COMMAND_CANCEL && rig.commands[i].order.order_id == id;
    return count;
}

/* Its parent is changed to less than it has out, and its venue refuses to cancel it at first. */
static void a_part_that_is_too_much_is_cancelled_until_it_ends(void **state)
{
    uint64_t parent = parent_of(100, 9990), part = part_of(parent, 20, 9990);
    uint32_t watched = rig.engine->watched_count;
    (void)state;
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 20, 0, 0); /* is none to cancel */
    part = part_of(parent, 60, 9990);
    rig_ack(&rig, part, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[ASKS], parent, 50, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(cancels_of(part), 1);
    assert_int_equal(rig.engine->watched_count, watched + 1);
    rig_ack(&rig, part, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_REJECTED);
    rig.time += MONEY_NANO;
    rig_turn(&rig);
    assert_int_equal(cancels_of(part), 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "its parent order has ended or is chan"));
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(denial_of(part_of(parent, 50, 9990)), DENY_NONE);
    rig_check_reservations(&rig);
}

static struct order *books(uint64_t id)
{
    return order_table_find(rig.engine->orders, id);
}

/* A part of an order that nobody remembers ends, and one is asked for of an order whose strategy a
   new configuration has no more. */
static void parts_whose_parent_is_gone(void **state)
{
    uint64_t parent = parent_of(100, 9990), part = part_of(parent, 60, 9990);
    (void)state;
    books(part)->parent = 12345;
    rig_ack(&rig, part, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(part), TURRET_STATE_REJECTED);
    assert_int_equal(state_of(parent), TURRET_STATE_HELD);
    books(parent)->children_qty = 0;
    assert_int_equal(turret_cancel(rig.self[ASKS], parent), TURRET_OK);
    rig_turn(&rig);
    books(parent)->strategy = ORDER_NO_STRATEGY;
    assert_int_equal(denial_of(part_of(parent, 10, 9990)), DENY_PARENT);
    assert_int_equal(rig.last_denied.strategy, WORKS);
}

#define EXECUTION_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXECUTION_TEST(parts_that_come_late_are_not_sent),
        EXECUTION_TEST(a_part_that_waits_says_what_ended_it),
        EXECUTION_TEST(a_part_that_waits_goes_with_its_parent),
        EXECUTION_TEST(a_pair_is_one_of_both),
        EXECUTION_TEST(parts_are_made_larger_by_their_venue),
        EXECUTION_TEST(parts_whose_parent_is_gone),
        EXECUTION_TEST(what_is_not_to_last_is_not_worked),
        EXECUTION_TEST(a_part_that_is_too_much_is_cancelled_until_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
