/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the dynamic linker would read in a plugin file: dynamic entries and symbols, from bytes,
 * without running any of it. Every offset is checked before it is followed.
 */
#ifndef CHECK_CHECK_IMAGE_H
#define CHECK_CHECK_IMAGE_H

#include "plugin/elf_image.h"

struct check_image {
    struct elf_image elf;
    uint8_t *bytes; /* the image's own */
    uint64_t symbols_offset, symbol_count;
    uint64_t strings_offset, strings_size;
};

/*
 * Reads the file. owns: check_image_finish()
 * fails: ENOTFOUND, EIO; EINVAL no ELF shared object with a Turret note for this machine, or its
 *        dynamic tables are damaged
 */
int check_image_init(struct check_image *image, const char *path, struct turret_error *err);
void check_image_finish(struct check_image *image);

/* Dynamic entry number `index`; false after the last. */
bool check_image_dynamic(const struct check_image *image, uint64_t index, ElfW(Dyn) * entry);
/* The value of the first entry with this tag, or 0. */
uint64_t check_image_value(const struct check_image *image, int64_t tag);
/* Symbol number `index`, from 1, with its name without a version; false after the last. */
bool check_image_symbol(const struct check_image *image, uint64_t index, ElfW(Sym) * symbol,
                        const char **name);
/* A string of the dynamic string table, "" when it is outside. */
const char *check_image_string(const struct check_image *image, uint64_t offset);
/* Where the bytes at this address lie in the file; false when nowhere. */
bool check_image_locate(const struct check_image *image, uint64_t address, uint64_t size_bytes,
                        uint64_t *offset);

#endif
