/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a plugin file, refuses what is not one, and gives it its build id. */
#include "plugin/source.h"
#include "plugin/abi.h"
#include "plugin/elf_note.h"
#include "plugin/refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the SHA-256 that stands in for a build id, in hex characters. */
#define HASH_DIGITS 40

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

/* Opens without waiting for the other end of a pipe. Symbolic links are followed. */
static int open_regular(const char *path, uint64_t *size_bytes, int *descriptor,
                        struct turret_error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return system_says(path, "open", errno, err);
    int code = TURRET_OK;
    if (fstat(fd, &status) != 0)
        code = system_says(path, "fstat", errno, err);
    else if (!S_ISREG(status.st_mode))
        code = refuse_file(err, TURRET_EINVAL, path, "not a regular file");
    else if ((uint64_t)status.st_size > SOURCE_SIZE_MAX)
        code = refuse_file(err, TURRET_EINVAL, path, "%lld bytes, a plugin has at most %llu",
                           (long long)status.st_size, (unsigned long long)SOURCE_SIZE_MAX);
    if (code) {
        (void)close(fd);
        return code;
    }
    *size_bytes = (uint64_t)status.st_size;
    *descriptor = fd;
    return TURRET_OK;
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

static void to_hex(const uint8_t *bytes, size_t count, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
}

static int name_build(struct source *source, const struct elf_note *found, struct turret_error *err)
{
    struct plugin_file *file = &source->file;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (found->build_id) {
        to_hex(found->build_id, found->build_id_size, file->build_id);
        return TURRET_OK;
    }
    if (EVP_Digest(source->bytes, file->size_bytes, digest, &size, EVP_sha256(), NULL) != 1)
        return refuse_file(err, TURRET_ENOMEM, file->path, "SHA-256 is not available");
    to_hex(digest, HASH_DIGITS / 2, file->build_id);
    return TURRET_OK;
}

static int inspect(struct source *source, struct turret_error *err)
{
    struct plugin_file *file = &source->file;
    struct elf_note found;
    int status = elf_note_find(file->path, source->bytes, file->size_bytes, &found, err);
    if (!status)
        status = abi_read_note(file->path, found.turret, found.turret_size, &file->note, err);
    if (!status)
        status = name_build(source, &found, err);
    return status;
}

int source_init(struct source *source, const char *path, struct turret_error *err)
{
    struct plugin_file *file = &source->file;
    size_t length = strlen(path);
    int fd = -1;
    memset(source, 0, sizeof *source);
    if (length == 0 || length >= sizeof file->path)
        return refuse_file(err, TURRET_EINVAL, path, "a path of %zu characters; 1 to %zu are taken",
                           length, sizeof file->path - 1);
    memcpy(file->path, path, length + 1);
    int status = open_regular(path, &file->size_bytes, &fd, err);
    if (status)
        return status;
    source->bytes = malloc(file->size_bytes ? file->size_bytes : 1);
    if (!source->bytes)
        status = refuse_file(err, TURRET_ENOMEM, path, "no memory for its %llu bytes",
                             (unsigned long long)file->size_bytes);
    else
        status = read_all(path, fd, source->bytes, file->size_bytes, err);
    (void)close(fd);
    if (!status)
        status = inspect(source, err);
    if (status)
        source_finish(source);
    return status;
}

void source_finish(struct source *source)
{
    if (!source)
        return;
    free(source->bytes);
    source->bytes = NULL;
}
