/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF headers, segments and notes (System V ABI, generic part, chapters 4 and 5). Program headers
 * and the dynamic section are what the dynamic linker uses, so they decide; section headers may be
 * stripped and are only checked to lie inside the file.
 */
#include "plugin/elf_image.h"
#include "plugin/elf_note.h"
#include "plugin/refuse.h"

#include <assert.h>
#include <string.h>

#define SEGMENTS_MAX 64

#if __ELF_NATIVE_CLASS == 64
#define HOST_CLASS ELFCLASS64
#else
#define HOST_CLASS ELFCLASS32
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_BYTES ELFDATA2LSB
#else
#define HOST_BYTES ELFDATA2MSB
#endif
#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define HOST_MACHINE EM_AARCH64
#elif defined(__riscv)
#define HOST_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define HOST_MACHINE EM_PPC64
#elif defined(__arm__)
#define HOST_MACHINE EM_ARM
#elif defined(__i386__)
#define HOST_MACHINE EM_386
#else
#error "add this machine's EM_ number here"
#endif

static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {
        {EM_386, "x86"},       {EM_PPC64, "POWER"},     {EM_S390, "S/390"},   {EM_ARM, "ARM"},
        {EM_X86_64, "x86-64"}, {EM_AARCH64, "AArch64"}, {EM_RISCV, "RISC-V"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].machine == machine)
            return names[i].name;
    return "another";
}

static int truncated(const struct elf_image *image, const char *what, struct turret_error *err)
{
    return refuse_file(err, TURRET_EINVAL, image->path,
                       "truncated: its %s would reach beyond its end at byte %llu; "
                       "copy the file again",
                       what, (unsigned long long)image->size_bytes);
}

static int check_ident(const struct elf_image *image, struct turret_error *err)
{
    const uint8_t *ident = image->bytes;
    uint64_t known = image->size_bytes < SELFMAG ? image->size_bytes : SELFMAG;
    if (image->size_bytes == 0)
        return refuse_file(err, TURRET_EINVAL, image->path, "empty file; copy it again");
    if (memcmp(ident, ELFMAG, known) != 0)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "not an ELF file; a plugin is a shared object (.so)");
    if (image->size_bytes < EI_NIDENT)
        return truncated(image, "ELF header", err);
    if (ident[EI_CLASS] != HOST_CLASS)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "built for %s machines (ELF class %u), this host is %d-bit",
                           ident[EI_CLASS] == ELFCLASS32   ? "32-bit"
                           : ident[EI_CLASS] == ELFCLASS64 ? "64-bit"
                                                           : "unknown",
                           ident[EI_CLASS], __ELF_NATIVE_CLASS);
    if (ident[EI_DATA] != HOST_BYTES)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "built for %s machines (ELF data %u), this host is %s-endian",
                           ident[EI_DATA] == ELFDATA2MSB   ? "big-endian"
                           : ident[EI_DATA] == ELFDATA2LSB ? "little-endian"
                                                           : "unknown",
                           ident[EI_DATA], HOST_BYTES == ELFDATA2LSB ? "little" : "big");
    if (ident[EI_VERSION] != EV_CURRENT)
        return refuse_file(err, TURRET_EINVAL, image->path, "ELF version %u is not known",
                           ident[EI_VERSION]);
    return TURRET_OK;
}

static int check_header(struct elf_image *image, struct turret_error *err)
{
    const ElfW(Ehdr) *header = &image->header;
    if (!elf_image_read(image, 0, &image->header, sizeof image->header))
        return truncated(image, "ELF header", err);
    if (header->e_machine != HOST_MACHINE)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "built for machine %s (%u), this host is %s (%u)",
                           machine_name(header->e_machine), header->e_machine,
                           machine_name(HOST_MACHINE), HOST_MACHINE);
    if (header->e_type != ET_DYN)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "not a shared object (ELF type %u); link it with -shared",
                           header->e_type);
    if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0 ||
        header->e_phnum > SEGMENTS_MAX)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "%u program headers of %u bytes; expected 1 to %u of %zu",
                           header->e_phnum, header->e_phentsize, SEGMENTS_MAX, sizeof(ElfW(Phdr)));
    if (!elf_image_holds(image, header->e_phoff, header->e_phnum * sizeof(ElfW(Phdr))))
        return truncated(image, "program headers", err);
    /* The linker puts the section headers last: a cut file loses them first. */
    if (header->e_shoff != 0 &&
        !elf_image_holds(image, header->e_shoff, (uint64_t)header->e_shnum * header->e_shentsize))
        return truncated(image, "section headers", err);
    return TURRET_OK;
}

static int check_segments(const struct elf_image *image, struct turret_error *err)
{
    ElfW(Phdr) segment;
    for (unsigned i = 0; elf_image_segment(image, i, &segment); i++) {
        if (segment.p_filesz > 0 && !elf_image_holds(image, segment.p_offset, segment.p_filesz))
            return truncated(image, "segments", err);
        if (segment.p_type == PT_LOAD && segment.p_memsz < segment.p_filesz)
            return refuse_file(err, TURRET_EINVAL, image->path,
                               "segment %u is smaller in memory than in the file", i);
    }
    return TURRET_OK;
}

static uint64_t round_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

/* Keeps a note that is ours or the build id. */
static int take_note(const struct elf_image *image, const ElfW(Nhdr) * note, const uint8_t *name,
                     const uint8_t *desc, struct elf_note *found, struct turret_error *err)
{
    static const char ours[8] = TURRET_NOTE_NAME;
    if (note->n_type == TURRET_NOTE_TYPE && note->n_namesz >= sizeof TURRET_NOTE_NAME &&
        note->n_namesz <= sizeof ours && memcmp(name, ours, note->n_namesz) == 0) {
        if (found->turret)
            return refuse_file(err, TURRET_EINVAL, image->path,
                               "two Turret notes; use TURRET_PLUGIN once per plugin");
        found->turret = desc;
        found->turret_size = note->n_descsz;
    }
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == sizeof ELF_NOTE_GNU &&
        memcmp(name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0 && note->n_descsz > 0 &&
        !found->build_id) {
        found->build_id = desc;
        found->build_id_size =
            note->n_descsz < ELF_NOTE_BUILD_ID_MAX ? note->n_descsz : ELF_NOTE_BUILD_ID_MAX;
    }
    return TURRET_OK;
}

/* Walks the notes of one PT_NOTE segment, whose bytes lie inside the file. */
static int read_notes(const struct elf_image *image, const ElfW(Phdr) * segment,
                      struct elf_note *found, struct turret_error *err)
{
    const uint8_t *bytes = image->bytes + segment->p_offset;
    uint64_t size = segment->p_filesz, at = 0;
    uint64_t align = segment->p_align == 8 ? 8 : 4;
    while (size - at >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, bytes + at, sizeof note);
        uint64_t name = at + sizeof note;
        uint64_t desc = at + round_up(sizeof note + (uint64_t)note.n_namesz, align);
        if (desc > size || note.n_descsz > size - desc)
            return refuse_file(err, TURRET_EINVAL, image->path,
                               "note is truncated: %u + %u bytes in a segment of %llu",
                               note.n_namesz, note.n_descsz, (unsigned long long)size);
        if (take_note(image, &note, bytes + name, bytes + desc, found, err))
            return TURRET_EINVAL;
        at = round_up(desc + note.n_descsz, align);
        if (at >= size)
            break;
    }
    return TURRET_OK;
}

int elf_note_find(const char *path, const uint8_t *bytes, uint64_t size_bytes,
                  struct elf_note *found, struct turret_error *err)
{
    struct elf_image image = {.path = path, .bytes = bytes, .size_bytes = size_bytes};
    ElfW(Phdr) segment;
    assert(path && bytes && found);
    memset(found, 0, sizeof *found);
    int status = check_ident(&image, err);
    if (!status)
        status = check_header(&image, err);
    if (!status)
        status = check_segments(&image, err);
    if (status)
        return status;
    for (unsigned i = 0; elf_image_segment(&image, i, &segment); i++) {
        if (segment.p_type != PT_NOTE || segment.p_filesz == 0)
            continue;
        if (read_notes(&image, &segment, found, err))
            return TURRET_EINVAL;
    }
    if (!found->turret)
        return refuse_file(err, TURRET_EINVAL, path,
                           "no Turret note: not a Turret plugin, or built without TURRET_PLUGIN");
    return elf_image_check_exports(&image, err);
}
