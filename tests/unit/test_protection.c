/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what `protect` of a configuration does: entries of both sides get their bracket from the
 * range or a trail, rounded against the trader; what only closes or has a bracket of its own gets
 * none; and what is held too long is closed, also over a restart.
 */
#include "held_bench.h"

#include "core/protection.h"
#include "core/saved_state.h"

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

static void what_only_reduces_gets_none(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_MARKET, 20);
    uint64_t id;
    (void)state;
    hold(BUY, 10, "1");
    guard()->trailing_ppm = 20000;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    id = ask(request); /* more than there is: for that, and for no bracket, it is denied */
    assert_int_equal(at(id)->stop_trail, 0);
    assert_int_equal(at(id)->denial, DENY_REDUCE_ONLY);
}

/* From the price it enters at: its limit, else its stop, else the last one. */
static void a_bracket_goes_from_the_price_of_the_order(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t id;
    (void)state;
    guard()->atr_period = 14;
    guard()->atr_stop_nano = MONEY_NANO;
    request.limit_price = 9900;
    id = ask(request);
    assert_int_equal(at(id)->stop_loss, 9900 - 34);
    assert_int_equal(at(id)->take_profit, 0); /* not asked for */
    request = want(BUY, TURRET_ORDER_STOP, 10);
    request.stop_price = 10100;
    assert_int_equal(at(ask(request))->stop_loss, 10100 - 34);
    rig.engine->instruments[1].mark = 0;
    id = ask(want(BUY, TURRET_ORDER_MARKET, 10));
    assert_int_equal(at(id)->stop_loss, 0);
    assert_int_equal(at(id)->denial, DENY_NO_REFERENCE);
}

static void brackets_are_on_the_grid_of_ticks(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t id;
    (void)state;
    guard()->atr_period = 14;
    guard()->atr_stop_nano = guard()->atr_target_nano = MONEY_NANO; /* 33.3: 35 in ticks of 5 */
    rig.engine->instruments[1].def.tick_size = 5;
    rig.engine->instruments[1].mark = 10003; /* it was another grid then */
    id = ask(request);
    assert_int_equal(at(id)->stop_loss, 9965);    /* 9968, further away */
    assert_int_equal(at(id)->take_profit, 10040); /* 10038 */
    request.side = SELL;
    id = ask(request);
    assert_int_equal(at(id)->stop_loss, 10040);
    assert_int_equal(at(id)->take_profit, 9965);
}

static void a_bracket_stays_above_nothing(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    (void)state;
    guard()->atr_period = 14;
    guard()->atr_stop_nano = MONEY_NANO;
    rig.engine->instruments[1].mark = 20;
    request.limit_price = 20; /* 34 less is nothing */
    assert_int_equal(at(ask(request))->stop_loss, 1);
}

/* Nothing enters without the protection that was asked for. */
static void what_is_beyond_every_price_denies(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    (void)state;
    guard()->atr_period = 14;
    guard()->atr_stop_nano = guard()->atr_target_nano = MONEY_NANO;
    request.limit_price = INT64_MAX;
    assert_int_equal(at(ask(request))->denial, DENY_PRICE);
    guard()->atr_period = 0;
    guard()->trailing_nano = INT64_MAX;
    rig.engine->instruments[1].def.price_scale = 12;
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->denial, DENY_PRICE);
    rig.engine->instruments[1].def.price_scale = 2;
}

static void of_what_is_not_there_nothing_is_made(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t id;
    (void)state;
    guard()->trailing_ppm = 20000;
    request.instrument = 99;
    id = ask(request);
    is(id, TURRET_STATE_DENIED);
    assert_int_equal(at(id)->stop_trail, 0);
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
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->denial, DENY_EXITS);
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
    rig.engine->instruments[1].def.price_scale = 0;
    guard()->trailing_nano = 12 * MONEY_NANO + 1; /* the least more than twelve */
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->stop_trail, 13);
    guard()->trailing_nano = 12 * MONEY_NANO;
    assert_int_equal(at(ask(want(BUY, TURRET_ORDER_MARKET, 10)))->stop_trail, 12);
    rig.engine->instruments[1].def.price_scale = 2;
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

/* An entry of its strategy's fills while it is being closed. */
static void what_comes_to_it_meanwhile_is_closed_too(void **state)
{
    uint64_t more, close;
    (void)state;
    guard()->max_holding_ns = 3 * RIG_MINUTE;
    hold(BUY, 10, "1");
    more = limit_of(BUY, 5, 9900, 0);
    seconds_pass(180);
    close = sent()->order.order_id;
    rig_fill(&rig, more, "2", BUY, 5, 9900);
    rig_fill(&rig, close, "3", SELL, 4, 9900);
    seconds_pass(1);
    assert_int_equal(sent()->order.order_id, close);
    rig_fill(&rig, close, "4", SELL, 6, 9900);
    assert_int_not_equal(sent()->order.order_id, close);
    assert_int_equal(sent()->order.qty, 5);
    close = sent()->order.order_id;
    rig_fill(&rig, close, "5", SELL, 5, 9900);
    assert_int_equal(held_now(), 0);
    seconds_pass(1000);
    assert_int_equal(sent()->order.order_id, close);
    rig.engine->strategies[0].holdings[2].closing = 1; /* of no instrument */
    protection_closed(rig.engine, &rig.engine->strategies[0], 99);
    assert_int_equal(rig.engine->strategies[0].holdings[2].closing, 1);
}

static void it_is_long_short_or_nothing(void **state)
{
    const struct holding *holding = &rig.engine->strategies[0].holdings[0];
    turret_time_ns opened;
    (void)state;
    hold(BUY, 10, "1");
    assert_int_equal(holding->side, 1);
    opened = holding->since;
    rig.time += RIG_MINUTE;
    hold(BUY, 10, "2");
    assert_true(holding->since == opened); /* more of the same */
    hold(SELL, 30, "3");
    assert_int_equal(holding->side, -1);
    assert_true(holding->since == opened + RIG_MINUTE);
    hold(BUY, 10, "4");
    assert_int_equal(holding->side, 0);
}

static void fills_on(uint32_t which, uint64_t id, const char *execution, uint8_t side,
                     turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig.instrument[which];
    event.u.fill.side = side;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, 40, "%s", execution);
    engine_ingest(rig.engine, &event);
}

static uint64_t buys(uint32_t strategy, uint32_t which, turret_qty qty, const char *execution)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, qty);
    uint64_t id;
    request.instrument = rig.instrument[which];
    request.stop_loss = 9000;
    id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    fills_on(which, id, execution, BUY, qty);
    return child(id, TURRET_ORDER_STOP);
}

/* Two strategies on two instruments, and an order of its own that is held, too. */
static void only_its_own_exits_make_room(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 1);
    uint64_t its, others, later, own;
    (void)state;
    rig_close(&rig);
    o.strategies = 2;
    rig_open(&rig, &o);
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    guard()->max_holding_ns = 3 * RIG_MINUTE;
    its = buys(0, 0, 10, "1");
    others = buys(1, 0, 20, "2");
    request.stop_price = 12000;
    own = ask(request);
    bar(10000, 10000, 10000);
    later = buys(0, 1, 30, "3");
    assert_true(rig.engine->next_holding ==
                rig.engine->strategies[0].holdings[0].since + 3 * RIG_MINUTE); /* the first one's */
    bar(10000, 10000, 10000);
    bar(10000, 10000, 10000);
    assert_int_equal(sent()->order.qty, 10);
    is(its, TURRET_STATE_CANCELED);
    is(others, TURRET_STATE_HELD);
    is(later, TURRET_STATE_HELD);
    is(own, TURRET_STATE_HELD);
    bar(10000, 10000, 10000); /* the first one is closing, the second is due */
    assert_int_equal(sent()->order.qty, 30);
    is(later, TURRET_STATE_CANCELED);
    is(others, TURRET_STATE_HELD); /* held as long as it likes */
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

/* ---- bytes ---- */

static int get(const struct pack *pack, size_t length, struct strategy *to,
               struct turret_error *err)
{
    static const uint32_t same[] = {0, 1, 2};
    struct unpack in = {pack->bytes, pack->bytes + length, err};
    memset(err, 0, sizeof *err);
    return protection_get(&in, to, same, 2);
}

static void cut_and_absurd_times_are_refused(void **state)
{
    const struct holding absurd[] = {{1, 2, 0}, {1, -2, 0}, {-1, 1, 0}, {EVENT_TIME_MAX + 1, 1, 0}};
    struct strategy *strategy = &rig.engine->strategies[0];
    struct turret_error err;
    uint8_t bytes[256];
    struct pack pack = {bytes, 0, sizeof bytes};
    uint32_t count = ENGINE_ON_MAX + 1, i;
    size_t length;
    (void)state;
    hold(BUY, 10, "1");
    protection_put(&pack, strategy);
    assert_int_equal(get(&pack, pack.used, NULL, &err), TURRET_OK); /* of one that is gone */
    strategy->holdings[0].side = 0;
    assert_int_equal(get(&pack, pack.used, strategy, &err), TURRET_OK);
    assert_int_equal(strategy->holdings[0].side, 1);
    for (length = 0; length < pack.used; length++)
        assert_int_equal(get(&pack, length, strategy, &err), TURRET_ECORRUPT);
    memcpy(bytes, &count, sizeof count);
    assert_int_equal(get(&pack, pack.used, strategy, &err), TURRET_ECORRUPT);
    assert_string_equal(err.text, "a strategy of the snapshot is on 65");
    for (i = 0; i < 5; i++) {
        struct holding good = strategy->holdings[0];
        pack.used = 0;
        if (i < 4)
            strategy->holdings[0] = absurd[i];
        else
            strategy->instruments[0] = 3;
        protection_put(&pack, strategy);
        strategy->holdings[0] = good;
        strategy->instruments[0] = rig.instrument[0];
        assert_int_equal(get(&pack, pack.used, strategy, &err), TURRET_ECORRUPT);
        assert_string_equal(err.text, "a holding of the snapshot is absurd");
        assert_memory_equal(&strategy->holdings[0], &good, sizeof good);
    }
}

/* ---- the range ---- */

/* The mean of the closes stands in for it. */
static const struct turret_indicator_type *
finds_a_range(void *context, const char *name, const void **build, struct turret_error *err)
{
    return rig_find(context, strcmp(name, "atr") ? name : "mean", build, err);
}

static void every_instrument_has_a_range_of_its_own(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    const struct incarnation *acting;
    (void)state;
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    engine_set_indicators(rig.engine, finds_a_range, NULL);
    guard()->atr_period = 2;
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    rig_bar(&rig, rig.instrument[0], 10000);
    rig_bar(&rig, rig.instrument[0], 10200);
    rig_bar(&rig, rig.instrument[1], 20000);
    acting = rig.engine->strategies[0].acting;
    assert_true(acting->range[0]->ready && acting->range[0]->value[0] == 101);
    assert_false(acting->range[1]->ready); /* one bar is not enough */
    rig_bar(&rig, rig.instrument[1], 20400);
    assert_true(acting->range[1]->ready && acting->range[1]->value[0] == 202);
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
        TEST(entries_get_a_bracket_from_the_range),
        TEST(who_has_one_or_only_closes_gets_none),
        TEST(without_a_range_nothing_enters),
        TEST(a_trail_is_a_share_or_a_distance),
        TEST(what_is_held_too_long_is_closed),
        TEST(what_comes_to_it_meanwhile_is_closed_too),
        TEST(the_time_held_survives_a_restart),
        TEST(a_range_needs_bars_and_an_indicator),
        TEST(what_only_reduces_gets_none),
        TEST(a_bracket_goes_from_the_price_of_the_order),
        TEST(brackets_are_on_the_grid_of_ticks),
        TEST(a_bracket_stays_above_nothing),
        TEST(what_is_beyond_every_price_denies),
        TEST(it_is_long_short_or_nothing),
        TEST(of_what_is_not_there_nothing_is_made),
        TEST(only_its_own_exits_make_room),
        TEST(cut_and_absurd_times_are_refused),
        TEST(every_instrument_has_a_range_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
