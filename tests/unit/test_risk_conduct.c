/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the risk gate makes of a strategy's conduct over time: the same order twice. For each
 * control what just passes, what is just denied, and that it is remembered through a snapshot.
 */
#include "risk_bench.h"

#define SECOND MONEY_NANO

/* The engine ends and goes on from its snapshot, with the same limits. */
static void restart(void)
{
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    struct risk_limits limits = *all(), of_strategy = *own();
    struct rig_options o = risk_options();
    turret_time_ns time = rig.time;
    struct turret_error err = {0};
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    rig_open(&rig, &o);
    if (engine_restore(rig.engine, bytes, size, &err))
        fail_msg("%s", err.text);
    *all() = limits;
    *own() = of_strategy;
    rig.time = time;
    free(bytes);
}

static void the_same_order_again(void **state)
{
    struct turret_order_request other = want(TURRET_SIDE_BUY, 20, 9950);
    (void)state;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_NONE); /* a window of 0 s: it may */
    all()->duplicate_ns = SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    assert_int_equal(buys(30, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9955), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE); /* others in between */
    assert_int_equal(sells(20, 10050), DENY_NONE);
    other.tif = TURRET_TIF_DAY;
    assert_int_equal(asked(other), DENY_NONE);
    other.instrument = rig.instrument[1];
    assert_int_equal(asked(other), DENY_NONE);
    rig.time += SECOND - 1;
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    rig.time += 1;
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

static void what_was_denied_is_not_repeated(void **state)
{
    (void)state;
    all()->duplicate_ns = SECOND;
    all()->max_open_orders = 0;
    assert_int_equal(buys(20, 9950), DENY_OPEN_ORDERS);
    all()->max_open_orders = 10;
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

static void the_longer_window_counts(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 9950);
    uint64_t id;
    (void)state;
    own()->duplicate_ns = 2 * SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    rig.time += SECOND;
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    id = turret_submit(rig.self[1], &request); /* another strategy's is another order */
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_NONE);
}

static void a_change_is_not_a_repetition(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9950);
    (void)state;
    all()->duplicate_ns = SECOND;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(buys(20, 9955), DENY_NONE);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 9955, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
}

static void a_restart_does_not_forget_it(void **state)
{
    (void)state;
    all()->duplicate_ns = SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    restart();
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    rig.time += SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(the_same_order_again),         RISK_TEST(what_was_denied_is_not_repeated),
        RISK_TEST(the_longer_window_counts),     RISK_TEST(a_change_is_not_a_repetition),
        RISK_TEST(a_restart_does_not_forget_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
