/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that timers are looked through only when one is due, and that none is missed for that:
 * the earliest of all strategies counts, what was due in a pause is called with the start, and a
 * restored engine finds them in its snapshot.
 */
#include "engine_rig.h"

static struct rig rig;
static char called[64]; /* strategy and timer, in turn */

static void on_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    size_t at = strlen(called);
    assert_true(now == rig.time);
    (void)snprintf(called + at, sizeof called - at, "%c%u ", self == rig.self[0] ? 'a' : 'b',
                   timer_id);
}

static int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    rig_open(&rig, &o);
    rig_script.on_timer = on_timer;
    called[0] = 0;
    rig_turn(&rig);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static void set(uint32_t strategy, uint32_t timer_id, turret_time_ns after)
{
    assert_int_equal(turret_timer(rig.self[strategy], timer_id, rig.time + after), TURRET_OK);
}

/* So much later they have been called, and this is when it is looked again. */
static void passes(turret_time_ns time, const char *expected, turret_time_ns next)
{
    called[0] = 0;
    rig.time += time;
    rig_turn(&rig);
    assert_string_equal(called, expected);
    assert_true(rig.engine->next_timer == next);
}

static void the_earliest_counts(void **state)
{
    turret_time_ns from = rig.time;
    (void)state;
    assert_true(rig.engine->next_timer == INT64_MAX);
    set(1, 0, 9);
    set(0, 7, 5);
    set(0, 0, 20);
    set(1, 3, 5);
    passes(4, "", from + 5);
    passes(1, "a7 b3 ", from + 9);
    passes(3, "", from + 9);
    set(1, 0, 100);
    passes(1, "", from + 20); /* it was put off: once for nothing */
    assert_int_equal(turret_timer(rig.self[0], 0, 0), TURRET_OK);
    assert_true(rig.engine->next_timer == from + 20);
    passes(50, "", from + 108);
    passes(60, "b0 ", INT64_MAX);
}

static void what_was_due_in_a_pause_is_called_with_the_start(void **state)
{
    turret_time_ns from = rig.time;
    (void)state;
    set(0, 1, 5);
    set(1, 2, 9);
    rig_control(&rig, CONTROL_PAUSE_STRATEGY, 0, 0);
    passes(6, "", from + 9); /* no longer looked at with every event */
    rig_control(&rig, CONTROL_START_STRATEGY, 0, 0);
    assert_string_equal(called, "a1 ");
    passes(3, "b2 ", INT64_MAX);
}

static void a_restored_engine_finds_them(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    turret_time_ns from = rig.time;
    size_t size;
    uint8_t *bytes;
    (void)state;
    set(0, 1, 5);
    set(1, 2, 9);
    rig_turn(&rig);
    size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    o.strategies = 2;
    (void)rig_build(&rig, &o, &err);
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    rig.engine->next_timer = INT64_MAX; /* whatever it had found before */
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_OK);
    free(bytes);
    rig.time = from;
    rig_script.on_timer = on_timer;
    passes(4, "", from + 5);
    passes(1, "a1 ", from + 9);
    passes(4, "b2 ", INT64_MAX);
}

#define TIMER_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TIMER_TEST(the_earliest_counts),
        TIMER_TEST(what_was_due_in_a_pause_is_called_with_the_start),
        TIMER_TEST(a_restored_engine_finds_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
