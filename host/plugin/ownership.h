/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether somebody other than this user and root can change a file or directory. A group that is
 * the owner's alone (same name, no other member: what many systems give each user) is the owner.
 */
#ifndef PLUGIN_OWNERSHIP_H
#define PLUGIN_OWNERSHIP_H

#include <turret/core.h>

/* `hint` ends the text with what else can be done; "" nothing. fails: EDENIED, says what to do */
int ownership_check(const char *path, uint32_t owner, uint32_t group, uint32_t mode,
                    const char *hint, struct turret_error *err);
/* The same of a directory. One that cannot be looked at passes: it holds nothing to read then. */
int ownership_check_directory(const char *path, const char *hint, struct turret_error *err);

#endif
