/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what venues may report, and in what order: acks, fills early, late, twice and too many,
 * executions taken back, orders of other people, positions that differ, downloads that miss an
 * order. Nothing is lost, nothing applied twice, nothing left reserved.
 */
#include "engine_case.h"

static uint8_t state_of(uint64_t id)
{
    assert_non_null(engine_order(rig.engine, id));
    return engine_order(rig.engine, id)->state;
}

static turret_qty held(void)
{
    assert_true(rig_account_position(&rig, 0)->qty == rig_own(&rig, 0, 0)->qty);
    return rig_account_position(&rig, 0)->qty;
}

static uint64_t bought(turret_qty qty)
{
    return rig_order(&rig, 0, TURRET_SIDE_BUY, qty, 0);
}

static enum command_kind last_command(void)
{
    return rig.commands[rig.command_count - 1].kind;
}

static void acks_of_a_submit(void **state)
{
    uint64_t ok = bought(10), no = bought(10), maybe = bought(10);
    (void)state;
    rig_ack(&rig, ok, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(state_of(ok), TURRET_STATE_ACCEPTED);
    rig_ack(&rig, no, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(no), TURRET_STATE_REJECTED);
    rig_ack(&rig, no, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(state_of(no), TURRET_STATE_REJECTED);
    rig_ack(&rig, maybe, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(state_of(maybe), TURRET_STATE_UNKNOWN);
    assert_int_equal(last_command(), COMMAND_QUERY);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 20); /* stays reserved */
    rig_ack(&rig, maybe, TURRET_REQUEST_SUBMIT, 1, 99); /* an outcome nobody knows: unknown too */
    assert_int_equal(state_of(maybe), TURRET_STATE_UNKNOWN);
    rig_ack(&rig, maybe, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(state_of(maybe), TURRET_STATE_ACCEPTED);
    rig_ack(&rig, 987654321, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

static void a_fill_may_come_before_the_ack(void **state)
{
    uint64_t id = bought(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0); /* older news */
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 6, 10000);
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    assert_int_equal(held(), 10);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

static void a_fill_counts_once(void **state)
{
    uint64_t id = bought(10);
    (void)state;
    rig_fill(&rig, id, "same", TURRET_SIDE_BUY, 4, 10000);
    rig_fill(&rig, id, "same", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(held(), 4);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 4);
    assert_int_equal(rig.fills, 1);
    assert_int_equal(((struct rig_state *)rig.self[0]->state)->fills, 1);
}

static void late_fills_are_booked_with_an_alarm(void **state)
{
    uint64_t id = bought(10), other = bought(10);
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(state_of(id), TURRET_STATE_CANCELED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 6, 10000);
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    rig_ack(&rig, other, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    rig_fill(&rig, other, "c", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(state_of(other), TURRET_STATE_PARTIAL); /* so it was accepted after all */
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 6);
    assert_int_equal(held(), 14);
}

static void an_overfill_is_booked_with_an_alarm(void **state)
{
    uint64_t id = bought(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 15, 10000);
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    assert_int_equal(held(), 15);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

static void fills_without_sense_are_not_booked(void **state)
{
    struct event event = rig_event(&rig, EVENT_FILL), bad;
    uint64_t sequence = engine_sequence(rig.engine);
    (void)state;
    event.venue = 0;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = event.u.fill.price = 1;
    memcpy(event.u.fill.execution_id, "x", 2);
    bad = event, bad.u.fill.qty = 0, engine_ingest(rig.engine, &bad);
    bad = event, bad.u.fill.qty = -5, engine_ingest(rig.engine, &bad);
    bad = event, bad.u.fill.price = 0, engine_ingest(rig.engine, &bad);
    bad = event, bad.u.fill.side = 3, engine_ingest(rig.engine, &bad);
    bad = event, bad.u.fill.instrument = 77, engine_ingest(rig.engine, &bad);
    bad = event, bad.u.fill.execution_id[0] = 0, engine_ingest(rig.engine, &bad);
    bad = event, bad.u.fill.fee = INT64_MIN, engine_ingest(rig.engine, &bad);
    bad = event, bad.venue = 9, engine_ingest(rig.engine, &bad);
    assert_int_equal(rig.fills, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 7);
    assert_true(engine_sequence(rig.engine) == sequence);
    engine_ingest(rig.engine, &event); /* of no order: booked to the account */
    assert_int_equal(rig.fills, 1);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 1);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

static void bust(const char *execution, const char *instead, turret_qty qty, turret_price price)
{
    struct event event = rig_event(&rig, EVENT_BUST);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "%s", execution);
    (void)snprintf(event.u.bust.new_execution_id, 40, "%s", instead);
    event.u.bust.corrected_qty = qty;
    event.u.bust.corrected_price = price;
    engine_ingest(rig.engine, &event);
}

static void a_bust_takes_back_once(void **state)
{
    uint64_t id = bought(10);
    turret_money cash = engine_account(rig.engine, 0)->cash;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10100);
    bust("a", "", 0, 0);
    bust("a", "", 0, 0);
    bust("never", "", 0, 0);
    assert_int_equal(held(), 0);
    assert_true(engine_account(rig.engine, 0)->cash == cash);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10100); /* told again: still heard before */
    assert_int_equal(held(), 0);
}

static void a_correction_replaces(void **state)
{
    uint64_t working = bought(10), done = bought(5);
    turret_money cash = engine_account(rig.engine, 0)->cash;
    (void)state;
    rig_fill(&rig, working, "a", TURRET_SIDE_BUY, 4, 10100);
    bust("a", "a2", 4, 10000);
    assert_int_equal(held(), 4);
    assert_int_equal(engine_order(rig.engine, working)->filled_qty, 4);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 11);
    rig_fill(&rig, working, "b", TURRET_SIDE_BUY, 6, 10000);
    assert_int_equal(state_of(working), TURRET_STATE_FILLED);
    rig_fill(&rig, done, "c", TURRET_SIDE_BUY, 5, 10000);
    bust("c", "c2", 5, 9000);
    assert_int_equal(state_of(done), TURRET_STATE_FILLED);
    assert_int_equal(held(), 15);
    assert_true(engine_account(rig.engine, 0)->cash ==
                cash - 10 * 100 * MONEY_ONE - 5 * 90 * MONEY_ONE);
    bust("a2", "", 0, 0); /* what replaced may itself be taken back */
    assert_int_equal(held(), 11);
}

static void a_correction_may_keep_its_id(void **state)
{
    uint64_t id = bought(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    bust("a", "a", 8, 10000);
    assert_int_equal(held(), 8);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000); /* still heard before */
    assert_int_equal(held(), 8);
}

static void a_bust_after_a_split_takes_back_new_units(void **state)
{
    struct event split = rig_event(&rig, EVENT_SPLIT);
    uint64_t id = bought(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    split.time = rig.time;
    split.u.split = (struct turret_split){rig.instrument[0], 2, 1, 0, rig.time};
    engine_ingest(rig.engine, &split);
    assert_int_equal(held(), 20);
    bust("a", "", 0, 0);
    assert_int_equal(held(), 0);
}

static void a_fill_must_fit_its_order(void **state)
{
    uint64_t id = bought(10);
    uint32_t alarms = rig.notices[NOTICE_ALARM];
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_SELL, 10, 10000);
    assert_int_equal(state_of(id), TURRET_STATE_SENT);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    assert_int_equal(rig_account_position(&rig, 0)->qty, -10); /* booked to the account */
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
    assert_true(rig.notices[NOTICE_ALARM] > alarms);
}

static struct event foreign(uint8_t state, turret_qty filled)
{
    struct event event = rig_told(&rig, 0, state, 10, filled);
    memcpy(event.u.order.venue_order_id, "V7", 3);
    return event;
}

static const struct order *only_foreign(void)
{
    const struct order *order, *found = NULL;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->strategy == ORDER_NO_STRATEGY) {
            assert_null(found);
            found = order;
        }
    return found;
}

static void foreign_orders_are_adopted(void **state)
{
    struct event event = foreign(TURRET_STATE_ACCEPTED, 0);
    struct event fill = rig_event(&rig, EVENT_FILL);
    (void)state;
    engine_ingest(rig.engine, &event);
    engine_ingest(rig.engine, &event);
    assert_non_null(only_foreign());
    assert_int_equal(only_foreign()->state, TURRET_STATE_ACCEPTED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 0);
    assert_int_equal(rig.command_count, 0);
    assert_int_equal(turret_cancel(rig.self[0], only_foreign()->id), TURRET_ENOTFOUND);
    fill.venue = 0;
    fill.u.fill.instrument = rig.instrument[0];
    fill.u.fill.side = TURRET_SIDE_BUY;
    fill.u.fill.qty = 4;
    fill.u.fill.price = 10000;
    memcpy(fill.u.fill.execution_id, "f", 2);
    memcpy(fill.u.fill.venue_order_id, "V7", 3);
    engine_ingest(rig.engine, &fill);
    assert_int_equal(only_foreign()->filled_qty, 4);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 4);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 6);
    event = foreign(TURRET_STATE_CANCELED, 4);
    engine_ingest(rig.engine, &event);
    assert_int_equal(only_foreign()->state, TURRET_STATE_CANCELED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

static void an_absent_foreign_order_is_asked_for(void **state)
{
    struct event event = foreign(TURRET_STATE_ACCEPTED, 0);
    (void)state;
    engine_ingest(rig.engine, &event);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(rig.command_count, 1);
    assert_int_equal(last_command(), COMMAND_QUERY);
    assert_true(rig.commands[0].order.order_id == only_foreign()->id); /* all 64 bits of it */
}

static void ended_foreign_orders_reserve_nothing(void **state)
{
    struct event event = foreign(TURRET_STATE_FILLED, 10);
    (void)state;
    engine_ingest(rig.engine, &event);
    assert_null(only_foreign());
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

static void positions_that_differ_stop_trading(void **state)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    (void)state;
    event.venue = 0;
    event.u.position.instrument = rig.instrument[0];
    event.u.position.qty = 7;
    rig_download(&rig, 0, 0, TURRET_OK);
    engine_ingest(rig.engine, &event);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_false(engine_venue_ready(rig.engine, 0));
    rig_download(&rig, 0, 1, TURRET_OK); /* an end without a beginning */
    assert_false(engine_venue_ready(rig.engine, 0));
    rig_connect(&rig); /* a download that says nothing of it: absent is not flat */
    assert_false(engine_venue_ready(rig.engine, 0));
    event.u.position.qty = 0;
    engine_ingest(rig.engine, &event);
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0); /* the books stay as they are */
}

static void absent_from_a_download_is_not_cancelled(void **state)
{
    uint64_t there = bought(10), absent = bought(10);
    uint32_t before;
    (void)state;
    rig_ack(&rig, there, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_ack(&rig, absent, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    before = rig.command_count;
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_EIO); /* a failed query is not an empty answer */
    assert_int_equal(rig.command_count, before);
    assert_int_equal(state_of(absent), TURRET_STATE_ACCEPTED);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_state_of(&rig, there, TURRET_STATE_ACCEPTED, 10, 0, 1);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(state_of(there), TURRET_STATE_ACCEPTED);
    assert_int_equal(state_of(absent), TURRET_STATE_UNKNOWN);
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(last_command(), COMMAND_QUERY);
    assert_true(rig.commands[before].order.order_id == absent);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 20);
}

static void position_is(turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    event.venue = 0;
    event.u.position.instrument = rig.instrument[0];
    event.u.position.qty = qty;
    engine_ingest(rig.engine, &event);
}

static void never_arrived_takes_three_not_founds_past_the_deadline(void **state)
{
    uint64_t id = bought(10), filled = bought(10);
    uint32_t i;
    (void)state;
    for (i = 0; i < 5; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    rig_missed(&rig, id);
    rig_fill(&rig, filled, "a", TURRET_SIDE_BUY, 1, 10000);
    for (i = 0; i < 2; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    rig_state_of(&rig, id, TURRET_STATE_UNKNOWN, 10, 0, 1); /* seen in between: count anew */
    for (i = 0; i < 2; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    for (i = 0; i < 9; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN); /* nobody compared the position */
    position_is(1);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
    for (i = 0; i < 9; i++) /* what was there once never "never arrived" */
        rig_ack(&rig, filled, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(filled), TURRET_STATE_UNKNOWN);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(engine_difference(rig.engine, 0)->kind, DIFFERENCE_OF_ORDER);
}

static void each_uncertainty_counts_anew(void **state)
{
    uint64_t id = bought(10);
    uint32_t i;
    (void)state;
    rig.time = engine_order(rig.engine, id)->deadline + 1;
    for (i = 0; i < 2; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK); /* there it is */
    rig_connect(&rig);                                              /* and gone again */
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
}

static void the_request_axis(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    uint32_t before;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 20, 9100, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(last_command(), COMMAND_MODIFY);
    assert_int_equal(rig.commands[rig.command_count - 1].order.qty, 20);
    assert_int_equal(rig.commands[rig.command_count - 1].order.limit_price, 9100);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK); /* a cancel overtakes */
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_CANCEL);
    before = rig.command_count;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED); /* stale */
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 9, TURRET_OUTCOME_OK);       /* of no request */
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_int_equal(rig.command_count, before);
    (void)turret_cancel(rig.self[0], id); /* one is on its way: nothing more is sent */
    rig_turn(&rig);
    assert_int_equal(rig.command_count, before);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 3, TURRET_OUTCOME_REJECTED);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_NONE);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    assert_int_equal(last_command(), COMMAND_QUERY); /* "too late" may mean filled */
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_ESTATE);
}

static void the_venue_may_cut_an_order_to_what_filled(void **state)
{
    uint64_t id = bought(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 10, 0); /* its fills are still to come */
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 4, 4, 0);
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    assert_int_equal(engine_working(rig.engine, 0), 0);
}

static void a_new_session_doubts_what_was_sent(void **state)
{
    struct event event = rig_event(&rig, EVENT_SESSION);
    uint64_t sent = bought(10), accepted = bought(10), later;
    (void)state;
    rig_ack(&rig, accepted, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    event.u.session.epoch = 3;
    engine_ingest(rig.engine, &event);
    assert_int_equal(state_of(sent), TURRET_STATE_UNKNOWN);
    assert_int_equal(state_of(accepted), TURRET_STATE_ACCEPTED);
    assert_false(engine_venue_ready(rig.engine, 0));
    rig_connect(&rig);
    later = bought(1);
    assert_true(later >> 32 == 3); /* ids of another epoch: never used before */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(acks_of_a_submit),
        ENGINE_TEST(a_fill_may_come_before_the_ack),
        ENGINE_TEST(a_fill_counts_once),
        ENGINE_TEST(late_fills_are_booked_with_an_alarm),
        ENGINE_TEST(an_overfill_is_booked_with_an_alarm),
        ENGINE_TEST(fills_without_sense_are_not_booked),
        ENGINE_TEST(a_bust_takes_back_once),
        ENGINE_TEST(a_correction_replaces),
        ENGINE_TEST(a_correction_may_keep_its_id),
        ENGINE_TEST(a_bust_after_a_split_takes_back_new_units),
        ENGINE_TEST(a_fill_must_fit_its_order),
        ENGINE_TEST(foreign_orders_are_adopted),
        ENGINE_TEST(an_absent_foreign_order_is_asked_for),
        ENGINE_TEST(ended_foreign_orders_reserve_nothing),
        ENGINE_TEST(positions_that_differ_stop_trading),
        ENGINE_TEST(absent_from_a_download_is_not_cancelled),
        ENGINE_TEST(never_arrived_takes_three_not_founds_past_the_deadline),
        ENGINE_TEST(each_uncertainty_counts_anew),
        ENGINE_TEST(the_request_axis),
        ENGINE_TEST(the_venue_may_cut_an_order_to_what_filled),
        ENGINE_TEST(a_new_session_doubts_what_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
