/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret start: lets a strategy trade.
 */
#include "cli/steer.h"

static int run(struct cli *cli)
{
    return steer_run(cli, "start", "started");
}

static const struct cli_argument arguments[] = {
    {"STRATEGY", "as the configuration names it", false, false},
    {NULL, NULL, false, false},
};

static const char *const examples[] = {"turret start spy-cross", NULL};

const struct cli_command cmd_start = {
    .path = "start",
    .summary = "let a stopped, paused or faulted strategy trade",
    .details =
        "Asks the running daemon, and says so when the strategy runs already, or when a trading "
        "state holds its orders all the same. The exit code is 3 when there is no such strategy, 4 "
        "when "
        "no daemon answers.",
    .arguments = arguments,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
