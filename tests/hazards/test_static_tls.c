/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazard: initial-exec thread-local storage comes out of a small reserve; after some copies no
 * further plugin of that kind loads, and a hot swap makes copies. That such a file is refused
 * before it is loaded is in test_offline.py.
 */
#include "hazards.h"

#define COPIES_MAX 4096

static void test_the_reserve_ends(void **state)
{
    const struct hazard *h = *state;
    void *handles[COPIES_MAX];
    int count = 0;
    while (count < COPIES_MAX) {
        const char *path = hazard_path(h, "copy.so");
        (void)unlink(path); /* a new inode and, below, a new name */
        hazard_copy(hazard_built("hazards", "static_tls"), path);
        {
            char name[32];
            const char *own;
            (void)snprintf(name, sizeof name, "copy-%d.so", count);
            own = hazard_path(h, name);
            assert_int_equal(rename(path, own), 0);
            handles[count] = dlopen(own, RTLD_NOW | RTLD_LOCAL);
        }
        if (!handles[count])
            break;
        count++;
    }
    assert_true(count < 64); /* 13 when the hazard was measured */
    assert_non_null(strstr(dlerror(), "static TLS"));
    while (count > 0)
        (void)dlclose(handles[--count]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {HAZARD_TEST(test_the_reserve_ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
