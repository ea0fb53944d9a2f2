/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the inspection of a plugin file takes any bytes: a good plugin cut at every length,
 * with every byte of its headers, notes and symbol tables flipped, and with thousands of seeded
 * changes to the words it follows. Never a crash (nor a stray read in sanitizer builds), and always
 * either a whole answer or a code with a text.
 */
#include "plugin/loader.h"

#include "plugin_files.h"

#include <elf.h>
#include <link.h>
#include <setjmp.h>

#include <cmocka.h>

static char directory[FILES_PATH_MAX];

static int make_directory(void **unused)
{
    (void)unused;
    files_make_directory(directory);
    return 0;
}

static int remove_directory(void **unused)
{
    (void)unused;
    files_remove_directory(directory);
    return 0;
}

/* Inspects, and checks that the answer is whole whatever it is. */
static int inspect(const struct victim *victim)
{
    struct plugin_file file;
    struct turret_error why = {0};
    int status = plugin_inspect(victim->path, &file, &why);
    if (status != TURRET_OK) {
        assert_int_equal(status, why.code);
        assert_memory_equal(why.text, victim->path, strlen(victim->path));
        assert_null(strpbrk(why.text, "\n\r"));
        return status;
    }
    assert_true(strlen(file.build_id) >= 2 && strlen(file.build_id) < sizeof file.build_id);
    assert_true(strlen(file.note.id) >= 1 && strlen(file.note.id) < sizeof file.note.id);
    assert_null(strchr(file.note.id, '/'));
    return TURRET_OK;
}

/* Bytes that the inspection follows: headers, notes, and all up to the end of the names. */
static size_t interesting_end(const struct victim *victim)
{
    ElfW(Ehdr) header;
    ElfW(Shdr) section;
    memcpy(&header, victim->bytes, sizeof header);
    for (unsigned i = 0; i < header.e_shnum; i++) {
        memcpy(&section, victim->bytes + header.e_shoff + i * sizeof section, sizeof section);
        if (section.sh_type == SHT_STRTAB && (section.sh_flags & SHF_ALLOC))
            return (size_t)(section.sh_offset + section.sh_size);
    }
    files_must(false, "no dynamic string table", victim->path);
    return 0;
}

static void test_every_cut_is_refused(void **unused)
{
    struct victim victim;
    (void)unused;
    victim_open(&victim, directory);
    for (size_t size = 0; size < victim.size; size += size < 4096 ? 1 : 7) {
        files_write(victim.path, victim.bytes, size);
        assert_int_equal(inspect(&victim), TURRET_EINVAL);
    }
    victim_close(&victim);
}

static void test_every_flipped_byte(void **unused)
{
    struct victim victim;
    static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xff};
    size_t refused = 0;
    (void)unused;
    victim_open(&victim, directory);
    assert_int_equal(inspect(&victim), TURRET_OK);
    size_t end = interesting_end(&victim);
    for (size_t at = 0; at < end; at++) {
        for (size_t m = 0; m < sizeof masks; m++) {
            uint8_t changed = victim.bytes[at] ^ masks[m];
            victim_put(&victim, at, &changed, 1);
            refused += inspect(&victim) != TURRET_OK;
        }
        victim_put(&victim, at, &victim.bytes[at], 1);
    }
    assert_int_equal(inspect(&victim), TURRET_OK);
    assert_true(refused > 1000);
    victim_close(&victim);
}

static void test_every_bit_of_the_fingerprint_counts(void **unused)
{
    struct victim victim;
    (void)unused;
    victim_open(&victim, directory);
    size_t first = victim_note(&victim) + offsetof(struct turret_note, fingerprint);
    for (size_t at = first; at < first + sizeof(struct turret_fingerprint); at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t changed = (uint8_t)(victim.bytes[at] ^ (1u << bit));
            victim_put(&victim, at, &changed, 1);
            assert_int_equal(inspect(&victim), TURRET_EVERSION);
        }
        victim_put(&victim, at, &victim.bytes[at], 1);
    }
    victim_close(&victim);
}

/* xorshift64 (G. Marsaglia, "Xorshift RNGs", 2003). */
static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A word that likes the edges: small, huge, around the file's size, or any. */
static uint64_t edge(uint64_t *state, size_t size)
{
    const uint64_t edges[] = {0,
                              1,
                              size - 1,
                              size,
                              size + 1,
                              UINT32_MAX,
                              UINT64_MAX,
                              UINT64_MAX - size,
                              UINT64_C(1) << 63,
                              next_number(state) % size,
                              next_number(state)};
    return edges[next_number(state) % (sizeof edges / sizeof edges[0])];
}

/* Where the dynamic section lies, so that its words are hit often. */
static ElfW(Phdr) dynamic_of(const struct victim *victim)
{
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    memcpy(&header, victim->bytes, sizeof header);
    for (unsigned i = 0; i < header.e_phnum; i++) {
        memcpy(&segment, victim->bytes + header.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_DYNAMIC)
            return segment;
    }
    files_must(false, "no dynamic section", victim->path);
    return segment;
}

static void test_seeded_changes(void **unused)
{
    struct victim victim;
    uint64_t state = UINT64_C(20240607);
    size_t accepted = 0;
    (void)unused;
    victim_open(&victim, directory);
    size_t end = interesting_end(&victim);
    ElfW(Phdr) dynamic = dynamic_of(&victim);
    for (int variant = 0; variant < 6000; variant++) {
        size_t places[4], count = 1 + next_number(&state) % 4;
        for (size_t i = 0; i < count; i++) {
            size_t size = next_number(&state) % 2 ? 8 : 4;
            bool in_dynamic = next_number(&state) % 3 == 0;
            places[i] = in_dynamic
                            ? (size_t)(dynamic.p_offset + next_number(&state) % dynamic.p_filesz)
                            : next_number(&state) % end;
            places[i] &= ~(size_t)3;
            uint64_t word = edge(&state, victim.size);
            victim_put(&victim, places[i], &word, size);
        }
        accepted += inspect(&victim) == TURRET_OK;
        for (size_t i = 0; i < count; i++)
            victim_put(&victim, places[i], victim.bytes + places[i], 8);
    }
    assert_int_equal(inspect(&victim), TURRET_OK);
    /* Both answers were met: some changes hit bytes that nobody reads. */
    assert_true(accepted > 100 && accepted < 5000);
    victim_close(&victim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_every_flipped_byte),
        cmocka_unit_test(test_every_bit_of_the_fingerprint_counts),
        cmocka_unit_test(test_seeded_changes),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
