/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what the engine keeps can be taken up again by a restart, however absurd what it was
 * asked or told: wishes beyond every quantity, positions that one order cannot close, orders of
 * somebody else's whose side is another one than that of their fills, exits of what a venue filled
 * beyond the order.
 */
#include "held_bench.h"

static struct rig_options large(void)
{
    struct rig_options o = rig_defaults();
    o.def.qty_scale = 8;
    o.def.max_qty = ORDER_QTY_MAX;
    return o;
}

static int set_up_large(void **state)
{
    struct rig_options o = large();
    (void)state;
    (void)set_up_with(&o);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000000) * MONEY_ONE);
    return 0;
}

/* A kill -9 and a start, beside what goes on. */
static void it_comes_back(void)
{
    static uint8_t bytes[1 << 20];
    static struct rig other;
    struct rig_options o = large();
    struct turret_error err = {0};
    size_t size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    int status;
    assert_in_range(size, 1, sizeof bytes);
    (void)rig_build(&other, &o, &err);
    status = engine_preload(other.engine, bytes, size, &err);
    if (!status)
        status = engine_start(other.engine, TURRET_REASON_RESTART, &err);
    if (!status)
        status = engine_restore(other.engine, bytes, size, &err);
    if (status)
        fail_msg("%s", err.text);
    engine_destroy(other.engine, TURRET_REASON_SHUTDOWN);
    rig_script.rig = &rig;
}

/* ---- wishes ---- */

static void a_wish_beyond_all_is_denied_and_kept_within(void **state)
{
    static const turret_qty wishes[] = {INT64_MAX, INT64_MIN, AMOUNT_MAX + 1, -AMOUNT_MAX - 1};
    const struct position *own = rig_own(&rig, 0, 0);
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        rig.last_denial = DENY_NONE;
        assert_int_equal(turret_target(rig.self[0], rig.instrument[0], wishes[i], "all"), 1);
        assert_true(own->target == (wishes[i] > 0 ? AMOUNT_MAX : -AMOUNT_MAX));
        rig_turn(&rig);
        assert_int_equal(rig.last_denial, DENY_MAX_QTY);
        assert_true(own->target == (wishes[i] > 0 ? AMOUNT_MAX : -AMOUNT_MAX));
        it_comes_back();
    }
}

static void a_wish_beyond_all_stands_when_it_is_said_again(void **state)
{
    (void)state;
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], INT64_MAX, "all"), 1);
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], INT64_MAX, "all"), 0);
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], AMOUNT_MAX, "all"), 0);
}

/* What is held may be more than one order can be: a wish is not cut to that. */
static void a_wish_for_more_than_an_order_is_met_in_steps(void **state)
{
    (void)state;
    trades(BUY, ORDER_QTY_MAX, "1");
    (void)turret_target(rig.self[0], rig.instrument[0], ORDER_QTY_MAX + 7, "more");
    rig_turn(&rig);
    assert_int_equal(sent()->order.qty, 7);
    assert_int_equal(sent()->order.side, BUY);
}

static void a_recorded_wish_is_kept_within(void **state)
{
    struct event_intent intent = {.kind = INTENT_TARGET};
    (void)state;
    intent.instrument = rig.instrument[0];
    intent.order_id = rig.engine->next_order_id;
    intent.qty = INT64_MAX;
    intent_apply(rig.engine, &intent);
    assert_true(rig_own(&rig, 0, 0)->target == AMOUNT_MAX);
    it_comes_back();
}

static void wishes_for_all(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)turret_target(self, bar->instrument, INT64_MIN, "all of it");
}

/* A build beside says the same: that is no difference. */
static void a_shadow_wishes_as_much(void **state)
{
    struct event event = rig_event(&rig, EVENT_SWAP);
    const struct turret_param_value number = {1, TURRET_PARAM_TYPE_INT, 0, 0.0, NULL};
    const struct engine_build with = {.strategy = &rig_strategy, .params = &number};
    struct engine_shadow view;
    (void)state;
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.phase = SWAP_PREPARE;
    event.u.swap.shadow = 1;
    assert_int_equal(engine_swap(rig.engine, &event, &with, NULL), TURRET_OK);
    rig_script.on_bar = wishes_for_all;
    rig_bar(&rig, rig.instrument[0], 10000);
    engine_view_shadow(rig.engine, 0, &view);
    assert_int_equal(view.same, 1);
    assert_int_equal(view.different, 0);
    event.u.swap.phase = SWAP_ABORT;
    assert_int_equal(engine_swap(rig.engine, &event, &with, NULL), TURRET_OK);
}

/* ---- orders ---- */

static void the_largest_order_comes_back(void **state)
{
    uint64_t id = rig_order(&rig, 0, BUY, ORDER_QTY_MAX, 100);
    (void)state;
    is(id, TURRET_STATE_SENT);
    it_comes_back();
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, ORDER_QTY_MAX, 0, 0);
    is(id, TURRET_STATE_ACCEPTED);
    id = rig_order(&rig, 0, BUY, ORDER_QTY_MAX + 1, 100);
    is(id, TURRET_STATE_DENIED);
    assert_int_equal(at(id)->denial, DENY_MAX_QTY);
    it_comes_back();
}

static void no_instrument_has_a_larger_one(void **state)
{
    struct engine_instrument instrument = {.def = large().def};
    struct turret_error err = {0};
    struct engine *engine;
    struct rig_options o = large();
    struct engine_venue venue = {.name = "venue0"};
    const struct sink sink = rig_sink(&rig);
    uint32_t index;
    (void)state;
    assert_int_equal(engine_create(&engine, &o.engine, &sink, &err), TURRET_OK);
    assert_int_equal(engine_add_venue(engine, &venue, &index, &err), TURRET_OK);
    (void)snprintf(instrument.def.symbol, sizeof instrument.def.symbol, "S");
    (void)snprintf(instrument.def.venue, sizeof instrument.def.venue, "venue0");
    instrument.def.max_qty = ORDER_QTY_MAX + 1;
    assert_int_equal(engine_add_instrument(engine, &instrument, &index, &err), TURRET_EINVAL);
    assert_string_equal(err.text, "instrument S.venue0: an order may be 140737488355327 at most");
    engine_destroy(engine, TURRET_REASON_SHUTDOWN);
}

/* ---- closing more than one order may be ---- */

static void flatten_all(void)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_FLATTEN;
    event.u.control.target = TRADING_ALL;
    engine_ingest(rig.engine, &event);
}

static void hold_three(uint8_t side)
{
    trades(side, ORDER_QTY_MAX, "1");
    trades(side, ORDER_QTY_MAX, "2");
    trades(side, 5, "3");
}

/* Of market orders that close, in the order of their ids: 0 where there are no more. */
static uint64_t closing(uint32_t number)
{
    const struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->role == ORDER_EXIT && number-- == 0)
            return order->id;
    return 0;
}

static void what_is_closed_is_closed_by_several_orders(void **state)
{
    static const turret_qty parts[] = {ORDER_QTY_MAX, ORDER_QTY_MAX, 5};
    uint32_t side, i;
    (void)state;
    for (side = BUY; side <= SELL; side++) {
        row_count = 0;
        rig_close(&rig);
        assert_int_equal(set_up_large(NULL), 0);
        hold_three((uint8_t)side);
        flatten_all();
        it_comes_back();
        for (i = 0; i < 3; i++) {
            is(closing(i), TURRET_STATE_SENT);
            assert_true(at(closing(i))->qty == parts[i]);
            assert_true(at(closing(i))->whole == parts[i]);
        }
        assert_int_equal(closing(3), 0);
        for (i = 0; i < 3; i++) {
            char name[8];
            (void)snprintf(name, sizeof name, "c%u", i);
            rig_fill(&rig, closing(i), name, side == BUY ? SELL : BUY, parts[i], 10000);
        }
        assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
        assert_int_equal(closing(3), 0);
    }
}

static void the_most_that_is_to_be_closed_binds(void **state)
{
    (void)state;
    hold_three(BUY);
    held_close(rig.engine, &rig.engine->strategies[0], rig.instrument[0], ORDER_QTY_MAX + 3, "so");
    rig_turn(&rig);
    assert_true(at(closing(0))->qty == ORDER_QTY_MAX);
    assert_true(at(closing(1))->qty == 3);
    assert_int_equal(closing(2), 0);
    it_comes_back();
}

/* A venue that fills an entry twice: its exits are no larger than orders may be. */
static void exits_of_what_filled_twice_come_back(void **state)
{
    uint64_t entry = entered(BUY, ORDER_QTY_MAX, 9500, 0), stop = child(entry, TURRET_ORDER_STOP);
    (void)state;
    assert_true(at(stop)->qty == ORDER_QTY_MAX);
    rig_fill(&rig, entry, "again", BUY, 4, 10000);
    assert_true(at(stop)->qty == ORDER_QTY_MAX);
    assert_int_equal(at(child(entry, TURRET_ORDER_STOP))->qty, 4);
    it_comes_back();
}

/* ---- money ---- */

/* Worth more than a start would take, and less than 64 bits have. */
static void what_is_held_is_worth_no_more_than_comes_back(void **state)
{
    struct position *account = &rig.engine->positions[rig.engine->instruments[1].account_position];
    turret_money before;
    (void)state;
    rig.engine->instruments[rig.instrument[0]].rate = (struct money_rate){1, 1};
    trades(BUY, ORDER_QTY_MAX / 100, "1");
    trade(20000);
    before = account->value;
    assert_true(before == ORDER_QTY_MAX / 100 * 20000);
    trade(4000000); /* 5.6 × 10^18 */
    assert_true(account->value == before);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "does not fit 64-bit money"));
    it_comes_back();
    rig_fill(&rig, 0, "2", BUY, 1, 4000000); /* the value at that mark neither */
    assert_true(account->value == before);
    it_comes_back();
}

static void an_execution_costs_no_more_than_comes_back(void **state)
{
    (void)state;
    rig.engine->instruments[rig.instrument[0]].rate = (struct money_rate){1, 1};
    rig_fill(&rig, 0, "1", SELL, ORDER_QTY_MAX / 100, 4000000);
    assert_int_equal(rig.fills, 0);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    assert_string_equal(engine_trading_name(rig.engine), "HALTED");
    it_comes_back();
}

static void what_was_gained_is_no_more_than_comes_back(void **state)
{
    struct account *account = &rig.engine->accounts[0];
    (void)state;
    account->realised = AMOUNT_MAX;
    rig_fill(&rig, 0, "1", BUY, 1000000, 10000);
    rig_fill(&rig, 0, "2", SELL, 1000000, 20000);
    assert_true(rig.last_fill.realised > 0);
    assert_true(account->realised == AMOUNT_MAX);
    it_comes_back();
}

/* ---- orders of others ---- */

static void execution_of(const char *execution, uint8_t side, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = side;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, 40, "%s", execution);
    (void)snprintf(event.u.fill.venue_order_id, 40, "manual-7");
    engine_ingest(rig.engine, &event);
}

static const struct order *adopted(uint8_t side, turret_qty filled)
{
    struct event event = rig_event(&rig, EVENT_ORDER);
    event.venue = 0;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.side = side;
    event.u.order.qty = 10;
    event.u.order.filled_qty = filled;
    event.u.order.state = TURRET_STATE_PARTIAL;
    (void)snprintf(event.u.order.venue_order_id, 40, "manual-7");
    engine_ingest(rig.engine, &event);
    return at(order_foreign_id(0, "manual-7"));
}

static void fills_of_the_other_side_are_not_of_it(void **state)
{
    const struct order *order;
    (void)state;
    execution_of("m1", SELL, 4);
    execution_of("m2", BUY, 3);
    order = adopted(0, 3); /* its adapter does not say: taken for BUY */
    assert_int_equal(order->side, BUY);
    assert_int_equal(order->filled_qty, 3);
    assert_true(order->filled_value > 0);
    it_comes_back();
}

static void what_was_taken_back_is_not_of_it(void **state)
{
    struct event bust = rig_event(&rig, EVENT_BUST);
    const struct order *order;
    (void)state;
    execution_of("m1", SELL, 4);
    execution_of("m2", SELL, 2);
    bust.venue = 0;
    (void)snprintf(bust.u.bust.execution_id, 40, "m1");
    engine_ingest(rig.engine, &bust);
    order = adopted(SELL, 2);
    assert_int_equal(order->filled_qty, 2);
    assert_int_equal(order->fees, 0);
    it_comes_back();
}

static void what_filled_stays_within(void **state)
{
    struct order order = {.filled_qty = 5};
    (void)state;
    order_add_filled(&order, -3);
    assert_int_equal(order.filled_qty, 2);
    order_add_filled(&order, -3);
    assert_int_equal(order.filled_qty, 0);
    order_add_filled(&order, ORDER_FILLED_MAX);
    assert_true(order.filled_qty == ORDER_FILLED_MAX);
    order_add_filled(&order, 1);
    assert_true(order.filled_qty == ORDER_FILLED_MAX);
    order_add_filled(&order, INT64_MAX);
    assert_true(order.filled_qty == ORDER_FILLED_MAX);
}

/* Whatever a venue goes on to tell of an order, its sums stay at their edges. */
static void sums_of_an_order_stay_at_their_edges(void **state)
{
    uint64_t id = rig_order(&rig, 0, BUY, 100, 0);
    struct order *order = order_table_find(rig.engine->orders, id);
    struct event event = rig_event(&rig, EVENT_FILL);
    (void)state;
    order_reserve(rig.engine, order, -1);
    order->filled_qty = ORDER_FILLED_MAX - 3;
    order_reserve(rig.engine, order, 1);
    order->filled_value = INT64_MAX - 1;
    order->fees = INT64_MIN + 1;
    event.venue = 0;
    event.u.fill = (struct turret_report_fill){.order_id = id,
                                               .instrument = rig.instrument[0],
                                               .side = BUY,
                                               .qty = 10,
                                               .price = 1000000000,
                                               .fee = -MONEY_ONE,
                                               .execution_id = "one more"};
    engine_ingest(rig.engine, &event);
    assert_true(order->filled_qty == ORDER_FILLED_MAX);
    assert_true(order->filled_value == INT64_MAX);
    assert_true(order->fees == INT64_MIN);
}

/* Its strategy made the stop less, its venue fills the entry beyond its quantity. */
static void a_pair_of_two_sizes_comes_back(void **state)
{
    uint64_t entry = entered(BUY, ORDER_QTY_MAX, 9500, 10500);
    uint64_t stop = child(entry, TURRET_ORDER_STOP), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    changes(stop, 3, 0, 0);
    rig_fill(&rig, entry, "again", BUY, 4, 10000);
    assert_true(at(stop)->qty == 7);
    assert_true(at(profit)->qty == ORDER_QTY_MAX);
    it_comes_back();
}

static void what_grows_after_a_split_comes_back(void **state)
{
    uint64_t entry = entered(BUY, ORDER_QTY_MAX, 9500, 10500);
    uint64_t stop = child(entry, TURRET_ORDER_STOP), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    trade(10500);
    taken(profit);
    rig_fill(&rig, profit, "1", SELL, 4, 10500);
    split(2, 1);
    busts("1", "", 0, 0);
    assert_true(at(stop)->qty == ORDER_QTY_MAX);
    it_comes_back();
}

/* A split keeps the parent's quantity within, and what its parts filled is more. */
static void no_more_is_taken_back_than_filled(void **state)
{
    const turret_qty part = ORDER_QTY_MAX / 4 * 3;
    uint64_t parent = iceberg_of(ORDER_QTY_MAX, ORDER_QTY_MAX / 2);
    (void)state;
    rig_fill(&rig, sent()->order.order_id, "1", BUY, part, 9900);
    rig_fill(&rig, sent()->order.order_id, "2", BUY, part, 9900);
    assert_true(at(parent)->filled_qty == 2 * part);
    split(1, 1);
    assert_true(at(parent)->filled_qty == ORDER_QTY_MAX);
    busts("1", "", 0, 0);
    busts("2", "", 0, 0);
    assert_int_equal(at(parent)->filled_qty, 0);
    it_comes_back();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_large, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sums_of_an_order_stay_at_their_edges),
        TEST(a_wish_beyond_all_is_denied_and_kept_within),
        TEST(a_wish_beyond_all_stands_when_it_is_said_again),
        TEST(a_wish_for_more_than_an_order_is_met_in_steps),
        TEST(a_recorded_wish_is_kept_within),
        TEST(a_shadow_wishes_as_much),
        TEST(the_largest_order_comes_back),
        TEST(no_instrument_has_a_larger_one),
        TEST(what_is_closed_is_closed_by_several_orders),
        TEST(the_most_that_is_to_be_closed_binds),
        TEST(exits_of_what_filled_twice_come_back),
        TEST(what_is_held_is_worth_no_more_than_comes_back),
        TEST(an_execution_costs_no_more_than_comes_back),
        TEST(what_was_gained_is_no_more_than_comes_back),
        TEST(fills_of_the_other_side_are_not_of_it),
        TEST(what_was_taken_back_is_not_of_it),
        TEST(what_filled_stays_within),
        TEST(a_pair_of_two_sizes_comes_back),
        TEST(what_grows_after_a_split_comes_back),
        TEST(no_more_is_taken_back_than_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
