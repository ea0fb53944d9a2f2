/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugins a command sees: found by option, configuration, environment or beside the program,
 * loaded into a registry of their own.
 */
#ifndef CLI_PLUGINS_H
#define CLI_PLUGINS_H

#include "cli/cli.h"
#include "config/config.h"
#include "plugin/registry.h"

/* The option of commands that look at plugins. */
#define PLUGINS_OPTION                                                                             \
    {                                                                                              \
        "plugins", 0, "DIR",                                                                       \
            "where plugins are, may be given several times (default: the configuration's with "    \
            "-C, "                                                                                 \
            "$TURRET_PLUGINS, or beside the program)",                                             \
            NULL, false                                                                            \
    }

/* Zeroed to begin with. */
struct plugins {
    struct registry *registry;
    char private_dir[PLUGIN_PATH_MAX]; /* made for this run, removed at its end */
    const struct cli *cli;
    uint32_t loaded, refused;
};

/* An empty registry. fails: EIO, ENOMEM */
int plugins_begin(struct plugins *plugins, const struct cli *cli, struct turret_error *err);
/*
 * plugins_begin() and every plugin of the directories that apply; refused files are told on
 * standard error and counted. config NULL: none.
 *
 * fails: ENOTFOUND no directory of plugins; as registry_scan(), plugins_begin()
 */
int plugins_open(struct plugins *plugins, const struct cli *cli, const struct config *config,
                 struct turret_error *err);
void plugins_close(struct plugins *plugins); /* zeroed is allowed */

/*
 * What is known of a plugin's signature; where no policy asked, the file beside it is read, so that
 * the key it names can be shown (UNCHECKED) or that there is none.
 */
void plugins_look_at_signature(const struct plugin_file *file, struct signature_status *status);
/* "good", "unchecked", "unsigned", "bad" */
const char *plugins_signature_word(enum signature_state state);

/* "strategy", "indicator", "broker" */
const char *plugins_kind_name(uint32_t kind);

#endif
