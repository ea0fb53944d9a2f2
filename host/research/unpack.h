/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of an input file, whatever it is wrapped in: plain text, gzip (any number of members)
 * or a zip with a single member. The wrapping is told by the first bytes, not by the name.
 * Only unpack.c includes <zlib.h>.
 */
#ifndef RESEARCH_UNPACK_H
#define RESEARCH_UNPACK_H

#include <turret/core.h>

#include <signal.h>

struct unpack;

/*
 * Opens `path`; "-" is standard input. `stop` may be NULL; once *stop is set, a read that waits
 * ends with ESTATE.
 *
 * owns:  *out until unpack_close(); path and stop are borrowed that long
 * fails: ENOTFOUND, EIO; EINVAL a directory, a zip with another number of members, an encrypted
 *        or zip64 one, a zip on standard input
 */
int unpack_open(struct unpack **out, const char *path, const volatile sig_atomic_t *stop,
                struct turret_error *err);
/*
 * Up to `room` unwrapped bytes; *got is 0 at the end, when the checksum has been compared.
 * fails: EINVAL damaged or cut off; EIO; ESTATE stopped
 */
int unpack_read(struct unpack *unpack, void *to, size_t room, size_t *got,
                struct turret_error *err);
/* What messages call it: the path, or "standard input". */
const char *unpack_name(const struct unpack *unpack);
/* Bytes of the file read so far, and its size; 0 when that is not known. */
void unpack_position(const struct unpack *unpack, uint64_t *done_bytes, uint64_t *total_bytes);
void unpack_close(struct unpack *unpack); /* NULL is allowed */

#endif
