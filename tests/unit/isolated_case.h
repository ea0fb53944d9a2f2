/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins in runners, for tests: a registry, what to load into it, and the attackers. */
#ifndef ISOLATED_CASE_H
#define ISOLATED_CASE_H

#include "engine_rig.h"
#include "plugin_files.h"

#include "plugin/registry.h"

static char private_dir[FILES_PATH_MAX];

static inline struct registry *open_registry(void)
{
    struct registry *registry;
    assert_int_equal(registry_create(&registry, private_dir, NULL), TURRET_OK);
    return registry;
}

static inline void load(struct registry *registry, const char *folder, const char *name,
                        bool isolated)
{
    char path[FILES_PATH_MAX];
    const struct plugin_policy policy = {.allow_writable = true, .isolated = isolated};
    struct turret_error err = {0};
    files_join(path, folder, name);
    if (registry_load(registry, path, &policy, &err))
        fail_msg("%s", err.text);
}

static inline const char *attackers(void)
{
    static char path[FILES_PATH_MAX];
    files_join(path, files_environment("TURRET_BUILD"), "isolation-plugins");
    return path;
}

#endif
