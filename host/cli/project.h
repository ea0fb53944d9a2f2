/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory given in place of a configuration: a project as `turret new` makes it.
 */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "cli/cli.h"

#define PROJECT_CONFIG "turret.yaml"

/* What commands that take one say about it. */
#define PROJECT_DETAILS                                                                            \
    "A directory stands for the " PROJECT_CONFIG " in it: the command goes there first, as if it " \
    "had been given there, and builds the plugins of its CMakeLists.txt with cmake."

/*
 * When *path is a directory: makes it the working directory, builds what its CMakeLists.txt says
 * and puts its configuration, PROJECT_CONFIG, in *path. Commands that are run are told on standard
 * error; so is what they print. Nothing happens when *path is anything else.
 *
 * fails: ENOTFOUND no configuration in it; EINVAL the build; EIO the directory, or cmake is missing
 */
int project_enter(const struct cli *cli, const char **path, struct turret_error *err);

#endif
