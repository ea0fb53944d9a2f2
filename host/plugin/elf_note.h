/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what an ELF shared object says about itself from its bytes in memory, without running any
 * of it: this host's machine, whole segments, the notes, the exported symbols.
 */
#ifndef PLUGIN_ELF_NOTE_H
#define PLUGIN_ELF_NOTE_H

#include <turret/core.h>

#define ELF_NOTE_BUILD_ID_MAX 32

struct elf_note {
    const uint8_t *turret; /* the Turret note's content, inside the given bytes */
    uint32_t turret_size;
    const uint8_t *build_id; /* NULL when the linker left none */
    uint32_t build_id_size;  /* 1…ELF_NOTE_BUILD_ID_MAX; what is longer is cut */
};

/*
 * Any bytes are fine: every offset and size is checked before it is followed.
 *
 * owns:  *found points into `bytes`; `path` is only for the text
 * fails: EINVAL not an ELF shared object for this machine, truncated, no Turret note or two, or
 *        exports other than the one data symbol turret_entry
 */
int elf_note_find(const char *path, const uint8_t *bytes, uint64_t size_bytes,
                  struct elf_note *found, struct turret_error *err);

#endif
