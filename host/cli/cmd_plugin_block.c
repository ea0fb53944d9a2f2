/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin block: a build that may not run.
 */
#include "cli/plugin_block.h"

static const struct cli_argument arguments[] = {
    {"BUILD", "its build id, the first 8 digits or more", false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"reason", 0, "TEXT", "why; shown wherever the build is refused", NULL, true},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int run(struct cli *cli)
{
    const char *reason = cli_get(cli, "reason");
    if (!reason[0])
        return cli_usage(cli, "--reason is empty");
    return plugin_block_run(cli, cli->arguments[0], reason);
}

static const char *const examples[] = {"turret plugin block 3f9a1c2e --reason 'sells twice'", NULL};

const struct cli_command cmd_plugin_block = {
    .path = "plugin block",
    .summary = "never use a build again",
    .details =
        "A blocked build is neither swapped in nor used at a start. One that runs goes on until "
        "turret plugin rollback or the next start. Builds are those the store knows: they ran on "
        "it or were loaded for it. Works with and without a daemon.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
