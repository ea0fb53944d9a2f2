/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a venue may give an execution any name: one that reads like those the host gives to
 * what takes one back ("busted-1") or stands in its place ("corrected-2") is booked, taken back and
 * restored like any other, before and after the host has one that reads the same.
 */
#include "fills_case.h"

static uint32_t venue_named(const char *name)
{
    char id[40] = "";
    const struct fill *fill;
    (void)snprintf(id, sizeof id, "%s", name);
    fill = executions_find(&rig.engine->executions, 0, id);
    return fill ? (uint32_t)fill->qty : 0;
}

static void what_the_venue_names_so_is_booked(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000); /* the host's number 1 */
    take_back("a", "a", 8, 10000);                       /* 2 takes it back, 3 stands there */
    assert_string_equal(rig.last_fill.execution_id, "corrected-2");
    assert_int_equal(rig.last_fill.by_host, 1);
    rig_fill(&rig, id, "busted-1", TURRET_SIDE_BUY, 3, 10000);
    rig_fill(&rig, id, "corrected-2", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(held(), 15);
    assert_int_equal(rig.last_fill.by_host, 0);
    rig_fill(&rig, id, "busted-1", TURRET_SIDE_BUY, 3, 10000); /* heard before */
    assert_int_equal(held(), 15);
    take_back("corrected-2", "", 0, 0);
    assert_int_equal(held(), 11);
    take_back("a", "", 0, 0); /* leads to the host's, not to those */
    assert_int_equal(held(), 3);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 3);
    assert_int_equal(venue_named("busted-1"), 3);
}

static void it_may_come_first(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    (void)state;
    rig_fill(&rig, id, "busted-2", TURRET_SIDE_BUY, 3, 10000);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    rig_fill(&rig, id, "busted-9", TURRET_SIDE_BUY, 2, 10000);
    take_back("a", "a", 8, 10000);
    take_back("a", "a", 7, 10000);
    assert_int_equal(held(), 12);
    assert_int_equal(venue_named("busted-2"), 3);
    take_back("busted-2", "", 0, 0);
    assert_int_equal(held(), 9);
}

/* A bust of that name waits for the venue's, not for the host's. */
static void it_may_be_taken_back_before_it_comes(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    take_back("corrected-2", "", 0, 0);
    take_back("a", "a", 8, 10000);
    assert_int_equal(held(), 8);
    rig_fill(&rig, id, "corrected-2", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(held(), 8);
    assert_int_equal(venue_named("corrected-2"), 4);
}

static int restored(const uint8_t *bytes, size_t size, struct turret_error *err)
{
    struct rig_options o = rig_defaults();
    int status;
    rig_close(&rig);
    (void)rig_build(&rig, &o, err);
    status = engine_preload(rig.engine, bytes, size, err);
    if (!status)
        status = engine_start(rig.engine, TURRET_REASON_RESTART, err);
    return status ? status : engine_restore(rig.engine, bytes, size, err);
}

static void a_restart_finds_both(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    struct turret_error err = {0};
    uint8_t bytes[65536];
    size_t size;
    (void)state;
    rig_fill(&rig, id, "busted-2", TURRET_SIDE_BUY, 3, 10000);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    take_back("a", "a", 8, 10000);
    rig_fill(&rig, id, "corrected-3", TURRET_SIDE_BUY, 4, 10000);
    size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    assert_in_range(size, 1, sizeof bytes);
    if (restored(bytes, size, &err))
        fail_msg("%s", err.text);
    assert_int_equal(venue_named("busted-2"), 3);
    assert_int_equal(venue_named("corrected-3"), 4);
    take_back("a", "", 0, 0);
    assert_int_equal(held(), 7);
    rig.engine->executions.ring[0] = rig.engine->executions.ring[1]; /* two of the venue's own */
    size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    assert_int_equal(restored(bytes, size, &err), TURRET_ECORRUPT);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_the_venue_names_so_is_booked),
        ENGINE_TEST(it_may_come_first),
        ENGINE_TEST(it_may_be_taken_back_before_it_comes),
        cmocka_unit_test_setup(a_restart_finds_both, open_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
