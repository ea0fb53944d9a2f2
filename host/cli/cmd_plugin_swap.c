/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin swap: a new build takes over in the running daemon.
 */
#include "cli/plugin_swap.h"

#include "plugin/loader.h"

static const struct cli_argument arguments[] = {
    {"FILE", "the new build, an .so file", false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"only", 0, "INSTANCE",
     "only this strategy, venue or plugin's indicators (default: all that run the plugin)", NULL,
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct plugin_file file;
    const char *only = cli_get(cli, "only");
    char path[PLUGIN_PATH_MAX];
    bool unreachable = false;
    json_t *request;
    int code;
    if (plugin_swap_path(cli->arguments[0], path, sizeof path, &err) ||
        plugin_inspect(path, &file, &err)) {
        (void)cli_error(cli, &err);
        return CLI_INVALID;
    }
    request =
        json_pack("{s:s, s:s, s:s}", "command", "swap", "path", path, "instance", only ? only : "");
    if (!request)
        return cli_usage(cli, "the path or the instance is not UTF-8");
    code = plugin_swap_run(cli, request, &unreachable, &err);
    return unreachable ? remote_error(cli, true, &err) : code;
}

static const char *const examples[] = {"turret plugin swap build/acme.so",
                                       "turret plugin swap build/acme.so --only spy-cross", NULL};

const struct cli_command cmd_plugin_swap = {
    .path = "plugin swap",
    .summary = "let a new build take over in the running daemon",
    .details =
        "The daemon copies the file, tries it in a child process with the state it would be "
        "handed, loads it beside the running build and hands state, orders and subscriptions over "
        "between two events. What does not work out leaves the running build as it is. The command "
        "waits until that is decided and says what happened to each instance.\n\n"
        "The new build is on probation then (swap.probation): on a fault it is taken back by "
        "itself and blocked. Exits with 0 when all moved, 3 when the file is no fit plugin, 4 when "
        "no daemon answers, 5 when policy, a block or the shadow run refuse it, 6 when some moved, "
        "else 1.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
