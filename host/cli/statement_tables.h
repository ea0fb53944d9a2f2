/* SPDX-License-Identifier: Apache-2.0 */
/* The document of turret statement as tables. */
#ifndef CLI_STATEMENT_TABLES_H
#define CLI_STATEMENT_TABLES_H

#include "cli/cli.h"

#include <jansson.h>

/* Adds "limits" to the document, which the tables have and JSON does not. fails: ENOMEM */
void statement_tables_print(json_t *made, const struct cli *cli, struct turret_error *err);

#endif
