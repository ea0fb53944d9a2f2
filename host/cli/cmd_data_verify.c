/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret data verify: checksums, order and ranges of stored bars.
 */
#include "cli/json.h"
#include "cli/cli.h"
#include "config/config.h"
#include "ops/plural.h"
#include "store/store.h"

#include <inttypes.h>

static const struct cli_argument arguments[] = {
    {"SERIES", "series to check (default: all)", true, false},
    {NULL, NULL, false, false},
};

static int run(struct cli *cli)
{
    const char *name = cli->argument_count ? cli->arguments[0] : NULL;
    struct turret_error err = {0};
    struct store *store = NULL;
    uint64_t checked = 0;
    char path[CONFIG_PATH_MAX];
    if (cli_store_there(cli, path, sizeof path, &err) ||
        store_open(&store, path, STORE_READ_ONLY, &err))
        return cli_error(cli, &err);
    (void)store_bars_verify(store, name, &checked, &err);
    store_close(store);
    if (turret_ok(&err))
        return cli_error(cli, &err);
    if (cli->json)
        (void)cli_json_print(json_pack("{s:I, s:b}", "bars", (json_int_t)checked, "good", 1));
    else
        (void)printf("%" PRIu64 " %s checked, all good\n", checked, plural(checked, "bar", "bars"));
    return CLI_DONE;
}

const struct cli_command cmd_data_verify = {
    .path = "data verify",
    .summary = "check the checksums, order and ranges of stored bars",
    .arguments = arguments,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
