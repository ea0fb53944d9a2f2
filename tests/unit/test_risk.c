/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the risk gate lets pass and what it denies about an order itself: for each code one
 * order that just passes and one that is just denied, under the account's limits and a strategy's.
 */
#include "risk_bench.h"

static void trading_states(void **state)
{
    (void)state;
    hold(100);
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_REDUCING);
    assert_int_equal(buys(20, 0), DENY_TRADING_STATE);
    assert_int_equal(sells(110, 0), DENY_TRADING_STATE); /* through zero */
    assert_int_equal(sells(60, 0), DENY_NONE);
    assert_int_equal(sells(50, 0), DENY_TRADING_STATE); /* 60 are on their way */
    assert_int_equal(sells(40, 0), DENY_NONE);
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_CANCEL_ONLY);
    assert_int_equal(sells(20, 0), DENY_TRADING_STATE);
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    assert_int_equal(sells(20, 0), DENY_TRADING_STATE);
    rig_control(&rig, CONTROL_TRADING_STATE, 0, 77); /* no such state: nothing changes */
    assert_string_equal(engine_trading_name(rig.engine), "HALTED");
    rig_control(&rig, CONTROL_TRADING_RESUME, 0, TRADING_ACTIVE);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void disabled_between_asking_and_checking(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 0);
    uint64_t id = turret_submit(rig.self[0], &request);
    (void)state;
    turret_score(rig.self[0], 1, NAN, "broken");
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_STRATEGY_DISABLED);
    assert_true(turret_submit(rig.self[0], &request) == 0);
}

static void instruments_and_sessions(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 0);
    struct event event = rig_event(&rig, EVENT_STATUS);
    (void)state;
    request.instrument = 0;
    assert_int_equal(asked(request), DENY_INSTRUMENT);
    request.instrument = 3;
    assert_int_equal(asked(request), DENY_INSTRUMENT);
    request.instrument = UINT32_MAX;
    assert_int_equal(asked(request), DENY_INSTRUMENT);
    event.u.status = (struct turret_status){rig.instrument[0], TURRET_STATUS_HALTED, rig.time};
    engine_ingest(rig.engine, &event);
    assert_int_equal(buys(20, 0), DENY_SESSION);
    event.u.status.status = TURRET_STATUS_CLOSED;
    engine_ingest(rig.engine, &event);
    assert_int_equal(buys(20, 0), DENY_SESSION);
    event.u.status.status = TURRET_STATUS_OPEN;
    engine_ingest(rig.engine, &event);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void order_fields(void **state)
{
    static const struct {
        uint8_t side, type, tif;
        uint32_t flags;
        turret_price limit_price, stop_price;
        uint32_t denial;
    } cases[] = {
        {1, TURRET_ORDER_MARKET, 0, 0, 0, 0, DENY_NONE},
        {1, TURRET_ORDER_MARKET, TURRET_TIF_FOK, 0, 0, 0, DENY_NONE},
        {0, TURRET_ORDER_MARKET, 0, 0, 0, 0, DENY_ORDER_FIELDS},
        {3, TURRET_ORDER_MARKET, 0, 0, 0, 0, DENY_ORDER_FIELDS},
        {1, 0, 0, 0, 0, 0, DENY_ORDER_FIELDS},
        {1, 6, 0, 0, 0, 0, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_TRAILING_STOP, 0, 0, 0, 0, DENY_PRICE},
        {1, TURRET_ORDER_MARKET, 6, 0, 0, 0, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_MARKET, TURRET_TIF_GTD, 0, 0, 0, DENY_EXPIRY},
        {1, TURRET_ORDER_MARKET, 0, 2, 0, 0, DENY_POST_ONLY},
        {1, TURRET_ORDER_MARKET, 0, 0, 10000, 0, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_MARKET, 0, 0, 0, 10000, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_LIMIT, 0, 0, 10000, 10000, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_STOP, 0, 0, 10000, 10000, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_LIMIT, 0, 0, 10000, 0, DENY_NONE},
        {1, TURRET_ORDER_STOP, 0, 0, 0, 10000, DENY_NONE},
        {1, TURRET_ORDER_STOP_LIMIT, 0, 0, 10000, 10005, DENY_NONE},
        {1, TURRET_ORDER_LIMIT, 0, 0, 0, 0, DENY_PRICE},
        {1, TURRET_ORDER_LIMIT, 0, 0, -5, 0, DENY_PRICE},
        {1, TURRET_ORDER_STOP, 0, 0, 0, 0, DENY_PRICE},
        {1, TURRET_ORDER_STOP_LIMIT, 0, 0, 10000, 0, DENY_PRICE},
        {1, TURRET_ORDER_STOP_LIMIT, 0, 0, 0, 10000, DENY_PRICE},
        {1, TURRET_ORDER_LIMIT, 0, 0, 10001, 0, DENY_TICK},
        {1, TURRET_ORDER_STOP, 0, 0, 0, 10004, DENY_TICK},
        {1, TURRET_ORDER_STOP_LIMIT, 0, 0, 10000, 10003, DENY_TICK},
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct turret_order_request request = want(cases[i].side, 20, cases[i].limit_price);
        request.type = cases[i].type;
        request.tif = cases[i].tif;
        request.flags = cases[i].flags;
        request.stop_price = cases[i].stop_price;
        assert_int_equal(asked(request), cases[i].denial);
    }
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_LIMIT;
    assert_int_equal(buys(20, 0), DENY_ORDER_FIELDS);
    assert_int_equal(buys(20, 10000), DENY_NONE);
    rig.engine->venues[0].caps.times_in_force = 1u << TURRET_TIF_DAY;
    assert_int_equal(buys(20, 10000), DENY_ORDER_FIELDS);
}

static void quantities(void **state)
{
    (void)state;
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(buys(25, 0), DENY_LOT);
    assert_int_equal(buys(10, 0), DENY_MIN_QTY);
    assert_int_equal(buys(0, 0), DENY_MIN_QTY);
    assert_int_equal(buys(-20, 0), DENY_MIN_QTY);
    assert_int_equal(buys(INT64_MIN, 0), DENY_LOT);
    assert_int_equal(buys(100000, 0), DENY_NONE);
    assert_int_equal(buys(100010, 0), DENY_MAX_QTY);
    assert_int_equal(buys(INT64_MAX / 10 * 10, 0), DENY_MAX_QTY);
    all()->max_order_qty_nano = 50 * UNIT;
    assert_int_equal(buys(50, 0), DENY_NONE);
    assert_int_equal(buys(60, 0), DENY_ORDER_QTY);
    own()->max_order_qty_nano = 40 * UNIT;
    assert_int_equal(buys(40, 0), DENY_NONE);
    assert_int_equal(buys(50, 0), DENY_ORDER_QTY); /* the strategy's own is tighter */
    own()->max_order_qty_nano = 90 * UNIT;
    assert_int_equal(buys(60, 0), DENY_ORDER_QTY); /* and never looser */
}

static void references(void **state)
{
    struct event event = rig_event(&rig, EVENT_QUOTE);
    (void)state;
    rig.engine->instruments[1].mark = 0;
    assert_int_equal(buys(20, 0), DENY_NO_REFERENCE);
    rig.engine->instruments[1].mark = 10000;
    all()->reference_age_ns = 10 * RIG_MINUTE;
    rig.time = rig.engine->instruments[1].mark_time + 10 * RIG_MINUTE;
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig.time++;
    assert_int_equal(buys(20, 0), DENY_STALE_REFERENCE);
    /* a fresh quote does not make an old mark, which prices are compared with, any younger */
    event.time = rig.time;
    event.u.quote = (struct turret_quote){rig.instrument[0], 0, rig.time, 20000, 20010, 1, 1};
    engine_ingest(rig.engine, &event);
    assert_int_equal(buys(20, 0), DENY_STALE_REFERENCE);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void a_quote_stands_in_before_the_first_trade(void **state)
{
    struct event event = rig_event(&rig, EVENT_QUOTE);
    (void)state;
    rig.engine->instruments[1].mark = rig.engine->instruments[1].mark_time = 0;
    event.u.quote = (struct turret_quote){rig.instrument[0], 0, rig.time, 10000, 0, 1, 0};
    engine_ingest(rig.engine, &event);
    assert_int_equal(buys(20, 0), DENY_NO_REFERENCE); /* half a quote says nothing */
    event.u.quote.ask = 10010;
    engine_ingest(rig.engine, &event);
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig.time += all()->reference_age_ns + 1;
    assert_int_equal(buys(20, 0), DENY_STALE_REFERENCE);
}

static void collars(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 0);
    (void)state;
    all()->collar_ppm = 10000; /* 1 % of 100.00 */
    assert_int_equal(buys(20, 10100), DENY_NONE);
    assert_int_equal(buys(20, 10105), DENY_COLLAR);
    assert_int_equal(sells(20, 9900), DENY_NONE);
    assert_int_equal(sells(20, 9895), DENY_COLLAR);
    assert_int_equal(buys(20, 5000), DENY_NONE); /* far away on the side that costs nothing */
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 10100;
    assert_int_equal(asked(request), DENY_NONE);
    request.stop_price = 10105;
    assert_int_equal(asked(request), DENY_COLLAR);
    request.stop_price = 9895;
    assert_int_equal(asked(request), DENY_COLLAR);
    hold(100); /* which a stop may protect from as far away as it likes */
    request.side = TURRET_SIDE_SELL;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 5000;
    assert_int_equal(asked(request), DENY_NONE);
    request.type = TURRET_ORDER_STOP_LIMIT; /* a limit price is held against its stop price */
    request.limit_price = 4950;
    assert_int_equal(asked(request), DENY_NONE);
    request.limit_price = 4945;
    assert_int_equal(asked(request), DENY_COLLAR);
    request.type = TURRET_ORDER_LIMIT; /* and of what is no stop against the market */
    request.stop_price = 0;
    assert_int_equal(asked(request), DENY_COLLAR);
    request = want(TURRET_SIDE_BUY, 20, 0);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = PRICE_MAX;
    assert_int_equal(asked(request), DENY_OVERFLOW);
}

/* Each of its prices: what is reckoned with them fits. */
static void prices_beyond_all(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_SELL, 20, 10000);
    turret_price *prices[] = {&request.limit_price, &request.stop_loss};
    uint32_t i;
    (void)state;
    rig.engine->instruments[1].rate = (struct money_rate){1, 1000000};
    for (i = 0; i < 2; i++) {
        request.type = TURRET_ORDER_LIMIT;
        *prices[i] = PRICE_MAX;
        assert_int_equal(asked(request), DENY_NONE);
        *prices[i] = PRICE_MAX + 5;
        assert_int_equal(asked(request), DENY_PRICE);
        *prices[i] = i ? 0 : 10000;
    }
    request = want(TURRET_SIDE_BUY, 20, 10000);
    request.take_profit = PRICE_MAX;
    assert_int_equal(asked(request), DENY_NONE);
    request.take_profit += 5;
    assert_int_equal(asked(request), DENY_PRICE);
    request = want(TURRET_SIDE_BUY, 20, 0);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = PRICE_MAX;
    assert_int_equal(asked(request), DENY_COLLAR);
    request.stop_price += 5;
    assert_int_equal(asked(request), DENY_PRICE);
}

static void notionals(void **state)
{
    struct turret_order_request stop = want(TURRET_SIDE_BUY, 50, 0);
    (void)state;
    all()->collar_ppm = 10000; /* 1 %: a market buy of 50 may cost 5,050.00 */
    all()->max_order_notional = 50 * HUNDRED + 50 * MONEY_ONE;
    assert_int_equal(buys(50, 0), DENY_NONE);
    assert_int_equal(buys(60, 0), DENY_ORDER_NOTIONAL);
    all()->max_order_notional--;
    assert_int_equal(buys(50, 0), DENY_ORDER_NOTIONAL);
    assert_int_equal(buys(50, 10095), DENY_NONE); /* a limit price is the most it may cost */
    assert_int_equal(buys(50, 10100), DENY_ORDER_NOTIONAL);
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 10000;
    assert_int_equal(asked(stop), DENY_ORDER_NOTIONAL);
    stop.stop_price = 9995;
    assert_int_equal(asked(stop), DENY_NONE);
    stop.type = TURRET_ORDER_STOP_LIMIT;
    stop.limit_price = stop.stop_price = 10000;
    assert_int_equal(asked(stop), DENY_NONE);
    rig_bar(&rig, rig.instrument[0], 10005); /* and 1 % is 101.0505: rounded up to 101.06 */
    all()->max_order_notional = 50 * INT64_C(10106) * MONEY_ONE / 100;
    assert_int_equal(buys(50, 0), DENY_NONE);
    all()->max_order_notional--;
    assert_int_equal(buys(50, 0), DENY_ORDER_NOTIONAL);
    rig_bar(&rig, rig.instrument[0], 10000);
    all()->max_order_notional = 50 * HUNDRED; /* a short sale brings no more than the reference */
    assert_int_equal(sells(50, 0), DENY_NONE);
    assert_int_equal(sells(60, 0), DENY_ORDER_NOTIONAL);
    own()->max_order_notional = 20 * HUNDRED;
    assert_int_equal(buys(20, 0), DENY_ORDER_NOTIONAL);
    assert_int_equal(buys(20, 10000), DENY_NONE);
}

/* Only what closes the strategy's and the account's position, with all that is on its way. */
static void limits_of_value_let_positions_be_closed(void **state)
{
    struct position *account;
    (void)state;
    hold(100);
    all()->max_order_notional = own()->max_order_notional = 1;
    assert_int_equal(buys(20, 0), DENY_ORDER_NOTIONAL);
    assert_int_equal(sells(60, 0), DENY_NONE);
    assert_int_equal(sells(50, 0), DENY_ORDER_NOTIONAL); /* 60 are on their way: through zero */
    all()->max_order_qty_nano = 30 * UNIT;               /* a close can be split */
    assert_int_equal(sells(40, 0), DENY_ORDER_QTY);
    account = &rig.engine->positions[rig.engine->instruments[1].account_position];
    account->qty = -100; /* other strategies are on the other side: it deepens the account's */
    assert_int_equal(sells(20, 0), DENY_ORDER_NOTIONAL);
    account->qty = 100;
    assert_int_equal(sells(20, 0), DENY_NONE);
}

static void a_value_that_does_not_fit_is_denied(void **state)
{
    (void)state;
    all()->collar_ppm = 0;
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->collar_ppm = INT64_MAX / 4; /* the value does not fit */
    assert_int_equal(buys(20, 0), DENY_OVERFLOW);
    rig.engine->instruments[1].mark = INT64_C(100000000000);
    assert_int_equal(buys(20, 0), DENY_OVERFLOW); /* nor does the price */
    assert_int_equal(sells(20, 0), DENY_BUYING_POWER);
}

static void positions(void **state)
{
    (void)state;
    assert_int_equal(buys(50, 0), DENY_NONE);
    all()->max_position_nano = 150 * UNIT; /* 50 are open already */
    assert_int_equal(buys(100, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_POSITION);
    assert_int_equal(sells(150, 0), DENY_NONE); /* the other side is counted by itself */
    assert_int_equal(sells(20, 0), DENY_POSITION);
    all()->max_position_nano = 1000 * UNIT;
    own()->max_position_nano = 160 * UNIT;
    assert_int_equal(buys(20, 0), DENY_POSITION);
    risk_limits_clear(own());
    all()->max_position_notional = 170 * HUNDRED;
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_POSITION_NOTIONAL);
    all()->max_position_notional = INT64_MAX / 4;
    own()->max_position_notional = 180 * HUNDRED;
    assert_int_equal(buys(20, 0), DENY_POSITION_NOTIONAL);
}

static void low_limits_do_not_shrink_what_is_held(void **state)
{
    (void)state;
    all()->max_position_notional = 1000 * HUNDRED;
    all()->leverage_ppm = 100000; /* 10 % of a million: 100,000.00 */
    hold(1000);                   /* 100,000.00: all of it */
    assert_int_equal(buys(20, 1000), DENY_POSITION_NOTIONAL);
    all()->max_position_notional = INT64_MAX / 4;
    assert_int_equal(buys(20, 1000), DENY_BUYING_POWER);
}

static void open_orders(void **state)
{
    uint64_t id;
    (void)state;
    all()->max_open_orders = 2;
    assert_int_equal(buys(20, 0), DENY_NONE);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 10000);
    assert_int_equal(buys(20, 0), DENY_OPEN_ORDERS);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 30, 0, 0), TURRET_OK);
    rig_turn(&rig); /* a change is not one more */
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    rig_check_reservations(&rig);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 20, 0, 0);
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->max_open_orders = 100;
    own()->max_open_orders = 2;
    assert_int_equal(buys(20, 0), DENY_OPEN_ORDERS);
}

/* Two changes under way may both come true: each reserves what it asks for. */
static void changes_reserve_what_they_ask_for(void **state)
{
    uint64_t one, two;
    (void)state;
    all()->max_position_nano = 100 * MONEY_NANO;
    one = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 10000);
    two = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 10000);
    rig_ack(&rig, one, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig_ack(&rig, two, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], one, 80, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, one)->request, TURRET_REQUEST_PENDING_MODIFY);
    assert_int_equal(turret_modify(rig.self[0], two, 80, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, two)->request, TURRET_REQUEST_NONE);
    rig_ack(&rig, one, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED); /* it stays 20 */
    assert_int_equal(turret_modify(rig.self[0], two, 80, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, two)->request, TURRET_REQUEST_PENDING_MODIFY);
    rig_check_reservations(&rig);
}

/* Closing its own long would deepen the account's short: other strategies are on that side. */
static void the_account_is_watched_when_a_strategy_closes(void **state)
{
    (void)state;
    hold(100);
    rig.engine->positions[rig.engine->instruments[1].account_position].qty = -100;
    all()->max_position_nano = 100 * MONEY_NANO;
    assert_int_equal(sells(20, 0), DENY_POSITION);
    all()->max_position_nano = INT64_MAX;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_REDUCING);
    assert_int_equal(sells(20, 0), DENY_TRADING_STATE);
    rig.engine->positions[rig.engine->instruments[1].account_position].qty = 100;
    assert_int_equal(sells(20, 0), DENY_NONE);
}

static void buying_power(void **state)
{
    (void)state;
    all()->leverage_ppm = 100000;            /* 100,000.00 */
    rig.engine->venues[0].fees.min_nano = 1; /* and any fee is too much */
    assert_int_equal(buys(1000, 0), DENY_BUYING_POWER);
    rig.engine->venues[0].fees.min_nano = 0;
    assert_int_equal(buys(1000, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_BUYING_POWER);
    assert_int_equal(sells(1000, 0), DENY_NONE);
    assert_int_equal(sells(20, 0), DENY_BUYING_POWER);
}

static void reduce_only(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_SELL, 60, 0);
    (void)state;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    assert_int_equal(asked(request), DENY_REDUCE_ONLY); /* nothing is held */
    hold(100);
    assert_int_equal(asked(request), DENY_NONE);
    assert_int_equal(asked(request), DENY_REDUCE_ONLY); /* 40 are left to close */
    request.qty = 40;
    assert_int_equal(asked(request), DENY_NONE);
    request.side = TURRET_SIDE_BUY;
    assert_int_equal(asked(request), DENY_REDUCE_ONLY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(trading_states),
        RISK_TEST(disabled_between_asking_and_checking),
        RISK_TEST(instruments_and_sessions),
        RISK_TEST(order_fields),
        RISK_TEST(quantities),
        RISK_TEST(references),
        RISK_TEST(a_quote_stands_in_before_the_first_trade),
        RISK_TEST(collars),
        RISK_TEST(prices_beyond_all),
        RISK_TEST(notionals),
        RISK_TEST(limits_of_value_let_positions_be_closed),
        RISK_TEST(a_value_that_does_not_fit_is_denied),
        RISK_TEST(positions),
        RISK_TEST(low_limits_do_not_shrink_what_is_held),
        RISK_TEST(open_orders),
        RISK_TEST(the_account_is_watched_when_a_strategy_closes),
        RISK_TEST(changes_reserve_what_they_ask_for),
        RISK_TEST(buying_power),
        RISK_TEST(reduce_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
