/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the risk gate makes of a strategy's conduct over time: prices moved step by step, the
 * same order twice, strategies that would trade with each other, losses in a row, executions
 * without end, many messages for few executions. For each control what just passes, what is just
 * denied, and that it is remembered through a snapshot.
 */
#include "risk_bench.h"

#define SECOND MONEY_NANO

/* The engine ends and goes on from its snapshot, with the same limits. */
static void restart(void)
{
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    struct risk_limits limits = *all(), of_strategy = *own();
    struct rig_options o = risk_options();
    turret_time_ns time = rig.time;
    struct turret_error err = {0};
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    rig_open(&rig, &o);
    if (engine_restore(rig.engine, bytes, size, &err))
        fail_msg("%s", err.text);
    *all() = limits;
    *own() = of_strategy;
    rig.time = time;
    free(bytes);
}

static void the_same_order_again(void **state)
{
    struct turret_order_request other = want(TURRET_SIDE_BUY, 20, 9950);
    (void)state;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_NONE); /* a window of 0 s: it may */
    all()->duplicate_ns = SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    assert_int_equal(buys(30, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9955), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE); /* others in between */
    assert_int_equal(sells(20, 10050), DENY_NONE);
    other.tif = TURRET_TIF_DAY;
    assert_int_equal(asked(other), DENY_NONE);
    other.instrument = rig.instrument[1];
    assert_int_equal(asked(other), DENY_NONE);
    rig.time += SECOND - 1;
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    rig.time += 1;
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

static void what_was_denied_is_not_repeated(void **state)
{
    (void)state;
    all()->duplicate_ns = SECOND;
    all()->max_open_orders = 0;
    assert_int_equal(buys(20, 9950), DENY_OPEN_ORDERS);
    all()->max_open_orders = 10;
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

static void the_longer_window_counts(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 9950);
    uint64_t id;
    (void)state;
    own()->duplicate_ns = 2 * SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    rig.time += SECOND;
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    id = turret_submit(rig.self[1], &request); /* another strategy's is another order */
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_NONE);
}

static void a_change_is_not_a_repetition(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9950);
    (void)state;
    all()->duplicate_ns = SECOND;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(buys(20, 9955), DENY_NONE);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 9955, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
}

static void a_restart_does_not_forget_it(void **state)
{
    (void)state;
    all()->duplicate_ns = SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    restart();
    assert_int_equal(buys(20, 9950), DENY_DUPLICATE);
    rig.time += SECOND;
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

/* What the other strategy would be told. */
static uint32_t other_asks(struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[1], &request);
    rig_turn(&rig);
    rig_check_reservations(&rig);
    return engine_order(rig.engine, id)->denial;
}

static void strategies_do_not_trade_with_each_other(void **state)
{
    struct turret_order_request stop = want(TURRET_SIDE_SELL, 20, 0);
    (void)state;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 9950)), DENY_NONE); /* allowed so far */
    all()->self_trade = RISK_SELF_TRADE_DENY;
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 9955)), DENY_NONE);
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 9950)), DENY_SELF_TRADE);
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 0)), DENY_SELF_TRADE);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 9950)), DENY_NONE); /* the same side */
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 9900;
    assert_int_equal(other_asks(stop), DENY_NONE); /* waits */
    assert_int_equal(buys(20, 9945), DENY_NONE);
    assert_int_equal(buys(20, 9950), DENY_SELF_TRADE); /* the sell that was allowed */
    assert_int_equal(buys(20, 0), DENY_SELF_TRADE);
}

static void with_itself_and_elsewhere_it_may(void **state)
{
    struct turret_order_request elsewhere = want(TURRET_SIDE_SELL, 20, 0);
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    assert_int_equal(buys(20, 10000), DENY_NONE);
    assert_int_equal(sells(20, 10000), DENY_NONE);
    elsewhere.instrument = rig.instrument[1];
    assert_int_equal(other_asks(elsewhere), DENY_NONE);
}

static void what_ended_is_not_met(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    (void)state;
    own()->self_trade = RISK_SELF_TRADE_DENY; /* binds strategy 0 only */
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 10000)), DENY_NONE);
    assert_int_equal(buys(20, 10000), DENY_SELF_TRADE);
    rig_fill(&rig, rig.last_order.id - 1, "x1", TURRET_SIDE_SELL, 20, 10000);
    rig_fill(&rig, id, "x2", TURRET_SIDE_BUY, 20, 10000);
    assert_int_equal(buys(20, 10000), DENY_NONE);
}

static void a_change_may_not_meet_one_either(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9950);
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(other_asks(want(TURRET_SIDE_SELL, 20, 10000)), DENY_NONE);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 10000, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_NONE);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "SELF_TRADE"));
    assert_int_equal(rig.last_denial, DENY_SELF_TRADE); /* what was asked for, of a working order */
    assert_int_equal(rig.last_denied.id, id);
    assert_int_equal(rig.last_denied.limit_price, 10000);
    assert_int_equal(rig.last_denied.state, TURRET_STATE_ACCEPTED);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 9995, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
}

static void a_stop_that_was_set_off_is_met(void **state)
{
    struct turret_order_request stop = want(TURRET_SIDE_SELL, 40, 9850);
    uint64_t id;
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    stop.type = TURRET_ORDER_STOP_LIMIT;
    stop.stop_price = 9900;
    id = turret_submit(rig.self[1], &stop);
    rig_turn(&rig);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(buys(20, 9900), DENY_NONE);
    rig_state_of(&rig, id, TURRET_STATE_TRIGGERED, 40, 0, 0);
    assert_int_equal(buys(20, 9850), DENY_SELF_TRADE);
    assert_int_equal(buys(20, 9845), DENY_NONE);
    rig_fill(&rig, id, "1", TURRET_SIDE_SELL, 20, 9850);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_PARTIAL);
    assert_int_equal(buys(20, 9850), DENY_SELF_TRADE);
    assert_int_equal(buys(20, 9845), DENY_NONE);
}

/* Which price it has at its venue nobody knows until that is said. */
static void what_is_being_changed_is_met(void **state)
{
    uint64_t id = rig_order(&rig, 1, TURRET_SIDE_SELL, 20, 10500);
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(buys(20, 10100), DENY_NONE);
    assert_int_equal(turret_modify(rig.self[1], id, 0, 10200, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(buys(20, 10200), DENY_SELF_TRADE);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_REJECTED);
    assert_int_equal(buys(20, 10200), DENY_NONE);
}

/* Buys at 100.00 and sells at `price`. */
static void round_trip(turret_price price)
{
    static uint32_t number;
    char execution[24];
    uint64_t id;
    hold(20);
    id = rig_order(&rig, 0, TURRET_SIDE_SELL, 20, 0);
    (void)snprintf(execution, sizeof execution, "trip%u", number++);
    rig_fill(&rig, id, execution, TURRET_SIDE_SELL, 20, price);
}

static void what_another_works_is_not_met_itself(void **state)
{
    struct turret_order_request parent = want(TURRET_SIDE_SELL, 60, 10000);
    const struct order *order;
    uint64_t id;
    (void)state;
    all()->self_trade = RISK_SELF_TRADE_DENY;
    memcpy(parent.execution, "a0", 3);
    id = turret_submit(rig.self[1], &parent);
    rig_turn(&rig);
    order = engine_order(rig.engine, id);
    assert_int_equal(order->state, TURRET_STATE_HELD);
    assert_int_equal(buys(20, 10000), DENY_NONE); /* nothing of it is at the venue */
    parent = want(TURRET_SIDE_SELL, 20, 10050);
    parent.parent = id;
    id = turret_submit(rig.self[0], &parent);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
    assert_int_equal(buys(20, 10045), DENY_NONE);
    assert_int_equal(buys(20, 10050), DENY_SELF_TRADE); /* its part is */
}

static void losses_in_a_row_cool_down(void **state)
{
    (void)state;
    all()->loss_streak = 2;
    all()->cool_down_ns = 10 * RIG_MINUTE;
    round_trip(9900);
    round_trip(10100); /* a profit begins the count anew */
    round_trip(9900);
    assert_int_equal(buys(20, 9950), DENY_NONE);
    round_trip(9900);
    assert_int_equal(buys(20, 9950), DENY_LOSS_STREAK);
    restart();
    assert_int_equal(buys(20, 9950), DENY_LOSS_STREAK);
    rig.time += 10 * RIG_MINUTE - 1;
    assert_int_equal(buys(20, 9950), DENY_LOSS_STREAK);
    rig.time += 1;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    round_trip(9900); /* one again */
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

static void closing_goes_on_and_a_person_may_lift_it(void **state)
{
    struct turret_order_request other = want(TURRET_SIDE_BUY, 20, 0);
    (void)state;
    all()->cool_down_ns = 0;
    own()->loss_streak = 1;
    own()->cool_down_ns = RIG_MINUTE; /* the longer one */
    hold(100);
    rig_fill(&rig, rig_order(&rig, 0, TURRET_SIDE_SELL, 100, 0), "all", TURRET_SIDE_SELL, 100,
             9900);
    assert_int_equal(buys(20, 0), DENY_LOSS_STREAK);
    assert_int_equal(other_asks(other), DENY_NONE); /* it lost nothing */
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    hold(40);
    own()->loss_streak = RISK_UNSET;
    all()->loss_streak = 0; /* as 1: a streak of no losses stops nobody */
    assert_int_equal(buys(20, 0), DENY_NONE);
    rig_fill(&rig, rig.last_order.id, "more", TURRET_SIDE_BUY, 20, 10000);
    rig_fill(&rig, rig_order(&rig, 0, TURRET_SIDE_SELL, 80, 0), "over", TURRET_SIDE_SELL, 80,
             9900); /* through zero, with a loss */
    assert_int_equal(sells(20, 0), DENY_LOSS_STREAK);
    assert_int_equal(buys(20, 0), DENY_NONE); /* closing */
}

/* `count` executions of one each, of one order. */
static void executions(uint8_t side, uint32_t count)
{
    static uint32_t number;
    uint64_t id = rig_order(&rig, 0, side, 100, 0);
    char execution[24];
    for (; count > 0; count--) {
        (void)snprintf(execution, sizeof execution, "e%u", number++);
        rig_fill(&rig, id, execution, side, 1, 10000);
    }
}

static void executions_latch_until_a_person_lifts_it(void **state)
{
    struct engine_view view;
    uint32_t alarms;
    (void)state;
    rig.time += RIG_MINUTE; /* whole minutes since RIG_START */
    all()->fills_per_minute = 3;
    alarms = rig.notices[NOTICE_ALARM];
    executions(TURRET_SIDE_BUY, 3);
    assert_int_equal(buys(20, 9950), DENY_NONE);
    rig.time += RIG_MINUTE; /* another minute, another three */
    executions(TURRET_SIDE_BUY, 3);
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
    executions(TURRET_SIDE_BUY, 1);
    assert_int_equal(buys(20, 9950), DENY_REPEATED_FILLS);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 9950)), DENY_NONE);
    rig.time += 60 * RIG_MINUTE;
    rig_bar(&rig, rig.instrument[0], 10000);
    restart();
    assert_int_equal(buys(20, 9950), DENY_REPEATED_FILLS);
    engine_view_strategy(rig.engine, 0, &view);
    assert_string_equal(view.stopped, "fills_per_minute reached");
    rig_control(&rig, CONTROL_RESET_STOPS, 0, 0);
    assert_int_equal(buys(20, 9950), DENY_NONE);
}

static void a_strategy_may_have_fewer_executions(void **state)
{
    (void)state;
    rig.time += RIG_MINUTE;
    own()->fills_per_minute = 0;
    hold(20);
    assert_int_equal(buys(20, 0), DENY_REPEATED_FILLS);
    assert_int_equal(sells(20, 0), DENY_NONE); /* closing */
    assert_int_equal(sells(20, 0), DENY_REPEATED_FILLS);
}

static void messages_want_executions(void **state)
{
    uint32_t before;
    uint64_t id;
    (void)state;
    all()->messages_per_fill = 3;
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9950);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 9945, 0), TURRET_OK);
    rig_turn(&rig);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    assert_int_equal(buys(20, 9940), DENY_NONE);
    assert_int_equal(buys(20, 9935), DENY_ORDER_TO_TRADE);
    before = rig.command_count;
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK); /* leaves and is counted */
    rig_turn(&rig);
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 9935)), DENY_NONE);
    rig_fill(&rig, id, "late", TURRET_SIDE_BUY, 20, 9945);
    assert_int_equal(buys(20, 9935), DENY_NONE); /* six for one execution: the fifth */
    restart();
    assert_int_equal(buys(20, 9930), DENY_NONE);
    assert_int_equal(buys(20, 9925), DENY_ORDER_TO_TRADE);
    assert_int_equal(sells(20, 10050), DENY_NONE); /* closing */
}

static void every_day_begins_anew(void **state)
{
    (void)state;
    own()->messages_per_fill = 1;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    assert_int_equal(buys(20, 9940), DENY_ORDER_TO_TRADE);
    rig.time += ENGINE_DAY_NS;
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(buys(20, 9940), DENY_NONE);
    assert_int_equal(buys(20, 9930), DENY_ORDER_TO_TRADE);
    own()->messages_per_fill = 0;
    rig.time += ENGINE_DAY_NS;
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(buys(20, 9930), DENY_ORDER_TO_TRADE); /* none is allowed */
}

static void prices_do_not_walk_away(void **state)
{
    struct event split = rig_event(&rig, EVENT_SPLIT);
    (void)state;
    all()->collar_drift_ppm = 20000;
    assert_int_equal(buys(20, 10500), DENY_NONE); /* a window of 0 s: it may */
    all()->collar_window_ns = 10 * RIG_MINUTE;
    assert_int_equal(buys(20, 10000), DENY_NONE); /* 100.00 from here on */
    rig_bar(&rig, rig.instrument[0], 10150);
    assert_int_equal(buys(20, 10200), DENY_NONE);
    assert_int_equal(buys(20, 10205), DENY_COLLAR_WINDOW);
    assert_int_equal(other_asks(want(TURRET_SIDE_BUY, 20, 10205)), DENY_COLLAR_WINDOW);
    assert_int_equal(sells(20, 10500), DENY_NONE); /* does not cost more */
    rig_bar(&rig, rig.instrument[0], 10205);
    assert_int_equal(buys(20, 0), DENY_COLLAR_WINDOW);
    rig_bar(&rig, rig.instrument[0], 9795);
    assert_int_equal(sells(20, 0), DENY_COLLAR_WINDOW);
    assert_int_equal(sells(20, 9800), DENY_NONE);
    restart();
    assert_int_equal(sells(20, 9795), DENY_COLLAR_WINDOW);
    rig.time += 10 * RIG_MINUTE;
    assert_int_equal(sells(20, 9795), DENY_NONE); /* begins anew, from 97.95 */
    assert_int_equal(buys(20, 10000), DENY_COLLAR_WINDOW);
    split.time = rig.time;
    split.u.split = (struct turret_split){
        .instrument = rig.instrument[0], .numerator = 1, .denominator = 2, .time = rig.time};
    engine_ingest(rig.engine, &split);
    assert_int_equal(buys(20, 19600), DENY_NONE); /* prices are others */
}

static void closing_is_free_of_the_window(void **state)
{
    (void)state;
    hold(100);
    all()->collar_drift_ppm = 0;
    all()->collar_window_ns = 10 * RIG_MINUTE;
    assert_int_equal(buys(20, 10000), DENY_NONE);
    rig_bar(&rig, rig.instrument[0], 8000);
    assert_int_equal(sells(100, 0), DENY_NONE);
    assert_int_equal(sells(20, 0), DENY_COLLAR_WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(the_same_order_again),
        RISK_TEST(what_was_denied_is_not_repeated),
        RISK_TEST(the_longer_window_counts),
        RISK_TEST(a_change_is_not_a_repetition),
        RISK_TEST(a_restart_does_not_forget_it),
        RISK_TEST(strategies_do_not_trade_with_each_other),
        RISK_TEST(with_itself_and_elsewhere_it_may),
        RISK_TEST(what_ended_is_not_met),
        RISK_TEST(a_change_may_not_meet_one_either),
        RISK_TEST(a_stop_that_was_set_off_is_met),
        RISK_TEST(what_is_being_changed_is_met),
        RISK_TEST(what_another_works_is_not_met_itself),
        RISK_TEST(losses_in_a_row_cool_down),
        RISK_TEST(prices_do_not_walk_away),
        RISK_TEST(closing_is_free_of_the_window),
        RISK_TEST(messages_want_executions),
        RISK_TEST(every_day_begins_anew),
        RISK_TEST(executions_latch_until_a_person_lifts_it),
        RISK_TEST(a_strategy_may_have_fewer_executions),
        RISK_TEST(closing_goes_on_and_a_person_may_lift_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
