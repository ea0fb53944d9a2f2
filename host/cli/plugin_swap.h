/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands that change code share: asking the daemon until the store keeps up, and waiting
 * until it is known what became of each instance.
 */
#ifndef CLI_PLUGIN_SWAP_H
#define CLI_PLUGIN_SWAP_H

#include "cli/remote.h"

/* remote_try(), again while the daemon answers that it is busy. */
int plugin_swap_ask(const struct cli *cli, json_t *take_request, json_t **reply, bool *unreachable,
                    struct turret_error *err);
/*
 * Asks for a change of code, waits and prints a line for each instance, or one JSON object. Answers
 * the exit code: 0 done, CLI_REFUSED policy, block or divergence, CLI_INVALID the file,
 * CLI_PARTLY some moved and some did not, CLI_FAILED else. When no daemon answers it tells nothing
 * and *unreachable is set; *err has the text then.
 */
int plugin_swap_run(const struct cli *cli, json_t *take_request, bool *unreachable,
                    struct turret_error *err);
/* The path from the root, as the daemon has to be told. fails: EINVAL too long */
int plugin_swap_path(const char *path, char *whole, size_t room, struct turret_error *err);
/* A build id as people see it: its first 12 digits; "-" for none. */
const char *plugin_swap_short(const char *hex, char text[16]);

#endif
