/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the single member of a zip lies. Layout after PKWARE's APPNOTE 6.3, with its 64-bit fields,
 * which some programs write for small files too.
 */
#ifndef RESEARCH_ZIP_H
#define RESEARCH_ZIP_H

#include <turret/core.h>

#define ZIP_METHOD_STORED  0
#define ZIP_METHOD_DEFLATE 8

struct zip_member {
    uint32_t method; /* one of the two above */
    uint32_t crc;    /* CRC-32 of the unpacked bytes */
    uint64_t offset; /* of the packed bytes */
    uint64_t packed_bytes;
};

/*
 * Reads the directory of an open file of `size_bytes`; the file position stays. Any bytes are fine.
 * fails: EIO; EINVAL cut off, damaged, encrypted, another method, not exactly one member
 */
int zip_find(int fd, uint64_t size_bytes, const char *name, struct zip_member *member,
             struct turret_error *err);

#endif
