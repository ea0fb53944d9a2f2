/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin as older and newer hosts would see it: private copies of the file with another version
 * or struct_size in them, types cut to what an older host knows, host tables that end elsewhere.
 */
#include "check/check_groups.h"
#include "check/check_image.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#include "plugin/abi.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define EVENTS        120
#define NEWER_SIZE    4096u
#define HOST_GROWTH   64u
#define NOTE_TO_MAJOR 12 /* from the note's name to its abi_major: 8 of name, struct_size */

/* Writes the image's bytes with `value` at `offset` into the private directory. */
static void write_patched(struct check *check, const struct check_image *image, uint64_t offset,
                          const void *value, size_t size, char path[PLUGIN_PATH_MAX])
{
    ssize_t put;
    int fd;
    memcpy(image->bytes + offset, value, size);
    (void)snprintf(path, PLUGIN_PATH_MAX, "%s/patched.so", check->private_dir);
    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    put = fd < 0 ? -1 : write(fd, image->bytes, image->elf.size_bytes);
    if (fd < 0 || put != (ssize_t)image->elf.size_bytes || close(fd) != 0)
        check_fail(check, "%s: no patched copy can be written", path);
}

static void try_patched(struct check *check, const struct check_image *image, uint64_t offset,
                        const void *value, size_t size, int expected, const char *what)
{
    char path[PLUGIN_PATH_MAX];
    uint8_t before[8];
    struct turret_error err = {0};
    struct plugin *plugin = NULL;
    int status;
    memcpy(before, image->bytes + offset, size);
    write_patched(check, image, offset, value, size, path);
    memcpy(image->bytes + offset, before, size);
    check_stage(check, what);
    status = plugin_load(path, check->private_dir, &plugin, &err);
    if (status == TURRET_OK)
        plugin_unload(plugin);
    check_stage(check, "");
    if (status != expected)
        check_fail(check, "%s: status %d (%s), %d was expected", what, status,
                   err.code ? err.text : "it loads", expected);
}

void check_skew_note(struct check *check)
{
    static const char name[8] = TURRET_NOTE_NAME;
    struct check_image image;
    struct turret_error err = {0};
    uint16_t major = TURRET_ABI_MAJOR + 1, minor = TURRET_ABI_MINOR + 1;
    const uint8_t *note;
    uint64_t at;
    if (check_image_init(&image, check->file, &err))
        check_fail(check, "%s", err.text);
    note = memmem(image.bytes, image.elf.size_bytes, name, sizeof name);
    if (!note)
        check_fail(check, "its note is not found");
    at = (uint64_t)(note - image.bytes) + NOTE_TO_MAJOR;
    try_patched(check, &image, at, &major, sizeof major, TURRET_EVERSION, "built for major + 1");
    try_patched(check, &image, at + 2, &minor, sizeof minor, TURRET_EVERSION, "needs minor + 1");
}

void check_skew_entry(struct check *check)
{
    static const struct {
        uint32_t size_bytes;
        int expected;
        const char *what;
    } sizes[] = {{ABI_ENTRY_FIRST_SIZE, TURRET_OK, "the first entry's size"},
                 {ABI_ENTRY_FIRST_SIZE - 1, TURRET_EVERSION, "less than the first entry"},
                 {0, TURRET_EVERSION, "an entry of size 0"},
                 {NEWER_SIZE, TURRET_OK, "a newer, longer entry"}};
    uint16_t minor = TURRET_ABI_MINOR + 1;
    struct check_image image;
    struct turret_error err = {0};
    const char *name = "";
    uint64_t at = 0;
    ElfW(Sym) symbol = {0};
    if (check_image_init(&image, check->file, &err))
        check_fail(check, "%s", err.text);
    for (uint64_t i = 1; check_image_symbol(&image, i, &symbol, &name); i++)
        if (!strcmp(name, TURRET_ENTRY_SYMBOL))
            break;
    if (!check_image_locate(&image, symbol.st_value, sizeof(uint64_t), &at))
        check_fail(check, "its entry is not in the file");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        try_patched(check, &image, at, &sizes[i].size_bytes, sizeof sizes[i].size_bytes,
                    sizes[i].expected, sizes[i].what);
    try_patched(check, &image, at + offsetof(struct turret_entry, abi_minor), &minor, sizeof minor,
                TURRET_EVERSION, "an entry of minor + 1");
}

/* One short life of an offer cut to `size` bytes of its type. */
static void live_cut(struct check *check, const struct plugin_offer *offer, size_t size)
{
    static struct check_values values;
    static struct strategy_bench strategy;
    struct indicator_bench indicator;
    struct plugin_offer cut = *offer;
    struct check_tape tape;
    check_values_begin(&values, check, offer);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    if (offer->kind == TURRET_KIND_STRATEGY) {
        memset((uint8_t *)&cut.strategy + size, 0, sizeof cut.strategy - size);
        if (!cut.strategy.load)
            cut.strategy.save = NULL; /* a host takes both or neither */
        strategy_bench_init(&strategy, check, &cut, &values);
        strategy_bench_start(&strategy, TURRET_REASON_FIRST);
        strategy_bench_run(&strategy, &tape, EVENTS);
        strategy_bench_finish(&strategy, TURRET_REASON_SHUTDOWN);
        return;
    }
    memset((uint8_t *)&cut.indicator + size, 0, sizeof cut.indicator - size);
    indicator_bench_begin(&indicator, check, &cut, &values);
    indicator_bench_run(&indicator, &tape, EVENTS);
    indicator_bench_finish(&indicator);
}

void check_skew_type(struct check *check, const struct plugin_offer *offer)
{
    bool strategy = offer->kind == TURRET_KIND_STRATEGY;
    size_t first = strategy ? offsetof(struct turret_strategy_type, on_stop)
                            : offsetof(struct turret_indicator_type, update_block);
    size_t whole = strategy ? sizeof offer->strategy : sizeof offer->indicator;
    for (size_t size = first; size <= whole; size += sizeof(void *))
        live_cut(check, offer, size);
}

/* A host that offers less, and one that offers more: what it does stays the same. */
void check_skew_host(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench bench;
    static struct {
        struct turret_strategy_host host;
        uint8_t more[HOST_GROWTH];
    } newer;
    uint64_t digests[3];
    check_values_begin(&values, check, offer);
    for (int which = 0; which < 3; which++) {
        struct check_tape tape;
        strategy_bench_init(&bench, check, offer, &values);
        if (which == 1) {
            bench.host.get_extension = NULL;
            bench.host.struct_size = (uint32_t)offsetof(struct turret_strategy_host, get_extension);
        } else if (which == 2) {
            memset(&newer, 0x5a, sizeof newer);
            newer.host = bench.host;
            newer.host.struct_size = (uint32_t)sizeof newer;
            bench.handle.host = &newer.host;
        }
        check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
        strategy_bench_start(&bench, TURRET_REASON_FIRST);
        strategy_bench_run(&bench, &tape, EVENTS);
        digests[which] = bench.digest;
        strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
    }
    if (digests[1] != digests[0] || digests[2] != digests[0])
        check_fail(check, "it does something else under %s host",
                   digests[1] != digests[0] ? "an older" : "a newer");
}
