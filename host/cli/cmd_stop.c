/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret stop: ends a strategy's trading.
 */
#include "cli/steer.h"

static int run(struct cli *cli)
{
    return steer_run(cli, "stop", "stopped");
}

static const struct cli_argument arguments[] = {
    {"STRATEGY", "as the configuration names it", true, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"all", 'a', NULL, "every strategy", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret stop spy-cross", "turret stop --all", NULL};

const struct cli_command cmd_stop = {
    .path = "stop",
    .summary = "end a strategy's trading and cancel its open orders",
    .details = "Asks the running daemon. What the strategy holds stays as it is; turret start lets "
               "it trade again. The exit code is 3 when there is no such strategy, 4 when no "
               "daemon answers.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
