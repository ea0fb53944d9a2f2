/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the core makes of the rest a venue tells at its edges: foreign orders it takes or
 * leaves, positions and cash of two venues, downloads that fail or tell half, streams that come and
 * go.
 */
#include "reports_bench.h"

static uint64_t changing(turret_qty qty, turret_qty to)
{
    uint64_t id = accepted(qty);
    assert_int_equal(turret_modify(rig.self[0], id, to, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
    return id;
}

/* ---- foreign orders ---- */

static struct event foreign(const char *venue_order_id, uint8_t side)
{
    struct event event = rig_event(&rig, EVENT_ORDER);
    event.venue = 0;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.state = TURRET_STATE_ACCEPTED;
    event.u.order.side = side;
    event.u.order.type = TURRET_ORDER_LIMIT;
    event.u.order.tif = TURRET_TIF_DAY;
    event.u.order.qty = 10;
    event.u.order.limit_price = 9000;
    event.u.order.stop_price = 8990;
    (void)snprintf(event.u.order.venue_order_id, 40, "%s", venue_order_id);
    return event;
}

static void foreign_orders_are_counted_and_left_alone(void **state)
{
    struct event event = foreign("F1", TURRET_SIDE_SELL);
    const struct order *order;
    (void)state;
    engine_ingest(rig.engine, &event);
    order = &rig.last_order;
    assert_int_equal(order->strategy, ORDER_NO_STRATEGY);
    /* stored by this id: another hash would adopt it a second time after an update */
    assert_true(order->id == UINT64_C(0x89050b07b59e2098));
    assert_int_equal(order->side, TURRET_SIDE_SELL);
    assert_int_equal(order->type, TURRET_ORDER_LIMIT);
    assert_int_equal(order->tif, TURRET_TIF_DAY);
    assert_true(order->qty == 10 && order->limit_price == 9000 && order->stop_price == 8990);
    assert_true(order->created == rig.engine->now);
    assert_string_equal(order->reason, "not this host's");
    assert_string_equal(order->venue_order_id, "F1");
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_int_equal(rig_account_position(&rig, 0)->open_sell, 10);
    assert_int_equal(rig.engine->venues[0].working, 1);
    engine_ingest(rig.engine, &event); /* once */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_int_equal(rig_account_position(&rig, 0)->open_sell, 10);
    event = foreign("F2", 0);
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.last_order.side, TURRET_SIDE_BUY);
    assert_int_equal(open_buy(), 10);
    assert_int_equal(rig.command_count, 0);
}

static void expect_left(struct event event)
{
    uint32_t orders = rig.orders;
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.orders, orders);
    assert_int_equal(rig.engine->venues[0].working, 0);
}

static void foreign_orders_that_are_not_taken(void **state)
{
    static const uint8_t ended[] = {TURRET_STATE_FILLED, TURRET_STATE_CANCELED,
                                    TURRET_STATE_EXPIRED, TURRET_STATE_REJECTED};
    struct event event = foreign("F", TURRET_SIDE_BUY);
    uint32_t i;
    (void)state;
    event.u.order.instrument = 0;
    expect_left(event);
    event.u.order.instrument = 3;
    expect_left(event);
    event.u.order.instrument = rig.instrument[0];
    event.u.order.qty = 0;
    expect_left(event);
    event.u.order.qty = 10;
    for (i = 0; i < sizeof ended; i++) {
        event.u.order.state = ended[i];
        expect_left(event);
    }
    event.u.order.state = TURRET_STATE_ACCEPTED;
    rig.engine->instruments[1].venue = 1;
    expect_left(event);
    rig.engine->instruments[1].venue = 0;
    event.u.order.instrument = 2; /* the last one there is */
    event.u.order.state = TURRET_STATE_UNKNOWN;
    event.u.order.qty = 1;
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.last_order.state, TURRET_STATE_UNKNOWN);
    assert_int_equal(rig.engine->venues[0].unknown, 1);
}

static void a_full_table_takes_no_foreign_order(void **state)
{
    struct rig_options o = rig_defaults();
    struct event event;
    (void)state;
    o.engine.orders_max = 2;
    rig_close(&rig);
    rig_open(&rig, &o);
    (void)bought(1);
    (void)bought(1);
    event = foreign("F", TURRET_SIDE_BUY);
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.engine->venues[0].working, 2);
    assert_int_equal(open_buy(), 2);
}

/* Fills may be ahead of their order: a part of them was taken back, others are of other orders. */
static void an_order_comes_after_its_fills(void **state)
{
    struct event event, bust = rig_event(&rig, EVENT_BUST);
    const struct order *order;
    (void)state;
    two_venues();
    rig_fill(&rig, 77, "a", TURRET_SIDE_SELL, 4, 9000);
    rig_fill(&rig, 78, "b", TURRET_SIDE_SELL, 2, 9000);
    rig_fill(&rig, 77, "c", TURRET_SIDE_SELL, 3, 9100);
    event = rig_event(&rig, EVENT_FILL);
    event.venue = 1;
    event.u.fill.order_id = 77; /* the number means something else there */
    event.u.fill.instrument = rig.instrument[1];
    event.u.fill.side = TURRET_SIDE_SELL;
    event.u.fill.qty = 1;
    event.u.fill.price = 9000;
    event.u.fill.fee = MONEY_ONE;
    (void)snprintf(event.u.fill.execution_id, 40, "d");
    engine_ingest(rig.engine, &event);
    bust.venue = 0;
    (void)snprintf(bust.u.bust.execution_id, 40, "c");
    engine_ingest(rig.engine, &bust);
    event = foreign("F1", TURRET_SIDE_SELL);
    event.u.order.order_id = 77;
    event.u.order.filled_qty = 4;
    event.u.order.state = TURRET_STATE_PARTIAL;
    engine_ingest(rig.engine, &event);
    order = engine_order(rig.engine, 77);
    assert_non_null(order);
    assert_int_equal(order->filled_qty, 4);
    assert_true(order->filled_value == 360 * MONEY_ONE);
    assert_true(order->fees == 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_sell, 6);
}

/* ---- reservations ---- */

static void orders_of_what_a_strategy_is_not_on_bind_the_account(void **state)
{
    struct order order;
    (void)state;
    memset(&order, 0, sizeof order);
    order.instrument = rig.instrument[1];
    order.side = TURRET_SIDE_BUY;
    order.qty = 5;
    rig.engine->strategies[0].instrument_count = 1; /* as after another configuration */
    order_reserve(rig.engine, &order, 1);
    assert_int_equal(rig_account_position(&rig, 1)->open_buy, 5);
    order_reserve(rig.engine, &order, -1);
    rig.engine->strategies[0].instrument_count = 2;
    assert_int_equal(rig_own(&rig, 0, 1)->open_buy, 0);
    assert_int_equal(rig_account_position(&rig, 1)->open_buy, 0);
}

/* ---- books of the venue ---- */

static void position(uint16_t venue, turret_instrument instrument, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    event.venue = venue;
    event.u.position.instrument = instrument;
    event.u.position.qty = qty;
    engine_ingest(rig.engine, &event);
}

static void positions_of_nothing_and_of_others(void **state)
{
    (void)state;
    two_venues();
    position(0, 0, 5);
    position(0, 3, 5);
    position(0, rig.instrument[1], 5); /* trades at the other venue */
    position(0, rig.instrument[0], 0); /* as the books have it */
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    assert_true(rig.engine->venues[0].ready && rig.engine->venues[1].ready);
    position(1, rig.instrument[1], 5);
    position(1, rig.instrument[1], 5);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0); /* a fill may be on its way */
    position(1, rig.instrument[1], 5);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "position 5, the books say 0"));
    assert_true(rig.engine->venues[0].ready && rig.engine->venues[1].ready);
    assert_true(rig.engine->instruments[rig.instrument[1]].differs); /* that one stands still */
}

static void balance(uint16_t venue, const char *currency, turret_money cash)
{
    struct event event = rig_event(&rig, EVENT_BALANCE);
    event.venue = venue;
    (void)snprintf(event.u.balance.currency, sizeof event.u.balance.currency, "%s", currency);
    event.u.balance.cash = cash;
    engine_ingest(rig.engine, &event);
}

static void balances_of_others_and_of_simulated_venues(void **state)
{
    (void)state;
    two_venues();
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 1, 0, TURRET_OK);
    balance(1, "EUR", 5); /* no account of ours */
    balance(1, "USD", INT64_C(1000000) * MONEY_ONE);
    rig.engine->venues[1].caps.can |= TURRET_CAN_SIMULATE;
    balance(1, "USD", 5);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig.engine->venues[1].caps.can &= ~(uint32_t)TURRET_CAN_SIMULATE;
    balance(1, "USD", 5);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "cash 0.00000005 USD, the books say"));
    rig_download(&rig, 0, 1, TURRET_OK);
    rig_download(&rig, 1, 1, TURRET_OK);
    assert_true(rig.engine->venues[0].ready);
    assert_false(rig.engine->venues[1].ready);
}

/* ---- downloads and streams ---- */

static void a_download_settles_its_own_venue(void **state)
{
    uint64_t here, there, held;
    struct turret_order_request request;
    (void)state;
    two_venues();
    here = accepted(10);
    held = bought(5);
    order_table_find(rig.engine->orders, held)->state = TURRET_STATE_HELD; /* not sent yet */
    request = rig_request(rig.instrument[1], TURRET_SIDE_BUY, 10, 9000);
    there = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    rig_download(&rig, 0, 1, TURRET_OK); /* an end without a beginning */
    assert_int_equal(state_of(here), TURRET_STATE_ACCEPTED);
    rig_download(&rig, 0, 0, TURRET_OK);
    assert_false(rig.engine->venues[0].ready);
    assert_true(rig.engine->venues[1].ready);
    rig_download(&rig, 0, 1, TURRET_EIO); /* it failed: nothing is known */
    assert_int_equal(state_of(here), TURRET_STATE_ACCEPTED);
    assert_false(rig.engine->venues[0].ready);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(state_of(here), TURRET_STATE_UNKNOWN);
    assert_string_equal(engine_order(rig.engine, here)->venue_reason, "not in the download");
    assert_int_equal(state_of(there), TURRET_STATE_SENT);
    assert_int_equal(state_of(held), TURRET_STATE_HELD);
    assert_int_equal(last_command(), COMMAND_QUERY);
    assert_true(rig.engine->venues[0].ready);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_OK); /* still not there: asked for again */
    assert_int_equal(last_command(), COMMAND_QUERY);
    assert_int_equal(rig.engine->venues[0].unknown, 1);
    order_table_find(rig.engine->orders, held)->state = TURRET_STATE_SENT;
}

static void what_was_asked_before_a_download_is_settled(void **state)
{
    uint64_t changed = changing(10, 20), canceled = accepted(5), calm = accepted(3);
    uint32_t commands, orders;
    uint32_t i;
    (void)state;
    assert_int_equal(turret_cancel(rig.self[0], canceled), TURRET_OK);
    rig_turn(&rig);
    for (i = 0; i < 2; i++) {
        if (i == 0)
            rig.engine->venues[0].caps.can |= TURRET_CAN_SIMULATE;
        else
            rig.engine->venues[0].caps.can &= ~(uint32_t)TURRET_CAN_SIMULATE;
        rig_download(&rig, 0, 0, TURRET_OK);
        rig_state_of(&rig, changed, TURRET_STATE_ACCEPTED, 10, 0, 1);
        rig_state_of(&rig, canceled, TURRET_STATE_ACCEPTED, 5, 0, 1);
        rig_state_of(&rig, calm, TURRET_STATE_ACCEPTED, 3, 0, 1);
        commands = rig.command_count;
        orders = rig.orders;
        rig_download(&rig, 0, 1, TURRET_OK);
        assert_int_equal(rig.command_count, commands + i); /* in lockstep: nothing was lost */
        assert_int_equal(open_buy(), 28);                  /* the change may still arrive */
    }
    assert_int_equal(last_command(), COMMAND_CANCEL);
    assert_int_equal(rig.orders, orders + 1); /* the change that was not asked for */
    assert_int_equal(engine_order(rig.engine, changed)->request, TURRET_REQUEST_NONE);
    assert_int_equal(engine_order(rig.engine, canceled)->request, TURRET_REQUEST_PENDING_CANCEL);
    rig.time = engine_order(rig.engine, changed)->deadline + 1;
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_state_of(&rig, changed, TURRET_STATE_ACCEPTED, 10, 0, 1);
    assert_int_equal(open_buy(), 18); /* it never will */
}

static void stream(uint32_t status)
{
    struct event event = rig_event(&rig, EVENT_STREAM);
    event.venue = 0;
    event.u.stream.status = status;
    engine_ingest(rig.engine, &event);
}

static void streams_come_and_go(void **state)
{
    static const uint32_t lost[] = {TURRET_STREAM_CONNECTING, TURRET_STREAM_STALE,
                                    TURRET_STREAM_DOWN};
    static const char *const words[] = {"venue0 connects", "venue0 is stale", "venue0 is down"};
    struct venue *venue = &rig.engine->venues[0];
    uint32_t i;
    (void)state;
    for (i = 0; i < 3; i++) {
        venue->ready = true;
        stream(lost[i]);
        assert_false(venue->ready);
        assert_int_equal(rig.notices[NOTICE_LOG], i + 1);
        assert_non_null(strstr(rig.last_notice[NOTICE_LOG], words[i]));
        stream(lost[i]);
        assert_int_equal(rig.notices[NOTICE_LOG], i + 1); /* told once */
    }
    stream(TURRET_STREAM_READY); /* connected is not reconciled */
    assert_false(venue->ready);
    venue->caps.can &= ~(uint32_t)TURRET_CAN_TRADE;
    stream(TURRET_STREAM_STALE);
    assert_false(venue->ready);
    stream(TURRET_STREAM_READY); /* nothing to reconcile where nothing trades */
    assert_true(venue->ready);
    stream(99);
    assert_true(venue->ready);
    stream(0);
    assert_true(venue->ready);
}

static void what_has_no_policy_yet_is_journaled(void **state)
{
    static const uint16_t types[] = {EVENT_RATE_LIMIT, EVENT_GAP};
    struct event event;
    uint32_t i, journaled;
    (void)state;
    for (i = 0; i < 2; i++) {
        event = rig_event(&rig, types[i]);
        event.venue = 0;
        journaled = rig.journaled;
        engine_ingest(rig.engine, &event);
        assert_int_equal(rig.journaled, journaled + 1);
        event.venue = 1; /* there is none */
        engine_ingest(rig.engine, &event);
        assert_int_equal(rig.journaled, journaled + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(foreign_orders_are_counted_and_left_alone),
        ENGINE_TEST(foreign_orders_that_are_not_taken),
        ENGINE_TEST(a_full_table_takes_no_foreign_order),
        ENGINE_TEST(an_order_comes_after_its_fills),
        ENGINE_TEST(orders_of_what_a_strategy_is_not_on_bind_the_account),
        ENGINE_TEST(positions_of_nothing_and_of_others),
        ENGINE_TEST(balances_of_others_and_of_simulated_venues),
        ENGINE_TEST(a_download_settles_its_own_venue),
        ENGINE_TEST(what_was_asked_before_a_download_is_settled),
        ENGINE_TEST(streams_come_and_go),
        ENGINE_TEST(what_has_no_policy_yet_is_journaled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
