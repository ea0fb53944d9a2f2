/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret positions: what strategies and accounts hold.
 */
#include "cli/json.h"
#include "cli/records.h"
#include "cli/strategy_name.h"
#include "cli/text.h"

#include <string.h>

static const char *const headings[] = {"strategy", "instrument", "qty",      "cost", "mark",
                                       "value",    "unrealised", "realised", "fees", "currency"};
#define COLUMNS (sizeof headings / sizeof headings[0])
#define RIGHT   (0x7fu << 2)

struct listing {
    const struct cli *cli;
    const char *strategy;       /* NULL: all */
    bool flat_too, of_strategy; /* it has a row, shown or not */
    json_t *array;
    struct text_table table;
    int failed;
};

static json_t *position_json(const struct row_position *row)
{
    const struct row_names *names = &row->names;
    const struct position *position = &row->position;
    return json_pack(
        "{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}",
        "strategy", records_strategy_json(names), "symbol", names->symbol, "venue", names->venue,
        "currency", names->currency, "qty", cli_json_decimal(position->qty, names->qty_scale),
        "open_buy", cli_json_decimal(position->open_buy, names->qty_scale), "open_sell",
        cli_json_decimal(position->open_sell, names->qty_scale), "cost",
        cli_json_decimal(position->cost, MONEY_SCALE), "mark",
        row->mark ? cli_json_decimal(row->mark, names->price_scale) : json_null(), "value",
        cli_json_decimal(position->value, MONEY_SCALE), "unrealised",
        cli_json_decimal(position->value - position->cost, MONEY_SCALE), "realised",
        cli_json_decimal(position->realised, MONEY_SCALE), "fees",
        cli_json_decimal(position->fees, MONEY_SCALE), "trades", (json_int_t)position->trades,
        "wins", (json_int_t)position->wins, "target",
        position->has_target ? cli_json_decimal(position->target, names->qty_scale) : json_null());
}

static int position_row(struct text_table *table, const struct row_position *row)
{
    const struct row_names *names = &row->names;
    const struct position *position = &row->position;
    char instrument[64], text[7][RECORDS_DECIMAL_MAX];
    const char *cells[COLUMNS] = {
        names->strategy[0] ? names->strategy : "(account)",
        instrument,
        records_decimal(position->qty, names->qty_scale, text[0]),
        records_decimal(position->cost, MONEY_SCALE, text[1]),
        row->mark ? records_decimal(row->mark, names->price_scale, text[2]) : "-",
        records_decimal(position->value, MONEY_SCALE, text[3]),
        records_decimal(position->value - position->cost, MONEY_SCALE, text[4]),
        records_decimal(position->realised, MONEY_SCALE, text[5]),
        records_decimal(position->fees, MONEY_SCALE, text[6]),
        names->currency};
    (void)snprintf(instrument, sizeof instrument, "%s.%s", names->symbol, names->venue);
    return text_table_row(table, cells);
}

static int take_position(void *context, const struct row_position *row)
{
    struct listing *listing = context;
    if (listing->strategy && strcmp(listing->strategy, row->names.strategy) != 0)
        return 0;
    listing->of_strategy = true;
    if (row->position.qty == 0 && !listing->flat_too)
        return 0;
    listing->failed = listing->cli->json ? json_array_append_new(listing->array, position_json(row))
                                         : position_row(&listing->table, row);
    return listing->failed;
}

static void finish(const struct listing *listing)
{
    if (listing->cli->json)
        (void)cli_json_print(json_incref(listing->array));
    else if (listing->table.count == COLUMNS)
        cli_note(listing->cli, listing->flat_too ? "no positions" : "no open positions");
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.cli = cli,
                              .strategy = cli_get(cli, "strategy"),
                              .flat_too = cli_flag(cli, "all"),
                              .array = json_array()};
    struct store *store = NULL;
    if (text_table_begin(&listing.table, COLUMNS, RIGHT, headings) || !listing.array)
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
    else if (!records_open(&store, cli, &err)) {
        (void)records_positions(store, take_position, &listing, &err);
        if (listing.failed)
            (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
        if (!listing.strategy || listing.of_strategy ||
            !strategy_name_check(store, listing.strategy, &err))
            finish(&listing);
    }
    text_table_end(&listing.table, cli);
    json_decref(listing.array);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

static const struct cli_option options[] = {
    {"strategy", 's', "NAME", "of this strategy only", NULL, false},
    {"all", 'a', NULL, "flat ones too", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret positions",
                                       "turret positions --strategy spy-cross --json", NULL};

const struct cli_command cmd_positions = {
    .path = "positions",
    .summary = "list what strategies and accounts hold",
    .details =
        "Reads the store, so it works beside a running daemon and without one. A position is "
        "listed for each strategy that holds it and, as (account), for the account they share; in "
        "JSON the account's has the strategy null. A negative quantity is short.\n\n"
        "Value and unrealised are taken at the mark recorded with the position.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
