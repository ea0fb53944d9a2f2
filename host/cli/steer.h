/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What start, stop and pause share: one request to the daemon.
 */
#ifndef CLI_STEER_H
#define CLI_STEER_H

#include "cli/cli.h"

/* A strategy, or --all. */
extern const struct cli_argument steer_arguments[];
extern const struct cli_option steer_options[];

/*
 * Sends {"command": `command`} for the strategy named or, with --all, for every one in one turn of
 * the daemon. `done` is what people read: "stopped". Answers the exit code.
 */
int steer_run(const struct cli *cli, const char *command, const char *done);

#endif
