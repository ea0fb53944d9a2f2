/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of hazards share: a folder of their own, copies of built plugins in it, the real
 * loader, and whether a file is mapped. Hazards that kill are shown in a child process.
 */
#ifndef TESTS_HAZARDS_H
#define TESTS_HAZARDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/loader.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAZARD_SANITIZED 1
#else
#define HAZARD_SANITIZED 0
#endif

struct hazard {
    char folder[128], private_dir[160];
};

static inline int hazard_setup(void **state)
{
    struct hazard *h = calloc(1, sizeof *h);
    assert_non_null(h);
    (void)snprintf(h->folder, sizeof h->folder, "/tmp/turret-hazard-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    (void)snprintf(h->private_dir, sizeof h->private_dir, "%s/private", h->folder);
    assert_int_equal(mkdir(h->private_dir, 0700), 0);
    *state = h;
    return 0;
}

static inline void hazard_empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
    (void)rmdir(path);
}

static inline int hazard_teardown(void **state)
{
    struct hazard *h = *state;
    hazard_empty(h->private_dir);
    hazard_empty(h->folder);
    free(h);
    return 0;
}

/* The path of a built file. */
static inline const char *hazard_built(const char *folder, const char *name)
{
    static char path[1024];
    const char *build = getenv("TURRET_BUILD");
    assert_non_null(build);
    (void)snprintf(path, sizeof path, "%s/%s/%s.so", build, folder, name);
    return path;
}

/* Writes the bytes of `from` into `to`, in place when it is there. */
static inline void hazard_copy(const char *from, const char *to)
{
    char piece[8192];
    ssize_t got;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(in >= 0 && out >= 0);
    while ((got = read(in, piece, sizeof piece)) > 0)
        assert_int_equal(write(out, piece, (size_t)got), got);
    assert_int_equal(got, 0);
    (void)close(in);
    (void)close(out);
}

static inline const char *hazard_path(const struct hazard *h, const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", h->folder, name);
    return path;
}

static inline struct plugin *hazard_load(const struct hazard *h, const char *path)
{
    struct plugin *plugin = NULL;
    struct turret_error err = {0};
    if (plugin_load(path, h->private_dir, &plugin, &err))
        fail_msg("%s", err.text);
    return plugin;
}

/* Runs the plugin's on_start() and answers the mark it leaves. */
static inline int64_t hazard_ask(const struct plugin *plugin)
{
    int64_t mark = 0;
    struct turret_strategy self = {&mark, NULL};
    struct turret_start start = {.struct_size = (uint32_t)sizeof start};
    struct turret_error err = {0};
    assert_int_equal(plugin->offers[0].strategy.on_start(&self, &start, &err), TURRET_OK);
    return mark;
}

struct hazard_search {
    const char *part;
    bool found;
};

static inline int hazard_look(struct dl_phdr_info *object, size_t size, void *context)
{
    struct hazard_search *search = context;
    (void)size;
    search->found = search->found || strstr(object->dlpi_name, search->part);
    return 0;
}

/* Is an object loaded whose path has this in it? */
static inline bool hazard_is_mapped(const char *part)
{
    struct hazard_search search = {part, false};
    (void)dl_iterate_phdr(hazard_look, &search);
    return search.found;
}

typedef void hazard_fn(const struct hazard *h);

/* What becomes of a process that does this: the signal that ends it, 0 when it ends by itself. */
static inline int hazard_signal_of(const struct hazard *h, hazard_fn *does)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* cmocka has its own handlers */
        (void)signal(SIGBUS, SIG_DFL);
        does(h);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#define HAZARD_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, hazard_setup, hazard_teardown)

#endif
