/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that exits are held against what other exits leave to close, that a part which did not
 * leave is its parent's again and is not kept waiting by that parent's own reservation, and that
 * after a split what a parent has filled is no more to ask for.
 */
#include "gap_case.h"

/* An order of 10 to sell that an algorithm works, and its part: a stop that only reduces. */
static uint64_t stop_part(uint64_t *parent)
{
    struct turret_order_request request = rig_request(rig.instrument[0], SELL, 10, 0);
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    memcpy(request.execution, "b1", 3);
    *parent = asks(ASKS, &request);
    request = rig_request(rig.instrument[0], SELL, 10, 0);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 9900;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.parent = *parent;
    return asks(WORKS, &request);
}

static void a_part_that_did_not_leave_is_its_parents_again(void **state)
{
    uint64_t parent, part;
    (void)state;
    hold(20);
    part = stop_part(&parent);
    rig_bar(&rig, rig.instrument[0], 9890);
    assert_int_equal(state_of(part), TURRET_STATE_SENT);
    assert_int_equal(gap_of(rig.engine, order_of(parent))->out, 10);
    keep_back(part);
    assert_int_equal(gap_of(rig.engine, order_of(parent))->out, 0);
    rig.time += 2 * MONEY_NANO;
    rig_turn(&rig);
    assert_int_equal(state_of(part), TURRET_STATE_SENT);
    assert_int_equal(gap_of(rig.engine, order_of(parent))->out, 10);
    all_trade();
    rig_check_reservations(&rig);
}

static void a_part_does_not_wait_for_its_own_parent(void **state)
{
    uint64_t parent, part;
    (void)state;
    hold(10);
    part = stop_part(&parent);
    rig_bar(&rig, rig.instrument[0], 9890);
    assert_int_equal(state_of(part), TURRET_STATE_SENT);
    assert_int_equal(order_of(part)->qty, 10);
    all_trade();
    rig_check_reservations(&rig);
}

/* The host closes, and the order is at the venue. */
static uint64_t closing(void)
{
    uint64_t id = rig.engine->next_order_id;
    held_close(rig.engine, &rig.engine->strategies[ASKS], rig.instrument[0], INT64_MAX, "closed");
    rig_turn(&rig);
    return id;
}

/* As broken code would: it leaves without a look at what is there. */
static void leaves_whole(uint64_t id)
{
    struct order *order = order_of(id);
    order->held = HELD_RETURNS;
    order_reserve(rig.engine, order, 1);
    held_send(rig.engine, order, NULL);
}

static void two_exits_of_one_position_halt(void **state)
{
    uint64_t first, second;
    (void)state;
    hold(10);
    first = closing();
    second = closing();
    assert_int_equal(state_of(first), TURRET_STATE_SENT);
    assert_int_equal(state_of(second), TURRET_STATE_HELD);
    all_trade();
    leaves_whole(second);
    halted("more than asked for: 10 out, 0 asked for");
}

/* What the first has filled is off the position, and what it may not fill any more is not its. */
static void exits_that_share_a_position_halt_nothing(void **state)
{
    uint64_t first, second;
    (void)state;
    hold(10);
    first = closing();
    second = closing();
    rig_fill(&rig, first, "part", SELL, 3, 10000);
    rig_state_of(&rig, first, TURRET_STATE_PARTIAL, 6, 3, 0); /* smaller, by the venue */
    rig_turn(&rig);
    assert_int_equal(state_of(second), TURRET_STATE_SENT);
    assert_int_equal(order_of(second)->qty, 4);
    all_trade();
}

static void what_a_parent_filled_counts_after_a_split(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = part_of(parent, 60, 9900);
    struct order draft, *more;
    uint32_t i;
    (void)state;
    rig_fill(&rig, part, "part", BUY, 60, 9900);
    split(2, 1);
    assert_int_equal(gap_of(rig.engine, order_of(parent))->asked, 200);
    assert_int_equal(gap_of(rig.engine, order_of(parent))->out, 120);
    for (i = 0; i < 2; i++) {
        all_trade();
        held_draft(rig.engine, &draft, ASKS, rig.instrument[0], "as broken code would");
        draft.role = ORDER_SLICE;
        draft.parent = parent;
        draft.side = BUY;
        draft.type = TURRET_ORDER_LIMIT;
        draft.limit_price = 4950;
        draft.qty = i ? 1 : 80;
        more = held_add(rig.engine, &draft);
        assert_non_null(more);
        held_send(rig.engine, more, NULL);
    }
    halted("parts of more than their parent: 201 out, 200 asked for");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_part_that_did_not_leave_is_its_parents_again),
        CASE(a_part_does_not_wait_for_its_own_parent),
        CASE(two_exits_of_one_position_halt),
        CASE(exits_that_share_a_position_halt_nothing),
        CASE(what_a_parent_filled_counts_after_a_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
