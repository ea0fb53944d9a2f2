/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain, gzip and one-member zip files as one stream of bytes.
 */
#include "research/unpack.h"

#include "research/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define INPUT_BYTES 65536

enum wrapping { WRAP_NONE, WRAP_GZIP, WRAP_ZIP };

struct unpack {
    const char *path;
    const volatile sig_atomic_t *stop;
    int fd;
    enum wrapping wrapping;
    bool inflating; /* the z_stream is initialised */
    bool ended;     /* the last member is complete */
    bool drained;   /* the file has no more bytes */
    uint64_t done_bytes, total_bytes;
    uint64_t member_left; /* zip: compressed bytes not yet read */
    uint32_t crc, crc_expected;
    z_stream stream;
    size_t input_at, input_bytes;
    unsigned char input[INPUT_BYTES];
};

const char *unpack_name(const struct unpack *unpack)
{
    return unpack->fd == STDIN_FILENO ? "standard input" : unpack->path;
}

void unpack_position(const struct unpack *unpack, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = unpack->done_bytes;
    *total_bytes = unpack->total_bytes;
}

/* One read(2) into the input buffer, behind what is still there. */
static int fill(struct unpack *unpack, struct turret_error *err)
{
    size_t room;
    ssize_t got;
    if (unpack->input_at) {
        unpack->input_bytes -= unpack->input_at;
        memmove(unpack->input, unpack->input + unpack->input_at, unpack->input_bytes);
        unpack->input_at = 0;
    }
    room = sizeof unpack->input - unpack->input_bytes;
    do {
        if (unpack->stop && *unpack->stop)
            return turret_fail(err, TURRET_ESTATE, "%s: stopped", unpack_name(unpack));
        got = read(unpack->fd, unpack->input + unpack->input_bytes, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return turret_fail(err, TURRET_EIO, "%s: %s", unpack_name(unpack), strerror(errno));
    unpack->drained = got == 0 && room > 0;
    unpack->input_bytes += (size_t)got;
    unpack->done_bytes += (uint64_t)got;
    return TURRET_OK;
}

static int open_zip(struct unpack *unpack, struct turret_error *err)
{
    struct zip_member member;
    if (!unpack->total_bytes)
        return turret_fail(err, TURRET_EINVAL,
                           "%s: a zip has to be a file; unpack it first or name the file",
                           unpack_name(unpack));
    if (zip_find(unpack->fd, unpack->total_bytes, unpack_name(unpack), &member, err))
        return turret_ok(err);
    if (lseek(unpack->fd, (off_t)member.offset, SEEK_SET) < 0)
        return turret_fail(err, TURRET_EIO, "%s: %s", unpack_name(unpack), strerror(errno));
    unpack->crc_expected = member.crc;
    unpack->member_left = member.packed_bytes;
    unpack->input_at = unpack->input_bytes = 0;
    unpack->done_bytes = 0;
    unpack->drained = false;
    unpack->wrapping = WRAP_ZIP;
    if (member.method == ZIP_METHOD_DEFLATE) {
        if (inflateInit2(&unpack->stream, -MAX_WBITS) != Z_OK)
            return turret_fail(err, TURRET_ENOMEM, "%s: no memory", unpack_name(unpack));
        unpack->inflating = true;
    }
    return TURRET_OK;
}

static int recognise(struct unpack *unpack, struct turret_error *err)
{
    static const unsigned char gzip[] = {0x1f, 0x8b, 0x08}, zip[] = {'P', 'K', 3, 4};
    while (unpack->input_bytes < sizeof zip && !unpack->drained)
        if (fill(unpack, err))
            return turret_ok(err);
    if (unpack->input_bytes >= sizeof zip && !memcmp(unpack->input, zip, sizeof zip))
        return open_zip(unpack, err);
    if (unpack->input_bytes >= sizeof gzip && !memcmp(unpack->input, gzip, sizeof gzip)) {
        unpack->wrapping = WRAP_GZIP;
        if (inflateInit2(&unpack->stream, 16 + MAX_WBITS) != Z_OK)
            return turret_fail(err, TURRET_ENOMEM, "%s: no memory", unpack_name(unpack));
        unpack->inflating = true;
    }
    return TURRET_OK;
}

int unpack_open(struct unpack **out, const char *path, const volatile sig_atomic_t *stop,
                struct turret_error *err)
{
    struct turret_error own = {0};
    struct unpack *unpack = calloc(1, sizeof *unpack);
    struct stat about;
    err = err ? err : &own;
    *out = NULL;
    if (!unpack)
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory", path);
    unpack->path = path;
    unpack->stop = stop;
    do
        unpack->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    while (unpack->fd < 0 && errno == EINTR && !(stop && *stop));
    if (unpack->fd < 0 || fstat(unpack->fd, &about))
        turret_fail(err, errno == ENOENT ? TURRET_ENOTFOUND : TURRET_EIO, "%s: %s", path,
                    strerror(errno));
    else if (S_ISDIR(about.st_mode))
        turret_fail(err, TURRET_EINVAL, "%s: is a directory; name the files in it", path);
    else if (S_ISREG(about.st_mode))
        unpack->total_bytes = (uint64_t)about.st_size;
    if (turret_ok(err) || recognise(unpack, err)) {
        unpack_close(unpack);
        return turret_ok(err);
    }
    *out = unpack;
    return TURRET_OK;
}

static int read_plain(struct unpack *unpack, void *to, size_t room, size_t *got,
                      struct turret_error *err)
{
    size_t have = unpack->input_bytes - unpack->input_at;
    if (!have && !unpack->drained) {
        if (fill(unpack, err))
            return turret_ok(err);
        have = unpack->input_bytes;
    }
    *got = have < room ? have : room;
    if (unpack->wrapping == WRAP_ZIP && *got > unpack->member_left)
        *got = (size_t)unpack->member_left;
    memcpy(to, unpack->input + unpack->input_at, *got);
    unpack->input_at += *got;
    unpack->member_left -= unpack->wrapping == WRAP_ZIP ? *got : 0;
    unpack->ended = *got == 0;
    return TURRET_OK;
}

/* A member is complete: another one may follow in a gzip file. */
static void next_member(struct unpack *unpack)
{
    bool more = unpack->wrapping == WRAP_GZIP && unpack->input_bytes > unpack->input_at &&
                unpack->input[unpack->input_at] == 0x1f;
    unpack->ended = !(more && inflateReset(&unpack->stream) == Z_OK);
}

static int read_inflated(struct unpack *unpack, void *to, size_t room, size_t *got,
                         struct turret_error *err)
{
    while (*got == 0 && !unpack->ended) {
        int code;
        if (unpack->input_at == unpack->input_bytes) {
            if (fill(unpack, err))
                return turret_ok(err);
            if (unpack->drained)
                return turret_fail(err, TURRET_EINVAL, "%s: compressed data is cut off",
                                   unpack_name(unpack));
        }
        unpack->stream.next_in = unpack->input + unpack->input_at;
        unpack->stream.avail_in = (uInt)(unpack->input_bytes - unpack->input_at);
        unpack->stream.next_out = to;
        unpack->stream.avail_out = (uInt)room;
        code = inflate(&unpack->stream, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END)
            return turret_fail(err, TURRET_EINVAL, "%s: compressed data is damaged (%s)",
                               unpack_name(unpack),
                               unpack->stream.msg ? unpack->stream.msg : "no reason given");
        unpack->input_at = unpack->input_bytes - unpack->stream.avail_in;
        *got = room - unpack->stream.avail_out;
        if (code == Z_STREAM_END) {
            if (unpack->input_at == unpack->input_bytes && !unpack->drained && fill(unpack, err))
                return turret_ok(err);
            next_member(unpack);
        }
    }
    return TURRET_OK;
}

int unpack_read(struct unpack *unpack, void *to, size_t room, size_t *got, struct turret_error *err)
{
    struct turret_error own = {0};
    int code;
    err = err ? err : &own;
    *got = 0;
    room = room > INPUT_BYTES ? INPUT_BYTES : room;
    code = unpack->inflating ? read_inflated(unpack, to, room, got, err)
                             : read_plain(unpack, to, room, got, err);
    if (code || unpack->wrapping != WRAP_ZIP)
        return code;
    unpack->crc = (uint32_t)crc32(unpack->crc, to, (uInt)*got);
    if (*got == 0 && unpack->crc != unpack->crc_expected)
        return turret_fail(err, TURRET_EINVAL, "%s: the zip's checksum does not match",
                           unpack_name(unpack));
    return TURRET_OK;
}

void unpack_close(struct unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->inflating)
        (void)inflateEnd(&unpack->stream);
    if (unpack->fd > STDIN_FILENO)
        (void)close(unpack->fd);
    free(unpack);
}
