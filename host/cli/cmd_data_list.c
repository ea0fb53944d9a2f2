/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret data list: the series in the store.
 */
#include "cli/json.h"
#include "cli/text.h"
#include "config/config.h"
#include "research/when.h"
#include "store/store.h"

#include <inttypes.h>

static const char *const headings[] = {"series", "timeframe",   "bars",     "first",
                                       "last",   "price scale", "qty scale"};
#define COLUMNS (sizeof headings / sizeof headings[0])

struct listing {
    const struct cli *cli;
    json_t *array;
    struct text_table table;
};

static int list_series(void *context, const struct store_series *series)
{
    struct listing *listing = context;
    char timeframe[16], bars[24], first[WHEN_TEXT_MAX] = "", last[WHEN_TEXT_MAX] = "";
    char price[8], qty[8];
    const char *cells[COLUMNS] = {series->name, timeframe, bars, first, last, price, qty};
    config_format_timeframe(series->timeframe_ns, timeframe, sizeof timeframe);
    if (listing->cli->json)
        return json_array_append_new(
            listing->array,
            json_pack("{s:s, s:s, s:I, s:o, s:o, s:i, s:i}", "series", series->name, "timeframe",
                      timeframe, "bars", (json_int_t)series->bar_count, "first",
                      series->bar_count ? cli_json_time(series->first) : json_null(), "last",
                      series->bar_count ? cli_json_time(series->last) : json_null(), "price_scale",
                      series->price_scale, "qty_scale", series->qty_scale));
    (void)snprintf(bars, sizeof bars, "%" PRIu64, series->bar_count);
    (void)snprintf(price, sizeof price, "%d", series->price_scale);
    (void)snprintf(qty, sizeof qty, "%d", series->qty_scale);
    if (series->bar_count) {
        when_print(series->first, first, sizeof first);
        when_print(series->last, last, sizeof last);
    }
    return text_table_row(&listing->table, cells);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.cli = cli};
    struct store *store = NULL;
    char path[CONFIG_PATH_MAX];
    if (cli_store_there(cli, path, sizeof path, &err) ||
        store_open(&store, path, STORE_READ_ONLY, &err)) {
        int code = cli_error(cli, &err);
        if (err.code == TURRET_ENOTFOUND)
            cli_next(cli, "turret data import FILE --series NAME --timeframe 1d");
        return code;
    }
    listing.array = json_array();
    if (text_table_begin(&listing.table, COLUMNS, 1u << 2 | 1u << 5 | 1u << 6, headings) ||
        !listing.array)
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
    else if (store_series_each(store, list_series, &listing, &err) == 0 && cli->json)
        (void)cli_json_print(json_incref(listing.array));
    json_decref(listing.array);
    if (!cli->json && listing.table.count == COLUMNS && !turret_ok(&err))
        cli_note(cli, "no series yet");
    text_table_end(&listing.table, cli);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

const struct cli_command cmd_data_list = {
    .path = "data list",
    .summary = "list the series in the store",
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
