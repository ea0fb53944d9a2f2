/* SPDX-License-Identifier: Apache-2.0 */
/* Which store a command is for: the one that turret run takes in the same place. */
#ifndef CLI_STORE_CHOICE_H
#define CLI_STORE_CHOICE_H

#include "cli/cli.h"
#include "config/config.h"

struct store_choice {
    char path[CONFIG_PATH_MAX];
    char from[CONFIG_PATH_MAX + 24]; /* who says so: "--store", "store: of turret.yaml" */
    char trouble[256];               /* why the configuration does not check; "" it does */
};

/*
 * --store, `-C FILE`, $TURRET_STORE, $TURRET_CONFIG, ./turret.yaml, var/turret. Of a configuration
 * that does not check, the line `store:` is taken all the same, and `trouble` tells.
 * fails: as config_load() when a file that is named is not there, or does not say which store
 */
int store_choice_find(const struct cli *cli, struct store_choice *choice, struct turret_error *err);
#define STORE_CHOICE_TEXT 201
/* "PATH (WHO)"; of what is longer the end, after "...". */
void store_choice_tell(const struct store_choice *choice, char text[STORE_CHOICE_TEXT]);
/* ENOTFOUND: no store is there: where that is, who says so and what to do. */
int store_choice_none(const struct store_choice *choice, struct turret_error *err);
/* What overrides the `store:` of the configuration a command runs; NULL nothing does. */
const char *store_choice_over(const struct cli *cli);

#endif
