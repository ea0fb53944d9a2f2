/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin unblock: lifts a block.
 */
#include "cli/plugin_block.h"

static const struct cli_argument arguments[] = {
    {"BUILD", "its build id, the first 8 digits or more", false, false},
    {NULL, NULL, false, false},
};

static int run(struct cli *cli)
{
    return plugin_block_run(cli, cli->arguments[0], NULL);
}

static const char *const examples[] = {"turret plugin unblock 3f9a1c2e", NULL};

const struct cli_command cmd_plugin_unblock = {
    .path = "plugin unblock",
    .summary = "let a blocked build be used again",
    .details = "It is not swapped in by that: put the file in place again, or ask with turret "
               "plugin swap. Works with and without a daemon.",
    .arguments = arguments,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
