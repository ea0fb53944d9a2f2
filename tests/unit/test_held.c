/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the host does where a venue does less: stops and trailing stops on both sides and over
 * a gap, good-till-date and post-only; that cancels and changes of held orders are immediate, that
 * risk is asked again, that what only closes waits for its venue and is not counted twice, and that
 * what would open something does not wait.
 */
#include "held_bench.h"

/* ---- stops ---- */

static void a_stop_waits_and_goes_as_a_market_order(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    uint32_t before = rig.command_count;
    uint64_t id;
    (void)state;
    request.stop_price = 10100;
    id = ask(request);
    is(id, TURRET_STATE_HELD);
    assert_int_equal(rig_own(&rig, 0, 0)->open_buy, 10); /* it counts as if it were there */
    trade(10099);
    assert_int_equal(rig.command_count, before);
    trade(10100);
    is(id, TURRET_STATE_SENT);
    assert_int_equal(rig.command_count, before + 1);
    assert_int_equal(sent()->order.type, TURRET_ORDER_MARKET);
    assert_int_equal(sent()->order.stop_price, 0);
    assert_int_equal(sent()->order.order_id, id);
    request = want(SELL, TURRET_ORDER_STOP, 10);
    request.stop_price = 9000;
    id = ask(request);
    bar(8000, 9500, 8500); /* through it in one go */
    is(id, TURRET_STATE_SENT);
}

static void a_stop_limit_goes_as_a_limit_order(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP_LIMIT, 10);
    uint64_t id;
    (void)state;
    request.stop_price = 9900;
    request.limit_price = 9890;
    id = ask(request);
    bar(9901, 10000, 9950);
    is(id, TURRET_STATE_HELD);
    bar(9900, 10000, 9950);
    is(id, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.type, TURRET_ORDER_LIMIT);
    assert_int_equal(sent()->order.limit_price, 9890);
}

/* What traded before the order does not trigger it, though the bar tells of it later. */
static void only_what_traded_since_counts(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    struct event event;
    uint64_t id;
    (void)state;
    request.stop_price = 9900;
    id = ask(request);
    event = rig_bar_event(&rig, rig.instrument[0], engine_now(rig.engine) - RIG_MINUTE / 2, 10000);
    event.u.bar.low = 9000;
    event.time = event.u.bar.time + RIG_MINUTE;
    engine_ingest(rig.engine, &event);
    is(id, TURRET_STATE_HELD);
}

static void a_trailing_stop_follows(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_TRAILING_STOP, 10);
    uint64_t sell, buy;
    (void)state;
    request.trail = 100;
    sell = ask(request);
    request.side = BUY;
    buy = ask(request);
    assert_int_equal(at(sell)->stop_price, 9900);
    assert_int_equal(at(buy)->stop_price, 10100);
    trade(10050);
    assert_int_equal(at(sell)->stop_price, 9950);
    assert_int_equal(at(buy)->stop_price, 10100);
    trade(9960);
    assert_int_equal(at(sell)->stop_price, 9950); /* never back */
    assert_int_equal(at(buy)->stop_price, 10060);
    trade(9950);
    is(sell, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.type, TURRET_ORDER_MARKET);
    trade(10060);
    is(buy, TURRET_STATE_SENT);
}

/* High before low: where the path is not known, the case that ends it. */
static void within_a_bar_a_trail_takes_the_worse_path(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_TRAILING_STOP, 10);
    uint64_t id;
    (void)state;
    request.trail = 100;
    id = ask(request);
    bar(9950, 10049, 10040);
    is(id, TURRET_STATE_HELD);
    bar(9950, 10050, 10040);
    is(id, TURRET_STATE_SENT);
}

static void cancel_and_modify_are_immediate(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint32_t before = rig.command_count;
    uint64_t id;
    (void)state;
    request.stop_price = 9900;
    id = ask(request);
    assert_int_equal(turret_modify(rig.self[0], id, 20, 0, 9950), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(at(id)->qty, 20);
    assert_int_equal(at(id)->stop_price, 9950);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 20);
    assert_int_equal(turret_cancel(rig.self[0], id), TURRET_OK);
    rig_turn(&rig);
    is(id, TURRET_STATE_CANCELED);
    trade(9000);
    is(id, TURRET_STATE_CANCELED);
    assert_int_equal(rig.command_count, before);
}

static void risk_is_asked_again_at_release(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    uint64_t id;
    (void)state;
    request.stop_price = 10100;
    id = ask(request);
    rig.engine->options.risk.max_position_nano = 5 * MONEY_NANO;
    trade(10100);
    is(id, TURRET_STATE_DENIED);
    assert_int_equal(at(id)->denial, DENY_POSITION);
}

/* The venue is gone at night: what only closes waits for it, and is not counted twice. */
static void an_exit_waits_for_its_venue(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t first, second;
    (void)state;
    hold(BUY, 10, "1");
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9900;
    first = ask(request);
    request.stop_price = 9800;
    second = ask(request); /* both of them close the same ten */
    is(second, TURRET_STATE_HELD);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 0);
    rig.engine->venues[0].ready = false;
    rig.engine->strategies[0].run = STRATEGY_FAULT; /* it is not needed for this */
    trade(9850);
    is(first, TURRET_STATE_HELD);
    assert_int_equal(at(first)->denial, DENY_NOT_RECONCILED);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    trade(9950); /* it is due all the same, and told once */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig_connect(&rig);
    is(first, TURRET_STATE_SENT);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 10);
    trade(9700); /* the second has nothing to close as long as the first is out */
    is(second, TURRET_STATE_HELD);
    rig_fill(&rig, first, "2", SELL, 10, 9900);
    is(second, TURRET_STATE_CANCELED);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 0);
}

/* What would open something does not chase a price that is gone. */
static void an_entry_does_not_wait_for_its_venue(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_STOP, 10);
    uint64_t entry, shut;
    (void)state;
    request.stop_price = 10100;
    entry = ask(request);
    request.stop_price = 10200;
    shut = ask(request);
    rig.engine->venues[0].ready = false;
    trade(10150);
    is(entry, TURRET_STATE_DENIED);
    assert_true(rig.last_denied.id == entry); /* the audit has it */
    assert_int_equal(at(entry)->denial, DENY_NOT_RECONCILED);
    rig_connect(&rig);
    rig.engine->instruments[rig.instrument[0]].def.status = TURRET_STATUS_CLOSED;
    trade(10250); /* it is sent when the market opens */
    is(shut, TURRET_STATE_HELD);
    rig.engine->instruments[rig.instrument[0]].def.status = TURRET_STATUS_OPEN;
    rig_turn(&rig);
    is(shut, TURRET_STATE_SENT);
}

/* A stop that is not reduce-only waits as long as it is one. */
static void what_closes_waits_while_it_closes(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t first, second;
    (void)state;
    hold(BUY, 10, "1");
    request.stop_price = 9900;
    first = ask(request);
    rig.engine->venues[0].ready = false;
    trade(9850);
    is(first, TURRET_STATE_HELD);
    assert_int_equal(at(first)->denial, DENY_NOT_RECONCILED);
    rig_connect(&rig);
    is(first, TURRET_STATE_SENT);
    second = ask(request);
    rig.engine->venues[0].ready = false;
    trade(9850);
    is(second, TURRET_STATE_HELD);
    rig_fill(&rig, first, "2", SELL, 10, 9850);
    is(second, TURRET_STATE_DENIED); /* it would go short */
    assert_int_equal(at(second)->denial, DENY_NOT_RECONCILED);
}

/* ---- until a date ---- */

static void a_date_ends_what_is_held_and_what_is_out(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    uint64_t out, held;
    (void)state;
    request.limit_price = 9900;
    request.tif = TURRET_TIF_GTD;
    request.expires = engine_now(rig.engine) + 2 * RIG_MINUTE;
    out = ask(request);
    is(out, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.tif, TURRET_TIF_GTC); /* the venue knows no dates */
    request.type = TURRET_ORDER_STOP;
    request.limit_price = 0;
    request.stop_price = 10900;
    held = ask(request);
    rig_ack(&rig, out, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    bar(10000, 10000, 10000);
    is(out, TURRET_STATE_ACCEPTED);
    is(held, TURRET_STATE_HELD);
    bar(10000, 10000, 10000);
    is(held, TURRET_STATE_EXPIRED);
    assert_int_equal(sent()->kind, COMMAND_CANCEL);
    assert_int_equal(sent()->order.order_id, out);
    rig_state_of(&rig, out, TURRET_STATE_CANCELED, 10, 0, 0);
    is(out, TURRET_STATE_EXPIRED);
    request.expires = engine_now(rig.engine);
    assert_int_equal(at(ask(request))->denial, DENY_EXPIRY);
}

/* ---- post-only ---- */

static void post_only_needs_a_quote_that_proves_it(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 10);
    struct event event = rig_event(&rig, EVENT_QUOTE);
    (void)state;
    request.limit_price = 9990;
    request.flags = TURRET_ORDER_POST_ONLY;
    assert_int_equal(at(ask(request))->denial, DENY_POST_ONLY);
    event.venue = 0;
    event.u.quote.instrument = rig.instrument[0];
    event.u.quote.bid = 9980;
    event.u.quote.ask = 9991;
    event.u.quote.time = event.time;
    engine_ingest(rig.engine, &event);
    is(ask(request), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.flags, 0); /* the venue knows nothing of it */
    request.limit_price = 9991;
    assert_int_equal(at(ask(request))->denial, DENY_POST_ONLY);
    rig.engine->venues[0].caps.order_flags = TURRET_ORDER_POST_ONLY;
    is(ask(request), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.flags, TURRET_ORDER_POST_ONLY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stop_waits_and_goes_as_a_market_order),
        TEST(a_stop_limit_goes_as_a_limit_order),
        TEST(only_what_traded_since_counts),
        TEST(a_trailing_stop_follows),
        TEST(within_a_bar_a_trail_takes_the_worse_path),
        TEST(cancel_and_modify_are_immediate),
        TEST(risk_is_asked_again_at_release),
        TEST(an_exit_waits_for_its_venue),
        TEST(an_entry_does_not_wait_for_its_venue),
        TEST(what_closes_waits_while_it_closes),
        TEST(a_date_ends_what_is_held_and_what_is_out),
        TEST(post_only_needs_a_quote_that_proves_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
