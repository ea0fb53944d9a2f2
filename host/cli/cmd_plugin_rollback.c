/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin rollback: back to the build an instance ran before.
 */
#include "cli/plugin_swap.h"

static const struct cli_argument arguments[] = {
    {"INSTANCE", "a strategy, a venue, or a plugin's id for its indicators", false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"reason", 0, "TEXT", "why, for the history", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    const char *reason = cli_get(cli, "reason");
    bool unreachable = false;
    json_t *request = json_pack("{s:s, s:s, s:s}", "command", "rollback", "instance",
                                cli->arguments[0], "reason", reason ? reason : "");
    int code;
    if (!request)
        return cli_usage(cli, "the instance or the reason is not UTF-8");
    code = plugin_swap_run(cli, request, &unreachable, &err);
    return unreachable ? remote_error(cli, true, &err) : code;
}

static const char *const examples[] = {"turret plugin rollback spy-cross",
                                       "turret plugin rollback spy-cross --reason 'buys too late'",
                                       NULL};

const struct cli_command cmd_plugin_rollback = {
    .path = "plugin rollback",
    .summary = "go back to the build an instance ran before",
    .details = "On probation the build before takes over with what it knows: it saw every event. "
               "Afterwards it is swapped in again and the state is converted. Either way the build "
               "that is left is blocked until turret plugin unblock lifts it. A new build that is "
               "still in the shadow is given up.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
