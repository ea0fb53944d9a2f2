/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what people decide and what the session found: a decision is about what it names and
 * nothing else, an order is given up only when its instrument's books agree, and reports about
 * nothing there is change nothing.
 */
#include "reconcile_case.h"

static struct difference told;

static void on_difference(void *context, const struct difference *one)
{
    (void)context;
    told = *one;
}

static void of_nobody(uint32_t which, const char *execution, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = 77;
    event.u.fill.instrument = rig.instrument[which];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = qty;
    event.u.fill.price = 9000;
    (void)snprintf(event.u.fill.execution_id, 40, "%s", execution);
    engine_ingest(rig.engine, &event);
}

/* ---- adopting ---- */

static void a_fill_of_nobodys_order_waits_for_a_person(void **state)
{
    (void)state;
    rig.engine->venues[0].reconcile.fills = RECONCILE_HALT;
    of_nobody(1, "other", 1);
    of_nobody(0, "one", 1);
    of_nobody(0, "two", 1);
    assert_int_equal(engine_difference_count(rig.engine), 3);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    decide(CONTROL_ADOPT, 0, 0); /* the cash */
    assert_int_equal(engine_difference_count(rig.engine), 3);
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(engine_difference(rig.engine, 0)->instrument, rig.instrument[1]);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 2); /* booked once, when it came */
    assert_int_equal(asked_for(0), DENY_NONE);
    assert_int_equal(asked_for(1), DENY_NOT_RECONCILED);
}

static void another_currency_is_another_decision(void **state)
{
    struct event event;
    turret_money before = engine_account(rig.engine, 0)->cash;
    (void)state;
    rig_download(&rig, 0, 0, TURRET_OK);
    cash_is(before - 5);
    position_is(0, 7);
    rig_download(&rig, 0, 1, TURRET_OK);
    event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_ADOPT;
    memcpy(event.u.control.currency, "EUR", 4);
    engine_ingest(rig.engine, &event);
    assert_int_equal(engine_difference_count(rig.engine), 2);
    assert_int_equal(engine_account(rig.engine, 0)->cash, before);
    decide(CONTROL_ADOPT, 0, rig.instrument[1]); /* nothing differs on that one */
    assert_int_equal(engine_difference_count(rig.engine), 2);
    decide(CONTROL_ADOPT, 0, 0);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(engine_account(rig.engine, 0)->cash, before - 5);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
}

/* Told as 0 and 7 here, and as less cash there. */
static turret_money told_of_both(void)
{
    turret_money before = engine_account(rig.engine, 0)->cash;
    rig_download(&rig, 0, 0, TURRET_OK);
    cash_is(before - 5);
    position_is(0, 7);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(engine_difference_count(rig.engine), 2);
    return before;
}

/* What the venue has more is what is taken: what fills meanwhile it has, too. */
static void what_fills_before_the_decision_is_kept(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    turret_money cash;
    (void)state;
    (void)told_of_both();
    rig_fill(&rig, id, "own", TURRET_SIDE_BUY, 10, 9000);
    cash = engine_account(rig.engine, 0)->cash;
    rig.engine->sink.difference = on_difference;
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 17);
    assert_int_equal(told.end, DIFFERENCE_ADOPTED);
    assert_true(told.ours == 10 && told.theirs == 17); /* as it is by then */
    decide(CONTROL_ADOPT, 0, 0);
    assert_int_equal(engine_account(rig.engine, 0)->cash, cash - 5);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    position_is(0, 17);
    cash_is(cash - 5);
    assert_int_equal(engine_difference_count(rig.engine), 0);
}

static void a_fill_that_made_up_for_it_is_not_taken_twice(void **state)
{
    (void)state;
    (void)told_of_both();
    of_nobody(0, "seven", 7);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 7);
    rig.engine->sink.difference = on_difference;
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 7);
    assert_int_equal(told.end, DIFFERENCE_ADOPTED);
    assert_int_equal(engine_difference_count(rig.engine), 1); /* the cash */
}

static void what_does_not_fit_by_now_is_not_taken(void **state)
{
    struct difference *one = &rig.engine->reconciliation.open[1];
    (void)state;
    (void)told_of_both();
    assert_int_equal(one->kind, DIFFERENCE_OF_POSITION);
    of_nobody(0, "one", 1);
    one->theirs = INT64_MAX;
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    one->theirs = -INT64_MAX;
    one->ours = 4;
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 1);
    assert_int_equal(engine_difference_count(rig.engine), 2);
    assert_true(one->ours == 4 && one->theirs == -INT64_MAX);
}

/* ---- orders ---- */

static void what_never_arrived_is_rejected(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    decide(CONTROL_RESOLVE_ORDER, TURRET_STATE_REJECTED, (int64_t)id + 1); /* nobody's */
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    decide(CONTROL_RESOLVE_ORDER, TURRET_STATE_REJECTED, (int64_t)id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_REJECTED);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "is REJECTED: uid 7: asked the broker"));
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

static void what_left_is_not_kept_back(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    decide(CONTROL_KEPT_BACK, DENY_DEADLINE, (int64_t)id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_ACCEPTED);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_NONE);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    decide(CONTROL_KEPT_BACK, DENY_CODES, (int64_t)id); /* a reason nobody knows */
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_REJECTED);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_NONE);
}

static void not_found(uint64_t id)
{
    uint32_t i;
    for (i = 0; i < 4; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
}

/* The venue's books may hold what the order did. */
static void an_order_is_not_given_up_while_its_instrument_differs(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    rig.engine->venues[0].reconcile.fills = RECONCILE_HALT;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    rig_missed(&rig, id);
    position_is(0, 0);
    position_is(0, 10); /* once: it may be a difference */
    not_found(id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    of_nobody(0, "whose?", 1);
    position_is(0, 1); /* agrees, and the fill is not decided about */
    not_found(id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    not_found(id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_REJECTED);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "never arrived");
}

/* Its clock is ahead by as much as is known of it. */
static void an_order_is_not_given_up_before_the_venues_clock_says_so(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    turret_time_ns deadline;
    (void)state;
    deadline = order_table_find(rig.engine->orders, id)->deadline += 60 * MONEY_NANO;
    rig.engine->options.risk.max_clock_skew_ns = MONEY_NANO;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    found(DIFFERENCE_CLOCK, 1000, 10);
    rig_missed(&rig, id);
    rig.time = deadline + 1010;
    position_is(0, 0);
    not_found(id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    rig.time = deadline + 1011; /* the position did not agree since */
    not_found(id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    position_is(0, 0);
    not_found(id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_REJECTED);
}

/* ---- what the session found ---- */

static struct event recall(const char *execution)
{
    struct event event = rig_event(&rig, EVENT_DIFFERENCE);
    event.venue = 0;
    event.u.difference.kind = DIFFERENCE_RECALL;
    event.u.difference.fill.id = 5;
    event.u.difference.fill.instrument = rig.instrument[0];
    event.u.difference.fill.side = TURRET_SIDE_BUY;
    event.u.difference.fill.qty = 1;
    (void)snprintf(event.u.difference.fill.execution_id, 40, "%s", execution);
    return event;
}

static void recalled_fills_that_make_no_sense_are_not_remembered(void **state)
{
    struct event wrong[7], good = recall("good");
    uint32_t i;
    (void)state;
    for (i = 0; i < 7; i++)
        wrong[i] = recall("wrong");
    wrong[0].venue = EVENT_FROM_HOST;
    wrong[0].u.difference.fill.venue = EVENT_FROM_HOST;
    wrong[1].u.difference.fill.venue = 1;
    wrong[2].u.difference.fill.instrument = 0;
    wrong[3].u.difference.fill.instrument = rig.engine->instrument_count + 1;
    memset(wrong[4].u.difference.fill.execution_id, 'x', 40);
    wrong[5].venue = 1; /* there is only one */
    wrong[5].u.difference.fill.venue = 1;
    wrong[6].u.difference.fill.value = -1; /* a bust of it would take back less than nothing */
    good.u.difference.fill.instrument = rig.engine->instrument_count;
    for (i = 0; i < 7; i++) {
        engine_ingest(rig.engine, &wrong[i]);
        assert_int_equal(rig.engine->executions.count, 0);
    }
    engine_ingest(rig.engine, &good);
    engine_ingest(rig.engine, &good); /* once */
    assert_int_equal(rig.engine->executions.count, 1);
    assert_true(engine_knows_execution(rig.engine, 0, good.u.difference.fill.execution_id));
}

static void what_is_found_is_said(void **state)
{
    (void)state;
    rig.engine->options.risk.max_clock_skew_ns = MONEY_NANO;
    found(DIFFERENCE_CLOCK, 2500 * INT64_C(1000000), 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "venue0: its clock is 2500 ms away from this machine's"));
    found(DIFFERENCE_JOURNAL, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* it was not behind */
    found(DIFFERENCE_JOURNAL, 1, 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "the journal is behind"));
    found(DIFFERENCE_JOURNAL, 0, 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "the journal is on the disk again"));
}

static void what_nobody_knows_changes_nothing(void **state)
{
    struct event event = rig_event(&rig, EVENT_DIFFERENCE);
    int64_t skew_ns;
    (void)state;
    event.u.difference.kind = DIFFERENCE_CLOCK;
    event.u.difference.value = 5;
    engine_ingest(rig.engine, &event); /* of the host, which is no venue */
    assert_false(engine_skew(rig.engine, 0, &skew_ns));
    found(DIFFERENCE_RECALL + 1, 1, 0);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(asked_for(0), DENY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_fill_of_nobodys_order_waits_for_a_person),
        ENGINE_TEST(another_currency_is_another_decision),
        ENGINE_TEST(what_fills_before_the_decision_is_kept),
        ENGINE_TEST(a_fill_that_made_up_for_it_is_not_taken_twice),
        ENGINE_TEST(what_does_not_fit_by_now_is_not_taken),
        ENGINE_TEST(what_never_arrived_is_rejected),
        ENGINE_TEST(what_left_is_not_kept_back),
        ENGINE_TEST(an_order_is_not_given_up_while_its_instrument_differs),
        ENGINE_TEST(an_order_is_not_given_up_before_the_venues_clock_says_so),
        ENGINE_TEST(recalled_fills_that_make_no_sense_are_not_remembered),
        ENGINE_TEST(what_is_found_is_said),
        ENGINE_TEST(what_nobody_knows_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
