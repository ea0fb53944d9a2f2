/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of the directory sees the old file or the new one, never a part. */
#include "cli/plugin_files.h"

#include "plugin/loader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_id(const char *directory, const char *name, char id[48])
{
    struct plugin_file file;
    char path[PLUGIN_PATH_MAX];
    size_t length = strlen(name);
    if (length < 4 || strcmp(name + length - 3, ".so") != 0 ||
        snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path ||
        plugin_inspect(path, &file, NULL))
        return false;
    (void)snprintf(id, 48, "%s", file.note.id);
    return true;
}

bool plugin_files_find(const char *directory, const char *id, char name[256])
{
    DIR *folder = opendir(directory);
    const struct dirent *entry;
    char own[48];
    bool found = false;
    while (folder && !found && (entry = readdir(folder)) != NULL) {
        found = read_id(directory, entry->d_name, own) && !strcmp(own, id);
        if (found)
            (void)snprintf(name, 256, "%s", entry->d_name);
    }
    if (folder)
        (void)closedir(folder);
    return found;
}

void plugin_files_each(const char *directory, plugin_files_fn *each, void *context)
{
    DIR *folder = opendir(directory);
    const struct dirent *entry;
    char id[48];
    while (folder && (entry = readdir(folder)) != NULL)
        if (read_id(directory, entry->d_name, id))
            each(context, id);
    if (folder)
        (void)closedir(folder);
}

static bool write_all(int descriptor, const char *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        ssize_t wrote = write(descriptor, bytes, size_bytes);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        size_bytes -= (size_t)wrote;
    }
    return true;
}

static void sync_directory(const char *directory)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)fsync(descriptor);
        (void)close(descriptor);
    }
}

int plugin_files_put(const char *directory, const char *name, const void *bytes, size_t size_bytes,
                     struct turret_error *err)
{
    char temporary[PLUGIN_PATH_MAX], path[PLUGIN_PATH_MAX];
    int descriptor, number;
    bool good;
    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path ||
        snprintf(temporary, sizeof temporary, "%s/.%s.XXXXXX", directory, name) >=
            (int)sizeof temporary)
        return turret_fail(err, TURRET_EINVAL, "%.200s/%.100s: the path is too long", directory,
                           name);
    descriptor = mkostemp(temporary, O_CLOEXEC);
    if (descriptor < 0)
        return turret_fail(err, TURRET_EIO, "%s: %s", temporary, strerror(errno));
    good = write_all(descriptor, bytes, size_bytes) && fchmod(descriptor, 0644) == 0 &&
           fsync(descriptor) == 0;
    number = errno;
    good = close(descriptor) == 0 && good && rename(temporary, path) == 0;
    if (!good) {
        number = number ? number : errno;
        (void)unlink(temporary);
        return turret_fail(err, number == ENOSPC ? TURRET_EFULL : TURRET_EIO, "%s: %s", path,
                           strerror(number));
    }
    sync_directory(directory);
    return TURRET_OK;
}
