/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret stop: ends a strategy's trading.
 */
#include "cli/steer.h"

static int run(struct cli *cli)
{
    return steer_run(cli, "stop", "stopped");
}

static const char *const examples[] = {"turret stop spy-cross", "turret stop --all", NULL};

const struct cli_command cmd_stop = {
    .path = "stop",
    .summary = "end a strategy's trading and cancel its open orders",
    .details = "Asks the running daemon. What the strategy holds stays as it is; turret start lets "
               "it trade again. The exit code is 3 when there is no such strategy, 4 when no "
               "daemon answers.",
    .arguments = steer_arguments,
    .options = steer_options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
