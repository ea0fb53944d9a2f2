/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what should be less, or gone, because another order filled, or its position was
 * closed, does not stay as it is when the venue refuses: a change that is refused or lost becomes a
 * cancel, a cancel that is refused is asked for again, later each time and with an alarm.
 */
#include "held_bench.h"

static uint64_t one, other;

/* Two buys of ten, of which one cancels the other. */
static int set_up_pair(void **state)
{
    struct turret_order_request request;
    (void)set_up(state);
    request = want(BUY, TURRET_ORDER_LIMIT, 10);
    request.limit_price = 9900;
    one = ask(request);
    request.limit_price = 9800;
    request.oco = one;
    other = ask(request);
    rig_ack(&rig, other, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    return 0;
}

static uint32_t told(enum command_kind kind)
{
    uint32_t i, count = 0;
    for (i = 0; i < rig.command_count; i++)
        count += rig.commands[i].kind == kind && rig.commands[i].order.order_id == other;
    return count;
}

static void answer(uint32_t kind, uint32_t outcome)
{
    rig_ack(&rig, other, kind, at(other)->request_version, outcome);
}

static void a_refused_change_becomes_a_cancel(void **state)
{
    (void)state;
    rig_fill(&rig, one, "1", BUY, 4, 9900);
    assert_int_equal(told(COMMAND_MODIFY), 1);
    answer(TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED);
    assert_int_equal(told(COMMAND_CANCEL), 1);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 16); /* until it is gone */
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 6);
    seconds_pass(100);
    assert_int_equal(told(COMMAND_CANCEL), 1);
    assert_int_equal(rig.engine->watched_count, 0);
}

static void a_change_that_was_made_is_enough(void **state)
{
    (void)state;
    rig_fill(&rig, one, "1", BUY, 4, 9900);
    answer(TURRET_REQUEST_MODIFY, TURRET_OUTCOME_OK);
    rig_state_of(&rig, other, TURRET_STATE_ACCEPTED, 6, 0, 0);
    assert_int_equal(turret_modify(rig.self[0], other, 3, 0, 0), TURRET_OK);
    rig_turn(&rig);
    answer(TURRET_REQUEST_MODIFY, TURRET_OUTCOME_REJECTED); /* the strategy's own wish */
    seconds_pass(10);
    assert_int_equal(told(COMMAND_CANCEL), 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* Nobody knows; after its deadline the venue says that it is as large as before. */
static void a_lost_change_becomes_a_cancel(void **state)
{
    struct event event;
    (void)state;
    rig_fill(&rig, one, "1", BUY, 4, 9900);
    answer(TURRET_REQUEST_MODIFY, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(told(COMMAND_CANCEL), 0);
    rig.time += ORDER_DEADLINE_NS + 1;
    event = rig_event(&rig, EVENT_ORDER);
    event.venue = 0;
    event.u.order.order_id = other;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.side = BUY;
    event.u.order.type = TURRET_ORDER_LIMIT;
    event.u.order.state = TURRET_STATE_ACCEPTED;
    event.u.order.qty = 10;
    event.u.order.limit_price = 9800;
    event.u.order.snapshot = 1;
    engine_ingest(rig.engine, &event);
    assert_int_equal(told(COMMAND_CANCEL), 1);
}

static void a_refused_cancel_is_asked_for_again(void **state)
{
    int64_t seconds = 1;
    uint32_t i;
    (void)state;
    rig_fill(&rig, one, "1", BUY, 10, 9900);
    for (i = 1; i < 10; i++) {
        assert_int_equal(told(COMMAND_CANCEL), i);
        answer(TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED);
        seconds_pass(seconds - 1);
        assert_int_equal(told(COMMAND_CANCEL), i);
        seconds_pass(1);
        seconds = seconds < 64 ? seconds * 2 : 64;
    }
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "until then it may fill"));
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    seconds_pass(100);
    assert_int_equal(told(COMMAND_CANCEL), 10);
}

static void a_restart_goes_on_asking(void **state)
{
    (void)state;
    rig_fill(&rig, one, "1", BUY, 10, 9900);
    answer(TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED);
    rig.engine->watched_count = 0;
    held_restore(rig.engine);
    seconds_pass(1);
    assert_int_equal(told(COMMAND_CANCEL), 2);
}

/* A stop that is due cancels its profit at the venue; that is not said with every event. */
static void the_partner_of_a_due_stop_is_not_cancelled_without_end(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry;
    uint32_t i;
    (void)state;
    request.take_profit = 10300;
    request.stop_loss = 9800;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    trade(10300);
    other = child(entry, TURRET_ORDER_LIMIT);
    is(other, TURRET_STATE_SENT);
    trade(9800);
    assert_int_equal(told(COMMAND_CANCEL), 1);
    answer(TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED);
    for (i = 0; i < 50; i++)
        rig_turn(&rig);
    assert_int_equal(told(COMMAND_CANCEL), 1);
    seconds_pass(1);
    assert_int_equal(told(COMMAND_CANCEL), 2);
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    is(child(entry, TURRET_ORDER_MARKET), TURRET_STATE_SENT);
}

/* Its position is closed by something else while it is out. */
static void an_exit_without_a_position_is_cancelled_until_it_ends(void **state)
{
    uint64_t entry = entered(SELL, 10, 0, 9500), next;
    uint32_t alarms;
    (void)state;
    other = child(entry, TURRET_ORDER_LIMIT);
    trade(9500);
    taken(other);
    trades(BUY, 10, "closed");
    assert_int_equal(told(COMMAND_CANCEL), 1);
    answer(TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED);
    seconds_pass(1);
    assert_int_equal(told(COMMAND_CANCEL), 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "nothing is left for it to close"));
    alarms = rig.notices[NOTICE_ALARM];
    next = ask(want(SELL, TURRET_ORDER_MARKET, 10));
    rig_fill(&rig, next, "next", SELL, 10, 9500); /* another position */
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    is(other, TURRET_STATE_CANCELED);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms); /* it is not open without that one */
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), other);
    seconds_pass(100);
    assert_int_equal(told(COMMAND_CANCEL), 2);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, -10);
}

/* What closes it now waits for the target that is out. */
static void a_target_of_what_is_held_too_long_is_cancelled_until_it_ends(void **state)
{
    uint64_t entry;
    uint32_t alarms;
    (void)state;
    rig.engine->strategies[0].protection.max_holding_ns = 10 * RIG_MINUTE;
    entry = entered(BUY, 10, 9500, 10500);
    other = child(entry, TURRET_ORDER_LIMIT);
    trade(10500);
    taken(other);
    seconds_pass(600);
    assert_int_equal(told(COMMAND_CANCEL), 1);
    answer(TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED);
    seconds_pass(1);
    assert_int_equal(told(COMMAND_CANCEL), 2);
    alarms = rig.notices[NOTICE_ALARM];
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms); /* nothing stays open without it */
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.type, TURRET_ORDER_MARKET);
    assert_int_equal(sent()->order.qty, 10);
    seconds_pass(100);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), other); /* none in its place */
}

static void decide(uint32_t state)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_TRADING_RESUME;
    event.u.control.target = TRADING_ALL;
    event.u.control.value = state;
    engine_ingest(rig.engine, &event);
}

static void theirs(void)
{
    struct event event = rig_told(&rig, 0, TURRET_STATE_ACCEPTED, 3, 0);
    event.u.order.side = SELL;
    (void)snprintf(event.u.order.venue_order_id, 40, "by hand");
    engine_ingest(rig.engine, &event);
}

/* What its strategy works to close it makes room, and nothing else does: not what adds, what is
   elsewhere or of others, nor a stop that takes nothing before it is sent. */
static void what_closes_what_is_held_too_long_is_cancelled(void **state)
{
    struct turret_order_request shown = want(SELL, TURRET_ORDER_LIMIT, 4);
    uint64_t iceberg, slice, elsewhere;
    (void)state;
    rig.engine->strategies[0].protection.max_holding_ns = 10 * RIG_MINUTE;
    hold(BUY, 10, "1");
    is(stop_of(SELL, 10, 9500, TURRET_ORDER_REDUCE_ONLY), TURRET_STATE_HELD);
    other = limit_of(SELL, 6, 10900, 0);
    taken(other);
    shown.limit_price = 10800;
    shown.display_qty = 1;
    iceberg = ask(shown);
    slice = sent()->order.order_id;
    shown = want(SELL, TURRET_ORDER_LIMIT, 1);
    shown.instrument = rig.instrument[1];
    shown.limit_price = 10900;
    elsewhere = ask(shown);
    (void)limit_of(BUY, 1, 9000, 0);
    theirs();
    rig.engine->venues[0].ready = false;
    seconds_pass(600);
    rig.engine->venues[0].ready = true;
    decide(TRADING_HALTED);
    seconds_pass(1);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 0); /* it may not close anything now */
    decide(TRADING_ACTIVE);
    assert_int_equal(told(COMMAND_CANCEL), 1);
    assert_int_equal(count_of(COMMAND_CANCEL, slice), 1);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 2);
    answer(TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED);
    seconds_pass(1);
    assert_int_equal(told(COMMAND_CANCEL), 2);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 1, 0, 0);
    is(iceberg, TURRET_STATE_CANCELED);
    assert_int_equal(sent()->order.qty, 4); /* as much as there is room for */
    rig_fill(&rig, sent()->order.order_id, "2", SELL, 4, 10000);
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 6, 0, 0);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 6);
    rig_fill(&rig, sent()->order.order_id, "3", SELL, 6, 10000);
    assert_int_equal(held_now(), 0);
    is(elsewhere, TURRET_STATE_SENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_pair, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refused_change_becomes_a_cancel),
        TEST(a_change_that_was_made_is_enough),
        TEST(a_lost_change_becomes_a_cancel),
        TEST(a_refused_cancel_is_asked_for_again),
        TEST(a_restart_goes_on_asking),
        TEST(the_partner_of_a_due_stop_is_not_cancelled_without_end),
        cmocka_unit_test_setup_teardown(an_exit_without_a_position_is_cancelled_until_it_ends,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_target_of_what_is_held_too_long_is_cancelled_until_it_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_closes_what_is_held_too_long_is_cancelled, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
