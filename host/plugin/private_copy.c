/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy is written under a temporary name and published whole, and only where nothing is yet. So a
 * name always stands for the same bytes, and what was compared equal stays equal.
 */
#include "plugin/private_copy.h"
#include "plugin/ownership.h"
#include "plugin/refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENTS_MAX 100
#define CHUNK_SIZE   (32u << 10)

enum found { FOUND_NOTHING, FOUND_SAME, FOUND_OTHER };

static int system_says(const struct source *source, const char *what, const char *path, int number,
                       struct turret_error *err)
{
    int code = number == ENOSPC || number == EDQUOT ? TURRET_EFULL : TURRET_EIO;
    code = refuse_file(err, code, source->file.path, "private copy: %s %s: %s", what, path,
                       strerror(number));
    if (err)
        err->detail = number;
    return code;
}

/* Reads to the end; one byte more or less is a difference. */
static bool same_bytes(int fd, const uint8_t *bytes, uint64_t size_bytes)
{
    uint8_t chunk[CHUNK_SIZE];
    for (uint64_t done = 0;;) {
        uint64_t left = size_bytes - done;
        size_t want = left < sizeof chunk ? (size_t)left + 1 : sizeof chunk;
        ssize_t got = read(fd, chunk, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (uint64_t)got > left || memcmp(chunk, bytes + done, (size_t)got) != 0)
            return false;
        done += (uint64_t)got;
        if (done == size_bytes && (size_t)got < want)
            return true;
        if (got == 0)
            return false;
    }
}

/* Whether only this user and root can change an open file. */
static bool is_own(int fd, const char *path)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
           ownership_check(path, status.st_uid, status.st_gid, status.st_mode, "", NULL) == 0;
}

/* What has this name already? Where nothing can be opened, create() will find out why. */
static enum found look(const struct source *source, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return FOUND_NOTHING;
    bool same = is_own(fd, path) && same_bytes(fd, source->bytes, source->file.size_bytes);
    (void)close(fd);
    return same ? FOUND_SAME : FOUND_OTHER;
}

static int write_all(int fd, const uint8_t *bytes, uint64_t size_bytes)
{
    for (uint64_t done = 0; done < size_bytes;) {
        ssize_t put = write(fd, bytes + done, size_bytes - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? errno : EIO;
        done += (uint64_t)put;
    }
    return 0;
}

/* Gives the temporary file its name unless that is taken; answers 0 or an errno. */
static int publish(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    /* This file system cannot do that; a hard link does not replace either. */
    if (link(temporary, path) != 0)
        return errno;
    (void)unlink(temporary);
    return 0;
}

/* What is in the directory runs, so nobody else may be able to change it. A missing one passes. */
static int check_directory(const struct source *source, const char *directory,
                           struct turret_error *err)
{
    struct turret_error why = {0};
    if (ownership_check_directory(directory, "", &why))
        return refuse_file(err, TURRET_EDENIED, source->file.path, "private copy: %s", why.text);
    return TURRET_OK;
}

/* Writes and publishes. EEXIST when somebody else was quicker; otherwise a status. */
static int create(const struct source *source, const char *directory, const char *path,
                  struct turret_error *err)
{
    char temporary[PLUGIN_PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s/.loading-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof temporary)
        return refuse_file(err, TURRET_EINVAL, source->file.path,
                           "private directory %.100s… has too long a name", directory);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return system_says(source, "mkdir", directory, errno, err);
    if (check_directory(source, directory, err)) /* somebody else may have been quicker */
        return TURRET_EDENIED;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return system_says(source, "create", temporary, errno, err);
    int number = write_all(fd, source->bytes, source->file.size_bytes);
    if (close(fd) != 0 && number == 0)
        number = errno;
    const char *what = "write";
    if (number == 0) {
        what = "name";
        number = publish(temporary, path);
    }
    if (number == 0)
        return TURRET_OK;
    (void)unlink(temporary);
    if (number == EEXIST)
        return TURRET_EEXIST;
    return system_says(source, what, path, number, err);
}

int private_copy_make(const struct source *source, const char *directory,
                      char path[PLUGIN_PATH_MAX], bool *made, struct turret_error *err)
{
    const struct plugin_file *file = &source->file;
    if (made)
        *made = false;
    if (directory[0] == '\0')
        return refuse_file(err, TURRET_EINVAL, file->path, "no private directory is named");
    int owned = check_directory(source, directory, err);
    if (owned)
        return owned;
    for (int content = 1; content <= CONTENTS_MAX; content++) {
        char suffix[16] = "";
        if (content > 1)
            (void)snprintf(suffix, sizeof suffix, ".%d", content);
        int length = snprintf(path, PLUGIN_PATH_MAX, "%s/%s-%s%s.so", directory, file->note.id,
                              file->build_id, suffix);
        if (length < 0 || length >= PLUGIN_PATH_MAX)
            return refuse_file(err, TURRET_EINVAL, file->path,
                               "private directory %.100s… has too long a name", directory);
        enum found found = look(source, path);
        if (found == FOUND_NOTHING) {
            int status = create(source, directory, path, err);
            if (made)
                *made = status == TURRET_OK;
            if (status != TURRET_EEXIST)
                return status;
            found = look(source, path);
        }
        if (found == FOUND_SAME)
            return TURRET_OK;
    }
    return refuse_file(err, TURRET_ELIMIT, file->path,
                       "%d other files in %s have its build id %s; remove them", CONTENTS_MAX,
                       directory, file->build_id);
}
