/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows exits and pairs at their edges: brackets of one side, refusals, what others of them leave
 * alone, venues that are away, what was asked for when an order ended, and new units.
 */
#include "held_bench.h"

static uint64_t ask_of(uint32_t strategy, struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    return id;
}

static struct turret_order_request bracket(turret_price stop_loss, turret_price take_profit)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    request.stop_loss = stop_loss;
    request.take_profit = take_profit;
    return request;
}

static void fill_of(uint64_t id, const char *execution, uint8_t side, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = at(id)->instrument;
    event.u.fill.side = side;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "%s", execution);
    engine_ingest(rig.engine, &event);
}

/* Filled; its stop. */
static uint64_t protect(uint32_t strategy, struct turret_order_request request,
                        const char *execution)
{
    uint64_t entry = ask_of(strategy, request);
    fill_of(entry, execution, request.side, request.qty);
    is(child(entry, TURRET_ORDER_STOP), TURRET_STATE_HELD);
    return child(entry, TURRET_ORDER_STOP);
}

/* ---- brackets ---- */

static void a_stop_alone_grows_with_its_entry(void **state)
{
    uint64_t entry = ask(bracket(9800, 0)), stop;
    (void)state;
    fill_of(entry, "1", BUY, 4);
    stop = child(entry, TURRET_ORDER_STOP);
    assert_int_equal(at(stop)->qty, 4);
    fill_of(entry, "2", BUY, 6);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), stop);
    assert_int_equal(at(stop)->qty, 10);
    assert_int_equal(at(stop)->oco, 0);
    assert_int_equal(child(entry, TURRET_ORDER_LIMIT), 0);
}

static void a_profit_alone_has_no_pair(void **state)
{
    uint64_t entry = ask(bracket(0, 10300)), profit;
    (void)state;
    fill_of(entry, "1", BUY, 10);
    profit = child(entry, TURRET_ORDER_LIMIT);
    is(profit, TURRET_STATE_HELD);
    assert_int_equal(at(profit)->oco, 0);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), 0);
    trade(10300);
    is(profit, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 10);
}

static void an_exit_its_venue_refuses_is_told(void **state)
{
    uint64_t stop = protect(0, bracket(9800, 0), "1");
    (void)state;
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    is(stop, TURRET_STATE_REJECTED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "an exit, is REJECTED: "));
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "10 of its position stay open"));
}

/* A position that ends takes its own exits with it: not another's, nor those elsewhere. */
static void exits_of_other_positions_stay(void **state)
{
    struct turret_order_request elsewhere = bracket(9800, 0);
    uint64_t own, others, away;
    (void)state;
    elsewhere.instrument = rig.instrument[1];
    own = protect(0, bracket(9800, 0), "1");
    others = protect(1, bracket(9700, 0), "2");
    away = protect(0, elsewhere, "3");
    fill_of(ask(want(SELL, TURRET_ORDER_MARKET, 10)), "4", SELL, 10);
    is(own, TURRET_STATE_CANCELED);
    is(others, TURRET_STATE_HELD);
    is(away, TURRET_STATE_HELD);
    trade(9750); /* of the first instrument */
    is(others, TURRET_STATE_HELD);
    is(away, TURRET_STATE_HELD);
    trade(9700);
    is(others, TURRET_STATE_SENT);
    is(away, TURRET_STATE_HELD);
}

/* Its adapter could not send it after a cancel was asked for: it is as good as cancelled. */
static void an_exit_that_is_being_cancelled_does_not_come_back(void **state)
{
    uint64_t stop = protect(0, bracket(9800, 0), "1");
    (void)state;
    trade(9800);
    cancels(stop);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_PENDING_CANCEL);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_NOT_SENT, (int64_t)stop);
    is(stop, TURRET_STATE_REJECTED);
    seconds_pass(100);
    is(stop, TURRET_STATE_REJECTED);
}

/* A fill comes late, and the strategy has left the instrument meanwhile: the account's alone. */
static void a_late_fill_of_an_instrument_that_was_left_protects_nothing(void **state)
{
    struct turret_order_request elsewhere = bracket(9800, 10300);
    uint64_t entry, stop = protect(0, bracket(9800, 0), "1");
    (void)state;
    elsewhere.instrument = rig.instrument[1];
    entry = ask(elsewhere);
    rig_state_of(&rig, entry, TURRET_STATE_CANCELED, 10, 0, 0);
    rig.engine->strategies[0].instrument_count = 1; /* as another configuration has it */
    fill_of(entry, "2", BUY, 4);
    assert_int_equal(child(entry, TURRET_ORDER_STOP), 0);
    assert_int_equal(rig_account_position(&rig, 1)->qty, 4);
    is(stop, TURRET_STATE_HELD);
    rig.engine->strategies[0].instrument_count = 2;
}

/* ---- pairs ---- */

static void a_due_stop_waits_until_its_venue_is_back(void **state)
{
    uint64_t stop = protect(0, bracket(9800, 10300), "1"), profit = at(stop)->oco;
    (void)state;
    trade(10300);
    is(profit, TURRET_STATE_SENT);
    rig.engine->venues[0].ready = false;
    trade(9800);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(count_of(COMMAND_CANCEL, profit), 0); /* nobody would hear it */
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_CANCEL, profit), 1);
    is(stop, TURRET_STATE_HELD);
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    is(stop, TURRET_STATE_SENT);
}

/* Cancelling one by hand leaves the other, which comes back as it was. */
static void an_exit_whose_pair_was_cancelled_comes_back_whole(void **state)
{
    uint64_t stop = protect(0, bracket(9800, 10300), "1"), profit = at(stop)->oco;
    (void)state;
    cancels(stop);
    is(stop, TURRET_STATE_CANCELED);
    trade(10300);
    is(profit, TURRET_STATE_SENT);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_NOT_SENT, (int64_t)profit);
    is(profit, TURRET_STATE_HELD);
    assert_int_equal(at(profit)->qty, 10);
    seconds_pass(1);
    is(profit, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 10);
}

static uint64_t pair_of(uint64_t one)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    request.limit_price = 9800;
    request.oco = one;
    return ask(request);
}

static uint64_t limit_order(void)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    request.limit_price = 9900;
    return ask(request);
}

static void what_should_be_gone_is_asked_for_when_its_venue_is_back(void **state)
{
    uint64_t one = limit_order(), other = pair_of(one);
    (void)state;
    fill_of(one, "1", BUY, 10);
    assert_int_equal(count_of(COMMAND_CANCEL, other), 1);
    rig_ack(&rig, other, TURRET_REQUEST_CANCEL, at(other)->request_version,
            TURRET_OUTCOME_REJECTED);
    rig.engine->venues[0].ready = false;
    seconds_pass(60);
    assert_int_equal(count_of(COMMAND_CANCEL, other), 1);
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_CANCEL, other), 2);
}

/* It ended while it should have become less: that it did not is of no interest any more. */
static void a_change_refused_after_the_end_cancels_nothing(void **state)
{
    uint64_t one = limit_order(), other = pair_of(one);
    (void)state;
    fill_of(one, "1", BUY, 4);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    rig_ack(&rig, other, TURRET_REQUEST_MODIFY, at(other)->request_version,
            TURRET_OUTCOME_REJECTED);
    seconds_pass(100);
    assert_int_equal(count_of(COMMAND_CANCEL, other), 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* ---- who may not be asked for, and new units ---- */

/* A replay's journal may say anything; an order of nobody here is left alone at its venue. */
static void no_cancel_of_a_foreign_order_leaves(void **state)
{
    struct event event = rig_event(&rig, EVENT_ORDER);
    uint32_t before = rig.command_count, cursor = 0;
    uint64_t id;
    (void)state;
    event.venue = 0;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.state = TURRET_STATE_ACCEPTED;
    event.u.order.side = BUY;
    event.u.order.type = TURRET_ORDER_LIMIT;
    event.u.order.qty = 10;
    event.u.order.limit_price = 9000;
    (void)snprintf(event.u.order.venue_order_id, 40, "by hand");
    engine_ingest(rig.engine, &event);
    id = order_table_next(rig.engine->orders, &cursor)->id;
    event = rig_event(&rig, EVENT_INTENT);
    event.u.intent.kind = INTENT_CANCEL;
    event.u.intent.order_id = id;
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.command_count, before);
    is(id, TURRET_STATE_ACCEPTED);
}

static void a_bracket_follows_a_split(void **state)
{
    struct turret_order_request request = bracket(9800, 10300);
    uint64_t entry, tight;
    (void)state;
    entry = ask(request);
    request.stop_loss = 0;
    request.stop_trail = 1;
    tight = ask(request);
    split(2, 1);
    assert_int_equal(at(entry)->stop_loss, 4900);
    assert_int_equal(at(entry)->take_profit, 5150);
    assert_int_equal(at(entry)->stop_trail, 0);
    assert_int_equal(at(tight)->stop_trail, 1); /* half of it is still a trail */
    rig_fill(&rig, entry, "1", BUY, 20, 5000);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->stop_price, 4900);
    assert_int_equal(at(child(entry, TURRET_ORDER_LIMIT))->limit_price, 5150);
}

/* One order may not be as large as the position: what follows it waits for its price, too. */
static void a_profit_that_was_cut_says_what_follows_it(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 80);
    uint64_t entry, first, next;
    (void)state;
    request.take_profit = 10300;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 80, 10000);
    first = child(entry, TURRET_ORDER_LIMIT);
    rig.engine->options.risk.max_order_qty_nano = 33 * MONEY_NANO;
    trade(10300);
    assert_int_equal(sent()->order.qty, 33);
    rig_fill(&rig, first, "first", SELL, 33, 10300);
    next = child(entry, TURRET_ORDER_LIMIT);
    assert_int_not_equal(next, first);
    is(next, TURRET_STATE_HELD);
    assert_int_equal(at(next)->qty, 47);
    assert_string_equal(at(next)->venue_reason, "what is left of one that was cut");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_two, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stop_alone_grows_with_its_entry),
        TEST(a_profit_alone_has_no_pair),
        TEST(an_exit_its_venue_refuses_is_told),
        TEST(exits_of_other_positions_stay),
        TEST(an_exit_that_is_being_cancelled_does_not_come_back),
        TEST(a_late_fill_of_an_instrument_that_was_left_protects_nothing),
        TEST(a_due_stop_waits_until_its_venue_is_back),
        TEST(an_exit_whose_pair_was_cancelled_comes_back_whole),
        TEST(what_should_be_gone_is_asked_for_when_its_venue_is_back),
        TEST(a_change_refused_after_the_end_cancels_nothing),
        TEST(no_cancel_of_a_foreign_order_leaves),
        TEST(a_bracket_follows_a_split),
        TEST(a_profit_that_was_cut_says_what_follows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
