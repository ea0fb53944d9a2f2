/* SPDX-License-Identifier: Apache-2.0 */
/* What a running daemon knows beside the trading states: what stands still all the same, and what
 * is unprotected. */
#ifndef CLI_STATE_NOW_H
#define CLI_STATE_NOW_H

#include "cli/cli.h"

#include <jansson.h>

/*
 * {"waits": [{"scope", "name", "why"}], "unprotected": [{"strategy", "instrument", "qty"}],
 * "not_sent": [{"strategy", "instrument", "orders"}]}, or null when no daemon answers within a
 * second. The caller releases it.
 */
json_t *state_now(const struct cli *cli);
/* The same as lines, with what to do; nothing when no daemon runs. */
void state_now_note(const struct cli *cli);
/* The daemon's arrays of those names, a line each. `ended`: they are cancelled. */
void state_now_unprotected(const struct cli *cli, const json_t *list);
void state_now_not_sent(const struct cli *cli, const json_t *list, bool ended);

#endif
