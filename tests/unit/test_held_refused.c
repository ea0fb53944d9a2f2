/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what the host asks for is asked for again when the venue refused it, that a changed
 * parent takes all its parts back, that an exit which never left is due again, and that what is due
 * follows from the state alone: not from the engine that a replay has at a configuration's record.
 */
#include "held_bench.h"

static uint64_t iceberg(turret_qty qty, turret_qty shown)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, qty);
    request.limit_price = 9900;
    request.display_qty = shown;
    return ask(request);
}

static void nothing_is_due_at_a_configurations_record(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    struct event event;
    uint64_t stop;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9900;
    stop = ask(request);
    rig.engine->options.risk.max_order_qty_nano = MONEY_NANO;
    trade(9850);
    assert_int_equal(at(stop)->denial, DENY_ORDER_QTY);
    rig.engine->options.risk = rig_limits(); /* what a new configuration allows */
    event = rig_event(&rig, EVENT_CONFIG);
    engine_ingest(rig.engine, &event);
    is(stop, TURRET_STATE_HELD);
    rig_turn(&rig);
    is(stop, TURRET_STATE_SENT);
}

static void a_restart_asks_for_an_end_when_the_run_would(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t id;
    uint32_t cancels;
    (void)state;
    request.limit_price = 9900;
    request.tif = TURRET_TIF_GTD;
    request.expires = rig.time + MONEY_NANO;
    id = ask(request);
    trade(10000);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    refuse(id, TURRET_REQUEST_CANCEL);
    cancels = rig.command_count;
    held_restore(rig.engine);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, cancels);
    trade(10000);
    assert_int_equal(rig.command_count, cancels + 1);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
}

static void a_slice_that_was_not_cancelled_is_asked_for_again(void **state)
{
    uint64_t parent = iceberg(100, 10), slice = child(parent, TURRET_ORDER_LIMIT);
    uint32_t commands;
    (void)state;
    assert_int_equal(turret_cancel(rig.self[0], parent), TURRET_OK);
    rig_turn(&rig);
    refuse(slice, TURRET_REQUEST_CANCEL);
    commands = rig.command_count;
    rig_turn(&rig); /* not at once: it may be refused for being too many */
    assert_int_equal(rig.command_count, commands);
    trade(10000);
    assert_int_equal(rig.command_count, commands + 1);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, slice);
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    is(parent, TURRET_STATE_CANCELED);
}

static void a_change_not_known_is_not_made_less(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t one, other;
    (void)state;
    request.limit_price = 9900;
    one = ask(request);
    request.limit_price = 9800;
    request.oco = one;
    other = ask(request);
    assert_int_equal(turret_modify(rig.self[0], other, 30, 0, 0), TURRET_OK);
    rig_turn(&rig);
    rig_ack(&rig, other, TURRET_REQUEST_MODIFY, at(other)->request_version, TURRET_OUTCOME_OK);
    assert_int_equal(at(other)->pending_qty, 30);
    rig_fill(&rig, one, "1", BUY, 4, 9900);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, other);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 6 + 30);
}

static void keep_back(uint64_t id)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_KEPT_BACK;
    event.u.control.target = DENY_NOT_RECONCILED;
    event.u.control.value = (int64_t)id;
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "not sent");
    engine_ingest(rig.engine, &event);
}

static void an_exit_that_never_left_is_due_again(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t entry, stop;
    (void)state;
    request.limit_price = 10000;
    request.stop_loss = 9900;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    trade(9850);
    is(stop, TURRET_STATE_SENT);
    rig.engine->venues[0].ready = false;
    keep_back(stop);
    is(stop, TURRET_STATE_HELD);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
    rig_check_reservations(&rig);
    rig_connect(&rig);
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 10);
    rig_fill(&rig, stop, "2", SELL, 10, 9850);
    is(stop, TURRET_STATE_FILLED);
}

/* ---- refused by its venue ---- */

static uint64_t entry, stop, profit;

/* Long 10 from 100.00, a stop at 98.00. */
static void bracket(turret_price take_profit)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    request.stop_loss = 9800;
    request.take_profit = take_profit;
    entry = ask(request);
    rig_fill(&rig, entry, "entry", BUY, 10, 10000);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
}

/* Answers the exit that waits in its place. */
static uint64_t refused(uint64_t id)
{
    struct event event = rig_event(&rig, EVENT_ACK);
    uint64_t next = rig.engine->next_order_id;
    event.venue = 0;
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_REJECTED;
    (void)snprintf(event.u.ack.reason, sizeof event.u.ack.reason, "429 too many requests");
    engine_ingest(rig.engine, &event);
    is(id, TURRET_STATE_REJECTED);
    assert_int_equal(rig.engine->next_order_id, next + 1);
    is(next, TURRET_STATE_HELD);
    assert_true(at(next)->held & HELD_TRIGGERED);
    assert_string_equal(at(next)->venue_reason, "instead of one refused");
    return next;
}

static void wait_for(int64_t ns)
{
    rig.time += ns;
    rig_turn(&rig);
}

static void an_exit_that_is_refused_is_tried_again(void **state)
{
    static const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 64, 64, 64};
    uint32_t i;
    (void)state;
    bracket(0);
    trade(9800);
    for (i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        is(stop, TURRET_STATE_SENT);
        stop = refused(stop);
        assert_int_equal(at(stop)->qty, 10);
        assert_int_equal(at(stop)->parent, entry);
        assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
        wait_for(seconds[i] * MONEY_NANO - 1);
        is(stop, TURRET_STATE_HELD);
        wait_for(1);
    }
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* the first time */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           ", an exit, is REJECTED: 429 too many requests; 10 of its position stay "
                           "open until another one is taken, which is tried again and again"));
    rig_fill(&rig, stop, "closed", SELL, 10, 9800);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

static void one_that_was_taken_and_is_refused_after_that_too(void **state)
{
    uint64_t closing;
    (void)state;
    bracket(0);
    trade(9800);
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    closing = rig_order(&rig, 0, SELL, 4, 10500); /* it may close some of it */
    rig_state_of(&rig, stop, TURRET_STATE_REJECTED, 10, 0, 0);
    is(closing + 1, TURRET_STATE_HELD);
    assert_int_equal(at(closing + 1)->qty, 10);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "; 10 of its position stay open until"));
    wait_for(MONEY_NANO);
    is(closing + 1, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 6);
}

/* It is due, as one that did not leave: but a stop goes first. */
static void a_profit_that_is_refused_stays_of_its_pair(void **state)
{
    uint64_t next;
    (void)state;
    bracket(10300);
    trade(10300);
    next = refused(profit);
    assert_int_equal(at(next)->limit_price, 10300);
    assert_int_equal(at(next)->oco, stop);
    assert_int_equal(at(stop)->oco, next);
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    wait_for(MONEY_NANO);
    is(next, TURRET_STATE_HELD);
    assert_int_equal(at(next)->held & HELD_TRIGGERED, 0);
    rig_fill(&rig, stop, "closed", SELL, 10, 9800);
    is(next, TURRET_STATE_CANCELED);
}

static void one_that_nobody_wants_is_not_tried_again(void **state)
{
    uint64_t last;
    (void)state;
    bracket(0);
    trade(9800);
    assert_int_equal(turret_cancel(rig.self[0], stop), TURRET_OK);
    rig_turn(&rig);
    last = rig.engine->next_order_id;
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    is(stop, TURRET_STATE_REJECTED);
    assert_int_equal(rig.engine->next_order_id, last);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

/* Nobody refused it: it never arrived. It is not sent again. */
static void one_that_never_arrived_is_not_tried_again(void **state)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    uint64_t last;
    (void)state;
    bracket(0);
    trade(9800);
    rig_ack(&rig, stop, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    last = rig.engine->next_order_id;
    event.u.control.kind = CONTROL_RESOLVE_ORDER;
    event.u.control.target = TURRET_STATE_REJECTED;
    event.u.control.value = (int64_t)stop;
    engine_ingest(rig.engine, &event);
    is(stop, TURRET_STATE_REJECTED);
    assert_int_equal(rig.engine->next_order_id, last);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_ALARM], "; 10 of its position stay open without"));
}

/* The host takes it back, and it was refused: what is left goes with the next one. */
static void one_that_was_too_large_and_is_refused_goes_smaller(void **state)
{
    uint64_t closing, next;
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    bracket(0);
    trade(9800);
    closing = rig_order(&rig, 0, SELL, 4, 0);
    rig_fill(&rig, closing, "closed", SELL, 4, 9800);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    next = refused(stop);
    assert_int_equal(at(next)->qty, 6);
}

/* An order of the strategy's own is the strategy's to ask for again. */
static void one_of_the_strategys_own_is_not_tried_again(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t own;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9800;
    own = ask(request);
    trade(9800);
    rig_ack(&rig, own, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    is(own, TURRET_STATE_REJECTED);
    assert_int_equal(rig.engine->next_order_id, own + 1);
}

/* A fill proves that a refused exit works: it goes for the one in its place, in a run as after a
   restart, and what it filled is off that one. */
static void a_refused_exit_that_fills_is_watched(void **state)
{
    uint64_t next;
    (void)state;
    hold(BUY, 90, "1");
    bracket(0);
    trade(9800);
    next = refused(stop);
    rig_fill(&rig, stop, "2", SELL, 3, 9800);
    is(stop, TURRET_STATE_PARTIAL);
    assert_int_equal(rig.engine->watched_count, 2);
    assert_int_equal(at(next)->qty, 7);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, stop);
    rig_fill(&rig, stop, "3", SELL, 2, 9800);
    assert_int_equal(at(next)->qty, 5);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 5, 0);
    wait_for(MONEY_NANO);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.order_id, next);
    assert_int_equal(sent()->order.qty, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_due_at_a_configurations_record),
        TEST(a_restart_asks_for_an_end_when_the_run_would),
        TEST(a_slice_that_was_not_cancelled_is_asked_for_again),
        TEST(a_change_not_known_is_not_made_less),
        TEST(an_exit_that_never_left_is_due_again),
        TEST(an_exit_that_is_refused_is_tried_again),
        TEST(one_that_was_taken_and_is_refused_after_that_too),
        TEST(a_profit_that_is_refused_stays_of_its_pair),
        TEST(one_that_nobody_wants_is_not_tried_again),
        TEST(one_that_never_arrived_is_not_tried_again),
        TEST(one_that_was_too_large_and_is_refused_goes_smaller),
        TEST(one_of_the_strategys_own_is_not_tried_again),
        TEST(a_refused_exit_that_fills_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
