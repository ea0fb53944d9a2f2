/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what is made of news that other news have overtaken, and that an order the venue ever told
 * of is not taken for one that was refused or never arrived.
 */
#include "fills_case.h"

static uint8_t state_of(uint64_t id)
{
    return engine_order(rig.engine, id)->state;
}

static turret_qty open_buy(void)
{
    rig_check_reservations(&rig);
    return rig_account_position(&rig, 0)->open_buy;
}

static void told(uint64_t id, uint8_t to, turret_qty qty, uint64_t venue_sequence)
{
    struct event event = rig_told(&rig, id, to, qty, 0);
    event.u.order.venue_sequence = venue_sequence;
    engine_ingest(rig.engine, &event);
}

static uint64_t bought(void)
{
    return rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
}

static void overtaken_news_move_no_state(void **state)
{
    uint64_t id = bought();
    (void)state;
    told(id, TURRET_STATE_ACCEPTED, 10, 5);
    told(id, TURRET_STATE_SUSPENDED, 10, 4);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    told(id, TURRET_STATE_SUSPENDED, 10, 5);
    assert_int_equal(state_of(id), TURRET_STATE_SUSPENDED);
    told(id, TURRET_STATE_ACCEPTED, 10, 6);
    rig_connect(&rig); /* the download has not got it */
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    told(id, TURRET_STATE_ACCEPTED, 10, 5);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    told(id, TURRET_STATE_ACCEPTED, 10, 7);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
}

static void a_download_without_numbers_begins_anew(void **state)
{
    uint64_t id = bought();
    (void)state;
    told(id, TURRET_STATE_ACCEPTED, 10, 100);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    rig_download(&rig, 0, 1, TURRET_OK);
    told(id, TURRET_STATE_ACCEPTED, 20, 1);
    assert_int_equal(open_buy(), 20);
}

/* "A duplicate", a venue says of an order that it took before. */
static void what_the_venue_had_is_not_refused_late(void **state)
{
    uint64_t id = bought(), other = bought();
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_connect(&rig);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    commands = rig.command_count;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    assert_int_equal(open_buy(), 20);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(rig.commands[commands].kind, COMMAND_QUERY);
    rig_ack(&rig, other, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(other), TURRET_STATE_REJECTED); /* nobody ever told of that one */
}

static void agrees(turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    event.venue = 0;
    event.u.position.instrument = rig.instrument[0];
    event.u.position.qty = qty;
    engine_ingest(rig.engine, &event);
}

static void never_found(uint64_t id)
{
    uint32_t i;
    rig_missed(&rig, id);
    for (i = 0; i < 9; i++) {
        agrees(0);
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    }
}

/* A fill that was taken back has been told of all the same; so has a change that was taken. */
static void what_filled_once_did_arrive(void **state)
{
    uint64_t id = bought(), changed = bought(), never = bought();
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 3, 9900);
    take_back("1", "", 0, 0);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    assert_int_equal(turret_modify(rig.self[0], changed, 12, 0, 0), TURRET_OK);
    rig_turn(&rig);
    rig_ack(&rig, changed, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    rig_connect(&rig);
    never_found(id);
    never_found(changed);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    assert_int_equal(state_of(changed), TURRET_STATE_UNKNOWN);
    told(id, TURRET_STATE_CANCELED, 10, 0);
    told(changed, TURRET_STATE_CANCELED, 12, 0);
    never_found(never);
    assert_int_equal(state_of(never), TURRET_STATE_REJECTED);
}

/* It waited for the disk while a download went by; then it was kept back: that is proof. */
static void kept_back_after_a_download(void **state)
{
    uint64_t id = bought(), there = bought(), filled = bought();
    (void)state;
    rig_ack(&rig, there, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_connect(&rig);
    rig_fill(&rig, filled, "1", TURRET_SIDE_BUY, 3, 9900);
    rig_state_of(&rig, filled, TURRET_STATE_UNKNOWN, 10, 3, 0);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_TRADING_STATE, (int64_t)id);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_TRADING_STATE, (int64_t)there);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_TRADING_STATE);
    assert_int_equal(state_of(there), TURRET_STATE_UNKNOWN);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_TRADING_STATE, (int64_t)filled);
    assert_int_equal(state_of(filled), TURRET_STATE_UNKNOWN); /* it filled */
}

static void changes_to(uint64_t id, turret_qty qty)
{
    assert_int_equal(turret_modify(rig.self[0], id, qty, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->pending_qty, qty);
}

/* The venue works with what it was, as far as it says, and is asked for more once again. */
static void the_refusal_of_a_change_is_of_that_one(void **state)
{
    uint64_t id = bought();
    (void)state;
    told(id, TURRET_STATE_ACCEPTED, 10, 0);
    changes_to(id, 20);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_UNKNOWN);
    rig.time += ORDER_DEADLINE_NS + 1;
    rig_turn(&rig);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    changes_to(id, 30);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED); /* at last */
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    assert_int_equal(open_buy(), 30); /* that one may be in force */
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 3, TURRET_OUTCOME_REJECTED);
    assert_int_equal(open_buy(), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(overtaken_news_move_no_state),
        ENGINE_TEST(a_download_without_numbers_begins_anew),
        ENGINE_TEST(what_the_venue_had_is_not_refused_late),
        ENGINE_TEST(what_filled_once_did_arrive),
        ENGINE_TEST(kept_back_after_a_download),
        ENGINE_TEST(the_refusal_of_a_change_is_of_that_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
