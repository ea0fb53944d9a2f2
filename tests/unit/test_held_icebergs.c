/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which slices an iceberg sends and takes back: with its own terms, only its own and only
 * what is left of them; that one that may not go yet goes later; that cancels which were refused
 * are asked for once a second; and that its exits are no slices.
 */
#include "held_bench.h"

/* ---- what goes out ---- */

static void a_slice_only_reduces_where_its_parent_does(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_LIMIT, 25);
    (void)state;
    hold(BUY, 25, "1");
    request.limit_price = 10100;
    request.display_qty = 10;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    is(ask(request), TURRET_STATE_HELD);
    assert_int_equal(sent()->order.qty, 10);
    assert_true(sent()->order.flags & TURRET_ORDER_REDUCE_ONLY);
}

/* Its venue went away while one slice filled: the next one goes when it is back. */
static void a_slice_waits_for_its_venue(void **state)
{
    uint64_t parent = iceberg_of(25, 10), slice = sent()->order.order_id;
    uint32_t before = count_of(COMMAND_SUBMIT, 0);
    (void)state;
    rig.engine->venues[0].ready = false;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    is(parent, TURRET_STATE_HELD);
    assert_int_equal(at(parent)->denial, DENY_NOT_RECONCILED);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before);
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before + 1);
    assert_int_equal(row_of(parent)->denial, DENY_NONE);
    assert_string_equal(row_of(parent)->venue_reason, "");
    assert_int_equal(at(sent()->order.order_id)->parent, parent);
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before + 1);
}

static uint64_t asked_when_told;

static void ask_when_told(struct turret_strategy *self, const struct turret_order *order)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 3);
    (void)order;
    request.limit_price = 9800;
    if (asked_when_told == 0)
        asked_when_told = turret_submit(self, &request);
}

/* What the strategy asks for while it hears that the wait is over has an id of its own. */
static void a_strategy_may_ask_while_the_next_slice_goes(void **state)
{
    uint64_t parent = iceberg_of(25, 10), slice = sent()->order.order_id;
    uint32_t before;
    (void)state;
    rig.engine->venues[0].ready = false;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    rig.engine->venues[0].ready = true;
    before = count_of(COMMAND_SUBMIT, 0);
    asked_when_told = 0;
    rig_script.on_order = ask_when_told;
    rig_turn(&rig);
    rig_turn(&rig);
    rig_script.on_order = NULL;
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before + 2);
    assert_true(asked_when_told != 0);
    assert_int_equal(at(asked_when_told)->qty, 3);
    slice = child(parent, TURRET_ORDER_LIMIT);
    assert_int_equal(at(slice)->qty, 10);
    assert_true(slice != asked_when_told);
}

static void one_that_filled_whole_is_not_cancelled(void **state)
{
    uint64_t parent = iceberg_of(20, 10);
    (void)state;
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 10, 9900);
    rig_fill(&rig, sent()->order.order_id, "2", BUY, 10, 9900);
    is(parent, TURRET_STATE_FILLED);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 0);
}

static uint64_t heard_of;
static uint32_t times_heard;

static void hear(struct turret_strategy *self, const struct turret_order *order)
{
    (void)self;
    times_heard += order->id == heard_of;
}

/* How it is shown is the host's: the strategy hears of what fills, not of each slice. */
static void its_strategy_hears_of_fills_only(void **state)
{
    (void)state;
    heard_of = iceberg_of(25, 10);
    times_heard = 0;
    rig_script.on_order = hear;
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 10, 9900);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(times_heard, 1);
}

/* ---- what is taken back ---- */

static void only_its_own_slice_is_taken_back(void **state)
{
    uint64_t parent = iceberg_of(25, 10), slice = sent()->order.order_id, other, others;
    (void)state;
    other = iceberg_of(25, 10);
    others = sent()->order.order_id;
    cancels(parent);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 1);
    assert_int_equal(count_of(COMMAND_CANCEL, slice), 1);
    assert_int_equal(at(others)->request, TURRET_REQUEST_NONE);
    is(other, TURRET_STATE_HELD);
}

/* Slices that were said not to have left filled after all: the one that is out is too much. */
static void what_is_too_much_is_taken_back(void **state)
{
    uint64_t parent = iceberg_of(20, 10), first, second, third;
    (void)state;
    first = sent()->order.order_id;
    did_not_leave(first);
    seconds_pass(1);
    second = sent()->order.order_id;
    did_not_leave(second);
    seconds_pass(2);
    third = sent()->order.order_id;
    assert_int_not_equal(third, second);
    rig_fill(&rig, first, "1", BUY, 10, 9900);
    rig_fill(&rig, second, "2", BUY, 10, 9900);
    is(parent, TURRET_STATE_FILLED);
    assert_int_equal(count_of(COMMAND_CANCEL, third), 1);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 1);
}

static void a_refused_cancel_is_asked_for_once_a_second(void **state)
{
    uint64_t parent = iceberg_of(25, 10), slice = sent()->order.order_id;
    uint32_t i;
    (void)state;
    seconds_pass(600);
    cancels(parent);
    for (i = 1; i < 5; i++) {
        assert_int_equal(count_of(COMMAND_CANCEL, slice), i);
        refuse(slice, TURRET_REQUEST_CANCEL);
        rig_turn(&rig);
        assert_int_equal(count_of(COMMAND_CANCEL, slice), i);
        seconds_pass(1);
    }
}

/* ---- exits of an iceberg are no slices ---- */

/* 25 by tens, of which ten filled and are protected; the id of the stop. */
static uint64_t protected_iceberg(uint64_t *parent)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    request.limit_price = 9900;
    request.display_qty = 10;
    request.stop_loss = 9800;
    *parent = ask(request);
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 10, 9900);
    is(child(*parent, TURRET_ORDER_STOP), TURRET_STATE_HELD);
    return child(*parent, TURRET_ORDER_STOP);
}

static void its_cancel_leaves_its_exits(void **state)
{
    uint64_t parent, stop = protected_iceberg(&parent), slice = sent()->order.order_id;
    (void)state;
    assert_int_equal(at(slice)->role, ORDER_SLICE);
    cancels(parent);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
    is(stop, TURRET_STATE_HELD);
    trade(9800);
    is(stop, TURRET_STATE_SENT);
}

static void the_end_of_an_exit_sends_no_slice(void **state)
{
    uint64_t parent, stop = protected_iceberg(&parent);
    uint32_t before;
    (void)state;
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    before = count_of(COMMAND_SUBMIT, 0);
    rig_fill(&rig, stop, "2", SELL, 10, 9800);
    is(stop, TURRET_STATE_FILLED);
    is(parent, TURRET_STATE_HELD);
    assert_int_equal(at(parent)->filled_qty, 10);
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before);
}

/* Strategies that hold against each other: what closes one deepens the account's position, and
   then all that its entry still has open counts too. */
static void an_exit_counts_what_its_entry_has_open(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_MARKET, 20);
    uint64_t parent, stop = protected_iceberg(&parent), other;
    (void)state;
    other = turret_submit(rig.self[1], &request);
    rig_turn(&rig);
    rig_fill(&rig, other, "2", SELL, 20, 10000);
    rig.engine->options.risk.max_unexecuted = 20 * INT64_C(98) * MONEY_ONE;
    trade(9800); /* 15 to buy, and 10 to sell */
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(at(stop)->denial, DENY_UNEXECUTED);
    rig.engine->options.risk.max_unexecuted = 25 * INT64_C(98) * MONEY_ONE;
    rig_turn(&rig);
    is(stop, TURRET_STATE_SENT);
}

/* ---- fills that are taken back, and a full table ---- */

/* A third of one is nothing, and so is what is taken back of it. */
static void a_single_unit_taken_back_leaves_nothing(void **state)
{
    uint64_t parent = iceberg_of(25, 10);
    struct event bust;
    (void)state;
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 1, 9900);
    split(1, 3);
    bust = rig_event(&rig, EVENT_BUST);
    bust.venue = 0;
    memcpy(bust.u.bust.execution_id, "1", 2);
    engine_ingest(rig.engine, &bust);
    assert_int_equal(at(parent)->filled_qty, 0);
}

/* What has ended counts new units, too, as its executions do. */
static void what_ended_before_a_split_counts_new_units(void **state)
{
    uint64_t parent = iceberg_of(10, 5);
    (void)state;
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 5, 9900);
    rig_fill(&rig, sent()->order.order_id, "2", BUY, 5, 9900);
    is(parent, TURRET_STATE_FILLED);
    split(4, 1);
    busts("2", "", 0, 0);
    assert_int_equal(at(parent)->filled_qty, 20);
    assert_int_equal(held_now(), 20);
}

static int set_up_small(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.engine.orders_max = 4;
    return set_up_with(&o);
}

static uint64_t far_away(void)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 1);
    request.limit_price = 9000;
    return ask(request);
}

/* Its parent has moved behind it, as the oldest of a full table do. */
static void a_slice_older_than_all_others_is_taken_back(void **state)
{
    uint64_t parent = iceberg_of(25, 10), first = sent()->order.order_id, slice, other;
    uint32_t cursor = 0;
    (void)state;
    other = far_away();
    rig_fill(&rig, first, "1", BUY, 10, 9900);
    slice = sent()->order.order_id;
    (void)far_away(); /* instead of the first slice */
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 1, 0, 0);
    (void)far_away();
    assert_int_equal(order_table_next(rig.engine->orders, &cursor)->id, slice);
    cancels(parent);
    assert_int_equal(count_of(COMMAND_CANCEL, slice), 1);
}

static void becomes(uint32_t status)
{
    struct event event = rig_event(&rig, EVENT_STATUS);
    event.venue = 0;
    event.u.status.instrument = rig.instrument[0];
    event.u.status.status = status;
    engine_ingest(rig.engine, &event);
}

/* Its slice filled in the closing auction: there is no next one in the morning. */
static void one_for_a_day_ends_with_it(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t day, other;
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 10;
    other = ask(request);
    request.tif = TURRET_TIF_DAY;
    day = ask(request);
    becomes(TURRET_STATUS_HALTED);
    rig_fill(&rig, child(day, TURRET_ORDER_LIMIT), "1", BUY, 10, 9900);
    rig_fill(&rig, child(other, TURRET_ORDER_LIMIT), "2", BUY, 10, 9900);
    is(day, TURRET_STATE_HELD); /* it may still go on */
    becomes(TURRET_STATUS_CLOSED);
    is(day, TURRET_STATE_CANCELED);
    assert_int_equal(at(day)->denial, DENY_SESSION);
    is(other, TURRET_STATE_HELD);
    becomes(TURRET_STATUS_OPEN);
    assert_int_equal(at(sent()->order.order_id)->parent, other);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_slice_only_reduces_where_its_parent_does),
        TEST(a_slice_waits_for_its_venue),
        TEST(a_strategy_may_ask_while_the_next_slice_goes),
        TEST(one_that_filled_whole_is_not_cancelled),
        TEST(its_strategy_hears_of_fills_only),
        TEST(only_its_own_slice_is_taken_back),
        TEST(what_is_too_much_is_taken_back),
        TEST(a_refused_cancel_is_asked_for_once_a_second),
        TEST(its_cancel_leaves_its_exits),
        TEST(the_end_of_an_exit_sends_no_slice),
        cmocka_unit_test_setup_teardown(an_exit_counts_what_its_entry_has_open, set_up_two,
                                        tear_down),
        TEST(a_single_unit_taken_back_leaves_nothing),
        TEST(what_ended_before_a_split_counts_new_units),
        TEST(one_for_a_day_ends_with_it),
        cmocka_unit_test_setup_teardown(a_slice_older_than_all_others_is_taken_back, set_up_small,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
