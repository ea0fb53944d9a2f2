/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what the host asks for is asked for again when the venue refused it, that a changed
 * parent takes all its parts back, that an exit which never left is due again, and that what is due
 * follows from the state alone: not from the engine that a replay has at a configuration's record.
 */
#include "held_bench.h"

static void nothing_is_due_at_a_configurations_record(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    struct event event;
    uint64_t stop;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9900;
    stop = ask(request);
    rig.engine->options.risk.max_order_qty_nano = MONEY_NANO;
    trade(9850);
    assert_int_equal(at(stop)->denial, DENY_ORDER_QTY);
    rig.engine->options.risk = rig_limits(); /* what a new configuration allows */
    event = rig_event(&rig, EVENT_CONFIG);
    engine_ingest(rig.engine, &event);
    is(stop, TURRET_STATE_HELD);
    rig_turn(&rig);
    is(stop, TURRET_STATE_SENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_due_at_a_configurations_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
