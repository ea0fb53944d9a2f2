/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ELF file in memory: bounded access by file offset and by the address it will have, and its
 * dynamic symbols.
 */
#ifndef PLUGIN_ELF_IMAGE_H
#define PLUGIN_ELF_IMAGE_H

#include <turret/core.h>

#include <link.h>
#include <stdbool.h>
#include <string.h>

struct elf_image {
    const char *path;
    const uint8_t *bytes;
    uint64_t size_bytes;
    ElfW(Ehdr) header; /* checked: its program headers lie inside the file */
};

static inline bool elf_image_holds(const struct elf_image *image, uint64_t offset, uint64_t size)
{
    return offset <= image->size_bytes && size <= image->size_bytes - offset;
}

/* Copies, because nothing in a file need be aligned. False when it lies outside. */
static inline bool elf_image_read(const struct elf_image *image, uint64_t offset, void *to,
                                  size_t size)
{
    if (!elf_image_holds(image, offset, size))
        return false;
    memcpy(to, image->bytes + offset, size);
    return true;
}

/* Program header `index`; false after the last. */
static inline bool elf_image_segment(const struct elf_image *image, unsigned index,
                                     ElfW(Phdr) * segment)
{
    return index < image->header.e_phnum &&
           elf_image_read(image, image->header.e_phoff + index * sizeof *segment, segment,
                          sizeof *segment);
}

/* fails: EINVAL unless the one exported symbol is turret_entry and it is data inside the file */
int elf_image_check_exports(const struct elf_image *image, struct turret_error *err);

#endif
