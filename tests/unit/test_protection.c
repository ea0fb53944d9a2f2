/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what `protect` of a configuration does: entries of both sides get their bracket from the
 * range or a trail, rounded against the trader; what only closes or has a bracket of its own gets
 * none; and what is held too long is closed, also over a restart.
 */
#include "held_bench.h"

static struct protection *guard(void)
{
    return &rig.engine->strategies[0].protection;
}

static struct turret_slot range;

static int set_up_guarded(void **state)
{
    (void)set_up(state);
    memset(&range, 0, sizeof range);
    range.ready = 1;
    range.value[0] = 0.333; /* in the currency: 33.3 price units */
    rig.engine->strategies[0].acting->range[0] = &range;
    return 0;
}

static void entries_get_a_bracket_from_the_range(void **state)
{
    uint64_t id;
    (void)state;
    guard()->atr_period = 14;
    guard()->atr_stop_nano = 2 * MONEY_NANO;
    guard()->atr_target_nano = 3 * MONEY_NANO;
    id = ask(want(BUY, TURRET_ORDER_MARKET, 10));
    assert_int_equal(at(id)->stop_loss, 10000 - 67);    /* 66.6, further away */
    assert_int_equal(at(id)->take_profit, 10000 + 100); /* 99.9 */
    id = ask(want(SELL, TURRET_ORDER_MARKET, 10));
    assert_int_equal(at(id)->stop_loss, 10000 + 67);
    assert_int_equal(at(id)->take_profit, 10000 - 100);
    rig.engine->instruments[1].def.tick_size = 5;
    id = ask(want(BUY, TURRET_ORDER_MARKET, 10));
    assert_int_equal(at(id)->stop_loss, 9930);
    assert_int_equal(at(id)->take_profit, 10100);
    is(id, TURRET_STATE_SENT);
    (void)turret_target(rig.self[0], rig.instrument[0], 30, "wish");
    rig_turn(&rig);
    assert_true(rig.commands[rig.command_count - 1].order.qty > 0);
    assert_int_equal(at(sent()->order.order_id)->stop_loss, 9930);
}

static void who_has_one_or_only_closes_gets_none(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t id;
    (void)state;
    guard()->trailing_ppm = 20000;
    request.stop_loss = 9000;
    id = ask(request);
    assert_int_equal(at(id)->stop_trail, 0);
    rig_fill(&rig, id, "1", BUY, 10, 10000);
    assert_int_equal(at(ask(want(SELL, TURRET_ORDER_MARKET, 10)))->stop_trail, 0);
    assert_int_equal(at(ask(want(SELL, TURRET_ORDER_MARKET, 11)))->stop_trail, 200);
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 1)))->stop_trail, 200);
}

static void without_a_range_nothing_enters(void **state)
{
    (void)state;
    guard()->atr_period = 14;
    guard()->atr_stop_nano = MONEY_NANO;
    range.ready = 0;
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->denial, DENY_NO_REFERENCE);
    rig.engine->strategies[0].acting->range[0] = NULL;
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->denial, DENY_NO_REFERENCE);
    range.value[0] = 1e300; /* beyond every price */
    range.ready = 1;
    rig.engine->strategies[0].acting->range[0] = &range;
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->denial, DENY_PRICE);
}

static void a_trail_is_a_share_or_a_distance(void **state)
{
    uint64_t id;
    (void)state;
    guard()->trailing_nano = 123 * MONEY_NANO / 1000; /* 0.123: 12.3 price units */
    id = ask(want(BUY, TURRET_ORDER_MARKET, 10));
    assert_int_equal(at(id)->stop_trail, 13);
    rig_fill(&rig, id, "1", BUY, 10, 10010);
    assert_int_equal(at(child(id, TURRET_ORDER_TRAILING_STOP))->stop_price, 10010 - 13);
}

static void what_is_held_too_long_is_closed(void **state)
{
    uint64_t entry, close;
    (void)state;
    guard()->max_holding_ns = 3 * RIG_MINUTE;
    guard()->trailing_nano = MONEY_NANO;
    entry = ask(want(SELL, TURRET_ORDER_MARKET, 10));
    rig_fill(&rig, entry, "1", SELL, 10, 10000);
    bar(10000, 10000, 10000);
    rig_fill(&rig, ask(want(SELL, TURRET_ORDER_MARKET, 5)), "2", SELL, 5, 10000);
    bar(10000, 10000, 10000);
    assert_true(rig.engine->next_holding != INT64_MAX);
    bar(10000, 10000, 10000); /* three minutes since it was opened, not since it grew */
    close = sent()->order.order_id;
    assert_int_equal(sent()->order.side, BUY);
    assert_int_equal(sent()->order.qty, 15);
    assert_int_equal(at(close)->flags, TURRET_ORDER_REDUCE_ONLY);
    assert_string_equal(at(close)->venue_reason, "held as long as max_holding allows");
    is(child(entry, TURRET_ORDER_TRAILING_STOP), TURRET_STATE_CANCELED);
    bar(10000, 10000, 10000); /* once */
    assert_int_equal(sent()->order.order_id, close);
    rig_fill(&rig, close, "3", BUY, 15, 10000);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
    assert_int_equal(rig.engine->next_holding, INT64_MAX);
}

static void the_time_held_survives_a_restart(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    turret_time_ns due, time;
    uint8_t *bytes;
    size_t size;
    (void)state;
    guard()->max_holding_ns = 3 * RIG_MINUTE;
    hold(BUY, 10, "1");
    bar(10000, 10000, 10000);
    due = rig.engine->next_holding;
    time = rig.time;
    size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(size);
    assert_non_null(bytes);
    (void)engine_snapshot(rig.engine, bytes, size);
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    rig.time = time;
    guard()->max_holding_ns = 3 * RIG_MINUTE;
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_OK);
    free(bytes);
    assert_int_equal(rig.engine->next_holding, due);
    bar(10000, 10000, 10000);
    assert_int_equal(rig.command_count, 0);
    bar(10000, 10000, 10000);
    assert_int_equal(rig.command_count, 1);
    assert_int_equal(sent()->order.qty, 10);
}

/* Binding is refused where there are no bars to take a range from. */
static void a_range_needs_bars_and_an_indicator(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    (void)state;
    rig_close(&rig);
    o.timeframe[0] = 0;
    (void)rig_build(&rig, &o, &err);
    guard()->atr_period = 14;
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "needs bars"));
    rig_close(&rig);
    o.timeframe[0] = RIG_MINUTE;
    (void)rig_build(&rig, &o, &err);
    guard()->atr_period = 14;
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, &err), TURRET_ENOTFOUND);
    assert_non_null(strstr(err.text, "atr"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_guarded, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries_get_a_bracket_from_the_range), TEST(who_has_one_or_only_closes_gets_none),
        TEST(without_a_range_nothing_enters),       TEST(a_trail_is_a_share_or_a_distance),
        TEST(what_is_held_too_long_is_closed),      TEST(the_time_held_survives_a_restart),
        TEST(a_range_needs_bars_and_an_indicator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
