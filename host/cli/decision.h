/* SPDX-License-Identifier: Apache-2.0 */
/* What decisions of a person have in common: a reason of one length, who it was, of what scope. */
#ifndef CLI_DECISION_H
#define CLI_DECISION_H

#include "cli/cli.h"

/* The option that all of them have. */
#define DECISION_REASON "reason", 0, "TEXT", "why, at most 46 bytes; recorded with who", NULL, false

#define DECISION_NAME                                                                              \
    "NAME", "which one: sim, sim/USD, spy-cross, SPY.sim; none for all", true, false
#define DECISION_KILLED                                                                            \
    "killed", 0, NULL, "yes, out of KILLED: the venue was looked at", NULL, false

/* --reason, which has to be given. fails: CLI_USAGE, told */
int decision_reason(const struct cli *cli, const char **reason);
/* The name of this process's user. */
const char *decision_who(void);
/*
 * SCOPE [NAME], the first of the arguments: of `words` of them, 1 or 2. *name is "" for all.
 * fails: CLI_USAGE, told
 */
int decision_scope(const struct cli *cli, int words, const char **scope, const char **name);

#endif
