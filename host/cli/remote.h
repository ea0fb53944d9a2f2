/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the daemon that runs on the store the command line means.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/cli.h"

#include <jansson.h>

/* How long an answer may take. A turn of the daemon takes milliseconds. */
#define REMOTE_TIMEOUT_MS 5000

/*
 * Sends and releases the request. On CLI_DONE *reply is the caller's. Otherwise it is told what
 * went wrong: CLI_UNREACHABLE when the daemon did not answer, else the code of its own error.
 */
int remote_call(const struct cli *cli, json_t *take_request, json_t **reply);
/* The same without telling. *unreachable: whose error it is. */
int remote_try(const struct cli *cli, json_t *take_request, json_t **reply, bool *unreachable,
               struct turret_error *err);
/* remote_try(), again while the daemon says EBUSY, for REMOTE_TIMEOUT_MS at most. */
int remote_try_again(const struct cli *cli, json_t *take_request, json_t **reply, bool *unreachable,
                     struct turret_error *err);
/* remote_call(), again while the daemon says EBUSY, for REMOTE_TIMEOUT_MS at most. */
int remote_call_again(const struct cli *cli, json_t *take_request, json_t **reply);
/*
 * What the daemon says of itself, or NULL within a second: asked in an emergency, too, of a daemon
 * that hangs. The caller releases it. fails: as control_call()
 */
json_t *remote_status(const struct cli *cli, struct turret_error *err);
/* Tells what remote_try() found and answers the exit code. */
int remote_error(const struct cli *cli, bool unreachable, const struct turret_error *err);

#endif
