/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of cancels and changes at their edges: asked twice, of what has ended, denied;
 * and how denials are told.
 */
#include "engine_case.h"

#define NOWHERE 99u

static struct event_intent intent_of(uint8_t kind, uint64_t order_id)
{
    struct event_intent intent;
    memset(&intent, 0, sizeof intent);
    intent.kind = kind;
    intent.instrument = rig.instrument[0];
    intent.order_id = order_id;
    intent.side = TURRET_SIDE_BUY;
    intent.type = TURRET_ORDER_MARKET;
    intent.tif = TURRET_TIF_GTC;
    return intent;
}

static void reopen(const struct rig_options *o)
{
    rig_close(&rig);
    rig_open(&rig, o);
}

/* ---- cancels and changes ---- */

static void a_cancel_is_asked_once(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event_intent cancel = intent_of(INTENT_CANCEL, id);
    uint32_t orders = rig.orders;
    (void)state;
    rig.time++;
    rig_turn(&rig);
    intent_apply(rig.engine, &cancel);
    assert_true(engine_order(rig.engine, id)->updated == rig.time);
    assert_int_equal(rig.command_count, 2);
    assert_int_equal(rig.commands[1].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[1].order.request, 2);
    assert_int_equal(rig.orders, orders + 1);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_int_equal(rig.engine->strategies[0].conduct.day_messages, 2);
    intent_apply(rig.engine, &cancel);
    assert_int_equal(rig.command_count, 2);
    rig_ack(&rig, id, TURRET_REQUEST_CANCEL, 2, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    intent_apply(rig.engine, &cancel); /* it has ended */
    assert_int_equal(rig.command_count, 2);
}

static void a_change_is_asked_of_what_works(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event_intent change = intent_of(INTENT_MODIFY, id);
    const struct order *order = engine_order(rig.engine, id);
    uint32_t orders = rig.orders;
    (void)state;
    change.limit_price = 9100;
    rig.time++;
    rig_turn(&rig);
    intent_apply(rig.engine, &change);
    assert_true(order->updated == rig.time);
    assert_int_equal(rig.command_count, 2);
    assert_int_equal(rig.commands[1].kind, COMMAND_MODIFY);
    assert_int_equal(rig.commands[1].order.qty, 10); /* 0 leaves it */
    assert_int_equal(rig.commands[1].order.limit_price, 9100);
    assert_int_equal(rig.commands[1].order.stop_price, 0);
    assert_int_equal(rig.commands[1].order.request, 2);
    assert_int_equal(rig.orders, orders + 1);
    assert_int_equal(order->pending_qty, 10);
    assert_int_equal(order->limit_price, 9000); /* until the venue says so */
    intent_apply(rig.engine, &change);          /* one at a time */
    assert_int_equal(rig.command_count, 2);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED);
    assert_int_equal(rig.command_count, 3);
    change.qty = 20;
    change.limit_price = 0;
    intent_apply(rig.engine, &change);
    assert_int_equal(rig.commands[3].order.qty, 20);
    assert_int_equal(rig.commands[3].order.limit_price, 9000);
    assert_int_equal(rig.engine->strategies[0].open_orders, 1); /* it is not one more */
    assert_int_equal(rig.engine->account_open_orders[0], 1);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 3, TURRET_OUTCOME_OK);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 20, 0, 0);
    intent_apply(rig.engine, &change); /* it has ended */
    assert_int_equal(order->request, TURRET_REQUEST_NONE);
}

static void a_stop_price_is_changed(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    struct event_intent change;
    uint64_t id;
    (void)state;
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 10500;
    id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    change = intent_of(INTENT_MODIFY, id);
    change.qty = 1;
    intent_apply(rig.engine, &change);
    assert_int_equal(rig.commands[rig.command_count - 1].order.qty, 1);
    assert_int_equal(rig.commands[rig.command_count - 1].order.stop_price, 10500); /* stays */
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED);
    change.qty = 0;
    change.stop_price = 10600;
    intent_apply(rig.engine, &change);
    assert_int_equal(rig.commands[rig.command_count - 1].kind, COMMAND_MODIFY);
    assert_int_equal(rig.commands[rig.command_count - 1].order.stop_price, 10600);
}

static void a_denied_change_leaves_the_order(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    struct event_intent change = intent_of(INTENT_MODIFY, id);
    (void)state;
    rig.engine->options.risk.max_order_qty_nano = 15 * MONEY_NANO;
    change.qty = 16;
    intent_apply(rig.engine, &change);
    assert_int_equal(rig.command_count, 1);
    assert_true(rig.engine->strategies[0].denials == 1);
    assert_int_equal(rig.notices[NOTICE_DENIED], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "change of order"));
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "max_order_qty: 16 > 15 (ORDER_QTY)"));
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_NONE);
    assert_int_equal(engine_order(rig.engine, id)->request_version, 1);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
    assert_int_equal(rig.engine->strategies[0].open_orders, 1);
}

static void denials_are_told_and_counted(void **state)
{
    uint64_t id;
    (void)state;
    rig.engine->options.risk.max_order_qty_nano = 15 * MONEY_NANO;
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 16, 0);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_ORDER_QTY);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "16 > 15");
    assert_string_equal(
        rig.last_notice[NOTICE_DENIED],
        "a0: buy market 16: the quantity is above the limit max_order_qty: 16 > 15 (ORDER_QTY)");
    assert_null(strstr(rig.last_notice[NOTICE_DENIED], "times"));
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 16, 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "(ORDER_QTY), 2 times by now"));
    assert_true(rig.engine->strategies[0].denials == 2);
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 15, 0); /* one that passes: it counts anew */
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 16, 0);
    assert_int_equal(rig.notices[NOTICE_DENIED], 3);
    assert_null(strstr(rig.last_notice[NOTICE_DENIED], "times"));
    assert_true(rig.engine->strategies[0].denials == 3);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 17, 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "2 times by now"));
    assert_true(rig.last_denied.id == id);
    assert_int_equal(rig.last_denial, DENY_ORDER_QTY);
}

static void an_order_without_room_is_denied_whole(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t id;
    (void)state;
    o.engine.orders_max = 1;
    reopen(&o);
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9000);
    id = rig_order(&rig, 0, TURRET_SIDE_SELL, 7, 11000);
    assert_true(rig.last_order.id == id);
    assert_int_equal(rig.last_order.denial, DENY_CAPACITY);
    assert_int_equal(rig.last_order.state, TURRET_STATE_DENIED);
    assert_true(rig.last_order.qty == 7 && rig.last_order.filled_qty == 0);
    assert_true(rig.last_order.fees == 0 && rig.last_order.pending_qty == 0);
    assert_string_equal(rig.last_order.venue_order_id, "");
    assert_true(rig.engine->strategies[0].denials == 1);
}

static void without_room_it_is_still_its_strategys(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t id;
    (void)state;
    o.engine.orders_max = 1;
    o.strategies = 2;
    reopen(&o);
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9000);
    id = rig_order(&rig, 1, TURRET_SIDE_SELL, 7, 11000);
    assert_true(rig.last_denied.id == id);
    assert_int_equal(rig.last_denied.strategy, 1);
    assert_int_equal(rig.engine->strategies[1].denials, 1);
}

static void a_wish_below_the_minimum_places_nothing(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.def.min_qty = 20;
    reopen(&o);
    (void)turret_target(rig.self[0], rig.instrument[0], 19, "wish");
    rig_turn(&rig);
    (void)turret_target(rig.self[0], rig.instrument[0], 0, "none");
    rig_turn(&rig);
    assert_int_equal(rig.orders, 0);
    (void)turret_target(rig.self[0], rig.instrument[0], -20, "wish");
    rig_turn(&rig);
    assert_int_equal(rig.last_order.qty, 20);
    assert_int_equal(rig.last_order.side, TURRET_SIDE_SELL);
}

/* While the journal is read again its own intents are applied, new ones are not. */
static void a_recorded_run_processes_none_of_its_own(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    (void)state;
    rig.engine->recorded = true;
    assert_true(turret_submit(rig.self[0], &request) != 0);
    intents_process(rig.engine);
    assert_int_equal(rig.engine->intent_count, 1);
    assert_int_equal(rig.command_count, 0);
    rig.engine->recorded = false;
    intents_process(rig.engine);
    assert_int_equal(rig.command_count, 1);
    assert_int_equal(rig.engine->intent_count, 0);
}

/* ---- orders of others ---- */

static uint64_t adopted(const char *venue_order_id)
{
    struct event event = rig_event(&rig, EVENT_ORDER);
    event.venue = 0;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.state = TURRET_STATE_ACCEPTED;
    event.u.order.side = TURRET_SIDE_BUY;
    event.u.order.type = TURRET_ORDER_LIMIT;
    event.u.order.qty = 10;
    event.u.order.limit_price = 9000;
    (void)snprintf(event.u.order.venue_order_id, 40, "%s", venue_order_id);
    engine_ingest(rig.engine, &event);
    return rig.last_order.id;
}

static void orders_of_others_are_nobodys_to_change(void **state)
{
    struct event_intent intent = intent_of(INTENT_MODIFY, adopted("by hand"));
    struct turret_order_request part = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    uint64_t id;
    (void)state;
    assert_int_equal(turret_modify(rig.self[0], intent.order_id, 5, 0, 0), TURRET_ENOTFOUND);
    intent.qty = 5;
    intent_apply(rig.engine, &intent); /* as a damaged journal might say */
    assert_int_equal(engine_order(rig.engine, intent.order_id)->request, TURRET_REQUEST_NONE);
    assert_int_equal(rig.command_count, 0);
    part.parent = intent.order_id;
    id = turret_submit(rig.self[0], &part);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_PARENT);
    assert_int_equal(engine_order(rig.engine, id)->strategy, 0);
    assert_int_equal(rig.engine->strategies[0].denials, 1);
}

static void no_id_beyond_the_last_epoch_is_given(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    uint64_t id;
    (void)state;
    rig.engine->next_order_id = ORDER_ID_END - 1;
    id = turret_submit(rig.self[0], &request);
    assert_true(id == ORDER_ID_END - 1);
    rig_turn(&rig);
    rig.engine->next_order_id = ORDER_ID_END + 1;
    assert_true(turret_submit(rig.self[0], &request) == 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "no order id is left"));
    assert_true(turret_target(rig.self[0], rig.instrument[0], 20, "wish") == 0);
    assert_int_equal(rig.engine->strategies[0].denials, 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "CAPACITY"));
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK); /* needs none */
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_CANCEL);
}

static void texts_of_requests_end(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    struct event_intent intent;
    (void)state;
    memset(request.reason, 'r', sizeof request.reason);
    memset(request.execution, 'e', sizeof request.execution);
    memset(&intent, 0, sizeof intent);
    intent_of_request(&intent, &request);
    assert_int_equal(strlen(intent.reason), sizeof intent.reason - 1);
    assert_int_equal(strlen(intent.execution), sizeof intent.execution - 1);
}

/* A plugin of before the structure grew: what it does not have is not read. */
static void requests_of_older_plugins(void **state)
{
    static const size_t sizes[] = {0,
                                   offsetof(struct turret_order_request, expires) - 1,
                                   offsetof(struct turret_order_request, expires),
                                   offsetof(struct turret_order_request, trail),
                                   sizeof(struct turret_order_request),
                                   sizeof(struct turret_order_request) + 8};
    struct {
        struct turret_order_request request;
        uint64_t beyond;
    } longer;
    struct event_intent intent;
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(&longer, 0x5a, sizeof longer);
        longer.request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 9000);
        longer.request.struct_size = (uint32_t)sizes[i];
        longer.request.expires = 77;
        longer.request.trail = 5;
        memset(&intent, 0, sizeof intent);
        intent_of_request(&intent, &longer.request);
        assert_int_equal(intent.qty, 10);
        assert_true(intent.limit_price == 9000);
        assert_int_equal(intent.tif, TURRET_TIF_GTC); /* it named none */
        assert_int_equal(intent.expires, i < 3 ? 0 : 77);
        assert_int_equal(intent.trail, i < 4 ? 0 : 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(denials_are_told_and_counted),
        ENGINE_TEST(an_order_without_room_is_denied_whole),
        ENGINE_TEST(a_cancel_is_asked_once),
        ENGINE_TEST(a_change_is_asked_of_what_works),
        ENGINE_TEST(a_stop_price_is_changed),
        ENGINE_TEST(a_denied_change_leaves_the_order),
        ENGINE_TEST(a_recorded_run_processes_none_of_its_own),
        ENGINE_TEST(orders_of_others_are_nobodys_to_change),
        ENGINE_TEST(no_id_beyond_the_last_epoch_is_given),
        ENGINE_TEST(requests_of_older_plugins),
        ENGINE_TEST(texts_of_requests_end),
        ENGINE_TEST(without_room_it_is_still_its_strategys),
        ENGINE_TEST(a_wish_below_the_minimum_places_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
