/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the risk gate at the edges of its limits: for fields of orders, stops and rates the last
 * value that passes and the first that is denied, of the account and of a strategy, where one side
 * is not set, and what counts as the same order or as trading with oneself.
 */
#include "risk_bench.h"

static void expect_intent(uint8_t tif, uint32_t denial)
{
    struct event_intent intent;
    uint64_t id = rig.engine->next_order_id;
    memset(&intent, 0, sizeof intent);
    intent.kind = INTENT_SUBMIT;
    intent.instrument = rig.instrument[0];
    intent.order_id = id;
    intent.side = TURRET_SIDE_BUY;
    intent.type = TURRET_ORDER_MARKET;
    intent.tif = tif;
    intent.qty = 20;
    intent_apply(rig.engine, &intent);
    assert_int_equal(engine_order(rig.engine, id)->denial, denial);
}

static void a_venue_must_offer_it(void **state)
{
    (void)state;
    expect_intent(0, DENY_ORDER_FIELDS); /* as a journal may have it */
    expect_intent(TURRET_TIF_GTC, DENY_NONE);
    rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_TRADE;
    expect_intent(TURRET_TIF_GTC, DENY_ORDER_FIELDS);
}

static void open_orders_of_one_strategy(void **state)
{
    (void)state;
    own()->max_open_orders = 2;
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(buys(20, 0), DENY_OPEN_ORDERS);
    own()->max_open_orders = 3;
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->max_open_orders = 3;
    own()->max_open_orders = RISK_UNSET;
    assert_int_equal(buys(20, 0), DENY_OPEN_ORDERS);
    all()->max_open_orders = 4;
    assert_int_equal(buys(20, 0), DENY_NONE);
}

/* ---- reduce-only ---- */

static uint32_t reduces(uint8_t side, turret_qty qty)
{
    struct turret_order_request request = want(side, qty, 0);
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    return asked(request);
}

static void reduce_only_of_longs_and_shorts(void **state)
{
    (void)state;
    assert_int_equal(reduces(TURRET_SIDE_SELL, 20), DENY_REDUCE_ONLY); /* nothing is held */
    hold(100);
    assert_int_equal(reduces(TURRET_SIDE_BUY, 20), DENY_REDUCE_ONLY);
    assert_int_equal(reduces(TURRET_SIDE_SELL, 110), DENY_REDUCE_ONLY);
    assert_int_equal(reduces(TURRET_SIDE_SELL, 60), DENY_NONE);
    assert_int_equal(reduces(TURRET_SIDE_SELL, 50), DENY_REDUCE_ONLY); /* 60 are on their way */
    assert_int_equal(reduces(TURRET_SIDE_SELL, 40), DENY_NONE);
}

static void reduce_only_of_a_short(void **state)
{
    (void)state;
    hold(-100);
    assert_int_equal(reduces(TURRET_SIDE_SELL, 20), DENY_REDUCE_ONLY);
    assert_int_equal(reduces(TURRET_SIDE_BUY, 60), DENY_NONE);
    assert_int_equal(reduces(TURRET_SIDE_BUY, 50), DENY_REDUCE_ONLY);
    assert_int_equal(reduces(TURRET_SIDE_BUY, 40), DENY_NONE);
}

/* ---- the same order ---- */

static void one_difference_makes_another_order(void **state)
{
    struct turret_order_request first = want(TURRET_SIDE_BUY, 20, 9990), other;
    (void)state;
    all()->duplicate_ns = 10 * MONEY_NANO;
    first.type = TURRET_ORDER_STOP_LIMIT;
    first.stop_price = 9980;
    assert_int_equal(asked(first), DENY_NONE);
    other = first;
    other.instrument = rig.instrument[1];
    assert_int_equal(asked(other), DENY_NONE);
    other = first;
    other.side = TURRET_SIDE_SELL;
    assert_int_equal(asked(other), DENY_NONE);
    other = first;
    other.tif = TURRET_TIF_DAY;
    assert_int_equal(asked(other), DENY_NONE);
    other = first;
    other.qty = 30;
    assert_int_equal(asked(other), DENY_NONE);
    other = first;
    other.limit_price = 9985;
    assert_int_equal(asked(other), DENY_NONE);
    other = first;
    other.stop_price = 9985;
    assert_int_equal(asked(other), DENY_NONE);
    assert_int_equal(asked(first), DENY_DUPLICATE);
    rig.time += 10 * MONEY_NANO - 1;
    assert_int_equal(asked(first), DENY_DUPLICATE);
    rig.time++;
    assert_int_equal(asked(first), DENY_NONE);
    first.stop_price = 0;
    first.type = TURRET_ORDER_LIMIT;
    assert_int_equal(asked(first), DENY_NONE);
    all()->duplicate_ns = 0;
    assert_int_equal(asked(first), DENY_NONE); /* it may be repeated */
}

/* Types alone: a market order's other fields are those of a stop at 0, which risk knows no more. */
static void the_type_tells_orders_apart(void **state)
{
    struct turret_order_request first = want(TURRET_SIDE_BUY, 20, 0);
    struct conduct *conduct = &rig.engine->strategies[0].conduct;
    (void)state;
    all()->duplicate_ns = 10 * MONEY_NANO;
    assert_int_equal(asked(first), DENY_NONE);
    conduct->recent[0].type = TURRET_ORDER_STOP;
    assert_int_equal(asked(first), DENY_NONE);
    assert_int_equal(asked(first), DENY_DUPLICATE);
}

static void the_newest_orders_are_remembered(void **state)
{
    struct conduct *conduct = &rig.engine->strategies[0].conduct;
    uint32_t i;
    (void)state;
    all()->duplicate_ns = RIG_MINUTE;
    for (i = 0; i < CONDUCT_RECENT + 3; i++) {
        assert_int_equal(buys(20 + 10 * (turret_qty)i, 0), DENY_NONE);
        assert_int_equal(conduct->recent_count, i < CONDUCT_RECENT ? i + 1 : CONDUCT_RECENT);
    }
    assert_int_equal(conduct->recent_next, 3);
    assert_int_equal(buys(50, 0), DENY_DUPLICATE); /* the oldest that is kept */
    assert_int_equal(buys(20 + 10 * (CONDUCT_RECENT + 2), 0), DENY_DUPLICATE);
    assert_int_equal(buys(40, 0), DENY_NONE); /* forgotten */
}

/* ---- trading with oneself ---- */

static uint32_t other_asks(struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[1], &request);
    rig_turn(&rig);
    return engine_order(rig.engine, id)->denial;
}

static void stops_wait_and_foreign_orders_are_not_ours(void **state)
{
    struct turret_order_request stop = want(TURRET_SIDE_SELL, 20, 9900);
    struct event event = rig_event(&rig, EVENT_ORDER);
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    stop.type = TURRET_ORDER_STOP_LIMIT;
    stop.stop_price = 9900;
    assert_int_equal(asked(stop), DENY_NONE);
    event.venue = 0;
    event.u.order = (struct turret_report_order){.instrument = rig.instrument[0],
                                                 .state = TURRET_STATE_ACCEPTED,
                                                 .side = TURRET_SIDE_SELL,
                                                 .type = TURRET_ORDER_LIMIT,
                                                 .qty = 50,
                                                 .limit_price = 9950,
                                                 .venue_order_id = "F"};
    engine_ingest(rig.engine, &event);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 10000)), DENY_NONE);
    assert_int_equal(sells(20, 9990), DENY_SELF_TRADE); /* meets what the other bought */
    assert_int_equal(sells(20, 10000), DENY_SELF_TRADE);
    assert_int_equal(sells(20, 10005), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 10000)), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 10005)), DENY_SELF_TRADE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 0)), DENY_SELF_TRADE);
    stop.side = TURRET_SIDE_BUY;
    stop.stop_price = stop.limit_price = 10050;
    assert_int_equal(other_asks(stop), DENY_NONE);
    all()->self_trade = RISK_SELF_TRADE_ALLOW;
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 10005)), DENY_NONE);
    rig.engine->strategies[1].limits.self_trade = RISK_SELF_TRADE_DENY; /* only tighter */
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 10005)), DENY_SELF_TRADE);
}

/* Others' orders come in any order in the table, with what ended and other instruments between. */
static void the_one_it_would_meet_is_found_among_many(void **state)
{
    struct turret_order_request elsewhere = want(TURRET_SIDE_BUY, 20, 10000);
    uint64_t ended;
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    elsewhere.instrument = rig.instrument[1];
    ended = rig_order(&rig, 1, TURRET_SIDE_BUY, 20, 10000);
    rig_ack(&rig, ended, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    assert_int_equal(other_asks(elsewhere), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 10100)), DENY_NONE);
    assert_int_equal(buys(20, 9900), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 30, 9800)), DENY_NONE);
    assert_int_equal(sells(20, 9850), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 9840)), DENY_NONE);
    assert_int_equal(sells(20, 9840), DENY_SELF_TRADE); /* the last of them */
    assert_int_equal(sells(20, 9845), DENY_NONE);
}

/* ---- stops ---- */

static void daily_losses_as_money_or_part(void **state)
{
    struct equity *equity = &rig.engine->accounts[0].equity;
    (void)state;
    all()->daily_loss = 0; /* no loss at all: not having lost is not a loss */
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->daily_loss = RISK_UNSET;
    all()->daily_loss_ppm = 0;
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->daily_loss_ppm = 10000; /* of a million */
    equity_move(equity, -9999 * MONEY_ONE);
    assert_int_equal(buys(20, 0), DENY_NONE);
    equity_move(equity, -MONEY_ONE);
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    rig.engine->account_stopped_by_loss[0] = false;
    all()->daily_loss_ppm = RISK_UNSET;
    all()->daily_loss = 10001 * MONEY_ONE;
    assert_int_equal(buys(20, 0), DENY_NONE);
    all()->daily_loss = 10000 * MONEY_ONE;
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    all()->daily_loss = INT64_MAX;
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS); /* latched */
}

static void stops_of_one_strategy(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    (void)state;
    equity_move(&strategy->equity, -1000 * MONEY_ONE);
    own()->daily_loss = 1000 * MONEY_ONE + 1;
    own()->drawdown_ppm = 1001; /* a thousandth of a million */
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 0)), DENY_NONE);
    own()->drawdown_ppm = 1000;
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN);
    assert_string_equal(denial_name(DENY_DRAWDOWN), "DRAWDOWN");
    own()->drawdown_ppm = RISK_UNSET;
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN); /* latched */
    own()->daily_loss--;
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    own()->daily_loss = RISK_UNSET;
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 0)), DENY_NONE);
    risk_forgive(strategy);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void the_account_stops_all(void **state)
{
    (void)state;
    rig.engine->account_stopped_by_drawdown[0] = true;
    assert_int_equal(buys(20, 0), DENY_DRAWDOWN);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 0)), DENY_DRAWDOWN);
    rig.engine->account_stopped_by_loss[0] = true;
    assert_int_equal(buys(20, 0), DENY_DAILY_LOSS);
}

/* ---- executions, messages, losses ---- */

static void executions_without_a_limit_stop_nobody(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    uint32_t i;
    (void)state;
    all()->fills_per_minute = RISK_UNSET;
    for (i = 0; i < 5; i++)
        risk_executed(rig.engine, strategy);
    assert_int_equal(strategy->conduct.stopped_by_fills, 0);
    assert_true(strategy->conduct.day_fills == 5 && strategy->conduct.filled.count == 5);
    rig.time += RIG_MINUTE;
    rig_turn(&rig);
    all()->fills_per_minute = 3;
    own()->fills_per_minute = 5; /* never looser */
    for (i = 0; i < 3; i++)
        risk_executed(rig.engine, strategy);
    assert_int_equal(strategy->conduct.stopped_by_fills, 0);
    risk_executed(rig.engine, strategy);
    assert_int_equal(strategy->conduct.stopped_by_fills, 1);
    risk_executed(rig.engine, strategy);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1); /* told once */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "more than 3 executions"));
    assert_int_equal(buys(20, 0), DENY_REPEATED_FILLS);
    risk_forgive(strategy);
    assert_true(strategy->conduct.filled.count == 0);
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void a_minute_is_a_minute(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    (void)state;
    rig.time += RIG_MINUTE;
    rig.time -= rig.time % RIG_MINUTE;
    all()->fills_per_minute = all()->max_orders_per_minute = 1;
    assert_int_equal(buys(20, 0), DENY_NONE);
    risk_executed(rig.engine, strategy);
    rig.time += RIG_MINUTE - 1;
    assert_int_equal(buys(20, 0), DENY_MESSAGE_RATE);
    rig.time++;
    assert_int_equal(buys(20, 0), DENY_NONE);
    risk_executed(rig.engine, strategy);
    assert_int_equal(strategy->conduct.stopped_by_fills, 0);
    rig.time += RIG_MINUTE - 1;
    rig_turn(&rig);
    risk_executed(rig.engine, strategy);
    assert_int_equal(strategy->conduct.stopped_by_fills, 1);
}

static void losses_in_a_row(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    (void)state;
    all()->loss_streak = 3;
    all()->cool_down_ns = 10;
    own()->loss_streak = 2;
    own()->cool_down_ns = 20;
    risk_trade_ended(rig.engine, strategy, false);
    assert_int_equal(buys(20, 0), DENY_NONE);
    risk_trade_ended(rig.engine, strategy, true);
    risk_trade_ended(rig.engine, strategy, false);
    assert_int_equal(strategy->conduct.losses, 1);
    risk_trade_ended(rig.engine, strategy, false);
    assert_int_equal(buys(20, 0), DENY_LOSS_STREAK);
    rig.time += 19;
    assert_int_equal(buys(20, 0), DENY_LOSS_STREAK); /* the longer of both */
    rig.time++;
    assert_int_equal(buys(20, 0), DENY_NONE);
    assert_int_equal(strategy->conduct.losses, 0);
    own()->loss_streak = 5; /* never looser */
    strategy->conduct.losses = UINT32_MAX;
    risk_trade_ended(rig.engine, strategy, false);
    assert_true(strategy->conduct.losses == UINT32_MAX);
    assert_int_equal(buys(20, 0), DENY_LOSS_STREAK);
    all()->loss_streak = 0; /* none is too many, but no loss is none */
    strategy->conduct.losses = 0;
    assert_int_equal(buys(20, 0), DENY_NONE);
}

static void a_streak_counts_one_by_one(void **state)
{
    (void)state;
    all()->loss_streak = 3;
    own()->loss_streak = RISK_UNSET;
    risk_trade_ended(rig.engine, &rig.engine->strategies[0], false);
    risk_trade_ended(rig.engine, &rig.engine->strategies[0], false);
    assert_int_equal(buys(20, 0), DENY_NONE);
    risk_trade_ended(rig.engine, &rig.engine->strategies[0], false);
    assert_int_equal(buys(20, 0), DENY_LOSS_STREAK);
}

/* ---- the collar's window ---- */

static void a_window_begins_with_an_order(void **state)
{
    struct instrument *instrument = &rig.engine->instruments[1];
    turret_time_ns begun;
    (void)state;
    all()->collar_window_ns = 100;
    all()->collar_drift_ppm = 10000; /* 1 % */
    assert_int_equal(buys(20, 0), DENY_NONE);
    begun = rig.engine->now;
    assert_true(instrument->anchor.price == 10000 && instrument->anchor.time == begun);
    instrument->mark = 10100;
    rig.time += 99;
    assert_int_equal(buys(20, 0), DENY_NONE); /* as far as it may be */
    assert_true(instrument->anchor.time == begun);
    instrument->mark = 10105;
    assert_int_equal(buys(20, 0), DENY_COLLAR_WINDOW);
    assert_int_equal(sells(20, 0), DENY_NONE); /* to a seller's good */
    instrument->mark = 9900;
    assert_int_equal(sells(20, 0), DENY_NONE);
    instrument->mark = 9895;
    assert_int_equal(sells(20, 0), DENY_COLLAR_WINDOW);
    rig.time++;
    assert_int_equal(sells(20, 0), DENY_NONE); /* the window is over, another begins */
    assert_true(instrument->anchor.price == 9895 && instrument->anchor.time == begun + 100);
    all()->collar_window_ns = 0;
    instrument->mark = 5000;
    assert_int_equal(sells(20, 0), DENY_NONE);
    assert_true(instrument->anchor.price == 9895);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(a_venue_must_offer_it),
        RISK_TEST(open_orders_of_one_strategy),
        RISK_TEST(reduce_only_of_longs_and_shorts),
        RISK_TEST(reduce_only_of_a_short),
        RISK_TEST(one_difference_makes_another_order),
        RISK_TEST(the_type_tells_orders_apart),
        RISK_TEST(the_newest_orders_are_remembered),
        RISK_TEST(stops_wait_and_foreign_orders_are_not_ours),
        RISK_TEST(the_one_it_would_meet_is_found_among_many),
        RISK_TEST(daily_losses_as_money_or_part),
        RISK_TEST(stops_of_one_strategy),
        RISK_TEST(the_account_stops_all),
        RISK_TEST(executions_without_a_limit_stop_nobody),
        RISK_TEST(a_minute_is_a_minute),
        RISK_TEST(losses_in_a_row),
        RISK_TEST(a_streak_counts_one_by_one),
        RISK_TEST(a_window_begins_with_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
