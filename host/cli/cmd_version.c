/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret version: which build this is and which plugin ABI it has.
 */
#include "cli/json.h"
#include "cli/cli.h"

static int run(struct cli *cli)
{
    if (cli->json) {
        (void)cli_json_print(json_pack("{s:s, s:i, s:i}", "version", TURRET_VERSION, "abi_major",
                                       TURRET_ABI_MAJOR, "abi_minor", TURRET_ABI_MINOR));
        return CLI_DONE;
    }
    (void)printf("turret %s, plugin ABI %d.%d\n", TURRET_VERSION, TURRET_ABI_MAJOR,
                 TURRET_ABI_MINOR);
    return CLI_DONE;
}

const struct cli_command cmd_version = {
    .path = "version",
    .summary = "tell this build's version and plugin ABI",
    .run = run,
};
