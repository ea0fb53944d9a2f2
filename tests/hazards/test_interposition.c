/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazard: a function of another library takes the place of one's own by its name. Cure: plugins are
 * loaded RTLD_LOCAL, export one symbol and are linked -Bsymbolic; the host exports nothing.
 */
#include "hazards.h"

typedef int ask_fn(void);

static int ask(void *handle)
{
    ask_fn *function = NULL;
    void *symbol = dlsym(handle, "hazard_ask");
    assert_non_null(symbol);
    memcpy(&function, &symbol, sizeof function);
    return function();
}

static void test_the_hazard_is_real(void **state)
{
    void *first = dlopen(hazard_built("hazards", "exported_a"), RTLD_NOW | RTLD_GLOBAL);
    void *second = dlopen(hazard_built("hazards", "exported_b"), RTLD_NOW | RTLD_LOCAL);
    (void)state;
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(ask(second), 1); /* its own says 2 */
    (void)dlclose(second);
    (void)dlclose(first);
}

static void test_plugins_call_their_own(void **state)
{
    const struct hazard *h = *state;
    void *global = dlopen(hazard_built("hazards", "exported_b"), RTLD_NOW | RTLD_GLOBAL);
    struct plugin *a = hazard_load(h, hazard_built("hazards", "marked_a"));
    struct plugin *b = hazard_load(h, hazard_built("hazards", "marked_b"));
    assert_non_null(global);
    assert_int_equal(hazard_ask(a), 1);
    assert_int_equal(hazard_ask(b), 2);
    assert_null(dlsym(RTLD_DEFAULT, TURRET_ENTRY_SYMBOL)); /* nobody sees a plugin's entry */
    plugin_unload(b);
    plugin_unload(a);
    (void)dlclose(global);
}

int main(void)
{
    const struct CMUnitTest tests[] = {HAZARD_TEST(test_the_hazard_is_real),
                                       HAZARD_TEST(test_plugins_call_their_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
