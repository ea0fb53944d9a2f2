/* SPDX-License-Identifier: Apache-2.0 */
/* turret data make: made-up bars to try a strategy on. */
#include "cli/cli.h"
#include "cli/json.h"
#include "config/config.h"
#include "research/synthetic.h"

#include <string.h>

static const struct cli_option options[] = {
    {"series", 's', "NAME", "series to make; it must not have bars yet", NULL, true},
    {"timeframe", 't', "TIME", "length of a bar: 1m, 15m, 1h, 1d", NULL, true},
    {"bars", 0, "N", "how many (default: 10000)", NULL, false},
    {"seed", 0, "N", "another number, other bars (default: 1)", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int read_series(const struct cli *cli, struct store_series *series, int64_t *bars,
                       int64_t *seed, struct turret_error *err)
{
    const char *name = cli_get(cli, "series");
    if (!name[0] || strlen(name) >= sizeof series->name)
        return turret_fail(err, TURRET_EINVAL, "--series is '%.60s'; expected 1 to %zu characters",
                           name, sizeof series->name - 1);
    memcpy(series->name, name, strlen(name) + 1);
    if (config_parse_timeframe(cli_get(cli, "timeframe"), &series->timeframe_ns, err) ||
        cli_get_int(cli, "bars", 1, SYNTHETIC_BARS_MAX, 10000, bars, err))
        return turret_ok(err);
    return cli_get_int(cli, "seed", 0, INT64_MAX, 1, seed, err);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct store_series series = {0};
    struct store *store = NULL;
    char path[CONFIG_PATH_MAX];
    int64_t bars = 0, seed = 0;
    int code = CLI_DONE;
    if (read_series(cli, &series, &bars, &seed, &err))
        return cli_usage(cli, "%s", err.text);
    if (cli_store_path(cli, path, sizeof path, &err) ||
        store_open(&store, path, STORE_CREATE, &err) ||
        synthetic_store(store, &series, (uint64_t)bars, (uint64_t)seed, &err)) {
        code = cli_error(cli, &err);
    } else if (cli->json) {
        (void)cli_json_print(json_pack("{s:s, s:s, s:I, s:I, s:b}", "series", series.name,
                                       "timeframe", cli_get(cli, "timeframe"), "bars",
                                       (json_int_t)bars, "seed", (json_int_t)seed, "synthetic", 1));
    } else {
        (void)printf("%s %s: %lld synthetic bars of seed %lld\n", series.name,
                     cli_get(cli, "timeframe"), (long long)bars, (long long)seed);
    }
    store_close(store);
    return code;
}

static const char *const examples[] = {
    "turret data make --series DEMO --timeframe 1m --bars 20000 --seed 1",
    NULL,
};

const struct cli_command cmd_data_make = {
    .path = "data make",
    .summary = "make up bars to try a strategy on",
    .details =
        "Synthetic bars: a random walk that begins at 100.00 on 2024-01-02T14:30:00Z, in whole "
        "cents, its drift changing now and then. The same seed gives the same bars everywhere. "
        "What "
        "a strategy earns on them says nothing of what it would earn in a market.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
