/* SPDX-License-Identifier: Apache-2.0 */
/* Which plugin directory a command about one plugin means, and what is asked of files there. */
#ifndef CLI_PLUGIN_PLACE_H
#define CLI_PLUGIN_PLACE_H

#include "cli/cli.h"
#include "config/config.h"
#include "plugin/source.h"

struct plugin_place {
    char directory[PLUGIN_PATH_MAX];
    struct plugin_policy policy;
    char policy_of[PLUGIN_PATH_MAX]; /* --dir is not listed: whose policy that is; else "" */
    char stricter[PLUGIN_PATH_MAX];  /* holds the plugin and asks for more than --dir; else "" */
};

/*
 * The directory of --dir; else the one of the configuration that holds the plugin `id`, the
 * strictest of several; else the first. The configuration is that of -C, of $TURRET_CONFIG or
 * turret.yaml; without one that of the daemon on the store; without a daemon the directory is
 * $TURRET_PLUGINS. A directory the configuration does not list gets its strictest policy.
 *
 * fails: as config_load() (told); as assemble_policy(); ENOTFOUND nothing names a directory
 */
int plugin_place_find(const struct cli *cli, const char *id, struct plugin_place *place, bool *told,
                      struct turret_error *err);

#endif
