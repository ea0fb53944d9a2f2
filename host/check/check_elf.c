/* SPDX-License-Identifier: Apache-2.0 */
/* What the file itself shows, before any of it runs. */
#include "check/check_groups.h"
#include "check/check_image.h"

#include <string.h>

static void open_image(struct check *check, struct check_image *image)
{
    struct turret_error err = {0};
    if (check_image_init(image, check->file, &err))
        check_fail(check, "%s", check_without_path(check, err.text));
}

/* Can another object bind to it? */
static bool is_exported(const ElfW(Sym) * symbol)
{
    unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
    return symbol->st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol->st_info) != STB_LOCAL &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

void check_elf_exports(struct check *check)
{
    struct check_image image;
    const char *name, *other = NULL;
    ElfW(Sym) symbol;
    bool entry = false;
    open_image(check, &image);
    for (uint64_t i = 1; check_image_symbol(&image, i, &symbol, &name); i++) {
        if (!is_exported(&symbol))
            continue;
        if (!strcmp(name, TURRET_ENTRY_SYMBOL))
            entry = true;
        else
            other = name;
    }
    if (other)
        check_fail(check, "also exports %.100s; link with the SDK's plugin.map", other);
    if (!entry)
        check_fail(check, "exports no %s; use TURRET_PLUGIN and the SDK's plugin.map",
                   TURRET_ENTRY_SYMBOL);
}

void check_elf_note(struct check *check)
{
    struct plugin_file file;
    struct turret_error err = {0};
    if (plugin_inspect(check->file, &file, &err))
        check_fail(check, "%s", check_without_path(check, err.text));
    check_remark(check, "%s %s, plugin ABI %u.%u", file.note.id, file.note.version,
                 file.note.abi_major, file.note.abi_minor);
}

/* Why it may stay in memory all the same, for what no rule forbids. */
void check_elf_unique(struct check *check)
{
    struct check_image image;
    const char *name;
    ElfW(Sym) symbol;
    open_image(check, &image);
    for (uint64_t i = 1; check_image_symbol(&image, i, &symbol, &name); i++) {
        if (symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE)
            check_fail(check,
                       "%.100s is STB_GNU_UNIQUE: it never leaves memory; link with the SDK's "
                       "plugin.map and compile with -fno-gnu-unique",
                       name);
        if (symbol.st_shndx == SHN_UNDEF && !strncmp(name, "__cxa_thread_atexit", 19))
            check_remark(check, "thread_local destructors keep it mapped while a thread that "
                                "used them lives");
    }
}

void check_elf_tls(struct check *check)
{
    struct check_image image;
    open_image(check, &image);
    if (check_image_value(&image, DT_FLAGS) & DF_STATIC_TLS)
        check_fail(check, "initial-exec thread-local storage (DF_STATIC_TLS): loading fails after "
                          "a few copies; build without -ftls-model=initial-exec");
}

void check_elf_textrel(struct check *check)
{
    struct check_image image;
    ElfW(Dyn) entry;
    open_image(check, &image);
    for (uint64_t i = 0; check_image_dynamic(&image, i, &entry); i++)
        if (entry.d_tag == DT_TEXTREL ||
            (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL)))
            check_fail(check, "relocations in its code (TEXTREL); compile with -fPIC");
}

void check_elf_nodelete(struct check *check)
{
    struct check_image image;
    open_image(check, &image);
    if (check_image_value(&image, DT_FLAGS_1) & DF_1_NODELETE)
        check_fail(check, "marked NODELETE: every swap leaves a copy in memory; link without -z "
                          "nodelete");
}

void check_elf_segments(struct check *check)
{
    struct check_image image;
    ElfW(Phdr) segment;
    bool stack = false;
    open_image(check, &image);
    for (unsigned i = 0; elf_image_segment(&image.elf, i, &segment); i++) {
        if (segment.p_type == PT_GNU_STACK) {
            stack = true;
            if (segment.p_flags & PF_X)
                check_fail(check, "wants an executable stack; link with -z noexecstack");
        }
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) && (segment.p_flags & PF_X))
            check_fail(check, "segment %u is writable and executable", i);
    }
    if (!stack)
        check_fail(check, "no PT_GNU_STACK: its stack would be executable; link with -z "
                          "noexecstack");
}

void check_elf_rpath(struct check *check)
{
    struct check_image image;
    ElfW(Dyn) entry;
    open_image(check, &image);
    for (uint64_t i = 0; check_image_dynamic(&image, i, &entry); i++)
        if (entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH)
            check_fail(check, "carries a search path (%s '%.100s'); link without -rpath",
                       entry.d_tag == DT_RPATH ? "RPATH" : "RUNPATH",
                       check_image_string(&image, entry.d_un.d_val));
}

void check_elf_needed(struct check *check)
{
    struct check_image image;
    ElfW(Dyn) entry;
    char list[CHECK_TEXT_MAX - 80] = "";
    size_t used = 0;
    bool cxx = false;
    open_image(check, &image);
    for (uint64_t i = 0; check_image_dynamic(&image, i, &entry); i++) {
        const char *name;
        if (entry.d_tag != DT_NEEDED)
            continue;
        name = check_image_string(&image, entry.d_un.d_val);
        if (strchr(name, '/'))
            check_fail(check, "needs %.100s by its path; link it by its name", name);
        cxx = cxx || !strncmp(name, "libstdc++", 9);
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%.60s",
                                     used ? ", " : "needs ", name);
    }
    check_remark(check, "%s%s", used ? list : "needs no library",
                 cxx ? "; libstdc++ stays in memory once it came" : "");
}
