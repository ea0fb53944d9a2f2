/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the policy of a directory refuses before any code of a plugin runs, and with which
 * text: no, bad and foreign signatures; versions below the minimum; files, directories and targets
 * of links that others can change. And what only warns, and what passes.
 */
#include "plugin/policy.h"
#include "plugin/registry.h"
#include "signing.h"

#include <setjmp.h>

#include <cmocka.h>

static char directory[FILES_PATH_MAX], path[FILES_PATH_MAX], signature_path[FILES_PATH_MAX];
static char private_dir[FILES_PATH_MAX], canary[FILES_PATH_MAX];
static struct signer ours, theirs;
static uint8_t *bytes;
static size_t size;

#define COMMENT "name:fixture.good_strategy version:1.0.0 abi:0.1"

/* A good plugin, signed, in a directory of its own. */
static int prepare(void **unused)
{
    char fixture[FILES_PATH_MAX];
    (void)unused;
    files_make_directory(directory);
    files_join(path, directory, "a.so");
    files_join(signature_path, directory, "a.so" SIGNATURE_SUFFIX);
    files_join(private_dir, directory, "private");
    files_join(canary, directory, "canary");
    files_fixture(fixture, "good_strategy.so");
    bytes = files_read(fixture, &size);
    files_write(path, bytes, size);
    signer_init(&ours, 1);
    signer_init(&theirs, 2);
    signer_write(&ours, path, bytes, size, COMMENT);
    (void)setenv("TURRET_CANARY", canary, 1);
    return 0;
}

static int clean_up(void **unused)
{
    (void)unused;
    (void)unsetenv("TURRET_CANARY");
    files_remove_directory(directory);
    free(bytes);
    return 0;
}

static struct plugin_policy policy_of(enum plugin_signing signing)
{
    struct plugin_policy policy = {.signing = signing, .key_count = 1, .keys = {ours.key}};
    (void)snprintf(policy.file, sizeof policy.file, "configs/live.yaml");
    return policy;
}

struct told {
    uint32_t refused, warned;
    char text[sizeof((struct turret_error *)0)->text];
};

static void tell(void *context, const char *which, const struct turret_error *why)
{
    struct told *told = context;
    assert_string_equal(which, strstr(why->text, "the minimum of") ? "configs/live.yaml" : path);
    *(why->code ? &told->refused : &told->warned) += 1;
    (void)snprintf(told->text, sizeof told->text, "%s", why->text);
}

/* Scans; the constructor of a refused plugin has not run. */
static struct told scan(const struct plugin_policy *policy, struct signature_status *signature)
{
    struct registry *registry = NULL;
    struct turret_error err = {0};
    struct told told = {0};
    const struct plugin *plugin;
    const struct plugin_offer *offer;
    uint32_t loaded = 0;
    (void)unlink(canary);
    assert_int_equal(registry_create(&registry, private_dir, &err), TURRET_OK);
    assert_int_equal(registry_scan(registry, directory, policy, tell, &told, &loaded, &err),
                     TURRET_OK);
    assert_int_equal(loaded + told.refused, 1);
    if (!loaded)
        assert_int_not_equal(access(canary, F_OK), 0);
    if (loaded && signature) {
        assert_int_equal(registry_find(registry, TURRET_KIND_STRATEGY, "fixture.good_strategy",
                                       &offer, &plugin, &err),
                         TURRET_OK);
        *signature = plugin->file.signature;
    }
    registry_destroy(registry);
    return told;
}

/* `says` comes behind the path. */
static void is_refused(const struct plugin_policy *policy, const char *says)
{
    struct told told = scan(policy, NULL);
    assert_int_equal(told.refused, 1);
    assert_string_equal(told.text + strlen(path), says);
}

static void passes(const struct plugin_policy *policy)
{
    struct told told = scan(policy, NULL);
    assert_int_equal(told.refused + told.warned, 0);
}

static void a_good_signature_passes(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_REQUIRE);
    struct signature_status signature;
    (void)unused;
    (void)scan(&policy, &signature);
    assert_int_equal(access(canary, F_OK), 0); /* the first load of the program runs it */
    assert_int_equal(signature.state, SIGNATURE_GOOD);
    assert_string_equal(signature.key_name, "1716151413121110");
    assert_string_equal(signature.text, COMMENT);
    policy.signing = PLUGIN_SIGNING_WARN;
    passes(&policy);
    policy.signing = PLUGIN_SIGNING_OFF;
    (void)scan(&policy, &signature);
    assert_int_equal(signature.state, SIGNATURE_UNCHECKED);
    assert_string_equal(signature.key_name, "");
}

static void what_is_not_well_signed_is_refused(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_REQUIRE);
    char large[SIGNATURE_SIZE_MAX + 1] = "";
    (void)unused;
    signer_write(&theirs, path, bytes, size, COMMENT);
    is_refused(&policy, ": signed with key 2726252423222120, which is not pinned; if you trust it, "
                        "add it to the directory's keys");
    signer_write(&ours, path, bytes, size, "name:fixture.other");
    is_refused(&policy, ": its signature is for name:fixture.other, but the file's id is "
                        "fixture.good_strategy; get the signature of this file");
    signer_write(&ours, path, bytes, size - 1, COMMENT);
    is_refused(&policy, ": the file was changed after key 1716151413121110 signed it; get it "
                        "again");
    files_write(signature_path, "", 0);
    is_refused(&policy, ": its signature file is empty; sign it again");
    files_write(signature_path, large, sizeof large);
    struct told told = scan(&policy, NULL);
    assert_non_null(strstr(told.text, "its signature cannot be read: "));
    assert_non_null(strstr(told.text, "a.so.minisig: 4097 bytes, a signature has at most 4096"));
    assert_int_equal(unlink(signature_path), 0);
    assert_int_equal(mkfifo(signature_path, 0600), 0); /* nobody writes, nobody waits */
    assert_non_null(strstr(scan(&policy, NULL).text, "a.so.minisig: not a regular file"));
    assert_int_equal(unlink(signature_path), 0);
    is_refused(&policy, ": not signed: there is no a.so.minisig beside it; its author makes one "
                        "with minisign -Sm a.so");
}

static void a_damaged_signed_file_is_told_as_changed(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_REQUIRE);
    (void)unused;
    bytes[0] ^= 1; /* no ELF any more: that it was changed is the better news */
    files_write(path, bytes, size);
    is_refused(&policy, ": the file was changed after key 1716151413121110 signed it; get it "
                        "again");
}

static void warn_only_tells(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_WARN);
    struct signature_status signature;
    (void)unused;
    signer_write(&theirs, path, bytes, size, COMMENT);
    struct told told = scan(&policy, &signature);
    assert_int_equal(told.warned, 1);
    assert_string_equal(told.text + strlen(path),
                        ": signed with key 2726252423222120, which is not pinned; if you trust it, "
                        "add it to the directory's keys; loaded, as only signature: warn is asked");
    assert_int_equal(signature.state, SIGNATURE_BAD);
    assert_string_equal(signature.key_name, "2726252423222120");
    signer_write(&ours, path, bytes, size, "abi:7.0");
    told = scan(&policy, &signature);
    assert_int_equal(told.warned, 1);
    assert_int_equal(signature.state, SIGNATURE_BAD);
    assert_int_equal(unlink(signature_path), 0);
    told = scan(&policy, &signature);
    assert_int_equal(told.warned, 1);
    assert_int_equal(signature.state, SIGNATURE_MISSING);
    bytes[0] ^= 1;
    files_write(path, bytes, size); /* no plugin at all: refused, and said once */
    told = scan(&policy, NULL);
    assert_int_equal(told.refused, 1);
    assert_int_equal(told.warned, 0);
}

/* ---- versions ---- */

static void versions_are_compared_by_numbers(void **unused)
{
    static const struct {
        const char *left, *right;
        int order; /* 9: cannot be compared */
    } cases[] = {
        {"1.2.0", "1.2.0", 0},
        {"1.2", "1.2.0", 0},
        {"1.10", "1.9", 1},
        {"1.1.9", "1.2.0", -1},
        {"01.002", "1.2", 0},
        {"0", "0.0.0", 0},
        {"2", "1.99999999999999999999999", 1},
        {"1.99999999999999999999999", "1.99999999999999999999998", 1},
        {"10000000000000000000000", "9999999999999999999999", 1},
        {"1.2.0-rc1", "1.2.0", 9},
        {"v1", "1", 9},
        {"1.", "1", 9},
        {".1", "1", 9},
        {"1..2", "1", 9},
        {"", "1", 9},
        {"2.x", "1", 9},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int order = 5, back = 5;
        bool can = policy_compare_versions(cases[i].left, cases[i].right, &order);
        assert_int_equal(can, policy_compare_versions(cases[i].right, cases[i].left, &back));
        assert_int_equal(can, cases[i].order != 9);
        if (can) {
            assert_int_equal(order, cases[i].order);
            assert_int_equal(back, -cases[i].order);
        }
    }
}

static void older_than_the_minimum_is_refused(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_OFF);
    (void)unused;
    policy.minimum_count = 2;
    policy.minimums[0] = (struct plugin_minimum){"fixture.other", "9", 11};
    policy.minimums[1] = (struct plugin_minimum){"fixture.good_strategy", "1.0.1", 12};
    is_refused(&policy, ": fixture.good_strategy 1.0.0 is older than the minimum 1.0.1 of "
                        "configs/live.yaml:12");
    policy.signing = PLUGIN_SIGNING_REQUIRE; /* a good signature does not make it newer */
    is_refused(&policy, ": fixture.good_strategy 1.0.0 is older than the minimum 1.0.1 of "
                        "configs/live.yaml:12");
    memcpy(policy.minimums[1].version, "1.0", sizeof "1.0");
    passes(&policy);
    policy.signing = PLUGIN_SIGNING_OFF;
    files_replace(bytes, size, "1.0.0", "1.0-a");
    files_write(path, bytes, size);
    is_refused(&policy, ": fixture.good_strategy 1.0-a cannot be compared with the minimum 1.0 of "
                        "configs/live.yaml:12, its version is not numbers and dots");
}

static void a_mistyped_minimum_is_told(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_OFF);
    (void)unused;
    policy.minimum_count = 2;
    policy.minimums[0] = (struct plugin_minimum){"fixture.good_stratgy", "9", 12};
    policy.minimums[1] = (struct plugin_minimum){"acme.not_installed", "9", 13};
    struct told told = scan(&policy, NULL);
    assert_int_equal(told.refused, 0);
    assert_int_equal(told.warned, 1);
    assert_string_equal(told.text, "configs/live.yaml:12: the minimum of fixture.good_stratgy is "
                                   "for no plugin that is loaded; did you mean "
                                   "'fixture.good_strategy'?");
}

/* ---- who can write ---- */

static void files_others_can_change_are_refused(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_REQUIRE);
    char says[2 * FILES_PATH_MAX];
    (void)unused;
    assert_int_equal(chmod(path, 0646), 0);
    (void)snprintf(says, sizeof says,
                   ": everybody can write to it (mode 646); chmod go-w %.120s, or say writable: "
                   "allow for the directory",
                   path);
    is_refused(&policy, says);
    policy.allow_writable = true;
    passes(&policy);
    assert_int_equal(chmod(path, 0644), 0);
    policy.allow_writable = false;
    passes(&policy);
    if (geteuid() != 0)
        return; /* others' files and groups are root's to give */
    assert_int_equal(chown(path, 65534, 0), 0);
    is_refused(&policy, ": belongs to user 65534, who could change it; chown it to root or to user "
                        "0, who runs this host, or say writable: allow for the directory");
    assert_int_equal(chown(path, 0, 65534) + chmod(path, 0664), 0);
    assert_non_null(strstr(scan(&policy, NULL).text, ": its group can write to it (mode 664)"));
    assert_int_equal(chown(path, 0, 0), 0); /* root's own group, which nobody else is in */
    passes(&policy);
}

static void directories_others_can_write_to_are_refused(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_OFF);
    struct registry *registry = NULL;
    struct turret_error err = {0}, one = {0};
    char says[3 * FILES_PATH_MAX];
    uint32_t loaded = 9;
    (void)unused;
    assert_int_equal(registry_create(&registry, private_dir, NULL), TURRET_OK);
    assert_int_equal(chmod(directory, 01777), 0); /* sticky or not: files can be added */
    (void)snprintf(says, sizeof says,
                   "%s: everybody can write to it (mode 1777); chmod go-w %.120s, or say writable: "
                   "allow for the directory",
                   directory, directory);
    assert_int_equal(registry_scan(registry, directory, &policy, tell, NULL, &loaded, &err),
                     TURRET_EDENIED);
    assert_string_equal(err.text, says);
    assert_int_equal(loaded, 0);
    assert_int_equal(registry_load(registry, path, NULL, &one), TURRET_EDENIED);
    assert_string_equal(one.text, says);
    assert_int_not_equal(access(canary, F_OK), 0);
    policy.allow_writable = true;
    assert_int_equal(registry_load(registry, path, &policy, NULL), TURRET_OK);
    registry_destroy(registry);
}

/* A link in a safe directory to a plugin in one that is not. */
static void links_are_followed(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_OFF);
    char open_directory[FILES_PATH_MAX], target[FILES_PATH_MAX];
    (void)unused;
    files_join(open_directory, directory, "open");
    files_join(target, open_directory, "target.so");
    assert_int_equal(mkdir(open_directory, 0700), 0);
    files_write(target, bytes, size);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(target, path), 0);
    passes(&policy);
    assert_int_equal(chmod(open_directory, 0777), 0);
    struct told told = scan(&policy, NULL);
    assert_int_equal(told.refused, 1);
    assert_non_null(strstr(told.text, "/open: everybody can write to it (mode 777); chmod go-w"));
}

/* What is in the private directory runs, so it has to be private. */
static void the_private_directory_is_private(void **unused)
{
    struct registry *registry = NULL;
    struct turret_error err = {0}, late = {0};
    (void)unused;
    assert_int_equal(mkdir(private_dir, 0700), 0);
    assert_int_equal(registry_create(&registry, private_dir, NULL), TURRET_OK);
    assert_int_equal(chmod(private_dir, 0777), 0);
    assert_int_equal(registry_load(registry, path, NULL, &late), TURRET_EDENIED);
    assert_non_null(strstr(late.text, "a.so: private copy: "));
    assert_non_null(strstr(late.text, "private: everybody can write to it (mode 777)"));
    registry_destroy(registry);
    assert_int_equal(registry_create(&registry, private_dir, &err), TURRET_EDENIED);
    assert_non_null(strstr(err.text, "private: everybody can write to it (mode 777); chmod go-w"));
}

/* A copy that is there already is only used when it is right and nobody else can change it. */
static void copies_left_behind_are_not_trusted(void **unused)
{
    struct plugin_policy policy = policy_of(PLUGIN_SIGNING_REQUIRE);
    struct plugin_file file;
    struct registry *registry = NULL;
    const struct plugin *plugin = NULL;
    char first[FILES_PATH_MAX], second[FILES_PATH_MAX], third[FILES_PATH_MAX], name[160];
    (void)unused;
    assert_int_equal(plugin_inspect(path, &file, NULL), TURRET_OK);
    assert_int_equal(mkdir(private_dir, 0700), 0);
    (void)snprintf(name, sizeof name, "%s-%s.so", file.note.id, file.build_id);
    files_join(first, private_dir, name);
    (void)snprintf(name, sizeof name, "%s-%s.2.so", file.note.id, file.build_id);
    files_join(second, private_dir, name);
    (void)snprintf(name, sizeof name, "%s-%s.3.so", file.note.id, file.build_id);
    files_join(third, private_dir, name);
    bytes[size - 1] ^= 1;
    files_write(first, bytes, size); /* other bytes */
    bytes[size - 1] ^= 1;
    files_write(second, bytes, size); /* the right ones, for now */
    assert_int_equal(chmod(second, 0666), 0);
    assert_int_equal(registry_create(&registry, private_dir, NULL), TURRET_OK);
    assert_int_equal(registry_load(registry, path, &policy, NULL), TURRET_OK);
    assert_int_equal(
        registry_find(registry, TURRET_KIND_STRATEGY, "good_strategy", NULL, &plugin, NULL),
        TURRET_OK);
    assert_string_equal(plugin->private_path, third);
    registry_destroy(registry);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, clean_up)
    const struct CMUnitTest tests[] = {
        TEST(a_good_signature_passes),
        TEST(what_is_not_well_signed_is_refused),
        TEST(a_damaged_signed_file_is_told_as_changed),
        TEST(warn_only_tells),
        TEST(versions_are_compared_by_numbers),
        TEST(older_than_the_minimum_is_refused),
        TEST(a_mistyped_minimum_is_told),
        TEST(files_others_can_change_are_refused),
        TEST(directories_others_can_write_to_are_refused),
        TEST(links_are_followed),
        TEST(the_private_directory_is_private),
        TEST(copies_left_behind_are_not_trusted),
    };
    (void)umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
