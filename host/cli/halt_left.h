/* SPDX-License-Identifier: Apache-2.0 */
/* What the kill switch could not reach or prove, told to people. */
#ifndef CLI_HALT_LEFT_H
#define CLI_HALT_LEFT_H

#include "cli/cli.h"
#include "session/halt.h"

/* Of a venue that did not tell its orders whole: why, and what to do. */
void halt_left_venue(const struct cli *cli, const struct halt_venue *venue);
/* Not proven, because its venue does not find it and it may still arrive there. */
bool halt_left_missed(const struct halt_order *order);
/* The last line, where anything is open: how many orders and venues. */
void halt_left_count(const struct cli *cli, const struct halt_result *result);
/* Why it was not asked, or why it did not tell its orders whole; "" neither, or nobody said. */
const char *halt_left_why(const struct halt_venue *venue);

#endif
