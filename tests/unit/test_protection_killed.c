/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what KILLED does to closing by time: what becomes due under it waits, is told once, and
 * goes on with the resume, for what there is then to close, also over a restart; what was due
 * before is cancelled for good.
 */
#include "held_bench.h"

static void decide(uint32_t kind, uint32_t state)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = kind;
    event.u.control.target = TRADING_ALL;
    event.u.control.value = state;
    (void)snprintf(event.u.control.who, sizeof event.u.control.who, "uid 7");
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "drill");
    engine_ingest(rig.engine, &event);
}

/* Long 10; due with the third bar. */
static int open_held(void **state)
{
    (void)set_up(state);
    rig.engine->strategies[0].protection.max_holding_ns = 3 * RIG_MINUTE;
    hold(BUY, 10, "1");
    bar(10000, 10000, 10000);
    bar(10000, 10000, 10000);
    return 0;
}

/* The only order that closes. */
static const struct order *closing(void)
{
    const struct order *order = NULL, *each;
    uint32_t cursor = 0;
    while ((each = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (each->role == ORDER_EXIT) {
            assert_null(order);
            order = each;
        }
    assert_non_null(order);
    return order;
}

static void what_is_due_when_killed_goes_on_with_the_resume(void **state)
{
    uint32_t alarms, commands;
    (void)state;
    decide(CONTROL_TRADING_STATE, TRADING_KILLED);
    alarms = rig.notices[NOTICE_ALARM];
    commands = rig.command_count;
    bar(10000, 10000, 10000);
    is(closing()->id, TURRET_STATE_HELD);
    assert_int_equal(closing()->denial, DENY_TRADING_STATE);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "is due and waits"));
    bar(9900, 9900, 9900);
    bar(9800, 9800, 9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_int_equal(rig.command_count, commands);
    decide(CONTROL_TRADING_REVIVE, TRADING_ACTIVE);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.order_id, closing()->id);
    assert_int_equal(sent()->order.side, SELL);
    assert_int_equal(sent()->order.qty, 10);
    rig_fill(&rig, closing()->id, "2", SELL, 10, 9800);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

static void it_does_so_after_a_restart(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    turret_time_ns time;
    uint8_t *bytes;
    size_t size;
    (void)state;
    decide(CONTROL_TRADING_STATE, TRADING_KILLED);
    bar(10000, 10000, 10000);
    size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(size);
    assert_non_null(bytes);
    (void)engine_snapshot(rig.engine, bytes, size);
    time = rig.time;
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    rig.time = time;
    rig.engine->strategies[0].protection.max_holding_ns = 3 * RIG_MINUTE;
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_OK);
    free(bytes);
    bar(10000, 10000, 10000);
    is(closing()->id, TURRET_STATE_HELD);
    decide(CONTROL_TRADING_REVIVE, TRADING_ACTIVE);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, 1);
    assert_int_equal(sent()->order.order_id, closing()->id);
    assert_int_equal(sent()->order.qty, 10);
}

/* It waits for its venue, and is cancelled with the rest. */
static void what_was_due_before_is_cancelled_for_good(void **state)
{
    uint32_t commands;
    (void)state;
    rig.engine->venues[0].ready = false;
    bar(10000, 10000, 10000);
    is(closing()->id, TURRET_STATE_HELD);
    decide(CONTROL_TRADING_STATE, TRADING_KILLED);
    is(closing()->id, TURRET_STATE_CANCELED);
    rig.engine->venues[0].ready = true;
    commands = rig.command_count;
    decide(CONTROL_TRADING_REVIVE, TRADING_ACTIVE);
    bar(10000, 10000, 10000);
    assert_int_equal(rig.command_count, commands);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_held, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_due_when_killed_goes_on_with_the_resume),
        TEST(it_does_so_after_a_restart),
        TEST(what_was_due_before_is_cancelled_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
