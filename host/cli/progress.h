/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line on a terminal: what, how far, how fast, how long still. Prints nothing elsewhere.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/cli.h"

struct progress {
    bool shown; /* this terminal wants it */
    bool on_line;
    const char *what; /* borrowed: "spy.csv" */
    const char *unit; /* "rows" */
    int64_t begun_ns, printed_ns;
};

void progress_begin(struct progress *progress, const struct cli *cli, const char *what,
                    const char *unit);
/* count: units so far; done of total: any measure, total 0 when it is not known. Prints at most ten
 * times a second, the first time at once. */
void progress_step(struct progress *progress, uint64_t count, uint64_t done, uint64_t total);
/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
