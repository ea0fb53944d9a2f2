/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin remove: takes a plugin's file out of its directory.
 */
#include "cli/json.h"
#include "cli/plugin_files.h"
#include "cli/plugin_place.h"
#include "ops/suggest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define IDS_MAX 256

static const struct cli_argument arguments[] = {
    {"ID", "the plugin's id, turret.sma, which plugin info shows first", false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"dir", 0, "DIR", "where it is (default: the configuration's directory that holds it)", NULL,
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct ids {
    char of[IDS_MAX][48];
    size_t count;
};

static void keep_id(void *context, const char *id)
{
    struct ids *ids = context;
    if (ids->count < IDS_MAX)
        (void)snprintf(ids->of[ids->count++], 48, "%s", id);
}

/* "turret.sma" for "sma", which is what a configuration calls the indicator of that plugin. */
static const char *near_of(const char *id, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *dot = strrchr(names[i], '.');
        if (dot && !strcmp(dot + 1, id))
            return names[i];
    }
    return suggest_nearest(id, names, count);
}

static int unknown(const char *directory, const char *id, struct turret_error *err)
{
    static struct ids ids;
    const char *names[IDS_MAX], *near;
    char list[240] = "";
    size_t used = 0;
    plugin_files_each(directory, keep_id, &ids);
    for (size_t i = 0; i < ids.count; i++) {
        names[i] = ids.of[i];
        if (used < sizeof list - 60)
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    near = near_of(id, names, ids.count);
    if (near)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "%.150s holds no plugin '%.60s'; did you mean '%s'?", directory, id,
                           near);
    return turret_fail(err, TURRET_ENOTFOUND, "%.150s holds no plugin '%.60s' (there are: %s%s)",
                       directory, id, used ? list : "none",
                       used >= sizeof list - 60 ? ", ..." : "");
}

static int remove_file(const char *directory, const char *name, char path[PLUGIN_PATH_MAX + 260],
                       struct turret_error *err)
{
    char signature[PLUGIN_PATH_MAX + 280];
    (void)snprintf(path, PLUGIN_PATH_MAX + 260, "%s/%s", directory, name);
    (void)snprintf(signature, sizeof signature, "%s.minisig", path);
    if (unlink(path))
        return turret_fail(err, TURRET_EIO, "%.300s: %s", path, strerror(errno));
    (void)unlink(signature);
    return TURRET_OK;
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct plugin_place place;
    char name[256], path[PLUGIN_PATH_MAX + 260];
    bool told;
    if (plugin_place_find(cli, cli->arguments[0], &place, &told, &err))
        return told ? cli_told(cli, &err) : cli_error(cli, &err);
    if (!plugin_files_find(place.directory, cli->arguments[0], name))
        (void)unknown(place.directory, cli->arguments[0], &err);
    else
        (void)remove_file(place.directory, name, path, &err);
    if (turret_ok(&err))
        return cli_error(cli, &err);
    if (cli->json)
        return cli_json_print(json_pack("{s:s, s:s}", "id", cli->arguments[0], "file", path))
                   ? CLI_FAILED
                   : CLI_DONE;
    cli_note(cli, "%s is removed; what ran it before goes on with its copy", path);
    return CLI_DONE;
}

static const char *const examples[] = {"turret plugin remove acme.breakout", NULL};

const struct cli_command cmd_plugin_remove = {
    .path = "plugin remove",
    .summary = "take a plugin out of the plugin directory",
    .details = "Removes the file and its .minisig. What ran on a store goes on with the copy that "
               "was loaded for it, also after a restart; a strategy that never ran there is "
               "refused.\n\n"
               "Without -C, $TURRET_CONFIG and turret.yaml the configuration is that of the daemon "
               "on the store; without a daemon the directory is $TURRET_PLUGINS.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
