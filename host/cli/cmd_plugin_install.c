/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin install: a checked file into the plugin directory, and into the running daemon.
 */
#include "check/check_run.h"
#include "cli/json.h"
#include "cli/plugin_files.h"
#include "cli/plugin_place.h"
#include "cli/plugin_swap.h"
#include "cli/plugins.h"
#include "cli/records.h"
#include "session/blocked.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROBE_NS UINT64_C(5000000000)

static const struct cli_argument arguments[] = {
    {"FILE", "the plugin, an .so file", false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"dir", 0, "DIR",
     "where it goes (default: the configuration's directory that holds the plugin, else its first)",
     NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static void keep_failure(void *context, const struct check_line *line)
{
    struct turret_error *err = context;
    if (line->result.outcome == CHECK_FAIL)
        (void)turret_fail(err, TURRET_EFAULT, "%s: %s", line->row->id, line->result.text);
}

static int probe(const struct cli *cli, const char *path, struct turret_error *err)
{
    static struct check_summary summary;
    struct check_options chosen = {.only = {"probe"},
                                   .only_count = 1,
                                   .level = CHECK_LEVELS,
                                   .seed = 1,
                                   .timeout_ns = PROBE_NS};
    struct turret_error why = {0};
    struct plugins plugins = {0};
    int status = plugins_begin(&plugins, cli, err);
    if (!status)
        status = check_run(path, plugins.private_dir, &chosen, keep_failure, &why, &summary, err);
    plugins_close(&plugins);
    return status || !why.code ? status
                               : turret_fail(err, why.code, "%.200s: %.250s", path, why.text);
}

/* A store that is not there yet blocks nothing. */
static int refuse_blocked(const struct cli *cli, const struct plugin_file *file,
                          struct turret_error *err)
{
    struct turret_error none = {0};
    struct store *store = NULL;
    uint8_t build[32];
    char why[BLOCKED_WHY_MAX];
    bool blocked;
    if (records_open(&store, cli, &none))
        return TURRET_OK;
    plugin_build_bytes(file, build);
    blocked = blocked_find(store, build, why);
    store_close(store);
    return blocked
               ? turret_fail(err, TURRET_EDENIED,
                             "build %.12s of %s %s is blocked (%s); turret plugin unblock "
                             "%.12s lifts it",
                             file->build_id, file->note.id, file->note.version, why, file->build_id)
               : TURRET_OK;
}

/* The signature goes first, so that the new file is never without it. */
static int put_signature(const char *path, const struct plugin_place *place, const char *name,
                         struct turret_error *err)
{
    char from[PLUGIN_PATH_MAX + 16], to[256 + 16], whole[2 * PLUGIN_PATH_MAX];
    struct turret_error why = {0};
    struct whole_file file;
    int status;
    (void)snprintf(from, sizeof from, "%s.minisig", path);
    (void)snprintf(to, sizeof to, "%s.minisig", name);
    status = whole_file_read(&file, from, "a signature", 1 << 16, &why);
    if (status == TURRET_ENOTFOUND) {
        (void)snprintf(whole, sizeof whole, "%s/%s", place->directory, to);
        (void)unlink(whole);
        return TURRET_OK;
    }
    if (status)
        return turret_fail(err, status, "%s", why.text);
    status = plugin_files_put(place->directory, to, file.bytes, file.size_bytes, err);
    free(file.bytes);
    return status;
}

/* Under its own name, or under that of the file which holds the same plugin. */
static void choose_name(const struct cli *cli, const struct source *source, const char *path,
                        const struct plugin_place *place, char name[256])
{
    const char *slash = strrchr(path, '/'), *own = slash ? slash + 1 : path;
    (void)snprintf(name, 256, "%.250s", own);
    if (plugin_files_find(place->directory, source->file.note.id, name) && strcmp(name, own) != 0)
        cli_note(cli, "%s/%s holds %s already and is replaced", place->directory, name,
                 source->file.note.id);
}

static int put(const struct cli *cli, const struct source *source, const char *path,
               const struct plugin_place *place, char name[256], struct turret_error *err)
{
    choose_name(cli, source, path, place, name);
    if (put_signature(path, place, name, err))
        return turret_ok(err);
    return plugin_files_put(place->directory, name, source->bytes, source->file.size_bytes, err);
}

static int tell_daemon(const struct cli *cli, const struct plugin_file *file, const char *directory,
                       const char *name)
{
    struct turret_error err = {0};
    char path[PLUGIN_PATH_MAX], joined[PLUGIN_PATH_MAX + 260];
    bool unreachable = false;
    json_t *request;
    int code;
    (void)snprintf(joined, sizeof joined, "%s/%s", directory, name);
    if (plugin_swap_path(joined, path, sizeof path, &err))
        return cli_error(cli, &err);
    if (!cli->json)
        cli_note(cli, "%s: %s %s, build %.12s", path, file->note.id, file->note.version,
                 file->build_id);
    request = json_pack("{s:s, s:s}", "command", "swap", "path", path);
    if (!request)
        return cli_usage(cli, "the path is not UTF-8");
    code = plugin_swap_run(cli, request, &unreachable, &err);
    if (!unreachable)
        return code;
    if (err.code != TURRET_ENOTFOUND)
        return remote_error(cli, true, &err);
    if (cli->json)
        (void)cli_json_print(json_pack("{s:b, s:s, s:s, s:s, s:s}", "done", 1, "file", path,
                                       "plugin", file->note.id, "version", file->note.version,
                                       "build", file->build_id));
    else
        cli_note(cli, "no daemon runs on this store: the next start uses it");
    return CLI_DONE;
}

static int refused(const struct cli *cli, const struct turret_error *err)
{
    int code = cli_error(cli, err);
    return err->code == TURRET_EDENIED || err->detail == POLICY_TOO_OLD ? CLI_REFUSED
           : code == CLI_FAILED                                         ? CLI_INVALID
                                                                        : code;
}

/* Held to what the daemon will ask of the copy; `id` is what the place was chosen for. */
static int check(struct source *source, const char *path, const char *id,
                 const struct plugin_place *place, struct turret_error *err)
{
    struct plugin_policy policy = place->policy;
    if (place->stricter[0])
        return turret_fail(err, TURRET_EDENIED,
                           "%.200s holds %s under a stricter policy than that of %.200s: leave "
                           "--dir out, or remove it there first",
                           place->stricter, id, place->directory);
    if (policy_check_directory(&policy, place->directory, err))
        return turret_ok(err);
    policy.allow_writable = true; /* the copy is the daemon's, not the original */
    if (source_init(source, path, &policy, err))
        return turret_ok(err);
    if (!strcmp(source->file.note.id, id))
        return TURRET_OK;
    source_finish(source);
    return turret_fail(err, TURRET_EINVAL, "%.400s: it changes while it is read; try again", path);
}

static int run(struct cli *cli)
{
    const char *path = cli->arguments[0];
    struct turret_error err = {0};
    struct plugin_file file;
    struct plugin_place place;
    struct source source;
    char name[256];
    bool told = false;
    int code;
    if (plugin_inspect(path, &file, &err))
        return refused(cli, &err);
    if (plugin_place_find(cli, file.note.id, &place, &told, &err))
        return told ? cli_told(cli, &err) : cli_error(cli, &err);
    if (place.policy_of[0])
        cli_note(
            cli,
            "%s is no plugin directory of the configuration: the file is held to the policy of "
            "%s",
            place.directory, place.policy_of);
    if (check(&source, path, file.note.id, &place, &err))
        return refused(cli, &err);
    if (probe(cli, path, &err) || refuse_blocked(cli, &source.file, &err) ||
        put(cli, &source, path, &place, name, &err))
        code = cli_error(cli, &err);
    else
        code = tell_daemon(cli, &source.file, place.directory, name);
    source_finish(&source);
    return code;
}

static const char *const examples[] = {"turret plugin install build/acme.so",
                                       "turret plugin install build/acme.so --dir plugins", NULL};

const struct cli_command cmd_plugin_install = {
    .path = "plugin install",
    .summary = "check a plugin and put it into the plugin directory",
    .details =
        "A plugin stays where it is: the file goes into the directory of the configuration that "
        "holds the plugin already, else into its first one. The file's note, what the directory's "
        "policy asks for (signature, keys, minimum, who may write) and 'plugin check --only "
        "probe' are looked at first; a file that fails leaves the directory as it is. It is put in "
        "place in one step, its .minisig beside it. Where the directory holds the same plugin "
        "under another file name, that file is replaced. With --dir, a directory that the "
        "configuration does not list is held to the strictest policy of those it lists.\n\n"
        "Without -C, $TURRET_CONFIG and turret.yaml the configuration is that of the daemon on "
        "the store; without a daemon the directory is $TURRET_PLUGINS.\n\n"
        "A daemon on the store swaps the build in, and the command waits for that as 'plugin swap' "
        "does, with its exit codes.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
