/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazard: a thread, a signal handler or a pthread key left behind calls code that is gone. In the
 * process of the host this cannot be survived, which is shown here; that it is refused before it is
 * loaded is in test_offline.py.
 */
#include "hazards.h"

#include <pthread.h>
#include <signal.h>

static void load_and_unload(const struct hazard *h, const char *name)
{
    struct plugin *plugin = NULL;
    if (plugin_load(hazard_built("hostile", name), h->private_dir, &plugin, NULL))
        _exit(9);
    plugin_unload(plugin);
}

static void leave_handler(const struct hazard *h)
{
    load_and_unload(h, "signal_handler");
    (void)raise(SIGUSR1);
}

static void *use_key(void *context)
{
    load_and_unload(context, "pthread_key");
    return NULL; /* the key's destructor is called now */
}

static void leave_key(const struct hazard *h)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, use_key, (void *)(uintptr_t)h) != 0)
        _exit(9);
    (void)pthread_join(thread, NULL);
}

static void leave_thread(const struct hazard *h)
{
    load_and_unload(h, "thread_left");
    (void)pause(); /* until that thread wakes up in code that is gone */
}

static void test_what_is_left_behind_kills(void **state)
{
    if (HAZARD_SANITIZED)
        skip(); /* nothing is unloaded there */
    assert_int_equal(hazard_signal_of(*state, leave_handler), SIGSEGV);
    assert_int_equal(hazard_signal_of(*state, leave_key), SIGSEGV);
    assert_int_equal(hazard_signal_of(*state, leave_thread), SIGSEGV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {HAZARD_TEST(test_what_is_left_behind_kills)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
