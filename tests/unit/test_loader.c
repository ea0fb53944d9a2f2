/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that every malformed plugin of tests/abi/fixtures.tsv is refused with its own code and text
 * and without running any of its code when the file alone shows it; what the private copies are
 * called and contain, with several hosts too.
 *
 * Each fixture is loaded in a child process, so that a crash is the failure of that fixture.
 */
#include "plugin/loader.h"
#include "plugin/registry.h"

#include "plugin_files.h"

#include <setjmp.h>
#include <strings.h>
#include <sys/wait.h>

#include <cmocka.h>

#define CASES_MAX 256

struct fixture {
    char file[64], status[24], phrase[96], stage[8];
};

static char directory[FILES_PATH_MAX];

static int make_directory(void **unused)
{
    (void)unused;
    files_make_directory(directory);
    return 0;
}

static int remove_directory(void **unused)
{
    (void)unused;
    files_remove_directory(directory);
    return 0;
}

static void in_directory(char path[FILES_PATH_MAX], const char *name)
{
    files_join(path, directory, name);
}

/* ---- the table of fixtures ---- */

static int code_of(const char *name)
{
#define CODE(code)                                                                                 \
    {                                                                                              \
#code, code                                                                                \
    }
    static const struct {
        const char *name;
        int code;
    } codes[] = {
        CODE(TURRET_OK),       CODE(TURRET_EINVAL),  CODE(TURRET_ENOTFOUND), CODE(TURRET_EEXIST),
        CODE(TURRET_ESTATE),   CODE(TURRET_ENOTSUP), CODE(TURRET_ELIMIT),    CODE(TURRET_EDENIED),
        CODE(TURRET_EVERSION), CODE(TURRET_EIO),     CODE(TURRET_EFAULT),
    };
#undef CODE
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i].name, name) == 0)
            return codes[i].code;
    files_must(false, "fixtures.tsv: unknown status", name);
    return 0;
}

static size_t read_fixtures(struct fixture fixtures[CASES_MAX])
{
    char path[FILES_PATH_MAX], line[512];
    size_t count = 0;
    files_join(path, files_environment("TURRET_SOURCE"), "tests/abi/fixtures.tsv");
    FILE *file = fopen(path, "r");
    files_must(file != NULL, "cannot open", path);
    while (fgets(line, sizeof line, file)) {
        struct fixture *f = &fixtures[count];
        if (line[0] == '#' || line[0] == '\n')
            continue;
        files_must(count < CASES_MAX, "too many lines", path);
        files_must(sscanf(line, "%63[^\t]\t%23[^\t]\t%95[^\t]\t%7[^\n]", f->file, f->status,
                          f->phrase, f->stage) == 4,
                   "not four columns", line);
        /* The superuser may read every file. */
        if (geteuid() != 0 || strcmp(f->file, "unreadable.so") != 0)
            count++;
    }
    (void)fclose(file);
    return count;
}

/* Loads one fixture into the registry; what is wrong with the answer, or NULL. */
static const char *try_fixture(struct registry *registry, const struct fixture *fixture,
                               struct turret_error *why)
{
    char path[FILES_PATH_MAX], canary[FILES_PATH_MAX];
    in_directory(canary, "canary");
    (void)unlink(canary);
    (void)setenv("TURRET_CANARY", canary, 1);
    files_fixture(path, fixture->file);
    int status = registry_load(registry, path, NULL, why);
    (void)unsetenv("TURRET_CANARY");
    bool ran = access(canary, F_OK) == 0;
    if (status != code_of(fixture->status))
        return "another status";
    if (status == TURRET_OK)
        return ran || strncmp(fixture->file, "cxx_", 4) == 0 ? NULL : "its constructor did not run";
    if (status != why->code)
        return "answer and error differ";
    if (strncmp(why->text, path, strlen(path)) != 0 || why->text[strlen(path)] != ':')
        return "does not begin with the path";
    if (!strcasestr(why->text + strlen(path), fixture->phrase))
        return "the phrase is missing";
    if (strpbrk(why->text, "\n\r") || strlen(why->text) + 1 >= sizeof why->text)
        return "not one whole line";
    if (strstr(why->text, directory))
        return "names the private copy, which nobody knows";
    if (ran && strcmp(fixture->stage, "before") == 0)
        return "its constructor ran";
    return NULL;
}

static bool passes(struct registry *registry, const struct fixture *fixture)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    files_must(child >= 0, "cannot fork", fixture->file);
    if (child == 0) {
        struct turret_error why = {0};
        const char *wrong = try_fixture(registry, fixture, &why);
        if (wrong)
            (void)fprintf(stderr, "%s: %s: expected %s '%s', got %d '%s'\n", fixture->file, wrong,
                          fixture->status, fixture->phrase, why.code, why.text);
        (void)fflush(NULL);
        _exit(wrong ? 1 : 0);
    }
    files_must(waitpid(child, &status, 0) == child, "cannot wait", fixture->file);
    if (WIFSIGNALED(status))
        (void)fprintf(stderr, "%s: the host crashed with signal %d\n", fixture->file,
                      WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_fixtures(void **unused)
{
    static struct fixture fixtures[CASES_MAX];
    char private_dir[FILES_PATH_MAX], path[FILES_PATH_MAX];
    struct registry *registry = NULL;
    struct turret_error err = {0};
    size_t count = read_fixtures(fixtures), failures = 0;
    (void)unused;
    in_directory(private_dir, "private");
    assert_int_equal(registry_create(&registry, private_dir, &err), TURRET_OK);
    for (size_t i = 0; i < count; i++) {
        failures += !passes(registry, &fixtures[i]);
        if (code_of(fixtures[i].status) != TURRET_OK)
            continue;
        /* Good ones stay loaded for the lines after them. */
        files_fixture(path, fixtures[i].file);
        (void)registry_load(registry, path, NULL, &err);
    }
    assert_string_equal(err.text, "");
    registry_destroy(registry);
    assert_true(count > 50);
    assert_int_equal(failures, 0);
}

/* ---- texts, build ids ---- */

static void test_version_text(void **unused)
{
    struct victim victim;
    struct plugin_file file;
    struct turret_error why = {0};
    char expected[FILES_PATH_MAX + 100];
    const uint16_t two[2] = {2, 0};
    (void)unused;
    victim_open(&victim, directory);
    victim_put(&victim, victim_note(&victim) + offsetof(struct turret_note, abi_major), two,
               sizeof two);
    assert_int_equal(plugin_inspect(victim.path, &file, &why), TURRET_EVERSION);
    (void)snprintf(expected, sizeof expected,
                   "%s: built for plugin ABI 2, this host has %d.%d; rebuild against this SDK",
                   victim.path, TURRET_ABI_MAJOR, TURRET_ABI_MINOR);
    assert_string_equal(why.text, expected);
    victim_close(&victim);
}

static void test_long_path_keeps_the_reason(void **unused)
{
    char path[PLUGIN_PATH_MAX + 10];
    struct plugin_file file;
    struct turret_error why = {0};
    (void)unused;
    memset(path, 'x', sizeof path);
    path[PLUGIN_PATH_MAX - 1] = '\0';
    assert_int_not_equal(plugin_inspect(path, &file, &why), TURRET_OK);
    assert_non_null(strstr(why.text, ": open: "));
    path[PLUGIN_PATH_MAX - 1] = 'x';
    path[PLUGIN_PATH_MAX] = '\0';
    memset(&why, 0, sizeof why);
    assert_int_equal(plugin_inspect(path, &file, &why), TURRET_EINVAL);
    assert_non_null(strstr(why.text, "512 characters"));
    assert_int_equal(plugin_inspect("", &file, NULL), TURRET_EINVAL);
}

static void test_build_id(void **unused)
{
    struct victim victim;
    struct plugin_file with, without, other;
    struct turret_error err = {0};
    (void)unused;
    victim_open(&victim, directory);
    assert_int_equal(plugin_inspect(victim.path, &with, &err), TURRET_OK);
    /* Note name "GNU", type 3: no other type is a build id. */
    uint8_t *note = files_locate(victim.bytes, victim.size, "\3\0\0\0GNU", 8);
    victim_put(&victim, (size_t)(note - victim.bytes), "\7", 1);
    assert_int_equal(plugin_inspect(victim.path, &without, &err), TURRET_OK);
    victim_put(&victim, victim.size - 1, &(uint8_t){(uint8_t)~victim.bytes[victim.size - 1]}, 1);
    assert_int_equal(plugin_inspect(victim.path, &other, &err), TURRET_OK);
    assert_int_equal(strspn(with.build_id, "0123456789abcdef"), 40);
    assert_int_equal(strspn(without.build_id, "0123456789abcdef"), 40);
    assert_int_equal(strlen(without.build_id), 40);
    assert_string_not_equal(with.build_id, without.build_id);
    assert_string_not_equal(without.build_id, other.build_id);
    victim_close(&victim);
}

/* ---- private copies ---- */

static bool same_content(const char *path, const uint8_t *bytes, size_t size)
{
    size_t have;
    uint8_t *content = files_read(path, &have);
    bool same = have == size && memcmp(content, bytes, size) == 0;
    free(content);
    return same;
}

/* The path of the copy `first`, "….so", with another ending. */
static const char *with_ending(const char *first, const char *ending)
{
    static char path[2 * FILES_PATH_MAX];
    (void)snprintf(path, sizeof path, "%.*s%s", (int)(strlen(first) - 3), first, ending);
    return path;
}

static void load_and_compare(const struct victim *victim, const uint8_t *bytes,
                             const char *private_dir, const char *ending)
{
    struct plugin *plugin = NULL;
    struct turret_error err = {0};
    char expected[2 * FILES_PATH_MAX];
    int status = plugin_load(victim->path, private_dir, &plugin, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, TURRET_OK);
    (void)snprintf(expected, sizeof expected, "%s/%s-%s%s", private_dir, plugin->file.note.id,
                   plugin->file.build_id, ending);
    assert_string_equal(plugin->private_path, expected);
    assert_true(same_content(plugin->private_path, bytes, victim->size));
    plugin_unload(plugin);
}

static void test_private_copy(void **unused)
{
    struct victim victim;
    struct stat first, second;
    char private_dir[FILES_PATH_MAX], link[FILES_PATH_MAX], copy[2 * FILES_PATH_MAX];
    struct plugin *plugin = NULL;
    (void)unused;
    victim_open(&victim, directory);
    in_directory(private_dir, "copies");
    load_and_compare(&victim, victim.bytes, private_dir, ".so");
    assert_int_equal(stat(private_dir, &first), 0);
    assert_int_equal(first.st_mode & 07777, 0700);

    /* The same bytes again, also through a symbolic link: the same copy. */
    in_directory(link, "link.so");
    assert_int_equal(symlink("victim.so", link), 0);
    assert_int_equal(plugin_load(link, private_dir, &plugin, NULL), TURRET_OK);
    assert_string_equal(plugin->file.path, link);
    (void)snprintf(copy, sizeof copy, "%s", plugin->private_path);
    assert_int_equal(stat(copy, &first), 0);
    plugin_unload(plugin);
    load_and_compare(&victim, victim.bytes, private_dir, ".so");
    assert_int_equal(stat(copy, &second), 0);
    assert_true(first.st_ino == second.st_ino && first.st_mtim.tv_nsec == second.st_mtim.tv_nsec);

    /* Another content with the same build id: its own copy, the first stays as it is. */
    size_t last = victim.size - 1;
    uint8_t *changed = malloc(victim.size);
    assert_non_null(changed);
    memcpy(changed, victim.bytes, victim.size);
    changed[last] ^= 1;
    victim_put(&victim, last, &changed[last], 1);
    load_and_compare(&victim, changed, private_dir, ".2.so");
    load_and_compare(&victim, changed, private_dir, ".2.so");
    assert_true(same_content(copy, victim.bytes, victim.size));

    /* A copy that somebody cut is not loaded. The old file may still be mapped. */
    assert_int_equal(unlink(copy), 0);
    files_write(copy, victim.bytes, 4096);
    victim_put(&victim, last, &victim.bytes[last], 1);
    load_and_compare(&victim, victim.bytes, private_dir, ".3.so");

    /* Nor is one that somebody made longer. */
    FILE *longer = fopen(with_ending(copy, ".3.so"), "ab");
    assert_non_null(longer);
    assert_int_equal(fputc(0, longer), 0);
    assert_int_equal(fclose(longer), 0);
    load_and_compare(&victim, victim.bytes, private_dir, ".4.so");
    free(changed);
    victim_close(&victim);
}

static void test_loaded_code_survives_its_file(void **unused)
{
    struct victim victim;
    struct plugin *plugin = NULL;
    struct turret_error err = {0};
    char private_dir[FILES_PATH_MAX];
    uint32_t count = 0;
    (void)unused;
    victim_open(&victim, directory);
    in_directory(private_dir, "survivor");
    assert_int_equal(plugin_load(victim.path, private_dir, &plugin, &err), TURRET_OK);
    files_write(victim.path, "", 0);
    assert_int_equal(plugin->offer_count, 1);
    assert_string_equal(plugin_offer_id(&plugin->offers[0]), "fixture.good_strategy");
    assert_string_equal(plugin_offer_version(&plugin->offers[0]), "1.0.0");
    assert_string_equal(plugin_offer_summary(&plugin->offers[0]), "does nothing");
    assert_non_null(plugin_offer_params(&plugin->offers[0], &count));
    assert_int_equal(count, 2);
    struct turret_strategy self = {0};
    assert_int_equal(plugin->offers[0].strategy.on_start(&self, NULL, &err), TURRET_OK);
    plugin_unload(plugin);
    plugin_unload(NULL);
    victim_close(&victim);
}

/* One host: waits for the others, loads, and finds its own bytes in its private copy. */
static int act_as_host(int start, const char *path, const char *private_dir)
{
    struct plugin *plugin = NULL;
    struct turret_error err = {0};
    size_t size;
    char byte;
    uint8_t *bytes = files_read(path, &size);
    (void)!read(start, &byte, 1); /* until the parent closes the other end */
    if (plugin_load(path, private_dir, &plugin, &err) != TURRET_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return same_content(plugin->private_path, bytes, size) ? 0 : 2;
}

static int count_files(const char *folder)
{
    DIR *open = opendir(folder);
    const struct dirent *entry;
    int files = 0;
    files_must(open != NULL, "cannot open", folder);
    while ((entry = readdir(open)) != NULL)
        files += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(open);
    return files;
}

/* Many hosts at once: half load one content, half another one of the same build id. */
static void test_hosts_share_a_directory(void **unused)
{
    enum { HOSTS = 6, ROUNDS = 20 };
    struct victim victim;
    char private_dir[FILES_PATH_MAX], other[FILES_PATH_MAX];
    (void)unused;
    victim_open(&victim, directory);
    in_directory(other, "other.so");
    victim.bytes[victim.size - 1] ^= 1;
    files_write(other, victim.bytes, victim.size);
    for (int round = 0; round < ROUNDS; round++) {
        int gate[2], failures = 0;
        char name[16];
        (void)snprintf(name, sizeof name, "shared%d", round);
        in_directory(private_dir, name);
        assert_int_equal(pipe(gate), 0);
        for (int host = 0; host < HOSTS; host++) {
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0) {
                (void)close(gate[1]);
                _exit(act_as_host(gate[0], host % 2 ? other : victim.path, private_dir));
            }
        }
        (void)close(gate[0]);
        (void)close(gate[1]);
        for (int host = 0; host < HOSTS; host++) {
            int status = 0;
            assert_true(wait(&status) > 0);
            failures += status != 0;
        }
        assert_int_equal(failures, 0);
        assert_int_equal(count_files(private_dir), 2); /* and nothing temporary is left */
    }
    victim_close(&victim);
}

static void test_private_directory_refusals(void **unused)
{
    struct victim victim;
    struct plugin *plugin = NULL;
    struct turret_error err = {0};
    char private_dir[FILES_PATH_MAX];
    (void)unused;
    victim_open(&victim, directory);
    in_directory(private_dir, "missing/parent");
    assert_int_equal(plugin_load(victim.path, private_dir, &plugin, &err), TURRET_EIO);
    assert_non_null(strstr(err.text, "private copy: mkdir"));
    assert_int_equal(plugin_load(victim.path, victim.path, &plugin, NULL), TURRET_EIO);
    assert_int_equal(plugin_load(victim.path, "", &plugin, NULL), TURRET_EINVAL);
    assert_null(plugin);
    victim_close(&victim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixtures),
        cmocka_unit_test(test_version_text),
        cmocka_unit_test(test_long_path_keeps_the_reason),
        cmocka_unit_test(test_build_id),
        cmocka_unit_test(test_private_copy),
        cmocka_unit_test(test_loaded_code_survives_its_file),
        cmocka_unit_test(test_hosts_share_a_directory),
        cmocka_unit_test(test_private_directory_refusals),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
