/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows icebergs at their edges: changes to less, dates, venues that have icebergs themselves, ends
 * by the venue and by risk, and fills that come when slice or parent has ended or is gone.
 */
#include "held_bench.h"

static uint64_t iceberg(turret_qty qty, uint64_t *parent)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, qty);
    request.limit_price = 9900;
    request.display_qty = 10;
    *parent = ask(request);
    is(*parent, TURRET_STATE_HELD);
    return sent()->order.order_id;
}

static void kept_back(uint64_t id)
{
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_NOT_SENT, (int64_t)id);
    is(id, TURRET_STATE_REJECTED);
}

/* ---- changes ---- */

static void a_change_to_less_takes_the_slice_back(void **state)
{
    uint64_t parent, slice = iceberg(25, &parent);
    uint32_t commands;
    (void)state;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    slice = sent()->order.order_id;
    commands = rig.command_count;
    changes(parent, 30, 0, 0); /* the slice is within it */
    assert_int_equal(at(parent)->qty, 30);
    assert_int_equal(rig.command_count, commands);
    changes(parent, 15, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, slice);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 5);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 5);
}

static void a_change_to_what_has_filled_cancels(void **state)
{
    uint64_t parent, slice = iceberg(25, &parent);
    (void)state;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    slice = sent()->order.order_id;
    changes(parent, 10, 0, 0);
    is(parent, TURRET_STATE_HELD); /* as long as its slice is out */
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, slice);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(at(parent)->filled_qty, 10);
}

/* ---- dates, and what venues do ---- */

static void a_slice_knows_no_date_where_its_venue_has_none(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    turret_time_ns date = engine_now(rig.engine) + RIG_MINUTE / 2;
    uint64_t parent;
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 10;
    request.tif = TURRET_TIF_GTD;
    request.expires = date;
    (void)ask(request);
    assert_int_equal(sent()->order.tif, TURRET_TIF_GTC);
    assert_int_equal(sent()->order.expires, 0);
    rig.engine->venues[0].caps.times_in_force |= 1u << TURRET_TIF_GTD;
    parent = ask(request);
    assert_int_equal(sent()->order.tif, TURRET_TIF_GTD);
    assert_int_equal(sent()->order.expires, date);
    rig_state_of(&rig, sent()->order.order_id, TURRET_STATE_EXPIRED, 10, 0, 0);
    is(parent, TURRET_STATE_EXPIRED); /* it ends as its slice did */
}

static void a_date_ends_an_iceberg_with_its_slice(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t parent, slice;
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 10;
    request.tif = TURRET_TIF_GTD;
    request.expires = engine_now(rig.engine) + MONEY_NANO;
    parent = ask(request);
    slice = sent()->order.order_id;
    bar(10000, 10000, 10000);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, slice);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_EXPIRED);
    assert_string_equal(at(parent)->venue_reason, "its time is over");
    request.expires = engine_now(rig.engine) + MONEY_NANO;
    parent = ask(request);
    slice = sent()->order.order_id;
    cancels(parent); /* before the date */
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
    assert_string_equal(at(parent)->venue_reason, "");
}

static void a_date_that_has_not_come_is_not_why_it_ends(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    uint64_t id;
    (void)state;
    request.stop_price = 10900;
    request.tif = TURRET_TIF_GTD;
    request.expires = engine_now(rig.engine) + RIG_MINUTE;
    id = ask(request);
    cancels(id);
    is(id, TURRET_STATE_CANCELED);
}

static void a_venue_with_icebergs_gets_the_whole(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    (void)state;
    request.limit_price = 9900;
    request.display_qty = 25; /* all of it is shown */
    is(ask(request), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 25);
    assert_int_equal(sent()->order.display_qty, 0);
    rig.engine->venues[0].caps.can |= TURRET_CAN_ICEBERG;
    request.display_qty = 10;
    is(ask(request), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 25);
    assert_int_equal(sent()->order.display_qty, 10);
}

/* Only what was sent can be cancelled at a venue, whatever that one tells. */
static void a_venue_that_tells_of_a_parent_is_not_asked_to_cancel_it(void **state)
{
    uint64_t parent;
    uint32_t i;
    (void)state;
    (void)iceberg(25, &parent);
    cancels(parent);
    rig.time += ORDER_ANSWER_NS + 1;
    rig_state_of(&rig, parent, TURRET_STATE_ACCEPTED, 25, 0, 1);
    is(parent, TURRET_STATE_HELD);
    for (i = 0; i < rig.command_count; i++)
        assert_true(rig.commands[i].order.order_id != parent);
}

/* ---- risk, and room ---- */

static void a_denied_slice_ends_what_has_filled(void **state)
{
    uint64_t parent, slice = iceberg(25, &parent);
    (void)state;
    rig.engine->options.risk.max_order_qty_nano = 5 * MONEY_NANO;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(at(parent)->denial, DENY_ORDER_QTY);
    assert_int_equal(at(parent)->filled_qty, 10);
    assert_int_equal(sent()->order.order_id, slice);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 0);
}

static void what_fills_after_a_denial_is_counted_and_denied_it_stays(void **state)
{
    uint64_t parent, slice = iceberg(20, &parent);
    (void)state;
    assert_int_equal(turret_modify(rig.self[0], parent, 0, 9950, 0), TURRET_OK);
    rig_turn(&rig);
    rig.engine->options.risk.max_order_qty_nano = 5 * MONEY_NANO;
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_DENIED);
    rig_fill(&rig, slice, "1", BUY, 4, 9900);
    is(parent, TURRET_STATE_DENIED);
    assert_int_equal(at(parent)->filled_qty, 4);
    rig_fill(&rig, slice, "2", BUY, 16, 9900); /* and more than it was */
    is(parent, TURRET_STATE_DENIED);
    assert_int_equal(at(parent)->filled_qty, 20);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 20);
}

/* ---- fills that come late ---- */

static void a_late_fill_of_a_slice_is_its_parents(void **state)
{
    uint64_t parent, slice = iceberg(25, &parent);
    (void)state;
    cancels(parent);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
    rig_fill(&rig, slice, "1", BUY, 4, 9900);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(at(parent)->filled_qty, 4);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 0);
}

/* An execution that became nothing: taken back it changes no order. */
static void what_is_taken_back_after_new_units_leaves_nothing(void **state)
{
    struct event bust;
    uint64_t parent, slice = iceberg(25, &parent);
    (void)state;
    rig_fill(&rig, slice, "1", BUY, 2, 9900);
    split(1, 3);
    assert_int_equal(at(parent)->filled_qty, 0);
    bust = rig_event(&rig, EVENT_BUST);
    bust.venue = 0;
    memcpy(bust.u.bust.execution_id, "1", 2);
    engine_ingest(rig.engine, &bust);
    assert_int_equal(at(parent)->filled_qty, 0);
    assert_int_equal(at(slice)->filled_qty, 0);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, at(parent)->qty);
}

/* Its adapter said that it did not leave, and it fills. */
static void a_slice_that_did_leave_leaves_no_room_for_another(void **state)
{
    uint64_t parent, slice = iceberg(20, &parent);
    uint32_t before;
    (void)state;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    slice = sent()->order.order_id;
    kept_back(slice);
    before = count_of(COMMAND_SUBMIT, 0);
    rig_fill(&rig, slice, "2", BUY, 4, 9900);
    is(slice, TURRET_STATE_PARTIAL);
    rig.time += 10 * MONEY_NANO;
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before); /* six are out, and six are left */
    is(parent, TURRET_STATE_HELD);
    rig_fill(&rig, slice, "3", BUY, 6, 9900);
    is(parent, TURRET_STATE_FILLED);
}

static void no_slice_follows_a_cancel(void **state)
{
    uint64_t parent, slice = iceberg(25, &parent);
    uint32_t before;
    (void)state;
    rig_fill(&rig, slice, "1", BUY, 10, 9900);
    slice = sent()->order.order_id;
    kept_back(slice);
    rig_fill(&rig, slice, "2", BUY, 4, 9900); /* it did leave */
    before = count_of(COMMAND_SUBMIT, 0);
    cancels(parent);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, slice);
    rig.time += 10 * MONEY_NANO;
    rig_turn(&rig); /* the next one would be due */
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 4, 0);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(at(parent)->filled_qty, 14);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_to_less_takes_the_slice_back),
        TEST(a_change_to_what_has_filled_cancels),
        TEST(a_slice_knows_no_date_where_its_venue_has_none),
        TEST(a_date_ends_an_iceberg_with_its_slice),
        TEST(a_date_that_has_not_come_is_not_why_it_ends),
        TEST(a_venue_with_icebergs_gets_the_whole),
        TEST(a_venue_that_tells_of_a_parent_is_not_asked_to_cancel_it),
        TEST(a_denied_slice_ends_what_has_filled),
        TEST(what_fills_after_a_denial_is_counted_and_denied_it_stays),
        TEST(a_late_fill_of_a_slice_is_its_parents),
        TEST(what_is_taken_back_after_new_units_leaves_nothing),
        TEST(a_slice_that_did_leave_leaves_no_room_for_another),
        TEST(no_slice_follows_a_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
