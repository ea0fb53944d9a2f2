/* SPDX-License-Identifier: Apache-2.0 */
/* What the kill switch takes away from positions, told to people and programs. */
#ifndef CLI_HALT_LOST_H
#define CLI_HALT_LOST_H

#include "cli/cli.h"
#include "session/halt.h"

#include <jansson.h>

/* Names fit to be shown. */
void halt_lost_clean(struct halt_result *result);
/* A line for each instrument. */
void halt_lost_tell(const struct cli *cli, const struct halt_result *result);
/* [{"instrument", "orders", "kept"}]: stops and targets, or what was to close at once. */
json_t *halt_lost_json(const struct halt_result *result, bool closes);

#endif
