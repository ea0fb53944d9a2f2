/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the kill switch says is lost with it, by the store alone: what is held still, and what
 * a daemon that was quicker has cancelled; but nothing that ended otherwise, was at a venue, opens
 * something, is of another venue, or was cancelled by a kill that was lifted since. What was to
 * close at once is told apart from stops.
 */
#include "records_fixture.h"

#include "session/halt.h"

#define KILLED_AT (RECORDS_DAY + 100 * RECORDS_SECOND)

static const struct order cancelled = {.id = 10,
                                       .side = TURRET_SIDE_SELL,
                                       .type = TURRET_ORDER_STOP,
                                       .tif = TURRET_TIF_GTC,
                                       .state = TURRET_STATE_CANCELED,
                                       .let_go = ORDER_LET_GO_KILLED,
                                       .role = ORDER_EXIT,
                                       .parent = 1,
                                       .qty = 10,
                                       .stop_price = 9000,
                                       .created = RECORDS_DAY,
                                       .updated = KILLED_AT};

static void put_latch(struct store *store, uint8_t scope, const char *name, uint8_t trading)
{
    struct trading_latch latch = {.scope = scope, .state = trading, .since = KILLED_AT};
    (void)snprintf(latch.name, sizeof latch.name, "%s", name);
    records_put(store, STORE_META, "trading", 7, ROWS_VERSION, &latch, sizeof latch);
}

/* How many stops of SPY are told of, of one that the daemon cancelled. */
static uint32_t told_of(struct store *store, const struct order *order, const char *venue)
{
    struct halt_result *result = calloc(1, sizeof *result);
    uint32_t orders;
    assert_non_null(result);
    records_put_order(store, &records_spy, order);
    halt_read_lost(result, store, venue);
    assert_true(result->lost_count <= 1);
    orders = result->lost_count ? result->lost[0].orders : 0;
    halt_finish(result);
    free(result);
    return orders;
}

static void what_a_quick_daemon_cancelled(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct order order = cancelled;
    assert_int_equal(told_of(store, &order, NULL), 0); /* no kill stands */
    put_latch(store, TRADING_ALL, "", TRADING_KILLED);
    assert_int_equal(told_of(store, &order, NULL), 1);
    assert_int_equal(told_of(store, &order, "sim"), 1);
    assert_int_equal(told_of(store, &order, "other"), 0);
    order.updated = KILLED_AT - 1;
    assert_int_equal(told_of(store, &order, NULL), 0);
    order = cancelled;
    order.let_go = ORDER_LET_GO_STOPPED;
    assert_int_equal(told_of(store, &order, NULL), 0);
    order = cancelled;
    order.state = TURRET_STATE_FILLED;
    assert_int_equal(told_of(store, &order, NULL), 0);
    order = cancelled;
    order.seen = ORDER_SEEN_AT_VENUE;
    assert_int_equal(told_of(store, &order, NULL), 0);
    order = cancelled;
    order.venue_order_id[0] = 'V';
    assert_int_equal(told_of(store, &order, NULL), 0);
    order = cancelled;
    order.role = ORDER_OWN;
    order.parent = 0;
    assert_int_equal(told_of(store, &order, NULL), 0);
    order.flags = TURRET_ORDER_REDUCE_ONLY;
    assert_int_equal(told_of(store, &order, NULL), 1);
    store_close(store);
}

static void by_the_scope_that_is_killed(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    put_latch(store, TRADING_VENUE, "sim", TRADING_KILLED);
    assert_int_equal(told_of(store, &cancelled, NULL), 1);
    put_latch(store, TRADING_VENUE, "simple", TRADING_KILLED);
    assert_int_equal(told_of(store, &cancelled, NULL), 0);
    put_latch(store, TRADING_INSTRUMENT, "SPY.sim", TRADING_KILLED);
    assert_int_equal(told_of(store, &cancelled, NULL), 0);
    put_latch(store, TRADING_ALL, "", TRADING_HALTED);
    assert_int_equal(told_of(store, &cancelled, NULL), 0);
    store_close(store);
}

static struct halt_order held(uint64_t id, const struct row_names *names, bool closes)
{
    struct halt_order order;
    memset(&order, 0, sizeof order);
    order.proof = HALT_INSIDE;
    order.stored = true;
    order.names = *names;
    order.order = cancelled;
    order.order.id = id;
    order.order.state = TURRET_STATE_HELD;
    order.order.type = closes ? TURRET_ORDER_MARKET : TURRET_ORDER_STOP;
    order.order.parent = closes ? 0 : 1;
    return order;
}

static void assert_lost(const struct halt_lost *lost, const char *symbol, uint32_t orders,
                        bool kept, bool closes)
{
    assert_string_equal(lost->symbol, symbol);
    assert_string_equal(lost->venue, "sim");
    assert_int_equal(lost->orders, orders);
    assert_int_equal(lost->kept, kept);
    assert_int_equal(lost->closes, closes);
}

/* Those that are held still, those that are kept, what was to close; an order is told of once. */
static void each_instrument_once(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct halt_result *result = calloc(1, sizeof *result);
    struct order closing = cancelled;
    assert_non_null(result);
    result->orders = calloc(6, sizeof *result->orders);
    assert_non_null(result->orders);
    put_latch(store, TRADING_ALL, "", TRADING_KILLED);
    result->recorded = true;
    result->count = result->room = 6;
    result->orders[0] = held(10, &records_spy, false); /* cancelled since it was read */
    result->orders[0].order.request = TURRET_REQUEST_PENDING_CANCEL;
    result->orders[1] = held(11, &records_spy, false);
    result->orders[2] = held(12, &records_btc, false);
    result->orders[3] = held(13, &records_spy, false);
    result->orders[4] = held(14, &records_spy, true);
    result->orders[5] = held(15, &records_spy, false); /* it was no more than an entry */
    result->orders[5].order.role = ORDER_OWN;
    records_put_order(store, &records_spy, &cancelled);
    closing.id = 16;
    closing.type = TURRET_ORDER_MARKET;
    records_put_order(store, &records_spy, &closing); /* a stop that was set off */
    closing.id = 17;
    closing.parent = 0;
    records_put_order(store, &records_btc, &closing);
    halt_read_lost(result, store, NULL);
    assert_int_equal(result->lost_count, 5);
    assert_lost(&result->lost[0], "SPY", 2, false, false);
    assert_lost(&result->lost[1], "SPY", 2, true, false);
    assert_lost(&result->lost[2], "BTC", 1, true, false);
    assert_lost(&result->lost[3], "SPY", 1, true, true);
    assert_lost(&result->lost[4], "BTC", 1, false, true);
    halt_finish(result);
    assert_int_equal(result->lost_count, 0);
    free(result);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_quick_daemon_cancelled, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(by_the_scope_that_is_killed, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(each_instrument_once, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
