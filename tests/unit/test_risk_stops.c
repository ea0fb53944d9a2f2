/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the rest of the risk gate: rates, stops that latch until a person lifts them, venues that
 * must agree; that every limit nobody set and every overflow denies, that the checks come in the
 * order of denials.def, and that cancels are never held back.
 */
#include "risk_bench.h"

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

/* Nobody asked for an order while it stood: it was reached all the same. */
static void a_loss_won_back_was_reached(void **state)
{
    (void)state;
    all()->daily_loss = 100 * HUNDRED;
    hold(1000);
    rig_bar(&rig, rig.instrument[0], 8990);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->daily_loss = INT64_MAX;
    all()->drawdown_ppm = 10000;
    rig_bar(&rig, rig.instrument[0], 9000);
    rig_bar(&rig, rig.instrument[0], 9990);
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN);
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
        offsetof(struct risk_limits, duplicate_ns),
        offsetof(struct risk_limits, self_trade),
        offsetof(struct risk_limits, gross_exposure),
        offsetof(struct risk_limits, net_exposure),
        offsetof(struct risk_limits, concentration_ppm),
        offsetof(struct risk_limits, loss_streak),
        offsetof(struct risk_limits, cool_down_ns),
        offsetof(struct risk_limits, fills_per_minute),
        offsetof(struct risk_limits, max_unexecuted),
        offsetof(struct risk_limits, messages_per_fill),
        offsetof(struct risk_limits, collar_window_ns),
        offsetof(struct risk_limits, collar_drift_ppm),
        offsetof(struct risk_limits, sector_ppm),
        offsetof(struct risk_limits, correlation_ppm),
        offsetof(struct risk_limits, correlation_from_ppm),
    };
    uint32_t i;
    (void)state;
    assert_int_equal(sizeof offsets / sizeof *offsets + 4, /* max_clock_skew: test_reconcile; the
                                                              two that alarm: test_post_trade */
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
    assert_int_equal(buys(INT64_MAX, PRICE_MAX), DENY_OVERFLOW);
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
    else if (denial == DENY_POST_ONLY)
        request->flags = 0;
    else if (denial == DENY_ICEBERG)
        request->display_qty = 0;
    else if (denial == DENY_EXITS)
        request->stop_loss = 0;
    else if (denial == DENY_PAIR)
        request->oco = 0;
    else if (denial == DENY_EXPIRY)
        request->expires = 0;
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
        rig.engine->trading.count = 0;
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
    else if (denial == DENY_DUPLICATE)
        all()->duplicate_ns = 0;
    else if (denial == DENY_SELF_TRADE)
        all()->self_trade = RISK_SELF_TRADE_ALLOW;
    else if (denial == DENY_GROSS_EXPOSURE)
        all()->gross_exposure = INT64_MAX;
    else if (denial == DENY_NET_EXPOSURE)
        all()->net_exposure = INT64_MAX;
    else if (denial == DENY_CONCENTRATION)
        all()->concentration_ppm = MONEY_PPM;
    else if (denial == DENY_LOSS_STREAK)
        all()->loss_streak = 2;
    else if (denial == DENY_REPEATED_FILLS)
        rig.engine->strategies[0].conduct.stopped_by_fills = 0;
    else if (denial == DENY_UNEXECUTED)
        all()->max_unexecuted = INT64_MAX;
    else if (denial == DENY_ORDER_TO_TRADE)
        all()->messages_per_fill = 1;
    else if (denial == DENY_COLLAR_WINDOW)
        all()->collar_window_ns = 0;
    else if (denial == DENY_SECTOR)
        all()->sector_ppm = MONEY_PPM;
    else if (denial == DENY_CORRELATION)
        all()->correlation_ppm = MONEY_PPM;
    if (denial == DENY_BUYING_POWER) {
        all()->leverage_ppm = MONEY_PPM;
        request->flags = TURRET_ORDER_REDUCE_ONLY;
    }
    if (denial == DENY_DAILY_LOSS || denial == DENY_DRAWDOWN)
        rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    if (denial == DENY_DRAWDOWN) {
        all()->drawdown_ppm = 10;
        rig.engine->strategies[0].conduct.losses = 1; /* what was lifted is wrong again */
    }
}

/* Where a code stands in the table. */
static uint32_t rank_of(uint32_t denial)
{
    static const uint32_t codes[] = {
#define DENIAL(code, name, text) code,
#include "core/denials.def"
#undef DENIAL
    };
    uint32_t i;
    for (i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == denial)
            return i + 1;
    return 0;
}

/* Everything is wrong at once; put right one by one, the codes come in the table's order. */
static void checks_come_in_the_order_of_the_table(void **state)
{
    struct instrument *instrument = &rig.engine->instruments[1];
    struct turret_order_request request = want(5, 100015, 7);
    uint32_t last = 0, denial, step;
    (void)state;
    (void)rig_order(&rig, 1, TURRET_SIDE_SELL, 20, 10000);
    *all() = (struct risk_limits){
        .daily_loss_ppm = RISK_UNSET,
        .daily_loss = 1,
        .duplicate_ns = 1,
        .collar_window_ns = 1,
        .cool_down_ns = INT64_MAX,
        .self_trade = RISK_SELF_TRADE_DENY,
    };
    rig.engine->strategies[0].conduct.recent_count = 1;
    rig.engine->strategies[0].conduct.stopped_by_fills = 1;
    rig.engine->strategies[0].conduct.recent[0] = (struct recent_order){
        rig.engine->now, 1, TURRET_SIDE_BUY, TURRET_ORDER_LIMIT, TURRET_TIF_GTC, 0, 100, 15000, 0};
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    instrument->def.status = TURRET_STATUS_CLOSED;
    instrument->mark_time = instrument->mark = 0;
    instrument->sector = 1;
    instrument->anchor = (struct collar_anchor){10000, rig.engine->now};
    rig.engine->venues[0].ready = false;
    equity_move(&rig.engine->accounts[0].equity, -1);
    request.instrument = 9;
    request.expires = 1;
    request.flags = TURRET_ORDER_POST_ONLY;
    request.display_qty = request.stop_loss = -1;
    request.oco = 77;
    for (step = 0; (denial = asked(request)) != DENY_NONE; step++) {
        assert_in_range(rank_of(denial), last + 1, rank_of(DENY_NOT_RECONCILED));
        last = rank_of(denial);
        if (!mend_order(&request, denial))
            mend_limits(&request, denial);
    }
    /* all but STRATEGY_DISABLED, and PARENT, which no request names */
    assert_int_equal(step, rank_of(DENY_NOT_RECONCILED) - 2);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(message_rates),
        RISK_TEST(daily_loss_latches),
        RISK_TEST(a_loss_won_back_was_reached),
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
