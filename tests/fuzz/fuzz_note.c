/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a plugin file: its headers, notes, exports, and what the Turret note says. */
#include "fuzz.h"

#include "plugin/abi.h"
#include "plugin/elf_note.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct turret_error err = {0, 0, ""};
    struct elf_note found;
    struct turret_note note;
    int code = elf_note_find("fuzz.so", bytes, size_bytes, &found, &err);
    if (code == TURRET_OK) {
        FUZZ_MUST(found.turret >= bytes && found.turret + found.turret_size <= bytes + size_bytes);
        FUZZ_MUST(found.build_id_size <= ELF_NOTE_BUILD_ID_MAX);
        code = abi_read_note("fuzz.so", found.turret, found.turret_size, &note, &err);
        FUZZ_MUST(code != TURRET_OK || abi_is_id(note.id, sizeof note.id));
    }
    FUZZ_MUST(code == TURRET_OK || (err.code == code && strstr(err.text, "fuzz.so")));
    /* the note alone: what the bytes before say may not let through */
    (void)abi_read_note("fuzz.so", bytes, (uint32_t)size_bytes, &note, NULL);
    return 0;
}

/* A built plugin, and one that has much more in it. */
size_t fuzz_seed(unsigned number, uint8_t *to, size_t room)
{
    static const char *const names[] = {"plugins/sma.so", "plugins/ma_cross.so"};
    const char *build = getenv("TURRET_BUILD");
    char path[4096];
    size_t size;
    FILE *file;
    if (number >= sizeof names / sizeof *names)
        return 0;
    (void)snprintf(path, sizeof path, "%s/%s", build ? build : ".", names[number]);
    file = fopen(path, "rb");
    FUZZ_MUST(file);
    size = fread(to, 1, room, file);
    (void)fclose(file);
    return size;
}
