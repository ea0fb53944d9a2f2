/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret fills: every execution that was booked.
 */
#include "cli/json.h"
#include "cli/newest.h"
#include "research/when.h"

static const char *const headings[] = {"id",  "time",  "order", "strategy", "instrument", "side",
                                       "qty", "price", "fee",   "realised", "currency",   "note"};
#define COLUMNS (sizeof headings / sizeof headings[0])
#define RIGHT   (1u << 0 | 1u << 2 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 9)

static int take_fill(void *context, const struct row_fill *row)
{
    return newest_add(context, &row->names, true);
}

static json_t *fill_json(const void *of)
{
    const struct row_fill *row = of;
    const struct row_names *names = &row->names;
    const struct fill *fill = &row->fill;
    return json_pack(
        "{s:I, s:I, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "id",
        (json_int_t)fill->id, "order_id", (json_int_t)fill->order_id, "strategy",
        records_strategy_json(names), "symbol", names->symbol, "venue", names->venue, "side",
        order_side_name(fill->side), "qty", cli_json_decimal(fill->qty, names->qty_scale), "price",
        cli_json_decimal(fill->price, names->price_scale), "currency", names->currency, "value",
        cli_json_decimal(fill->value, MONEY_SCALE), "fee", cli_json_decimal(fill->fee, MONEY_SCALE),
        "realised", cli_json_decimal(fill->realised, MONEY_SCALE), "maker", fill->maker != 0,
        "busted", fill->busted != 0, "execution_id", records_text_json(fill->execution_id), "time",
        cli_json_time(fill->time));
}

static int fill_cells(struct text_table *table, const void *of)
{
    const struct row_fill *row = of;
    const struct row_names *names = &row->names;
    const struct fill *fill = &row->fill;
    char id[24], order[24], time[WHEN_TEXT_MAX], instrument[64], qty[RECORDS_DECIMAL_MAX],
        price[RECORDS_DECIMAL_MAX], fee[RECORDS_DECIMAL_MAX], realised[RECORDS_DECIMAL_MAX];
    const char *cells[COLUMNS] = {id,
                                  time,
                                  order,
                                  names->strategy,
                                  instrument,
                                  order_side_name(fill->side),
                                  records_decimal(fill->qty, names->qty_scale, qty),
                                  records_decimal(fill->price, names->price_scale, price),
                                  records_decimal(fill->fee, MONEY_SCALE, fee),
                                  records_decimal(fill->realised, MONEY_SCALE, realised),
                                  names->currency,
                                  fill->busted  ? "busted"
                                  : fill->maker ? "maker"
                                                : ""};
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)fill->id);
    (void)snprintf(order, sizeof order, "%llu", (unsigned long long)fill->order_id);
    (void)snprintf(instrument, sizeof instrument, "%s.%s", names->symbol, names->venue);
    when_print(fill->time, time, sizeof time);
    return text_table_row(table, cells);
}

static const struct newest_form form = {"fills", headings, COLUMNS, RIGHT, fill_json, fill_cells};

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct newest newest;
    struct store *store;
    int code = newest_begin(&newest, cli, sizeof(struct row_fill), RECORDS_LIMIT_DEFAULT);
    if (code)
        return code;
    if (!records_open(&store, cli, &err)) {
        (void)records_fills(store, take_fill, &newest, &err);
        if (!newest_check(&newest, store, &err)) {
            newest_print(&newest, cli, &form, &err);
            newest_explain(&newest, cli, "fills");
        }
    }
    newest_end(&newest);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

static const struct cli_option options[] = {
    NEWEST_OPTIONS,
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret fills", "turret fills --strategy spy-cross -n 10",
                                       "turret fills --all --json", NULL};

const struct cli_command cmd_fills = {
    .path = "fills",
    .summary = "list executions",
    .details =
        "Reads the store, so it works beside a running daemon and without one. The oldest comes "
        "first.\n\n"
        "Realised is the profit of the part that closed a position of the account, fees not taken "
        "off. A busted fill undoes one that the venue took back; the two add up to nothing.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
