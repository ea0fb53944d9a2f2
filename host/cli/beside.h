/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies beside the program, in an installed tree or in the one it was built in: so that nothing
 * has to be told where things are.
 */
#ifndef CLI_BESIDE_H
#define CLI_BESIDE_H

#include <turret/core.h>

#include <stdbool.h>

#define BESIDE_PATH_MAX 4096

/* The tree the program is in: the directory above its own. fails: false */
bool beside_prefix(char *path, size_t room);
/* $TURRET_TEMPLATES, or share/turret/templates. fails: ENOTFOUND */
int beside_templates(char *path, size_t room, struct turret_error *err);
/*
 * Sets TURRET_PLUGINS to the directory of the host's own plugins when it is not set, so that a
 * configuration may say ${TURRET_PLUGINS}. Nothing happens when there is none.
 */
void beside_name_plugins(void);

#endif
