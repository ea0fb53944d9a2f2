/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret completion SHELL: a script that lets the shell complete turret's commands and options.
 */
#include "cli/cli.h"

static const struct cli_argument arguments[] = {
    {"SHELL", "bash, zsh or fish", false, false},
    {NULL, NULL, false, false},
};

static const char *const examples[] = {
    "source <(turret completion bash)",
    NULL,
};

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    if (cli_print_completion(cli->arguments[0], stdout, &err))
        return cli_usage(cli, "%s", err.text);
    return CLI_DONE;
}

const struct cli_command cmd_completion = {
    .path = "completion",
    .summary = "print a completion script for a shell",
    .arguments = arguments,
    .choices = "bash|zsh|fish",
    .examples = examples,
    .run = run,
};
