/* SPDX-License-Identifier: Apache-2.0 */
/* Opens, asks and reads through one descriptor, so that all answers are about the same file. */
#include "plugin/whole_file.h"
#include "plugin/refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int system_says(const char *path, const char *what, int number, struct turret_error *err)
{
    bool missing = number == ENOENT || number == ENOTDIR;
    int code = missing ? TURRET_ENOTFOUND : TURRET_EIO;
    code =
        refuse_file(err, code, path, "%s: %s", what, missing ? "no such file" : strerror(number));
    if (err)
        err->detail = number;
    return code;
}

static int read_all(const char *path, int fd, uint8_t *bytes, uint64_t size_bytes,
                    struct turret_error *err)
{
    for (uint64_t have = 0; have < size_bytes;) {
        ssize_t got = pread(fd, bytes + have, size_bytes - have, (off_t)have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_says(path, "read", errno, err);
        if (got == 0)
            return refuse_file(err, TURRET_EINVAL, path,
                               "truncated while it was read, at byte %llu of %llu; copy it again",
                               (unsigned long long)have, (unsigned long long)size_bytes);
        have += (uint64_t)got;
    }
    return TURRET_OK;
}

static int read_open(struct whole_file *file, int fd, const char *path, const char *kind,
                     uint64_t size_max, struct turret_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return system_says(path, "fstat", errno, err);
    if (!S_ISREG(status.st_mode))
        return refuse_file(err, TURRET_EINVAL, path, "not a regular file");
    if ((uint64_t)status.st_size > size_max)
        return refuse_file(err, TURRET_EINVAL, path, "%lld bytes, %s has at most %llu",
                           (long long)status.st_size, kind, (unsigned long long)size_max);
    file->size_bytes = (uint64_t)status.st_size;
    file->owner = status.st_uid;
    file->group = status.st_gid;
    file->mode = status.st_mode & 07777;
    file->bytes = malloc(file->size_bytes ? file->size_bytes : 1);
    if (!file->bytes)
        return refuse_file(err, TURRET_ENOMEM, path, "no memory for its %llu bytes",
                           (unsigned long long)file->size_bytes);
    int code = read_all(path, fd, file->bytes, file->size_bytes, err);
    if (code) {
        free(file->bytes);
        file->bytes = NULL;
    }
    return code;
}

int whole_file_read(struct whole_file *file, const char *path, const char *kind, uint64_t size_max,
                    struct turret_error *err)
{
    /* Without waiting for the other end of a pipe. */
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    memset(file, 0, sizeof *file);
    int fd = open(path, flags | O_NOFOLLOW);
    if (fd < 0 && errno == ELOOP) {
        file->linked = true;
        fd = open(path, flags);
    }
    if (fd < 0)
        return system_says(path, "open", errno, err);
    int code = read_open(file, fd, path, kind, size_max, err);
    (void)close(fd);
    return code;
}
