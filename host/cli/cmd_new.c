/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret new: a directory that builds into a plugin, copied from the SDK's templates. @NAME@ and
 * @ID@ are put in; the templates' licence lines are left out, for the result is its author's.
 */
#include "cli/beside.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "ops/suggest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_LENGTH_MAX 32
#define ID_LENGTH_MAX   47
#define LICENCE_MARK    "SPDX-License-Identifier:"

static const char *const kinds[] = {"strategy", "indicator", "broker"};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* CMake's own targets: a plugin of that name would not configure. */
static const char *const taken[] = {"all",
                                    "clean",
                                    "depend",
                                    "edit_cache",
                                    "help",
                                    "install",
                                    "list_install_components",
                                    "package",
                                    "package_source",
                                    "preinstall",
                                    "rebuild_cache",
                                    "test",
                                    NULL};

static const struct cli_argument arguments[] = {
    {"KIND", "strategy, indicator or broker", false, false},
    {"NAME", "what to call it, my-cross; the plugin's id is local.NAME unless it says acme.cross",
     false, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"dir", 0, "DIR", "directory to make (default: NAME, here)", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct project {
    const struct cli *cli;
    const char *kind, *name;
    char id[ID_LENGTH_MAX + 1];
    const char *directory;
    int from, to; /* the template's directory and the new one */
    json_t *files;
};

static int check_kind(const char *kind, struct turret_error *err)
{
    const char *near = suggest_nearest(kind, kinds, KINDS);
    for (size_t i = 0; i < KINDS; i++)
        if (!strcmp(kind, kinds[i]))
            return TURRET_OK;
    return near ? turret_fail(err, TURRET_EINVAL, "unknown kind '%.60s'; did you mean '%s'?", kind,
                              near)
                : turret_fail(err, TURRET_EINVAL,
                              "unknown kind '%.60s'; expected strategy, indicator or broker", kind);
}

/* [a-z][a-z0-9_-]…, which is good as part of an id, as a name in CMake and in a configuration. */
static bool is_name(const char *name, size_t length)
{
    return length > 0 && length <= NAME_LENGTH_MAX && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= length;
}

/* "my-cross", or "acme.cross" with the vendor in front. */
static int name_project(struct project *project, const char *given, struct turret_error *err)
{
    const char *dot = strrchr(given, '.');
    project->name = dot ? dot + 1 : given;
    if (!is_name(project->name, strlen(project->name)) ||
        (dot && !is_name(given, (size_t)(dot - given))))
        return turret_fail(err, TURRET_EINVAL,
                           "name '%.60s' is not a letter and then at most %d of [a-z0-9_-], or two "
                           "of these with a dot between",
                           given, NAME_LENGTH_MAX - 1);
    for (size_t i = 0; taken[i]; i++)
        if (!strcmp(project->name, taken[i]))
            return turret_fail(err, TURRET_EINVAL, "name '%s' is CMake's own; choose another",
                               project->name);
    if (snprintf(project->id, sizeof project->id, "%s%s", dot ? "" : "local.", given) >
        ID_LENGTH_MAX)
        return turret_fail(err, TURRET_EINVAL, "id '%.80s' has more than %d characters", given,
                           ID_LENGTH_MAX);
    return TURRET_OK;
}

static void write_line(const struct project *project, const char *line, FILE *to)
{
    while (*line) {
        size_t plain = strcspn(line, "@");
        (void)fwrite(line, 1, plain, to);
        line += plain;
        if (!strncmp(line, "@NAME@", 6)) {
            (void)fputs(project->name, to);
            line += 6;
        } else if (!strncmp(line, "@ID@", 4)) {
            (void)fputs(project->id, to);
            line += 4;
        } else if (*line) {
            (void)fputc(*line++, to);
        }
    }
}

static FILE *open_in(int directory, const char *name, int flags, const char *mode)
{
    int descriptor = openat(directory, name, flags | O_CLOEXEC, 0666);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, mode);
    if (!file && descriptor >= 0)
        (void)close(descriptor);
    return file;
}

static int copy(struct project *project, const char *name, struct turret_error *err)
{
    FILE *from = open_in(project->from, name, O_RDONLY, "r");
    FILE *to = from ? open_in(project->to, name, O_WRONLY | O_CREAT | O_EXCL, "w") : NULL;
    char *line = NULL;
    size_t room = 0;
    bool broken = !to;
    while (!broken && getline(&line, &room, from) >= 0)
        if (!strstr(line, LICENCE_MARK))
            write_line(project, line, to);
    broken = broken || ferror(from) || ferror(to);
    free(line);
    if (to && fclose(to) != 0)
        broken = true;
    if (from)
        (void)fclose(from);
    if (broken) {
        (void)turret_fail(err, TURRET_EIO, "%.300s/%.100s: %s", project->directory, name,
                          strerror(errno));
        if (to)
            (void)unlinkat(project->to, name, 0);
        return turret_ok(err);
    }
    (void)json_array_append_new(project->files, json_string(name));
    return TURRET_OK;
}

static int copy_all(struct project *project, struct turret_error *err)
{
    int descriptor = dup(project->from);
    DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
    const struct dirent *entry;
    int status = TURRET_OK;
    if (!folder) {
        if (descriptor >= 0)
            (void)close(descriptor);
        return turret_fail(err, TURRET_EIO, "templates: %s", strerror(errno));
    }
    while (!status && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            status = copy(project, entry->d_name, err);
    (void)closedir(folder);
    return status;
}

/* What was made goes again: half a project is worse than none. */
static void take_back(const struct project *project)
{
    size_t i;
    const json_t *name;
    json_array_foreach(project->files, i, name)(void)
        unlinkat(project->to, json_string_value(name), 0);
    (void)rmdir(project->directory);
}

static int make(struct project *project, struct turret_error *err)
{
    char templates[BESIDE_PATH_MAX], path[BESIDE_PATH_MAX + 16];
    int status = beside_templates(templates, sizeof templates, err);
    if (status)
        return status;
    (void)snprintf(path, sizeof path, "%s/%s", templates, project->kind);
    project->from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (project->from < 0)
        return turret_fail(err, TURRET_ENOTFOUND, "template %.400s: %s", path, strerror(errno));
    if (mkdir(project->directory, 0777) != 0)
        return errno == EEXIST
                   ? turret_fail(err, TURRET_EEXIST, "%.300s exists; choose another name or --dir",
                                 project->directory)
                   : turret_fail(err, TURRET_EIO, "%.300s cannot be made: %s; --dir names another",
                                 project->directory, strerror(errno));
    project->to = open(project->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status = project->to < 0
                 ? turret_fail(err, TURRET_EIO, "%.300s: %s", project->directory, strerror(errno))
                 : copy_all(project, err);
    if (status)
        take_back(project);
    return status;
}

static int tell(const struct project *project)
{
    const struct cli *cli = project->cli;
    bool runs = strcmp(project->kind, "indicator") != 0;
    if (cli->json)
        return cli_json_print(json_pack("{s:s, s:s, s:s, s:s, s:O}", "kind", project->kind, "name",
                                        project->name, "id", project->id, "directory",
                                        project->directory, "files", project->files));
    (void)printf("%s: %s %s, %zu files\n", project->directory, project->kind, project->id,
                 json_array_size(project->files));
    if (runs)
        cli_next(cli, "cd %s && turret paper .", project->directory);
    else
        cli_next(cli, "cd %s && cmake -B build && cmake --build build && ctest --test-dir build",
                 project->directory);
    return CLI_DONE;
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct project project = {.cli = cli, .kind = cli->arguments[0], .from = -1, .to = -1};
    int code;
    if (check_kind(project.kind, &err) || name_project(&project, cli->arguments[1], &err))
        return cli_usage(cli, "%s", err.text);
    project.directory = cli_get(cli, "dir") ? cli_get(cli, "dir") : project.name;
    project.files = json_array();
    code = make(&project, &err) ? cli_error(cli, &err) : tell(&project);
    if (project.from >= 0)
        (void)close(project.from);
    if (project.to >= 0)
        (void)close(project.to);
    json_decref(project.files);
    return code;
}

static const char *const examples[] = {
    "turret new strategy my-cross && cd my-cross && turret paper .",
    "turret new indicator acme.follow",
    "turret new broker acme --dir adapters/acme",
    NULL,
};

const struct cli_command cmd_new = {
    .path = "new",
    .summary = "begin a strategy, an indicator or a broker adapter",
    .details = "Makes a directory with the source of a plugin that works, its CMakeLists.txt, a "
               "README and, where it can trade, a turret.yaml that runs it with simulated money. "
               "It builds, passes its tests and trades without being edited.",
    .arguments = arguments,
    .choices = "strategy|indicator|broker",
    .options = options,
    .examples = examples,
    .run = run,
};
