/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where plugins are looked for, and the private directory their copies are loaded from.
 */
#include "cli/plugins.h"
#include "session/assemble.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where an installed or built program's plugins are, from its own directory. */
static const char *const beside[] = {"../plugins", "../lib/turret/plugins",
                                     "../lib/*/turret/plugins"};

static void on_refused(void *context, const char *path, const struct turret_error *why)
{
    struct plugins *plugins = context;
    (void)path; /* the text names it */
    plugins->refused += why->code != TURRET_OK;
    cli_note(plugins->cli, "%s", why->text);
}

int plugins_begin(struct plugins *plugins, const struct cli *cli, struct turret_error *err)
{
    const char *folder = getenv("TMPDIR");
    plugins->cli = cli;
    (void)snprintf(plugins->private_dir, sizeof plugins->private_dir, "%s/turret-XXXXXX",
                   folder && folder[0] ? folder : "/tmp");
    if (!mkdtemp(plugins->private_dir)) {
        (void)turret_fail(err, TURRET_EIO, "%s: %s", plugins->private_dir, strerror(errno));
        plugins->private_dir[0] = '\0';
        return turret_ok(err);
    }
    return registry_create(&plugins->registry, plugins->private_dir, err);
}

static int scan(struct plugins *plugins, const char *directory, struct turret_error *err)
{
    uint32_t loaded = 0;
    int code = registry_scan(plugins->registry, directory, NULL, on_refused, plugins, &loaded, err);
    plugins->loaded += loaded;
    return code;
}

static int scan_beside(struct plugins *plugins, struct turret_error *err)
{
    char program[PLUGIN_PATH_MAX], pattern[PLUGIN_PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    if (strrchr(program, '/'))
        *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        glob_t found = {0};
        int code = TURRET_OK;
        (void)snprintf(pattern, sizeof pattern, "%s/%s", program, beside[i]);
        if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0) {
            code = scan(plugins, found.gl_pathv[0], err);
            globfree(&found);
            return code;
        }
        globfree(&found);
    }
    return turret_fail(err, TURRET_ENOTFOUND,
                       "no directory of plugins beside the program; name one with --plugins DIR");
}

int plugins_open(struct plugins *plugins, const struct cli *cli, const struct config *config,
                 struct turret_error *err)
{
    const char *environment = getenv("TURRET_PLUGINS"), *directory;
    int given = 0;
    if (plugins_begin(plugins, cli, err))
        return turret_ok(err);
    while ((directory = cli_get_nth(cli, "plugins", given))) {
        if (scan(plugins, directory, err))
            return turret_ok(err);
        given++;
    }
    if (given)
        return TURRET_OK;
    for (uint32_t i = 0; config && i < config->plugin_dir_count; i++) {
        uint32_t loaded = 0;
        if (assemble_scan(config, i, plugins->registry, on_refused, plugins, &loaded, err))
            return turret_ok(err);
        plugins->loaded += loaded;
    }
    if (config && config->plugin_dir_count)
        return TURRET_OK;
    if (environment && environment[0])
        return scan(plugins, environment, err);
    return scan_beside(plugins, err);
}

/* The private copies and their directory. */
static void remove_copies(const char *directory)
{
    DIR *folder = opendir(directory);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
    (void)rmdir(directory);
}

void plugins_close(struct plugins *plugins)
{
    registry_destroy(plugins->registry);
    if (plugins->private_dir[0])
        remove_copies(plugins->private_dir);
    memset(plugins, 0, sizeof *plugins);
}

void plugins_look_at_signature(const struct plugin_file *file, struct signature_status *status)
{
    struct signature signature;
    struct turret_error why = {0};
    *status = file->signature;
    if (status->state != SIGNATURE_UNCHECKED)
        return;
    if (signature_read(&signature, file->path, &why)) {
        status->state = why.code == TURRET_ENOTFOUND ? SIGNATURE_MISSING : SIGNATURE_BAD;
        (void)snprintf(status->text, sizeof status->text, "%.239s", why.text);
    } else {
        signature_key_name(signature.key_id, status->key_name);
    }
}

const char *plugins_signature_word(enum signature_state state)
{
    static const char *const words[] = {[SIGNATURE_UNCHECKED] = "unchecked",
                                        [SIGNATURE_GOOD] = "good",
                                        [SIGNATURE_MISSING] = "unsigned",
                                        [SIGNATURE_BAD] = "bad"};
    return words[state];
}

const char *plugins_kind_name(uint32_t kind)
{
    return kind == TURRET_KIND_STRATEGY    ? "strategy"
           : kind == TURRET_KIND_INDICATOR ? "indicator"
           : kind == TURRET_KIND_BROKER    ? "broker"
                                           : "unknown";
}
