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

static int print(const struct cli *cli, const char *command, const char *done, const json_t *names)
{
    const json_t *name;
    size_t index;
    if (cli->json)
        return cli_json_print(json_pack("{s:s, s:O}", "command", command, "strategies", names))
                   ? CLI_FAILED
                   : CLI_DONE;
    json_array_foreach(names, index, name)
    {
        char text[64];
        if (!json_is_string(name))
            continue;
        (void)snprintf(text, sizeof text, "%s", json_string_value(name));
        clean_text(text, sizeof text);
        cli_note(cli, "%s: %s", text, done);
    }
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
    code = print(cli, command, done, json_object_get(reply, "strategies"));
    json_decref(reply);
    return code;
}
