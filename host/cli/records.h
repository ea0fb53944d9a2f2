/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon recorded in the store's tables (session/rows.h), read for people: with or without
 * a running daemon. Every row handed out is checked and its texts are clean.
 */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include "cli/cli.h"
#include "session/rows.h"

#include <jansson.h>

#define RECORDS_LIMIT_DEFAULT 50
#define RECORDS_LIMIT_MAX     1000000

/* The store of the command line, for reading; err is not NULL. fails: as cli_store_there() and
 * store_open() */
int records_open(struct store **out, const struct cli *cli, struct turret_error *err);

/* The row is borrowed for the call; non-zero stops. */
typedef int records_order_fn(void *context, const struct row_order *row);
typedef int records_fill_fn(void *context, const struct row_fill *row);
typedef int records_position_fn(void *context, const struct row_position *row);
typedef int records_difference_fn(void *context, const struct row_difference *row);
typedef int records_account_fn(void *context, const struct row_account *row);

/*
 * Every row in the order of keys. A row that cannot be understood is left out; the first is named
 * in *err while the scan goes on.
 * fails: ECORRUPT, EVERSION some rows were left out; EIO
 */
int records_orders(struct store *store, records_order_fn *each, void *context,
                   struct turret_error *err);
int records_fills(struct store *store, records_fill_fn *each, void *context,
                  struct turret_error *err);
int records_positions(struct store *store, records_position_fn *each, void *context,
                      struct turret_error *err);
int records_accounts(struct store *store, records_account_fn *each, void *context,
                     struct turret_error *err);
int records_differences(struct store *store, records_difference_fn *each, void *context,
                        struct turret_error *err);

/* 10^-scale units as text into `text`, which is also the answer. */
#define RECORDS_DECIMAL_MAX 32
const char *records_decimal(int64_t value, int32_t scale, char text[RECORDS_DECIMAL_MAX]);
/* The strategy's name, or JSON null when it is nobody's. */
json_t *records_strategy_json(const struct row_names *names);
/* Text, or JSON null when it is empty. */
json_t *records_text_json(const char *text);

#endif
