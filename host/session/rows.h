/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon keeps in the store's tables for people and programs to read: each row names what
 * it is about, so that it can be read without the configuration. Version ROWS_VERSION.
 *
 * Keys: order and fill ids big endian (their order is their age); positions and accounts by name.
 */
#ifndef SESSION_ROWS_H
#define SESSION_ROWS_H

#include "core/engine.h"
#include "store/store.h"

#define ROWS_VERSION 1

struct row_names {
    char strategy[ENGINE_NAME_MAX]; /* "": the account's own, or foreign */
    char symbol[32];
    char venue[16];
    char currency[8];
    int32_t price_scale, qty_scale;
};
struct row_order { /* STORE_ORDER, key id */
    struct row_names names;
    struct order order;
};
struct row_fill { /* STORE_FILL, key fill.id */
    struct row_names names;
    struct fill fill;
};
struct row_position { /* STORE_POSITION, key "strategy|symbol.venue" */
    struct row_names names;
    struct position position;
    turret_price mark; /* what position.value was taken at */
    uint64_t reserved;
};
struct row_account { /* STORE_LEDGER, key "venue|currency" */
    char venue[16];
    struct account account;
};

/* Each adds one row to the batch. fails: EFULL the batch has no room */
int rows_put_order(struct store_batch *batch, const struct engine *engine,
                   const struct order *order);
int rows_put_fill(struct store_batch *batch, const struct engine *engine, const struct fill *fill);
int rows_put_position(struct store_batch *batch, const struct engine *engine,
                      const struct position *position);
int rows_put_account(struct store_batch *batch, const struct engine *engine,
                     const struct account *account);

#endif
