/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of orders that the host keeps, in their numbers: how long one has when it
 * leaves, what its venue is told of it, what a change and a cut leave of it, which of two dates
 * ends first, what a restart finds again, whose and of when the host's own orders are, and new
 * units.
 */
#include "held_bench.h"

static uint64_t until(int64_t seconds, turret_price limit_price)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    request.limit_price = limit_price;
    request.tif = TURRET_TIF_GTD;
    request.expires = engine_now(rig.engine) + seconds * MONEY_NANO;
    return ask(request);
}

/* ---- when it leaves ---- */

/* It may wait for days; its half a minute begins when it goes. */
static void a_stop_has_its_time_from_when_it_leaves(void **state)
{
    uint64_t id = stop_of(SELL, 10, 9900, 0);
    (void)state;
    seconds_pass(3600);
    trade(9900);
    is(id, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.deadline, engine_now(rig.engine) + ORDER_DEADLINE_NS);
    assert_int_equal(at(id)->was_stop, 1); /* its type does not say so any more */
}

static void a_venue_that_trails_is_told_by_how_much(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_TRAILING_STOP, 10);
    (void)state;
    rig.engine->venues[0].caps.order_types |= 1u << TURRET_ORDER_TRAILING_STOP;
    request.trail = 70;
    is(ask(request), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.trail, 70);
}

static void a_venue_without_dates_is_told_none(void **state)
{
    (void)state;
    is(until(60, 9900), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.expires, 0);
}

static void the_earlier_of_two_dates_ends_first(void **state)
{
    uint64_t early = until(10, 9900), late = until(3600, 9800);
    (void)state;
    rig_ack(&rig, early, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_ack(&rig, late, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    seconds_pass(10);
    assert_int_equal(count_of(COMMAND_CANCEL, early), 1);
    assert_int_equal(count_of(COMMAND_CANCEL, late), 0);
}

/* Its venue refused it, and fills it after all: it works there, and its date comes. */
static void a_date_comes_for_one_that_works_after_all(void **state)
{
    uint64_t id = until(10, 9900);
    (void)state;
    refuse(id, TURRET_REQUEST_SUBMIT);
    is(id, TURRET_STATE_REJECTED);
    rig_fill(&rig, id, "1", BUY, 4, 9900);
    is(id, TURRET_STATE_PARTIAL);
    seconds_pass(10);
    assert_int_equal(count_of(COMMAND_CANCEL, id), 1);
}

/* ---- changes ---- */

/* What traded before the change was before the new price. */
static void a_changed_stop_looks_at_what_traded_since(void **state)
{
    uint64_t id = stop_of(SELL, 10, 9000, 0);
    (void)state;
    seconds_pass(600);
    changes(id, 0, 0, 9900);
    bar_from_before(9850, 10000, 10000);
    is(id, TURRET_STATE_HELD);
    bar(9850, 10000, 10000);
    is(id, TURRET_STATE_SENT);
}

static void a_change_that_leaves_the_slice_room_leaves_it_alone(void **state)
{
    uint64_t parent = iceberg_of(25, 10);
    (void)state;
    changes(parent, 10, 0, 0); /* as much as its slice */
    assert_int_equal(at(parent)->qty, 10);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 0);
}

/* Shown one by one: a slice of one is a slice. */
static void an_iceberg_of_single_units_is_changed_and_cancelled(void **state)
{
    uint64_t parent = iceberg_of(3, 1), slice = sent()->order.order_id;
    (void)state;
    assert_int_equal(sent()->order.qty, 1);
    changes(parent, 0, 9950, 0);
    assert_int_equal(count_of(COMMAND_CANCEL, slice), 1);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 1, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.limit_price, 9950);
    slice = sent()->order.order_id;
    cancels(parent);
    is(parent, TURRET_STATE_HELD); /* as long as one is out */
    assert_int_equal(count_of(COMMAND_CANCEL, slice), 1);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 1, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
}

/* Nothing of it is out: the new price is that of its next slice, which is not put off for it. */
static void an_iceberg_that_waits_takes_its_new_price_along(void **state)
{
    uint64_t parent = iceberg_of(25, 10), slice = sent()->order.order_id;
    uint32_t before = count_of(COMMAND_SUBMIT, 0);
    (void)state;
    did_not_leave(slice);
    changes(parent, 0, 9950, 0);
    seconds_pass(1);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before + 1);
    assert_int_equal(sent()->order.limit_price, 9950);
    is(parent, TURRET_STATE_HELD);
}

/* ---- less of one at its venue ---- */

static void a_cut_is_a_request_of_its_own(void **state)
{
    uint64_t one = limit_of(BUY, 10, 9900, 0), other = limit_of(BUY, 10, 9800, one);
    (void)state;
    taken(other);
    seconds_pass(3600);
    rig_fill(&rig, one, "1", BUY, 4, 9900);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    assert_int_equal(sent()->order.order_id, other);
    assert_int_equal(sent()->order.request, 2);
    assert_int_equal(sent()->order.deadline, engine_now(rig.engine) + ORDER_DEADLINE_NS);
    assert_int_equal(at(other)->deadline, engine_now(rig.engine) + ORDER_DEADLINE_NS);
    assert_int_equal(at(other)->updated, engine_now(rig.engine));
    rig_ack(&rig, other, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    assert_int_equal(at(other)->request, TURRET_REQUEST_NONE);
}

/* ---- a restart ---- */

/* The oldest order in the books is found again like all others. */
static void a_restart_finds_the_first_order_of_all(void **state)
{
    uint64_t id = stop_of(SELL, 10, 9900, 0);
    (void)state;
    rig.engine->watched_count = 0;
    held_restore(rig.engine);
    trade(9900);
    is(id, TURRET_STATE_SENT);
}

static void a_pair_is_told_of_each_other(void **state)
{
    uint64_t one = limit_of(BUY, 10, 9900, 0), other = limit_of(BUY, 10, 9800, one);
    (void)state;
    assert_int_equal(row_of(one)->oco, other);
    assert_int_equal(row_of(other)->oco, one);
}

/* ---- the host's own ---- */

static void an_exit_says_when_and_why_it_came(void **state)
{
    uint64_t entry, stop, profit;
    uint64_t orders = rig.engine->strategies[0].orders;
    (void)state;
    seconds_pass(600);
    entry = entered(BUY, 10, 9800, 10300);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
    assert_int_equal(at(stop)->created, engine_now(rig.engine));
    assert_int_equal(at(stop)->updated, engine_now(rig.engine));
    assert_int_equal(at(stop)->sequence, rig.engine->sequence);
    assert_int_equal(at(stop)->request_version, 1);
    assert_string_equal(at(stop)->reason, "stop loss");
    assert_int_equal(profit, stop + 1); /* no number is left out */
    assert_int_equal(rig.engine->next_order_id, profit + 1);
    assert_int_equal(rig.engine->strategies[0].orders, orders + 3);
}

/* What traded before the fill does not end what the fill began. */
static void an_exit_looks_at_what_traded_since(void **state)
{
    uint64_t stop;
    (void)state;
    seconds_pass(600);
    stop = child(entered(BUY, 10, 9800, 0), TURRET_ORDER_STOP);
    bar_from_before(9700, 10000, 10000);
    is(stop, TURRET_STATE_HELD);
}

static void an_exit_fills_nothing_of_its_entry(void **state)
{
    uint64_t entry = entered(BUY, 10, 9800, 0);
    (void)state;
    trade(9800);
    rig_fill(&rig, child(entry, TURRET_ORDER_MARKET), "exit", SELL, 10, 9800);
    is(entry, TURRET_STATE_FILLED);
    assert_int_equal(at(entry)->filled_qty, 10);
}

/* A strategy looks after its own stop; the host speaks of exits that it placed. */
static void a_stop_of_the_strategys_own_ends_without_a_word(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t id;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9900;
    id = ask(request);
    trade(9900);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    is(id, TURRET_STATE_CANCELED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* One tick is the shortest trail there is. */
static void a_trail_of_one_tick_protects(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry;
    (void)state;
    request.stop_trail = 1;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    assert_int_equal(at(child(entry, TURRET_ORDER_TRAILING_STOP))->stop_price, 9999);
}

static void a_single_unit_is_closed(void **state)
{
    (void)state;
    hold(BUY, 1, "1");
    held_close(rig.engine, &rig.engine->strategies[0], rig.instrument[0], INT64_MAX, "closed");
    rig_turn(&rig);
    assert_int_equal(sent()->order.side, SELL);
    assert_int_equal(sent()->order.qty, 1);
}

/* ---- two venues ---- */

static int set_up_two_venues(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.venues = 2;
    (void)set_up_with(&o);
    rig.engine->venues[1].caps.order_types = rig.engine->venues[0].caps.order_types;
    return 0;
}

static void an_exit_goes_where_its_position_is(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    struct event event = rig_event(&rig, EVENT_FILL);
    uint64_t entry;
    (void)state;
    request.instrument = rig.instrument[1];
    request.stop_loss = 9800;
    entry = ask(request);
    event.venue = 1;
    event.u.fill.order_id = entry;
    event.u.fill.instrument = rig.instrument[1];
    event.u.fill.side = BUY;
    event.u.fill.qty = 10;
    event.u.fill.price = 10000;
    memcpy(event.u.fill.execution_id, "1", 2);
    engine_ingest(rig.engine, &event);
    rig_bar(&rig, rig.instrument[1], 9700);
    assert_int_equal(sent()->order.order_id, child(entry, TURRET_ORDER_MARKET));
    assert_int_equal(sent()->venue, 1);
}

/* ---- new units ---- */

static void a_trail_is_cut_with_its_price(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_TRAILING_STOP, 10);
    uint64_t id;
    (void)state;
    request.trail = 100;
    id = ask(request);
    split(2, 1);
    assert_int_equal(at(id)->trail, 50);
    assert_int_equal(at(id)->stop_price, 4950);
    trade(5100);
    assert_int_equal(at(id)->stop_price, 5050);
}

static void a_trail_of_one_tick_grows_with_its_price(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry;
    (void)state;
    request.stop_trail = 1;
    entry = ask(request);
    split(1, 2);
    assert_int_equal(at(entry)->stop_trail, 2);
}

static void an_iceberg_shows_as_much_as_before(void **state)
{
    uint64_t parent = iceberg_of(25, 10), slice = sent()->order.order_id;
    (void)state;
    split(2, 1);
    assert_int_equal(at(parent)->display_qty, 20);
    rig_fill(&rig, slice, "1", BUY, 20, 4950);
    assert_int_equal(sent()->order.qty, 20);
}

static void an_exit_that_did_not_leave_is_whole_in_new_units(void **state)
{
    uint64_t stop = child(entered(BUY, 10, 9800, 0), TURRET_ORDER_STOP);
    (void)state;
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    split(2, 1);
    did_not_leave(stop);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stop_has_its_time_from_when_it_leaves),
        TEST(a_venue_that_trails_is_told_by_how_much),
        TEST(a_venue_without_dates_is_told_none),
        TEST(the_earlier_of_two_dates_ends_first),
        TEST(a_date_comes_for_one_that_works_after_all),
        TEST(a_changed_stop_looks_at_what_traded_since),
        TEST(a_change_that_leaves_the_slice_room_leaves_it_alone),
        TEST(an_iceberg_of_single_units_is_changed_and_cancelled),
        TEST(an_iceberg_that_waits_takes_its_new_price_along),
        TEST(a_cut_is_a_request_of_its_own),
        TEST(a_restart_finds_the_first_order_of_all),
        TEST(a_pair_is_told_of_each_other),
        TEST(an_exit_says_when_and_why_it_came),
        TEST(an_exit_looks_at_what_traded_since),
        TEST(an_exit_fills_nothing_of_its_entry),
        TEST(a_stop_of_the_strategys_own_ends_without_a_word),
        TEST(a_trail_of_one_tick_protects),
        TEST(a_single_unit_is_closed),
        cmocka_unit_test_setup_teardown(an_exit_goes_where_its_position_is, set_up_two_venues,
                                        tear_down),
        TEST(a_trail_is_cut_with_its_price),
        TEST(a_trail_of_one_tick_grows_with_its_price),
        TEST(an_iceberg_shows_as_much_as_before),
        TEST(an_exit_that_did_not_leave_is_whole_in_new_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
