/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the registry finds and how it says that it does not: a scan in name order, duplicates
 * refused before they run, short names, ambiguity, suggestions, instances with health, services,
 * and the limits of each.
 */
#include "plugin/registry.h"

#include "plugin_files.h"

#include <setjmp.h>

#include <cmocka.h>

static char directory[FILES_PATH_MAX], private_dir[FILES_PATH_MAX];

static int set_up(void **state)
{
    struct registry *registry = NULL;
    files_make_directory(directory);
    files_join(private_dir, directory, "private");
    files_must(registry_create(&registry, private_dir, NULL) == TURRET_OK, "registry", "create");
    *state = registry;
    return 0;
}

static int tear_down(void **state)
{
    registry_destroy(*state);
    files_remove_directory(directory);
    return 0;
}

/* A fixture under another name in the test's directory. */
static void place(const char *fixture, const char *name)
{
    char from[FILES_PATH_MAX], to[FILES_PATH_MAX];
    files_fixture(from, fixture);
    files_join(to, directory, name);
    files_must(symlink(from, to) == 0, "cannot link", to);
}

/* good_strategy.so with its id's vendor exchanged; all have seven letters. */
static void place_vendor(const char *vendor, const char *name)
{
    char from[FILES_PATH_MAX], to[FILES_PATH_MAX], id[32];
    size_t size;
    files_fixture(from, "good_strategy.so");
    files_join(to, directory, name);
    uint8_t *bytes = files_read(from, &size);
    (void)snprintf(id, sizeof id, "%s.good_strategy", vendor);
    files_replace(bytes, size, "fixture.good_strategy", id);
    files_write(to, bytes, size);
    free(bytes);
}

/* What a scan refused, one line each: file name, tab, text. */
struct refusals {
    char names[256];
    struct turret_error last;
};

static void refused(void *context, const char *path, const struct turret_error *why)
{
    struct refusals *refusals = context;
    size_t length = strlen(refusals->names);
    (void)snprintf(refusals->names + length, sizeof refusals->names - length, "%s ",
                   strrchr(path, '/') + 1);
    refusals->last = *why;
}

static int collect_id(void *context, const struct plugin *plugin, const struct plugin_offer *offer)
{
    char *ids = context;
    size_t length = strlen(ids);
    assert_non_null(plugin);
    (void)snprintf(ids + length, 256 - length, "%s ", plugin_offer_id(offer));
    return strstr(ids, "stop") ? 7 : 0;
}

static uint32_t scan(struct registry *registry, struct refusals *refusals)
{
    struct turret_error err = {0};
    uint32_t loaded = 99;
    memset(refusals, 0, sizeof *refusals);
    int status = registry_scan(registry, directory, NULL, refused, refusals, &loaded, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, TURRET_OK);
    return loaded;
}

static void test_scan(void **state)
{
    struct refusals refusals;
    char ids[256] = "", text[FILES_PATH_MAX];
    place("good_strategy.so", "b.so");
    place("good_indicator.so", "a.so");
    place("note_missing.so", "c.so");
    place("text.so", "Z.so");
    place("good_broker.so", "d.so");
    place("text.so", "notes.txt");
    place("good_strategy.so", "b.so.old");
    place("good_strategy.so", ".so");
    assert_int_equal(scan(*state, &refusals), 3);
    assert_string_equal(refusals.names, "Z.so c.so "); /* strcmp order */
    files_join(text, directory, "c.so: no Turret note");
    assert_memory_equal(refusals.last.text, text, strlen(text));
    assert_int_equal(registry_each(*state, ~0u, collect_id, ids), 0);
    assert_string_equal(ids, "fixture.good_broker fixture.good_indicator fixture.good_strategy ");
    ids[0] = '\0';
    assert_int_equal(
        registry_each(*state, TURRET_KIND_STRATEGY | TURRET_KIND_BROKER, collect_id, ids), 0);
    assert_string_equal(ids, "fixture.good_broker fixture.good_strategy ");
    (void)snprintf(ids, sizeof ids, "stop ");
    assert_int_equal(registry_each(*state, ~0u, collect_id, ids), 7);
    assert_string_equal(ids, "stop fixture.good_broker ");
}

static void test_scan_of_no_directory(void **state)
{
    struct turret_error err = {0};
    char missing[FILES_PATH_MAX];
    uint32_t loaded = 99;
    files_join(missing, directory, "missing");
    assert_int_equal(registry_scan(*state, missing, NULL, refused, NULL, &loaded, &err),
                     TURRET_ENOTFOUND);
    assert_memory_equal(err.text, missing, strlen(missing));
    assert_int_equal(loaded, 0);
}

static void test_duplicate_is_refused_before_it_runs(void **state)
{
    struct refusals refusals;
    char canary[FILES_PATH_MAX], expected[4 * FILES_PATH_MAX];
    place("duplicate_id_a.so", "a.so");
    assert_int_equal(scan(*state, &refusals), 1);
    place("duplicate_id_b.so", "b.so");
    files_join(canary, directory, "canary");
    (void)setenv("TURRET_CANARY", canary, 1);
    assert_int_equal(scan(*state, &refusals), 0);
    (void)unsetenv("TURRET_CANARY");
    assert_string_equal(refusals.names, "a.so b.so ");
    assert_int_equal(refusals.last.code, TURRET_EEXIST);
    (void)snprintf(expected, sizeof expected,
                   "%s/b.so: duplicate plugin id fixture.duplicate in %s/a.so and %s/b.so; "
                   "remove one",
                   directory, directory, directory);
    assert_string_equal(refusals.last.text, expected);
    assert_int_not_equal(access(canary, F_OK), 0);
}

static void test_find(void **state)
{
    struct refusals refusals;
    struct turret_error err = {0};
    const struct plugin_offer *whole = NULL, *part = NULL;
    const struct plugin *plugin = NULL;
    place("good_strategy.so", "strategy.so");
    place("good_indicator.so", "indicator.so");
    assert_int_equal(scan(*state, &refusals), 2);
    assert_int_equal(
        registry_find(*state, TURRET_KIND_STRATEGY, "fixture.good_strategy", &whole, &plugin, &err),
        TURRET_OK);
    assert_int_equal(
        registry_find(*state, TURRET_KIND_STRATEGY, "good_strategy", &part, NULL, &err), TURRET_OK);
    assert_ptr_equal(whole, part);
    assert_ptr_equal(whole, &plugin->offers[0]);
    assert_int_equal(whole->kind, TURRET_KIND_STRATEGY);
    assert_int_equal(registry_find(*state, TURRET_KIND_STRATEGY, "good_stratgey", NULL, NULL, &err),
                     TURRET_ENOTFOUND);
    assert_string_equal(err.text, "no strategy 'good_stratgey'; did you mean 'good_strategy'? "
                                  "(there are: fixture.good_strategy)");
    memset(&err, 0, sizeof err);
    assert_int_equal(registry_find(*state, TURRET_KIND_STRATEGY, "macd", NULL, NULL, &err),
                     TURRET_ENOTFOUND);
    assert_string_equal(err.text, "no strategy 'macd' (there are: fixture.good_strategy)");
    /* A kind is not the other. */
    assert_int_equal(
        registry_find(*state, TURRET_KIND_INDICATOR, "good_strategy", NULL, NULL, NULL),
        TURRET_ENOTFOUND);
    memset(&err, 0, sizeof err);
    assert_int_equal(registry_find(*state, TURRET_KIND_BROKER, "sim", NULL, NULL, &err),
                     TURRET_ENOTFOUND);
    assert_string_equal(err.text, "no broker adapter 'sim': no broker adapter is loaded at all");
}

static void test_ambiguous_name(void **state)
{
    struct refusals refusals;
    struct turret_error err = {0};
    const struct plugin_offer *offer = NULL;
    place("good_strategy.so", "a.so");
    place_vendor("another", "b.so");
    assert_int_equal(scan(*state, &refusals), 2);
    assert_int_equal(
        registry_find(*state, TURRET_KIND_STRATEGY, "good_strategy", &offer, NULL, &err),
        TURRET_EEXIST);
    assert_null(offer);
    assert_non_null(strstr(err.text, "another.good_strategy in "));
    assert_non_null(strstr(err.text, "fixture.good_strategy in "));
    assert_int_equal(
        registry_find(*state, TURRET_KIND_STRATEGY, "another.good_strategy", &offer, NULL, NULL),
        TURRET_OK);
    assert_string_equal(plugin_offer_id(offer), "another.good_strategy");
}

static void test_long_list_stays_one_text(void **state)
{
    struct refusals refusals;
    struct turret_error err = {0};
    for (int i = 0; i < 20; i++) {
        char vendor[8], name[16];
        (void)snprintf(vendor, sizeof vendor, "vendo%02d", i % 100);
        (void)snprintf(name, sizeof name, "%02d.so", i);
        place_vendor(vendor, name);
    }
    assert_int_equal(scan(*state, &refusals), 20);
    assert_int_equal(registry_find(*state, TURRET_KIND_STRATEGY, "x.y", NULL, NULL, &err),
                     TURRET_ENOTFOUND);
    assert_non_null(strstr(err.text, "there are: vendo00.good_strategy, vendo01.good_strategy"));
    assert_non_null(strstr(err.text, " and 9 more"));
}

static int count_instance(void *context, const struct registry_instance *instance)
{
    ++*(uint32_t *)context;
    return strcmp(instance->name, "strategy 5") == 0 ? 5 : 0;
}

static void test_instances(void **state)
{
    struct refusals refusals;
    struct turret_error err = {0};
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct registry_instance *first = NULL, *other = NULL;
    uint32_t count = 0;
    place("good_strategy.so", "strategy.so");
    (void)scan(*state, &refusals);
    assert_int_equal(
        registry_find(*state, TURRET_KIND_STRATEGY, "good_strategy", &offer, &plugin, &err), 0);
    assert_int_equal(registry_add_instance(*state, "strategy 0", plugin, offer, &first, &err), 0);
    assert_int_equal(first->kind, TURRET_KIND_STRATEGY);
    assert_int_equal(first->health, HEALTH_STARTING);
    assert_int_equal(registry_add_instance(*state, "strategy 0", plugin, offer, &other, &err),
                     TURRET_EEXIST);
    assert_null(other);
    assert_non_null(strstr(err.text, "'strategy 0' exists already"));
    for (int i = 1; i < REGISTRY_INSTANCES_MAX; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "strategy %d", i);
        assert_int_equal(registry_add_instance(*state, name, plugin, offer, NULL, NULL), 0);
    }
    assert_int_equal(registry_add_instance(*state, "one more", plugin, offer, NULL, NULL),
                     TURRET_ELIMIT);
    assert_ptr_equal(registry_find_instance(*state, "strategy 0"), first);
    assert_null(registry_find_instance(*state, "one more"));
    assert_int_equal(registry_each_instance(*state, count_instance, &count), 5);
    assert_int_equal(count, 6);
}

static void test_instance_names_and_health(void **state)
{
    struct registry_instance *instance = NULL;
    char name[49], reason[400];
    memset(name, 'n', sizeof name);
    name[48] = '\0';
    assert_int_equal(registry_add_instance(*state, name, NULL, NULL, NULL, NULL), TURRET_ELIMIT);
    assert_int_equal(registry_add_instance(*state, "", NULL, NULL, NULL, NULL), TURRET_ELIMIT);
    name[47] = '\0';
    assert_int_equal(registry_add_instance(*state, name, NULL, NULL, &instance, NULL), TURRET_OK);
    assert_string_equal(instance->name, name);
    registry_set_health(instance, HEALTH_FAULT, "answered\nNaN");
    assert_int_equal(instance->health, HEALTH_FAULT);
    assert_string_equal(instance->reason, "answered NaN");
    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    registry_set_health(instance, HEALTH_DEGRADED, reason);
    assert_int_equal(strlen(instance->reason), sizeof instance->reason - 1);
    registry_set_health(instance, HEALTH_READY, "not shown");
    assert_string_equal(instance->reason, "");
    assert_string_equal(registry_health_name(HEALTH_STARTING), "starting");
    assert_string_equal(registry_health_name(HEALTH_READY), "ready");
    assert_string_equal(registry_health_name(HEALTH_DEGRADED), "degraded");
    assert_string_equal(registry_health_name(HEALTH_FAULT), "fault");
    assert_string_equal(registry_health_name(HEALTH_STOPPED), "stopped");
}

static void test_services(void **state)
{
    struct turret_error err = {0};
    int clock, other;
    char name[16];
    assert_null(registry_service(*state, "clock"));
    assert_int_equal(registry_provide(*state, "clock", &clock, &err), TURRET_OK);
    assert_int_equal(registry_provide(*state, "clock", &other, &err), TURRET_EEXIST);
    assert_ptr_equal(registry_service(*state, "clock"), &clock);
    for (int i = 1; i < REGISTRY_SERVICES_MAX; i++) {
        (void)snprintf(name, sizeof name, "service %d", i);
        assert_int_equal(registry_provide(*state, name, &other, NULL), TURRET_OK);
    }
    assert_int_equal(registry_provide(*state, "one more", &other, NULL), TURRET_ELIMIT);
    assert_null(registry_service(*state, "one more"));
}

static void test_private_directory(void **unused)
{
    struct registry *registry = NULL;
    struct turret_error err = {0};
    char open[FILES_PATH_MAX];
    (void)unused;
    files_join(open, directory, "open");
    assert_int_equal(mkdir(open, 0700), 0);
    assert_int_equal(chmod(open, 0777), 0);
    assert_int_equal(registry_create(&registry, open, &err), TURRET_EDENIED);
    assert_non_null(strstr(err.text, "mode 777"));
    assert_int_equal(registry_create(&registry, "", NULL), TURRET_EINVAL);
    assert_null(registry);
    registry_destroy(NULL);
}

#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(test_scan),
        WITH_REGISTRY(test_scan_of_no_directory),
        WITH_REGISTRY(test_duplicate_is_refused_before_it_runs),
        WITH_REGISTRY(test_find),
        WITH_REGISTRY(test_ambiguous_name),
        WITH_REGISTRY(test_long_list_stays_one_text),
        WITH_REGISTRY(test_instances),
        WITH_REGISTRY(test_instance_names_and_health),
        WITH_REGISTRY(test_services),
        WITH_REGISTRY(test_private_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
