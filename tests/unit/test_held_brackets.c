/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows for how much of a fill exits are placed, at which prices, and which of them grow with the
 * next one; that exits shrink with their position down to a single unit; and when it is told that
 * both of a pair filled.
 */
#include "held_bench.h"

static struct turret_order_request bracket(uint8_t side, turret_qty qty)
{
    struct turret_order_request request = want(side, TURRET_ORDER_MARKET, qty);
    request.stop_loss = side == BUY ? 9800 : 10200;
    return request;
}

static uint64_t stop_under(uint64_t entry)
{
    uint64_t stop = child(entry, TURRET_ORDER_STOP);
    assert_true(stop != 0);
    return stop;
}

/* ---- for how much ---- */

static void what_closes_is_not_protected(void **state)
{
    uint64_t entry, count = rig.engine->next_order_id;
    (void)state;
    hold(SELL, 10, "1");
    entry = ask(bracket(BUY, 10));
    rig_fill(&rig, entry, "2", BUY, 6, 10000); /* less of the short */
    rig_fill(&rig, entry, "3", BUY, 4, 10000); /* and nothing of it */
    assert_int_equal(rig.engine->next_order_id, count + 2);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), 0);
}

static turret_qty largest_exit;

static void hear_of_exits(struct turret_strategy *self, const struct turret_order *order)
{
    (void)self;
    if (order->type == TURRET_ORDER_STOP && order->qty > largest_exit)
        largest_exit = order->qty;
}

/* From short to long by one fill: what is long is protected, and nobody hears of more. */
static void what_opens_beyond_a_close_is_protected(void **state)
{
    uint64_t entry;
    (void)state;
    hold(SELL, 9, "1");
    entry = ask(bracket(BUY, 10));
    largest_exit = 0;
    rig_script.on_order = hear_of_exits;
    rig_fill(&rig, entry, "2", BUY, 10, 10000);
    assert_int_equal(at(stop_under(entry))->qty, 1);
    assert_int_equal(largest_exit, 1);
}

static void a_single_unit_is_protected(void **state)
{
    uint64_t entry = ask(bracket(BUY, 10));
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 1, 10000);
    assert_int_equal(at(stop_under(entry))->qty, 1);
}

/* ---- at which prices ---- */

/* A trail begins at the stop that was asked for, where there is one. */
static void a_trail_begins_at_its_stop(void **state)
{
    struct turret_order_request request = bracket(BUY, 10);
    uint64_t entry, profit;
    (void)state;
    request.stop_trail = 100;
    request.take_profit = 10300;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    assert_int_equal(at(child(entry, TURRET_ORDER_TRAILING_STOP))->stop_price, 9800);
    profit = child(entry, TURRET_ORDER_LIMIT);
    assert_int_equal(at(profit)->trail, 0); /* a profit has neither */
    assert_int_equal(at(profit)->stop_price, 0);
}

/* It filled at a price from which the trail leads to nothing, or below. */
static void a_stop_is_a_tick_above_nothing_at_least(void **state)
{
    static const turret_price prices[] = {9000, 8500};
    uint32_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
        uint64_t entry;
        request.stop_trail = 9000;
        entry = ask(request);
        rig_fill(&rig, entry, i ? "2" : "1", BUY, 10, prices[i]);
        assert_int_equal(at(child(entry, TURRET_ORDER_TRAILING_STOP))->stop_price, 1);
    }
}

static void exits_of_one_tick_are_placed(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry;
    (void)state;
    request.stop_loss = 1;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    assert_int_equal(at(stop_under(entry))->stop_price, 1);
    trades(SELL, 10, "2");
    request = want(SELL, TURRET_ORDER_MARKET, 10);
    request.take_profit = 1;
    entry = ask(request);
    rig_fill(&rig, entry, "3", SELL, 10, 10000);
    assert_int_equal(at(child(entry, TURRET_ORDER_LIMIT))->limit_price, 1);
}

/* ---- which grow ---- */

static void both_of_a_pair_grow(void **state)
{
    struct turret_order_request request = bracket(BUY, 10);
    uint64_t entry;
    (void)state;
    request.take_profit = 10300;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 4, 10000);
    rig_fill(&rig, entry, "2", BUY, 6, 10000);
    assert_int_equal(row_of(child(entry, TURRET_ORDER_LIMIT))->qty, 10);
    assert_int_equal(row_of(child(entry, TURRET_ORDER_STOP))->qty, 10);
}

/* What is out, or should be, closes what it went for; the rest has another one. */
static void one_that_went_does_not_grow(void **state)
{
    uint64_t entry = ask(bracket(BUY, 10)), first;
    (void)state;
    rig_fill(&rig, entry, "1", BUY, 4, 10000);
    first = stop_under(entry);
    trade(9800);
    rig_fill(&rig, entry, "2", BUY, 3, 9900);
    assert_int_equal(at(first)->qty, 4);
    assert_int_equal(at(stop_under(entry))->qty, 3);
    did_not_leave(first);
    rig_fill(&rig, entry, "3", BUY, 3, 9900);
    assert_int_equal(at(first)->qty, 4);
    assert_int_equal(at(stop_under(entry))->qty, 6);
}

static void one_whose_pair_went_does_not_grow(void **state)
{
    struct turret_order_request request = bracket(BUY, 10);
    uint64_t entry, stop;
    (void)state;
    request.take_profit = 10300;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 4, 10000);
    stop = stop_under(entry);
    trade(10300);
    rig_fill(&rig, entry, "2", BUY, 6, 10000);
    assert_int_equal(at(stop)->qty, 4);
    assert_true(stop_under(entry) > stop);
    assert_int_equal(at(stop_under(entry))->qty, 6);
}

static void exits_of_another_entry_do_not_grow(void **state)
{
    uint64_t first = entered(BUY, 10, 9800, 0), second = ask(bracket(BUY, 5));
    (void)state;
    rig_fill(&rig, second, "2", BUY, 5, 10000);
    assert_int_equal(at(stop_under(first))->qty, 10);
    assert_int_equal(at(stop_under(second))->qty, 5);
}

/* ---- with the position ---- */

static void an_exit_shrinks_to_a_single_unit(void **state)
{
    uint64_t stop = stop_under(entered(BUY, 10, 9800, 0));
    (void)state;
    trades(SELL, 9, "2");
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(row_of(stop)->qty, 1);
    assert_int_equal(row_of(stop)->whole, 0); /* that is for what was sent */
    trades(SELL, 1, "3");
    is(stop, TURRET_STATE_CANCELED);
    assert_string_equal(at(stop)->venue_reason, "the position is closed");
}

/* A cut is under way; what fills meanwhile is no reason for another one. */
static void a_fill_under_a_cut_cuts_no_more(void **state)
{
    uint64_t entry = entered(BUY, 10, 9800, 0), stop = stop_under(entry);
    (void)state;
    trade(9800);
    taken(stop);
    trades(SELL, 4, "2");
    assert_int_equal(count_of(COMMAND_MODIFY, stop), 1);
    assert_int_equal(sent()->order.qty, 6);
    rig_fill(&rig, stop, "3", SELL, 2, 9800);
    assert_int_equal(count_of(COMMAND_MODIFY, stop), 1);
    assert_int_equal(count_of(COMMAND_CANCEL, stop), 0);
}

/* What is left of a sent one is what is left of the position, and not less for what it filled. */
static void what_a_sent_one_filled_counts(void **state)
{
    uint64_t entry = entered(BUY, 10, 9800, 0), stop = stop_under(entry);
    (void)state;
    trade(9800);
    taken(stop);
    rig_fill(&rig, stop, "2", SELL, 2, 9800);
    trades(SELL, 1, "3");
    assert_int_equal(at(stop)->whole, 9); /* 2 filled, 7 to go */
}

/* ---- pairs ---- */

static uint64_t one, other;

static void pair(turret_qty qty, turret_qty of_other)
{
    one = limit_of(BUY, qty, 9900, 0);
    other = limit_of(BUY, of_other, 9800, one);
    taken(one);
    taken(other);
}

static void both_filled(uint32_t alarms, const char *text)
{
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
    if (alarms && !strstr(rig.last_notice[NOTICE_ALARM], text))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

/* As much as the larger of them may be bought by both. */
static void a_pair_fills_as_much_as_its_larger_one(void **state)
{
    (void)state;
    pair(10, 20);
    rig_fill(&rig, one, "1", BUY, 10, 9900);
    rig_fill(&rig, other, "2", BUY, 5, 9800);
    both_filled(0, "");
    rig_fill(&rig, other, "3", BUY, 6, 9800);
    both_filled(1, "both filled, 21 of 20");
}

static void the_smaller_of_a_pair_may_come_late(void **state)
{
    (void)state;
    pair(10, 20);
    rig_fill(&rig, other, "1", BUY, 5, 9800);
    rig_fill(&rig, one, "2", BUY, 10, 9900);
    both_filled(0, "");
}

static void both_of_a_pair_may_fill_what_it_is(void **state)
{
    (void)state;
    pair(10, 10);
    rig_fill(&rig, other, "1", BUY, 6, 9800);
    rig_fill(&rig, one, "2", BUY, 4, 9900);
    both_filled(0, "");
}

static void a_single_unit_of_the_other_is_one_too_many(void **state)
{
    (void)state;
    pair(10, 10);
    rig_fill(&rig, other, "1", BUY, 1, 9800);
    rig_fill(&rig, one, "2", BUY, 10, 9900);
    both_filled(1, "both filled, 11 of 10");
}

/* One that fills too much alone has an alarm of its own, and that is all. */
static void one_that_fills_too_much_is_no_pair(void **state)
{
    (void)state;
    pair(10, 10);
    rig_fill(&rig, one, "1", BUY, 12, 9900);
    both_filled(1, "filled 12 of 10: more than asked for");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_closes_is_not_protected),
        TEST(what_opens_beyond_a_close_is_protected),
        TEST(a_single_unit_is_protected),
        TEST(a_trail_begins_at_its_stop),
        TEST(a_stop_is_a_tick_above_nothing_at_least),
        TEST(exits_of_one_tick_are_placed),
        TEST(both_of_a_pair_grow),
        TEST(one_that_went_does_not_grow),
        TEST(one_whose_pair_went_does_not_grow),
        TEST(exits_of_another_entry_do_not_grow),
        TEST(an_exit_shrinks_to_a_single_unit),
        TEST(a_fill_under_a_cut_cuts_no_more),
        TEST(what_a_sent_one_filled_counts),
        TEST(a_pair_fills_as_much_as_its_larger_one),
        TEST(the_smaller_of_a_pair_may_come_late),
        TEST(both_of_a_pair_may_fill_what_it_is),
        TEST(a_single_unit_of_the_other_is_one_too_many),
        TEST(one_that_fills_too_much_is_no_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
