/* SPDX-License-Identifier: Apache-2.0 */
/* Going into a project and building it. */
#include "cli/project.h"

#include "cli/beside.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUILD     "build"
#define GENERATED BUILD "/cmake_install.cmake" /* what the configuring step writes last */

extern char **environ;

static int wait_for(pid_t child, int *status)
{
    pid_t ended;
    do
        ended = waitpid(child, status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == child ? 0 : errno;
}

/* Its standard output goes where messages go: standard output is the command's own result. */
static int start(pid_t *child, char *const *words)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t usual;
    int code;
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGPIPE); /* ignored here, and that would be inherited */
    (void)sigaddset(&usual, SIGXFSZ);
    if ((code = posix_spawn_file_actions_init(&files)) != 0)
        return code;
    if ((code = posix_spawnattr_init(&attributes)) == 0) {
        code = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
        if (code == 0)
            code = posix_spawnattr_setsigdefault(&attributes, &usual);
        if (code == 0)
            code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        if (code == 0)
            code = posix_spawnp(child, words[0], &files, &attributes, words, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return code;
}

static int run(const struct cli *cli, char *const *words, struct turret_error *err)
{
    char line[512] = "";
    size_t used = 0;
    int status = 0, code;
    pid_t child = 0;
    for (int i = 0; words[i] && used < sizeof line; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i ? " " : "", words[i]);
    cli_note(cli, "+ %s", line);
    code = start(&child, words);
    if (!code)
        code = wait_for(child, &status);
    if (code)
        return turret_fail(err, TURRET_EIO, "%s: %s%s", words[0], strerror(code),
                           code == ENOENT ? "; it builds plugins: install it" : "");
    if (WIFSIGNALED(status))
        return turret_fail(err, TURRET_EINVAL, "'%.200s' was ended by signal %d", line,
                           WTERMSIG(status));
    return WEXITSTATUS(status) == 0
               ? TURRET_OK
               : turret_fail(err, TURRET_EINVAL, "'%.200s' ended with %d; what is wrong is above",
                             line, WEXITSTATUS(status));
}

/* Configured once, with the SDK of this very program; built each time. */
static int build(const struct cli *cli, struct turret_error *err)
{
    char prefix[BESIDE_PATH_MAX] = "", root[BESIDE_PATH_MAX + 16];
    char cmake[] = "cmake", quiet[] = "--log-level=NOTICE", source[] = "-S", here[] = ".";
    char binary[] = "-B", folder[] = BUILD, verb[] = "--build";
    char *const configure[] = {cmake, quiet, source, here, binary, folder, root, NULL};
    char *const make[] = {cmake, verb, folder, NULL};
    int status = TURRET_OK;
    (void)beside_prefix(prefix, sizeof prefix);
    (void)snprintf(root, sizeof root, "-Dturret_ROOT=%s", prefix);
    if (access(GENERATED, F_OK) != 0)
        status = run(cli, configure, err);
    return status ? status : run(cli, make, err);
}

int project_enter(const struct cli *cli, const char **path, struct turret_error *err)
{
    struct stat about;
    const char *directory = *path;
    if (stat(directory, &about) != 0 || !S_ISDIR(about.st_mode))
        return TURRET_OK;
    *path = PROJECT_CONFIG;
    if (chdir(directory) != 0)
        return turret_fail(err, TURRET_EIO, "%.400s: %s", directory, strerror(errno));
    if (access(PROJECT_CONFIG, R_OK) != 0)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "%.400s: no " PROJECT_CONFIG " in it; turret new strategy NAME makes a "
                           "directory that has one",
                           directory);
    return access("CMakeLists.txt", F_OK) == 0 ? build(cli, err) : TURRET_OK;
}
