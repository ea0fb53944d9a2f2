/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret pause: keeps a strategy from new orders.
 */
#include "cli/steer.h"

static int run(struct cli *cli)
{
    return steer_run(cli, "pause", "paused");
}

static const struct cli_argument arguments[] = {
    {"STRATEGY", "as the configuration names it", true, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"all", 'a', NULL, "every strategy", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret pause spy-cross", "turret pause --all", NULL};

const struct cli_command cmd_pause = {
    .path = "pause",
    .summary = "keep a strategy from new orders; its open orders stay",
    .details = "Asks the running daemon. The strategy still hears of its open orders and fills; "
               "turret start lets it go on. The exit code is 3 when there is no such strategy, 4 "
               "when no daemon answers.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
