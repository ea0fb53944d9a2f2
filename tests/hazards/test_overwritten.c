/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazard: a file overwritten in place kills the code that was loaded from it (SIGBUS). Cure: only a
 * private copy is ever loaded; whatever happens to the file, the old code runs on.
 */
#include "hazards.h"

static void load_bare_and_cut(const struct hazard *h)
{
    const char *path = hazard_path(h, "bare.so");
    const struct turret_entry *entry;
    int64_t mark = 0;
    struct turret_strategy self = {&mark, NULL};
    struct turret_error err = {0};
    void *handle;
    hazard_copy(hazard_built("hazards", "marked_a"), path);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    entry = handle ? dlsym(handle, TURRET_ENTRY_SYMBOL) : NULL;
    if (!entry || truncate(path, 0) != 0)
        _exit(9);
    (void)entry->offers[0].strategy->on_start(&self, NULL, &err);
}

static void test_the_hazard_is_real(void **state)
{
    assert_int_equal(hazard_signal_of(*state, load_bare_and_cut), SIGBUS);
}

static void test_old_code_runs_on(void **state)
{
    const struct hazard *h = *state;
    const char *path = hazard_path(h, "plugin.so");
    struct plugin *plugin;
    hazard_copy(hazard_built("hazards", "marked_a"), path);
    plugin = hazard_load(h, path);
    assert_int_equal(hazard_ask(plugin), 1);
    hazard_copy(hazard_built("hazards", "marked_b"), path); /* in place */
    assert_int_equal(hazard_ask(plugin), 1);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(hazard_ask(plugin), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(hazard_ask(plugin), 1);
    plugin_unload(plugin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {HAZARD_TEST(test_the_hazard_is_real),
                                       HAZARD_TEST(test_old_code_runs_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
