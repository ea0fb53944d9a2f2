/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazards: code that stays after dlclose() answered 0. STB_GNU_UNIQUE statics and a plugin that
 * brings in libstdc++: cured by the SDK's version script. -z nodelete: tolerated. thread_local
 * destructors: gone at the next sweep after the thread has ended. Sanitizer builds unload nothing.
 */
#include "hazards.h"

#include <pthread.h>

/* Whether it is still there once the loader has unloaded it. */
static bool stays(const struct hazard *h, const char *folder, const char *name)
{
    struct plugin *plugin = hazard_load(h, hazard_built(folder, name));
    char path[PLUGIN_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", plugin->private_path);
    assert_true(hazard_is_mapped(path));
    plugin_unload(plugin);
    return hazard_is_mapped(path);
}

static void test_sanitizer_builds_unload_nothing(void **state)
{
    assert_int_equal(stays(*state, "hazards", "marked_a"), HAZARD_SANITIZED);
}

static void test_unique_pins_and_is_refused(void **state)
{
    const struct hazard *h = *state;
    const char *path = hazard_path(h, "unique.so");
    struct plugin *plugin = NULL;
    struct turret_error err = {0};
    void *handle;
    hazard_copy(hazard_built("hostile", "unique"), path);
    assert_int_equal(plugin_load(path, h->private_dir, &plugin, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "link with the SDK's plugin.map"));
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(handle);
    assert_int_equal(dlclose(handle), 0);
    assert_true(hazard_is_mapped(path)); /* the hazard: it says 0 and stays */
}

static void test_libstdcxx_leaves_with_the_version_script(void **state)
{
    struct plugin *plugin = hazard_load(*state, hazard_built("hazards", "libstdcxx"));
    assert_int_equal(hazard_ask(plugin), 1);
    assert_int_equal(hazard_ask(plugin), 2);
    plugin_unload(plugin);
    assert_int_equal(hazard_is_mapped("hazard.libstdcxx"), HAZARD_SANITIZED);
    plugin = hazard_load(*state, hazard_built("hazards", "libstdcxx"));
    if (!HAZARD_SANITIZED)
        assert_int_equal(hazard_ask(plugin), 1); /* its statics are new */
    plugin_unload(plugin);
}

static void test_nodelete_is_tolerated(void **state)
{
    struct plugin *plugin;
    assert_true(stays(*state, "hazards", "marked_nodelete"));
    plugin = hazard_load(*state, hazard_built("hazards", "marked_nodelete"));
    assert_int_equal(hazard_ask(plugin), 3);
    plugin_unload(plugin);
}

struct visit {
    struct plugin *plugin;
    pthread_barrier_t met, leave;
};

static void *visit(void *context)
{
    struct visit *v = context;
    (void)hazard_ask(v->plugin); /* builds the thread's object */
    (void)pthread_barrier_wait(&v->met);
    (void)pthread_barrier_wait(&v->leave);
    return NULL;
}

static void test_thread_local_leaves_at_the_next_sweep(void **state)
{
    struct visit v = {.plugin = hazard_load(*state, hazard_built("hazards", "thread_local"))};
    char path[PLUGIN_PATH_MAX];
    pthread_t thread;
    void *again;
    (void)snprintf(path, sizeof path, "%s", v.plugin->private_path);
    assert_int_equal(pthread_barrier_init(&v.met, NULL, 2), 0);
    assert_int_equal(pthread_barrier_init(&v.leave, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, visit, &v), 0);
    (void)pthread_barrier_wait(&v.met);
    plugin_unload(v.plugin);
    assert_true(hazard_is_mapped(path)); /* the thread lives: its destructor is needed */
    (void)pthread_barrier_wait(&v.leave);
    assert_int_equal(pthread_join(thread, NULL), 0);
    again = dlopen(path, RTLD_NOW | RTLD_NOLOAD); /* the sweep: open what is there, close it */
    if (again)
        assert_int_equal(dlclose(again), 0);
    assert_int_equal(hazard_is_mapped(path), HAZARD_SANITIZED);
    (void)pthread_barrier_destroy(&v.met);
    (void)pthread_barrier_destroy(&v.leave);
}

int main(void)
{
    const struct CMUnitTest tests[] = {HAZARD_TEST(test_sanitizer_builds_unload_nothing),
                                       HAZARD_TEST(test_unique_pins_and_is_refused),
                                       HAZARD_TEST(test_libstdcxx_leaves_with_the_version_script),
                                       HAZARD_TEST(test_nodelete_is_tolerated),
                                       HAZARD_TEST(test_thread_local_leaves_at_the_next_sweep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
