/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazards: dlopen() knows files by path and inode, so that a new build at the same path, behind a
 * hard link or behind the same /proc/self/fd number is answered with the old code. Cure: every
 * content gets a real file of its own.
 */
#include "hazards.h"

static void test_a_name_in_use_gives_old_code(void **state)
{
    const struct hazard *h = *state;
    const char *path = hazard_path(h, "bare.so"), *other = hazard_path(h, "linked.so");
    void *first, *second, *third;
    hazard_copy(hazard_built("hazards", "exported_a"), path);
    first = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(first);
    assert_int_equal(link(path, other), 0);
    second = dlopen(other, RTLD_NOW | RTLD_LOCAL);
    assert_ptr_equal(second, first); /* the same inode */
    assert_int_equal(unlink(path), 0);
    hazard_copy(hazard_built("hazards", "exported_b"), path);
    third = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_ptr_equal(third, first); /* the same name, though another file */
    (void)dlclose(first);
    (void)dlclose(second);
    (void)dlclose(third);
}

static void test_a_descriptor_number_gives_old_code(void **state)
{
    char path[32];
    void *first, *second;
    int fd = open(hazard_built("hazards", "exported_a"), O_RDONLY | O_CLOEXEC), again;
    (void)state;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    first = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(first);
    again = open(hazard_built("hazards", "exported_b"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(dup2(again, fd), fd);
    second = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_ptr_equal(second, first);
    (void)dlclose(first);
    (void)dlclose(second);
    (void)close(fd);
    (void)close(again);
}

/* Loads what is at `path` now, beside what was there. */
static void expect_new_code(const struct hazard *h, const char *path, struct plugin *old)
{
    struct plugin *plugin = hazard_load(h, path);
    assert_int_equal(hazard_ask(plugin), 2);
    assert_int_equal(hazard_ask(old), 1);
    assert_string_not_equal(plugin->private_path, old->private_path);
    plugin_unload(plugin);
    assert_int_equal(hazard_ask(old), 1);
}

static void test_the_loader_gives_new_code(void **state)
{
    const struct hazard *h = *state;
    const char *path = hazard_path(h, "plugin.so"), *other = hazard_path(h, "linked.so");
    struct plugin *old;
    hazard_copy(hazard_built("hazards", "marked_a"), path);
    old = hazard_load(h, path);
    assert_int_equal(link(path, other), 0);
    hazard_copy(hazard_built("hazards", "marked_b"), path); /* in place: the same inode */
    expect_new_code(h, path, old);
    expect_new_code(h, other, old);
    assert_int_equal(unlink(path), 0);
    hazard_copy(hazard_built("hazards", "marked_b"), path); /* another inode, the same name */
    expect_new_code(h, path, old);
    plugin_unload(old);
}

static void test_descriptor_paths_give_new_code(void **state)
{
    const struct hazard *h = *state;
    char path[32];
    int fd = open(hazard_built("hazards", "marked_a"), O_RDONLY | O_CLOEXEC), again;
    struct plugin *old;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    old = hazard_load(h, path);
    again = open(hazard_built("hazards", "marked_b"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(dup2(again, fd), fd);
    expect_new_code(h, path, old);
    assert_null(strstr(old->private_path, "/proc/"));
    plugin_unload(old);
    (void)close(fd);
    (void)close(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {HAZARD_TEST(test_a_name_in_use_gives_old_code),
                                       HAZARD_TEST(test_a_descriptor_number_gives_old_code),
                                       HAZARD_TEST(test_the_loader_gives_new_code),
                                       HAZARD_TEST(test_descriptor_paths_give_new_code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
