/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which fill the store finds by the name of an execution: the venue's own, also where the
 * host has given the same name to what takes another one back.
 */
#include "store_fixture.h"

#include "fills_case.h"

#include "session/rows.h"

static struct fill fill_named(uint64_t id, uint8_t by_host)
{
    struct fill fill;
    memset(&fill, 0, sizeof fill);
    fill.id = id;
    fill.instrument = rig.instrument[0];
    fill.strategy = ORDER_NO_STRATEGY;
    fill.by_host = by_host;
    (void)snprintf(fill.execution_id, sizeof fill.execution_id, "busted-1");
    return fill;
}

static void a_name_is_the_venues(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(16384);
    struct fill theirs, ours;
    struct turret_error err = {0};
    struct row_fill row;
    (void)open_rig(NULL);
    theirs = fill_named(7, 0);
    ours = fill_named(8, 1);
    assert_int_equal(rows_put_fill(batch, rig.engine, &ours), TURRET_OK);
    assert_int_equal(store_commit(store, batch, &err), TURRET_OK);
    assert_int_equal(rows_find_execution(store, "venue0", "busted-1", &row, &err),
                     TURRET_ENOTFOUND);
    store_batch_clear(batch);
    assert_int_equal(rows_put_fill(batch, rig.engine, &theirs), TURRET_OK);
    assert_int_equal(rows_put_fill(batch, rig.engine, &ours), TURRET_OK);
    assert_int_equal(store_commit(store, batch, &err), TURRET_OK);
    assert_int_equal(rows_find_execution(store, "venue0", "busted-1", &row, &err), TURRET_OK);
    assert_int_equal(row.fill.id, 7);
    store_batch_destroy(batch);
    store_close(store);
    (void)close_rig(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_is_the_venues, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
