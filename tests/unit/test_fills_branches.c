/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of fills at their edges: those that make no sense or fit into no 64 bits, of
 * orders they cannot belong to, of foreign orders; how they are rounded and which round trips end.
 */
#include "fills_case.h"

/* ---- what makes no sense ---- */

static void expect_nonsense(struct event event)
{
    uint32_t alarms = rig.notices[NOTICE_ALARM];
    uint64_t sequence = engine_sequence(rig.engine);
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "makes no sense"));
    assert_true(engine_sequence(rig.engine) == sequence); /* not even journaled */
    assert_int_equal(rig.fills, 0);
}

static void fills_that_make_no_sense(void **state)
{
    static const turret_money fees[] = {INT64_MAX / 65536, -(INT64_MAX / 65536)};
    struct event good = fill_of(0, "a", TURRET_SIDE_BUY, 10, 10000), event;
    uint32_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        event = good;
        event.u.fill.fee = fees[i];
        expect_nonsense(event);
        event = good;
        event.u.fill.instrument = i ? 3 : 0;
        expect_nonsense(event);
        event = good;
        event.u.fill.qty = -(int64_t)i;
        expect_nonsense(event);
        event.u.fill.qty = i ? INT64_MAX : ORDER_QTY_MAX + 1;
        expect_nonsense(event);
        event = good;
        event.u.fill.price = -(int64_t)i;
        expect_nonsense(event);
        event.u.fill.price = i ? INT64_MAX : PRICE_MAX + 1;
        expect_nonsense(event);
        event = good;
        event.u.fill.side = i ? TURRET_SIDE_SELL + 1 : 0;
        expect_nonsense(event);
    }
    event = good;
    event.u.fill.execution_id[0] = 0;
    expect_nonsense(event);
    event = good;
    rig.engine->instruments[1].venue = 1; /* it trades somewhere else */
    expect_nonsense(event);
    rig.engine->instruments[1].venue = 0;
    good.u.fill.fee = fees[0] - 1; /* the largest that is one */
    good.u.fill.qty = good.u.fill.price = 1;
    engine_ingest(rig.engine, &good);
    assert_int_equal(rig.fills, 1);
    good = fill_of(0, "b", TURRET_SIDE_SELL, 1, 1);
    good.u.fill.fee = fees[1] + 1;
    good.u.fill.instrument = 2;
    engine_ingest(rig.engine, &good);
    assert_int_equal(rig.fills, 2);
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE);
    assert_true(engine_account(rig.engine, 0)->fees == 0);
}

static void values_that_do_not_fit_halt(void **state)
{
    static const uint8_t sides[] = {TURRET_SIDE_BUY, TURRET_SIDE_SELL};
    uint32_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        struct event event = fill_of(0, "huge", sides[i], ORDER_QTY_MAX, PRICE_MAX);
        rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_ACTIVE);
        engine_ingest(rig.engine, &event);
        assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "does not fit; halted"));
        assert_string_equal(engine_trading_name(rig.engine), "HALTED");
        assert_int_equal(rig.fills, 0);
        assert_int_equal(held(), 0);
    }
}

static struct position *account_position(void)
{
    return &rig.engine->positions[rig.engine->instruments[rig.instrument[0]].account_position];
}

/* What is held and what is added are each within 64 bits, their sum is not. */
static void positions_that_do_not_fit_halt(void **state)
{
    struct event event = fill_of(0, "much", TURRET_SIDE_BUY, 1, 1);
    turret_money before;
    (void)state;
    rig.engine->instruments[1].rate = (struct money_rate){1, 1000000};
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.fills, 1);
    account_position()->qty = AMOUNT_MAX - ORDER_QTY_MAX + 1; /* of many of the largest */
    event = fill_of(0, "too much", TURRET_SIDE_BUY, ORDER_QTY_MAX, 1);
    before = cash();
    engine_ingest(rig.engine, &event);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "is not booked: halt and check"));
    assert_string_equal(engine_trading_name(rig.engine), "HALTED");
    assert_int_equal(rig.fills, 1);
    assert_true(cash() == before);
    assert_true(held() == AMOUNT_MAX - ORDER_QTY_MAX + 1);
    assert_null(executions_find(&rig.engine->executions, 0, event.u.fill.execution_id));
}

/* Taking back a sale of everything ends beyond 64 bits when as much was bought since. */
static void a_bust_that_does_not_fit_halts(void **state)
{
    struct event event = fill_of(0, "sale", TURRET_SIDE_SELL, ORDER_QTY_MAX, 1);
    (void)state;
    rig.engine->options.risk.drawdown_ppm = INT64_MAX; /* what such sums lose stops nothing */
    rig.engine->instruments[1].rate = (struct money_rate){1, 1000000};
    engine_ingest(rig.engine, &event);
    account_position()->qty = AMOUNT_MAX - 1; /* bought since */
    assert_string_equal(engine_trading_name(rig.engine), "ACTIVE");
    take_back("sale", "", 0, 0);
    assert_string_equal(engine_trading_name(rig.engine), "HALTED");
    assert_true(held() == AMOUNT_MAX - 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "busted-1"));
}

/* The value of what is held does not fit at an absurd mark: it stays what it was. */
static void a_mark_that_values_nothing_leaves_the_value(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    assert_true(rig_account_position(&rig, 0)->value == MONEY(40000));
    rig.engine->instruments[1].mark = INT64_MAX / 100;
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 6, 10000);
    assert_int_equal(held(), 10);
    assert_true(rig_account_position(&rig, 0)->value == MONEY(40000));
    assert_true(engine_account(rig.engine, 0)->equity.now ==
                INT64_C(1000000) * MONEY_ONE - MONEY(60000));
}

/* What does not come out even costs its buyer more and brings its seller less. */
static void values_are_rounded_against_their_holder(void **state)
{
    (void)state;
    rig.engine->instruments[1].rate = (struct money_rate){1, 10};
    rig_fill(&rig, 0, "a", TURRET_SIDE_BUY, 1, 15);
    assert_true(rig.last_fill.value == 2);
    rig_fill(&rig, 0, "b", TURRET_SIDE_SELL, 1, 15);
    assert_true(rig.last_fill.value == 1);
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE - 1);
}

/* The first price of all is that of an execution. */
static void an_execution_marks_what_never_traded(void **state)
{
    (void)state;
    rig.engine->instruments[1].mark = 0;
    rig_fill(&rig, 0, "a", TURRET_SIDE_BUY, 4, 12345);
    assert_true(engine_mark(rig.engine, rig.instrument[0]) == 12345);
    rig_fill(&rig, 0, "b", TURRET_SIDE_BUY, 4, 99999);
    assert_true(engine_mark(rig.engine, rig.instrument[0]) == 12345);
}

/* ---- whose it is ---- */

static void fills_name_orders_they_cannot_be_of(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    struct event event = fill_of(id, "a", TURRET_SIDE_SELL, 4, 10000);
    (void)state;
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2); /* names it, and is nobody's */
    assert_int_equal(rig.last_fill.strategy, ORDER_NO_STRATEGY);
    event = fill_of(id, "b", TURRET_SIDE_BUY, 4, 10000);
    event.u.fill.instrument = rig.instrument[1];
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.notices[NOTICE_ALARM], 4);
    event = fill_of(id, "c", TURRET_SIDE_BUY, 4, 10000);
    rig.engine->instruments[1].venue = event.venue = 1;
    rig.engine->venue_count = 2;
    engine_ingest(rig.engine, &event);
    rig.engine->instruments[1].venue = 0;
    rig.engine->venue_count = 1;
    assert_int_equal(rig.notices[NOTICE_ALARM], 6);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    assert_true(rig.last_fill.order_id == id); /* as the venue said */
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
    assert_int_equal(held(), 0); /* sold 4, bought 4 */
}

/* What is booked of each execution, and told. */
static void an_execution_is_booked_to_account_and_strategy(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_SELL, 10, 0);
    struct event event = fill_of(id, "a", TURRET_SIDE_SELL, 4, 10000);
    (void)state;
    event.u.fill.fee = MONEY(150);
    event.u.fill.maker = 1;
    engine_ingest(rig.engine, &event);
    assert_true(rig.last_fill.maker == 1 && rig.last_fill.busted == 0);
    assert_true(rig.last_fill.time == rig.engine->now && rig.last_fill.price == 10000);
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE + MONEY(40000) - MONEY(150));
    assert_true(engine_account(rig.engine, 0)->fees == MONEY(150));
    assert_true(engine_order(rig.engine, id)->fees == MONEY(150));
    assert_true(engine_order(rig.engine, id)->filled_value == MONEY(40000));
    event = fill_of(0, "b", TURRET_SIDE_BUY, 4, 9000);
    engine_ingest(rig.engine, &event);
    assert_true(engine_account(rig.engine, 0)->realised == MONEY(4000));
    assert_int_equal(rig_own(&rig, 0, 0)->qty, -4); /* that one was not the strategy's */
    assert_true(rig_own(&rig, 0, 0)->fees == MONEY(150));
    assert_int_equal(rig.engine->strategies[0].conduct.day_fills, 1);
}

static void a_foreign_order_is_filled_and_taken_back(void **state)
{
    struct event order = rig_event(&rig, EVENT_ORDER), fill = fill_of(0, "a", 1, 4, 10000);
    (void)state;
    order.venue = 0;
    order.u.order.instrument = rig.instrument[0];
    order.u.order.state = TURRET_STATE_ACCEPTED;
    order.u.order.side = TURRET_SIDE_BUY;
    order.u.order.qty = 10;
    (void)snprintf(order.u.order.venue_order_id, 40, "F1");
    (void)snprintf(fill.u.fill.venue_order_id, 40, "F1");
    engine_ingest(rig.engine, &order);
    engine_ingest(rig.engine, &fill);
    assert_true(rig.last_fill.order_id == rig.last_order.id && rig.last_order.id != 0);
    assert_int_equal(rig.last_order.filled_qty, 4);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 6);
    take_back("a", "a2", 3, 10000);
    assert_int_equal(rig.last_order.filled_qty, 3);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 7);
}

/* Two venues may use the same execution id. */
static void executions_belong_to_their_venue(void **state)
{
    struct rig_options o = rig_defaults();
    struct event event;
    (void)state;
    o.venues = 2;
    rig_close(&rig);
    rig_open(&rig, &o);
    event = fill_of(0, "a", TURRET_SIDE_BUY, 4, 10000);
    engine_ingest(rig.engine, &event);
    event.venue = 1;
    event.u.fill.instrument = rig.instrument[1];
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.fills, 2);
    assert_int_equal(rig.last_fill.venue, 1);
    engine_ingest(rig.engine, &event); /* heard before */
    assert_int_equal(rig.fills, 2);
}

static void round_trips_of_one(void **state)
{
    static const struct {
        uint8_t side;
        turret_qty qty;
        uint64_t trades;
    } cases[] = {{TURRET_SIDE_BUY, 1, 0}, {TURRET_SIDE_SELL, 1, 1}, {TURRET_SIDE_SELL, 1, 1},
                 {TURRET_SIDE_BUY, 1, 2}, {TURRET_SIDE_BUY, 1, 2},  {TURRET_SIDE_SELL, 2, 3},
                 {TURRET_SIDE_BUY, 2, 4}};
    uint64_t id[2];
    uint32_t i, positions = rig.positions;
    char name[8];
    (void)state;
    id[0] = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    id[1] = rig_order(&rig, 0, TURRET_SIDE_SELL, 100, 0);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(name, sizeof name, "e%u", i);
        rig_fill(&rig, id[cases[i].side == TURRET_SIDE_SELL], name, cases[i].side, cases[i].qty,
                 10000);
        assert_true(rig_own(&rig, 0, 0)->trades == cases[i].trades);
        positions += 2; /* the account's and the strategy's are told */
        assert_int_equal(rig.positions, positions);
    }
}

/* Flat, or on the other side: a round trip has ended. */
static void round_trips_end_at_zero_or_beyond(void **state)
{
    uint64_t buy = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    uint64_t sell = rig_order(&rig, 0, TURRET_SIDE_SELL, 100, 0);
    const struct position *own = rig_own(&rig, 0, 0);
    (void)state;
    rig_fill(&rig, buy, "a", TURRET_SIDE_BUY, 10, 10000);
    rig_fill(&rig, sell, "b", TURRET_SIDE_SELL, 4, 10100);
    assert_true(own->trades == 0);
    rig_fill(&rig, sell, "c", TURRET_SIDE_SELL, 6, 10100);
    assert_true(own->trades == 1 && own->wins == 1);
    rig_fill(&rig, sell, "d", TURRET_SIDE_SELL, 5, 10000);
    assert_true(own->trades == 1);
    rig_fill(&rig, buy, "e", TURRET_SIDE_BUY, 8, 10100); /* through zero, with a loss */
    assert_true(own->trades == 2 && own->wins == 1);
    assert_int_equal(rig.engine->strategies[0].conduct.losses, 1);
    rig_fill(&rig, sell, "f", TURRET_SIDE_SELL, 5, 10200);
    assert_true(own->trades == 3 && own->wins == 2);
    assert_int_equal(rig.engine->strategies[0].conduct.losses, 0);
}

static void late_and_excessive_fills_are_told(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 1, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* full already: only the excess is told */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "filled 11 of 10"));
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    rig_fill(&rig, id, "c", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "was REJECTED and filled 4"));
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_PARTIAL);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 4, 0);
    rig_fill(&rig, id, "d", TURRET_SIDE_BUY, 2, 10000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_CANCELED);
    rig_fill(&rig, id, "e", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 4);
}

/* ---- sinks ---- */

static uint32_t cash_rows;

static void on_cash(void *context, const struct account *account)
{
    (void)context;
    assert_true(account->cash == cash());
    cash_rows++;
}

static void nobody_has_to_listen(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    (void)state;
    cash_rows = 0;
    rig.engine->sink.fill = NULL;
    rig.engine->sink.position = NULL;
    rig.engine->sink.order = NULL;
    rig.engine->sink.cash = on_cash;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    take_back("a", "", 0, 0);
    assert_int_equal(cash_rows, 2);
    assert_int_equal(held(), 0);
    assert_int_equal(rig.fills, 0);
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE);
}

/* Neither what is paid nor the fees may leave the range: then the fill is not booked. */
static void what_the_account_cannot_hold_is_not_booked(void **state)
{
    struct account *account = &rig.engine->accounts[0];
    const struct account before = *account;
    struct event dear;
    (void)state;
    account->cash = -AMOUNT_MAX + 5;
    rig_fill(&rig, rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9900), "1", TURRET_SIDE_BUY, 1, 9900);
    assert_true(account->cash == -AMOUNT_MAX + 5);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "halt"));
    account->cash = AMOUNT_MAX - 5;
    rig_fill(&rig, 0, "2", TURRET_SIDE_SELL, 1, 9900);
    assert_true(account->cash == AMOUNT_MAX - 5);
    account->cash = before.cash;
    account->fees = AMOUNT_MAX;
    dear = fill_of(0, "3", TURRET_SIDE_SELL, 1, 9900);
    dear.u.fill.fee = 1;
    engine_ingest(rig.engine, &dear);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 0);
    account->fees = before.fees;
}

/* Lines of equity end there, up and down. */
static void a_value_may_move_from_one_end_to_the_other(void **state)
{
    struct account *account = &rig.engine->accounts[0];
    struct position *position;
    (void)state;
    rig_fill(&rig, rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9900), "1", TURRET_SIDE_BUY, 1, 9900);
    position = &rig.engine->positions[rig.engine->instruments[rig.instrument[0]].account_position];
    position->value = -AMOUNT_MAX;
    rig_bar(&rig, rig.instrument[0], 9950);
    assert_true(account->equity.now == AMOUNT_MAX);
    position->qty = -1;
    position->value = AMOUNT_MAX;
    rig_bar(&rig, rig.instrument[0], 9960);
    assert_true(account->equity.now < 0);
    position->value = -AMOUNT_MAX;
    account->equity.now = -AMOUNT_MAX;
    position->qty = 1;
    position->value = AMOUNT_MAX;
    rig_bar(&rig, rig.instrument[0], 9970);
    assert_true(account->equity.now == -AMOUNT_MAX);
    position->value = -AMOUNT_MAX;
    rig_fill(&rig, 0, "2", TURRET_SIDE_BUY, 1, 9970);
    assert_true(account->equity.now == MONEY(9970));
    position->value = AMOUNT_MAX;
    rig_fill(&rig, 0, "3", TURRET_SIDE_BUY, 1, 90000); /* far above the mark: all of it is lost */
    assert_true(account->equity.now == -AMOUNT_MAX);
}

/* It was denied for that, and filled at its venue all the same. */
static void a_part_of_another_instruments_order_adds_nothing_to_it(void **state)
{
    uint64_t parent = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
    uint64_t part = rig_order(&rig, 0, TURRET_SIDE_BUY, 5, 9900);
    struct order *one = order_table_find(rig.engine->orders, part);
    struct order *other = order_table_find(rig.engine->orders, parent);
    (void)state;
    one->role = ORDER_SLICE;
    one->parent = parent;
    rig_ack(&rig, parent, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    other->instrument = 0;
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 5, 9900);
    assert_int_equal(one->filled_qty, 5);
    assert_int_equal(other->filled_qty, 0);
    other->instrument = one->instrument;
}

/* A denied order, and one that the host holds: what a venue says to have filled of it is in its row
   and told to its strategy. */
static void fills_of_what_was_never_sent_are_told(void **state)
{
    struct turret_order_request stop = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    uint64_t id;
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_DENIED);
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(rig.last_order.filled_qty, 4);
    rig_fill(&rig, id, "2", TURRET_SIDE_BUY, 6, 10000);
    assert_true(rig.last_order.id == id && rig.last_order.state == TURRET_STATE_DENIED);
    assert_int_equal(rig.last_order.filled_qty, 10);
    assert_int_equal(rig.fills, 2);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 10);
    rig_control(&rig, CONTROL_TRADING_RESUME, 0, TRADING_ACTIVE);
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 10500;
    id = turret_submit(rig.self[0], &stop);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_HELD);
    rig_fill(&rig, id, "3", TURRET_SIDE_BUY, 4, 10500);
    assert_true(rig.last_order.id == id && rig.last_order.state == TURRET_STATE_HELD);
    assert_int_equal(rig.last_order.filled_qty, 4);
    rig_check_reservations(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(fills_that_make_no_sense),
        ENGINE_TEST(values_that_do_not_fit_halt),
        ENGINE_TEST(positions_that_do_not_fit_halt),
        ENGINE_TEST(a_bust_that_does_not_fit_halts),
        ENGINE_TEST(a_mark_that_values_nothing_leaves_the_value),
        ENGINE_TEST(an_execution_marks_what_never_traded),
        ENGINE_TEST(values_are_rounded_against_their_holder),
        ENGINE_TEST(a_foreign_order_is_filled_and_taken_back),
        ENGINE_TEST(executions_belong_to_their_venue),
        ENGINE_TEST(round_trips_of_one),
        ENGINE_TEST(fills_name_orders_they_cannot_be_of),
        ENGINE_TEST(an_execution_is_booked_to_account_and_strategy),
        ENGINE_TEST(round_trips_end_at_zero_or_beyond),
        ENGINE_TEST(late_and_excessive_fills_are_told),
        ENGINE_TEST(nobody_has_to_listen),
        ENGINE_TEST(fills_of_what_was_never_sent_are_told),
        ENGINE_TEST(a_part_of_another_instruments_order_adds_nothing_to_it),
        ENGINE_TEST(what_the_account_cannot_hold_is_not_booked),
        ENGINE_TEST(a_value_may_move_from_one_end_to_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
