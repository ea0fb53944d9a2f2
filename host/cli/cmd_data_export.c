/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret data export: a series as CSV that `turret data import` reads back to the same values, or
 * as JSON lines.
 */
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/cli.h"
#include "config/config.h"
#include "research/when.h"
#include "store/store.h"

#include <string.h>

static const struct cli_argument arguments[] = {
    {"SERIES", "series to print", false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"timeframe", 't', "TIME", "1m, 1h, 1d; not needed when the series has one only", NULL, false},
    {"from", 0, "TIME", "first opening time: 2013-10-07 or 2013-10-07T14:30:00Z", NULL, false},
    {"to", 0, "TIME", "opening times before this one", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret data export SPY --timeframe 1d --from 2013-01-01 > spy.csv",
    NULL,
};

/* The one timeframe a series has. */
struct choice {
    const char *name;
    int64_t timeframe_ns;
    uint32_t count;
};

static int choose(void *context, const struct store_series *series)
{
    struct choice *choice = context;
    if (!strcmp(series->name, choice->name)) {
        choice->timeframe_ns = series->timeframe_ns;
        choice->count++;
    }
    return 0;
}

static int find_timeframe(const struct cli *cli, struct store *store, int64_t *timeframe_ns,
                          struct turret_error *err)
{
    struct choice choice = {.name = cli->arguments[0]};
    if (cli_get(cli, "timeframe"))
        return config_parse_timeframe(cli_get(cli, "timeframe"), timeframe_ns, err);
    if (store_series_each(store, choose, &choice, err))
        return turret_ok(err);
    *timeframe_ns = choice.timeframe_ns;
    if (choice.count == 0)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "no series '%.60s' in %s; 'turret data list' "
                           "tells what there is",
                           choice.name, store_path(store));
    if (choice.count > 1)
        return turret_fail(err, TURRET_EINVAL,
                           "series %s has %u timeframes; say which with "
                           "--timeframe",
                           choice.name, choice.count);
    return TURRET_OK;
}

static void print_bar(const struct cli *cli, const struct store_series *series,
                      const struct store_bars *bars, uint32_t i)
{
    const int64_t prices[] = {bars->open[i], bars->high[i], bars->low[i], bars->close[i]};
    char text[48];
    if (cli->json) {
        json_t *line =
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "time", cli_json_time(bars->time[i]),
                      "open", cli_json_decimal(prices[0], series->price_scale), "high",
                      cli_json_decimal(prices[1], series->price_scale), "low",
                      cli_json_decimal(prices[2], series->price_scale), "close",
                      cli_json_decimal(prices[3], series->price_scale), "volume",
                      cli_json_decimal(bars->volume[i], series->qty_scale));
        (void)cli_json_line(line);
        return;
    }
    when_print(bars->time[i], text, sizeof text);
    (void)fputs(text, stdout);
    for (int p = 0; p < 4; p++) {
        money_format(prices[p], series->price_scale, text, sizeof text);
        (void)printf(",%s", text);
    }
    money_format(bars->volume[i], series->qty_scale, text, sizeof text);
    (void)printf(",%s\n", text);
}

static int print_series(const struct cli *cli, struct store *store,
                        const struct store_series *series, turret_time_ns from, turret_time_ns to,
                        struct turret_error *err)
{
    const volatile sig_atomic_t *stop = interrupt_watch();
    struct store_cursor *cursor = NULL;
    struct store_bars bars;
    if (store_cursor_open(&cursor, store, series->name, series->timeframe_ns, from, to, err))
        return turret_ok(err);
    if (!cli->json)
        (void)puts("time,open,high,low,close,volume");
    while (!ferror(stdout) && store_cursor_next(cursor, &bars, err) > 0) {
        for (uint32_t i = 0; i < bars.count && !*stop; i++)
            print_bar(cli, series, &bars, i);
        if (*stop) {
            (void)turret_fail(err, TURRET_ESTATE, "stopped before the end of the series");
            break;
        }
    }
    store_cursor_close(cursor);
    return turret_ok(err);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct store_series series;
    struct store *store = NULL;
    turret_time_ns from = INT64_MIN, to = INT64_MAX;
    int64_t timeframe_ns = 0;
    char path[CONFIG_PATH_MAX];
    if ((cli_get(cli, "from") && config_parse_time(cli_get(cli, "from"), &from, &err)) ||
        (cli_get(cli, "to") && config_parse_time(cli_get(cli, "to"), &to, &err)))
        return cli_usage(cli, "%s", err.text);
    if (!cli_store_there(cli, path, sizeof path, &err) &&
        !store_open(&store, path, STORE_READ_ONLY, &err) &&
        !find_timeframe(cli, store, &timeframe_ns, &err) &&
        !store_series_find(store, cli->arguments[0], timeframe_ns, &series, &err))
        (void)print_series(cli, store, &series, from, to, &err);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

const struct cli_command cmd_data_export = {
    .path = "data export",
    .summary = "print a series as CSV, or with --json as JSON lines",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
