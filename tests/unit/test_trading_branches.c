/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows trading states at their edges: names, which orders KILLED leaves alone, which venues of a
 * scope are waited for, what the state is called, and which stored ones are whole.
 */
#include "core/held.h"
#include "trading_bench.h"

static void names_of_states_and_scopes(void **state)
{
    static const char *const states[] = {"ACTIVE", "REDUCING", "CANCEL_ONLY", "HALTED", "KILLED"};
    static const char *const scopes[] = {"all", "venue", "account", "strategy", "instrument"};
    uint32_t i;
    (void)state;
    for (i = 0; i < TRADING_STATES; i++) {
        assert_string_equal(trading_state_name(i), states[i]);
        assert_int_equal(trading_find_state(states[i]), i);
    }
    for (i = 0; i < TRADING_SCOPES; i++) {
        assert_string_equal(trading_scope_name(i), scopes[i]);
        assert_int_equal(trading_find_scope(scopes[i]), i);
    }
    assert_string_equal(trading_state_name(TRADING_STATES), "?");
    assert_string_equal(trading_scope_name(TRADING_SCOPES), "?");
    assert_int_equal(trading_find_state("Cancel_Only"), TRADING_CANCEL_ONLY);
    assert_int_equal(trading_find_state(""), -1);
    assert_int_equal(engine_trading_find(rig.engine, TRADING_SCOPES, "venue0"), ENGINE_NONE);
    assert_int_equal(engine_trading_find(rig.engine, TRADING_ALL, ""), 0);
    assert_int_equal(engine_trading_find(rig.engine, TRADING_INSTRUMENT, "S1.venue1"),
                     rig.instrument[1]);
    assert_int_equal(engine_trading_find(rig.engine, TRADING_VENUE, "venue1"), 1);
    assert_int_equal(engine_trading_find(rig.engine, TRADING_ACCOUNT, "venue1/USD"), 1);
    assert_int_equal(engine_trading_find(rig.engine, TRADING_STRATEGY, "b1"), 1);
}

static void a_stored_state_is_whole_or_not(void **state)
{
    struct trading_latch whole, latch;
    (void)state;
    decide(CONTROL_TRADING_STATE, TRADING_INSTRUMENT, "S0.venue0", TRADING_KILLED);
    whole = *engine_trading_latch(rig.engine, 0);
    assert_true(trading_latch_is_whole(&whole));
    assert_string_equal(whole.name, "S0.venue0");
    assert_true(whole.sequence == engine_sequence(rig.engine) && whole.since == rig.engine->now);
    latch = whole;
    latch.scope = TRADING_SCOPES;
    assert_false(trading_latch_is_whole(&latch));
    latch = whole;
    latch.state = TRADING_STATES;
    assert_false(trading_latch_is_whole(&latch));
    latch.state = TRADING_ACTIVE;
    assert_false(trading_latch_is_whole(&latch));
    latch.state = TRADING_REDUCING;
    assert_true(trading_latch_is_whole(&latch));
    memset(latch.name, 'x', sizeof latch.name);
    assert_false(trading_latch_is_whole(&latch));
    latch.name[sizeof latch.name - 1] = 0;
    assert_true(trading_latch_is_whole(&latch));
    memset(latch.reason, 'x', sizeof latch.reason);
    assert_false(trading_latch_is_whole(&latch));
    latch.reason[sizeof latch.reason - 1] = 0;
    assert_true(trading_latch_is_whole(&latch));
    memset(latch.who, 'x', sizeof latch.who);
    assert_false(trading_latch_is_whole(&latch));
    latch.who[sizeof latch.who - 1] = 0;
    assert_true(trading_latch_is_whole(&latch));
}

static void texts_are_cut_to_their_room(void **state)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    const struct trading_latch *latch;
    (void)state;
    event.u.control.kind = CONTROL_TRADING_STATE;
    event.u.control.target = TRADING_ALL;
    event.u.control.value = TRADING_REDUCING;
    memset(event.u.control.name, 'n', sizeof event.u.control.name - 1); /* everything has none */
    memset(event.u.control.text, 't', sizeof event.u.control.text - 1);
    memset(event.u.control.who, 'w', sizeof event.u.control.who - 1);
    engine_ingest(rig.engine, &event);
    latch = engine_trading_latch(rig.engine, 0);
    assert_string_equal(latch->name, "");
    assert_int_equal(strlen(latch->reason), sizeof latch->reason - 1);
    assert_int_equal(strlen(latch->who), sizeof latch->who - 1);
    assert_int_equal(rig.tradings, 1);
}

/* ---- KILLED ---- */

static void others_orders_are_left_alone(void **state)
{
    struct event event = rig_event(&rig, EVENT_ORDER);
    uint32_t before = rig.command_count;
    (void)state;
    event.venue = 0;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.state = TURRET_STATE_ACCEPTED;
    event.u.order.side = TURRET_SIDE_BUY;
    event.u.order.type = TURRET_ORDER_LIMIT;
    event.u.order.qty = 10;
    event.u.order.limit_price = 9000;
    (void)snprintf(event.u.order.venue_order_id, 40, "by hand");
    engine_ingest(rig.engine, &event);
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_KILLED);
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.command_count, before);
    event.u.order.instrument = 99; /* of nothing here */
    (void)snprintf(event.u.order.venue_order_id, 40, "elsewhere");
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.command_count, before);
}

static void what_is_told_under_killed_is_cancelled_once(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000), other;
    uint32_t before;
    (void)state;
    other = rig_order(&rig, 1, TURRET_SIDE_BUY, 10, 9000);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "a0", TRADING_KILLED);
    before = rig.command_count;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0); /* its cancel is on its way */
    rig_state_of(&rig, other, TURRET_STATE_ACCEPTED, 10, 0, 0);
    assert_int_equal(rig.command_count, before);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_UNKNOWN);
    order_table_find(rig.engine->orders, id)->request = TURRET_REQUEST_NONE;
    before = rig.command_count;
    (void)order_change(rig.engine, order_table_find(rig.engine->orders, id), TURRET_STATE_UNKNOWN,
                       "lost");
    trading_reported(rig.engine, id); /* nobody knows where it is: asked, not cancelled */
    trading_reported(rig.engine, 4711);
    assert_int_equal(rig.command_count, before);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0);
    rig.time += HELD_AGAIN_NS;
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(rig.commands[before].kind, COMMAND_CANCEL);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig.command_count, before + 1);
}

static void a_decision_reaches_the_core_without_a_listener(void **state)
{
    (void)state;
    rig.engine->sink.trading = NULL;
    trading_halt(rig.engine, "the disk is full");
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, "whatever"), TRADING_HALTED);
    assert_string_equal(engine_trading_latch(rig.engine, 0)->who, "host");
    assert_string_equal(engine_trading_latch(rig.engine, 0)->reason, "the disk is full");
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_KILLED);
    trading_halt(rig.engine, "again");
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_KILLED);
    assert_string_equal(engine_trading_latch(rig.engine, 0)->reason, "drill");
}

static void a_decision_says_whether_it_was_taken(void **state)
{
    struct event_control control;
    (void)state;
    memset(&control, 0, sizeof control);
    control.kind = CONTROL_TRADING_STATE;
    control.target = TRADING_SCOPES;
    control.value = TRADING_HALTED;
    assert_false(trading_decide(rig.engine, &control));
    control.target = TRADING_ALL;
    control.value = TRADING_KILLED;
    assert_true(trading_decide(rig.engine, &control));
    (void)snprintf(control.text, sizeof control.text, "once more");
    assert_true(trading_decide(rig.engine, &control)); /* as strict: the newer reason stands */
    assert_string_equal(engine_trading_latch(rig.engine, 0)->reason, "once more");
    control.value = TRADING_ACTIVE;
    assert_false(trading_decide(rig.engine, &control));
    assert_int_equal(engine_trading_latch(rig.engine, 0)->reserved[0], 0); /* stored as it is */
}

/* ---- the table ---- */

static void what_is_lifted_leaves_the_others(void **state)
{
    (void)state;
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "a0", TRADING_REDUCING);
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue1", TRADING_HALTED);
    decide(CONTROL_TRADING_STATE, TRADING_INSTRUMENT, "S0.venue0", TRADING_CANCEL_ONLY);
    decide(CONTROL_TRADING_RESUME, TRADING_STRATEGY, "a0", TRADING_ACTIVE);
    assert_int_equal(engine_trading_count(rig.engine), 2);
    assert_string_equal(engine_trading_latch(rig.engine, 0)->name, "venue1");
    assert_string_equal(engine_trading_latch(rig.engine, 1)->name, "S0.venue0");
    assert_int_equal(engine_trading_latch(rig.engine, 2)->state, 0);
    assert_int_equal(trading_of(rig.engine, 1, rig.instrument[1]), TRADING_HALTED);
    assert_int_equal(trading_of(rig.engine, 1, rig.instrument[0]), TRADING_CANCEL_ONLY);
    decide(CONTROL_TRADING_RESUME, TRADING_STRATEGY, "a0", TRADING_ACTIVE); /* is it already */
    assert_int_equal(engine_trading_count(rig.engine), 2);
}

static void a_full_table_takes_what_is_of_everything(void **state)
{
    char name[16];
    uint32_t i;
    (void)state;
    for (i = 0; i < TRADING_LATCHES_MAX - 1; i++) {
        (void)snprintf(name, sizeof name, "gone%u", i);
        decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, name, TRADING_REDUCING);
    }
    assert_int_equal(engine_trading_count(rig.engine), TRADING_LATCHES_MAX - 1);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_ACTIVE);
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue1", TRADING_REDUCING);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_REDUCING);
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_HALTED);
    assert_int_equal(trading_of(rig.engine, 0, rig.instrument[0]), TRADING_HALTED);
    assert_int_equal(engine_trading_count(rig.engine), TRADING_LATCHES_MAX);
}

/* ---- what is shown ---- */

static void which_venues_a_scope_waits_for(void **state)
{
    struct engine *engine = rig.engine;
    uint32_t scope;
    (void)state;
    for (scope = 0; scope < TRADING_SCOPES; scope++)
        assert_int_equal(engine_trading_unready(engine, scope, scope == TRADING_INSTRUMENT),
                         ENGINE_NONE);
    engine->venues[0].ready = false;
    assert_int_equal(engine_trading_unready(engine, TRADING_STRATEGY, 1), 0);
    engine->venues[0].ready = true;
    engine->venues[1].ready = false;
    assert_int_equal(engine_trading_unready(engine, TRADING_ALL, 0), 1);
    assert_int_equal(engine_trading_unready(engine, TRADING_ACCOUNT, 1), 1);
    assert_int_equal(engine_trading_unready(engine, TRADING_ACCOUNT, 0), ENGINE_NONE);
    assert_int_equal(engine_trading_unready(engine, TRADING_INSTRUMENT, rig.instrument[1]), 1);
    assert_int_equal(engine_trading_unready(engine, TRADING_INSTRUMENT, rig.instrument[0]),
                     ENGINE_NONE);
    assert_int_equal(engine_trading_unready(engine, TRADING_STRATEGY, 1), 1);
    engine->strategies[1].instrument_count = 1; /* is on the first one alone */
    assert_int_equal(engine_trading_unready(engine, TRADING_STRATEGY, 1), ENGINE_NONE);
    engine->strategies[1].instrument_count = 2;
    engine->venues[1].caps.can &= ~(uint32_t)TURRET_CAN_TRADE; /* a feed: nothing to wait for */
    for (scope = 0; scope < TRADING_SCOPES; scope++)
        assert_int_equal(engine_trading_unready(engine, scope, scope != TRADING_ALL), ENGINE_NONE);
    engine->venues[1].ready = true;
}

static void what_the_state_is_called(void **state)
{
    struct engine *engine = rig.engine;
    (void)state;
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue0", TRADING_HALTED);
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue1", TRADING_REDUCING);
    assert_string_equal(engine_trading_name(engine), "HALTED (in part: turret state)");
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_HALTED);
    assert_string_equal(engine_trading_name(engine), "HALTED");
    decide(CONTROL_TRADING_RESUME, TRADING_ALL, "", TRADING_ACTIVE);
    decide(CONTROL_TRADING_RESUME, TRADING_VENUE, "venue0", TRADING_ACTIVE);
    assert_string_equal(engine_trading_name(engine), "REDUCING (in part: turret state)");
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue1", TRADING_CANCEL_ONLY);
    assert_string_equal(engine_trading_name(engine), "CANCEL_ONLY (in part: turret state)");
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue1", TRADING_KILLED);
    assert_string_equal(engine_trading_name(engine), "KILLED (in part: turret state)");
    decide(CONTROL_TRADING_REVIVE, TRADING_VENUE, "venue1", TRADING_ACTIVE);
    assert_string_equal(engine_trading_name(engine), "ACTIVE");
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue0", TRADING_REDUCING);
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue1", TRADING_HALTED);
    assert_string_equal(engine_trading_name(engine), "HALTED (in part: turret state)");
    decide(CONTROL_TRADING_RESUME, TRADING_VENUE, "venue0", TRADING_ACTIVE);
    decide(CONTROL_TRADING_RESUME, TRADING_VENUE, "venue1", TRADING_ACTIVE);
    engine->account_stopped_by_loss[0] = true;
    assert_string_equal(engine_trading_name(engine),
                        "REDUCING (daily loss reached; turret resume lifts it)");
    engine->account_stopped_by_loss[0] = false;
    engine->account_stopped_by_drawdown[1] = true;
    assert_string_equal(engine_trading_name(engine),
                        "REDUCING (drawdown reached; turret resume lifts it)");
    engine->account_stopped_by_loss[1] = true;
    assert_string_equal(engine_trading_name(engine),
                        "REDUCING (daily loss reached; turret resume lifts it)");
    engine->account_stopped_by_loss[1] = engine->account_stopped_by_drawdown[1] = false;
    engine->venues[0].ready = engine->venues[0].complete = false;
    assert_string_equal(engine_trading_name(engine), "STARTING");
    engine->venues[0].complete = true;
    assert_string_equal(engine_trading_name(engine), "RECONCILING");
    engine->venues[0].ready = true;
}

static void a_clock_that_is_off_is_reconciled(void **state)
{
    struct venue *last = &rig.engine->venues[1];
    (void)state;
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    last->caps.can |= TURRET_CAN_SERVER_TIME;
    last->timed = true;
    assert_string_equal(engine_trading_name(rig.engine), "ACTIVE");
    last->skew_ns = 1001;
    assert_string_equal(engine_trading_name(rig.engine), "RECONCILING");
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_HALTED);
    assert_string_equal(engine_trading_name(rig.engine), "HALTED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRADING_TEST(names_of_states_and_scopes),
        TRADING_TEST(a_stored_state_is_whole_or_not),
        TRADING_TEST(texts_are_cut_to_their_room),
        TRADING_TEST(others_orders_are_left_alone),
        TRADING_TEST(what_is_told_under_killed_is_cancelled_once),
        TRADING_TEST(a_decision_reaches_the_core_without_a_listener),
        TRADING_TEST(a_decision_says_whether_it_was_taken),
        TRADING_TEST(what_is_lifted_leaves_the_others),
        TRADING_TEST(a_full_table_takes_what_is_of_everything),
        TRADING_TEST(which_venues_a_scope_waits_for),
        TRADING_TEST(what_the_state_is_called),
        TRADING_TEST(a_clock_that_is_off_is_reconciled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
