/* SPDX-License-Identifier: Apache-2.0 */
/* After a venue's position was taken: which strategies still count one that the account lacks. */
#ifndef CLI_ADOPTED_H
#define CLI_ADOPTED_H

#include "cli/cli.h"

#include <jansson.h>

/*
 * [{"strategy", "instrument", "qty", "account_qty"}] of what was adopted, by the store: empty where
 * the account holds what its strategies count, or more. `about`: AAA, AAA.VENUE or a currency. The
 * caller releases it. fails: as records_open(); what cannot be read is not listed
 */
json_t *adopted_still_counted(const struct cli *cli, const char *venue, const char *about,
                              struct turret_error *err);
/* A line each, and what to do. */
void adopted_tell(const struct cli *cli, const json_t *counted);

#endif
