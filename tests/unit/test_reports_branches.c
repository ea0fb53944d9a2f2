/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the core makes of reports about its orders at their edges: answers that come twice,
 * too late or about orders of another venue, terms that change under way, states that are no news.
 */
#include "reports_bench.h"

static uint64_t unknown(turret_qty qty)
{
    uint64_t id = bought(qty);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    return id;
}

static void position_is(turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    event.venue = 0;
    event.u.position.instrument = rig.instrument[0];
    event.u.position.qty = qty;
    engine_ingest(rig.engine, &event);
}

/* ---- answers ---- */

static void answers_carry_the_venues_words(void **state)
{
    uint64_t id = bought(10);
    struct event event = rig_event(&rig, EVENT_ACK);
    (void)state;
    rig.time++;
    event.time = rig.time;
    event.venue = 0;
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_OK;
    (void)snprintf(event.u.ack.venue_order_id, 40, "V7");
    (void)snprintf(event.u.ack.reason, 40, "welcome");
    engine_ingest(rig.engine, &event);
    assert_string_equal(engine_order(rig.engine, id)->venue_order_id, "V7");
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "welcome");
    assert_true(engine_order(rig.engine, id)->updated == rig.time);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK); /* empty: nothing new */
    assert_string_equal(engine_order(rig.engine, id)->venue_order_id, "V7");
    assert_int_equal(rig.command_count, 1);
    event.u.ack.order_id = bought(10);
    event.u.ack.outcome = TURRET_OUTCOME_REJECTED;
    (void)snprintf(event.u.ack.reason, 40, "no money");
    engine_ingest(rig.engine, &event);
    assert_string_equal(engine_order(rig.engine, event.u.ack.order_id)->venue_reason, "no money");
    event.u.ack.order_id = bought(10);
    event.u.ack.outcome = TURRET_OUTCOME_UNKNOWN;
    (void)snprintf(event.u.ack.reason, 40, "timeout");
    engine_ingest(rig.engine, &event);
    assert_string_equal(engine_order(rig.engine, event.u.ack.order_id)->venue_reason, "timeout");
}

static void a_rejection_by_what_is_known(void **state)
{
    uint64_t id = unknown(10);
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
    assert_int_equal(open_buy(), 0);
    commands = rig.command_count;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(rig.command_count, commands); /* it has ended: nobody has to ask */
    id = accepted(10);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    assert_int_equal(last_command(), COMMAND_QUERY); /* which is it? */
    commands = rig.command_count;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED); /* known long since */
    assert_int_equal(rig.command_count, commands);
}

static void never_arrived_only_when_nothing_speaks_against_it(void **state)
{
    uint64_t id = bought(10), filled = unknown(10);
    uint32_t i;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "not found");
    assert_int_equal(engine_order(rig.engine, id)->queries, 0); /* may still be on its way */
    rig_fill(&rig, filled, "a", TURRET_SIDE_BUY, 4, 9000);
    rig_state_of(&rig, filled, TURRET_STATE_UNKNOWN, 10, 4, 0);
    assert_int_equal(state_of(filled), TURRET_STATE_UNKNOWN);
    rig.time = engine_order(rig.engine, filled)->deadline;
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(engine_order(rig.engine, id)->queries, 0); /* the last moment it may */
    rig_missed(&rig, id);
    for (i = 1; i <= 300; i++) {
        rig_ack(&rig, filled, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
        assert_int_equal(engine_order(rig.engine, filled)->queries, i < 255 ? i : 255);
    }
    assert_int_equal(state_of(filled), TURRET_STATE_UNKNOWN); /* it filled: it did arrive */
    for (i = 0; i < 3; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN); /* its position may say otherwise */
    position_is(5);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN); /* it does */
    position_is(4);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN); /* nor is it sure of the other order */
    rig_state_of(&rig, filled, TURRET_STATE_PARTIAL, 10, 4, 1);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "never arrived");
    assert_int_equal(rig.engine->venues[0].unknown, 0);
    id = accepted(10);
    rig.time += 60 * MONEY_NANO;
    for (i = 0; i < 2; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN); /* it was there: where is it now? */
    rig_state_of(&rig, filled, TURRET_STATE_FILLED, 10, 4, 1);
    position_is(4);
    for (i = 0; i < 9; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN); /* and never "never arrived" */
}

/* Said twice that it is unknown: what was heard meanwhile still counts. */
static void an_uncertainty_said_again_is_the_same(void **state)
{
    uint64_t id = unknown(10);
    struct order *order = order_table_find(rig.engine->orders, id);
    (void)state;
    order->queries = 2;
    assert_true(order_change(rig.engine, order, TURRET_STATE_UNKNOWN, "again"));
    assert_int_equal(order->queries, 2);
    assert_int_equal(rig.engine->venues[0].unknown, 1);
    assert_string_equal(order->venue_reason, "again");
    assert_true(order_change(rig.engine, order, TURRET_STATE_ACCEPTED, ""));
    assert_string_equal(order->venue_reason, "again"); /* no reason is no news */
    assert_int_equal(rig.engine->venues[0].unknown, 0);
    assert_true(order_change(rig.engine, order, TURRET_STATE_UNKNOWN, NULL));
    assert_int_equal(order->queries, 0);
}

static void answers_about_orders_of_another_venue(void **state)
{
    uint64_t id;
    struct event event;
    (void)state;
    two_venues();
    id = bought(10);
    event = rig_event(&rig, EVENT_ACK);
    event.venue = 1;
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_OK;
    engine_ingest(rig.engine, &event);
    assert_int_equal(state_of(id), TURRET_STATE_SENT);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "which is not known"));
    event = rig_told(&rig, id, TURRET_STATE_CANCELED, 10, 0);
    event.venue = 1;
    engine_ingest(rig.engine, &event);
    assert_int_equal(state_of(id), TURRET_STATE_SENT);
    assert_int_equal(open_buy(), 10);
}

/* ---- changes ---- */

static uint64_t changing(turret_qty qty, turret_qty to)
{
    uint64_t id = accepted(qty);
    assert_int_equal(turret_modify(rig.self[0], id, to, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    return id;
}

static void answers_to_changes(void **state)
{
    uint64_t id = changing(10, 20);
    uint32_t commands = rig.command_count;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 1, TURRET_OUTCOME_OK); /* of an older request */
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 2, TURRET_OUTCOME_OK); /* answers no change */
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    assert_int_equal(rig.command_count, commands);
    rig.time++;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_NONE);
    assert_true(engine_order(rig.engine, id)->updated == rig.time);
    assert_int_equal(rig.command_count, commands + 1); /* what does it work with now? */
    assert_int_equal(last_command(), COMMAND_QUERY);
    assert_int_equal(open_buy(), 20);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK); /* twice */
    assert_int_equal(rig.command_count, commands + 1);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(engine_order(rig.engine, id)->qty, 20);
    assert_int_equal(open_buy(), 20);
}

/* A simulated venue is in lockstep: what it accepted is so. */
static void a_simulated_venue_is_not_asked(void **state)
{
    uint64_t id = changing(10, 20);
    uint32_t commands = rig.command_count;
    (void)state;
    rig.engine->venues[0].caps.can |= TURRET_CAN_SIMULATE;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    assert_int_equal(rig.command_count, commands);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 3, TURRET_OUTCOME_OK);
    assert_int_equal(rig.command_count, commands + 1); /* the cancel itself */
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_SIMULATE;
    id = accepted(10);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    commands = rig.command_count;
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_OK); /* no quantity is in doubt */
    assert_int_equal(rig.command_count, commands);
}

static void a_change_refused_after_its_order_ended(void **state)
{
    uint64_t id = changing(10, 20);
    struct order *order = order_table_find(rig.engine->orders, id);
    uint32_t orders;
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(open_buy(), 0);
    order->pending_qty = 20;
    orders = rig.orders;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED);
    assert_int_equal(order->pending_qty, 0);
    assert_int_equal(open_buy(), 0);
    assert_int_equal(rig.orders, orders); /* answered already by its end */
}

static void an_answer_to_a_request_of_what_ended(void **state)
{
    uint64_t id = changing(10, 20);
    struct order *order = order_table_find(rig.engine->orders, id);
    uint32_t commands;
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    order->request = TURRET_REQUEST_PENDING_CANCEL; /* as a journal may have it */
    commands = rig.command_count;
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_REJECTED);
    assert_int_equal(order->request, TURRET_REQUEST_NONE);
    assert_int_equal(rig.command_count, commands); /* it has ended: nothing to ask */
    order->request = TURRET_REQUEST_PENDING_CANCEL;
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(order->request, TURRET_REQUEST_NONE);
    assert_int_equal(order->cancel_lost, 0); /* nor to say again */
    assert_int_equal(rig.command_count, commands);
}

/* ---- orders as the venue has them ---- */

static void terms_told_before_and_after_a_change(void **state)
{
    uint64_t id = changing(10, 20);
    struct event event = rig_told(&rig, id, TURRET_STATE_ACCEPTED, 10, 0);
    const struct order *order = engine_order(rig.engine, id);
    (void)state;
    event.u.order.limit_price = 9050;
    event.u.order.stop_price = 9040;
    engine_ingest(rig.engine, &event); /* tells of before the change */
    assert_int_equal(order->pending_qty, 20);
    assert_int_equal(open_buy(), 20);
    assert_true(order->limit_price == 9050 && order->stop_price == 9040);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(order->pending_qty, 0);
    assert_int_equal(order->qty, 20);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 0, 0, 0); /* a venue that tells no quantity */
    assert_int_equal(order->qty, 20);
    assert_int_equal(open_buy(), 20);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 15, 0, 0); /* cut by the venue itself */
    assert_int_equal(open_buy(), 15);
}

static void absurd_quantities_are_not_used(void **state)
{
    uint64_t id = accepted(10);
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, ORDER_QTY_MAX + 1, 0, 0);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, -1, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "absurd quantity"));
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, ORDER_QTY_MAX, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_true(engine_order(rig.engine, id)->qty == ORDER_QTY_MAX);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, ORDER_QTY_MAX, 0, 0);
}

static void states_that_are_no_news(void **state)
{
    uint64_t id = accepted(10);
    uint32_t orders;
    struct event event;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 9000);
    orders = rig.orders;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 4, 0); /* with fills that is PARTIAL */
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 4, 0);   /* fills are still to come */
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    assert_int_equal(rig.orders, orders);
    rig_state_of(&rig, id, TURRET_STATE_REJECTED, 10, 4, 0); /* it filled: that cannot be */
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "says REJECTED, but it is PARTIAL"));
    rig_state_of(&rig, id, TURRET_STATE_SUSPENDED, 10, 5, 0); /* ahead of its fills */
    assert_int_equal(state_of(id), TURRET_STATE_PARTIAL);
    assert_int_equal(engine_order(rig.engine, id)->ending, 0);
    event = rig_told(&rig, id, TURRET_STATE_EXPIRED, 10, 5);
    (void)snprintf(event.u.order.venue_order_id, 40, "V9");
    engine_ingest(rig.engine, &event);
    assert_int_equal(engine_order(rig.engine, id)->ending, TURRET_STATE_EXPIRED);
    assert_string_equal(engine_order(rig.engine, id)->venue_order_id, "V9");
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 1, 9000);
    event = rig_told(&rig, id, TURRET_STATE_EXPIRED, 10, 5);
    (void)snprintf(event.u.order.reason, 40, "end of day");
    engine_ingest(rig.engine, &event);
    assert_int_equal(state_of(id), TURRET_STATE_EXPIRED);
    assert_string_equal(engine_order(rig.engine, id)->venue_order_id, "V9");
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "end of day");
    assert_int_equal(engine_order(rig.engine, id)->ending, 0);
    orders = rig.orders;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 5, 0); /* it has ended */
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 7, 0);
    assert_int_equal(engine_order(rig.engine, id)->ending, 0);
    assert_int_equal(state_of(id), TURRET_STATE_EXPIRED);
    assert_int_equal(rig.orders, orders);
}

static void an_order_is_filled_by_fills_only(void **state)
{
    uint64_t id = accepted(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 8, 9000);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 8, 8, 0); /* cut to what it filled */
    assert_int_equal(state_of(id), TURRET_STATE_FILLED);
    assert_int_equal(open_buy(), 0);
    id = accepted(10);
    rig_state_of(&rig, id, TURRET_STATE_TRIGGERED, 10, 0, 0);
    assert_int_equal(state_of(id), TURRET_STATE_TRIGGERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(answers_carry_the_venues_words),
        ENGINE_TEST(a_rejection_by_what_is_known),
        ENGINE_TEST(never_arrived_only_when_nothing_speaks_against_it),
        ENGINE_TEST(an_uncertainty_said_again_is_the_same),
        ENGINE_TEST(answers_about_orders_of_another_venue),
        ENGINE_TEST(answers_to_changes),
        ENGINE_TEST(a_simulated_venue_is_not_asked),
        ENGINE_TEST(a_change_refused_after_its_order_ended),
        ENGINE_TEST(an_answer_to_a_request_of_what_ended),
        ENGINE_TEST(terms_told_before_and_after_a_change),
        ENGINE_TEST(absurd_quantities_are_not_used),
        ENGINE_TEST(states_that_are_no_news),
        ENGINE_TEST(an_order_is_filled_by_fills_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
