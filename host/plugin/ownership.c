/* SPDX-License-Identifier: Apache-2.0 */
/* Owner, group and mode against who this host runs as. */
#include "plugin/ownership.h"
#include "plugin/refuse.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More members than fit in here are others anyway. */
#define ENTRY_ROOM 4096

/* Whether a group is one user's own. Unknown names are nobody's own. */
static bool is_private_group(uint32_t owner, uint32_t group)
{
    struct passwd user, *found_user = NULL;
    struct group team, *found_team = NULL;
    char user_text[ENTRY_ROOM], team_text[ENTRY_ROOM];
    if (getpwuid_r(owner, &user, user_text, sizeof user_text, &found_user) != 0 || !found_user ||
        getgrgid_r(group, &team, team_text, sizeof team_text, &found_team) != 0 || !found_team ||
        strcmp(user.pw_name, team.gr_name) != 0)
        return false;
    for (char **member = team.gr_mem; *member; member++)
        if (strcmp(*member, user.pw_name) != 0)
            return false;
    return true;
}

int ownership_check(const char *path, uint32_t owner, uint32_t group, uint32_t mode,
                    const char *hint, struct turret_error *err)
{
    if (owner != 0 && owner != geteuid())
        return refuse_file(err, TURRET_EDENIED, path,
                           "belongs to user %u, who could change it; chown it to root or to user "
                           "%u, who runs this host%s",
                           owner, (unsigned)geteuid(), hint);
    if (mode & S_IWOTH || (mode & S_IWGRP && !is_private_group(owner, group)))
        return refuse_file(err, TURRET_EDENIED, path,
                           "%s can write to it (mode %03o); chmod go-w %.120s%s",
                           mode & S_IWOTH ? "everybody" : "its group", mode & 07777u, path, hint);
    return TURRET_OK;
}

int ownership_check_directory(const char *path, const char *hint, struct turret_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return TURRET_OK;
    return ownership_check(path, status.st_uid, status.st_gid, status.st_mode, hint, err);
}
