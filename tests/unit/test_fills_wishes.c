/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a wish of which executions were taken back is not met any more: said again it trades
 * for what is missing, and nothing does before; that another price, an exit or a newer wish leave
 * it as it is.
 */
#include "held_bench.h"

static uint32_t left(void)
{
    return rig.command_count;
}

static void wish(turret_qty qty)
{
    (void)turret_target(rig.self[0], rig.instrument[0], qty, "wish");
    rig_turn(&rig);
}

static void fills(const char *execution, turret_qty qty)
{
    rig_fill(&rig, sent()->order.order_id, execution, BUY, qty, 10000);
}

static uint32_t wished(void)
{
    return rig_own(&rig, 0, 0)->has_target;
}

static void what_was_taken_back_is_wished_for_again(void **state)
{
    uint32_t before;
    (void)state;
    wish(10);
    fills("1", 10);
    busts("1", "", 0, 0);
    before = left();
    rig_turn(&rig);
    seconds_pass(60);
    assert_int_equal(left(), before);
    wish(10);
    assert_int_equal(left(), before + 1);
    assert_int_equal(sent()->order.qty, 10);
    fills("2", 10);
    wish(10);
    assert_int_equal(left(), before + 1);
    assert_int_equal(held_now(), 10);
}

static void a_correction_leaves_what_it_does_not_change(void **state)
{
    uint32_t before;
    (void)state;
    wish(10);
    fills("1", 10);
    before = left();
    busts("1", "2", 10, 10001);
    assert_int_equal(wished(), POSITION_TARGET);
    busts("2", "3", 7, 10001);
    wish(10);
    assert_int_equal(left(), before + 1);
    assert_int_equal(sent()->order.qty, 3);
    fills("4", 3);
    busts("3", "5", 7, 0); /* makes no sense: nothing stands there */
    assert_int_equal(held_now(), 3);
    wish(10);
    assert_int_equal(sent()->order.qty, 7);
}

/* It held what it wished for, by an order that was none; that is forgotten, or not. */
static void whichever_order_it_was(void **state)
{
    uint32_t i;
    (void)state;
    rig.engine->sink.order = rig_on_order;
    hold(BUY, 10, "1");
    wish(10);
    busts("1", "", 0, 0);
    assert_int_equal(wished(), POSITION_NO_TARGET);
    hold(BUY, 10, "2");
    wish(10);
    for (i = 0; i < rig.engine->options.orders_max; i++)
        (void)limit_of(BUY, 1, 90000, 0); /* denied */
    busts("2", "", 0, 0);
    assert_int_equal(wished(), POSITION_NO_TARGET);
}

/* It has to change its mind after an exit, as ever. */
static void an_exit_leaves_the_wish(void **state)
{
    uint64_t stop;
    uint32_t before;
    (void)state;
    rig.engine->strategies[0].protection.trailing_nano = 5 * MONEY_NANO;
    wish(10);
    fills("1", 10);
    trade(9500);
    stop = sent()->order.order_id;
    assert_int_equal(at(stop)->role, ORDER_EXIT);
    rig_fill(&rig, stop, "2", SELL, 10, 9500);
    busts("2", "3", 9, 9500);
    assert_int_equal(wished(), POSITION_TARGET);
    busts("3", "", 0, 0);
    assert_int_equal(wished(), POSITION_TARGET);
    before = left();
    wish(10);
    assert_int_equal(left(), before);
}

static void a_newer_wish_waits_on(void **state)
{
    struct position *own =
        strategy_position(rig.engine, &rig.engine->strategies[0], rig.instrument[0]);
    (void)state;
    wish(10);
    fills("1", 10);
    own->has_target = POSITION_TARGET_WAITS;
    busts("1", "", 0, 0);
    assert_int_equal(wished(), POSITION_TARGET_WAITS);
    rig_fill(&rig, 0, "nobody", BUY, 4, 10000);
    busts("nobody", "", 0, 0);
    assert_int_equal(wished(), POSITION_TARGET_WAITS);
}

#define WISH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WISH_TEST(what_was_taken_back_is_wished_for_again),
        WISH_TEST(a_correction_leaves_what_it_does_not_change),
        WISH_TEST(whichever_order_it_was),
        WISH_TEST(an_exit_leaves_the_wish),
        WISH_TEST(a_newer_wish_waits_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
