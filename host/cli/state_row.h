/* SPDX-License-Identifier: Apache-2.0 */
/* Done is done when it is on the disk, where the next command reads it. */
#ifndef CLI_STATE_ROW_H
#define CLI_STATE_ROW_H

#include "cli/cli.h"

/* What the daemon said it will do: the trading state of a scope; `reason` NULL: ACTIVE again. */
struct state_row {
    const char *scope, *name, *state, *reason;
};

/*
 * Waits until the store has it, and until the kill switch is lifted where that belongs to it; a few
 * seconds at most. Answers CLI_DONE, or CLI_PARTLY, told.
 */
int state_row_wait(const struct cli *cli, const struct state_row *wanted);
/* The same, until limits of loss were lifted behind that record of the journal. */
int state_row_wait_losses(const struct cli *cli, uint64_t sequence);
/* The same, until a decision of this kind (CONTROL_…) is on record behind it; `shown_by`: which
 * command tells of it later. */
int state_row_wait_control(const struct cli *cli, uint32_t kind, uint64_t sequence,
                           const char *shown_by);

#endif
