/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From bytes to rows that can be shown: right size and version, scales in range, clean texts.
 */
#include "cli/records.h"

#include "cli/clean.h"
#include "config/config.h"

#include <string.h>

#define SCALE_MAX 12

union any_row {
    struct row_order order;
    struct row_fill fill;
    struct row_position position;
    struct row_account account;
    struct row_difference difference;
};

struct scan {
    struct store *store;
    const char *what; /* "an order" */
    size_t row_bytes;
    bool (*check)(union any_row *row);
    int (*hand_out)(const struct scan *scan, const union any_row *row);
    union { /* the one that hand_out knows */
        records_order_fn *order;
        records_fill_fn *fill;
        records_position_fn *position;
        records_account_fn *account;
        records_difference_fn *difference;
    } each;
    void *context;
    struct turret_error *err;
    int code;
};

int records_open(struct store **out, const struct cli *cli, struct turret_error *err)
{
    char path[CONFIG_PATH_MAX];
    *out = NULL;
    if (cli_store_there(cli, path, sizeof path, err))
        return turret_ok(err);
    return store_open(out, path, STORE_READ_ONLY, err);
}

static int on_row(void *context, const void *key, size_t key_bytes, uint16_t version,
                  const void *value, size_t value_bytes)
{
    struct scan *scan = context;
    union any_row row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION) {
        scan->code = turret_fail(scan->err, TURRET_EVERSION,
                                 "store %.300s: a row about %s has version %u and is left out, "
                                 "this turret knows %u: use the turret that wrote it",
                                 store_path(scan->store), scan->what, version, ROWS_VERSION);
        return 0;
    }
    memset(&row, 0, sizeof row);
    if (value_bytes == scan->row_bytes)
        memcpy(&row, value, value_bytes);
    if (value_bytes != scan->row_bytes || !scan->check(&row)) {
        scan->code = turret_fail(scan->err, TURRET_ECORRUPT,
                                 "store %.300s: a row about %s is damaged and left out; run: "
                                 "turret journal verify",
                                 store_path(scan->store), scan->what);
        return 0;
    }
    return scan->hand_out(scan, &row);
}

static int run(struct scan *scan, enum store_table table)
{
    int code = store_scan(scan->store, table, NULL, 0, on_row, scan, NULL, scan->err);
    return code ? code : scan->code;
}

static bool check_names(struct row_names *names)
{
    clean_text(names->strategy, sizeof names->strategy);
    clean_text(names->symbol, sizeof names->symbol);
    clean_text(names->venue, sizeof names->venue);
    clean_text(names->currency, sizeof names->currency);
    return names->price_scale >= 0 && names->price_scale <= SCALE_MAX && names->qty_scale >= 0 &&
           names->qty_scale <= SCALE_MAX;
}

static bool check_order(union any_row *row)
{
    struct order *order = &row->order.order;
    clean_text(order->reason, sizeof order->reason);
    clean_text(order->venue_order_id, sizeof order->venue_order_id);
    clean_text(order->venue_reason, sizeof order->venue_reason);
    return check_names(&row->order.names) && order->state >= TURRET_STATE_INIT &&
           order->state <= TURRET_STATE_UNKNOWN && order->role <= ORDER_SLICE;
}

static int hand_out_order(const struct scan *scan, const union any_row *row)
{
    return scan->each.order(scan->context, &row->order);
}

int records_orders(struct store *store, records_order_fn *each, void *context,
                   struct turret_error *err)
{
    struct scan scan = {.store = store,
                        .what = "an order",
                        .row_bytes = sizeof(struct row_order),
                        .check = check_order,
                        .hand_out = hand_out_order,
                        .each.order = each,
                        .context = context,
                        .err = err};
    return run(&scan, STORE_ORDER);
}

static bool check_fill(union any_row *row)
{
    clean_text(row->fill.fill.execution_id, sizeof row->fill.fill.execution_id);
    return check_names(&row->fill.names);
}

static int hand_out_fill(const struct scan *scan, const union any_row *row)
{
    return scan->each.fill(scan->context, &row->fill);
}

int records_fills(struct store *store, records_fill_fn *each, void *context,
                  struct turret_error *err)
{
    struct scan scan = {.store = store,
                        .what = "an execution",
                        .row_bytes = sizeof(struct row_fill),
                        .check = check_fill,
                        .hand_out = hand_out_fill,
                        .each.fill = each,
                        .context = context,
                        .err = err};
    return run(&scan, STORE_FILL);
}

/* What is shown as value - cost has to fit. */
static bool check_position(union any_row *row)
{
    turret_money unrealised;
    return check_names(&row->position.names) &&
           !__builtin_sub_overflow(row->position.position.value, row->position.position.cost,
                                   &unrealised);
}

static int hand_out_position(const struct scan *scan, const union any_row *row)
{
    return scan->each.position(scan->context, &row->position);
}

int records_positions(struct store *store, records_position_fn *each, void *context,
                      struct turret_error *err)
{
    struct scan scan = {.store = store,
                        .what = "a position",
                        .row_bytes = sizeof(struct row_position),
                        .check = check_position,
                        .hand_out = hand_out_position,
                        .each.position = each,
                        .context = context,
                        .err = err};
    return run(&scan, STORE_POSITION);
}

static bool check_account(union any_row *row)
{
    turret_money profit;
    struct account *account = &row->account.account;
    clean_text(row->account.venue, sizeof row->account.venue);
    clean_text(account->currency, sizeof account->currency);
    return !__builtin_sub_overflow(account->equity.now, account->equity.start, &profit);
}

static int hand_out_account(const struct scan *scan, const union any_row *row)
{
    return scan->each.account(scan->context, &row->account);
}

int records_accounts(struct store *store, records_account_fn *each, void *context,
                     struct turret_error *err)
{
    struct scan scan = {.store = store,
                        .what = "an account",
                        .row_bytes = sizeof(struct row_account),
                        .check = check_account,
                        .hand_out = hand_out_account,
                        .each.account = each,
                        .context = context,
                        .err = err};
    return run(&scan, STORE_LEDGER);
}

static bool check_difference(union any_row *row)
{
    clean_text(row->difference.difference.text, sizeof row->difference.difference.text);
    clean_text(row->difference.difference.currency, sizeof row->difference.difference.currency);
    return check_names(&row->difference.names);
}

static int hand_out_difference(const struct scan *scan, const union any_row *row)
{
    return scan->each.difference(scan->context, &row->difference);
}

int records_differences(struct store *store, records_difference_fn *each, void *context,
                        struct turret_error *err)
{
    struct scan scan = {.store = store,
                        .what = "a difference",
                        .row_bytes = sizeof(struct row_difference),
                        .check = check_difference,
                        .hand_out = hand_out_difference,
                        .each.difference = each,
                        .context = context,
                        .err = err};
    return run(&scan, STORE_DIFFERENCE);
}

const char *records_decimal(int64_t value, int32_t scale, char text[RECORDS_DECIMAL_MAX])
{
    money_format(value, scale, text, RECORDS_DECIMAL_MAX);
    return text;
}

json_t *records_text_json(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

json_t *records_strategy_json(const struct row_names *names)
{
    return records_text_json(names->strategy);
}
