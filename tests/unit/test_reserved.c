/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what an order may still come to at its venue stays reserved while a change of it is
 * under way, whatever old news arrives; that foreign fills heard of before their order count; and
 * that an order of which a part was taken back ends when its venue says so. The simulator
 * (tests/simulate) found each of these.
 */
#include "engine_case.h"

static const struct order *order_of(uint64_t id)
{
    return engine_order(rig.engine, id);
}

static turret_qty reserved(void)
{
    rig_check_reservations(&rig);
    return rig_account_position(&rig, 0)->open_buy;
}

/* A working order of 10 that was asked to become 30. */
static uint64_t changing(void)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 30, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(reserved(), 30);
    return id;
}

static void a_cancel_behind_a_change_keeps_what_it_asked_for(void **state)
{
    uint64_t id = changing();
    (void)state;
    (void)turret_cancel(rig.self[0], id);
    rig_turn(&rig);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0); /* from before both */
    assert_int_equal(reserved(), 30);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 30, 0, 0);
    assert_int_equal(reserved(), 30);
    assert_int_equal(order_of(id)->pending_qty, 0);
}

static void numbered(uint64_t id, turret_qty qty, uint64_t venue_sequence, uint32_t snapshot)
{
    struct event event = rig_told(&rig, id, TURRET_STATE_ACCEPTED, qty, 0);
    event.u.order.snapshot = snapshot;
    event.u.order.venue_sequence = venue_sequence;
    engine_ingest(rig.engine, &event);
}

/* An answer asked for before a change and heard after it. */
static void overtaken_news_take_no_quantity_away(void **state)
{
    uint64_t id = changing();
    (void)state;
    numbered(id, 30, 8, 0);
    assert_int_equal(reserved(), 30);
    numbered(id, 10, 7, 1);
    assert_int_equal(reserved(), 30);
    numbered(id, 10, 7, 0); /* nor by a stream that is late */
    assert_int_equal(reserved(), 30);
    numbered(id, 25, 0, 0); /* who does not count is believed */
    assert_int_equal(reserved(), 25);
    numbered(id, 10, 7, 1); /* and what was counted is still known */
    assert_int_equal(reserved(), 25);
    numbered(id, 20, 8, 1);
    assert_int_equal(reserved(), 20);
    rig_download(&rig, 0, 0, TURRET_OK);
    numbered(id, 12, 1, 1); /* it began to count anew */
    assert_int_equal(reserved(), 12);
    numbered(id, 11, 1, 0);
    assert_int_equal(reserved(), 11);
}

static void an_order_that_grows_is_not_full(void **state)
{
    uint64_t id = changing();
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(order_of(id)->state, TURRET_STATE_PARTIAL);
    assert_int_equal(reserved(), 20);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED);
    assert_int_equal(reserved(), 0);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 10, 1);
    assert_int_equal(order_of(id)->state, TURRET_STATE_FILLED);
}

static void old_news_does_not_end_a_change(void **state)
{
    uint64_t id = changing();
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0); /* of the stream, from before */
    assert_int_equal(reserved(), 30);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 30, 0, 1);
    assert_int_equal(order_of(id)->pending_qty, 0);
    assert_int_equal(reserved(), 30);
}

static void a_change_nobody_answers_ends_after_its_deadline(void **state)
{
    uint64_t id = changing();
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_UNKNOWN);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1); /* it may still arrive */
    assert_int_equal(reserved(), 30);
    rig.time = order_of(id)->deadline + 1;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0);
    assert_int_equal(reserved(), 30);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(reserved(), 10);
}

static void a_download_does_not_end_a_change(void **state)
{
    uint64_t id = changing();
    (void)state;
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 1);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(order_of(id)->request, TURRET_REQUEST_NONE);
    assert_int_equal(reserved(), 30);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 30, 0, 0); /* it was late */
    assert_int_equal(reserved(), 30);
    assert_int_equal(order_of(id)->pending_qty, 0);
}

static void one_change_at_a_time(void **state)
{
    uint64_t id = changing();
    uint32_t commands;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    commands = rig.command_count;
    (void)turret_modify(rig.self[0], id, 5, 0, 0);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, commands); /* 10 or 30: nobody knows yet */
    assert_int_equal(reserved(), 30);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 30, 0, 1);
    (void)turret_modify(rig.self[0], id, 5, 0, 0);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, commands + 1);
}

static void a_change_has_a_deadline_of_its_own(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    turret_time_ns before = order_of(id)->deadline;
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig.time = before + 1;
    rig_turn(&rig);
    (void)turret_modify(rig.self[0], id, 30, 0, 0);
    rig_turn(&rig);
    assert_int_equal(rig.commands[rig.command_count - 1].kind, COMMAND_MODIFY);
    assert_true(rig.commands[rig.command_count - 1].order.deadline > rig.time);
}

static void foreign_fills_before_their_order_count(void **state)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    const struct order *order;
    uint32_t cursor = 0;
    (void)state;
    event.venue = 0;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = 3;
    event.u.fill.price = 9000;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "f");
    (void)snprintf(event.u.fill.venue_order_id, sizeof event.u.fill.venue_order_id, "theirs");
    engine_ingest(rig.engine, &event);
    event = rig_told(&rig, 0, TURRET_STATE_PARTIAL, 10, 3);
    (void)snprintf(event.u.order.venue_order_id, sizeof event.u.order.venue_order_id, "theirs");
    engine_ingest(rig.engine, &event);
    order = order_table_next(rig.engine->orders, &cursor);
    assert_int_equal(order->filled_qty, 3);
    assert_int_equal(order->state, TURRET_STATE_PARTIAL);
    assert_int_equal(reserved(), 7);
    event.u.order.state = TURRET_STATE_CANCELED;
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->state, TURRET_STATE_CANCELED);
    assert_int_equal(reserved(), 0);
}

static void full_less_what_was_taken_back_is_full(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event event = rig_event(&rig, EVENT_BUST);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 9000);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, sizeof event.u.bust.execution_id, "a");
    engine_ingest(rig.engine, &event); /* overtook the fill that made it full */
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 6, 9000);
    assert_int_equal(reserved(), 4);
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 6, 0);
    assert_int_equal(order_of(id)->state, TURRET_STATE_PARTIAL); /* it may be old news */
    rig_state_of(&rig, id, TURRET_STATE_FILLED, 10, 6, 1);
    assert_int_equal(order_of(id)->state, TURRET_STATE_FILLED);
    assert_int_equal(reserved(), 0);
}

static void an_order_for_nothing_known_outlives_a_snapshot(void **state)
{
    struct turret_order_request request = rig_request(99, TURRET_SIDE_BUY, 1, 0);
    uint64_t id = turret_submit(rig.self[0], &request);
    size_t size;
    uint8_t *before, *after;
    struct rig_options o = rig_defaults();
    (void)state;
    rig_turn(&rig);
    assert_int_equal(order_of(id)->denial, DENY_INSTRUMENT);
    size = engine_snapshot(rig.engine, NULL, 0);
    before = malloc(size);
    after = malloc(size);
    (void)engine_snapshot(rig.engine, before, size);
    rig_close(&rig);
    (void)rig_build(&rig, &o, NULL);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, NULL), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, before, size, NULL), TURRET_OK);
    assert_int_equal(engine_snapshot(rig.engine, after, size), size);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
}

static void people_decide_whether_orders_leave(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    int64_t trading;
    (void)state;
    assert_false(engine_may_send(rig.engine, id + 1)); /* an order of nobody's */
    for (trading = TRADING_ACTIVE; trading <= TRADING_KILLED; trading++) {
        rig_control(&rig, CONTROL_TRADING_STATE, TRADING_ALL, trading);
        assert_int_equal(engine_may_send(rig.engine, id), trading <= TRADING_REDUCING);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_cancel_behind_a_change_keeps_what_it_asked_for),
        ENGINE_TEST(overtaken_news_take_no_quantity_away),
        ENGINE_TEST(an_order_that_grows_is_not_full),
        ENGINE_TEST(old_news_does_not_end_a_change),
        ENGINE_TEST(a_change_nobody_answers_ends_after_its_deadline),
        ENGINE_TEST(a_download_does_not_end_a_change),
        ENGINE_TEST(one_change_at_a_time),
        ENGINE_TEST(a_change_has_a_deadline_of_its_own),
        ENGINE_TEST(foreign_fills_before_their_order_count),
        ENGINE_TEST(full_less_what_was_taken_back_is_full),
        ENGINE_TEST(an_order_for_nothing_known_outlives_a_snapshot),
        ENGINE_TEST(people_decide_whether_orders_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
