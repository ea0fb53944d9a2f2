/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the end of the file to the directory, to its entry, to the member. Every offset that the
 * file gives is only ever used in pread(), which answers short beyond the end.
 */
#include "research/zip.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCAL_BYTES         30
#define CENTRAL_BYTES       46
#define END_BYTES           22
#define LOCATOR64_BYTES     20
#define END64_BYTES         56
#define COMMENT_BYTES_MAX   65535
#define SIGNATURE_LOCAL     0x04034b50u
#define SIGNATURE_CENTRAL   0x02014b50u
#define SIGNATURE_END       0x06054b50u
#define SIGNATURE_LOCATOR64 0x07064b50u
#define SIGNATURE_END64     0x06064b50u
#define EXTRA_ZIP64         1

struct zip {
    int fd;
    uint64_t size_bytes;
    const char *name;
};

struct directory {
    uint64_t members, offset;
};

static uint32_t get16(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
    return get16(at) | get16(at + 2) << 16;
}

static uint64_t get64(const unsigned char *at)
{
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static int damaged(const struct zip *zip, const char *what, struct turret_error *err)
{
    return turret_fail(err, TURRET_EINVAL, "%s: the zip is damaged: %s", zip->name, what);
}

static int read_at(const struct zip *zip, uint64_t offset, void *to, size_t size_bytes,
                   struct turret_error *err)
{
    size_t have = 0;
    if (offset > zip->size_bytes || size_bytes > zip->size_bytes - offset)
        return damaged(zip, "it ends before what its directory names", err);
    while (have < size_bytes) {
        ssize_t got = pread(zip->fd, (char *)to + have, size_bytes - have, (off_t)(offset + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return turret_fail(err, TURRET_EIO, "%s: %s", zip->name, strerror(errno));
        if (got == 0)
            return damaged(zip, "it is cut off", err);
        have += (size_t)got;
    }
    return TURRET_OK;
}

/* The directory's place from the 64-bit end record, which the locator before `end` names. */
static int find_directory64(const struct zip *zip, uint64_t end, struct directory *directory,
                            struct turret_error *err)
{
    unsigned char locator[LOCATOR64_BYTES] = {0}, record[END64_BYTES] = {0};
    if (end < LOCATOR64_BYTES)
        return damaged(zip, "its 64-bit directory is missing", err);
    if (read_at(zip, end - LOCATOR64_BYTES, locator, sizeof locator, err))
        return turret_ok(err);
    if (get32(locator) != SIGNATURE_LOCATOR64)
        return damaged(zip, "its 64-bit directory is missing", err);
    if (read_at(zip, get64(locator + 8), record, sizeof record, err))
        return turret_ok(err);
    if (get32(record) != SIGNATURE_END64)
        return damaged(zip, "its 64-bit directory is missing", err);
    directory->members = get64(record + 32);
    directory->offset = get64(record + 48);
    return TURRET_OK;
}

/* The end record is the last one before a comment of unknown length. */
static int find_directory(const struct zip *zip, struct directory *directory,
                          struct turret_error *err)
{
    size_t room = END_BYTES + COMMENT_BYTES_MAX, at;
    size_t size = zip->size_bytes < room ? (size_t)zip->size_bytes : room;
    unsigned char *tail = calloc(1, size + 1);
    uint64_t end = 0;
    bool found = false;
    if (!tail)
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory", zip->name);
    if (read_at(zip, zip->size_bytes - size, tail, size, err)) {
        free(tail);
        return turret_ok(err);
    }
    for (at = size >= END_BYTES ? size - END_BYTES + 1 : 0; at > 0 && !found; at--) {
        found = get32(tail + at - 1) == SIGNATURE_END;
        if (found) {
            end = zip->size_bytes - size + at - 1;
            directory->members = get16(tail + at - 1 + 10);
            directory->offset = get32(tail + at - 1 + 16);
        }
    }
    free(tail);
    if (!found)
        return damaged(zip, "its directory is missing", err);
    if (directory->members == UINT16_MAX || directory->offset == UINT32_MAX)
        return find_directory64(zip, end, directory, err);
    return TURRET_OK;
}

/* Fields that did not fit in 32 bits stand in an extra field, in this order. */
static int read_extra(const struct zip *zip, const unsigned char *extra, size_t size_bytes,
                      const unsigned char *central, struct zip_member *member,
                      struct turret_error *err)
{
    size_t at = 0, wanted = 0, length = 0;
    bool unpacked = get32(central + 24) == UINT32_MAX, packed = get32(central + 20) == UINT32_MAX;
    bool offset = get32(central + 42) == UINT32_MAX;
    if (!unpacked && !packed && !offset)
        return TURRET_OK;
    while (at + 4 <= size_bytes && get16(extra + at) != EXTRA_ZIP64)
        at += 4 + get16(extra + at + 2);
    if (at + 4 <= size_bytes)
        length = get16(extra + at + 2);
    wanted = 8u * ((size_t)unpacked + (size_t)packed + (size_t)offset);
    if (length < wanted || at + 4 + wanted > size_bytes)
        return damaged(zip, "its 64-bit sizes are missing", err);
    at += unpacked ? 12 : 4;
    if (packed) {
        member->packed_bytes = get64(extra + at);
        at += 8;
    }
    if (offset)
        member->offset = get64(extra + at);
    return TURRET_OK;
}

static int read_entry(const struct zip *zip, const struct directory *directory,
                      struct zip_member *member, struct turret_error *err)
{
    unsigned char central[CENTRAL_BYTES] = {0}, extra[UINT16_MAX + 1] = {0};
    uint64_t at = directory->offset;
    size_t extra_bytes;
    if (read_at(zip, at, central, sizeof central, err))
        return turret_ok(err);
    if (get32(central) != SIGNATURE_CENTRAL)
        return damaged(zip, "its directory is not where it says", err);
    if (get16(central + 8) & 1u)
        return turret_fail(err, TURRET_EINVAL, "%s: the zip is encrypted", zip->name);
    member->method = get16(central + 10);
    member->crc = get32(central + 16);
    member->packed_bytes = get32(central + 20);
    member->offset = get32(central + 42);
    extra_bytes = get16(central + 30);
    if (member->method != ZIP_METHOD_STORED && member->method != ZIP_METHOD_DEFLATE)
        return turret_fail(err, TURRET_EINVAL,
                           "%s: zip method %u is not read, only deflate; unpack it", zip->name,
                           member->method);
    if (read_at(zip, at + CENTRAL_BYTES + get16(central + 28), extra, extra_bytes, err))
        return turret_ok(err);
    return read_extra(zip, extra, extra_bytes, central, member, err);
}

int zip_find(int fd, uint64_t size_bytes, const char *name, struct zip_member *member,
             struct turret_error *err)
{
    struct turret_error own = {0};
    struct zip zip = {fd, size_bytes, name};
    struct directory directory = {0, 0};
    unsigned char local[LOCAL_BYTES] = {0};
    err = err ? err : &own;
    if (find_directory(&zip, &directory, err))
        return turret_ok(err);
    if (directory.members != 1)
        return turret_fail(err, TURRET_EINVAL,
                           "%s: the zip holds %llu files, expected one; unpack it and name the "
                           "file",
                           name, (unsigned long long)directory.members);
    if (read_entry(&zip, &directory, member, err) ||
        read_at(&zip, member->offset, local, sizeof local, err))
        return turret_ok(err);
    if (get32(local) != SIGNATURE_LOCAL)
        return damaged(&zip, "its member is not where it says", err);
    member->offset += LOCAL_BYTES + get16(local + 26) + get16(local + 28);
    if (member->offset > size_bytes || member->packed_bytes > size_bytes - member->offset)
        return damaged(&zip, "its member is cut off", err);
    return TURRET_OK;
}
