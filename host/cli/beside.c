/* SPDX-License-Identifier: Apache-2.0 */
/* Directories from the program's own. */
#include "cli/beside.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Built, installed, installed where libraries have the machine's name in their path. */
static const char *const plugin_dirs[] = {"plugins", "lib/turret/plugins", "lib/*/turret/plugins"};

bool beside_prefix(char *path, size_t room)
{
    char program[BESIDE_PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');
        if (!slash)
            return false;
        *slash = '\0';
    }
    return snprintf(path, room, "%s", program) < (int)room;
}

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

int beside_templates(char *path, size_t room, struct turret_error *err)
{
    const char *given = getenv("TURRET_TEMPLATES");
    char prefix[BESIDE_PATH_MAX];
    path[0] = '\0';
    if (given && given[0])
        (void)snprintf(path, room, "%s", given);
    else if (beside_prefix(prefix, sizeof prefix))
        (void)snprintf(path, room, "%s/share/turret/templates", prefix);
    return is_directory(path) ? TURRET_OK
                              : turret_fail(err, TURRET_ENOTFOUND,
                                            "no directory of templates at '%.400s'; name one with "
                                            "TURRET_TEMPLATES",
                                            path);
}

void beside_name_plugins(void)
{
    const char *given = getenv("TURRET_PLUGINS");
    char prefix[BESIDE_PATH_MAX], pattern[BESIDE_PATH_MAX + 64];
    if ((given && given[0]) || !beside_prefix(prefix, sizeof prefix))
        return;
    for (size_t i = 0; i < sizeof plugin_dirs / sizeof plugin_dirs[0]; i++) {
        glob_t found = {0};
        (void)snprintf(pattern, sizeof pattern, "%s/%s", prefix, plugin_dirs[i]);
        bool there = glob(pattern, GLOB_ONLYDIR, NULL, &found) == 0 && found.gl_pathc > 0;
        if (there)
            (void)setenv("TURRET_PLUGINS", found.gl_pathv[0], 1);
        globfree(&found);
        if (there)
            return;
    }
}
