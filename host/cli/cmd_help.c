/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret help [COMMAND...]: what there is and how it is used; with --man the manual page.
 */
#include "cli/cli.h"

static const struct cli_argument arguments[] = {
    {"COMMAND", "the command or group to tell about", true, true},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"man", 0, NULL, "print the manual page turret(1) in mdoc", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int run(struct cli *cli)
{
    char path[128] = "";
    int used = 0;
    if (cli_flag(cli, "man")) {
        cli_print_manual(stdout);
        return CLI_DONE;
    }
    for (int i = 0; i < cli->argument_count && used < (int)sizeof path; i++)
        used += snprintf(path + used, sizeof path - (size_t)used, "%s%s", i ? " " : "",
                         cli->arguments[i]);
    if (!path[0])
        cli_print_overview(cli, stdout);
    else if (cli_find_command(path))
        cli_print_command(cli, cli_find_command(path), stdout);
    else if (cli_find_group(path))
        cli_print_group(cli, cli_find_group(path), stdout);
    else
        return cli_unknown_command(cli, path);
    return CLI_DONE;
}

const struct cli_command cmd_help = {
    .path = "help",
    .summary = "tell what commands there are and what they take",
    .arguments = arguments,
    .options = options,
    .run = run,
};
