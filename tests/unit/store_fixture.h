/* SPDX-License-Identifier: Apache-2.0 */
/* What the store's tests share: a directory of their own, seeded numbers, files as bytes. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIXTURE_SANITIZED 1
#else
#define FIXTURE_SANITIZED 0
#endif

struct fixture {
    char top[256];  /* removed at the end */
    char path[300]; /* where the store goes */
};

static inline int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const char *where = getenv("TMPDIR");
    if (!fixture)
        return -1;
    (void)snprintf(fixture->top, sizeof fixture->top, "%s/turret-test-XXXXXX",
                   where ? where : P_tmpdir);
    if (!mkdtemp(fixture->top))
        return -1;
    (void)snprintf(fixture->path, sizeof fixture->path, "%s/var/store", fixture->top);
    *state = fixture;
    return 0;
}

static inline void fixture_remove_store(const char *path)
{
    static const char *const names[] = {"data.mdb",  "lock.mdb",    "lock",
                                        "audit.key", "audit.heads", "halt"};
    char name[400];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(name, sizeof name, "%s/%s", path, names[i]);
        (void)unlink(name);
    }
    (void)rmdir(path);
}

static inline int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    char name[400];
    fixture_remove_store(fixture->path);
    (void)snprintf(name, sizeof name, "%s/var", fixture->top);
    (void)rmdir(name);
    (void)rmdir(fixture->top);
    free(fixture);
    return 0;
}

/* Opens or fails the test with the store's own words. */
static inline struct store *fixture_open(const char *path, unsigned flags)
{
    struct turret_error err = {0, 0, ""};
    struct store *store = NULL;
    if (store_open(&store, path, flags, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return store;
}

static inline struct store_batch *fixture_batch(size_t capacity_bytes)
{
    struct store_batch *batch = NULL;
    assert_int_equal(store_batch_create(&batch, capacity_bytes, NULL), TURRET_OK);
    return batch;
}

/* Text under text. */
static inline void fixture_put(struct store_batch *batch, enum store_table table, const char *key,
                               const char *value)
{
    assert_int_equal(store_batch_put(batch, table, key, strlen(key), 1, value, strlen(value)),
                     TURRET_OK);
}

static inline int fixture_get(struct store *store, enum store_table table, const char *key,
                              char *value, size_t room)
{
    size_t size = room - 1;
    int code = store_get(store, table, key, strlen(key), NULL, value, &size, NULL);
    value[code == TURRET_OK ? size : 0] = '\0';
    return code;
}

/* The same numbers in every run. */
static inline uint64_t fixture_random(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ (x >> 32);
}

/* The whole data file; the caller frees it. */
static inline unsigned char *fixture_read(const char *path, size_t *size)
{
    char name[400];
    struct stat stat_of;
    unsigned char *bytes;
    FILE *file;
    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    file = fopen(name, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &stat_of), 0);
    *size = (size_t)stat_of.st_size;
    bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    (void)fclose(file);
    return bytes;
}

static inline void fixture_write(const char *path, const unsigned char *bytes, size_t size)
{
    char name[400];
    FILE *file;
    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    file = fopen(name, "r+b");
    if (!file)
        file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Waits for a child and says how it ended: its exit code, or 128 and the signal. */
static inline int fixture_wait(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
