/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's parts are found by name in the registry that has them and in no other, each offered
 * once; an adapter's timers and descriptors come from the registry's loop and end with the adapter.
 */
#include "session/services.h"

#include "session/venue_io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void test_names(void **state)
{
    struct registry *with = NULL, *without = NULL;
    struct turret_error err = {0};
    struct store *store = (void *)&err; /* never followed */
    struct loop *loop = (void *)&with;
    (void)state;
    assert_int_equal(registry_create(&with, "private", &err), TURRET_OK);
    assert_int_equal(registry_create(&without, "private", &err), TURRET_OK);
    assert_int_equal(services_offer_store(with, store, &err), TURRET_OK);
    assert_int_equal(services_offer_loop(with, loop, &err), TURRET_OK);
    assert_ptr_equal(services_store(with), store);
    assert_ptr_equal(services_loop(with), loop);
    assert_null(services_store(without));
    assert_null(services_loop(without));
    assert_int_equal(services_offer_store(with, store, &err), TURRET_EEXIST);
    registry_destroy(with);
    registry_destroy(without);
}

static void no_turn(void *context)
{
    (void)context;
}

static void test_without_loop(void **state)
{
    struct venue_io io;
    (void)state;
    assert_int_equal(venue_io_init(&io, NULL, NULL, 0), TURRET_OK);
    assert_int_equal(venue_io_watch(&io, 0, LOOP_READ), TURRET_ENOTSUP);
    assert_int_equal(venue_io_timer(&io, 0, 1), TURRET_OK);
    assert_int_equal(venue_io_timer(&io, VENUE_TIMERS, 1), TURRET_EINVAL);
    venue_io_finish(&io);
}

static void test_slots(void **state)
{
    struct venue_io io;
    struct loop *loop = NULL;
    int pipes[VENUE_WATCHES + 1][2], i;
    (void)state;
    assert_int_equal(loop_create(&loop, no_turn, NULL, NULL), TURRET_OK);
    assert_int_equal(venue_io_init(&io, loop, NULL, 0), TURRET_OK);
    for (i = 0; i <= VENUE_WATCHES; i++)
        assert_int_equal(pipe(pipes[i]), 0);
    for (i = 0; i < VENUE_WATCHES; i++)
        assert_int_equal(venue_io_watch(&io, pipes[i][0], LOOP_READ), TURRET_OK);
    assert_int_equal(venue_io_watch(&io, pipes[3][0], LOOP_READ | LOOP_WRITE), TURRET_OK);
    assert_int_equal(venue_io_watch(&io, pipes[VENUE_WATCHES][0], LOOP_READ), TURRET_ELIMIT);
    assert_int_equal(venue_io_watch(&io, pipes[VENUE_WATCHES][0], 0), TURRET_OK);
    assert_int_equal(venue_io_watch(&io, pipes[3][0], 0), TURRET_OK);
    assert_int_equal(venue_io_watch(&io, pipes[VENUE_WATCHES][0], LOOP_READ), TURRET_OK);
    assert_int_equal(venue_io_timer(&io, VENUE_TIMERS - 1, 1000), TURRET_OK);
    assert_int_equal(venue_io_timer(&io, VENUE_TIMERS - 1, -1), TURRET_OK);
    venue_io_finish(&io);
    loop_destroy(loop); /* would touch what is gone if anything of the adapter were left on it */
    for (i = 0; i <= VENUE_WATCHES; i++) {
        (void)close(pipes[i][0]);
        (void)close(pipes[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_without_loop),
        cmocka_unit_test(test_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
