/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows flatten: in every scope, what strategies hold there is closed at market, each position by
 * one order, long and short; what works there is cancelled first, what is outside stays; a second
 * word begins nothing anew; a name of nothing does nothing; orders of others stay.
 */
#include "flatten_bench.h"

static const struct {
    const char *name;
    bool hits[2][2]; /* of strategy, instrument */
} scopes[TRADING_SCOPES] = {
    {"", {{true, true}, {true, true}}},
    {"venue1", {{false, true}, {false, true}}},
    {"venue0/USD", {{true, false}, {true, false}}},
    {"b1", {{false, false}, {true, true}}},
    {"S1.venue1", {{false, true}, {false, true}}},
};
static const turret_qty held[2][2] = {{20, -7}, {-3, 11}};

static void each_scope_closes_its_own(void **state)
{
    uint32_t scope, s, i, before, exits;
    for (scope = 0; scope < TRADING_SCOPES; scope++) {
        if (scope > 0)
            (void)open_two(state);
        for (s = 0; s < 2; s++)
            for (i = 0; i < 2; i++)
                hold(s, i, held[s][i]);
        before = rig.command_count;
        flatten(scope, scopes[scope].name);
        for (s = 0; s < 2; s++)
            for (i = 0; i < 2; i++)
                assert_int_equal(closed(before, s, i), scopes[scope].hits[s][i] ? -held[s][i] : 0);
        before = rig.command_count;
        exits = working_exits();
        flatten(scope, scopes[scope].name); /* what closes already is not begun anew */
        assert_int_equal(rig.command_count, before);
        assert_int_equal(working_exits(), exits);
        if (scope + 1 < TRADING_SCOPES)
            (void)close_two(state);
    }
}

static void a_name_of_nothing_does_nothing(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    before = rig.command_count;
    rig.notices[NOTICE_ALARM] = 0;
    flatten(TRADING_STRATEGY, "nobody");
    flatten(TRADING_SCOPES, "");
    assert_int_equal(rig.command_count, before);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0); /* there is nothing that was halted */
    flatten(TRADING_STRATEGY, "b1");                /* flat already */
    assert_int_equal(rig.command_count, before);
}

/* A journal may say anything: of a name only what has room counts, and the state is this one. */
static void what_the_control_says_is_bounded(void **state)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    struct strategy *strategy = &rig.engine->strategies[0];
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    memset(strategy->name, 'x', sizeof strategy->name - 1);
    event.u.control.kind = CONTROL_FLATTEN;
    event.u.control.target = TRADING_STRATEGY;
    event.u.control.value = TRADING_HALTED;
    memset(event.u.control.name, 'x', sizeof event.u.control.name);
    (void)snprintf(event.u.control.who, sizeof event.u.control.who, "uid 7");
    before = rig.command_count;
    engine_ingest(rig.engine, &event);
    assert_int_equal(closed(before, 0, 0), -5);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_STRATEGY, strategy->name),
                     TRADING_REDUCING);
}

static void what_works_is_cancelled_once(void **state)
{
    uint64_t entry = ask(0, 0, BUY, 4, 9000), cancelled = ask(0, 0, BUY, 4, 9000);
    uint64_t outside = ask(1, 0, BUY, 4, 9000), ended = ask(0, 0, BUY, 4, 9000);
    uint32_t before;
    (void)state;
    rig_state_of(&rig, entry, TURRET_STATE_ACCEPTED, 4, 0, 0);
    rig_state_of(&rig, cancelled, TURRET_STATE_ACCEPTED, 4, 0, 0);
    rig_state_of(&rig, ended, TURRET_STATE_CANCELED, 4, 0, 0);
    (void)turret_cancel(rig.self[0], cancelled);
    rig_turn(&rig);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(rig.commands[before].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[before].order.order_id, entry);
    assert_int_equal(engine_order(rig.engine, outside)->request, TURRET_REQUEST_NONE);
}

/* An order of others has no strategy: its cancel is theirs. */
static void orders_of_others_stay(void **state)
{
    struct event told = rig_told(&rig, 0, TURRET_STATE_ACCEPTED, 9, 0);
    uint32_t before, cursor = 0;
    const struct order *order;
    (void)state;
    told.u.order.type = TURRET_ORDER_LIMIT;
    told.u.order.tif = TURRET_TIF_DAY;
    told.u.order.limit_price = 9000;
    (void)snprintf(told.u.order.venue_order_id, sizeof told.u.order.venue_order_id, "theirs");
    engine_ingest(rig.engine, &told);
    order = order_table_next(rig.engine->orders, &cursor);
    assert_non_null(order);
    assert_int_equal(order->strategy, ORDER_NO_STRATEGY);
    assert_true(order_is_working(order));
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    assert_int_equal(rig.command_count, before);
    assert_int_equal(order->request, TURRET_REQUEST_NONE);
    assert_int_equal(order->let_go, 0);
}

/* Its stop is no market order that closes: it goes, and the whole is closed now. */
static void stops_give_way(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, 8, 0);
    uint64_t entry;
    uint32_t before, cursor = 0, ended = 0;
    const struct order *order;
    (void)state;
    request.stop_loss = 9000;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    rig_fill(&rig, entry, "entry", BUY, 8, 10000);
    before = rig.command_count;
    flatten(TRADING_INSTRUMENT, "S0.venue0");
    assert_int_equal(closed(before, 0, 0), -8);
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->type == TURRET_ORDER_STOP) {
            assert_int_equal(order->state, TURRET_STATE_CANCELED);
            assert_string_equal(order->venue_reason, "its strategy is made flat");
            ended++;
        }
    assert_int_equal(ended, 1);
}

/* The last of it, and what is already flat, are begun no second time either. */
static void the_last_one_is_closed_once(void **state)
{
    uint32_t before = 0;
    (void)state;
    hold(0, 0, 1);
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    assert_int_equal(closed(before, 0, 0), -1);
    flatten(TRADING_ALL, "");
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(working_exits(), 1); /* nor waits another one */
    fill_of(rig.commands[before].order.order_id, 1);
    flatten(TRADING_ALL, "");
    assert_int_equal(rig.command_count, before + 1);
    nothing_is_left(0);
}

/* Whatever place of the table it is at. */
static void the_oldest_order_counts(void **state)
{
    (void)state;
    strategy_position(rig.engine, &rig.engine->strategies[0], rig.instrument[0])->qty = 5;
    rig.engine->positions[rig.engine->instruments[rig.instrument[0]].account_position].qty = 5;
    flatten(TRADING_ALL, "");
    flatten(TRADING_ALL, "");
    assert_int_equal(working_exits(), 1);
}

/* A market exit that ended, and one of the other instrument, close nothing of this. */
static void only_what_closes_now_counts(void **state)
{
    uint32_t before = 0;
    (void)state;
    hold(0, 0, 6);
    hold(0, 1, 5);
    flatten(TRADING_INSTRUMENT, "S1.venue1");
    before = rig.command_count;
    flatten(TRADING_INSTRUMENT, "S0.venue0");
    assert_int_equal(closed(before, 0, 0), -6);
    rig_state_of(&rig, rig.commands[before].order.order_id, TURRET_STATE_CANCELED, 6, 0, 0);
    before = rig.command_count;
    flatten(TRADING_INSTRUMENT, "S0.venue0");
    assert_int_equal(closed(before, 0, 0), -6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRADING_TEST(each_scope_closes_its_own),
        TRADING_TEST(a_name_of_nothing_does_nothing),
        TRADING_TEST(what_the_control_says_is_bounded),
        TRADING_TEST(what_works_is_cancelled_once),
        TRADING_TEST(orders_of_others_stay),
        TRADING_TEST(stops_give_way),
        TRADING_TEST(only_what_closes_now_counts),
        TRADING_TEST(the_last_one_is_closed_once),
        TRADING_TEST(the_oldest_order_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
