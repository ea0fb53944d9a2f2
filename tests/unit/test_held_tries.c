/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what is tried again and how: that the longest wait is a minute or so whatever a snapshot
 * says, that a date is kept, that what should be gone is asked for at once however often it had not
 * left before, with the reason why; and what is told, placed and written of exits that ended.
 */
#include "held_bench.h"

static uint64_t stop, profit;

static uint64_t long_of(turret_qty qty, turret_price take_profit)
{
    uint64_t entry = entered(BUY, qty, 9800, take_profit);
    stop = child(entry, TURRET_ORDER_STOP);
    profit = child(entry, TURRET_ORDER_LIMIT);
    return entry;
}

/* It did not leave twice, and then it did: the next time it would wait for four seconds. */
static void leaves_at_the_third_try(uint64_t id)
{
    did_not_leave(id);
    seconds_pass(1);
    did_not_leave(id);
    seconds_pass(2);
    is(id, TURRET_STATE_SENT);
    taken(id);
}

/* ---- tried again ---- */

/* However often: the count does not begin anew, which were a try with every event. */
static void tries_are_not_counted_beyond_the_longest_wait(void **state)
{
    struct order order = {.tries = 0};
    uint32_t i;
    (void)state;
    for (i = 1; i <= 600; i++) {
        order.tries = held_next_try(&order);
        assert_int_equal(order.tries, i < 7 ? i : 7);
    }
    order.tries = UINT8_MAX; /* as a snapshot may say */
    assert_int_equal(held_next_try(&order), UINT8_MAX);
}

static void no_wait_is_longer_than_the_longest(void **state)
{
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    did_not_leave(stop);
    order_table_find(rig.engine->orders, stop)->tries = 200; /* as a snapshot may say */
    row_of(stop)->tries = 200;
    seconds_pass(63);
    is(stop, TURRET_STATE_HELD);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
}

static void its_date_comes_while_it_is_tried_again(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t id;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9900;
    request.tif = TURRET_TIF_GTD;
    request.expires = engine_now(rig.engine) + 10 * MONEY_NANO;
    id = ask(request);
    trade(9900);
    is(id, TURRET_STATE_SENT);
    did_not_leave(id);
    rig.engine->venues[0].ready = false;
    seconds_pass(10);
    is(id, TURRET_STATE_EXPIRED);
}

/* A venue refuses a change that nobody asked for: the one under way is still that. */
static void an_answer_to_nothing_ends_no_change(void **state)
{
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    changes(stop, 7, 0, 0);
    rig_ack(&rig, stop, TURRET_REQUEST_MODIFY, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(at(stop)->request, TURRET_REQUEST_PENDING_MODIFY);
    assert_int_equal(at(stop)->pending_qty, 7);
    did_not_leave(stop);
    assert_int_equal(at(stop)->qty, 7);
    seconds_pass(1);
    assert_int_equal(sent()->order.qty, 7);
}

static void a_change_to_a_single_unit_is_kept(void **state)
{
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    changes(stop, 1, 0, 0);
    did_not_leave(stop);
    seconds_pass(1);
    assert_int_equal(sent()->order.qty, 1);
}

/* ---- what should be gone ---- */

static void what_did_not_leave_is_cancelled_at_once(void **state)
{
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    (void)long_of(10, 0);
    trade(9800);
    leaves_at_the_third_try(stop);
    trades(SELL, 4, "2");
    assert_int_equal(count_of(COMMAND_CANCEL, stop), 1);
}

static void what_is_not_made_less_is_cancelled_at_once(void **state)
{
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    leaves_at_the_third_try(stop);
    trades(SELL, 4, "2");
    assert_int_equal(count_of(COMMAND_MODIFY, stop), 1);
    refuse(stop, TURRET_REQUEST_MODIFY);
    assert_int_equal(count_of(COMMAND_CANCEL, stop), 1);
}

/* That a change came to nothing is of no interest after the end; should it work again, nothing of
   it is under way. */
static void a_change_refused_after_the_end_leaves_nothing(void **state)
{
    uint64_t one = limit_of(BUY, 10, 9900, 0), other = limit_of(BUY, 10, 9800, one);
    (void)state;
    taken(other);
    rig_fill(&rig, one, "1", BUY, 4, 9900);
    assert_int_equal(at(other)->unwanted, HELD_UNWANTED_PART);
    rig_state_of(&rig, other, TURRET_STATE_CANCELED, 10, 0, 0);
    refuse(other, TURRET_REQUEST_MODIFY);
    assert_int_equal(at(other)->unwanted, 0);
}

/* The other of a pair is here and not at its venue: it ends at once, and nothing is asked for. */
static void one_that_is_held_ends_with_its_pair(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    uint64_t one = limit_of(BUY, 10, 9900, 0), other;
    (void)state;
    request.stop_price = 10200;
    request.oco = one;
    other = ask(request);
    is(other, TURRET_STATE_HELD);
    rig_fill(&rig, one, "1", BUY, 10, 9900);
    is(other, TURRET_STATE_CANCELED);
    assert_int_equal(at(other)->unwanted, 0);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 0);
}

/* ---- why it is asked for again ---- */

static void asked_again(uint64_t id, const char *why)
{
    char text[80];
    refuse(id, TURRET_REQUEST_CANCEL);
    seconds_pass(1);
    (void)snprintf(text, sizeof text, "asked for again: %s; until", why);
    if (!strstr(rig.last_notice[NOTICE_ALARM], text))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

static void because_the_other_filled(void **state)
{
    uint64_t one = limit_of(BUY, 1, 9900, 0), other = limit_of(BUY, 1, 9800, one);
    (void)state;
    taken(other);
    rig_fill(&rig, one, "1", BUY, 1, 9900);
    asked_again(other, "the other of the pair filled");
}

/* The older one of a pair is at its venue, and the newer one is due. */
static void because_the_other_is_due(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t older;
    (void)state;
    hold(BUY, 10, "1");
    older = limit_of(SELL, 10, 10300, 0);
    taken(older);
    request.stop_price = 9800;
    request.oco = older;
    is(ask(request), TURRET_STATE_HELD);
    trade(9800);
    assert_int_equal(count_of(COMMAND_CANCEL, older), 1);
    asked_again(older, "the other of the pair is due");
}

/* Its profit is neither due nor has it filled. */
static void because_it_could_not_be_made_less(void **state)
{
    (void)state;
    (void)long_of(10, 10300);
    trade(9800);
    taken(stop);
    trades(SELL, 4, "2");
    refuse(stop, TURRET_REQUEST_MODIFY);
    asked_again(stop, "it could not be made less");
}

/* ---- exits that ended ---- */

static void told_open(turret_qty qty)
{
    char text[64];
    (void)snprintf(text, sizeof text, "; %lld of its position stay open without it",
                   (long long)qty);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    if (!strstr(rig.last_notice[NOTICE_ALARM], text))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

static void an_exit_of_a_short_that_ends_is_told(void **state)
{
    uint64_t id = child(entered(SELL, 10, 10200, 0), TURRET_ORDER_STOP);
    (void)state;
    trade(10200);
    taken(id);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    told_open(10);
}

static void an_exit_of_one_unit_that_ends_is_told_once(void **state)
{
    (void)state;
    (void)long_of(1, 0);
    trade(9800);
    taken(stop);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 1, 0, 0);
    told_open(1);
    assert_int_equal(row_of(stop)->whole, 0); /* it has nothing to close any more */
}

/* Its strategy made it larger while it was out. */
static void a_changed_exit_that_ends_is_told_as_it_is(void **state)
{
    (void)state;
    hold(BUY, 9, "1");
    (void)long_of(1, 0);
    trade(9800);
    taken(stop);
    changes(stop, 3, 0, 0);
    rig_ack(&rig, stop, TURRET_REQUEST_MODIFY, at(stop)->request_version, TURRET_OUTCOME_OK);
    rig_state_of(&rig, stop, TURRET_STATE_ACCEPTED, 3, 0, 0);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 3, 0, 0);
    told_open(3);
}

/* It was cut to what others leave, and filled that: the rest waits until they do not close it. */
static void what_an_exit_was_cut_by_is_followed(void **state)
{
    uint64_t others, rest;
    (void)state;
    (void)long_of(10, 0);
    others = limit_of(SELL, 6, 10500, 0);
    trade(9800);
    assert_int_equal(sent()->order.qty, 4);
    rig_fill(&rig, stop, "2", SELL, 4, 9800);
    is(stop, TURRET_STATE_FILLED);
    trade(9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "others are closing its position"));
    rest = child(at(stop)->parent, TURRET_ORDER_MARKET);
    is(rest, TURRET_STATE_HELD);
    assert_int_equal(at(rest)->qty, 6);
    rig_state_of(&rig, others, TURRET_STATE_CANCELED, 6, 0, 0);
    trade(9800);
    assert_int_equal(sent()->order.order_id, rest);
    assert_int_equal(sent()->order.qty, 6);
}

/* What others closed meanwhile is nobody's to close. */
static void nothing_follows_what_others_closed(void **state)
{
    uint64_t others;
    uint32_t before;
    (void)state;
    (void)long_of(10, 0);
    others = limit_of(SELL, 6, 10500, 0);
    trade(9800);
    before = rig.command_count;
    rig_fill(&rig, others, "o", SELL, 6, 10500);
    rig_fill(&rig, stop, "2", SELL, 4, 9800);
    trade(9800);
    assert_int_equal(rig.command_count, before);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

/* It did not leave, and ends with its strategy: it had protected until then; the stop tells it. */
static void an_exit_that_never_left_is_not_told(void **state)
{
    uint32_t alarms, notes;
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    did_not_leave(stop);
    alarms = rig.notices[NOTICE_ALARM];
    notes = rig.notices[NOTICE_LOG];
    rig_control(&rig, CONTROL_FAULT_STRATEGY, 0, 1);
    is(stop, TURRET_STATE_HELD); /* whatever becomes of its strategy */
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
    rig_control(&rig, CONTROL_STOP_STRATEGY, 0, 0);
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "a0: it was stopped, and so were 1 of its stops and targets: what it holds "
                        "is unprotected now (turret flatten strategy a0)");
    assert_int_equal(rig.notices[NOTICE_LOG], notes);
}

/* Its strategy has left the instrument, as another configuration has it: nothing is its to close.
 */
static void an_exit_that_ends_after_its_strategy_left_is_not_told(void **state)
{
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    rig.engine->strategies[0].instrument_count = 0;
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    rig.engine->strategies[0].instrument_count = 2;
    is(stop, TURRET_STATE_CANCELED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig.engine->positions[rig_own(&rig, 0, 0) - rig.engine->positions].open_sell = 0;
}

/* An ended exit of a strategy that is gone, whatever a snapshot says it has to close. */
static void an_exit_of_nobody_is_not_told(void **state)
{
    struct order *order;
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    told_open(10);
    order = order_table_find(rig.engine->orders, stop);
    order->strategy = ORDER_NO_STRATEGY;
    order->whole = 10;
    rig_fill(&rig, stop, "late", SELL, 2, 9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2); /* of the late fill itself */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "filled 2 after that"));
}

/* A backtest keeps no rows. */
static void without_a_store_it_is_told_all_the_same(void **state)
{
    (void)state;
    (void)long_of(10, 0);
    trade(9800);
    rig.engine->sink.order = NULL;
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    told_open(10);
}

/* ---- what follows ---- */

static void what_follows_a_stop_is_of_no_pair(void **state)
{
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    (void)long_of(10, 0);
    trade(9800);
    taken(stop);
    trades(SELL, 4, "2");
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_true(sent()->order.order_id > stop);
    assert_int_equal(at(sent()->order.order_id)->oco, 0);
}

static uint64_t heard_of;
static uint32_t times_heard;

static void hear(struct turret_strategy *self, const struct turret_order *order)
{
    (void)self;
    times_heard += order->id == heard_of;
}

static void what_follows_a_profit_says_so(void **state)
{
    uint64_t entry, next;
    (void)state;
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_MODIFY;
    entry = long_of(10, 10300);
    trade(10300);
    taken(profit);
    trades(SELL, 4, "2");
    trade(10200);
    heard_of = profit;
    times_heard = 0;
    rig_script.on_order = hear;
    rig_state_of(&rig, profit, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(times_heard, 1); /* of its end, not of what followed it */
    next = child(entry, TURRET_ORDER_LIMIT);
    assert_int_equal(row_of(stop)->oco, next);
    assert_string_equal(row_of(next)->venue_reason, "what is left of one cancelled");
}

static int set_up_small(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.engine.orders_max = 4;
    return set_up_with(&o);
}

/* In a full table the oldest order is the profit whose stop is followed. */
static void the_oldest_order_has_its_new_pair(void **state)
{
    uint64_t entry = long_of(10, 10300), second, third;
    uint32_t cursor = 0;
    (void)state;
    trade(10300);
    refuse(profit, TURRET_REQUEST_SUBMIT);
    second = child(entry, TURRET_ORDER_LIMIT);
    assert_true(second > profit);
    (void)limit_of(BUY, 1, 9000, 0); /* in the place of the entry */
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    refuse(stop, TURRET_REQUEST_SUBMIT);
    stop = child(entry, TURRET_ORDER_MARKET);
    seconds_pass(1);
    is(stop, TURRET_STATE_SENT);
    refuse(stop, TURRET_REQUEST_SUBMIT);
    third = child(entry, TURRET_ORDER_MARKET);
    assert_true(third > stop);
    assert_int_equal(order_table_next(rig.engine->orders, &cursor)->id, second);
    assert_int_equal(at(second)->oco, third);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tries_are_not_counted_beyond_the_longest_wait),
        TEST(no_wait_is_longer_than_the_longest),
        TEST(its_date_comes_while_it_is_tried_again),
        TEST(an_answer_to_nothing_ends_no_change),
        TEST(a_change_to_a_single_unit_is_kept),
        TEST(what_did_not_leave_is_cancelled_at_once),
        TEST(what_is_not_made_less_is_cancelled_at_once),
        TEST(a_change_refused_after_the_end_leaves_nothing),
        TEST(one_that_is_held_ends_with_its_pair),
        TEST(because_the_other_filled),
        TEST(because_the_other_is_due),
        TEST(because_it_could_not_be_made_less),
        TEST(an_exit_of_a_short_that_ends_is_told),
        TEST(an_exit_of_one_unit_that_ends_is_told_once),
        TEST(a_changed_exit_that_ends_is_told_as_it_is),
        TEST(what_an_exit_was_cut_by_is_followed),
        TEST(nothing_follows_what_others_closed),
        TEST(an_exit_that_never_left_is_not_told),
        TEST(an_exit_that_ends_after_its_strategy_left_is_not_told),
        TEST(an_exit_of_nobody_is_not_told),
        TEST(without_a_store_it_is_told_all_the_same),
        TEST(what_follows_a_stop_is_of_no_pair),
        TEST(what_follows_a_profit_says_so),
        cmocka_unit_test_setup_teardown(the_oldest_order_has_its_new_pair, set_up_small, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
