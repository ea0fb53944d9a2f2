/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon answers with the names of the strategies it was done to.
 */
#include "cli/steer.h"

#include "cli/clean.h"
#include "cli/json.h"
#include "cli/remote.h"

#include <string.h>

const struct cli_argument steer_arguments[] = {
    {"STRATEGY", "as the configuration names it", true, false},
    {NULL, NULL, false, false},
};

const struct cli_option steer_options[] = {
    {"all", 'a', NULL, "every strategy", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static void note(const struct cli *cli, const json_t *names, const char *what)
{
    const json_t *name;
    size_t index;
    json_array_foreach(names, index, name)
    {
        char text[64];
        if (!json_is_string(name))
            continue;
        (void)snprintf(text, sizeof text, "%s", json_string_value(name));
        clean_text(text, sizeof text);
        cli_note(cli, "%s: %s", text, what);
    }
}

static int print(const struct cli *cli, const char *command, const char *done, const json_t *reply)
{
    json_t *names = json_object_get(reply, "strategies");
    json_t *stopped = json_object_get(reply, "stay_stopped");
    json_t *root;
    if (cli->json) {
        root = json_pack("{s:s, s:O}", "command", command, "strategies", names);
        if (stopped)
            (void)json_object_set(root, "stay_stopped", stopped);
        return cli_json_print(root) ? CLI_FAILED : CLI_DONE;
    }
    note(cli, names, done);
    note(cli, stopped, "stays stopped");
    return CLI_DONE;
}

int steer_run(const struct cli *cli, const char *command, const char *done)
{
    bool all = cli_flag(cli, "all");
    json_t *request, *reply;
    int code;
    if (all && cli->argument_count > 0)
        return cli_usage(cli, "--all and a strategy exclude each other");
    if (!all && cli->argument_count == 0)
        return cli_usage(cli, "'turret %s' needs a STRATEGY or --all", command);
    if (all)
        request = json_pack("{s:s, s:b}", "command", command, "all", 1);
    else
        request = json_pack("{s:s, s:s}", "command", command, "strategy", cli->arguments[0]);
    if (!request) /* jansson takes UTF-8 only */
        return cli_usage(cli, "the strategy's name is not UTF-8");
    code = remote_call(cli, request, &reply);
    if (code)
        return code;
    code = print(cli, command, done, reply);
    json_decref(reply);
    return code;
}
