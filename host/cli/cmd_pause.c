/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret pause: keeps a strategy from new orders.
 */
#include "cli/steer.h"

static int run(struct cli *cli)
{
    return steer_run(cli, "pause", "paused");
}

static const char *const examples[] = {"turret pause spy-cross", "turret pause --all", NULL};

const struct cli_command cmd_pause = {
    .path = "pause",
    .summary = "keep a strategy from new orders; its open orders stay",
    .details = "Asks the running daemon. The strategy still hears of its open orders and fills; "
               "turret start lets it go on. The exit code is 3 when there is no such strategy, 4 "
               "when no daemon answers.",
    .arguments = steer_arguments,
    .options = steer_options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
