/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon answers of a scope that is ACTIVE by a person's word, and may not trade all the
 * same: limits of loss stop it, or the state of another scope does. */
#ifndef CLI_RESUMED_H
#define CLI_RESUMED_H

#include "cli/cli.h"

#include <jansson.h>

/* Whether a limit stops it, or nothing was resumed and another scope keeps it back. */
bool resumed_is_kept(const json_t *reply);
/* The lines for people, and the next command. */
void resumed_print(const struct cli *cli, const json_t *reply, const char *scope, const char *name);

#endif
