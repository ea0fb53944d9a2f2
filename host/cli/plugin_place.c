/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin stays under the policy of the directory that holds it: an unsigned build of a plugin
 * whose directory asks for signatures must not get in by way of another directory.
 */
#include "cli/plugin_place.h"

#include "cli/plugin_files.h"
#include "cli/remote.h"
#include "session/assemble.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOWHERE UINT32_MAX

/* How much a directory asks for; the signature weighs most. */
static uint32_t strictness(const struct config_plugin_dir *dir)
{
    uint32_t signature = dir->signature == CONFIG_SIGNATURE_REQUIRE ? 2
                         : dir->signature == CONFIG_SIGNATURE_WARN  ? 1
                                                                    : 0;
    return (signature << 16) + ((uint32_t)dir->isolated << 12) +
           ((uint32_t)!dir->allow_writable << 8) + dir->minimum_count;
}

static uint32_t strictest(const struct config *config)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < config->plugin_dir_count; i++)
        if (strictness(&config->plugin_dirs[i]) > strictness(&config->plugin_dirs[best]))
            best = i;
    return best;
}

/* The strictest directory that holds the plugin; NOWHERE: none does. */
static uint32_t holder_of(const struct config *config, const char *id)
{
    char name[256];
    uint32_t best = NOWHERE;
    for (uint32_t i = 0; i < config->plugin_dir_count; i++)
        if (plugin_files_find(config->plugin_dirs[i].path, id, name) &&
            (best == NOWHERE ||
             strictness(&config->plugin_dirs[i]) > strictness(&config->plugin_dirs[best])))
            best = i;
    return best;
}

static bool same_directory(const char *left, const char *right)
{
    char *a = realpath(left, NULL), *b = realpath(right, NULL);
    bool same = a && b ? !strcmp(a, b) : !strcmp(left, right);
    free(a);
    free(b);
    return same;
}

static uint32_t listed(const struct config *config, const char *directory)
{
    for (uint32_t i = 0; i < config->plugin_dir_count; i++)
        if (same_directory(config->plugin_dirs[i].path, directory))
            return i;
    return NOWHERE;
}

/* The daemon's words are relative to where it was started. */
static int load_of_daemon(const struct cli *cli, struct config **config, bool *told,
                          struct turret_error *err)
{
    const char *file, *folder, *directory;
    struct turret_error why = {0};
    char path[CONFIG_PATH_MAX];
    bool unreachable;
    json_t *reply, *directories;
    if (remote_try(cli, json_pack("{s:s}", "command", "status"), &reply, &unreachable, &why))
        return TURRET_OK; /* none runs: there is no configuration */
    file = json_string_value(json_object_get(reply, "config"));
    folder = json_string_value(json_object_get(reply, "directory"));
    directories = json_object_get(reply, "plugin_directories");
    if (!file || !folder ||
        snprintf(path, sizeof path, "%s%s%s", file[0] == '/' ? "" : folder,
                 file[0] == '/' ? "" : "/", file) >= (int)sizeof path) {
        json_decref(reply);
        return turret_fail(err, TURRET_EINVAL,
                           "the daemon does not say which configuration it "
                           "runs; name it with -C FILE");
    }
    *told = config_load(path, config, cli->json ? NULL : stderr, err) != TURRET_OK;
    for (uint32_t i = 0; *config && i < (*config)->plugin_dir_count; i++)
        if ((directory = json_string_value(json_array_get(directories, i))))
            (void)snprintf((*config)->plugin_dirs[i].path, CONFIG_PATH_MAX, "%s", directory);
    json_decref(reply);
    return turret_ok(err);
}

static int load(const struct cli *cli, struct config **config, bool *told, struct turret_error *err)
{
    const char *path = cli_config_path(cli), *environment = getenv("TURRET_CONFIG");
    if (!cli_get(cli, "config") && !(environment && environment[0]) && access(path, F_OK) != 0)
        return load_of_daemon(cli, config, told, err);
    *told = config_load(path, config, cli->json ? NULL : stderr, err) != TURRET_OK;
    return turret_ok(err);
}

static void set_directory(struct plugin_place *place, const char *directory)
{
    (void)snprintf(place->directory, sizeof place->directory, "%s", directory);
}

/* Nobody said anything about policies: zeroed, as for a directory of --plugins. */
static int without_config(const struct cli *cli, struct plugin_place *place,
                          struct turret_error *err)
{
    const char *directory = cli_get(cli, "dir"), *environment = getenv("TURRET_PLUGINS");
    if (!directory && environment && environment[0]) {
        directory = environment;
        cli_note(cli, "no %s and no daemon on the store: the plugin directory is %s",
                 cli_config_path(cli), directory);
    }
    if (!directory)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "no %s and no daemon on the store: say which plugin directory with "
                           "-C FILE, --store DIR or --dir DIR",
                           cli_config_path(cli));
    set_directory(place, directory);
    return TURRET_OK;
}

static int within_config(const struct cli *cli, const struct config *config, const char *id,
                         struct plugin_place *place, struct turret_error *err)
{
    const struct config_plugin_dir *dirs = config->plugin_dirs;
    const char *given = cli_get(cli, "dir");
    uint32_t holder = holder_of(config, id), target = given ? listed(config, given) : holder;
    if (!given && target == NOWHERE)
        target = 0;
    if (target == NOWHERE) {
        target = strictest(config);
        (void)snprintf(place->policy_of, sizeof place->policy_of, "%s", dirs[target].path);
    }
    if (holder != NOWHERE && strictness(&dirs[holder]) > strictness(&dirs[target]))
        (void)snprintf(place->stricter, sizeof place->stricter, "%s", dirs[holder].path);
    set_directory(place, given ? given : dirs[target].path);
    return assemble_policy(config, target, &place->policy, err);
}

int plugin_place_find(const struct cli *cli, const char *id, struct plugin_place *place, bool *told,
                      struct turret_error *err)
{
    struct config *config = NULL;
    int status;
    memset(place, 0, sizeof *place);
    *told = false;
    status = load(cli, &config, told, err);
    if (!status && config && config->plugin_dir_count)
        status = within_config(cli, config, id, place, err);
    else if (!status)
        status = without_config(cli, place, err);
    config_destroy(config);
    return status;
}
