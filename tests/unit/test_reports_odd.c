/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what odd words of a venue do to the core: an absurd time never moves its clock, and market
 * data with one are dropped; an order id that this host would give next is never given again, one
 * from nowhere does not move the counter; the answer to a change that comes after the answer to a
 * later cancel leaves neither a reservation too many nor one too few.
 */
#include "engine_rig.h"

static struct rig rig;

static int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_open(&rig, &o);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

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

#define ODD_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ODD_TEST(market_data_with_absurd_times_are_dropped),
        ODD_TEST(reports_with_absurd_times_count_now),
        ODD_TEST(a_lost_id_is_never_given_again),
        ODD_TEST(an_id_from_nowhere_leaves_the_counter),
        ODD_TEST(a_change_is_refused_after_a_later_cancel),
        ODD_TEST(a_change_is_answered_after_the_cancel_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
