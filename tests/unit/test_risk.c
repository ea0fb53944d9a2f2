/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the risk gate lets pass and what it denies: for each code one order that just passes
 * and one that is just denied, that every limit nobody set denies, the order of the checks, that
 * stops latch until a person lifts them, and that cancels are never held back.
 */
#include "engine_rig.h"

#define UNIT    MONEY_NANO                 /* one unit of quantity in limits */
#define HUNDRED (INT64_C(100) * MONEY_ONE) /* the value of one at 100.00 */

static struct rig rig;

static int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    o.def.tick_size = 5;
    o.def.lot_size = 10;
    o.def.min_qty = 20;
    o.def.max_qty = 100000;
    rig_open(&rig, &o);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static struct risk_limits *all(void)
{
    return &rig.engine->options.risk;
}

static struct risk_limits *own(void)
{
    return &rig.engine->strategies[0].limits;
}

static uint32_t asked(struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[0], &request);
    const struct order *order;
    assert_true(id != 0);
    rig_turn(&rig);
    order = engine_order(rig.engine, id);
    assert_non_null(order);
    assert_int_equal(order->state, order->denial ? TURRET_STATE_DENIED : TURRET_STATE_SENT);
    rig_check_reservations(&rig);
    return order->denial;
}

static struct turret_order_request want(uint8_t side, turret_qty qty, turret_price limit_price)
{
    return rig_request(rig.instrument[0], side, qty, limit_price);
}

static uint32_t buys(turret_qty qty, turret_price limit_price)
{
    return asked(want(TURRET_SIDE_BUY, qty, limit_price));
}

static uint32_t sells(turret_qty qty, turret_price limit_price)
{
    return asked(want(TURRET_SIDE_SELL, qty, limit_price));
}

/* Holds `qty` from now on, bought or sold at 100.00. */
static void hold(turret_qty qty)
{
    static uint32_t number;
    char execution[24];
    uint8_t side = qty > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    turret_qty size = qty > 0 ? qty : -qty;
    uint64_t id = rig_order(&rig, 0, side, size, 0);
    (void)snprintf(execution, sizeof execution, "hold%u", number++);
    rig_fill(&rig, id, execution, side, size, 10000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
}

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
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_ACTIVE);
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
        {1, 5, 0, 0, 0, 0, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_MARKET, 5, 0, 0, 0, DENY_ORDER_FIELDS},
        {1, TURRET_ORDER_MARKET, 0, 2, 0, 0, DENY_ORDER_FIELDS},
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
    request.stop_price = INT64_MAX / 5 * 5;
    assert_int_equal(asked(request), DENY_OVERFLOW);
}

static void notionals_and_positions(void **state)
{
    (void)state;
    all()->max_order_notional = 50 * HUNDRED;
    assert_int_equal(buys(50, 0), DENY_NONE);
    assert_int_equal(buys(60, 0), DENY_ORDER_NOTIONAL);
    assert_int_equal(buys(50, 10005), DENY_ORDER_NOTIONAL);
    own()->max_order_notional = 20 * HUNDRED;
    assert_int_equal(buys(30, 0), DENY_ORDER_NOTIONAL);
    all()->max_order_notional = INT64_MAX / 4;
    risk_limits_clear(own());
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

static void message_rates(void **state)
{
    uint32_t before = rig.command_count;
    uint64_t id;
    (void)state;
    rig.time += RIG_MINUTE; /* whole minutes since RIG_START */
    all()->max_orders_per_minute = 2;
    assert_int_equal(buys(20, 0), DENY_NONE);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
    assert_int_equal(buys(20, 0), DENY_MESSAGE_RATE);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK); /* cancels always leave */
    rig_turn(&rig);
    assert_int_equal(rig.command_count, before + 3);
    rig.time += RIG_MINUTE;
    own()->max_orders_per_minute = 1;
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_MESSAGE_RATE);
}

static void daily_loss_latches(void **state)
{
    (void)state;
    all()->daily_loss = 100 * HUNDRED; /* 10,000.00 of a million */
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9005);
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig_bar(&rig, rig.instrument[0], 8990);
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    rig_bar(&rig, rig.instrument[0], 10000); /* won back: it stays */
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    assert_int_equal(sells(100, 0), DENY_NONE); /* closing may */
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->daily_loss = RISK_UNSET;
    all()->daily_loss_ppm = 10000; /* of what the day began with */
    rig_bar(&rig, rig.instrument[0], 8800);
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0); /* lifted while the loss stands */
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void drawdown_latches(void **state)
{
    (void)state;
    all()->drawdown_ppm = 10000;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 9005);
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig_bar(&rig, rig.instrument[0], 9000);
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN);
    assert_int_equal(sells(100, 0), DENY_NONE);
    rig_bar(&rig, rig.instrument[0], 9000);
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    assert_int_equal(buys(20, 0), DENY_NONE);
    own()->drawdown_ppm = 5000; /* the strategy's own line */
    rig_bar(&rig, rig.instrument[0], 8500);
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN);
    assert_false(rig.engine->account_stopped_by_drawdown[0]);
    assert_false(rig.engine->strategies[1].stopped_by_drawdown);
}

static void venues_must_agree(void **state)
{
    (void)state;
    rig_download(&rig, 0, 0, TURRET_OK);
    assert_int_equal(buys(20, 0), DENY_NOT_RECONCILED);
    rig_download(&rig, 0, 1, TURRET_EIO);
    assert_int_equal(buys(20, 0), DENY_NOT_RECONCILED);
    rig_connect(&rig);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void limits_nobody_set_deny(void **state)
{
    static const size_t offsets[] = {
        offsetof(struct risk_limits, max_order_qty_nano),
        offsetof(struct risk_limits, max_order_notional),
        offsetof(struct risk_limits, max_position_nano),
        offsetof(struct risk_limits, max_position_notional),
        offsetof(struct risk_limits, max_open_orders),
        offsetof(struct risk_limits, max_orders_per_minute),
        offsetof(struct risk_limits, collar_ppm),
        offsetof(struct risk_limits, reference_age_ns),
        offsetof(struct risk_limits, daily_loss), /* daily_loss_ppm is not set in the rig */
        offsetof(struct risk_limits, drawdown_ppm),
        offsetof(struct risk_limits, leverage_ppm),
    };
    uint32_t i;
    (void)state;
    assert_int_equal(sizeof offsets / sizeof *offsets + 1,
                     sizeof(struct risk_limits) / sizeof(int64_t));
    for (i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        *all() = rig_limits();
        assert_int_equal(buys(20, 10000), DENY_NONE);
        *(int64_t *)(void *)((char *)all() + offsets[i]) = RISK_UNSET;
        assert_int_equal(buys(20, 10000), DENY_LIMIT_UNSET);
    }
    risk_limits_clear(all());
    assert_int_equal(buys(20, 0), DENY_LIMIT_UNSET);
    *all() = rig_limits();
    all()->daily_loss = RISK_UNSET;
    all()->daily_loss_ppm = 10000; /* one of both suffices */
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void overflow_denies(void **state)
{
    struct instrument *instrument = &rig.engine->instruments[1];
    (void)state;
    instrument->def.max_qty = INT64_MAX;
    instrument->def.lot_size = 1;
    assert_int_equal(buys(INT64_MAX, 0), DENY_OVERFLOW);
    assert_int_equal(buys(INT64_MAX, INT64_MAX / 5 * 5), DENY_OVERFLOW);
    assert_int_equal(sells(INT64_MAX, 5), DENY_OVERFLOW);
    instrument->rate = (struct money_rate){1, INT64_C(1000000000000000000)};
    assert_int_equal(buys(20, 0), DENY_NONE); /* worth nothing now, but something is open */
    all()->max_position_nano = INT64_MAX;
    all()->max_order_qty_nano = INT64_MAX;
    rig.engine->instruments[1].def.qty_scale = 12; /* so that quantities as such fit */
    assert_int_equal(buys(INT64_MAX, 0), DENY_OVERFLOW);
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_REDUCING);
    assert_int_equal(buys(INT64_MAX, 0), DENY_TRADING_STATE); /* not taken for a reduction */
}

/* Puts right what the order itself or its market got wrong; false: it is something else. */
static bool mend_order(struct turret_order_request *request, uint32_t denial)
{
    struct instrument *instrument = &rig.engine->instruments[1];
    if (denial == DENY_INSTRUMENT)
        request->instrument = 1;
    else if (denial == DENY_SESSION)
        instrument->def.status = TURRET_STATUS_OPEN;
    else if (denial == DENY_ORDER_FIELDS)
        request->side = TURRET_SIDE_BUY;
    else if (denial == DENY_TICK)
        request->limit_price = -15000;
    else if (denial == DENY_LOT)
        request->qty = 10;
    else if (denial == DENY_MIN_QTY)
        request->qty = 100010;
    else if (denial == DENY_MAX_QTY)
        request->qty = 100;
    else if (denial == DENY_PRICE)
        request->limit_price = 15000;
    else if (denial == DENY_NO_REFERENCE)
        instrument->mark = 10000;
    else if (denial == DENY_STALE_REFERENCE)
        instrument->mark_time = rig.engine->now;
    else if (denial == DENY_REDUCE_ONLY)
        request->flags = 0;
    else
        return false;
    return true;
}

static void mend_limits(struct turret_order_request *request, uint32_t denial)
{
    if (denial == DENY_TRADING_STATE)
        rig.engine->trading = TRADING_ACTIVE;
    else if (denial == DENY_COLLAR)
        all()->collar_ppm = 500000;
    else if (denial == DENY_ORDER_QTY)
        all()->max_order_qty_nano = INT64_MAX;
    else if (denial == DENY_ORDER_NOTIONAL)
        all()->max_order_notional = INT64_MAX;
    else if (denial == DENY_OPEN_ORDERS)
        all()->max_open_orders = 10;
    else if (denial == DENY_POSITION)
        all()->max_position_nano = INT64_MAX;
    else if (denial == DENY_POSITION_NOTIONAL)
        all()->max_position_notional = INT64_MAX;
    else if (denial == DENY_MESSAGE_RATE)
        all()->max_orders_per_minute = 10;
    else if (denial == DENY_NOT_RECONCILED)
        rig.engine->venues[0].ready = true;
    if (denial == DENY_BUYING_POWER) {
        all()->leverage_ppm = MONEY_PPM;
        request->flags = TURRET_ORDER_REDUCE_ONLY;
    }
    if (denial == DENY_DAILY_LOSS || denial == DENY_DRAWDOWN)
        rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    if (denial == DENY_DRAWDOWN)
        all()->drawdown_ppm = 10;
}

/* Everything is wrong at once; put right one by one, the codes come in the table's order. */
static void checks_come_in_the_order_of_the_table(void **state)
{
    struct instrument *instrument = &rig.engine->instruments[1];
    struct turret_order_request request = want(5, 100015, 7);
    uint32_t last = 0, denial, step;
    (void)state;
    *all() = (struct risk_limits){.daily_loss_ppm = RISK_UNSET, .daily_loss = 1};
    rig.engine->trading = TRADING_HALTED;
    instrument->def.status = TURRET_STATUS_CLOSED;
    instrument->mark_time = instrument->mark = 0;
    rig.engine->venues[0].ready = false;
    rig.engine->accounts[0].equity.now -= 1;
    request.instrument = 9;
    for (step = 0; (denial = asked(request)) != DENY_NONE; step++) {
        assert_in_range(denial, last + 1, DENY_NOT_RECONCILED);
        last = denial;
        if (!mend_order(&request, denial))
            mend_limits(&request, denial);
    }
    assert_int_equal(step, DENY_NOT_RECONCILED - 1); /* all but STRATEGY_DISABLED */
}

static void cancels_are_never_blocked(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    uint32_t before = rig.command_count;
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    risk_limits_clear(all());
    rig.engine->venues[0].ready = false;
    rig.engine->instruments[1].def.status = TURRET_STATUS_CLOSED;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(rig.commands[before].kind, COMMAND_QUERY);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, before + 2);
    assert_int_equal(rig.commands[before + 1].kind, COMMAND_CANCEL);
    assert_true(rig.commands[before + 1].order.order_id == id);
}

static void a_full_order_table_denies(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 0);
    struct rig_state *told = rig.self[0]->state;
    uint32_t i;
    (void)state;
    for (i = 0; i < 512; i++)
        assert_int_equal(buys(20, 0), DENY_NONE);
    assert_true(turret_submit(rig.self[0], &request) != 0);
    rig_turn(&rig);
    assert_int_equal(rig.last_order.denial, DENY_CAPACITY);
    assert_int_equal(told->last, TURRET_STATE_DENIED); /* its fate comes by on_order() */
    assert_true(turret_target(rig.self[0], rig.instrument[1], 50, "wish"));
    rig_turn(&rig);
    assert_int_equal(rig.last_order.denial, DENY_CAPACITY);
    assert_true(turret_target(rig.self[0], rig.instrument[1], 50, "again")); /* may be retried */
}

#define RISK_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

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
        RISK_TEST(notionals_and_positions),
        RISK_TEST(low_limits_do_not_shrink_what_is_held),
        RISK_TEST(open_orders),
        RISK_TEST(buying_power),
        RISK_TEST(reduce_only),
        RISK_TEST(message_rates),
        RISK_TEST(daily_loss_latches),
        RISK_TEST(drawdown_latches),
        RISK_TEST(venues_must_agree),
        RISK_TEST(limits_nobody_set_deny),
        RISK_TEST(overflow_denies),
        RISK_TEST(checks_come_in_the_order_of_the_table),
        RISK_TEST(cancels_are_never_blocked),
        RISK_TEST(a_full_order_table_denies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
