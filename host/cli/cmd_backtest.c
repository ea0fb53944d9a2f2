/* SPDX-License-Identifier: Apache-2.0 */
/* turret backtest: stored bars through the core, and what came of it. */
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/plugins.h"
#include "cli/progress.h"
#include "cli/project.h"
#include "cli/store_choice.h"
#include "cli/text.h"
#include "ops/plural.h"
#include "research/backtest.h"
#include "session/services.h"

#include <errno.h>
#include <string.h>

static const struct cli_argument arguments[] = {
    {"CONFIG", "configuration to run, or a directory with a turret.yaml (default: --config)", true,
     false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"equity", 0, "FILE", "also write time,equity,cash of every day as CSV", NULL, false},
    {"fills", 0, "FILE", "also write every fill as CSV", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct watch {
    struct progress line;
    const volatile sig_atomic_t *stop;
};

static int on_progress(void *context, uint64_t bars, uint64_t total)
{
    struct watch *watch = context;
    progress_step(&watch->line, bars, bars, total);
    return *watch->stop != 0;
}

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

static double rate(const struct backtest_result *result)
{
    return result->wall_ns > 0 ? (double)result->bars / seconds(result->wall_ns) : 0;
}

/* Of a strategy too: bars and times are those of the run it was part of. */
static json_t *line_json(const struct backtest_line *line, const struct backtest_result *result)
{
    return json_pack("{s:o, s:o, s:f, s:o, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:f, s:f}",
                     "start_equity", cli_json_number(line->start_equity, MONEY_SCALE), "end_equity",
                     cli_json_number(line->end_equity, MONEY_SCALE), "net_profit_pct",
                     line->net_profit_pct, "total_fees", cli_json_number(line->fees, MONEY_SCALE),
                     "orders", (json_int_t)line->orders, "fills", (json_int_t)line->fills, "denied",
                     (json_int_t)line->denials, "trades", (json_int_t)line->trades, "win_rate_pct",
                     line->win_rate_pct, "max_drawdown_pct", line->max_drawdown_pct, "sharpe",
                     line->sharpe, "bars", (json_int_t)result->bars, "wall_seconds",
                     seconds(result->wall_ns), "bars_per_second", rate(result));
}

static int print_json(const struct backtest_result *result)
{
    json_t *root = line_json(&result->all, result), *list = json_array(), *faults = json_array();
    char hash[65];
    uint32_t i;
    for (i = 0; i < 32; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", result->hash[i]);
    for (i = 0; i < result->strategy_count; i++) {
        const struct backtest_line *line = &result->strategies[i];
        json_t *one = line_json(line, result);
        (void)json_object_set_new(one, "name", json_string(line->name));
        (void)json_object_set_new(one, "plugin", json_string(line->plugin));
        (void)json_object_set_new(one, "ready", json_boolean(line->ready));
        if (line->fault[0]) {
            (void)json_object_set_new(one, "fault", json_string(line->fault));
            (void)json_array_append_new(faults, json_pack("{s:s, s:o}", "strategy", line->name,
                                                          "fault", json_string(line->fault)));
        }
        (void)json_array_append_new(list, one);
    }
    (void)json_object_set_new(root, "currency", json_string(result->currency));
    (void)json_object_set_new(root, "first", cli_json_time(result->first));
    (void)json_object_set_new(root, "last", cli_json_time(result->last));
    (void)json_object_set_new(root, "sharpe_formula",
                              json_string("mean/std(n-1) of daily returns * sqrt(252)"));
    (void)json_object_set_new(root, "hash", json_string(hash));
    (void)json_object_set_new(root, "interrupted", json_boolean(result->interrupted));
    (void)json_object_set_new(root, "faults", faults);
    (void)json_object_set_new(root, "strategies", list);
    return cli_json_print(root);
}

/* Money to two decimals, half away from zero, without a double in between. */
static void cents(turret_money money, char *text, size_t room)
{
    turret_money rounded = (money + (money < 0 ? -MONEY_ONE : MONEY_ONE) / 200) / (MONEY_ONE / 100);
    (void)snprintf(text, room, "%s%lld.%02lld", rounded < 0 ? "-" : "",
                   (long long)(rounded < 0 ? -rounded : rounded) / 100,
                   (long long)(rounded < 0 ? -rounded : rounded) % 100);
}

static void row(struct text_table *table, const struct backtest_line *line)
{
    char cell[10][48];
    const char *cells[11] = {line->name};
    int i;
    cents(line->start_equity, cell[0], 48);
    cents(line->end_equity, cell[1], 48);
    (void)snprintf(cell[2], 48, "%+.2f%%", line->net_profit_pct);
    (void)snprintf(cell[3], 48, "%.2f%%", line->max_drawdown_pct);
    (void)snprintf(cell[4], 48, "%.2f", line->sharpe);
    (void)snprintf(cell[5], 48, "%llu", (unsigned long long)line->orders);
    (void)snprintf(cell[6], 48, "%llu", (unsigned long long)line->denials);
    (void)snprintf(cell[7], 48, "%llu", (unsigned long long)line->trades);
    (void)snprintf(cell[8], 48, "%.0f%%", line->win_rate_pct);
    cents(line->fees, cell[9], 48);
    for (i = 0; i < 10; i++)
        cells[i + 1] = cell[i];
    (void)text_table_row(table, cells);
}

static void print_table(const struct cli *cli, const struct backtest_result *result)
{
    static const char *const headings[] = {"strategy", "start",  "end",    "profit",
                                           "drawdown", "sharpe", "orders", "denied",
                                           "trades",   "won",    "fees"};
    struct text_table table;
    uint32_t i;
    if (text_table_begin(&table, 11, 0x7fe, headings))
        return;
    for (i = 0; i < result->strategy_count; i++)
        row(&table, &result->strategies[i]);
    row(&table, &result->all);
    text_table_end(&table, cli);
    for (i = 0; i < result->strategy_count; i++) {
        const struct backtest_line *line = &result->strategies[i];
        if (line->fault[0])
            cli_note(cli, "strategy %s was disabled: %s", line->name, line->fault);
        else if (!line->ready)
            cli_note(cli,
                     "strategy %s never became ready: its indicators need more bars than there are",
                     line->name);
    }
    cli_note(cli, "%llu %s in %.3f s, %.1f million bars a second%s",
             (unsigned long long)result->bars, plural(result->bars, "bar", "bars"),
             seconds(result->wall_ns), rate(result) / 1e6,
             result->interrupted ? "; interrupted: results so far" : "");
}

static int open_output(const struct cli *cli, const char *option, FILE **out,
                       struct turret_error *err)
{
    const char *path = cli_get(cli, option);
    *out = NULL;
    if (!path)
        return TURRET_OK;
    *out = fopen(path, "we");
    return *out ? TURRET_OK
                : turret_fail(err, TURRET_EIO, "--%s %s: %s", option, path, strerror(errno));
}

static int close_output(const char *option, FILE *file, int status, struct turret_error *err)
{
    if (file && fclose(file) && status == TURRET_OK)
        return turret_fail(err, TURRET_EIO, "--%s: %s", option, strerror(errno));
    return status;
}

static int execute(struct cli *cli, const struct config *config, struct backtest_result *result,
                   struct turret_error *err)
{
    struct watch watch = {.stop = interrupt_watch()};
    struct backtest_options run = {.config = config,
                                   .messages = cli->json ? NULL : stderr,
                                   .progress = on_progress,
                                   .context = &watch};
    struct plugins plugins = {0};
    struct store *store = NULL;
    int status = store_open(&store, config->store, STORE_READ_ONLY, err);
    if (!status)
        status = plugins_open(&plugins, cli, config, err);
    run.registry = plugins.registry;
    if (!status)
        status = services_offer_store(run.registry, store, err);
    if (!status)
        status = open_output(cli, "equity", &run.equity, err);
    if (!status)
        status = open_output(cli, "fills", &run.fills, err);
    if (!status) {
        progress_begin(&watch.line, cli, "backtest", "bars");
        status = backtest_run(&run, result, err);
        progress_end(&watch.line);
    }
    status = close_output("equity", run.equity, status, err);
    status = close_output("fills", run.fills, status, err);
    plugins_close(&plugins);
    store_close(store);
    return status;
}

/* Whether a strategy was disabled: the results are of a part of what was asked for. */
static bool has_fault(const struct backtest_result *result)
{
    uint32_t i;
    for (i = 0; i < result->strategy_count && !result->strategies[i].fault[0]; i++)
        ;
    return i < result->strategy_count;
}

static int no_store(const struct cli *cli, const struct config *config, const char *file,
                    struct turret_error *err)
{
    struct store_choice choice = {0};
    (void)snprintf(choice.path, sizeof choice.path, "%s", config->store);
    (void)snprintf(choice.from, sizeof choice.from, "%s%.4000s",
                   store_choice_over(cli) ? "--store or $TURRET_STORE" : "store: of ",
                   store_choice_over(cli) ? "" : file);
    return store_choice_none(&choice, err);
}

static int run_backtest(struct cli *cli)
{
    struct turret_error err = {0};
    struct backtest_result result = {0};
    struct config *config = NULL;
    const char *path = cli->argument_count ? cli->arguments[0] : cli_config_path(cli);
    int status = project_enter(cli, &path, &err), code;
    if (status)
        return cli_error(cli, &err);
    status = config_load(path, &config, cli->json ? NULL : stderr, &err);
    if (!status && store_choice_over(cli))
        (void)snprintf(config->store, sizeof config->store, "%s", store_choice_over(cli));
    if (!status && !store_is_there(config->store))
        status = no_store(cli, config, path, &err);
    if (!status)
        status = execute(cli, config, &result, &err);
    if (status) {
        code = cli_config_error(cli, path, &err);
    } else {
        code = result.interrupted || has_fault(&result) ? CLI_PARTLY : CLI_DONE;
        if (cli->json)
            (void)print_json(&result);
        else
            print_table(cli, &result);
    }
    backtest_result_finish(&result);
    config_destroy(config);
    return code;
}

static const char *const examples[] = {
    "turret backtest configs/backtest.yaml",
    "turret backtest configs/backtest.yaml --json --equity equity.csv",
    NULL,
};

const struct cli_command cmd_backtest = {
    .path = "backtest",
    .summary = "run strategies over stored bars",
    .details =
        "Feeds the stored bars of every instrument the strategies are on through the same core "
        "that "
        "trades: indicators, strategies, risk, and the simulated venue with its fees and "
        "slippage.\n\n"
        "Drawdown of a strategy is measured on its own profit and loss added to the account's "
        "starting equity. The Sharpe ratio is mean over standard deviation (n - 1) of daily "
        "returns times the square root of 252. Two runs with the same input print the same "
        "hash. The exit code is 6 when a strategy was disabled.\n\n" PROJECT_DETAILS,
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run_backtest,
};
