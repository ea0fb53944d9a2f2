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
/* A difference, open or ended: STORE_DIFFERENCE, key difference.id. */
struct row_difference {
    struct row_names names; /* no strategy; without an instrument the venue only */
    struct difference difference;
};
/* STORE_EXECUTION, key "venue|execution": the fill's id; in the transaction of the fill. */
struct row_execution {
    uint64_t fill_id;
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

/* Whose code it is: STORE_INSTANCE, key "strategy spy-cross"; the state's bytes follow. */
struct row_instance {
    char plugin[48];
    char version[24];
    uint8_t build[32];    /* raw build id, zero-padded */
    uint64_t sequence;    /* since when */
    uint64_t state_bytes; /* core/saved_state.h; 0: not a strategy */
};
/* A step of a change of code: STORE_SWAP, key sequence. */
struct row_swap {
    uint64_t sequence;
    turret_time_ns time;
    uint32_t kind, phase;
    char instance[48]; /* "strategy spy-cross", "venue sim", "indicators" */
    char plugin[48];
    char from_version[24], to_version[24];
    uint8_t from_build[32], to_build[32];
    char reason[56];
};

/* Each adds one row to the batch. fails: EFULL the batch has no room */
int rows_put_order(struct store_batch *batch, const struct engine *engine,
                   const struct order *order);
int rows_put_fill(struct store_batch *batch, const struct engine *engine, const struct fill *fill);
int rows_put_difference(struct store_batch *batch, const struct engine *engine,
                        const struct difference *difference);
/* The fill of an execution. fails: ENOTFOUND, ECORRUPT, EVERSION */
int rows_find_execution(struct store *store, const char *venue, const char *execution_id,
                        struct row_fill *row, struct turret_error *err);
int rows_put_position(struct store_batch *batch, const struct engine *engine,
                      const struct position *position);
int rows_put_account(struct store_batch *batch, const struct engine *engine,
                     const struct account *account);
int rows_put_swap(struct store_batch *batch, const struct row_swap *swap);
/* `state` may be NULL when instance->state_bytes is 0. */
int rows_put_instance(struct store_batch *batch, const char *name,
                      const struct row_instance *instance, const void *state);
/* Raw build id, zero-padded, as the hex that people see. */
void rows_build_hex(const uint8_t build[32], char text[65]);

#endif
