/* SPDX-License-Identifier: Apache-2.0 */
/* What every decision of a person carries: a reason of one length, and who it was. */
#ifndef CLI_DECISION_H
#define CLI_DECISION_H

#include "cli/cli.h"

/* The option that all of them have. */
#define DECISION_REASON "reason", 0, "TEXT", "why, at most 46 bytes; recorded with who", NULL, false

/* --reason, which has to be given. fails: CLI_USAGE, told */
int decision_reason(const struct cli *cli, const char **reason);
/* The name of this process's user. */
const char *decision_who(void);
/* CLI_USAGE, told, when there is no such scope. */
int decision_scope(const struct cli *cli, const char *scope);

#endif
