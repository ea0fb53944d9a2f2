/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what an order has to say and what its venue or the host can do of it: types and times that
 * are offered, dates, prices by type, icebergs, brackets, pairs, post-only, and parts of a parent.
 * For each what just passes and what is just denied. Ticks are 5, lots 10, the minimum is 20.
 */
#include "risk_bench.h"

#include "core/risk.h"

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

static uint64_t ask_as(uint32_t strategy, struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[strategy], &request);
    assert_true(id != 0);
    rig_turn(&rig);
    rig_check_reservations(&rig);
    return id;
}

static const struct order *at(uint64_t id)
{
    assert_non_null(engine_order(rig.engine, id));
    return engine_order(rig.engine, id);
}

static uint32_t denial(struct turret_order_request request)
{
    return at(ask_as(0, request))->denial;
}

static struct turret_broker_caps *caps(void)
{
    return &rig.engine->venues[0].caps;
}

/* ---- sides, types, times ---- */

static void numbers_of_nothing(void **state)
{
    struct turret_order_request request = want(BUY, 20, 9950), odd = request;
    (void)state;
    odd.side = 0;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd.side = SELL + 1;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = request;
    odd.type = TURRET_ORDER_TRAILING_STOP + 1;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd.type = 0;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = request;
    odd.tif = TURRET_TIF_GTD + 1;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = request;
    odd.flags = 4; /* of another host */
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    assert_int_equal(denial(request), DENY_NONE);
}

static void what_the_venue_offers(void **state)
{
    struct turret_order_request stop = want(BUY, 20, 0);
    (void)state;
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 10100;
    stop.tif = TURRET_TIF_DAY;
    assert_int_equal(denial(stop), DENY_NONE);
    caps()->order_types = 1u << TURRET_ORDER_MARKET;
    assert_int_equal(denial(stop), DENY_ORDER_FIELDS); /* whose day? */
    stop.tif = TURRET_TIF_GTC;
    assert_int_equal(at(ask_as(0, stop))->state, TURRET_STATE_HELD);
    assert_int_equal(denial(want(BUY, 20, 9950)), DENY_ORDER_FIELDS);
    caps()->order_types = 1u << TURRET_ORDER_LIMIT;
    assert_int_equal(denial(stop), DENY_ORDER_FIELDS); /* it would have to go as a market order */
    stop.type = TURRET_ORDER_STOP_LIMIT;
    stop.limit_price = 10150;
    assert_int_equal(at(ask_as(0, stop))->state, TURRET_STATE_HELD);
    caps()->times_in_force = 1u << TURRET_TIF_DAY;
    assert_int_equal(denial(stop), DENY_ORDER_FIELDS);
    caps()->times_in_force = 1u << TURRET_TIF_GTC;
    caps()->can &= ~(uint32_t)TURRET_CAN_TRADE;
    assert_int_equal(denial(want(BUY, 20, 9950)), DENY_ORDER_FIELDS);
}

static void dates(void **state)
{
    struct turret_order_request request = want(BUY, 20, 9950);
    uint64_t id;
    (void)state;
    request.expires = rig.engine->now + 1;
    assert_int_equal(denial(request), DENY_EXPIRY); /* good till cancelled */
    request.tif = TURRET_TIF_GTD;
    id = ask_as(0, request);
    assert_int_equal(at(id)->denial, DENY_NONE);
    assert_int_equal(rig.commands[rig.command_count - 1].order.tif, TURRET_TIF_GTC); /* held */
    request.expires = rig.engine->now;
    assert_int_equal(denial(request), DENY_EXPIRY);
    request.expires = EVENT_TIME_MAX + 1;
    assert_int_equal(denial(request), DENY_EXPIRY);
    request.expires = EVENT_TIME_MAX;
    caps()->times_in_force = 1u << TURRET_TIF_GTD;
    assert_int_equal(denial(request), DENY_NONE);
    assert_int_equal(rig.commands[rig.command_count - 1].order.tif, TURRET_TIF_GTD);
}

/* ---- prices ---- */

static void each_type_has_its_prices(void **state)
{
    struct turret_order_request market = want(BUY, 20, 0), limit = want(BUY, 20, 9950), stop, odd;
    (void)state;
    odd = market;
    odd.limit_price = 9950;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = market;
    odd.stop_price = 9950;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = limit;
    odd.stop_price = 9950;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = limit;
    odd.trail = 50;
    assert_int_equal(denial(odd), DENY_ORDER_FIELDS);
    odd = limit;
    odd.limit_price = 9951;
    assert_int_equal(denial(odd), DENY_TICK);
    stop = want(BUY, 20, 0);
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 10102;
    assert_int_equal(denial(stop), DENY_TICK);
    stop.stop_price = 10105;
    assert_int_equal(denial(stop), DENY_NONE);
    stop.limit_price = 10105;
    assert_int_equal(denial(stop), DENY_ORDER_FIELDS);
}

static void trailing_stops(void **state)
{
    struct turret_order_request trailing = want(SELL, 20, 0);
    uint64_t id;
    (void)state;
    trailing.type = TURRET_ORDER_TRAILING_STOP;
    assert_int_equal(denial(trailing), DENY_PRICE);
    trailing.trail = -5;
    assert_int_equal(denial(trailing), DENY_PRICE);
    trailing.trail = 10000; /* the mark: its stop price would be nothing */
    assert_int_equal(denial(trailing), DENY_PRICE);
    trailing.trail = 52;
    assert_int_equal(denial(trailing), DENY_TICK);
    trailing.trail = 50;
    trailing.stop_price = 9950;
    assert_int_equal(denial(trailing), DENY_ORDER_FIELDS); /* the host finds it */
    trailing.stop_price = 0;
    id = ask_as(0, trailing);
    assert_int_equal(at(id)->state, TURRET_STATE_HELD);
    assert_int_equal(at(id)->stop_price, 9950);
    rig_bar(&rig, rig.instrument[0], 10003); /* a mark may be anywhere */
    assert_int_equal(at(id)->stop_price, 9953);
    assert_int_equal(turret_modify(rig.self[0], id, 40, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(at(id)->qty, 40);
}

/* ---- icebergs ---- */

static void icebergs(void **state)
{
    struct turret_order_request request = want(BUY, 100, 9950), odd;
    (void)state;
    request.display_qty = 20;
    odd = request;
    odd.display_qty = -20;
    assert_int_equal(denial(odd), DENY_ICEBERG);
    odd = request;
    odd.type = TURRET_ORDER_MARKET;
    odd.limit_price = 0;
    assert_int_equal(denial(odd), DENY_ICEBERG);
    odd = request;
    odd.tif = TURRET_TIF_IOC;
    assert_int_equal(denial(odd), DENY_ICEBERG);
    odd.tif = TURRET_TIF_FOK;
    assert_int_equal(denial(odd), DENY_ICEBERG);
    odd = request;
    odd.display_qty = 25;
    assert_int_equal(denial(odd), DENY_LOT);
    odd.display_qty = 10;
    assert_int_equal(denial(odd), DENY_MIN_QTY);
    assert_int_equal(at(ask_as(0, request))->state, TURRET_STATE_HELD);
    assert_int_equal(rig.commands[rig.command_count - 1].order.qty, 20);
}

static void slices_are_alike_by_nature(void **state)
{
    struct turret_order_request request = want(BUY, 60, 9950);
    uint64_t parent;
    uint32_t commands;
    (void)state;
    all()->duplicate_ns = MONEY_NANO;
    request.display_qty = 20;
    parent = ask_as(0, request);
    commands = rig.command_count;
    rig_fill(&rig, rig.commands[commands - 1].order.order_id, "1", BUY, 20, 9950);
    assert_int_equal(rig.command_count, commands + 1); /* the same again, and not a duplicate */
    rig_fill(&rig, rig.commands[commands].order.order_id, "2", BUY, 20, 9950);
    assert_int_equal(rig.command_count, commands + 2);
    assert_int_equal(at(parent)->filled_qty, 40);
}

/* ---- brackets ---- */

static void brackets_are_on_their_sides(void **state)
{
    struct turret_order_request buy = want(BUY, 20, 9950), sell = want(SELL, 20, 10050), odd;
    (void)state;
    buy.take_profit = 9955;
    buy.stop_loss = 9945;
    assert_int_equal(denial(buy), DENY_NONE);
    odd = buy;
    odd.take_profit = 9950;
    assert_int_equal(denial(odd), DENY_EXITS);
    odd = buy;
    odd.stop_loss = 9950;
    assert_int_equal(denial(odd), DENY_EXITS);
    sell.take_profit = 10045;
    sell.stop_loss = 10055;
    assert_int_equal(denial(sell), DENY_NONE);
    odd = sell;
    odd.take_profit = 10050;
    assert_int_equal(denial(odd), DENY_EXITS);
    odd = sell;
    odd.stop_loss = 10050;
    assert_int_equal(denial(odd), DENY_EXITS);
}

static void bracket_prices_are_prices(void **state)
{
    struct turret_order_request buy = want(BUY, 20, 9950), odd = buy;
    (void)state;
    odd.take_profit = -5;
    assert_int_equal(denial(odd), DENY_EXITS);
    odd.take_profit = 9956;
    assert_int_equal(denial(odd), DENY_TICK);
    odd = buy;
    odd.stop_loss = -5;
    assert_int_equal(denial(odd), DENY_EXITS);
    odd.stop_loss = 9944;
    assert_int_equal(denial(odd), DENY_TICK);
    odd = buy;
    odd.stop_trail = -5;
    assert_int_equal(denial(odd), DENY_EXITS);
    odd.stop_trail = 7;
    assert_int_equal(denial(odd), DENY_TICK);
    odd.stop_trail = 10;
    assert_int_equal(denial(odd), DENY_NONE);
    odd.stop_trail = 9950; /* from its fill it would stand at nothing */
    assert_int_equal(denial(odd), DENY_EXITS);
    odd.stop_trail = 9945;
    assert_int_equal(denial(odd), DENY_NONE);
    odd.flags = TURRET_ORDER_REDUCE_ONLY; /* what closes has nothing to protect */
    assert_int_equal(denial(odd), DENY_EXITS);
}

static void a_bracket_was_right_when_it_was_asked_for(void **state)
{
    struct turret_order_request buy = want(BUY, 20, 9950);
    uint64_t id;
    (void)state;
    buy.take_profit = 9960;
    id = ask_as(0, buy);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 9970, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(at(id)->request, TURRET_REQUEST_PENDING_MODIFY);
    rig.engine->instruments[1].mark = 0;
    buy = want(BUY, 20, 0);
    buy.take_profit = 9960;
    assert_int_equal(denial(buy), DENY_NO_REFERENCE); /* nothing to compare it with */
}

/* ---- pairs ---- */

static void pairs_are_of_working_orders_of_its_own(void **state)
{
    struct turret_order_request request = want(BUY, 20, 9950), other = want(BUY, 20, 9900);
    uint64_t id = ask_as(0, request), ended = ask_as(0, request);
    (void)state;
    other.oco = 4711;
    assert_int_equal(denial(other), DENY_PAIR);
    other.oco = ended;
    rig_state_of(&rig, ended, TURRET_STATE_CANCELED, 20, 0, 0);
    assert_int_equal(denial(other), DENY_PAIR);
    other.oco = id;
    assert_int_equal(at(ask_as(1, other))->denial, DENY_PAIR);
    other.instrument = rig.instrument[1];
    assert_int_equal(denial(other), DENY_PAIR);
    other.instrument = rig.instrument[0];
    assert_int_equal(denial(other), DENY_NONE);
    assert_int_equal(denial(other), DENY_PAIR); /* it has one */
    request.qty = 60;
    request.display_qty = 20;
    (void)ask_as(0, request);
    other.oco = rig.commands[rig.command_count - 1].order.order_id; /* a slice */
    assert_int_equal(denial(other), DENY_PAIR);
}

/* What opens may go either way; what reduces is a pair of what goes the same way: a fill of the
   other side would take protection off a position that has become larger. */
static void pairs_of_what_reduces_are_of_one_side(void **state)
{
    struct turret_order_request up = want(BUY, 20, 9950), down = want(SELL, 20, 10050);
    (void)state;
    rig_fill(&rig, ask_as(0, want(BUY, 100, 0)), "long", BUY, 100, 10000);
    up.oco = ask_as(0, down);
    assert_int_equal(denial(up), DENY_NONE);
    down.flags = TURRET_ORDER_REDUCE_ONLY;
    up.oco = ask_as(0, down); /* the other one reduces */
    assert_int_equal(at(up.oco)->state, TURRET_STATE_SENT);
    assert_int_equal(denial(up), DENY_PAIR);
    up.oco = 0;
    down.oco = ask_as(0, up); /* this one does */
    assert_int_equal(denial(down), DENY_PAIR);
    down.flags = 0;
    down.oco = up.oco = 0;
    down.qty = 40;
    down.oco = ask_as(0, down);
    down.qty = 20; /* a target of a part, and what protects the whole */
    down.flags = TURRET_ORDER_REDUCE_ONLY;
    assert_int_equal(denial(down), DENY_NONE);
}

static void a_target_of_a_part_is_a_pair(void **state)
{
    struct turret_order_request target = want(SELL, 20, 10050), stop = want(SELL, 60, 0);
    (void)state;
    caps()->order_types &= ~(1u << TURRET_ORDER_STOP);
    rig_fill(&rig, ask_as(0, want(BUY, 60, 0)), "long", BUY, 60, 10000);
    target.flags = stop.flags = TURRET_ORDER_REDUCE_ONLY;
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 9900;
    target.oco = ask_as(0, stop); /* of the whole */
    assert_int_equal(denial(target), DENY_NONE);
    rig_fill(&rig, at(target.oco)->oco, "part", SELL, 20, 10050);
    assert_int_equal(at(target.oco)->qty, 40); /* the rest is protected */
}

/* ---- post-only ---- */

static void quote(turret_price bid, turret_price ask)
{
    rig.engine->instruments[1].bid = bid;
    rig.engine->instruments[1].ask = ask;
    rig.engine->instruments[1].quote_time = rig.engine->now;
}

static struct turret_order_request passive(uint8_t side, turret_price limit_price)
{
    struct turret_order_request request = want(side, 20, limit_price);
    request.flags = TURRET_ORDER_POST_ONLY;
    return request;
}

static void post_only_by_the_quote(void **state)
{
    (void)state;
    quote(9995, 10005);
    assert_int_equal(denial(passive(BUY, 10000)), DENY_NONE);
    assert_int_equal(denial(passive(BUY, 10005)), DENY_POST_ONLY);
    assert_int_equal(denial(passive(SELL, 10000)), DENY_NONE);
    assert_int_equal(denial(passive(SELL, 9995)), DENY_POST_ONLY);
    quote(9995, 0); /* nobody sells: nobody knows where */
    assert_int_equal(denial(passive(BUY, 10000)), DENY_POST_ONLY);
    assert_int_equal(denial(passive(SELL, 10000)), DENY_NONE);
    quote(0, 10005);
    assert_int_equal(denial(passive(SELL, 10000)), DENY_POST_ONLY);
    assert_int_equal(denial(passive(BUY, 10000)), DENY_NONE);
}

static void post_only_wants_a_quote_of_now(void **state)
{
    (void)state;
    quote(9995, 10005);
    all()->reference_age_ns = 2 * RIG_MINUTE;
    rig_bar(&rig, rig.instrument[0], 10000);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(denial(passive(BUY, 9950)), DENY_NONE);
    all()->reference_age_ns = 2 * RIG_MINUTE - 1;
    assert_int_equal(denial(passive(BUY, 9950)), DENY_POST_ONLY);
    all()->reference_age_ns = RISK_UNSET;
    quote(9995, 10005);
    assert_int_equal(denial(passive(BUY, 9950)), DENY_POST_ONLY);
}

static void post_only_rests(void **state)
{
    struct turret_order_request request = passive(BUY, 9950);
    (void)state;
    caps()->order_flags = TURRET_ORDER_POST_ONLY;
    assert_int_equal(denial(request), DENY_NONE);
    request.tif = TURRET_TIF_IOC;
    assert_int_equal(denial(request), DENY_POST_ONLY);
    request.tif = TURRET_TIF_FOK;
    assert_int_equal(denial(request), DENY_POST_ONLY);
    assert_int_equal(denial(passive(BUY, 0)), DENY_POST_ONLY); /* a market order */
}

/* ---- parts ---- */

/* Whatever an order claims, of a damaged snapshot too, it is no more than what its parent is. */
static void a_part_agrees_with_its_parent(void **state)
{
    struct turret_order_request iceberg = want(BUY, 60, 9950);
    struct candidate c = {.engine = rig.engine};
    struct order part, *parent;
    (void)state;
    iceberg.display_qty = 20;
    parent = order_table_find(rig.engine->orders, ask_as(0, iceberg));
    part = *at(rig.commands[rig.command_count - 1].order.order_id);
    c.order = &part;
    assert_int_equal(part.role, ORDER_SLICE);
    assert_int_equal(risk_parent(&c), DENY_NONE);
    part.strategy = 1;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    part.strategy = 0;
    part.instrument = 2;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    part.instrument = 1;
    part.side = SELL;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    part.side = BUY;
    part.parent = 4711;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    part.parent = parent->id;
    parent->filled_qty = 40;
    assert_int_equal(risk_parent(&c), DENY_NONE);
    parent->filled_qty = 41;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    parent->filled_qty = 0;
    parent->request = TURRET_REQUEST_PENDING_CANCEL;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    parent->request = TURRET_REQUEST_NONE;
    parent->state = TURRET_STATE_CANCELED;
    assert_int_equal(risk_parent(&c), DENY_PARENT);
    parent->state = TURRET_STATE_HELD;
    part.role = ORDER_OWN;
    part.parent = 4711;
    assert_int_equal(risk_parent(&c), DENY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(numbers_of_nothing),
        RISK_TEST(what_the_venue_offers),
        RISK_TEST(dates),
        RISK_TEST(each_type_has_its_prices),
        RISK_TEST(trailing_stops),
        RISK_TEST(icebergs),
        RISK_TEST(slices_are_alike_by_nature),
        RISK_TEST(brackets_are_on_their_sides),
        RISK_TEST(bracket_prices_are_prices),
        RISK_TEST(a_bracket_was_right_when_it_was_asked_for),
        RISK_TEST(pairs_are_of_working_orders_of_its_own),
        RISK_TEST(pairs_of_what_reduces_are_of_one_side),
        RISK_TEST(a_target_of_a_part_is_a_pair),
        RISK_TEST(post_only_by_the_quote),
        RISK_TEST(post_only_wants_a_quote_of_now),
        RISK_TEST(post_only_rests),
        RISK_TEST(a_part_agrees_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
