/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret pnl: profit and loss of each strategy, and the accounts.
 */
#include "cli/json.h"
#include "cli/records.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

#define PPM_PERCENT_SCALE 4 /* parts per million are 10^-4 percent */

/* The first column is printed with --plain only: it tells the two tables apart. */
static const char *const strategy_headings[] = {"table",      "strategy", "realised", "fees",
                                                "unrealised", "total",    "currency"};
static const char *const account_headings[] = {"table",    "account", "cash", "equity",  "profit",
                                               "drawdown", "deepest", "fees", "currency"};
#define STRATEGY_COLUMNS (sizeof strategy_headings / sizeof strategy_headings[0])
#define ACCOUNT_COLUMNS  (sizeof account_headings / sizeof account_headings[0])

enum amount { REALISED, FEES, UNREALISED, TOTAL, AMOUNTS };

/* Of one strategy in one currency; amounts of two currencies are never added. */
struct sum {
    char strategy[sizeof(((struct row_names *)NULL)->strategy)];
    char currency[sizeof(((struct row_names *)NULL)->currency)];
    money_wide amounts[AMOUNTS];
};

struct report {
    const struct cli *cli;
    struct sum *sums;
    size_t count, room;
    json_t *accounts;
    struct text_table table;
    struct turret_error *err;
};

static struct sum *find_sum(struct report *report, const struct row_names *names)
{
    struct sum *sum = report->sums;
    size_t room = report->room ? report->room * 2 : 16;
    for (size_t i = 0; i < report->count; i++, sum++)
        if (!strcmp(sum->strategy, names->strategy) && !strcmp(sum->currency, names->currency))
            return sum;
    if (report->count == report->room) {
        sum = realloc(report->sums, room * sizeof *sum);
        if (!sum)
            return NULL;
        report->sums = sum;
        report->room = room;
    }
    sum = &report->sums[report->count++];
    memset(sum, 0, sizeof *sum);
    memcpy(sum->strategy, names->strategy, sizeof sum->strategy);
    memcpy(sum->currency, names->currency, sizeof sum->currency);
    return sum;
}

static int take_position(void *context, const struct row_position *row)
{
    struct report *report = context;
    const struct position *position = &row->position;
    struct sum *sum;
    if (!row->names.strategy[0])
        return 0; /* the account's own: the same fills again */
    sum = find_sum(report, &row->names);
    if (!sum)
        return turret_fail(report->err, TURRET_ENOMEM, "no memory");
    sum->amounts[REALISED] += position->realised;
    sum->amounts[FEES] += position->fees;
    sum->amounts[UNREALISED] += position->value - position->cost;
    sum->amounts[TOTAL] = sum->amounts[REALISED] - sum->amounts[FEES] + sum->amounts[UNREALISED];
    return 0;
}

static json_t *account_json(const struct row_account *row, const struct equity *equity)
{
    const struct account *account = &row->account;
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "venue", row->venue, "currency",
        account->currency, "cash", cli_json_decimal(account->cash, MONEY_SCALE), "equity",
        cli_json_decimal(equity->now, MONEY_SCALE), "start",
        cli_json_decimal(equity->start, MONEY_SCALE), "profit",
        cli_json_decimal(equity->now - equity->start, MONEY_SCALE), "realised",
        cli_json_decimal(account->realised, MONEY_SCALE), "fees",
        cli_json_decimal(account->fees, MONEY_SCALE), "drawdown_pct",
        cli_json_decimal(equity_drawdown_ppm(equity), PPM_PERCENT_SCALE), "max_drawdown_pct",
        cli_json_decimal(equity->max_drawdown_ppm, PPM_PERCENT_SCALE), "max_drawdown",
        cli_json_decimal(equity->max_drawdown, MONEY_SCALE));
}

static int account_row(struct report *report, const struct row_account *row,
                       const struct equity *equity)
{
    const struct account *account = &row->account;
    char text[4][RECORDS_DECIMAL_MAX], now[RECORDS_DECIMAL_MAX + 1], most[sizeof now];
    const char *cells[ACCOUNT_COLUMNS] = {
        "account",
        row->venue,
        records_decimal(account->cash, MONEY_SCALE, text[0]),
        records_decimal(equity->now, MONEY_SCALE, text[1]),
        records_decimal(equity->now - equity->start, MONEY_SCALE, text[2]),
        now,
        most,
        records_decimal(account->fees, MONEY_SCALE, text[3]),
        account->currency};
    (void)records_decimal(equity_drawdown_ppm(equity), PPM_PERCENT_SCALE, now);
    (void)records_decimal(equity->max_drawdown_ppm, PPM_PERCENT_SCALE, most);
    memcpy(now + strlen(now), "%", 2);
    memcpy(most + strlen(most), "%", 2);
    return text_table_row(&report->table, cells + !report->cli->plain);
}

static int take_account(void *context, const struct row_account *row)
{
    struct report *report = context;
    struct equity equity = row->account.equity;
    equity_settle(&equity);
    if (report->cli->json ? json_array_append_new(report->accounts, account_json(row, &equity))
                          : account_row(report, row, &equity))
        return turret_fail(report->err, TURRET_ENOMEM, "no memory");
    return 0;
}

/* False: one does not fit; the strategy is left out then and told. */
static bool narrow(const struct report *report, const struct sum *sum,
                   turret_money amounts[AMOUNTS])
{
    for (size_t i = 0; i < AMOUNTS; i++)
        if (!money_fits(sum->amounts[i], &amounts[i])) {
            (void)turret_fail(report->err, TURRET_ELIMIT,
                              "the sums of strategy '%s' do not fit 64-bit money; it is left out",
                              sum->strategy);
            return false;
        }
    return true;
}

static json_t *sums_json(const struct report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->count && array; i++) {
        const struct sum *sum = &report->sums[i];
        turret_money is[AMOUNTS];
        if (!narrow(report, sum, is))
            continue;
        if (json_array_append_new(array,
                                  json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "strategy",
                                            sum->strategy, "currency", sum->currency, "realised",
                                            cli_json_decimal(is[REALISED], MONEY_SCALE), "fees",
                                            cli_json_decimal(is[FEES], MONEY_SCALE), "unrealised",
                                            cli_json_decimal(is[UNREALISED], MONEY_SCALE), "total",
                                            cli_json_decimal(is[TOTAL], MONEY_SCALE)))) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* A table with or without its first column. */
static int begin(struct report *report, size_t columns, unsigned right, const char *const *headings)
{
    size_t skipped = !report->cli->plain;
    if (!text_table_begin(&report->table, columns - skipped, right >> skipped, headings + skipped))
        return TURRET_OK;
    return turret_fail(report->err, TURRET_ENOMEM, "no memory");
}

static void print_sums(struct report *report)
{
    if (begin(report, STRATEGY_COLUMNS, 0xfu << 2, strategy_headings))
        return;
    for (size_t i = 0; i < report->count; i++) {
        const struct sum *sum = &report->sums[i];
        char text[AMOUNTS][RECORDS_DECIMAL_MAX];
        turret_money is[AMOUNTS];
        const char *cells[STRATEGY_COLUMNS] = {"strategy", sum->strategy, text[0],      text[1],
                                               text[2],    text[3],       sum->currency};
        if (!narrow(report, sum, is))
            continue;
        for (size_t n = 0; n < AMOUNTS; n++)
            (void)records_decimal(is[n], MONEY_SCALE, text[n]);
        if (text_table_row(&report->table, cells + !report->cli->plain))
            (void)turret_fail(report->err, TURRET_ENOMEM, "no memory");
    }
    text_table_end(&report->table, report->cli);
}

static void print_json(struct report *report, struct store *store)
{
    json_t *sums = sums_json(report);
    report->accounts = json_array();
    if (!sums || !report->accounts)
        (void)turret_fail(report->err, TURRET_ENOMEM, "no memory");
    else
        (void)records_accounts(store, take_account, report, report->err);
    (void)cli_json_print(json_pack("{s:o, s:o}", "strategies", sums ? sums : json_null(),
                                   "accounts", report->accounts ? report->accounts : json_null()));
}

static void print_tables(struct report *report, struct store *store)
{
    size_t rows;
    print_sums(report);
    if (begin(report, ACCOUNT_COLUMNS, 0x3fu << 2, account_headings))
        return;
    (void)records_accounts(store, take_account, report, report->err);
    rows = report->table.count / report->table.columns - 1;
    if (report->count == 0 && rows == 0)
        cli_note(report->cli, "nothing was traded yet");
    if (report->count && rows && !report->cli->plain)
        (void)fputc('\n', stdout);
    text_table_end(&report->table, report->cli);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct report report = {.cli = cli, .err = &err};
    struct store *store;
    if (!records_open(&store, cli, &err) && !store_hold(store, &err)) {
        (void)records_positions(store, take_position, &report, &err);
        if (cli->json)
            print_json(&report, store);
        else
            print_tables(&report, store);
        store_release(store);
    }
    free(report.sums);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

static const char *const examples[] = {"turret pnl", "turret pnl --json", NULL};

const struct cli_command cmd_pnl = {
    .path = "pnl",
    .summary = "show profit and loss of strategies, and the accounts",
    .details =
        "Reads the store, so it works beside a running daemon and without one. A strategy's total "
        "is realised less fees plus unrealised; unrealised is taken at the marks recorded with "
        "its positions. Amounts of different currencies are never added: a strategy that trades "
        "in two has two lines.\n\n"
        "An account's profit is its equity less what it began with; drawdown is the fall from its "
        "highest equity now, and the deepest there was.",
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
