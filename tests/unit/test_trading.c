/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows trading states: from which to which a decision leads, for every pair and every word; that
 * of two scopes the stricter binds, for every pair; what each state lets pass; that KILLED cancels
 * what works and what may work, again when the venue shows it working; that nothing of it is lost
 * or raised by a snapshot, a session, or a configuration without the name.
 */
#include "core/held.h"
#include "trading_bench.h"

static const char *const names[TRADING_SCOPES] = {"", "venue0", "venue0/USD", "a0", "S0.venue0"};
static const char *const others[TRADING_SCOPES] = {"", "venue1", "venue1/USD", "b1", "S1.venue1"};

static void set(uint32_t scope, const char *name, uint32_t value)
{
    decide(CONTROL_TRADING_REVIVE, scope, name, TRADING_ACTIVE);
    decide(CONTROL_TRADING_STATE, scope, name, value);
    assert_int_equal(engine_trading_state(rig.engine, scope, name), value);
}

static enum trading_state of(uint32_t strategy, uint32_t instrument)
{
    return trading_of(rig.engine, strategy, rig.instrument[instrument]);
}

static void every_pair_and_word(void **state)
{
    static const uint32_t kinds[] = {CONTROL_TRADING_STATE, CONTROL_TRADING_RESUME,
                                     CONTROL_TRADING_REVIVE};
    static const uint32_t most[] = {TRADING_CANCEL_ONLY, TRADING_HALTED, TRADING_KILLED};
    uint32_t scope, from, to, kind;
    (void)state;
    for (scope = 0; scope < TRADING_SCOPES; scope++)
        for (from = 0; from < TRADING_STATES; from++)
            for (to = 0; to < TRADING_STATES; to++)
                for (kind = 0; kind < 3; kind++) {
                    bool may = to >= from || from <= most[kind];
                    set(scope, names[scope], from);
                    decide(kinds[kind], scope, names[scope], to);
                    assert_int_equal(engine_trading_state(rig.engine, scope, names[scope]),
                                     may ? to : from);
                    assert_int_equal(engine_trading_count(rig.engine), (may ? to : from) != 0);
                    set(scope, names[scope], TRADING_ACTIVE);
                }
    decide(CONTROL_TRADING_STATE, TRADING_SCOPES, "", TRADING_HALTED);
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_STATES);
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", -1);
    assert_int_equal(engine_trading_count(rig.engine), 0);
}

static void the_strictest_binds(void **state)
{
    uint32_t one, two, a, b;
    (void)state;
    for (one = 0; one < TRADING_SCOPES; one++)
        for (two = 0; two < TRADING_SCOPES; two++)
            for (a = 0; one != two && a < TRADING_STATES; a++)
                for (b = 0; b < TRADING_STATES; b++) {
                    set(one, names[one], a);
                    set(two, names[two], b);
                    assert_int_equal(of(0, 0), a > b ? a : b);
                    set(one, names[one], TRADING_ACTIVE);
                    set(two, names[two], TRADING_ACTIVE);
                }
}

static void a_scope_is_only_itself(void **state)
{
    uint32_t scope;
    (void)state;
    for (scope = 1; scope < TRADING_SCOPES; scope++) {
        set(scope, others[scope], TRADING_HALTED);
        assert_int_equal(of(0, 0), TRADING_ACTIVE);
        assert_int_equal(of(1, 1), TRADING_HALTED);
        assert_int_equal(trading_of(rig.engine, 0, 99), TRADING_ACTIVE);
        assert_int_equal(trading_of(rig.engine, 0, 0), TRADING_ACTIVE);
        set(scope, others[scope], TRADING_ACTIVE);
        assert_int_equal(engine_trading_find(rig.engine, scope, "no such"), ENGINE_NONE);
        assert_int_not_equal(engine_trading_find(rig.engine, scope, names[scope]), ENGINE_NONE);
    }
    set(TRADING_STRATEGY, "nobody", TRADING_HALTED);
    assert_int_equal(trading_of(rig.engine, ORDER_NO_STRATEGY, 1), TRADING_ACTIVE);
    assert_int_equal(of(0, 0), TRADING_ACTIVE);
    set(TRADING_ALL, "", TRADING_REDUCING);
    assert_int_equal(trading_of(rig.engine, 0, 99), TRADING_REDUCING);
}

static uint32_t denial_of(uint8_t side, turret_qty qty)
{
    uint64_t id = rig_order(&rig, 0, side, qty, 0);
    return engine_order(rig.engine, id)->denial;
}

static void what_each_lets_pass(void **state)
{
    uint32_t scope;
    (void)state;
    for (scope = 0; scope < TRADING_SCOPES; scope++) {
        uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
        char execution[16];
        (void)snprintf(execution, sizeof execution, "x%u", scope);
        rig_fill(&rig, id, execution, TURRET_SIDE_BUY, 20, 10000);
        set(scope, names[scope], TRADING_REDUCING);
        assert_int_equal(denial_of(TURRET_SIDE_BUY, 1), DENY_TRADING_STATE);
        assert_int_equal(denial_of(TURRET_SIDE_SELL, 1), DENY_NONE);
        set(scope, names[scope], TRADING_CANCEL_ONLY);
        assert_int_equal(denial_of(TURRET_SIDE_SELL, 1), DENY_TRADING_STATE);
        set(scope, names[scope], TRADING_HALTED);
        assert_int_equal(denial_of(TURRET_SIDE_SELL, 1), DENY_TRADING_STATE);
        set(scope, names[scope], TRADING_ACTIVE);
        assert_int_equal(denial_of(TURRET_SIDE_BUY, 1), DENY_NONE);
    }
}

static void killed_cancels_what_may_work(void **state)
{
    uint64_t accepted = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9000);
    uint64_t unknown = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9000);
    uint64_t ended = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9000);
    uint32_t before;
    (void)state;
    rig_state_of(&rig, accepted, TURRET_STATE_ACCEPTED, 20, 0, 0);
    rig_ack(&rig, unknown, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    rig_state_of(&rig, ended, TURRET_STATE_CANCELED, 20, 0, 0);
    set(TRADING_STRATEGY, "b1", TRADING_KILLED);
    before = rig.command_count;
    set(TRADING_STRATEGY, "a0", TRADING_HALTED);
    assert_int_equal(rig.command_count, before); /* they stay */
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "a0", TRADING_KILLED);
    assert_int_equal(rig.command_count, before + 2);
    assert_int_equal(rig.commands[before].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[before].order.order_id, accepted);
    assert_int_equal(rig.commands[before + 1].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[before + 1].order.order_id, unknown);
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "a0", TRADING_KILLED);
    assert_int_equal(rig.command_count, before + 2); /* they are on their way */
    rig_ack(&rig, accepted, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_REJECTED);
    before = rig.command_count;
    rig_state_of(&rig, accepted, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(rig.command_count, before); /* it works still: a moment later, … */
    rig.time += HELD_AGAIN_NS;
    rig_state_of(&rig, accepted, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(rig.commands[before].kind, COMMAND_CANCEL);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "not cancelled, which is asked for again: trading was killed"));
    rig_ack(&rig, accepted, TURRET_REQUEST_CANCEL, 3, TURRET_OUTCOME_REJECTED);
    before = rig.command_count;
    rig.time += HELD_AGAIN_NS;
    rig_state_of(&rig, accepted, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(rig.command_count, before); /* … and later each time */
    rig.time += HELD_AGAIN_NS;
    rig_state_of(&rig, accepted, TURRET_STATE_ACCEPTED, 20, 0, 0);
    assert_int_equal(rig.command_count, before + 1);
}

static void take_over(void **state)
{
    struct rig_options o = rig_defaults();
    struct trading_latch before[3];
    uint8_t *bytes;
    size_t size;
    uint32_t i;
    (void)state;
    o.strategies = o.venues = 2;
    set(TRADING_ALL, "", TRADING_REDUCING);
    set(TRADING_STRATEGY, "b1", TRADING_KILLED);
    set(TRADING_INSTRUMENT, "S0.venue0", TRADING_HALTED);
    for (i = 0; i < 3; i++)
        before[i] = *engine_trading_latch(rig.engine, i);
    assert_string_equal(before[1].who, "uid 7");
    assert_string_equal(before[1].reason, "drill");
    assert_int_equal(before[1].since, rig.time);
    size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    o.names = "zb"; /* of another configuration: its second strategy is named "b" */
    (void)rig_build(&rig, &o, NULL);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, NULL), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, NULL), TURRET_OK);
    rig_connect(&rig); /* a session begins, venues are reconciled: nothing is raised */
    assert_int_equal(engine_trading_count(rig.engine), 3);
    for (i = 0; i < 3; i++)
        assert_memory_equal(engine_trading_latch(rig.engine, i), &before[i], sizeof before[i]);
    assert_int_equal(of(0, 0), TRADING_HALTED);
    assert_int_equal(of(1, 1), TRADING_REDUCING); /* b1 is gone, and its state waits for it */
    rig_close(&rig);
    o.names = NULL;
    (void)rig_build(&rig, &o, NULL);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, NULL), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, NULL), TURRET_OK);
    rig_connect(&rig);
    assert_int_equal(of(1, 1), TRADING_KILLED);
    free(bytes);
}

static void a_full_table_is_too_strict(void **state)
{
    char name[16];
    uint32_t i;
    (void)state;
    for (i = 0; i < TRADING_LATCHES_MAX - 1; i++) {
        (void)snprintf(name, sizeof name, "gone%u", i);
        set(TRADING_STRATEGY, name, TRADING_CANCEL_ONLY);
    }
    assert_int_equal(of(0, 0), TRADING_ACTIVE);
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "one more", TRADING_HALTED);
    assert_int_equal(of(0, 0), TRADING_HALTED);
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "and one", TRADING_REDUCING);
    assert_int_equal(of(0, 0), TRADING_HALTED);
    assert_int_equal(engine_trading_count(rig.engine), TRADING_LATCHES_MAX);
}

static void names_and_what_is_shown(void **state)
{
    struct trading_latch latch;
    (void)state;
    assert_string_equal(engine_trading_name(rig.engine), "ACTIVE");
    rig.engine->venues[1].ready = false;
    assert_string_equal(engine_trading_name(rig.engine), "RECONCILING"); /* its books differ */
    rig.engine->venues[1].complete = false;
    assert_string_equal(engine_trading_name(rig.engine), "STARTING");
    assert_int_equal(engine_trading_unready(rig.engine, TRADING_ALL, 0), 1);
    assert_int_equal(engine_trading_unready(rig.engine, TRADING_VENUE, 0), ENGINE_NONE);
    assert_int_equal(engine_trading_unready(rig.engine, TRADING_VENUE, 1), 1);
    assert_int_equal(engine_trading_unready(rig.engine, TRADING_ACCOUNT, 0), ENGINE_NONE);
    assert_int_equal(engine_trading_unready(rig.engine, TRADING_INSTRUMENT, 2), 1);
    assert_int_equal(engine_trading_unready(rig.engine, TRADING_STRATEGY, 0), 1);
    rig.engine->venues[1].downloading = true;
    assert_string_equal(engine_trading_name(rig.engine), "RECONCILING");
    rig.engine->venues[1].ready = true;
    set(TRADING_VENUE, "venue0", TRADING_HALTED);
    assert_string_equal(engine_trading_name(rig.engine), "HALTED (in part: turret state)");
    set(TRADING_ALL, "", TRADING_KILLED);
    assert_string_equal(engine_trading_name(rig.engine), "KILLED");
    assert_int_equal(trading_find_state("cancel-only"), TRADING_CANCEL_ONLY);
    assert_int_equal(trading_find_state("KILLED"), TRADING_KILLED);
    assert_int_equal(trading_find_state("kill"), -1);
    assert_int_equal(trading_find_state("killedd"), -1);
    assert_int_equal(trading_find_scope("account"), TRADING_ACCOUNT);
    assert_int_equal(trading_find_scope("desk"), -1);
    assert_string_equal(trading_state_name(99), "?");
    assert_string_equal(trading_scope_name(99), "?");
    latch = *engine_trading_latch(rig.engine, 0);
    assert_true(trading_latch_is_whole(&latch));
    latch.state = TRADING_ACTIVE;
    assert_false(trading_latch_is_whole(&latch));
    latch.state = TRADING_HALTED;
    memset(latch.reason, 'x', sizeof latch.reason);
    assert_false(trading_latch_is_whole(&latch));
}

/* Of the order's own strategy or of who works it; other scopes are not named. */
static void what_stops_an_order_is_told_by_name(void **state)
{
    struct order order = {.strategy = 0, .instrument = rig.instrument[0]};
    char text[TRADING_TEXT_MAX];
    (void)state;
    trading_tell(rig.engine, &order, text);
    assert_string_equal(text, "");
    set(TRADING_STRATEGY, "b1", TRADING_HALTED);
    trading_tell(rig.engine, &order, text);
    assert_string_equal(text, "");
    set(TRADING_VENUE, "venue0", TRADING_REDUCING);
    trading_tell(rig.engine, &order, text);
    assert_string_equal(text, "venue venue0 is REDUCING");
    set(TRADING_STRATEGY, "a0", TRADING_HALTED);
    trading_tell(rig.engine, &order, text);
    assert_string_equal(text, "strategy a0 is HALTED");
    set(TRADING_STRATEGY, "a0", TRADING_ACTIVE);
    order.algorithm = 2;
    trading_tell(rig.engine, &order, text);
    assert_string_equal(text, "strategy b1 is HALTED");
    set(TRADING_STRATEGY, "b1", TRADING_ACTIVE);
    set(TRADING_ALL, "", TRADING_KILLED);
    trading_tell(rig.engine, &order, text);
    assert_string_equal(text, "everything is KILLED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRADING_TEST(every_pair_and_word),
        TRADING_TEST(the_strictest_binds),
        TRADING_TEST(a_scope_is_only_itself),
        TRADING_TEST(what_each_lets_pass),
        TRADING_TEST(killed_cancels_what_may_work),
        TRADING_TEST(take_over),
        TRADING_TEST(a_full_table_is_too_strict),
        TRADING_TEST(names_and_what_is_shown),
        TRADING_TEST(what_stops_an_order_is_told_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
