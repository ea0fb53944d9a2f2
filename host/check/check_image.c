/* SPDX-License-Identifier: Apache-2.0 */
/* Dynamic entries and symbols from the bytes of a file (System V ABI, generic part, chapter 5). */
#include "check/check_image.h"

#include "plugin/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool check_image_locate(const struct check_image *image, uint64_t address, uint64_t size_bytes,
                        uint64_t *offset)
{
    ElfW(Phdr) segment;
    for (unsigned i = 0; elf_image_segment(&image->elf, i, &segment); i++) {
        uint64_t inside = address - segment.p_vaddr;
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr || inside > segment.p_filesz ||
            size_bytes > segment.p_filesz - inside)
            continue;
        *offset = segment.p_offset + inside;
        return elf_image_holds(&image->elf, *offset, size_bytes);
    }
    return false;
}

bool check_image_dynamic(const struct check_image *image, uint64_t index, ElfW(Dyn) * entry)
{
    ElfW(Phdr) segment = {0};
    for (unsigned i = 0; elf_image_segment(&image->elf, i, &segment); i++)
        if (segment.p_type == PT_DYNAMIC)
            break;
    return segment.p_type == PT_DYNAMIC && index < segment.p_filesz / sizeof *entry &&
           elf_image_read(&image->elf, segment.p_offset + index * sizeof *entry, entry,
                          sizeof *entry) &&
           entry->d_tag != DT_NULL;
}

uint64_t check_image_value(const struct check_image *image, int64_t tag)
{
    ElfW(Dyn) entry;
    for (uint64_t i = 0; check_image_dynamic(image, i, &entry); i++)
        if (entry.d_tag == tag)
            return entry.d_un.d_val;
    return 0;
}

const char *check_image_string(const struct check_image *image, uint64_t offset)
{
    /* the table ends with a NUL, which init made sure of */
    return offset < image->strings_size
               ? (const char *)image->bytes + image->strings_offset + offset
               : "";
}

bool check_image_symbol(const struct check_image *image, uint64_t index, ElfW(Sym) * symbol,
                        const char **name)
{
    if (index >= image->symbol_count)
        return false;
    memcpy(symbol, image->bytes + image->symbols_offset + index * sizeof *symbol, sizeof *symbol);
    *name = check_image_string(image, symbol->st_name);
    return true;
}

/*
 * How many symbols there are. The symbols' table has no length of its own; linkers lay the strings
 * behind it, and where they do not, the hash table tells.
 */
static uint64_t count_symbols(const struct check_image *image, uint64_t symbols, uint64_t strings)
{
    uint64_t hash = check_image_value(image, DT_HASH), offset;
    uint32_t words[2];
    if (hash && check_image_locate(image, hash, sizeof words, &offset)) {
        memcpy(words, image->bytes + offset, sizeof words);
        return words[1];
    }
    return strings > symbols ? (strings - symbols) / sizeof(ElfW(Sym)) : 0;
}

static bool find_tables(struct check_image *image)
{
    uint64_t symbols = check_image_value(image, DT_SYMTAB);
    uint64_t strings = check_image_value(image, DT_STRTAB);
    image->strings_size = check_image_value(image, DT_STRSZ);
    image->symbol_count = count_symbols(image, symbols, strings);
    return image->symbol_count < image->elf.size_bytes &&
           check_image_locate(image, symbols, image->symbol_count * sizeof(ElfW(Sym)),
                              &image->symbols_offset) &&
           image->strings_size > 0 &&
           check_image_locate(image, strings, image->strings_size, &image->strings_offset) &&
           image->bytes[image->strings_offset + image->strings_size - 1] == '\0';
}

static int read_file(struct check_image *image, const char *path, struct turret_error *err)
{
    struct stat status = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint64_t have = 0;
    ssize_t got = 0;
    if (fd < 0 || fstat(fd, &status) != 0) {
        int code = errno == ENOENT ? TURRET_ENOTFOUND : TURRET_EIO;
        (void)turret_fail(err, code, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > SOURCE_SIZE_MAX) {
        (void)turret_fail(err, TURRET_EINVAL, "%s: not a regular file of a plugin's size", path);
    } else {
        image->bytes = malloc((size_t)status.st_size + 1);
        while (image->bytes && have < (uint64_t)status.st_size &&
               (got = read(fd, image->bytes + have, (size_t)status.st_size - have)) > 0)
            have += (uint64_t)got;
        if (!image->bytes || got < 0)
            (void)turret_fail(err, TURRET_EIO, "%s: %s", path, strerror(errno));
    }
    if (fd >= 0)
        (void)close(fd);
    image->elf = (struct elf_image){.path = path, .bytes = image->bytes, .size_bytes = have};
    return turret_ok(err);
}

/* A note that begins as ours, in any note segment. */
static bool has_note(const struct check_image *image)
{
    static const char name[8] = TURRET_NOTE_NAME;
    ElfW(Phdr) segment;
    for (unsigned i = 0; elf_image_segment(&image->elf, i, &segment); i++) {
        if (segment.p_type != PT_NOTE ||
            !elf_image_holds(&image->elf, segment.p_offset, segment.p_filesz))
            continue;
        if (memmem(image->bytes + segment.p_offset, segment.p_filesz, name, sizeof name))
            return true;
    }
    return false;
}

int check_image_init(struct check_image *image, const char *path, struct turret_error *err)
{
    struct turret_error why = {0}; /* err may be NULL */
    const ElfW(Ehdr) *header = &image->elf.header;
    memset(image, 0, sizeof *image);
    if (read_file(image, path, &why)) {
        check_image_finish(image);
        return turret_fail(err, why.code, "%s", why.text);
    }
    if (!elf_image_read(&image->elf, 0, &image->elf.header, sizeof image->elf.header) ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_type != ET_DYN ||
        header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum > 64 || !has_note(image))
        (void)turret_fail(&why, TURRET_EINVAL,
                          "%s: not a Turret plugin: no ELF shared object with a Turret note", path);
    else if (!find_tables(image))
        (void)turret_fail(&why, TURRET_EINVAL, "%s: its dynamic symbol table is damaged", path);
    if (why.code) {
        check_image_finish(image);
        return turret_fail(err, why.code, "%s", why.text);
    }
    return TURRET_OK;
}

void check_image_finish(struct check_image *image)
{
    free(image->bytes);
    image->bytes = NULL;
}
