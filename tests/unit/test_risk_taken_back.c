/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an execution which its venue takes back or corrects is no round trip of its strategy
 * that ended with a loss, unless something was lost before.
 */
#include "risk_bench.h"

static void takes_back(const char *execution, turret_qty instead, turret_price price)
{
    struct event event = rig_event(&rig, EVENT_BUST);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "%s", execution);
    if (instead)
        (void)snprintf(event.u.bust.new_execution_id, 40, "instead of %s", execution);
    event.u.bust.corrected_qty = instead;
    event.u.bust.corrected_price = price;
    engine_ingest(rig.engine, &event);
}

static void fills_with_a_fee(const char *execution, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = rig_order(&rig, 0, TURRET_SIDE_BUY, qty, 0);
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    event.u.fill.fee = MONEY_ONE;
    (void)snprintf(event.u.fill.execution_id, 40, "%s", execution);
    engine_ingest(rig.engine, &event);
}

static void an_entry_taken_back_is_no_loss(void **state)
{
    const struct conduct *conduct = &rig.engine->strategies[0].conduct;
    const struct position *position = rig_own(&rig, 0, 0);
    uint64_t id;
    (void)state;
    all()->loss_streak = 1;
    fills_with_a_fee("entry", 40);
    takes_back("entry", 40, 10005);
    assert_int_equal(position->qty, 40);
    assert_true(position->trades == 0 && conduct->losses == 0);
    takes_back("instead of entry", 0, 0);
    assert_int_equal(position->qty, 0);
    assert_true(position->trades == 0 && conduct->losses == 0 && position->trade_profit == 0);
    assert_true(rig.engine->strategies[0].record.losses == 0);
    assert_int_equal(buys(20, 10000), DENY_NONE);
    fills_with_a_fee("one", 20);
    fills_with_a_fee("two", 20);
    id = rig_order(&rig, 0, TURRET_SIDE_SELL, 20, 0);
    rig_fill(&rig, id, "out", TURRET_SIDE_SELL, 20, 9000);
    assert_true(position->trades == 0);
    takes_back("two", 0, 0);
    assert_int_equal(position->qty, 0);
    assert_true(position->trades == 1 && position->wins == 0 && conduct->losses == 1);
    assert_int_equal(buys(20, 10000), DENY_LOSS_STREAK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(an_entry_taken_back_is_no_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
