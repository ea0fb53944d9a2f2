/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an execution which the core does not remember any more is known to be in the store
 * only: when newer ones took its place, also after a restart with less in the configuration, and
 * when a configuration dropped what it was of.
 */
#include "engine_case.h"

static struct rig_options options(uint32_t instruments)
{
    struct rig_options o = rig_defaults();
    o.instruments = instruments;
    o.engine.executions_max = 64;
    return o;
}

static void trades(uint32_t which, int number)
{
    uint8_t side = number % 2 ? TURRET_SIDE_SELL : TURRET_SIDE_BUY;
    struct turret_order_request request = rig_request(rig.instrument[which], side, 1, 0);
    struct event event = rig_event(&rig, EVENT_FILL);
    uint64_t id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig.instrument[which];
    event.u.fill.side = side;
    event.u.fill.qty = 1;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, 40, "e%u-%d", which, number);
    engine_ingest(rig.engine, &event);
}

static bool knows(const char *execution)
{
    char id[40] = "";
    (void)snprintf(id, sizeof id, "%s", execution);
    return engine_knows_execution(rig.engine, 0, id);
}

static void again_with(uint32_t instruments)
{
    static uint8_t bytes[1 << 20];
    struct rig_options o = options(instruments);
    struct turret_error err = {0};
    turret_time_ns time = rig.time;
    size_t size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    rig.time = time;
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_PARAMS, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_OK);
}

static int open_both(void **state)
{
    struct rig_options o = options(2);
    (void)state;
    rig_open(&rig, &o);
    return 0;
}

static void newer_ones_take_its_place(void **state)
{
    int i;
    (void)state;
    for (i = 0; i < 64; i++)
        trades(0, i);
    assert_false(engine_forgot_executions(rig.engine)); /* it is full, and has them all */
    assert_true(knows("e0-0"));
    again_with(2);
    assert_false(engine_forgot_executions(rig.engine));
    trades(0, 64);
    assert_true(engine_forgot_executions(rig.engine));
    assert_false(knows("e0-0"));
}

static void there_is_room_after_a_restart_with_less(void **state)
{
    int i;
    (void)state;
    for (i = 0; i < 100; i++)
        trades(0, i);
    for (i = 0; i < 2; i++)
        trades(1, i);
    again_with(1);
    assert_int_equal(rig.engine->executions.count, 62);
    assert_false(knows("e0-0"));
    assert_true(engine_forgot_executions(rig.engine)); /* so that the store is asked */
    again_with(1);
    assert_true(engine_forgot_executions(rig.engine));
}

static void what_it_was_of_is_gone_and_comes_back(void **state)
{
    int i;
    (void)state;
    for (i = 0; i < 2; i++)
        trades(1, i);
    again_with(2);
    assert_false(engine_forgot_executions(rig.engine));
    again_with(1);
    assert_true(engine_forgot_executions(rig.engine));
    again_with(2);
    assert_true(engine_forgot_executions(rig.engine));
    assert_false(knows("e1-0"));
}

#define FORGOT_TEST(name) cmocka_unit_test_setup_teardown(name, open_both, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORGOT_TEST(newer_ones_take_its_place),
        FORGOT_TEST(there_is_room_after_a_restart_with_less),
        FORGOT_TEST(what_it_was_of_is_gone_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
