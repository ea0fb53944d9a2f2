/* SPDX-License-Identifier: Apache-2.0 */
/* What turret flatten and turret halt --flatten share: closing what strategies hold in a scope. */
#ifndef CLI_FLATTEN_H
#define CLI_FLATTEN_H

#include "cli/cli.h"

#include <jansson.h>

#define FLATTEN_WAIT_SECONDS 10

struct flatten {
    const char *scope, *name, *reason;
    bool killed; /* out of KILLED, too */
};

/* What the daemon takes it for; as remote_try_again(). The reply lists what is held. */
int flatten_ask(const struct cli *cli, const struct flatten *wanted, json_t **reply,
                bool *unreachable, struct turret_error *err);
/*
 * Waits until the store has the decision and nothing is held in the scope, wait_ms at most; asks
 * again for what was filled since. The reply gets "decided", whether the store has it, and
 * "still_held", a list. Answers CLI_DONE, or CLI_PARTLY; a slow disk and a daemon that
 * is gone are told.
 */
int flatten_wait(const struct cli *cli, const struct flatten *wanted, json_t *reply, int wait_ms);
/* Tells what was closed, what is still held, what stays, and the state the scope has now. */
void flatten_tell(const struct cli *cli, const json_t *reply);

#endif
