/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what runs is what was verified: while a thread replaces a plugin and its signature at
 * least 2,000 times, by rename and in place, by two signed builds and one that is not, another
 * loads it again and again. Each load gives a signed build whole, or a refusal.
 */
#include "plugin/source.h"
#include "signing.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

#include <cmocka.h>

#define SWAPS    2000
#define LOADS    300    /* at least */
#define ATTEMPTS 500000 /* at most */

enum { FIRST, SECOND, EVIL, BUILDS };
static const char *const summaries[BUILDS] = {"does nothing", "does less...", "does harm!!!"};

struct stage {
    char directory[FILES_PATH_MAX], path[FILES_PATH_MAX], private_dir[FILES_PATH_MAX];
    size_t size;
    uint8_t *builds[BUILDS];
    char *signatures[BUILDS]; /* of the last: by somebody else's key */
    size_t signature_sizes[BUILDS];
    struct plugin_policy policy;
    atomic_uint swaps;
    atomic_bool stop;
};

static void stage_init(struct stage *stage)
{
    struct signer ours, theirs;
    char fixture[FILES_PATH_MAX];
    memset(stage, 0, sizeof *stage);
    signer_init(&ours, 1);
    signer_init(&theirs, 2);
    stage->policy.signing = PLUGIN_SIGNING_REQUIRE;
    stage->policy.key_count = 1;
    stage->policy.keys[0] = ours.key;
    files_make_directory(stage->directory);
    files_join(stage->path, stage->directory, "a.so");
    files_join(stage->private_dir, stage->directory, "private");
    files_fixture(fixture, "good_strategy.so");
    for (int i = 0; i < BUILDS; i++) {
        stage->builds[i] = files_read(fixture, &stage->size);
        files_replace(stage->builds[i], stage->size, summaries[0], summaries[i]);
        stage->signatures[i] =
            signer_sign(i == EVIL ? &theirs : &ours, "ED", stage->builds[i], stage->size,
                        "name:fixture.good_strategy", &stage->signature_sizes[i]);
    }
}

static void stage_finish(struct stage *stage)
{
    files_remove_directory(stage->directory);
    for (int i = 0; i < BUILDS; i++) {
        free(stage->builds[i]);
        free(stage->signatures[i]);
    }
}

/* In place the reader may see half of it, by rename it may not. */
static void put(const struct stage *stage, const char *name, const void *bytes, size_t size,
                bool in_place)
{
    char path[FILES_PATH_MAX], other[FILES_PATH_MAX];
    files_join(path, stage->directory, name);
    files_join(other, stage->directory, "new");
    if (in_place) {
        FILE *file = fopen(path, "r+b");
        files_must(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "overwrite",
                   path);
        files_must(truncate(path, (off_t)size) == 0, "truncate", path);
    } else {
        files_write(other, bytes, size);
        files_must(rename(other, path) == 0, "rename", path);
    }
}

static void put_both(const struct stage *stage, int build, int signature, bool in_place)
{
    put(stage, "a.so", stage->builds[build], stage->size, in_place);
    put(stage, "a.so" SIGNATURE_SUFFIX, stage->signatures[signature],
        stage->signature_sizes[signature], in_place);
}

static void *swap(void *context)
{
    struct stage *stage = context;
    uint32_t state = 12345;
    while (!atomic_load(&stage->stop)) {
        state = state * 1664525 + 1013904223;
        int build = (int)(state >> 24) % BUILDS;
        /* Mostly a signature that fits; now and then a good one beside the wrong file. */
        int signature = (state >> 16 & 3) ? build : (int)(state >> 20 & 1);
        put_both(stage, build, signature, state >> 18 & 1);
        atomic_fetch_add(&stage->swaps, 1);
    }
    return NULL;
}

/* Which build these bytes are; BUILDS: none of them. */
static int which_build(const struct stage *stage, const char *path)
{
    size_t size;
    uint8_t *bytes = files_read(path, &size);
    int build = 0;
    while (build < BUILDS &&
           (size != stage->size || memcmp(bytes, stage->builds[build], size) != 0))
        build++;
    free(bytes);
    return build;
}

/* Loads once. Answers which build ran, -1 for a refusal. */
static int load(const struct stage *stage)
{
    struct source source;
    struct plugin *plugin = NULL;
    if (source_init(&source, stage->path, &stage->policy, NULL))
        return -1;
    int status = plugin_load_source(&source, stage->private_dir, &plugin, NULL);
    source_finish(&source);
    assert_int_equal(status, TURRET_OK); /* what was verified always loads */
    int build = which_build(stage, plugin->private_path);
    assert_true(build < BUILDS);
    assert_string_equal(plugin_offer_summary(&plugin->offers[0]), summaries[build]);
    plugin_unload(plugin);
    return build;
}

static void only_signed_builds_run(void **unused)
{
    static struct stage stage;
    pthread_t thread;
    unsigned ran[BUILDS] = {0}, refused = 0, attempts = 0;
    (void)unused;
    stage_init(&stage);
    put_both(&stage, FIRST, FIRST, false);
    assert_int_equal(load(&stage), FIRST);
    assert_int_equal(pthread_create(&thread, NULL, swap, &stage), 0);
    while (attempts < ATTEMPTS &&
           (atomic_load(&stage.swaps) < SWAPS || ran[FIRST] + ran[SECOND] < LOADS)) {
        int build = load(&stage);
        if (build < 0)
            refused++;
        else
            ran[build]++;
        attempts++;
    }
    atomic_store(&stage.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    print_message("%u swaps, %u attempts to load: %u the first build, %u the second, %u refused, "
                  "%u the unsigned one\n",
                  atomic_load(&stage.swaps), attempts, ran[FIRST], ran[SECOND], refused, ran[EVIL]);
    assert_true(atomic_load(&stage.swaps) >= SWAPS);
    assert_true(ran[FIRST] > 0 && ran[SECOND] > 0 && refused > 0);
    assert_int_equal(ran[EVIL], 0);
    stage_finish(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_signed_builds_run)};
    (void)umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
