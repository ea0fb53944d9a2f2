/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what happens when a venue's books and ours differ: only what is said again and again stops
 * an instrument, and nothing else; what a person or a policy adopts is booked once and is no
 * profit; orders are decided about by people; a bust waits for its fill; ids are never given twice;
 * clocks, the journal and arming deny, each on its own side of the limit; snapshots hold it all.
 */
#include "reconcile_case.h"

static void what_is_said_thrice_stops_one_instrument(void **state)
{
    (void)state;
    position_is(0, 7);
    position_is(0, 7);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_true(engine_suspects(rig.engine, 0));
    position_is(0, 0); /* a fill that was on its way came */
    assert_false(engine_suspects(rig.engine, 0));
    position_is(0, 7);
    position_is(0, 7);
    position_is(0, 7);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(engine_difference(rig.engine, 0)->ours, 0);
    assert_int_equal(engine_difference(rig.engine, 0)->theirs, 7);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    position_is(0, 7);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* told once */
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    assert_int_equal(asked_for(1), DENY_NONE);
    assert_true(engine_venue_ready(rig.engine, 0));
    position_is(0, 0);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(asked_for(0), DENY_NONE);
}

static void a_drift_is_found_while_it_trades(void **state)
{
    uint32_t i;
    uint64_t id;
    char name[8];
    (void)state;
    for (i = 0; i < 6; i++) { /* the books move, the difference does not */
        assert_int_equal(engine_difference_count(rig.engine), 0);
        id = rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9000);
        (void)snprintf(name, sizeof name, "x%u", i);
        rig_fill(&rig, id, name, TURRET_SIDE_BUY, 1, 9000);
        position_is(0, 5 + i + 1);
    }
    assert_int_equal(engine_difference_count(rig.engine), 1);
}

static void changing_differences_are_fills_on_their_way(void **state)
{
    uint32_t i;
    (void)state;
    for (i = 0; i < 20; i++)
        position_is(0, 1 + i % 2);
    assert_int_equal(engine_difference_count(rig.engine), 0);
}

static void what_is_adopted_is_no_profit(void **state)
{
    struct equity before;
    (void)state;
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(0, 7);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_false(engine_venue_ready(rig.engine, 0)); /* after a download all of it stops */
    before = engine_account(rig.engine, 0)->equity;
    decide(CONTROL_ADOPT, 1, rig.instrument[0]); /* another venue's */
    assert_int_equal(engine_difference_count(rig.engine), 1);
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_int_equal(rig_account_position(&rig, 0)->qty, 7);
    assert_int_equal(rig_account_position(&rig, 0)->value, 7 * 100 * MONEY_ONE);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0); /* it is nobody's */
    assert_int_equal(engine_account(rig.engine, 0)->equity.now - before.now, 700 * MONEY_ONE);
    assert_int_equal(engine_account(rig.engine, 0)->equity.start - before.start, 700 * MONEY_ONE);
    assert_int_equal(asked_for(0), DENY_NONE);
    decide(CONTROL_ADOPT, 0, rig.instrument[0]); /* once */
    assert_int_equal(rig_account_position(&rig, 0)->qty, 7);
}

static void absurd_books_are_not_adopted(void **state)
{
    static const int64_t absurd[] = {INT64_MAX, INT64_MIN, INT64_MAX / 2};
    uint32_t i;
    (void)state;
    for (i = 0; i < 3; i++) {
        rig_download(&rig, 0, 0, TURRET_OK);
        position_is(0, absurd[i]);
        cash_is(absurd[i]);
        rig_download(&rig, 0, 1, TURRET_OK);
        decide(CONTROL_ADOPT, 0, rig.instrument[0]);
        decide(CONTROL_ADOPT, 0, 0);
        assert_int_equal(engine_difference_count(rig.engine), 2);
        assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    }
}

static void cash_within_the_tolerance_agrees(void **state)
{
    turret_money cash = engine_account(rig.engine, 0)->cash;
    (void)state;
    rig.engine->venues[0].reconcile.cash_tolerance = 100;
    rig_download(&rig, 0, 0, TURRET_OK);
    cash_is(cash - 100);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_true(engine_venue_ready(rig.engine, 0));
    rig_download(&rig, 0, 0, TURRET_OK);
    cash_is(cash - 101);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_false(engine_venue_ready(rig.engine, 0));
    decide(CONTROL_ADOPT, 0, 0);
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_int_equal(engine_account(rig.engine, 0)->cash, cash - 101);
}

static void policies_adopt_and_alarm(void **state)
{
    turret_money cash = engine_account(rig.engine, 0)->cash;
    (void)state;
    rig.engine->venues[0].reconcile.positions = RECONCILE_ADOPT;
    rig.engine->venues[0].reconcile.cash = RECONCILE_ALARM;
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(1, 3);
    cash_is(cash + 5);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_int_equal(rig_account_position(&rig, 1)->qty, 3);
    assert_int_equal(engine_account(rig.engine, 0)->cash, cash);
    assert_int_equal(engine_difference_count(rig.engine), 1); /* the cash stays on the list */
    assert_int_equal(asked_for(1), DENY_NONE);
}

static void people_decide_about_what_is_unknown(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    decide(CONTROL_RESOLVE_ORDER, TURRET_STATE_REJECTED, (int64_t)id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    decide(CONTROL_RESOLVE_ORDER, TURRET_STATE_FILLED, (int64_t)id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    decide(CONTROL_RESOLVE_ORDER, TURRET_STATE_CANCELED, (int64_t)id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "uid 7: asked the broker");
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
}

static void what_never_left_says_why(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    (void)state;
    decide(CONTROL_KEPT_BACK, DENY_DEADLINE, (int64_t)id);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_REJECTED);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_DEADLINE);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    decide(CONTROL_KEPT_BACK, DENY_DEADLINE, (int64_t)id + 1); /* nobody's */
}

static void what_ended_here_and_works_there_stops(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    commands = rig.command_count;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(rig.command_count, commands + 1); /* older news? it is asked */
    assert_int_equal(engine_difference_count(rig.engine), 0);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    assert_int_equal(asked_for(1), DENY_NONE);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 1);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(asked_for(0), DENY_NONE);
}

static void an_order_the_venue_had_is_not_given_up(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event event = rig_event(&rig, EVENT_ACK);
    uint32_t i;
    (void)state;
    event.venue = 0;
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_OK;
    (void)snprintf(event.u.ack.venue_order_id, sizeof event.u.ack.venue_order_id, "V1");
    engine_ingest(rig.engine, &event);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    rig.time = engine_order(rig.engine, id)->deadline + 1;
    position_is(0, 0);
    for (i = 0; i < 9; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
    decide(CONTROL_RESOLVE_ORDER, TURRET_STATE_CANCELED, (int64_t)id);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(asked_for(0), DENY_NONE);
}

/* Ahead of its fill it is said once more, and not the same. */
static void another_bust_of_what_has_not_come_is_told(void **state)
{
    static const struct turret_report_bust others[] = {
        {"late", "new", 0, 0}, {"late", "", 1, 0}, {"late", "", 0, 1}};
    uint32_t i;
    (void)state;
    bust("late");
    for (i = 0; i < sizeof others / sizeof *others; i++) {
        struct event event = rig_event(&rig, EVENT_BUST);
        event.venue = 0;
        event.u.bust = others[i];
        engine_ingest(rig.engine, &event);
        assert_int_equal(rig.notices[NOTICE_ALARM], i + 1);
    }
    assert_int_equal(rig.engine->reconciliation.early_count, 1);
}

static void a_bust_waits_for_its_fill(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    char name[16];
    uint32_t i;
    (void)state;
    bust("late");
    bust("late");
    rig_fill(&rig, id, "late", TURRET_SIDE_BUY, 4, 9000);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    rig_fill(&rig, id, "other", TURRET_SIDE_BUY, 4, 9000);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 4);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* it was taken back */
    for (i = 0; i <= RECONCILE_EARLY; i++) {
        (void)snprintf(name, sizeof name, "early%u", i);
        bust(name);
    }
    assert_int_equal(rig.notices[NOTICE_ALARM], 2); /* one too many is for a person */
}

static void a_recalled_fill_can_be_taken_back(void **state)
{
    struct event event = rig_event(&rig, EVENT_DIFFERENCE);
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    const char first[40] = "first";
    char name[16];
    uint32_t i;
    (void)state;
    rig_fill(&rig, id, "first", TURRET_SIDE_BUY, 1, 9000);
    event.u.difference.kind = DIFFERENCE_RECALL;
    event.u.difference.fill = rig.last_fill;
    for (i = 0; i < rig.engine->options.executions_max; i++) {
        (void)snprintf(name, sizeof name, "n%u", i);
        rig_fill(&rig, id, name, i % 2 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL, 1, 9000);
    }
    assert_true(engine_forgot_executions(rig.engine));
    assert_false(engine_knows_execution(rig.engine, 0, first));
    event.venue = 0;
    engine_ingest(rig.engine, &event);
    assert_true(engine_knows_execution(rig.engine, 0, first));
    i = rig.fills;
    bust("first");
    assert_int_equal(rig.fills, i + 2); /* its row, and what reverses it */
}

static void fees_above_what_was_said_are_told(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event event = rig_event(&rig, EVENT_FILL);
    (void)state;
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = 2;
    event.u.fill.price = 9000;
    event.u.fill.fee = 100;
    (void)snprintf(event.u.fill.execution_id, 40, "free");
    engine_ingest(rig.engine, &event); /* this venue says nothing of fees */
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig.engine->venues[0].fees.per_unit_nano = 500; /* 50 of 10^-8 each */
    (void)snprintf(event.u.fill.execution_id, 40, "good");
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    event.u.fill.fee = 101;
    (void)snprintf(event.u.fill.execution_id, 40, "dear");
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "execution dear cost 0.00000101 USD,"));
    assert_int_equal(rig_account_position(&rig, 0)->qty, 6); /* booked all the same */
}

/* ---- ids ---- */

static void session(uint32_t epoch)
{
    struct event event = rig_event(&rig, EVENT_SESSION);
    event.u.session.epoch = epoch;
    engine_ingest(rig.engine, &event);
    rig_connect(&rig);
}

static void ids_only_grow(void **state)
{
    uint64_t seed = UINT64_C(0x1d5), last = 0, id;
    uint32_t i, epoch = 1;
    (void)state;
    for (i = 0; i < 20000; i++) {
        if (rig_random(&seed) % 50 == 0)
            session(++epoch);
        if (rig_random(&seed) % 200 == 0) /* nearly used up */
            rig.engine->next_order_id |= UINT32_MAX - rig_random(&seed) % 3;
        id = rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9000);
        if (id == 0) { /* used up: until the next start */
            assert_int_equal((uint32_t)rig.engine->next_order_id, 0);
            session(++epoch);
            continue;
        }
        assert_true(id > last);
        assert_true((uint32_t)id != 0);
        last = id;
    }
}

/* ---- controls 25, 26, 28 ---- */

static void a_clock_too_far_off_denies(void **state)
{
    (void)state;
    assert_int_equal(asked_for(0), DENY_NONE); /* this venue tells no time */
    rig.engine->venues[0].caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = RISK_UNSET;
    assert_int_equal(asked_for(0), DENY_LIMIT_UNSET);
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    assert_int_equal(asked_for(0), DENY_CLOCK_SKEW); /* nobody knows */
    found(DIFFERENCE_CLOCK, 900, 100);
    assert_int_equal(asked_for(0), DENY_NONE);
    found(DIFFERENCE_CLOCK, 901, 100);
    assert_int_equal(asked_for(0), DENY_CLOCK_SKEW);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_true(difference_stops(engine_difference(rig.engine, 0)));
    assert_string_equal(engine_difference(rig.engine, 0)->text,
                        "seconds from this machine's clock, beyond max_clock_skew");
    found(DIFFERENCE_CLOCK, -1001, 0);
    assert_int_equal(asked_for(0), DENY_CLOCK_SKEW);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    found(DIFFERENCE_CLOCK, INT64_MIN, 0); /* no clock says that */
    assert_int_equal(rig.engine->venues[0].skew_ns, -1001);
    found(DIFFERENCE_CLOCK, -1000, 0);
    assert_int_equal(asked_for(0), DENY_NONE);
    assert_int_equal(engine_difference_count(rig.engine), 0);
}

static void a_journal_behind_denies(void **state)
{
    (void)state;
    found(DIFFERENCE_JOURNAL, 1, 0);
    found(DIFFERENCE_JOURNAL, 1, 0);
    assert_int_equal(asked_for(0), DENY_JOURNAL);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    found(DIFFERENCE_JOURNAL, 0, 0);
    assert_int_equal(asked_for(0), DENY_NONE);
}

static void real_money_has_to_be_armed(void **state)
{
    (void)state;
    rig.engine->venues[0].armed = false;
    assert_int_equal(asked_for(0), DENY_NOT_ARMED);
    rig.engine->venues[0].armed = true;
    assert_int_equal(asked_for(0), DENY_NONE);
}

/* ---- snapshots ---- */

static void snapshots_hold_it(void **state)
{
    struct rig_options o = rig_defaults();
    struct rig other;
    size_t size, again;
    uint8_t *one, *two;
    (void)state;
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(0, 7);
    cash_is(1);
    rig_download(&rig, 0, 1, TURRET_OK);
    position_is(1, 3);
    bust("early");
    found(DIFFERENCE_CLOCK, 17, 3);
    found(DIFFERENCE_JOURNAL, 1, 0);
    size = engine_snapshot(rig.engine, NULL, 0);
    one = malloc(size);
    two = malloc(size);
    assert_true(one && two);
    (void)engine_snapshot(rig.engine, one, size);
    other = rig;
    (void)rig_build(&rig, &o, NULL);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, NULL), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, one, size, NULL), TURRET_OK);
    again = engine_snapshot(rig.engine, two, size);
    assert_true(again == size && !memcmp(one, two, size));
    assert_int_equal(engine_difference_count(rig.engine), 3);
    assert_false(engine_venue_ready(rig.engine, 0));
    assert_true(rig.engine->instruments[1].suspect.said == 1);
    engine_destroy(other.engine, TURRET_REASON_SHUTDOWN);
    free(one);
    free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_is_said_thrice_stops_one_instrument),
        ENGINE_TEST(a_drift_is_found_while_it_trades),
        ENGINE_TEST(changing_differences_are_fills_on_their_way),
        ENGINE_TEST(what_is_adopted_is_no_profit),
        ENGINE_TEST(absurd_books_are_not_adopted),
        ENGINE_TEST(cash_within_the_tolerance_agrees),
        ENGINE_TEST(policies_adopt_and_alarm),
        ENGINE_TEST(people_decide_about_what_is_unknown),
        ENGINE_TEST(what_never_left_says_why),
        ENGINE_TEST(what_ended_here_and_works_there_stops),
        ENGINE_TEST(an_order_the_venue_had_is_not_given_up),
        ENGINE_TEST(a_bust_waits_for_its_fill),
        ENGINE_TEST(another_bust_of_what_has_not_come_is_told),
        ENGINE_TEST(a_recalled_fill_can_be_taken_back),
        ENGINE_TEST(fees_above_what_was_said_are_told),
        ENGINE_TEST(ids_only_grow),
        ENGINE_TEST(a_clock_too_far_off_denies),
        ENGINE_TEST(a_journal_behind_denies),
        ENGINE_TEST(real_money_has_to_be_armed),
        ENGINE_TEST(snapshots_hold_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
