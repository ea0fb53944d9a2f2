/* SPDX-License-Identifier: Apache-2.0 */
/* What turret flatten and turret halt --flatten share: closing what strategies hold in a scope. */
#ifndef CLI_FLATTEN_H
#define CLI_FLATTEN_H

#include "cli/cli.h"

#include <jansson.h>

struct flatten {
    const char *scope, *name, *reason;
    bool killed; /* out of KILLED, too */
};

/* As remote_try_again(). */
int flatten_ask(const struct cli *cli, const struct flatten *wanted, json_t **reply,
                bool *unreachable, struct turret_error *err);
/* Waits until the store has it; as state_row_wait(). */
int flatten_wait(const struct cli *cli, const struct flatten *wanted);
/* Tells what is being closed and what stays. */
void flatten_tell(const struct cli *cli, const json_t *reply);

#endif
