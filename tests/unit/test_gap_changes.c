/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a change asks for, to the unit, and that only changes, not cancels, and only those of
 * the market that forgive more, move the price an execution is held against; that new units move
 * it too; and which other exits leave less of a position to close.
 */
#include "gap_case.h"

/* ---- changes ---- */

/* As broken code would send it: what is asked for is not looked at. */
static void sent_as(uint64_t id, turret_qty qty)
{
    struct order changed = *order_of(id);
    changed.qty = qty;
    engine_command(rig.engine, COMMAND_MODIFY, &changed);
}

static void a_part_changed_by_one_unit_adds_one(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    (void)state;
    changes(WORKS, part, 61, 0);
    assert_int_equal(sending_of(parent)->out, 61);
    all_trade();
}

static void a_part_its_venue_enlarged_keeps_its_size(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 60);
    (void)state;
    (void)working_part(parent, 40);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 70, 0, 0);
    sent_as(part, 70); /* another price */
    all_trade();
    sent_as(part, 71);
    halted("parts of more than their parent: 111 out, 100 asked for");
}

/* The parent was asked for less meanwhile: that no part of it is too large is for its cancels. */
static void a_part_changed_within_what_left_asks_for_nothing(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = working_part(parent, 100);
    (void)state;
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, 40, 0, 0);
    changes(ASKS, parent, 50, 0);
    assert_int_equal(sending_of(parent)->asked, 50);
    sent_as(part, 45);
    all_trade();
}

/* ---- the price that executions are held against ---- */

static void one_percent(void)
{
    rig.engine->options.risk.max_slippage_ppm = 10000;
}

static uint64_t at_its_venue(uint8_t side, turret_price limit_price)
{
    uint64_t id = rig_order(&rig, ASKS, side, 10, limit_price);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0);
    one_percent();
    return id;
}

static void fills_at(uint64_t id, turret_price price, uint32_t alarms)
{
    uint32_t before = rig.notices[NOTICE_ALARM];
    rig_fill(&rig, id, "1", order_of(id)->side, 10, price);
    assert_int_equal(rig.notices[NOTICE_ALARM], before + alarms);
}

/* The market was at `mark` when the order was changed. */
static uint64_t changed_at(uint8_t side, turret_price limit_price, turret_price mark)
{
    uint64_t id = at_its_venue(side, limit_price);
    rig_bar(&rig, rig.instrument[0], mark);
    changes(ASKS, id, 0, limit_price + 10);
    return id;
}

static void a_change_forgives_a_buy_a_market_that_rose(void **state)
{
    (void)state;
    fills_at(changed_at(BUY, 9900, 10400), 10450, 0);
}

static void a_change_does_not_hold_a_fallen_market_against_a_buy(void **state)
{
    (void)state;
    fills_at(changed_at(BUY, 9900, 9800), 10050, 0);
}

static void a_change_forgives_a_sale_a_market_that_fell(void **state)
{
    (void)state;
    fills_at(changed_at(SELL, 10100, 9600), 9550, 0);
}

static void a_change_does_not_hold_a_risen_market_against_a_sale(void **state)
{
    (void)state;
    fills_at(changed_at(SELL, 10300, 10200), 9950, 0);
}

static void a_cancel_forgives_nothing(void **state)
{
    uint64_t id = at_its_venue(BUY, 9900);
    (void)state;
    rig_bar(&rig, rig.instrument[0], 10400);
    assert_int_equal(turret_cancel(rig.self[ASKS], id), TURRET_OK);
    rig_turn(&rig);
    fills_at(id, 10400, 1); /* the cancel came too late */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "max_slippage"));
}

static void new_units_are_those_of_the_price_too(void **state)
{
    uint64_t id = at_its_venue(BUY, 9900);
    (void)state;
    split(2, 1);
    assert_int_equal(order_of(id)->qty, 20);
    fills_at(id, 5200, 1); /* four percent worse than 50.00 */
    if (!strstr(rig.last_notice[NOTICE_ALARM], "worse than 50 "))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

/* ---- what is there to close ---- */

static void bought(uint32_t strategy, uint32_t i, turret_qty qty, const char *execution)
{
    struct turret_order_request request = rig_request(rig.instrument[i], BUY, qty, 0);
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = asks(strategy, &request);
    event.u.fill.instrument = rig.instrument[i];
    event.u.fill.side = BUY;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "%s", execution);
    engine_ingest(rig.engine, &event);
}

static void exits(uint32_t strategy, uint32_t i, uint8_t side, turret_qty qty)
{
    struct order *exit = made_up(ORDER_EXIT, side, qty);
    exit->strategy = strategy;
    exit->instrument = rig.instrument[i];
    held_send(rig.engine, exit, NULL);
}

static void exits_of_other_positions_leave_it_whole(void **state)
{
    (void)state;
    bought(ASKS, 0, 10, "1");
    bought(ASKS, 1, 10, "2");
    bought(WORKS, 0, 10, "3");
    exits(ASKS, 1, SELL, 10);
    exits(WORKS, 0, SELL, 10);
    all_trade();
    exits(ASKS, 0, SELL, 10);
    all_trade();
}

/* What a strategy sells itself was asked for by itself. */
static void its_own_sales_leave_it_whole(void **state)
{
    (void)state;
    bought(ASKS, 0, 10, "1");
    (void)rig_order(&rig, ASKS, SELL, 4, 10100);
    exits(ASKS, 0, SELL, 10);
    all_trade();
}

/* It was long, an exit of that is still out, and now it is short. */
static void exits_of_the_other_side_leave_it_whole(void **state)
{
    (void)state;
    bought(ASKS, 0, 10, "1");
    exits(ASKS, 0, SELL, 10);
    rig_fill(&rig, rig_order(&rig, ASKS, SELL, 30, 0), "2", SELL, 30, 10000);
    all_trade();
    exits(ASKS, 0, BUY, 20);
    all_trade();
}

static void exits_of_it_add_up(void **state)
{
    (void)state;
    bought(ASKS, 0, 10, "1");
    exits(ASKS, 0, SELL, 3);
    exits(ASKS, 0, SELL, 4);
    all_trade();
    exits(ASKS, 0, SELL, 4);
    halted("more than asked for: 4 out, 3 asked for");
}

static void an_exit_that_filled_too_much_leaves_what_is_there(void **state)
{
    (void)state;
    bought(ASKS, 0, 20, "1");
    exits(ASKS, 0, SELL, 10);
    rig_fill(&rig, rig.last_order.id, "2", SELL, 12, 10000);
    all_trade();
    exits(ASKS, 0, SELL, 9);
    halted("more than asked for: 9 out, 8 asked for");
}

/* An ended exit of a snapshot that says anything leaves the position whole. */
static void less_than_nothing_filled_closes_nothing(void **state)
{
    (void)state;
    bought(ASKS, 0, 10, "1");
    exits(ASKS, 0, SELL, 10);
    rig_state_of(&rig, rig.last_order.id, TURRET_STATE_CANCELED, 10, 0, 0);
    order_of(rig.last_order.id)->filled_qty = -5;
    exits(ASKS, 0, SELL, 10);
    all_trade();
}

/* One that did not leave holds nothing of its position. */
static void an_exit_that_did_not_leave_leaves_it_whole(void **state)
{
    uint64_t id;
    (void)state;
    bought(ASKS, 0, 10, "1");
    id = rig.engine->next_order_id;
    held_close(rig.engine, &rig.engine->strategies[ASKS], rig.instrument[0], INT64_MAX, "closed");
    rig_turn(&rig);
    assert_int_equal(state_of(id), TURRET_STATE_SENT);
    keep_back(id);
    assert_int_equal(state_of(id), TURRET_STATE_HELD);
    assert_true(gap_is_whole(sending_of(id))); /* else no snapshot of it were taken again */
    exits(ASKS, 0, SELL, 10);
    all_trade();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_part_changed_by_one_unit_adds_one),
        CASE(a_part_its_venue_enlarged_keeps_its_size),
        CASE(a_part_changed_within_what_left_asks_for_nothing),
        CASE(a_change_forgives_a_buy_a_market_that_rose),
        CASE(a_change_does_not_hold_a_fallen_market_against_a_buy),
        CASE(a_change_forgives_a_sale_a_market_that_fell),
        CASE(a_change_does_not_hold_a_risen_market_against_a_sale),
        CASE(a_cancel_forgives_nothing),
        CASE(new_units_are_those_of_the_price_too),
        CASE(exits_of_other_positions_leave_it_whole),
        CASE(its_own_sales_leave_it_whole),
        CASE(exits_of_the_other_side_leave_it_whole),
        CASE(exits_of_it_add_up),
        CASE(an_exit_that_filled_too_much_leaves_what_is_there),
        CASE(less_than_nothing_filled_closes_nothing),
        CASE(an_exit_that_did_not_leave_leaves_it_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
