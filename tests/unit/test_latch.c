/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the kill switch's latch: what is set is seen by every process that maps it and outlives
 * them all, is not cleared once it was set again, and keeps its venue over other configurations;
 * who, when and why are those of the first until it is lifted; a signal sets it; a file that is
 * none is refused and left as it is.
 */
#include "session/latch.h"

#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *const venues[] = {"sim", "fake"};

static struct latch *opened(const struct fixture *fixture, bool create)
{
    struct latch *latch;
    struct turret_error err = {0};
    if (latch_open(&latch, fixture->path, create, &err))
        fail_msg("%s", err.text);
    return latch;
}

static void in_another_process(const struct fixture *fixture, uint32_t slot)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct latch *latch;
        _exit(latch_open(&latch, fixture->path, false, NULL) ||
              latch_set(latch, slot, "a drill", NULL));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void check_mark(const struct latch *latch, uint32_t slot, const char *who,
                       const char *reason)
{
    struct latch_mark mark;
    assert_int_equal(latch_mark(latch, slot, &mark), who[0] != 0);
    assert_string_equal(mark.who, who);
    assert_string_equal(mark.reason, reason);
    assert_int_equal(mark.time > 0, who[0] != 0);
    assert_int_equal(mark.told, reason[0] && strncmp(reason, "kill switch: ", 13) != 0);
    assert_false(mark.spent);
}

static const char *me(void)
{
    static char name[PERSON_NAME_MAX + 1];
    person_name((uint32_t)getuid(), name);
    return name;
}

static void every_process_sees_it(void **state)
{
    struct latch *latch = opened(*state, true);
    assert_int_equal(latch_name_venues(latch, venues, 2, NULL), TURRET_OK);
    assert_int_equal(latch_word(latch, LATCH_ALL), 0);
    check_mark(latch, LATCH_ALL, "", "");
    in_another_process(*state, LATCH_ALL);
    assert_int_equal(latch_word(latch, LATCH_ALL), 1);
    check_mark(latch, LATCH_ALL, me(), "a drill");
    check_mark(latch, latch_find(latch, "fake"), "", "");
    assert_int_equal(latch_word(latch, latch_find(latch, "fake")), 0);
    latch_close(latch);
    latch = opened(*state, true);
    assert_int_equal(latch_word(latch, LATCH_ALL), 1);
    check_mark(latch, LATCH_ALL, me(), "a drill");
    assert_int_equal(latch_set(latch, latch_find(latch, "fake"),
                               "a reason that has many more bytes than are kept of it", NULL),
                     TURRET_OK);
    check_mark(latch, latch_find(latch, "fake"), me(),
               "a reason that has many more bytes than are kep");
    latch_close(latch);
}

/* Until it is being lifted: what is recorded then is what was done then. */
static void the_mark_is_of_the_first(void **state)
{
    struct latch *latch = opened(*state, true);
    struct latch_mark first, mark;
    in_another_process(*state, LATCH_ALL);
    assert_true(latch_mark(latch, LATCH_ALL, &first));
    assert_int_equal(latch_set(latch, LATCH_ALL, "second", NULL), TURRET_OK);
    assert_int_equal(latch_word(latch, LATCH_ALL), 2);
    assert_true(latch_mark(latch, LATCH_ALL, &mark));
    assert_memory_equal(&mark, &first, sizeof mark);
    latch_spend(latch, LATCH_ALL);
    assert_true(latch_mark(latch, LATCH_ALL, &mark));
    assert_true(mark.spent);
    assert_int_equal(latch_set(latch, LATCH_ALL, "third", NULL), TURRET_OK);
    check_mark(latch, LATCH_ALL, me(), "third");
    assert_int_equal(latch_set(latch, LATCH_ALL, "fourth", NULL), TURRET_OK);
    check_mark(latch, LATCH_ALL, me(), "third");
    latch_spend(latch, LATCH_ALL);
    assert_true(latch_clear(latch, LATCH_ALL, latch_word(latch, LATCH_ALL)));
    check_mark(latch, LATCH_ALL, "", "");
    assert_int_equal(latch_set(latch, LATCH_ALL, "", NULL), TURRET_OK);
    check_mark(latch, LATCH_ALL, me(), "kill switch: turret halt"); /* not that of another */
    latch_close(latch);
}

static void set_again_is_not_cleared(void **state)
{
    struct latch *latch = opened(*state, true);
    uint64_t word;
    assert_int_equal(latch_set(latch, LATCH_ALL, "", NULL), TURRET_OK);
    word = latch_word(latch, LATCH_ALL);
    latch_spend(latch, LATCH_ALL);
    in_another_process(*state, LATCH_ALL);
    assert_false(latch_clear(latch, LATCH_ALL, word));
    assert_int_not_equal(latch_word(latch, LATCH_ALL), 0);
    check_mark(latch, LATCH_ALL, me(), "a drill");
    assert_true(latch_clear(latch, LATCH_ALL, latch_word(latch, LATCH_ALL)));
    assert_int_equal(latch_word(latch, LATCH_ALL), 0);
    check_mark(latch, LATCH_ALL, "", "");
    latch_close(latch);
}

static void a_venue_keeps_its_slot(void **state)
{
    struct latch *latch = opened(*state, true);
    const char *const others[] = {"other"};
    char many[LATCH_SLOTS][8], name[32];
    const char *all[LATCH_SLOTS];
    struct turret_error err = {0};
    uint32_t i;
    assert_int_equal(latch_find(latch, "sim"), LATCH_NONE);
    assert_int_equal(latch_find(latch, ""), LATCH_NONE);
    assert_int_equal(latch_name_venues(latch, venues, 2, NULL), TURRET_OK);
    assert_int_equal(latch_set(latch, latch_find(latch, "fake"), "", NULL), TURRET_OK);
    assert_int_equal(latch_name_venues(latch, others, 1, NULL), TURRET_OK);
    assert_int_not_equal(latch_word(latch, latch_find(latch, "fake")), 0);
    latch_name(latch, latch_find(latch, "other"), name);
    assert_string_equal(name, "other");
    for (i = 0; i < LATCH_SLOTS; i++) {
        (void)snprintf(many[i], sizeof many[i], "v%u", i);
        all[i] = many[i];
    }
    /* those of venues there are no more are given away, but not the one that is set */
    assert_int_equal(latch_name_venues(latch, all, LATCH_SLOTS - 2, NULL), TURRET_OK);
    assert_int_equal(latch_find(latch, "sim"), LATCH_NONE);
    assert_int_not_equal(latch_word(latch, latch_find(latch, "fake")), 0);
    assert_int_equal(latch_name_venues(latch, all, LATCH_SLOTS - 1, &err), TURRET_ELIMIT);
    assert_non_null(strstr(err.text, "v30"));
    latch_close(latch);
}

static void a_signal_sets_it(void **state)
{
    struct latch *latch = opened(*state, true);
    latch_on_signal(latch);
    in_another_process(*state, LATCH_ALL);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(latch_word(latch, LATCH_ALL), 2);
    check_mark(latch, LATCH_ALL, me(), "a drill");
    latch_spend(latch, LATCH_ALL);
    assert_int_equal(raise(SIGUSR1), 0);
    check_mark(latch, LATCH_ALL, "signal", "kill switch: SIGUSR1"); /* and not that of before */
    in_another_process(*state, LATCH_ALL);
    check_mark(latch, LATCH_ALL, "signal", "kill switch: SIGUSR1");
    latch_close(latch);
    assert_int_equal(raise(SIGUSR1), 0); /* nobody dies of it */
    (void)signal(SIGUSR1, SIG_DFL);
}

static void what_is_none_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct turret_error err = {0};
    struct latch *latch;
    char path[512], bytes[8200];
    struct stat about;
    int file;
    assert_int_equal(latch_open(&latch, fixture->path, false, &err), TURRET_ENOTFOUND);
    assert_non_null(strstr(err.text, "halt"));
    (void)snprintf(path, sizeof path, "%s/halt", fixture->path);
    memset(bytes, 'x', sizeof bytes);
    for (size_t size = 4096; size <= sizeof bytes; size += sizeof bytes - 4096) {
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(file, bytes, size), size);
        assert_int_equal(close(file), 0);
        memset(&err, 0, sizeof err);
        assert_int_equal(latch_open(&latch, fixture->path, true, &err), TURRET_ECORRUPT);
        assert_null(latch);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_size, size);
    }
    /* cut short by a power cut while it was made: made anew */
    file = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(file, bytes, 7), 7);
    assert_int_equal(close(file), 0);
    assert_int_equal(latch_open(&latch, fixture->path, false, NULL), TURRET_ECORRUPT);
    latch = opened(fixture, true);
    assert_int_equal(latch_word(latch, LATCH_ALL), 0);
    latch_close(latch);
}

static int setup(void **state)
{
    char parent[300];
    const struct fixture *fixture;
    if (fixture_setup(state))
        return -1;
    fixture = *state;
    (void)snprintf(parent, sizeof parent, "%s/var", fixture->top);
    return mkdir(parent, 0700) || mkdir(fixture->path, 0700);
}

#define LATCH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LATCH_TEST(every_process_sees_it),    LATCH_TEST(the_mark_is_of_the_first),
        LATCH_TEST(set_again_is_not_cleared), LATCH_TEST(a_venue_keeps_its_slot),
        LATCH_TEST(a_signal_sets_it),         LATCH_TEST(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
