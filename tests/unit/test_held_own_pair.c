/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an order of the strategy's own which is the other of a pair with an exit stays what it
 * was asked for when the exit grows with its entry: nothing of it is without a check or without a
 * reservation.
 */
#include "held_bench.h"

/* An entry of 20 at 100.00 of which 5 filled, with a stop at 95.00. */
static uint64_t entry_of_20(void)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 20);
    uint64_t entry;
    request.limit_price = 10000;
    request.stop_loss = 9500;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 5, 10000);
    return entry;
}

/* Its own, held, and of a pair with that one. */
static uint64_t paired_with(uint64_t exit, turret_qty qty, turret_price stop_price)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP_LIMIT, qty);
    uint64_t own;
    request.stop_price = request.limit_price = stop_price;
    request.oco = exit;
    own = ask(request);
    is(own, TURRET_STATE_HELD);
    assert_true(at(own)->oco == exit && at(exit)->oco == own);
    return own;
}

static void its_own_order_stays_as_it_is(void **state)
{
    uint64_t entry = entry_of_20(), stop = child(entry, TURRET_ORDER_STOP), own;
    (void)state;
    own = paired_with(stop, 3, 9400);
    rig_fill(&rig, entry, "2", BUY, 10, 10000);
    assert_int_equal(at(own)->qty, 3);
    assert_int_equal(at(stop)->qty, 15);
    rig_fill(&rig, entry, "3", BUY, 5, 10000);
    assert_int_equal(at(own)->qty, 3);
    assert_int_equal(at(stop)->qty, 20);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), stop); /* one for all of it */
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 3);
    cancels(own);
    is(own, TURRET_STATE_CANCELED);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_sell, 0);
}

/* The limit is 50: from 40 no more than 90 are sold, whatever was paired before. */
static void no_limit_is_got_past(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 40);
    const struct order *order;
    uint64_t entry, own;
    uint32_t cursor = 0, i;
    turret_qty worst;
    (void)state;
    rig.engine->options.risk.max_position_nano = 50 * MONEY_NANO;
    request.limit_price = 10000;
    request.stop_loss = 9500;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 1, 10000);
    own = paired_with(child(entry, TURRET_ORDER_STOP), 1, 9000);
    rig_fill(&rig, entry, "2", BUY, 39, 10000);
    cancels(own);
    for (i = 0; i < 3; i++)
        (void)rig_order(&rig, 0, SELL, 43, 0);
    worst = rig_own(&rig, 0, 0)->qty;
    assert_int_equal(worst, 40);
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->state == TURRET_STATE_SENT && order->side == SELL)
            worst -= order_leaves(order);
    assert_int_equal(worst, -46);
}

#define HELD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HELD_TEST(its_own_order_stays_as_it_is),
        HELD_TEST(no_limit_is_got_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
