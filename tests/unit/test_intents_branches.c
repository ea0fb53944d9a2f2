/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of what strategies ask for at its edges: queues that are full or begin anew,
 * wishes taken back, targets while an order of somebody's is unknown, intents of a journal that
 * name what does not exist.
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

static const struct order *last_sent(void)
{
    return engine_order(rig.engine, rig.commands[rig.command_count - 1].order.order_id);
}

/* ---- queues ---- */

static void a_full_queue_takes_no_more_and_begins_anew(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_order_request request;
    uint64_t ids[3];
    uint32_t turn, i;
    (void)state;
    o.engine.intents_max = 3;
    reopen(&o);
    request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    for (turn = 0; turn < 5; turn++) {
        rig.engine->intent_head = turn % 3; /* wherever it begins */
        for (i = 0; i < 3; i++) {
            request.qty = (turret_qty)i + 1;
            ids[i] = turret_submit(rig.self[0], &request);
            assert_true(ids[i] != 0);
        }
        assert_true(turret_submit(rig.self[0], &request) == 0);
        rig_turn(&rig);
        for (i = 0; i < 3; i++)
            assert_int_equal(engine_order(rig.engine, ids[i])->qty, i + 1);
        assert_int_equal(rig.engine->intent_count, 0);
        assert_true(rig.engine->strategies[0].turn != rig.engine->turn); /* its count is over */
    }
    assert_int_equal(rig.command_count, 15);
}

static void one_turn_of_a_strategy_is_bounded(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    uint32_t i;
    (void)state;
    for (i = 0; i < ENGINE_TURN_INTENTS; i++)
        assert_true(turret_submit(rig.self[0], &request) != 0);
    assert_true(turret_submit(rig.self[0], &request) == 0);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, ENGINE_TURN_INTENTS);
    assert_true(turret_submit(rig.self[0], &request) != 0); /* the next turn */
}

static void what_a_lost_callback_asked_for_is_forgotten(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 0);
    uint64_t next = rig.engine->next_order_id, id;
    (void)state;
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    assert_int_equal(turret_target(rig.self[0], rig.instrument[1], 5, "kept"), 1);
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], 7, "forgotten"), 1);
    assert_true(turret_submit(rig.self[0], &request) == next + 3);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    assert_true(rig.engine->next_order_id == next + 4);
    intents_forget(rig.engine, strategy, 3);
    assert_int_equal(rig.engine->intent_count, 1);
    assert_int_equal(strategy->turn_intents, 1);
    assert_true(rig.engine->next_order_id == next + 2); /* nobody has seen the others */
    assert_int_equal(rig_own(&rig, 0, 0)->has_target, 0);
    assert_int_equal(rig_own(&rig, 0, 1)->has_target, 1);
    intents_forget(rig.engine, strategy, 0);
    assert_int_equal(rig.engine->intent_count, 1);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, 2); /* the order, and the target that was kept */
    assert_int_equal(last_sent()->instrument, rig.instrument[1]);
    assert_true(last_sent()->id == next + 1);
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], 7, "again"), 1);
    intents_forget(rig.engine, strategy, 10); /* no more than there are */
    assert_int_equal(rig.engine->intent_count, 0);
    assert_true(rig.engine->next_order_id == next + 2);
    rig.engine->intent_head = rig.engine->options.intents_max - 1; /* around the end */
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], 7, "again"), 1);
    request.instrument = NOWHERE; /* will be denied, it has no position */
    assert_true(turret_submit(rig.self[0], &request) != 0);
    intents_forget(rig.engine, strategy, 2);
    assert_true(rig.engine->next_order_id == next + 2);
    assert_int_equal(rig_own(&rig, 0, 0)->has_target, 0);
    intents_add(rig.engine, strategy, INTENT_TARGET)->instrument = NOWHERE;
    rig.engine->next_order_id++;
    intents_forget(rig.engine, strategy, 1);
    assert_true(rig.engine->next_order_id == next + 2);
    intents_process(rig.engine); /* nothing is asked for */
    assert_int_equal(rig.command_count, 2);
}

/* ---- targets ---- */

static void target(uint32_t strategy, uint32_t i, turret_qty qty)
{
    (void)turret_target(rig.self[strategy], rig.instrument[i], qty, "test");
    rig_turn(&rig);
}

static void only_its_own_unknown_orders_stop_a_target(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t id;
    uint32_t commands;
    (void)state;
    o.strategies = 2;
    reopen(&o);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    commands = rig.command_count;
    target(1, 0, 5); /* it is the other strategy's */
    assert_int_equal(rig.command_count, commands + 1);
    target(0, 1, 5); /* it is of the other instrument */
    assert_int_equal(rig.command_count, commands + 2);
    target(0, 0, 5);
    assert_int_equal(rig.command_count, commands + 2);
    assert_int_equal(rig_own(&rig, 0, 0)->has_target, 0);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    target(0, 0, 15);
    assert_int_equal(rig.command_count, commands + 3);
    assert_int_equal(last_sent()->qty, 5); /* 10 still work */
    assert_int_equal(last_sent()->by_target, 1);
    assert_int_equal(last_sent()->tif, TURRET_TIF_GTC);
}

static void targets_are_cut_to_lots_and_minimum(void **state)
{
    static const struct {
        turret_qty target, ordered;
        uint8_t side;
    } cases[] = {{19, 0, 0},  {20, 20, TURRET_SIDE_BUY},   {29, 20, TURRET_SIDE_BUY},
                 {-19, 0, 0}, {-20, 20, TURRET_SIDE_SELL}, {-39, 30, TURRET_SIDE_SELL}};
    struct rig_options o = rig_defaults();
    uint32_t i, commands;
    (void)state;
    o.def.lot_size = 10;
    o.def.min_qty = 20;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        reopen(&o);
        commands = rig.command_count;
        target(0, 0, cases[i].target);
        assert_int_equal(rig.command_count - commands, cases[i].ordered != 0);
        if (cases[i].ordered == 0)
            continue;
        assert_int_equal(last_sent()->qty, cases[i].ordered);
        assert_int_equal(last_sent()->side, cases[i].side);
    }
}

/* From far on one side to far on the other: the largest there is, which risk denies. */
static void distances_beyond_the_range_are_denied(void **state)
{
    struct position *own = strategy_position(rig.engine, &rig.engine->strategies[0], 1);
    struct event_intent intent = intent_of(INTENT_TARGET, 700);
    turret_qty open_buy = own->open_buy;
    uint32_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        own->qty = i ? -(INT64_MAX / 2) : INT64_MAX / 2;
        intent.order_id = 700 + i;
        intent.qty = i ? INT64_MAX : -INT64_MAX; /* a journal may say anything */
        intent_apply(rig.engine, &intent);
        assert_int_equal(rig.last_order.state, TURRET_STATE_DENIED);
        assert_true(rig.last_order.qty == INT64_MAX);
        assert_int_equal(rig.last_order.side, i ? TURRET_SIDE_BUY : TURRET_SIDE_SELL);
        assert_int_equal(rig.last_order.denial, DENY_MAX_QTY);
    }
    own->qty = 0;
    assert_true(own->open_buy == open_buy);
}

static void a_recorded_target_is_wished_for(void **state)
{
    struct event_intent intent = intent_of(INTENT_TARGET, 700);
    const struct position *own = rig_own(&rig, 0, 0);
    (void)state;
    (void)rig_order(&rig, 0, TURRET_SIDE_SELL, 10, 11000);
    intent.qty = -9;
    intent_apply(rig.engine, &intent);
    assert_true(own->target == -9 && own->has_target == 1);
    assert_int_equal(last_sent()->qty, 1); /* back from the 10 that may be sold */
    assert_int_equal(last_sent()->side, TURRET_SIDE_BUY);
    assert_int_equal(last_sent()->type, TURRET_ORDER_MARKET);
    intent.order_id = 701;
    intent.qty = -10;
    intent_apply(rig.engine, &intent);
    assert_int_equal(last_sent()->qty, 1);
    assert_int_equal(last_sent()->side, TURRET_SIDE_SELL);
    assert_int_equal(rig.command_count, 3);
}

/* A target whose order ended unfilled may be asked again, in whosever name it was. */
static void an_ended_order_forgets_its_target(void **state)
{
    struct order order;
    struct position *own = strategy_position(rig.engine, &rig.engine->strategies[0], 1);
    (void)state;
    memset(&order, 0, sizeof order);
    order.instrument = rig.instrument[0];
    order.by_target = 1;
    own->has_target = 1;
    order.strategy = ORDER_NO_STRATEGY;
    intent_forget_target(rig.engine, &order);
    assert_int_equal(own->has_target, 1);
    order.strategy = rig.engine->strategy_count;
    intent_forget_target(rig.engine, &order);
    assert_int_equal(own->has_target, 1);
    order.strategy = 0;
    order.by_target = 0;
    intent_forget_target(rig.engine, &order);
    assert_int_equal(own->has_target, 1);
    order.by_target = 1;
    order.instrument = NOWHERE;
    intent_forget_target(rig.engine, &order);
    assert_int_equal(own->has_target, 1);
    order.instrument = rig.instrument[0];
    intent_forget_target(rig.engine, &order);
    assert_int_equal(own->has_target, 0);
}

/* ---- what a journal may hold ---- */

static void intents_that_name_what_is_not_there(void **state)
{
    struct event_intent intent = intent_of(INTENT_SUBMIT, 500);
    uint64_t next = rig.engine->next_order_id;
    (void)state;
    intent.qty = 1;
    intent.strategy = rig.engine->strategy_count;
    intent_apply(rig.engine, &intent);
    assert_true(rig.engine->next_order_id == next); /* of no strategy: nothing happens */
    assert_int_equal(rig.orders, 0);
    intent.strategy = 0;
    intent.kind = 77;
    intent_apply(rig.engine, &intent);
    assert_true(rig.engine->next_order_id == next);
    intent = intent_of(INTENT_TARGET, 500);
    intent.instrument = NOWHERE;
    intent_apply(rig.engine, &intent);
    assert_int_equal(rig.orders, 0);
    assert_true(rig.engine->next_order_id == 501); /* given is given */
    intent = intent_of(INTENT_SUBMIT, 400);
    intent.qty = 1;
    intent_apply(rig.engine, &intent);
    assert_int_equal(engine_order(rig.engine, 400)->state, TURRET_STATE_SENT);
    assert_true(rig.engine->next_order_id == 501);
    intent.order_id = 501;
    intent_apply(rig.engine, &intent);
    assert_true(rig.engine->next_order_id == 502);
    intent = intent_of(INTENT_CANCEL, 900);
    intent_apply(rig.engine, &intent);
    intent.kind = INTENT_MODIFY;
    intent_apply(rig.engine, &intent);
    assert_true(rig.engine->next_order_id == 502);
    assert_int_equal(rig.command_count, 2);
    intent = intent_of(INTENT_SUBMIT, 600);
    intent.instrument = NOWHERE;
    intent.qty = 1;
    intent_apply(rig.engine, &intent);
    assert_int_equal(engine_order(rig.engine, 600)->denial, DENY_INSTRUMENT);
    assert_int_equal(engine_order(rig.engine, 600)->venue, 0);
}

/* The largest number there is has no next one. */
static void ids_that_are_never_given(void **state)
{
    static const uint64_t ids[] = {0, UINT64_C(3) << 32, ORDER_ID_END, UINT64_MAX};
    uint64_t next = rig.engine->next_order_id;
    size_t i;
    (void)state;
    for (i = 0; i < 2 * sizeof ids / sizeof *ids; i++) {
        struct event_intent intent = intent_of(i % 2 ? INTENT_SUBMIT : INTENT_TARGET, ids[i / 2]);
        intent.qty = 1;
        intent_apply(rig.engine, &intent);
        assert_true(rig.engine->next_order_id == next);
    }
    assert_int_equal(rig.orders, 0);
}

static void an_order_carries_what_was_asked(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_order_request request;
    const struct order *order;
    struct event config;
    uint64_t id;
    (void)state;
    o.venues = 2;
    reopen(&o);
    rig.time++;
    memset(rig.engine->strategies[0].acting->build, 0xb1,
           sizeof rig.engine->strategies[0].acting->build);
    request = rig_request(rig.instrument[1], TURRET_SIDE_SELL, 30, 9990);
    request.type = TURRET_ORDER_STOP_LIMIT;
    request.stop_price = 9995;
    request.tif = TURRET_TIF_DAY;
    (void)snprintf(request.reason, sizeof request.reason, "because");
    id = turret_submit(rig.self[0], &request);
    config = rig_event(&rig, EVENT_CONFIG);
    config.u.config.version = 7;
    engine_ingest(rig.engine, &config);
    order = engine_order(rig.engine, id);
    assert_int_equal(order->state, TURRET_STATE_SENT);
    assert_int_equal(order->venue, 1);
    assert_int_equal(order->side, TURRET_SIDE_SELL);
    assert_int_equal(order->type, TURRET_ORDER_STOP_LIMIT);
    assert_int_equal(order->tif, TURRET_TIF_DAY);
    assert_true(order->qty == 30 && order->limit_price == 9990 && order->stop_price == 9995);
    assert_int_equal(order->by_target, 0);
    assert_int_equal(order->request_version, 1);
    assert_true(order->created == rig.time && order->updated == rig.time);
    assert_true(order->deadline == rig.time + 30 * MONEY_NANO);
    assert_true(order->sequence == engine_sequence(rig.engine));
    assert_string_equal(order->reason, "because");
    assert_true(order->config_version == 7);
    assert_memory_equal(order->build, rig.engine->strategies[0].acting->build, sizeof order->build);
    assert_int_equal(rig.engine->strategies[0].orders, 1);
    assert_int_equal(rig.commands[rig.command_count - 1].kind, COMMAND_SUBMIT);
    assert_int_equal(rig.commands[rig.command_count - 1].venue, 1);
}

/* What was asked for is an event of the host's, in the journal before the order. */
static struct event seen[2];

static void on_journal(void *context, const struct event *event)
{
    (void)context;
    seen[0] = seen[1];
    seen[1] = *event;
}

static void intents_are_journaled(void **state)
{
    uint64_t id;
    (void)state;
    rig.engine->sink.journal = on_journal;
    rig.time++;
    rig.engine->instruments[1].venue = 1; /* another than the first */
    rig.engine->venue_count = 2;
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(engine_order(rig.engine, id)->venue, 1);
    rig.engine->instruments[1].venue = 0;
    rig.engine->venue_count = 1;
    rig.engine->venues[1].working = 0;
    assert_int_equal(seen[1].type, EVENT_INTENT);
    assert_int_equal(seen[1].venue, EVENT_FROM_HOST);
    assert_true(seen[1].time == rig.time);
    assert_int_equal(seen[1].behind_s, 0);
    assert_true(seen[1].sequence == seen[0].sequence + 1);
    assert_true(seen[1].u.intent.order_id == id);
    order_table_find(rig.engine->orders, id)->venue = 0;
    rig.engine->venues[0].working = engine_order(rig.engine, id)->state == TURRET_STATE_SENT;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_full_queue_takes_no_more_and_begins_anew),
        ENGINE_TEST(one_turn_of_a_strategy_is_bounded),
        ENGINE_TEST(what_a_lost_callback_asked_for_is_forgotten),
        ENGINE_TEST(only_its_own_unknown_orders_stop_a_target),
        ENGINE_TEST(targets_are_cut_to_lots_and_minimum),
        ENGINE_TEST(distances_beyond_the_range_are_denied),
        ENGINE_TEST(an_ended_order_forgets_its_target),
        ENGINE_TEST(intents_that_name_what_is_not_there),
        ENGINE_TEST(ids_that_are_never_given),
        ENGINE_TEST(an_order_carries_what_was_asked),
        ENGINE_TEST(intents_are_journaled),
        ENGINE_TEST(a_recorded_target_is_wished_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
