/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what odd words of a venue do to the core: an absurd time never moves its clock, and market
 * data with one are dropped; an order id that this host would give next is never given again, one
 * from nowhere does not move the counter; the answer to a change that comes after the answer to a
 * later cancel leaves neither a reservation too many nor one too few; what a download says of an
 * order that ended here is asked about once before it is an alarm.
 */
#include "engine_case.h"

/* ---- times ---- */

static const turret_time_ns absurd_times[] = {INT64_MIN, -1, EVENT_TIME_MAX + 1, INT64_MAX};
#define ABSURD (sizeof absurd_times / sizeof *absurd_times)

static void market_data_with_absurd_times_are_dropped(void **state)
{
    uint64_t sequence = engine_sequence(rig.engine);
    turret_time_ns now = engine_now(rig.engine);
    size_t i;
    (void)state;
    for (i = 0; i < ABSURD; i++) {
        struct event event = rig_bar_event(&rig, rig.instrument[0], rig.time, 12345);
        event.time = absurd_times[i];
        engine_ingest(rig.engine, &event);
        event = rig_event(&rig, EVENT_QUOTE);
        event.venue = 0;
        event.u.quote.instrument = rig.instrument[0];
        event.u.quote.bid = event.u.quote.ask = 12345;
        event.time = absurd_times[i];
        engine_ingest(rig.engine, &event);
        assert_int_equal(rig.notices[NOTICE_DROPPED], 2 * (i + 1));
        assert_non_null(strstr(rig.last_notice[NOTICE_DROPPED], "its time is absurd"));
    }
    assert_true(engine_sequence(rig.engine) == sequence);
    assert_true(engine_now(rig.engine) == now);
    assert_true(engine_mark(rig.engine, rig.instrument[0]) == 10000);
    rig_bar(&rig, rig.instrument[0], 10100); /* it goes on */
    assert_true(engine_mark(rig.engine, rig.instrument[0]) == 10100);
}

static void reports_with_absurd_times_count_now(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 40, 0);
    turret_time_ns now = engine_now(rig.engine);
    size_t i;
    (void)state;
    for (i = 0; i < ABSURD; i++) {
        char execution[8];
        (void)snprintf(execution, sizeof execution, "x%zu", i);
        rig.time = absurd_times[i];
        rig_fill(&rig, id, execution, TURRET_SIDE_BUY, 10, 10000);
        assert_true(rig.last_fill.time == now);
        assert_true(engine_now(rig.engine) == now);
    }
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    rig.time = EVENT_TIME_MAX; /* the last time that is none of them */
    rig_download(&rig, 0, 0, TURRET_OK);
    assert_true(engine_now(rig.engine) == EVENT_TIME_MAX);
    rig_download(&rig, 0, 1, TURRET_OK);
}

/* ---- ids ---- */

static void told(uint64_t id)
{
    struct event event = rig_told(&rig, id, TURRET_STATE_ACCEPTED, 10, 0);
    (void)snprintf(event.u.order.venue_order_id, sizeof event.u.order.venue_order_id, "V%llx",
                   (unsigned long long)id);
    engine_ingest(rig.engine, &event);
}

static void a_lost_id_is_never_given_again(void **state)
{
    uint64_t first = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000), next;
    (void)state;
    told(first + 5); /* of before a crash: durable there, not here */
    assert_int_equal(engine_order(rig.engine, first + 5)->strategy, ORDER_NO_STRATEGY);
    next = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    assert_true(next == first + 6);
    told(first + 3); /* below the counter: it stays */
    assert_true(rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000) == next + 1);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 50);
}

static void an_id_from_nowhere_leaves_the_counter(void **state)
{
    static const uint64_t ids[] = {UINT64_C(1) << 62, UINT64_C(1) << 63, UINT64_MAX};
    uint64_t first = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    size_t i;
    (void)state;
    for (i = 0; i < sizeof ids / sizeof *ids; i++)
        told(ids[i]);
    assert_true(rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000) == first + 1);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 50); /* counted all the same */
}

/* ---- a change and a later cancel ---- */

/* An order of 10, asked to become 20, then to be cancelled. */
static uint64_t changed_and_cancelled(void)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 20, 9000, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 20); /* the worse of both */
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request_version, 3);
    return id;
}

static void a_change_is_refused_after_a_later_cancel(void **state)
{
    uint64_t id = changed_and_cancelled();
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED);
    assert_int_equal(engine_order(rig.engine, id)->pending_qty, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_CANCEL);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 3, TURRET_OUTCOME_REJECTED);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_ACCEPTED);
    rig_fill(&rig, id, "x", TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

/* Both answers crossed: the cancel's came first. */
static void a_change_is_answered_after_the_cancel_was(void **state)
{
    static const uint32_t outcomes[] = {TURRET_OUTCOME_OK, TURRET_OUTCOME_REJECTED};
    size_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        uint64_t id = changed_and_cancelled();
        uint32_t before = rig.command_count;
        rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 3, TURRET_OUTCOME_REJECTED);
        assert_int_equal(rig.command_count, before + 1); /* too late: asks what it is */
        assert_int_equal(rig.commands[before].kind, COMMAND_QUERY);
        rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, outcomes[i]);
        assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_NONE);
        if (outcomes[i] == TURRET_OUTCOME_REJECTED)
            assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
        else
            assert_int_equal(rig_account_position(&rig, 0)->open_buy, 20); /* until it is told */
        rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, i == 0 ? 20 : 10, 0, 1);
        assert_int_equal(engine_order(rig.engine, id)->pending_qty, 0);
        rig_state_of(&rig, id, TURRET_STATE_CANCELED, i == 0 ? 20 : 10, 0, 0);
        assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
        rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, outcomes[i]); /* said twice, after its end */
        assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
        assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    }
}

/* ---- orders that ended here, or did not ---- */

static uint64_t accepted(turret_qty qty)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, qty, 9000);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    return id;
}

static void an_ended_order_is_not_missed(void **state)
{
    uint64_t id = accepted(10);
    uint32_t i, commands;
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    rig.time += 60 * MONEY_NANO;
    commands = rig.command_count;
    for (i = 0; i < 4; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
    assert_int_equal(engine_order(rig.engine, id)->queries, 0);
    assert_int_equal(rig.command_count, commands);
}

static void a_download_shows_what_ended_here(void **state)
{
    static const uint8_t working[] = {TURRET_STATE_ACCEPTED, TURRET_STATE_UNKNOWN};
    uint32_t i, commands, alarms;
    (void)state;
    for (i = 0; i < 2; i++) {
        uint64_t id = accepted(10);
        rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
        commands = rig.command_count;
        alarms = rig.notices[NOTICE_ALARM];
        rig_state_of(&rig, id, working[i], 10, 10, 1); /* all of it filled: nothing works */
        rig_state_of(&rig, id, TURRET_STATE_EXPIRED, 10, 0, 1);
        assert_int_equal(rig.command_count, commands);
        rig_state_of(&rig, id, working[i], 10, 9, 1);
        assert_int_equal(rig.command_count, commands + 1); /* may be older news */
        assert_int_equal(rig.commands[commands].kind, COMMAND_QUERY);
        assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
        rig_state_of(&rig, id, working[i], 10, 9, 1);
        assert_int_equal(rig.command_count, commands + 1);
        assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
        assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "is CANCELED here and works"));
        assert_int_equal(engine_difference_count(rig.engine), 1);
        rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 1);
        assert_int_equal(engine_difference_count(rig.engine), 0);
        rig_state_of(&rig, id, working[i], 10, 9, 1);
        assert_int_equal(rig.command_count, commands + 2); /* begins anew */
        assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
    }
}

static void a_download_says_filled(void **state)
{
    uint64_t id = accepted(10);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 8, 9000);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 5, 1); /* of before the last fill */
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_PARTIAL);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 8, 0);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_PARTIAL);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 8, 1); /* two were taken back since */
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

static void a_simulated_venue_is_never_late(void **state)
{
    uint64_t id = accepted(10);
    (void)state;
    rig.engine->venues[0].caps.can |= TURRET_CAN_SIMULATE;
    assert_int_equal(turret_modify(rig.self[0], id, 20, 0, 0), TURRET_OK);
    rig_turn(&rig);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 12, 0, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 20); /* its answer is to come */
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 15, 0, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 15); /* that is what it came to */
    assert_int_equal(engine_order(rig.engine, id)->pending_qty, 0);
}

static void what_cannot_be_is_refused(void **state)
{
    uint64_t id = accepted(10);
    struct order *order = order_table_find(rig.engine->orders, id);
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_false(order_change(rig.engine, order, TURRET_STATE_ACCEPTED, "again"));
    assert_int_equal(order->state, TURRET_STATE_CANCELED);
    assert_true(order_change(rig.engine, order, TURRET_STATE_CANCELED, "said twice"));
    assert_string_equal(order->venue_reason, "said twice");
}

static void a_refused_cancel_is_told(void **state)
{
    struct event event = rig_event(&rig, EVENT_ACK);
    uint64_t id = accepted(10);
    uint32_t orders;
    (void)state;
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    orders = rig.orders;
    event.venue = 0;
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_CANCEL;
    event.u.ack.request = 2;
    event.u.ack.outcome = TURRET_OUTCOME_REJECTED;
    (void)snprintf(event.u.ack.reason, 40, "too late");
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.orders, orders + 1);
    assert_string_equal(rig.last_order.venue_reason, "too late");
    assert_int_equal(rig.last_order.request, TURRET_REQUEST_NONE);
    assert_int_equal(rig.commands[rig.command_count - 1].kind, COMMAND_QUERY);
}

static void a_target_is_reached_or_forgotten(void **state)
{
    const struct position *position = rig_own(&rig, 0, 0);
    (void)state;
    (void)turret_target(rig.self[0], rig.instrument[0], 10, "wish");
    rig_turn(&rig);
    rig_fill(&rig, rig.last_order.id, "a", TURRET_SIDE_BUY, 10, 10000);
    assert_int_equal(position->has_target, 1);
    (void)turret_target(rig.self[0], rig.instrument[0], 20, "wish");
    rig_turn(&rig);
    rig_state_of(&rig, rig.last_order.id, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(position->has_target, 0);
}

static void an_order_of_before_is_of_its_venue(void **state)
{
    struct rig_options o = rig_defaults();
    struct event event;
    uint64_t id = (UINT64_C(1) << 61) + 5;
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    event = rig_told(&rig, id, TURRET_STATE_ACCEPTED, 10, 0);
    event.venue = 1;
    event.u.order.instrument = rig.instrument[1];
    event.u.order.limit_price = 9000;
    engine_ingest(rig.engine, &event);
    assert_non_null(engine_order(rig.engine, id)); /* by the id this host gave it once */
    assert_int_equal(engine_order(rig.engine, id)->venue, 1);
    assert_int_equal(rig.engine->venues[1].working, 1);
    assert_int_equal(rig_account_position(&rig, 1)->open_buy, 10);
    assert_true(rig.engine->next_order_id == id + 1);
    event = rig_told(&rig, id + 1, TURRET_STATE_ACCEPTED, 10, 0);
    engine_ingest(rig.engine, &event); /* the very next one */
    assert_true(rig.engine->next_order_id == id + 2);
}

/* What was sent is never the host's alone again, nor is it unsent. */
static void a_state_that_no_venue_has_is_not_believed(void **state)
{
    static const uint8_t states[] = {0,
                                     TURRET_STATE_INIT,
                                     TURRET_STATE_DENIED,
                                     TURRET_STATE_HELD,
                                     TURRET_STATE_SENT,
                                     TURRET_STATE_UNKNOWN + 1,
                                     UINT8_MAX};
    uint64_t sent = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    uint64_t unknown = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    uint32_t i, commands;
    (void)state;
    rig_ack(&rig, unknown, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    for (i = 0; i < sizeof states; i++) {
        rig_state_of(&rig, sent, states[i], 10, 0, 0);
        rig_state_of(&rig, unknown, states[i], 10, 0, 1);
        assert_int_equal(rig.notices[NOTICE_ALARM], 2 * i + 2);
        assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "absurd quantity or state"));
        assert_int_equal(engine_order(rig.engine, sent)->state, TURRET_STATE_SENT);
        assert_int_equal(engine_order(rig.engine, unknown)->state, TURRET_STATE_UNKNOWN);
    }
    commands = rig.command_count;
    assert_int_equal(turret_cancel(rig.self[0], sent), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, commands + 1);           /* its venue is asked */
    rig_state_of(&rig, unknown, TURRET_STATE_UNKNOWN, 10, 0, 1); /* as a venue may say */
    rig_state_of(&rig, unknown, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(engine_order(rig.engine, unknown)->state, TURRET_STATE_ACCEPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(market_data_with_absurd_times_are_dropped),
        ENGINE_TEST(reports_with_absurd_times_count_now),
        ENGINE_TEST(a_lost_id_is_never_given_again),
        ENGINE_TEST(an_id_from_nowhere_leaves_the_counter),
        ENGINE_TEST(a_change_is_refused_after_a_later_cancel),
        ENGINE_TEST(a_change_is_answered_after_the_cancel_was),
        ENGINE_TEST(an_ended_order_is_not_missed),
        ENGINE_TEST(a_download_shows_what_ended_here),
        ENGINE_TEST(a_download_says_filled),
        ENGINE_TEST(a_simulated_venue_is_never_late),
        ENGINE_TEST(what_cannot_be_is_refused),
        ENGINE_TEST(a_refused_cancel_is_told),
        ENGINE_TEST(a_target_is_reached_or_forgotten),
        ENGINE_TEST(an_order_of_before_is_of_its_venue),
        ENGINE_TEST(a_state_that_no_venue_has_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
