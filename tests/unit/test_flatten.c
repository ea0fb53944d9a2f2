/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows flatten: in every scope, what strategies hold there is closed at market, each position by
 * one order, long and short; what works there is cancelled first, what is outside stays; a second
 * word begins nothing anew; a name of nothing does nothing; orders of others stay.
 */
#include "trading_bench.h"

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

static void flatten(uint32_t scope, const char *name)
{
    decide(CONTROL_FLATTEN, scope, name, TRADING_REDUCING);
}

static void fill_of(uint64_t id, turret_qty qty)
{
    static uint32_t executions;
    const struct order *order = engine_order(rig.engine, id);
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = order->venue;
    event.u.fill.order_id = id;
    event.u.fill.instrument = order->instrument;
    event.u.fill.side = order->side;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "f%u",
                   executions++);
    engine_ingest(rig.engine, &event);
}

static void ended(uint64_t id)
{
    const struct order *order = engine_order(rig.engine, id);
    struct event event = rig_told(&rig, id, TURRET_STATE_CANCELED, order->qty, order->filled_qty);
    event.venue = order->venue;
    event.u.order.instrument = order->instrument;
    engine_ingest(rig.engine, &event);
}

/* A venue that fills every market order and takes every cancel, of what was sent since `from`. */
static void venues_do_it(uint32_t from)
{
    for (; from < rig.command_count; from++) {
        const struct command *command = &rig.commands[from];
        uint64_t id = command->order.order_id;
        if (command->kind == COMMAND_SUBMIT && command->order.type == TURRET_ORDER_MARKET)
            fill_of(id, engine_order(rig.engine, id)->qty);
        else if (command->kind == COMMAND_CANCEL && order_is_working(engine_order(rig.engine, id)))
            ended(id);
        rig.time += MONEY_NANO;
        rig_turn(&rig);
    }
}

static void nothing_is_left(uint32_t strategy)
{
    const struct order *order;
    uint32_t cursor = 0;
    assert_int_equal(rig_own(&rig, strategy, 0)->qty, 0);
    assert_int_equal(rig_own(&rig, strategy, 1)->qty, 0);
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        assert_false(order->strategy == strategy && order_is_working(order));
}

static uint64_t ask(uint32_t strategy, uint32_t instrument, uint8_t side, turret_qty qty,
                    turret_price limit)
{
    struct turret_order_request request = rig_request(rig.instrument[instrument], side, qty, limit);
    uint64_t id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    return id;
}

static void hold(uint32_t strategy, uint32_t instrument, turret_qty qty)
{
    turret_qty before = rig_own(&rig, strategy, instrument)->qty;
    fill_of(ask(strategy, instrument, qty > 0 ? BUY : SELL, qty > 0 ? qty : -qty, 0),
            qty > 0 ? qty : -qty);
    assert_int_equal(rig_own(&rig, strategy, instrument)->qty, before + qty);
}

static uint64_t rests(uint8_t side, turret_qty qty, turret_price limit)
{
    uint64_t id = ask(0, 0, side, qty, limit);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, qty, 0, 0);
    return id;
}

/* Of the orders sent since `before` those that close this position; the quantity, 0 none. */
static turret_qty closed(uint32_t before, uint32_t strategy, uint32_t instrument)
{
    turret_qty qty = 0;
    uint32_t i;
    for (i = before; i < rig.command_count; i++) {
        const struct command *command = &rig.commands[i];
        const struct order *order = engine_order(rig.engine, command->order.order_id);
        if (command->kind != COMMAND_SUBMIT || order->strategy != strategy ||
            order->instrument != rig.instrument[instrument])
            continue;
        assert_int_equal(qty, 0); /* one closes it */
        assert_int_equal(order->role, ORDER_EXIT);
        assert_int_equal(order->type, TURRET_ORDER_MARKET);
        assert_int_equal(order->flags, TURRET_ORDER_REDUCE_ONLY);
        assert_string_equal(order->reason, "a person makes it flat");
        qty = order->side == BUY ? order->qty : -order->qty;
    }
    return qty;
}

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
    uint32_t scope, s, i, before;
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
        flatten(scope, scopes[scope].name); /* what closes already is not begun anew */
        assert_int_equal(rig.command_count, before);
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
    flatten(TRADING_STRATEGY, "nobody");
    flatten(TRADING_SCOPES, "");
    assert_int_equal(rig.command_count, before);
    flatten(TRADING_STRATEGY, "b1"); /* flat already */
    assert_int_equal(rig.command_count, before);
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

/* What is closed here waits for what its cancel leaves, and goes on with the rest. */
static void its_own_closing_orders_give_way(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 100);
    (void)rests(SELL, 90, 10500);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(rig.commands[before].kind, COMMAND_CANCEL);
    venues_do_it(before);
    nothing_is_left(0);
}

static void one_that_fills_in_the_meantime_is_taken_off(void **state)
{
    uint64_t own;
    uint32_t before;
    (void)state;
    hold(0, 0, 100);
    own = rests(SELL, 90, 10500);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    fill_of(own, 90);
    venues_do_it(before);
    nothing_is_left(0);
}

static void a_stop_that_was_set_off_does_not_stand_for_all(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, 10, 0);
    uint32_t before;
    uint64_t entry;
    (void)state;
    request.stop_loss = 9900;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    fill_of(entry, 10);
    request.qty = 90;
    request.stop_loss = 9000;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    fill_of(entry, 90);
    rig_bar(&rig, rig.instrument[0], 9890); /* the first stop goes to its venue */
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    venues_do_it(before);
    nothing_is_left(0);
}

/* An older exit of less, whose fate is not known, stands for no more than itself. */
static void an_older_exit_stands_for_what_it_closes(void **state)
{
    uint64_t older;
    uint32_t before;
    (void)state;
    hold(0, 0, 20);
    flatten(TRADING_STRATEGY, "a0");
    older = rig.commands[rig.command_count - 1].order.order_id;
    rig_ack(&rig, older, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    decide(CONTROL_TRADING_RESUME, TRADING_STRATEGY, "a0", TRADING_ACTIVE);
    hold(0, 0, 80);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(closed(before, 0, 0), -80);
    venues_do_it(before);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 20);
    fill_of(older, 20);
    nothing_is_left(0);
}

/* Each closes its own, whatever that does to the account's position, also with a loss latched. */
static void opposite_positions_are_both_closed(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 20);
    hold(1, 0, -150);
    rig.engine->account_stopped_by_loss[rig.engine->instruments[rig.instrument[0]].account] = true;
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    venues_do_it(before);
    nothing_is_left(0);
    assert_int_equal(rig_own(&rig, 1, 0)->qty, -150);
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    venues_do_it(before);
    nothing_is_left(1);
}

static void more_than_one_order_may_be_goes_in_parts(void **state)
{
    uint32_t before, limit;
    for (limit = 0; limit < 3; limit++) {
        if (limit > 0)
            (void)open_two(state);
        hold(0, 0, 80);
        if (limit == 0)
            rig.engine->instruments[rig.instrument[0]].def.max_qty = 33;
        else if (limit == 1)
            rig.engine->options.risk.max_order_qty_nano = 33 * MONEY_NANO;
        else
            rig.engine->strategies[0].limits.max_order_qty_nano = 33 * MONEY_NANO;
        before = rig.command_count;
        flatten(TRADING_STRATEGY, "a0");
        assert_int_equal(closed(before, 0, 0), -33);
        venues_do_it(before);
        nothing_is_left(0);
        assert_int_equal(rig.command_count, before + 3);
        if (limit < 2)
            (void)close_two(state);
    }
}

/* Its strategy may be what has to be stopped. */
static void its_strategy_cannot_touch_the_exit(void **state)
{
    uint32_t before;
    uint64_t exit;
    (void)state;
    hold(0, 0, 100);
    flatten(TRADING_STRATEGY, "a0");
    exit = rig.commands[rig.command_count - 1].order.order_id;
    rig_state_of(&rig, exit, TURRET_STATE_ACCEPTED, 100, 0, 0);
    before = rig.command_count;
    (void)turret_cancel(rig.self[0], exit);
    rig_turn(&rig);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "is the host's (a person makes it flat)"));
    (void)turret_modify(rig.self[0], exit, 1, 0, 0);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, before);
    fill_of(exit, 100);
    nothing_is_left(0);
}

static uint32_t cancels_since(uint32_t from)
{
    uint32_t count = 0;
    for (; from < rig.command_count; from++)
        count += rig.commands[from].kind == COMMAND_CANCEL;
    return count;
}

/* An entry whose cancel the venue refuses is cancelled again until it ends. */
static void a_refused_cancel_is_asked_for_again(void **state)
{
    uint64_t entry = rests(BUY, 50, 9900);
    uint32_t before = rig.command_count, i;
    (void)state;
    flatten(TRADING_STRATEGY, "a0");
    rig_ack(&rig, entry, TURRET_REQUEST_CANCEL, engine_order(rig.engine, entry)->request_version,
            TURRET_OUTCOME_REJECTED);
    assert_int_equal(cancels_since(before), 1);
    for (i = 0; i < 5; i++)
        rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(cancels_since(before) > 1);
    ended(entry);
    nothing_is_left(0);
}

/* What states it leaves: HALTED with either word, KILLED with its own; then nothing happens. */
static void killed_is_left_by_its_own_word_only(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_KILLED);
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    assert_int_equal(rig.command_count, before);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_KILLED);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "nothing is made flat"));
    decide(CONTROL_FLATTEN_KILLED, TRADING_ALL, "", TRADING_REDUCING);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_ALL, ""), TRADING_REDUCING);
    assert_int_equal(closed(before, 0, 0), -5);
    venues_do_it(before);
    nothing_is_left(0);
}

static void halted_is_left(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    decide(CONTROL_TRADING_STATE, TRADING_STRATEGY, "a0", TRADING_HALTED);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(engine_trading_state(rig.engine, TRADING_STRATEGY, "a0"), TRADING_REDUCING);
    venues_do_it(before);
    nothing_is_left(0);
}

static uint32_t working_exits(void)
{
    const struct order *order;
    uint32_t cursor = 0, count = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        count += order_is_working(order) && order->role == ORDER_EXIT;
    return count;
}

/* What waits because another scope is halted is not begun twice, and goes when that is lifted. */
static void a_second_word_while_it_waits_adds_nothing(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 5);
    decide(CONTROL_TRADING_STATE, TRADING_VENUE, "venue0", TRADING_HALTED);
    before = rig.command_count;
    flatten(TRADING_STRATEGY, "a0");
    flatten(TRADING_STRATEGY, "a0");
    assert_int_equal(rig.command_count, before);
    assert_int_equal(working_exits(), 1);
    decide(CONTROL_TRADING_RESUME, TRADING_VENUE, "venue0", TRADING_ACTIVE);
    venues_do_it(before);
    nothing_is_left(0);
}

/* The kill switch cancels an exit, too: one that is being cancelled stands for nothing. */
static void an_exit_that_was_killed_is_followed(void **state)
{
    uint32_t before;
    (void)state;
    hold(0, 0, 10);
    flatten(TRADING_ALL, "");
    before = rig.command_count;
    decide(CONTROL_TRADING_STATE, TRADING_ALL, "", TRADING_KILLED);
    assert_int_equal(cancels_since(before), 1);
    decide(CONTROL_FLATTEN_KILLED, TRADING_ALL, "", TRADING_REDUCING);
    assert_int_equal(working_exits(), 2);
    venues_do_it(before);
    nothing_is_left(0);
}

/* Its venue would not make it less: it goes, and stands for nothing either. */
static void an_exit_that_has_to_go_is_followed(void **state)
{
    uint32_t before;
    uint64_t exit;
    (void)state;
    hold(0, 0, 10);
    flatten(TRADING_ALL, "");
    exit = rig.commands[rig.command_count - 1].order.order_id;
    order_table_find(rig.engine->orders, exit)->unwanted = HELD_UNWANTED;
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    assert_int_equal(working_exits(), 2);
    assert_int_equal(cancels_since(before), 1);
    venues_do_it(before);
    nothing_is_left(0);
}

/* A stop on its way that never left does not come back beside what closes now. */
static void a_stop_that_never_left_ends(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, 10, 0);
    uint64_t entry, stop;
    uint32_t before;
    (void)state;
    request.stop_loss = 9900;
    entry = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    fill_of(entry, 10);
    rig_bar(&rig, rig.instrument[0], 9890);
    stop = rig.commands[rig.command_count - 1].order.order_id;
    before = rig.command_count;
    flatten(TRADING_ALL, "");
    rig_ack(&rig, stop, TURRET_REQUEST_CANCEL, engine_order(rig.engine, stop)->request_version,
            TURRET_OUTCOME_REJECTED);
    rig_control(&rig, CONTROL_KEPT_BACK, DENY_NOT_SENT, (int64_t)stop);
    assert_int_equal(engine_order(rig.engine, stop)->state, TURRET_STATE_REJECTED);
    rig_turn(&rig);
    assert_int_equal(closed(before, 0, 0), -10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRADING_TEST(each_scope_closes_its_own),
        TRADING_TEST(a_name_of_nothing_does_nothing),
        TRADING_TEST(what_works_is_cancelled_once),
        TRADING_TEST(orders_of_others_stay),
        TRADING_TEST(stops_give_way),
        TRADING_TEST(only_what_closes_now_counts),
        TRADING_TEST(its_own_closing_orders_give_way),
        TRADING_TEST(one_that_fills_in_the_meantime_is_taken_off),
        TRADING_TEST(a_stop_that_was_set_off_does_not_stand_for_all),
        TRADING_TEST(an_older_exit_stands_for_what_it_closes),
        TRADING_TEST(opposite_positions_are_both_closed),
        TRADING_TEST(more_than_one_order_may_be_goes_in_parts),
        TRADING_TEST(its_strategy_cannot_touch_the_exit),
        TRADING_TEST(a_refused_cancel_is_asked_for_again),
        TRADING_TEST(killed_is_left_by_its_own_word_only),
        TRADING_TEST(halted_is_left),
        TRADING_TEST(a_second_word_while_it_waits_adds_nothing),
        TRADING_TEST(an_exit_that_was_killed_is_followed),
        TRADING_TEST(an_exit_that_has_to_go_is_followed),
        TRADING_TEST(a_stop_that_never_left_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
