/* SPDX-License-Identifier: Apache-2.0 */
/* What block and unblock share: through the daemon when one runs, else on the store itself. */
#ifndef CLI_PLUGIN_BLOCK_H
#define CLI_PLUGIN_BLOCK_H

#include "cli/cli.h"

/* `reason` NULL lifts the block. Tells what was done; answers the exit code. */
int plugin_block_run(const struct cli *cli, const char *build, const char *reason);

#endif
