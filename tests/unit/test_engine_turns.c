/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what happens in a turn of the engine: floods are bounded, targets count what is open and
 * are asked again after a denial, timers fire once, stopped, paused and faulted strategies are left
 * alone as each should be, time never goes back, and events without sense take no sequence.
 */
#include "engine_rig.h"

static struct rig rig;

static int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    o.engine.orders_max = 4096;
    o.def.lot_size = 10;
    o.def.min_qty = 20;
    rig_open(&rig, &o);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

static struct rig_state *state_of(uint32_t strategy)
{
    return rig.self[strategy]->state;
}

/* ---- floods ---- */

static uint32_t accepted, refused;

static void flood(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct turret_order_request request = rig_request(bar->instrument, TURRET_SIDE_BUY, 20, 0);
    uint32_t i;
    for (i = 0; i < 1000; i++)
        if (turret_submit(self, &request))
            accepted++;
        else
            refused++;
}

static void again_when_denied(struct turret_strategy *self, const struct turret_order *order)
{
    struct turret_order_request request = rig_request(order->instrument, TURRET_SIDE_BUY, 20, 0);
    if (order->state != TURRET_STATE_DENIED)
        return;
    if (turret_submit(self, &request))
        accepted++;
    else
        refused++;
}

static void floods_are_bounded(void **state)
{
    (void)state;
    accepted = refused = 0;
    rig_script.on_bar = flood;
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(accepted, 2 * ENGINE_TURN_INTENTS);
    assert_int_equal(refused, 2 * (1000 - ENGINE_TURN_INTENTS));
    assert_int_equal(rig.command_count, accepted);
    rig_bar(&rig, rig.instrument[0], 10000); /* the next turn has its own budget */
    assert_int_equal(rig.command_count, 4 * ENGINE_TURN_INTENTS);
}

static void asking_again_at_each_denial_ends(void **state)
{
    (void)state;
    accepted = refused = 0;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    rig_script.on_order = again_when_denied;
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    assert_int_equal(accepted, ENGINE_TURN_INTENTS - 1);
    assert_int_equal(refused, 1);
    assert_int_equal(rig.command_count, 0);
}

/* ---- targets ---- */

static const struct turret_broker_order *wish(turret_qty qty)
{
    uint32_t before = rig.command_count;
    (void)turret_target(rig.self[0], rig.instrument[0], qty, "wish");
    rig_turn(&rig);
    assert_in_range(rig.command_count, before, before + 1);
    return rig.command_count > before ? &rig.commands[before].order : NULL;
}

static void targets_trade_the_difference(void **state)
{
    const struct turret_broker_order *order = wish(100);
    uint64_t id;
    (void)state;
    assert_non_null(order);
    assert_int_equal(order->side, TURRET_SIDE_BUY);
    assert_int_equal(order->qty, 100);
    assert_int_equal(order->type, TURRET_ORDER_MARKET);
    id = order->order_id;
    assert_null(wish(100)); /* stands already */
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 40, 10000);
    order = wish(130); /* 40 held and 60 on their way */
    assert_int_equal(order->qty, 30);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 60, 10000);
    rig_fill(&rig, order->order_id, "c", TURRET_SIDE_BUY, 30, 10000);
    order = wish(-50); /* through zero in one order */
    assert_int_equal(order->side, TURRET_SIDE_SELL);
    assert_int_equal(order->qty, 180);
    rig_fill(&rig, order->order_id, "d", TURRET_SIDE_SELL, 180, 10000);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, -50);
    assert_null(wish(-55));               /* less than a lot */
    assert_null(wish(-60));               /* a lot, but below the smallest order */
    assert_int_equal(wish(-79)->qty, 20); /* cut to lots, towards what is held */
    assert_int_equal(turret_target(rig.self[0], rig.instrument[1], 0, "flat already"), 0);
    assert_int_equal(turret_target(rig.self[0], 99, 10, "no such instrument"), 0);
}

static void targets_are_asked_again_after_a_denial(void **state)
{
    const struct turret_broker_order *order;
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    assert_null(wish(100));
    assert_int_equal(rig.notices[NOTICE_DENIED], 1);
    rig_control(&rig, CONTROL_TRADING_RESUME, 0, TRADING_ACTIVE);
    order = wish(100);
    assert_non_null(order);
    rig_ack(&rig, order->order_id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    order = wish(100);
    assert_non_null(order);
    rig_state_of(&rig, order->order_id, TURRET_STATE_CANCELED, 100, 0, 0);
    assert_non_null(wish(100));
}

static void absurd_targets_are_denied(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_SELL, 20, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_SELL, 20, 10000);
    assert_null(wish(INT64_MAX));
    assert_null(wish(INT64_MIN));
    assert_int_equal(rig.notices[NOTICE_DENIED], 2);
}

static void a_repeated_denial_is_told_when_its_number_doubles(void **state)
{
    int i;
    (void)state;
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    for (i = 0; i < 20; i++)
        assert_null(wish(100));
    assert_int_equal(rig.notices[NOTICE_DENIED], 5); /* 1, 2, 4, 8, 16 */
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "(TRADING_STATE), 16 times by now"));
    assert_null(strstr(rig.last_notice[NOTICE_DENIED], "denied")); /* whoever prints it says so */
    rig_control(&rig, CONTROL_TRADING_RESUME, 0, TRADING_ACTIVE);
    assert_non_null(wish(100));
    rig_control(&rig, CONTROL_TRADING_STATE, 0, TRADING_HALTED);
    assert_null(wish(-100));
    assert_int_equal(rig.notices[NOTICE_DENIED], 6); /* an order has passed: it is news again */
    assert_null(strstr(rig.last_notice[NOTICE_DENIED], "times"));
}

/* ---- timers ---- */

static turret_time_ns fired;

static void on_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    assert_int_equal(timer_id, 7);
    fired = now;
    (void)turret_timer(self, 7, now); /* due at once: not before the next event */
}

static void timers_fire_once_an_event(void **state)
{
    (void)state;
    rig_script.on_timer = on_timer;
    assert_int_equal(turret_timer(rig.self[0], 8, 5), TURRET_EINVAL);
    assert_int_equal(turret_timer(rig.self[0], 0, -5), TURRET_EINVAL);
    assert_int_equal(turret_timer(rig.self[0], 7, rig.time + 1), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(state_of(0)->timers, 0);
    rig.time += 1;
    rig_turn(&rig);
    assert_int_equal(state_of(0)->timers, 1);
    assert_true(fired == rig.time);
    rig_turn(&rig);
    assert_int_equal(state_of(0)->timers, 2);
    rig_control(&rig, CONTROL_PAUSE_STRATEGY, 0, 0);
    rig_turn(&rig);
    assert_int_equal(state_of(0)->timers, 2);
    rig_control(&rig, CONTROL_START_STRATEGY, 0, 0);
    assert_int_equal(state_of(0)->timers, 3);
    assert_int_equal(turret_timer(rig.self[0], 7, 0), TURRET_OK); /* cleared */
    rig_turn(&rig);
    assert_int_equal(state_of(0)->timers, 3);
    assert_int_equal(state_of(1)->timers, 0);
}

/* ---- stopping ---- */

static void stop_cancels_pause_does_not(void **state)
{
    uint64_t paused = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    uint64_t stopped = rig_order(&rig, 1, TURRET_SIDE_BUY, 20, 0);
    struct turret_order_request request = rig_request(1, TURRET_SIDE_BUY, 20, 0);
    int64_t bars = state_of(0)->bars, orders;
    (void)state;
    rig_control(&rig, CONTROL_PAUSE_STRATEGY, 0, 0);
    assert_int_equal(rig.command_count, 2);
    rig_control(&rig, CONTROL_STOP_STRATEGY, 1, 0);
    assert_int_equal(rig.command_count, 3);
    assert_int_equal(rig.commands[2].kind, COMMAND_CANCEL);
    assert_true(rig.commands[2].order.order_id == stopped);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(state_of(0)->bars, bars);
    assert_int_equal(state_of(1)->bars, bars);
    assert_true(turret_submit(rig.self[0], &request) == 0);
    assert_true(turret_submit(rig.self[1], &request) == 0);
    assert_int_equal(turret_target(rig.self[0], 1, 50, "no"), 0);
    orders = state_of(0)->orders;
    rig_ack(&rig, paused, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(state_of(0)->orders, orders + 1); /* paused: told of its orders */
    orders = state_of(1)->orders;
    rig_fill(&rig, stopped, "late", TURRET_SIDE_BUY, 20, 10000);
    assert_int_equal(state_of(1)->orders, orders);  /* stopped: not */
    assert_int_equal(rig_own(&rig, 1, 0)->qty, 20); /* booked all the same */
    rig_control(&rig, CONTROL_START_STRATEGY, 0, 0);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(state_of(0)->bars, bars + 1);
    rig_control(&rig, CONTROL_STOP_STRATEGY, 77, 0); /* nobody */
}

static void a_fault_disables_until_a_person_starts_it(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    int64_t bars = state_of(0)->bars, others = state_of(1)->bars;
    struct engine_view view;
    (void)state;
    turret_score(rig.self[0], 1, INFINITY, "broken");
    engine_view_strategy(rig.engine, 0, &view);
    assert_int_equal(view.run, STRATEGY_FAULT);
    assert_non_null(strstr(view.fault, "not a number"));
    assert_int_equal(rig.notices[NOTICE_FAULT], 1);
    turret_score(rig.self[0], 1, NAN, "again"); /* told once */
    assert_int_equal(rig.notices[NOTICE_FAULT], 1);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(state_of(0)->bars, bars);
    assert_int_equal(state_of(1)->bars, others + 1);
    assert_int_equal(rig.command_count, 1); /* its orders stay as they are */
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
    rig_control(&rig, CONTROL_START_STRATEGY, 0, 0);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(state_of(0)->bars, bars + 1);
}

static void no_start_brings_a_broken_indicator_back(void **state)
{
    struct rig_options o = rig_defaults();
    uint32_t i;
    (void)state;
    rig_close(&rig);
    rig_script.use[0] = "trip(4,nan)";
    rig_open(&rig, &o);
    for (i = 0; i < 6; i++)
        rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(rig.engine->strategies[0].run, STRATEGY_FAULT);
    assert_int_equal(state_of(0)->bars, 2);
    rig_control(&rig, CONTROL_START_STRATEGY, 0, 0);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(state_of(0)->bars, 2);
}

/* ---- time and sense ---- */

static void time_never_goes_back(void **state)
{
    struct event event = rig_event(&rig, EVENT_TRADE);
    turret_time_ns now = engine_now(rig.engine);
    uint64_t sequence = engine_sequence(rig.engine);
    (void)state;
    event.time = now - 5000;
    event.u.trade = (struct turret_trade){rig.instrument[0], 0, event.time, 10100, 1, 0};
    engine_ingest(rig.engine, &event);
    assert_true(engine_now(rig.engine) == now);
    assert_true(event.time == now);
    assert_true(event.sequence == sequence + 1);
    assert_int_equal(engine_mark(rig.engine, rig.instrument[0]), 10100); /* late, but taken */
}

/* A stamp of the future is of a clock that is wrong: those that follow are not older than it. */
static void a_bar_of_the_future_does_not_end_its_series(void **state)
{
    struct event bar = rig_bar_event(&rig, rig.instrument[0],
                                     rig.time + INT64_C(20) * 365 * 1440 * RIG_MINUTE, 9000);
    int64_t bars = state_of(0)->bars;
    (void)state;
    bar.time = rig.time; /* as the session takes it */
    engine_ingest(rig.engine, &bar);
    assert_int_equal(state_of(0)->bars, bars + 1);
    assert_true(engine_now(rig.engine) == rig.time);
    rig_bar(&rig, rig.instrument[0], 9100); /* opened at the moment that one was heard */
    rig_bar(&rig, rig.instrument[0], 9200);
    assert_int_equal(state_of(0)->bars, bars + 2);
    assert_int_equal(engine_mark(rig.engine, rig.instrument[0]), 9200);
}

static void expect_dropped(struct event event)
{
    uint64_t sequence = engine_sequence(rig.engine);
    uint32_t journaled = rig.journaled, dropped = rig.notices[NOTICE_DROPPED];
    assert_false(engine_accepts(rig.engine, &event));
    engine_ingest(rig.engine, &event);
    assert_true(engine_sequence(rig.engine) == sequence);
    assert_int_equal(rig.journaled, journaled);
    assert_int_equal(rig.notices[NOTICE_DROPPED], dropped + 1);
    assert_int_equal(engine_mark(rig.engine, rig.instrument[0]), 10000);
}

static void nonsense_takes_no_sequence(void **state)
{
    struct event bar = rig_bar_event(&rig, rig.instrument[0], rig.time, 9000), bad;
    struct event quote = rig_event(&rig, EVENT_QUOTE), split = rig_event(&rig, EVENT_SPLIT);
    struct event trade = rig_event(&rig, EVENT_TRADE), status = rig_event(&rig, EVENT_STATUS);
    (void)state;
    bad = bar, bad.u.bar.instrument = 0, expect_dropped(bad);
    bad = bar, bad.u.bar.instrument = 3, expect_dropped(bad);
    bad = bar, bad.u.bar.low = 9001, expect_dropped(bad);
    bad = bar, bad.u.bar.high = 8999, expect_dropped(bad);
    bad = bar, bad.u.bar.volume = -1, expect_dropped(bad);
    bad = bar, bad.u.bar.timeframe_ns = 0, expect_dropped(bad);
    bad = bar, bad.u.bar.time = RIG_START - RIG_MINUTE, expect_dropped(bad); /* older */
    bad = bar;
    bad.u.bar.open = bad.u.bar.high = bad.u.bar.low = bad.u.bar.close = INT64_MIN;
    expect_dropped(bad);
    bad.u.bar.open = bad.u.bar.high = bad.u.bar.low = bad.u.bar.close = INT64_MAX;
    expect_dropped(bad);
    trade.u.trade = (struct turret_trade){rig.instrument[0], 0, rig.time, 0, 1, 0};
    expect_dropped(trade);
    quote.u.quote = (struct turret_quote){rig.instrument[0], 0, rig.time, 101, 100, 1, 1};
    expect_dropped(quote); /* crossed */
    split.u.split = (struct turret_split){rig.instrument[0], 0, 1, 0, rig.time};
    expect_dropped(split);
    status.u.status = (struct turret_status){rig.instrument[0], 9, rig.time};
    expect_dropped(status);
    assert_true(engine_accepts(rig.engine, &bar));
}

#define TURN_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TURN_TEST(floods_are_bounded),
        TURN_TEST(asking_again_at_each_denial_ends),
        TURN_TEST(targets_trade_the_difference),
        TURN_TEST(targets_are_asked_again_after_a_denial),
        TURN_TEST(absurd_targets_are_denied),
        TURN_TEST(a_repeated_denial_is_told_when_its_number_doubles),
        TURN_TEST(timers_fire_once_an_event),
        TURN_TEST(stop_cancels_pause_does_not),
        TURN_TEST(a_fault_disables_until_a_person_starts_it),
        TURN_TEST(no_start_brings_a_broken_indicator_back),
        TURN_TEST(time_never_goes_back),
        TURN_TEST(a_bar_of_the_future_does_not_end_its_series),
        TURN_TEST(nonsense_takes_no_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
