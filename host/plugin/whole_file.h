/* SPDX-License-Identifier: Apache-2.0 */
/* A file read into memory once, with the owner and mode of just that file. */
#ifndef PLUGIN_WHOLE_FILE_H
#define PLUGIN_WHOLE_FILE_H

#include <turret/core.h>

#include <stdbool.h>

struct whole_file {
    uint8_t *bytes; /* the reader's to free */
    uint64_t size_bytes;
    uint32_t owner, group, mode; /* of fstat() on what was read */
    bool linked;                 /* the path is a symbolic link to it */
};

/*
 * Reads a regular file of at most `size_max` bytes; symbolic links are followed. `kind` is what the
 * texts call it, "a plugin".
 *
 * owns:  file->bytes with TURRET_OK; otherwise there is nothing to free
 * fails: ENOTFOUND, EIO, ENOMEM; EINVAL not a regular file, too large, shorter than it said
 */
int whole_file_read(struct whole_file *file, const char *path, const char *kind, uint64_t size_max,
                    struct turret_error *err);

#endif
