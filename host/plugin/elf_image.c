/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exported symbols, found the way the dynamic linker finds them: PT_DYNAMIC leads to the symbol
 * and string tables, and the hash tables tell how many symbols there are.
 */
#include "plugin/abi.h"
#include "plugin/elf_image.h"
#include "plugin/refuse.h"

/* What the dynamic section names; addresses as the file would have them. */
struct tables {
    uint64_t symbols, strings, strings_size, hash, gnu_hash;
    uint64_t count; /* symbols that the hash tables reach */
};

/* Where the exported ones are remembered. */
struct exports {
    uint64_t count;
    bool has_entry;
    ElfW(Sym) entry;
    uint32_t other_name; /* the first that is not turret_entry */
};

/* The file offset of `size` bytes that will lie at `address`; false when no segment has them. */
static bool locate(const struct elf_image *image, uint64_t address, uint64_t size, uint64_t *offset)
{
    ElfW(Phdr) segment;
    for (unsigned i = 0; elf_image_segment(image, i, &segment); i++) {
        uint64_t inside = address - segment.p_vaddr;
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr || inside > segment.p_filesz ||
            size > segment.p_filesz - inside)
            continue;
        *offset = segment.p_offset + inside;
        return elf_image_holds(image, *offset, size);
    }
    return false;
}

static bool read_dynamic(const struct elf_image *image, struct tables *tables)
{
    ElfW(Phdr) segment = {0};
    ElfW(Dyn) entry;
    unsigned i = 0;
    while (elf_image_segment(image, i, &segment) && segment.p_type != PT_DYNAMIC)
        i++;
    if (segment.p_type != PT_DYNAMIC)
        return false;
    for (uint64_t at = 0; segment.p_filesz - at >= sizeof entry; at += sizeof entry) {
        if (!elf_image_read(image, segment.p_offset + at, &entry, sizeof entry) ||
            entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_SYMTAB)
            tables->symbols = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_STRTAB)
            tables->strings = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_STRSZ)
            tables->strings_size = entry.d_un.d_val;
        else if (entry.d_tag == DT_HASH)
            tables->hash = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_GNU_HASH)
            tables->gnu_hash = entry.d_un.d_ptr;
    }
    return tables->symbols && tables->strings && (tables->hash || tables->gnu_hash);
}

/* DT_HASH says it plainly: two words, the second is the number of symbols. */
static bool count_by_hash(const struct elf_image *image, struct tables *tables)
{
    uint32_t words[2];
    uint64_t offset;
    if (!locate(image, tables->hash, sizeof words, &offset))
        return false;
    memcpy(words, image->bytes + offset, sizeof words);
    if (words[1] > tables->count)
        tables->count = words[1];
    return true;
}

/*
 * DT_GNU_HASH: words buckets, first symbol, bloom size, bloom shift; the bloom filter in address
 * sized words; one word a bucket with the first symbol of its chain; one word a symbol, odd at the
 * end of a chain. The last symbol is the end of the chain that begins last.
 */
static bool count_by_gnu_hash(const struct elf_image *image, struct tables *tables)
{
    uint32_t words[4], last = 0, word;
    uint64_t offset;
    if (!locate(image, tables->gnu_hash, sizeof words, &offset))
        return false;
    memcpy(words, image->bytes + offset, sizeof words);
    uint64_t buckets = tables->gnu_hash + sizeof words + words[2] * (uint64_t)sizeof(ElfW(Addr));
    uint64_t chains = buckets + words[0] * (uint64_t)sizeof word;
    if (!locate(image, buckets, words[0] * (uint64_t)sizeof word, &offset))
        return false;
    for (uint32_t i = 0; i < words[0]; i++) {
        memcpy(&word, image->bytes + offset + i * (uint64_t)sizeof word, sizeof word);
        if (word > last)
            last = word;
    }
    if (last == 0)
        return true; /* every bucket is empty */
    if (last < words[1])
        return false;
    do {
        if (!locate(image, chains + (last - words[1]) * (uint64_t)sizeof word, sizeof word,
                    &offset))
            return false;
        memcpy(&word, image->bytes + offset, sizeof word);
        last++;
    } while (!(word & 1) && last != 0);
    if (last > tables->count)
        tables->count = last;
    return true;
}

/* Is this what another object could bind to? */
static bool is_exported(const ElfW(Sym) * symbol)
{
    unsigned bind = ELF64_ST_BIND(symbol->st_info);
    unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
    return symbol->st_shndx != SHN_UNDEF && bind != STB_LOCAL &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

static void collect_exports(const struct elf_image *image, const struct tables *tables,
                            uint64_t symbols, uint64_t strings, struct exports *exports)
{
    static const char entry_name[] = TURRET_ENTRY_SYMBOL;
    for (uint64_t i = 1; i < tables->count; i++) {
        ElfW(Sym) symbol;
        memcpy(&symbol, image->bytes + symbols + i * sizeof symbol, sizeof symbol);
        if (!is_exported(&symbol))
            continue;
        exports->count++;
        if (symbol.st_name < tables->strings_size &&
            tables->strings_size - symbol.st_name >= sizeof entry_name &&
            memcmp(image->bytes + strings + symbol.st_name, entry_name, sizeof entry_name) == 0) {
            exports->has_entry = true;
            exports->entry = symbol;
        } else if (exports->other_name == 0) {
            exports->other_name = symbol.st_name;
        }
    }
}

/* Will the whole first revision of the entry lie in memory, as data? */
static bool is_data(const struct elf_image *image, const ElfW(Sym) * symbol)
{
    ElfW(Phdr) segment;
    if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_shndx >= SHN_LORESERVE)
        return false;
    for (unsigned i = 0; elf_image_segment(image, i, &segment); i++) {
        uint64_t inside = symbol->st_value - segment.p_vaddr;
        if (segment.p_type == PT_LOAD && symbol->st_value >= segment.p_vaddr &&
            (segment.p_flags & PF_R) && inside <= segment.p_memsz &&
            ABI_ENTRY_FIRST_SIZE <= segment.p_memsz - inside)
            return true;
    }
    return false;
}

int elf_image_check_exports(const struct elf_image *image, struct turret_error *err)
{
    struct tables tables = {0};
    struct exports exports = {0};
    uint64_t symbols, strings;
    if (!read_dynamic(image, &tables))
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "no dynamic symbol table: exports no %s", TURRET_ENTRY_SYMBOL);
    if ((tables.hash && !count_by_hash(image, &tables)) ||
        (tables.gnu_hash && !count_by_gnu_hash(image, &tables)) ||
        !locate(image, tables.symbols, tables.count * sizeof(ElfW(Sym)), &symbols) ||
        !locate(image, tables.strings, tables.strings_size, &strings))
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "its dynamic symbol table is damaged; build or copy it again");
    collect_exports(image, &tables, symbols, strings, &exports);
    if (!exports.has_entry)
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "exports no %s; use TURRET_PLUGIN and the SDK's plugin.map",
                           TURRET_ENTRY_SYMBOL);
    if (exports.count != 1) {
        uint64_t left =
            exports.other_name < tables.strings_size ? tables.strings_size - exports.other_name : 0;
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "exports %llu symbols, also %.*s; only %s may be seen from outside: "
                           "link with the SDK's plugin.map",
                           (unsigned long long)exports.count, left < 100 ? (int)left : 100,
                           (const char *)image->bytes + strings + (left ? exports.other_name : 0),
                           TURRET_ENTRY_SYMBOL);
    }
    if (!is_data(image, &exports.entry))
        return refuse_file(err, TURRET_EINVAL, image->path,
                           "its %s is not a struct turret_entry in readable memory",
                           TURRET_ENTRY_SYMBOL);
    return TURRET_OK;
}
