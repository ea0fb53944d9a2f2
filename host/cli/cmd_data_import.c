/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret data import: what the options mean, and what is said at the end.
 */
#include "cli/import.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "config/config.h"
#include "ops/plural.h"
#include "research/zone.h"

#include <inttypes.h>
#include <string.h>

static const struct cli_argument arguments[] = {
    {"FILE", "CSV file, plain, gzip or a zip with one file in it; - reads standard input", false,
     true},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"series", 's', "NAME", "series to merge the bars into", NULL, true},
    {"timeframe", 't', "TIME", "length of a bar: 1m, 15m, 1h, 1d", NULL, true},
    {"columns", 0, "LIST",
     "where values are, by number or name: time=1,open=2,high=3,low=4,close=5,volume=6 or "
     "time=Date+Time,open=Open,...",
     NULL, false},
    {"no-header", 0, NULL, "the first line is a bar", NULL, false},
    {"delimiter", 0, "CHAR", "between fields (default: tab, semicolon or comma, by the first line)",
     NULL, false},
    {"time-format", 0, "FORMAT",
     "auto, iso, yyyymmdd, 'yyyymmdd hh:mm', epoch_s, epoch_ms, epoch_us, epoch_ns, midnight_ms, "
     "or a pattern of %Y %y %m %d %b %H %I %p %M %S %f %z",
     NULL, false},
    {"time-zone", 0, "ZONE", "zone of times that do not say theirs (default: UTC)", NULL, false},
    {"date", 0, "DATE", "day of times that count from midnight (default: from the file's name)",
     NULL, false},
    {"hours", 0, "FROM-TO",
     "only bars that open in these hours of --time-zone: 09:30-16:00 (default: all)", NULL, false},
    {"price-divisor", 0, "N", "prices in the file are N times too large: 10, 100, 1000, ...", NULL,
     false},
    {"price-scale", 0, "N", "decimals of stored prices (default: what a new series needs)", NULL,
     false},
    {"qty-scale", 0, "N", "decimals of stored volumes (default: what a new series needs)", NULL,
     false},
    {"round", 0, NULL, "round values with more decimals half up instead of refusing them", NULL,
     false},
    {"factors", 0, "FILE", "adjustment factors: date, price factor, split factor", NULL, false},
    {"adjust", 0, "HOW", "what to adjust by the factors", "none|split|total", false},
    {"on-error", 0, "WHAT", "what to do with a row that is no bar (default: stop)", "stop|skip",
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret data import spy.csv --series SPY --timeframe 1d",
    "turret data import spy.zip -s SPY -t 1d --no-header --price-divisor 10000",
    "turret data import 2013*_trade.zip -s SPY -t 1m --time-format midnight_ms "
    "--time-zone America/New_York --hours 09:30-16:00 --price-divisor 10000",
    NULL,
};

/* 10000 → 4; -1 when it is no power of ten. */
static int32_t decimals_of(int64_t divisor)
{
    int32_t decimals = 0;
    for (; divisor > 1 && divisor % 10 == 0; divisor /= 10)
        decimals++;
    return divisor == 1 ? decimals : -1;
}

static int read_numbers(const struct cli *cli, struct import_plan *plan, struct turret_error *err)
{
    int64_t divisor = 1, price = 0, qty = 0;
    const char *delimiter = cli_get(cli, "delimiter");
    if (cli_get_int(cli, "price-divisor", 1, INT64_C(1000000000000), 1, &divisor, err) ||
        cli_get_int(cli, "price-scale", 0, DECIMAL_SCALE_MAX, 0, &price, err) ||
        cli_get_int(cli, "qty-scale", 0, DECIMAL_SCALE_MAX, 0, &qty, err))
        return turret_ok(err);
    plan->format.price_decimals = decimals_of(divisor);
    if (plan->format.price_decimals < 0)
        return turret_fail(err, TURRET_EINVAL,
                           "--price-divisor is %" PRId64 "; expected 1, 10, 100, ...", divisor);
    if (delimiter && !strcmp(delimiter, "\\t"))
        delimiter = "\t";
    if (delimiter && (strlen(delimiter) != 1 || strchr("\"\r\n", delimiter[0])))
        return turret_fail(err, TURRET_EINVAL, "--delimiter is '%.20s'; expected one character",
                           delimiter);
    plan->format.delimiter = delimiter ? delimiter[0] : '\0';
    plan->price_known = cli_get(cli, "price-scale") != NULL;
    plan->qty_known = cli_get(cli, "qty-scale") != NULL;
    plan->series.price_scale = (int32_t)price;
    plan->series.qty_scale = (int32_t)qty;
    return TURRET_OK;
}

/* "09:30" → 34200; -1 when it is no time of a day. */
static int32_t time_of_day(const char *text)
{
    int32_t hour, minute;
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9' || text[2] != ':' ||
        text[3] < '0' || text[3] > '5' || text[4] < '0' || text[4] > '9')
        return -1;
    hour = (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[3] - '0') * 10 + text[4] - '0';
    return hour * 60 + minute <= 24 * 60 ? (hour * 60 + minute) * 60 : -1;
}

static int read_hours(const struct cli *cli, struct import_plan *plan, struct turret_error *err)
{
    const char *hours = cli_get(cli, "hours");
    struct barfile_format *format = &plan->format;
    if (!hours)
        return TURRET_OK;
    format->from_s = format->to_s = -1;
    if (strlen(hours) == 11 && hours[5] == '-') {
        format->from_s = time_of_day(hours);
        format->to_s = time_of_day(hours + 6);
    }
    format->hours_given = true;
    if (format->from_s < 0 || format->to_s < 0 || format->from_s == format->to_s)
        return turret_fail(err, TURRET_EINVAL,
                           "--hours is '%.40s'; expected two times of the day like 09:30-16:00",
                           hours);
    return TURRET_OK;
}

static int read_times(const struct cli *cli, struct import_plan *plan, struct turret_error *err)
{
    const char *format = cli_get(cli, "time-format"), *zone = cli_get(cli, "time-zone");
    const char *date = cli_get(cli, "date");
    if (!format)
        format = date ? "midnight_ms" : "auto";
    if (when_format_set(&plan->format.time, format, err) ||
        config_parse_timeframe(cli_get(cli, "timeframe"), &plan->series.timeframe_ns, err))
        return turret_ok(err);
    if (date && plan->format.time.kind != WHEN_MIDNIGHT_MS)
        return turret_fail(err, TURRET_EINVAL,
                           "--date belongs to --time-format midnight_ms, not "
                           "to '%.40s'",
                           format);
    if (date && when_parse_date(date, &plan->format.time.date, err))
        return turret_ok(err);
    if (zone && zone_use(zone, err))
        return turret_ok(err);
    plan->format.time.zoned = zone != NULL;
    plan->format.date_given = date != NULL;
    return TURRET_OK;
}

/* Everything the options say. fails: EINVAL, which is a mistake of usage */
static int read_plan(const struct cli *cli, struct import_plan *plan, struct turret_error *err)
{
    const char *name = cli_get(cli, "series"), *adjust = cli_get(cli, "adjust");
    const char *on_error = cli_get(cli, "on-error");
    plan->format.columns = cli_get(cli, "columns");
    plan->format.no_header = cli_flag(cli, "no-header");
    plan->skip = on_error && !strcmp(on_error, "skip");
    plan->round = cli_flag(cli, "round");
    if (adjust)
        plan->adjust = !strcmp(adjust, "split")   ? ADJUST_SPLIT
                       : !strcmp(adjust, "total") ? ADJUST_TOTAL
                                                  : ADJUST_NONE;
    if (!name[0] || strlen(name) >= sizeof plan->series.name)
        return turret_fail(err, TURRET_EINVAL, "--series is '%.60s'; expected 1 to %zu characters",
                           name, sizeof plan->series.name - 1);
    memcpy(plan->series.name, name, strlen(name) + 1);
    if ((plan->adjust != ADJUST_NONE) != (cli_get(cli, "factors") != NULL) &&
        !(adjust && plan->adjust == ADJUST_NONE))
        return turret_fail(err, TURRET_EINVAL, "--factors and --adjust belong together");
    for (int i = 0; i < cli->argument_count; i++)
        if (!strcmp(cli->arguments[i], "-") && cli->argument_count > 1)
            return turret_fail(err, TURRET_EINVAL,
                               "'-' reads standard input and has to be the "
                               "only FILE");
    if (read_numbers(cli, plan, err) || read_hours(cli, plan, err))
        return turret_ok(err);
    return read_times(cli, plan, err);
}

static void print_json(const struct import_plan *plan, const struct import_totals *totals,
                       bool complete)
{
    char timeframe[16];
    config_format_timeframe(plan->series.timeframe_ns, timeframe, sizeof timeframe);
    (void)cli_json_print(json_pack(
        "{s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "series",
        plan->series.name, "timeframe", timeframe, "price_scale", plan->series.price_scale,
        "qty_scale", plan->series.qty_scale, "files", (json_int_t)totals->files, "bars",
        (json_int_t)totals->rows, "added", (json_int_t)totals->merge.added, "replaced",
        (json_int_t)totals->merge.replaced, "unchanged", (json_int_t)totals->merge.unchanged,
        "skipped", (json_int_t)totals->skipped, "repeated", (json_int_t)totals->repeated,
        "ambiguous_times", (json_int_t)totals->twice, "outside_hours", (json_int_t)totals->outside,
        "complete", complete));
}

static void print_totals(const struct cli *cli, const struct import_plan *plan,
                         const struct import_totals *totals, bool complete)
{
    char timeframe[16];
    config_format_timeframe(plan->series.timeframe_ns, timeframe, sizeof timeframe);
    if (cli->json)
        print_json(plan, totals, complete);
    else
        (void)printf("%s %s: %" PRIu64 " %s from %" PRIu64 " %s: %" PRIu64 " added, %" PRIu64
                     " replaced, %" PRIu64 " unchanged; price scale %d, quantity scale %d\n",
                     plan->series.name, timeframe, totals->rows,
                     plural(totals->rows, "bar", "bars"), totals->files,
                     plural(totals->files, "file", "files"), totals->merge.added,
                     totals->merge.replaced, totals->merge.unchanged, plan->series.price_scale,
                     plan->series.qty_scale);
    if (totals->skipped)
        cli_note(cli, "%" PRIu64 " %s skipped", totals->skipped,
                 plural(totals->skipped, "row", "rows"));
    if (totals->outside)
        cli_note(cli, "%" PRIu64 " %s outside the hours left out", totals->outside,
                 plural(totals->outside, "row", "rows"));
    if (totals->repeated)
        cli_note(cli, "%" PRIu64 " %s had the time of a later row, which was taken",
                 totals->repeated, plural(totals->repeated, "row", "rows"));
    if (totals->files_sorted)
        cli_note(cli, "%" PRIu64 " %s been sorted", totals->files_sorted,
                 plural(totals->files_sorted, "file was out of order and has",
                        "files were out of order and have"));
    if (totals->twice)
        cli_note(cli, "%" PRIu64 " local %s twice (clocks set back); the earlier was taken",
                 totals->twice, plural(totals->twice, "time occurs", "times occur"));
}

/* After a failure or Ctrl-C: what is in the store all the same. */
static int finish_early(const struct cli *cli, const struct import_plan *plan,
                        const struct import_totals *totals, const struct turret_error *err)
{
    int code = cli_error(cli, err);
    if (totals->rows || cli->json)
        print_totals(cli, plan, totals, false);
    if (!cli->json)
        cli_note(cli, "stored: %" PRIu64 " of %d %s, %" PRIu64 " %s", totals->files,
                 cli->argument_count, plural((uint64_t)cli->argument_count, "file", "files"),
                 totals->rows, plural(totals->rows, "bar", "bars"));
    if (*plan->stop)
        return totals->rows ? CLI_PARTLY : CLI_FAILED;
    return code;
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct import_plan plan = {.stop = interrupt_watch()};
    struct import_totals totals = {0};
    struct factors *factors = NULL;
    struct store *store = NULL;
    char path[CONFIG_PATH_MAX];
    int code;
    if (read_plan(cli, &plan, &err))
        return cli_usage(cli, "%s", err.text);
    if (plan.adjust != ADJUST_NONE && factors_load(&factors, cli_get(cli, "factors"), &err))
        return cli_error(cli, &err);
    plan.factors = factors;
    if (cli_store_path(cli, path, sizeof path, &err) ||
        store_open(&store, path, STORE_CREATE, &err)) {
        code = cli_error(cli, &err);
    } else if (import_files(cli, store, &plan, cli->arguments, cli->argument_count, &totals,
                            &err)) {
        code = finish_early(cli, &plan, &totals, &err);
    } else {
        print_totals(cli, &plan, &totals, true);
        cli_next(cli, "turret backtest configs/backtest.yaml --store %s", store_path(store));
        code = totals.skipped ? CLI_PARTLY : CLI_DONE;
    }
    store_close(store);
    factors_destroy(factors);
    return code;
}

const struct cli_command cmd_data_import = {
    .path = "data import",
    .summary = "merge bars from CSV files into a series of the store",
    .details =
        "Prices and volumes are taken exactly as decimals; a new series gets as many decimals as "
        "its files need. A bar of a time that is stored already replaces the stored one.\n\n"
        "A row is a bar when its prices are above 0, high is the highest and low the lowest of "
        "them, and volume is not below 0. Rows out of order are sorted; of rows with the same "
        "time the later one is taken. A file with a row that is no bar is not stored at all "
        "unless --on-error skip leaves such rows out (exit code 6).\n\n"
        "With --time-zone a local time that occurs twice, when the clocks are set back, is taken "
        "as the earlier one; one that never occurs, when they are set forward, is refused.\n\n"
        "With --hours a bar counts when it opens at or after the first and before the second "
        "time of the day; 18:00-17:00 goes over midnight. Other rows are left out unread.\n\n"
        "With --factors the first row of that file whose date is not before the bar's applies: "
        "total multiplies prices by price factor and split factor, split by the split factor "
        "alone; both divide the volume by the split factor. Results are rounded half up to the "
        "series' decimals.\n\n"
        "Ctrl-C ends between two steps and says what is stored.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
