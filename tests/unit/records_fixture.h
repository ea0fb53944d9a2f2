/* SPDX-License-Identifier: Apache-2.0 */
/* A store with orders, fills, positions and an account, written row by row. */
#ifndef TESTS_RECORDS_FIXTURE_H
#define TESTS_RECORDS_FIXTURE_H

#include "store_fixture.h"

#include "session/rows.h"

#define RECORDS_SECOND   INT64_C(1000000000)
#define RECORDS_DAY      (INT64_C(1704153600) * RECORDS_SECOND) /* 2024-01-02T00:00:00Z */
#define RECORDS_MONEY(x) ((x)*MONEY_ONE)

static const struct row_names records_spy = {.strategy = "spy-cross",
                                             .symbol = "SPY",
                                             .venue = "sim",
                                             .currency = "USD",
                                             .price_scale = 2,
                                             .qty_scale = 0};
static const struct row_names records_btc = {.strategy = "btc-grid",
                                             .symbol = "BTC",
                                             .venue = "sim",
                                             .currency = "EUR",
                                             .price_scale = 1,
                                             .qty_scale = 8};
static const struct row_names records_own = {
    .symbol = "SPY", .venue = "sim", .currency = "USD", .price_scale = 2, .qty_scale = 0};

static inline void records_put(struct store *store, enum store_table table, const void *key,
                               size_t key_bytes, uint16_t version, const void *row,
                               size_t row_bytes)
{
    struct store_batch *batch = fixture_batch(4096);
    struct turret_error err = {0, 0, ""};
    assert_int_equal(store_batch_put(batch, table, key, key_bytes, version, row, row_bytes), 0);
    if (store_commit(store, batch, &err))
        fail_msg("%s", err.text);
    store_batch_destroy(batch);
}

static inline void records_put_numbered(struct store *store, enum store_table table, uint64_t id,
                                        const void *row, size_t row_bytes)
{
    uint8_t key[8];
    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(id >> (56 - 8 * i));
    records_put(store, table, key, sizeof key, ROWS_VERSION, row, row_bytes);
}

static inline void records_put_order(struct store *store, const struct row_names *names,
                                     const struct order *order)
{
    struct row_order row;
    memset(&row, 0, sizeof row);
    row.names = *names;
    row.order = *order;
    records_put_numbered(store, STORE_ORDER, order->id, &row, sizeof row);
}

static inline void records_put_fill(struct store *store, const struct row_names *names,
                                    const struct fill *fill)
{
    struct row_fill row;
    memset(&row, 0, sizeof row);
    row.names = *names;
    row.fill = *fill;
    records_put_numbered(store, STORE_FILL, fill->id, &row, sizeof row);
}

static inline void records_put_position(struct store *store, const struct row_names *names,
                                        turret_price mark, const struct position *position)
{
    struct row_position row;
    char key[128];
    int length =
        snprintf(key, sizeof key, "%s|%s.%s", names->strategy, names->symbol, names->venue);
    memset(&row, 0, sizeof row);
    row.names = *names;
    row.position = *position;
    row.mark = mark;
    records_put(store, STORE_POSITION, key, (size_t)length, ROWS_VERSION, &row, sizeof row);
}

static inline void records_put_orders(struct store *store)
{
    struct order order = {.id = 1,
                          .side = TURRET_SIDE_BUY,
                          .type = TURRET_ORDER_MARKET,
                          .tif = TURRET_TIF_GTC,
                          .state = TURRET_STATE_FILLED,
                          .by_target = 1,
                          .qty = 10,
                          .filled_qty = 10,
                          .filled_value = RECORDS_MONEY(1005),
                          .fees = MONEY_ONE / 2,
                          .created = RECORDS_DAY,
                          .updated = RECORDS_DAY + RECORDS_SECOND / 2,
                          .sequence = 7,
                          .reason = "cross up",
                          .venue_order_id = "V-1"};
    records_put_order(store, &records_spy, &order);
    order = (struct order){.id = 2,
                           .side = TURRET_SIDE_SELL,
                           .type = TURRET_ORDER_STOP_LIMIT,
                           .tif = TURRET_TIF_DAY,
                           .state = TURRET_STATE_ACCEPTED,
                           .request = TURRET_REQUEST_PENDING_CANCEL,
                           .flags = TURRET_ORDER_REDUCE_ONLY,
                           .qty = 12345678,
                           .filled_qty = 345678,
                           .limit_price = 420005,
                           .stop_price = 420010,
                           .created = RECORDS_DAY + RECORDS_SECOND,
                           .updated = RECORDS_DAY + 2 * RECORDS_SECOND,
                           .sequence = 9,
                           .role = ORDER_EXIT,
                           .parent = 1,
                           .oco = 5};
    records_put_order(store, &records_btc, &order);
    order = (struct order){.id = 3,
                           .side = TURRET_SIDE_BUY,
                           .type = TURRET_ORDER_LIMIT,
                           .tif = TURRET_TIF_IOC,
                           .state = TURRET_STATE_DENIED,
                           .denial = DENY_COLLAR,
                           .qty = 5,
                           .limit_price = 9900,
                           .created = RECORDS_DAY + 3 * RECORDS_SECOND,
                           .updated = RECORDS_DAY + 3 * RECORDS_SECOND,
                           .sequence = 12,
                           .role = ORDER_SLICE,
                           .parent = 4};
    records_put_order(store, &records_spy, &order);
    order = (struct order){.id = (UINT64_C(1) << 32) + 1, /* the second run's first */
                           .strategy = ORDER_NO_STRATEGY,
                           .side = TURRET_SIDE_SELL,
                           .type = TURRET_ORDER_STOP,
                           .tif = TURRET_TIF_FOK,
                           .state = TURRET_STATE_UNKNOWN,
                           .qty = 1,
                           .stop_price = 9000,
                           .created = RECORDS_DAY + 4 * RECORDS_SECOND,
                           .updated = RECORDS_DAY + 4 * RECORDS_SECOND,
                           .sequence = 15,
                           .oco = 6,
                           .venue_reason = "lost \x1b[2Jhere\xff"};
    records_put_order(store, &records_own, &order);
}

static inline void records_put_fills(struct store *store)
{
    struct fill fill = {.id = 1,
                        .order_id = 1,
                        .side = TURRET_SIDE_BUY,
                        .qty = 10,
                        .price = 10050,
                        .fee = MONEY_ONE / 2,
                        .value = RECORDS_MONEY(1005),
                        .time = RECORDS_DAY + RECORDS_SECOND / 2,
                        .execution_id = "X1"};
    records_put_fill(store, &records_spy, &fill);
    fill = (struct fill){.id = 2,
                         .order_id = 2,
                         .side = TURRET_SIDE_SELL,
                         .maker = 1,
                         .qty = 345678,
                         .price = 420005,
                         .fee = -1,
                         .value = 14518648839,
                         .realised = -250000001,
                         .time = RECORDS_DAY + 2 * RECORDS_SECOND};
    records_put_fill(store, &records_btc, &fill);
    fill.id = 3;
    fill.side = TURRET_SIDE_BUY;
    fill.busted = 1;
    (void)snprintf(fill.execution_id, sizeof fill.execution_id, "-X2");
    records_put_fill(store, &records_btc, &fill);
}

static inline void records_put_books(struct store *store)
{
    struct position position = {.qty = 10,
                                .open_sell = 4,
                                .cost = RECORDS_MONEY(1005),
                                .value = RECORDS_MONEY(1010),
                                .realised = RECORDS_MONEY(-3),
                                .fees = MONEY_ONE / 2,
                                .trades = 3,
                                .wins = 1,
                                .has_target = 1,
                                .target = 10};
    struct row_names name = records_spy;
    struct row_account row;
    records_put_position(store, &records_spy, 10100, &position);
    position.strategy = POSITION_OF_ACCOUNT;
    position.has_target = 0;
    records_put_position(store, &records_own, 10100, &position);
    memcpy(name.symbol, "QQQ", 4);
    position = (struct position){
        .realised = RECORDS_MONEY(20), .fees = RECORDS_MONEY(1), .trades = 1, .wins = 1};
    records_put_position(store, &name, 40000, &position);
    position = (struct position){
        .qty = -12345678, .cost = -5185184760, .value = -5185300000, .open_buy = 100};
    records_put_position(store, &records_btc, 420010, &position);
    memset(&row, 0, sizeof row);
    memcpy(row.venue, "sim", 4);
    memcpy(row.account.currency, "USD", 4);
    row.account.cash = RECORDS_MONEY(99000) + MONEY_ONE / 2;
    row.account.fees = RECORDS_MONEY(1) + MONEY_ONE / 2;
    row.account.realised = RECORDS_MONEY(17);
    equity_init(&row.account.equity, RECORDS_MONEY(100000));
    equity_move(&row.account.equity, RECORDS_MONEY(25000));
    equity_move(&row.account.equity, RECORDS_MONEY(-5000));
    equity_move(&row.account.equity, RECORDS_MONEY(1250));
    records_put(store, STORE_LEDGER, "sim|USD", 7, ROWS_VERSION, &row, sizeof row);
}

#endif
