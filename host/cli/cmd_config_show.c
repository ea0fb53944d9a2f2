/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret config show: a configuration with every default and limit spelled out.
 */
#include "cli/json.h"
#include "cli/cli.h"
#include "config/config.h"

#include <stdlib.h>

static const struct cli_argument arguments[] = {
    {"FILE", "configuration to show (default: that of --config)", true, false},
    {NULL, NULL, false, false},
};

static int run(struct cli *cli)
{
    const char *path = cli->argument_count ? cli->arguments[0] : cli_config_path(cli);
    struct turret_error err = {0};
    struct config *config = NULL;
    if (config_load(path, &config, cli->json ? NULL : stderr, &err))
        return cli_told(cli, &err);
    if (cli->json) {
        char *text = NULL;
        size_t size_bytes = 0;
        FILE *memory = open_memstream(&text, &size_bytes);
        if (memory) {
            config_show(config, memory);
            (void)fclose(memory);
            (void)cli_json_print(json_pack("{s:s, s:s}", "file", path, "yaml", text));
        }
        free(text);
    } else {
        config_show(config, stdout);
    }
    config_destroy(config);
    return CLI_DONE;
}

const struct cli_command cmd_config_show = {
    .path = "config show",
    .summary = "print a configuration with all defaults and limits",
    .arguments = arguments,
    .takes = CLI_TAKES_CONFIG,
    .run = run,
};
