/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the order in which a venue's words arrive changes nothing in the end: a correction
 * that was told as a fill before is booked once.
 */
#include "engine_case.h"

static void a_correction_told_as_a_fill_before_is_booked_once(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event event = rig_event(&rig, EVENT_BUST);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 9000);
    rig_fill(&rig, id, "a2", TURRET_SIDE_BUY, 3, 9000);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "a");
    (void)snprintf(event.u.bust.new_execution_id, 40, "a2");
    event.u.bust.corrected_qty = 3;
    event.u.bust.corrected_price = 9000;
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 3);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 3);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 7);
    assert_int_equal(rig.fills, 4); /* two, the first one's row again, and what reverses it */
}

static void an_end_ahead_of_its_fills_comes_with_them(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 5, 0);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_ACCEPTED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10); /* reserved as long */
    commands = rig.command_count;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 2, 9000);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(rig.commands[commands].kind, COMMAND_QUERY);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 5, 1);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_PARTIAL);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 3, 9000);
    assert_int_equal(rig.command_count, commands + 2);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 5, 1);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    rig_fill(&rig, id, "c", TURRET_SIDE_BUY, 1, 9000); /* late: nobody has to be asked */
    assert_int_equal(rig.command_count, commands + 2);
}

static void a_stale_stream_stops_trading(void **state)
{
    struct event event = rig_event(&rig, EVENT_STREAM);
    uint64_t id;
    (void)state;
    event.venue = 0;
    event.u.stream.status = TURRET_STREAM_STALE;
    (void)snprintf(event.u.stream.text, sizeof event.u.stream.text, "it says nothing");
    engine_ingest(rig.engine, &event);
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "is stale: it says nothing"));
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_DENIED);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_OK);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
}

static void target(turret_qty qty)
{
    (void)turret_target(rig.self[0], rig.instrument[0], qty, "test");
    rig_turn(&rig);
}

static void a_target_waits_for_what_is_unknown(void **state)
{
    uint32_t commands;
    uint64_t id;
    (void)state;
    target(10);
    id = rig.commands[rig.command_count - 1].order.order_id;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    commands = rig.command_count;
    target(0);
    target(20);
    assert_int_equal(rig.command_count, commands);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10); /* the worst case */
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    target(20); /* the same wish again */
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(rig.commands[commands].kind, COMMAND_SUBMIT);
    assert_int_equal(rig.commands[commands].order.qty, 10);
    rig_ack(&rig, rig.commands[commands].order.order_id, TURRET_REQUEST_SUBMIT, 1,
            TURRET_OUTCOME_OK);
    target(0); /* of what works all is known: both are traded against */
    assert_int_equal(rig.commands[commands + 1].order.qty, 20);
    assert_int_equal(rig.engine->venues[0].unknown, 0);
}

static void balance(turret_money cash)
{
    struct event event = rig_event(&rig, EVENT_BALANCE);
    event.venue = 0;
    memcpy(event.u.balance.currency, "USD", 4);
    event.u.balance.cash = cash;
    engine_ingest(rig.engine, &event);
}

static void cash_that_differs_stops_trading(void **state)
{
    turret_money cash = engine_account(rig.engine, 0)->cash;
    uint64_t id;
    (void)state;
    balance(cash + 1); /* a fill may be on its way */
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig_download(&rig, 0, 0, TURRET_OK);
    balance(cash + 1);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_DENIED);
    rig_download(&rig, 0, 0, TURRET_OK);
    balance(cash);
    rig_download(&rig, 0, 1, TURRET_OK);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
    assert_true(engine_account(rig.engine, 0)->cash == cash); /* it is never taken over */
}

static void what_is_left_after_a_replacement_is_the_venues(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 6, 0, 0), TURRET_OK);
    rig_turn(&rig);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 9000); /* crosses the change on its way */
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 6); /* the larger one */
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_PARTIAL, 6, 4, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 2);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 2, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 6);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* Nobody knows whether it arrived: it stays asked for, and is said again when the order works. */
static void a_lost_cancel_is_said_again(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    commands = rig.command_count;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1); /* it may still be on its way */
    assert_int_equal(rig.command_count, commands);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(rig.commands[commands].kind, COMMAND_QUERY);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0); /* older news proves nothing */
    assert_int_equal(rig.command_count, commands + 1);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(rig.command_count, commands + 2);
    assert_int_equal(rig.commands[commands + 1].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[commands + 1].order.request, 2);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1); /* once */
    assert_int_equal(rig.command_count, commands + 2);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_UNKNOWN);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(rig.command_count, commands + 3); /* not before all of it is in */
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(rig.command_count, commands + 4);
    assert_int_equal(rig.commands[commands + 3].kind, COMMAND_CANCEL);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
    assert_int_equal(rig.command_count, commands + 4);
}

/* Never answered: after a while it counts as lost. */
static void a_cancel_without_an_answer_is_lost(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    commands = rig.command_count;
    rig.time += ORDER_ANSWER_NS;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(rig.command_count, commands);
    rig.time += 1;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(rig.commands[commands].kind, COMMAND_CANCEL);
}

/* It fills to the end with what it was changed to before the venue says that it was changed. */
static void a_change_is_known_by_its_fills(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 20, 9100, 0), TURRET_OK);
    rig_turn(&rig);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 20, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(engine_order(rig.engine, id)->qty, 20);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 1, 9000); /* that is one too many */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

/* With which terms it ended may be said after its last fill; another end says nothing of them. */
static void terms_come_after_the_end(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    uint32_t published;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 9000);
    published = rig.orders;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 12, 10, 0);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 12, 9, 0);
    assert_int_equal(engine_order(rig.engine, id)->qty, 10);
    assert_int_equal(rig.orders, published);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 12, 10, 0);
    assert_int_equal(engine_order(rig.engine, id)->qty, 12);
    assert_int_equal(rig.orders, published + 1);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 12, 10, 1); /* nothing new */
    assert_int_equal(rig.orders, published + 1);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

/* The price alone may be news, or the stop; what has no quantity says nothing of terms. */
static void each_term_comes_after_the_end(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    const struct order *order = engine_order(rig.engine, id);
    struct event event;
    uint32_t published;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 9000);
    published = rig.orders;
    event = rig_told(&rig, id, TURRET_STATE_FILLED, 0, 10);
    event.u.order.limit_price = 8990;
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->limit_price, 9000);
    event.u.order.qty = 10;
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->limit_price, 8990);
    event.u.order.stop_price = 8980;
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->stop_price, 8980);
    assert_int_equal(rig.orders, published + 2);
    engine_ingest(rig.engine, &event); /* the same again */
    assert_int_equal(rig.orders, published + 2);
    rig.engine->sink.order = NULL; /* with nobody who listens it is in the books all the same */
    event.u.order.qty = 11;
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->qty, 11);
    assert_int_equal(rig.orders, published + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_correction_told_as_a_fill_before_is_booked_once),
        ENGINE_TEST(an_end_ahead_of_its_fills_comes_with_them),
        ENGINE_TEST(a_stale_stream_stops_trading),
        ENGINE_TEST(a_target_waits_for_what_is_unknown),
        ENGINE_TEST(cash_that_differs_stops_trading),
        ENGINE_TEST(what_is_left_after_a_replacement_is_the_venues),
        ENGINE_TEST(a_lost_cancel_is_said_again),
        ENGINE_TEST(a_cancel_without_an_answer_is_lost),
        ENGINE_TEST(a_change_is_known_by_its_fills),
        ENGINE_TEST(terms_come_after_the_end),
        ENGINE_TEST(each_term_comes_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
