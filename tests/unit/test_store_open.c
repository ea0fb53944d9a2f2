/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what cannot be a healthy store of ours is refused with the right code (newer format,
 * second daemon, not a store), that a store is read beside a daemon and from a disk that cannot be
 * written, and what happens on a full disk: nothing acknowledged is lost and nothing more written.
 */
#include "store_fixture.h"

#include "store/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* ---- what is refused ---- */

static void refused(const char *path, unsigned flags, int code, const char *word)
{
    struct turret_error err = {0, 0, ""};
    struct store *store = NULL;
    assert_int_equal(store_open(&store, path, flags, &err), code);
    assert_null(store);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, word))
        fail_msg("'%s' does not say '%s'", err.text, word);
}

static void not_a_store(void **state)
{
    struct fixture *fixture = *state;
    static const unsigned char text[] = "this is a letter to a friend, not a table\n";
    unsigned char *bytes;
    char name[400], value[8];
    size_t size;
    refused(fixture->path, 0, TURRET_ENOTFOUND, fixture->path);
    refused(fixture->top, 0, TURRET_ENOTFOUND, "no store");
    refused(fixture->top, STORE_READ_ONLY, TURRET_ENOTFOUND, "no store");
    refused("", STORE_CREATE, TURRET_EINVAL, "empty");
    store_close(fixture_open(fixture->path, STORE_CREATE));
    (void)snprintf(name, sizeof name, "%s/data.mdb", fixture->path);
    refused(name, 0, TURRET_ECORRUPT, "not a directory");
    bytes = fixture_read(fixture->path, &size);
    assert_int_equal(truncate(name, 0), 0);
    refused(fixture->path, STORE_READ_ONLY, TURRET_ENOTFOUND, "no store");
    fixture_write(fixture->path, text, sizeof text);
    refused(fixture->path, STORE_CREATE, TURRET_ECORRUPT, "too short");
    bytes[16] ^= 0xff; /* LMDB's magic */
    fixture_write(fixture->path, bytes, size);
    refused(fixture->path, STORE_CREATE, TURRET_ECORRUPT, "not a store");
    assert_int_equal(truncate(name, 0), 0); /* a creation that was interrupted */
    store_close(fixture_open(fixture->path, STORE_CREATE | STORE_EXCLUSIVE));
    bytes[16] ^= 0xff;
    assert_int_equal(truncate(name, (off_t)3 * 4096), 0);
    refused(fixture->path, 0, TURRET_ECORRUPT, "page");
    fixture_write(fixture->path, bytes, size);
    {
        struct store *store = fixture_open(fixture->path, 0);
        assert_int_equal(fixture_get(store, STORE_ORDER, "x", value, sizeof value),
                         TURRET_ENOTFOUND);
        store_close(store);
    }
    free(bytes);
}

/* Replaces a text of the data file wherever it occurs. */
static unsigned patch(unsigned char *bytes, size_t size, const char *from, const char *to)
{
    unsigned count = 0;
    size_t length = strlen(from);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, from, length) == 0) {
            memcpy(bytes + i, to, length);
            count++;
        }
    return count;
}

static void foreign_lmdb_directory(void **state)
{
    struct fixture *fixture = *state;
    unsigned char *bytes;
    size_t size;
    store_close(fixture_open(fixture->path, STORE_CREATE));
    bytes = fixture_read(fixture->path, &size);
    assert_true(patch(bytes, size, "meta", "mets") > 0);
    fixture_write(fixture->path, bytes, size);
    refused(fixture->path, STORE_CREATE, TURRET_ECORRUPT, "not a store of Turret");
    assert_true(patch(bytes, size, "mets", "meta") > 0);
    assert_true(patch(bytes, size, "ledger", "ledges") > 0);
    fixture_write(fixture->path, bytes, size);
    refused(fixture->path, 0, TURRET_ECORRUPT, "no table ledger");
    free(bytes);
}

/* Writes another format number into the row, with a right checksum. */
static unsigned set_format(unsigned char *bytes, size_t size, uint32_t format)
{
    static const char key[] = "store.format";
    unsigned count = 0;
    for (size_t i = 0; i + 12 + 12 + 4 <= size; i++) {
        unsigned char *row = bytes + i + 12; /* behind the key: header, then the value */
        uint32_t crc, was;
        unsigned char table = STORE_META;
        if (memcmp(bytes + i, key, 12) != 0)
            continue;
        crc = crc32c_update(0, &table, 1);
        crc = crc32c_update(crc32c_update(crc, key, 12), row, 8);
        memcpy(&was, row + 8, 4);
        assert_int_equal(was, crc32c_update(crc, row + 12, 4)); /* the layout is as we believe */
        memcpy(row + 12, &format, 4);
        crc = crc32c_update(crc, row + 12, 4);
        memcpy(row + 8, &crc, 4);
        count++;
    }
    return count;
}

static void other_format(void **state, unsigned char format, const char *text)
{
    struct fixture *fixture = *state;
    unsigned char *bytes, *after;
    size_t size, size_after;
    store_close(fixture_open(fixture->path, STORE_CREATE));
    bytes = fixture_read(fixture->path, &size);
    assert_true(set_format(bytes, size, format) > 0);
    fixture_write(fixture->path, bytes, size);
    refused(fixture->path, STORE_CREATE, TURRET_EVERSION, text);
    refused(fixture->path, STORE_READ_ONLY, TURRET_EVERSION, fixture->path);
    after = fixture_read(fixture->path, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(bytes, after, size);
    assert_true(set_format(bytes, size, STORE_FORMAT) > 0);
    fixture_write(fixture->path, bytes, size);
    store_close(fixture_open(fixture->path, 0));
    free(bytes);
    free(after);
}

static void newer_format(void **state)
{
    other_format(state, 9, "format 9, this host knows 2");
}

static void older_format(void **state)
{
    other_format(state, 1, "format 1 by an older turret, this one writes 2");
}

/*
 * The transaction's number on LMDB's two meta pages decides which commit is the newest; LMDB has no
 * checksum of it. Any changed bit of either has to show, whichever page is the newer one.
 */
static void changed_transaction_number(void **state)
{
    struct fixture *fixture = *state;
    static const size_t number_at[2] = {144, 4096 + 144};
    struct store_batch *batch = fixture_batch(1 << 12);
    fixture_put(batch, STORE_ORDER, "key", "value");
    for (int commits = 0; commits < 12; commits++) {
        struct store *store = fixture_open(fixture->path, STORE_CREATE);
        unsigned char *bytes;
        size_t size;
        if (commits > 0)
            assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
        store_close(store);
        bytes = fixture_read(fixture->path, &size);
        for (int bit = 0; bit < 128; bit++) {
            size_t at = number_at[bit / 64] + (size_t)bit % 64 / 8;
            bytes[at] ^= (unsigned char)(1u << bit % 8);
            fixture_write(fixture->path, bytes, size);
            refused(fixture->path, STORE_READ_ONLY, TURRET_ECORRUPT, "meta page");
            bytes[at] ^= (unsigned char)(1u << bit % 8);
        }
        fixture_write(fixture->path, bytes, size);
        free(bytes);
    }
    store_batch_destroy(batch);
}

/* ---- two programs ---- */

static void second_daemon(void **state)
{
    struct fixture *fixture = *state;
    int ready[2];
    char byte, pid_text[32];
    pid_t child;
    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        struct store *store;
        if (store_open(&store, fixture->path, STORE_CREATE | STORE_EXCLUSIVE, NULL) != 0)
            _exit(1);
        if (write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)snprintf(pid_text, sizeof pid_text, "pid %ld", (long)child);
    refused(fixture->path, STORE_EXCLUSIVE, TURRET_EBUSY, pid_text);
    refused(fixture->path, STORE_EXCLUSIVE, TURRET_EBUSY, fixture->path);
    store_close(fixture_open(fixture->path, STORE_READ_ONLY));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(fixture_wait(child), 128 + SIGKILL);
    store_close(fixture_open(fixture->path, STORE_EXCLUSIVE)); /* the lock went with the process */
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void reader_beside_a_daemon(void **state)
{
    struct fixture *fixture = *state;
    struct store_batch *batch = fixture_batch(1 << 12);
    struct store *store;
    int go[2];
    pid_t child;
    char byte = 'g';
    assert_int_equal(pipe(go), 0);
    child = fork();
    if (child == 0) {
        char value[16];
        struct store *reader;
        if (read(go[0], &byte, 1) != 1 ||
            store_open(&reader, fixture->path, STORE_READ_ONLY, NULL) != 0)
            _exit(1);
        if (fixture_get(reader, STORE_POSITION, "SPY", value, sizeof value) != 0 ||
            strcmp(value, "100") != 0)
            _exit(2);
        fixture_put(batch, STORE_POSITION, "QQQ", "7");
        if (store_commit(reader, batch, NULL) != TURRET_ESTATE)
            _exit(3);
        store_close(reader);
        _exit(0);
    }
    store = fixture_open(fixture->path, STORE_CREATE | STORE_EXCLUSIVE);
    fixture_put(batch, STORE_POSITION, "SPY", "100");
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    assert_int_equal(write(go[1], &byte, 1), 1);
    assert_int_equal(fixture_wait(child), 0);
    store_close(store);
    store_batch_destroy(batch);
    (void)close(go[0]);
    (void)close(go[1]);
}

/* ---- disks ---- */

static int sync_fails; /* so many more syncs end with EIO */

/* Takes the place of the C library's for LMDB too. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    if (sync_fails > 0) {
        sync_fails--;
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static void failed_sync_latches(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 12);
    struct turret_error err = {0, 0, ""}, again = {0, 0, ""};
    char value[16];
    fixture_put(batch, STORE_LEDGER, "USD", "100");
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    store_batch_clear(batch);
    fixture_put(batch, STORE_LEDGER, "USD", "200");
    sync_fails = 1;
    assert_int_equal(store_commit(store, batch, &err), TURRET_EIO);
    assert_int_equal(sync_fails, 0); /* it was the sync */
    assert_non_null(strstr(err.text, "disk"));
    assert_int_equal(err.detail, EIO);
    /* syncs work again, and LMDB would go on */
    assert_int_equal(store_commit(store, batch, &again), TURRET_EIO);
    assert_non_null(strstr(again.text, "no writes until it is opened again"));
    assert_int_equal(fixture_get(store, STORE_LEDGER, "USD", value, sizeof value), TURRET_OK);
    assert_string_equal(value, "100");
    store_close(store);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(fixture_get(store, STORE_LEDGER, "USD", value, sizeof value), TURRET_OK);
    assert_string_equal(value, "100");
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    store_close(store);
    store_batch_destroy(batch);
}

static void fill_one(const char *path)
{
    struct store *store = fixture_open(path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 12);
    fixture_put(batch, STORE_POSITION, "SPY", "100");
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    store_batch_destroy(batch);
    store_close(store);
}

/* 0 when the row is read back. */
static int read_one(const char *path)
{
    struct turret_error err = {0, 0, ""};
    struct store *store;
    char value[16];
    int code = store_open(&store, path, STORE_READ_ONLY, &err);
    if (code != TURRET_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    code = fixture_get(store, STORE_POSITION, "SPY", value, sizeof value);
    store_close(store);
    return code == TURRET_OK && strcmp(value, "100") == 0 ? 0 : 2;
}

/* Runs `body` where a small disk of its own is mounted on `path`; 77 when that is not permitted. */
static int on_own_disk(const char *path, int (*body)(const char *path))
{
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("tmpfs", path, "tmpfs", 0, "size=1m") != 0)
            _exit(77);
        _exit(body(path));
    }
    return fixture_wait(child);
}

static int read_only_disk(const char *path)
{
    fill_one(path);
    if (mount("tmpfs", path, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m") != 0)
        return 77;
    return read_one(path);
}

static void reading_from_a_read_only_disk(void **state)
{
    struct fixture *fixture = *state;
    int code;
    store_close(fixture_open(fixture->path, STORE_CREATE)); /* makes the directory */
    code = on_own_disk(fixture->path, read_only_disk);
    if (code == 77)
        skip();
    assert_int_equal(code, 0);
}

static void reading_without_write_permission(void **state)
{
    struct fixture *fixture = *state;
    char name[400];
    pid_t child;
    fill_one(fixture->path);
    (void)snprintf(name, sizeof name, "%s/data.mdb", fixture->path);
    assert_int_equal(chmod(name, 0444), 0);
    (void)snprintf(name, sizeof name, "%s/lock.mdb", fixture->path);
    assert_int_equal(chmod(name, 0444), 0);
    (void)snprintf(name, sizeof name, "%s/var", fixture->top);
    assert_int_equal(chmod(name, 0755), 0);
    assert_int_equal(chmod(fixture->top, 0755), 0);
    assert_int_equal(chmod(fixture->path, 0555), 0);
    child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(77);
        _exit(read_one(fixture->path));
    }
    {
        int code = fixture_wait(child);
        assert_int_equal(chmod(fixture->path, 0755), 0);
        if (code == 77)
            skip();
        assert_int_equal(code, 0);
    }
}

/* Commits until it is refused; checks latch, text and that what was acknowledged is there. */
static int fill_up(const char *path)
{
    static unsigned char bytes[20000];
    struct turret_error err = {0, 0, ""}, again = {0, 0, ""};
    struct store_batch *batch = fixture_batch(1 << 16);
    struct store *store = fixture_open(path, STORE_CREATE);
    uint32_t count = 0, back = 0;
    int code = TURRET_OK;
    while (count < 10000) {
        size_t size = sizeof back;
        store_batch_clear(batch);
        (void)store_batch_put(batch, STORE_SNAPSHOT, &count, sizeof count, 1, bytes, sizeof bytes);
        (void)store_batch_put(batch, STORE_META, "count", 5, 1, &count, sizeof count);
        code = store_commit(store, batch, &err);
        if (code != TURRET_OK)
            break;
        if (store_get(store, STORE_META, "count", 5, NULL, &back, &size, NULL) != 0 ||
            back != count)
            return 1;
        count++;
    }
    if (code != TURRET_EFULL || !strstr(err.text, path) || count < 3) {
        (void)fprintf(stderr, "code %d after %u: %s\n", code, count, err.text);
        return 2;
    }
    store_batch_clear(batch);
    fixture_put(batch, STORE_META, "small", "x");
    if (store_commit(store, batch, &again) != TURRET_EFULL || !strstr(again.text, "no writes"))
        return 3;
    store_close(store);
    for (int pass = 0; pass < 2; pass++) {
        size_t size = sizeof back;
        if (store_open(&store, path, pass == 0 ? STORE_READ_ONLY : 0, &again) != 0 && pass == 0)
            return 4;
        if (!store)
            break; /* so full that not even the check of the lock file works */
        if (store_get(store, STORE_META, "count", 5, NULL, &back, &size, NULL) != 0 ||
            back != count - 1)
            return 5;
        store_close(store);
    }
    store_batch_destroy(batch);
    return 0;
}

static void full_disk(void **state)
{
    struct fixture *fixture = *state;
    int code;
    store_close(fixture_open(fixture->path, STORE_CREATE));
    code = on_own_disk(fixture->path, fill_up);
    if (code == 77)
        skip();
    assert_int_equal(code, 0);
}

static void file_size_limit(void **state)
{
    struct fixture *fixture = *state;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {1 << 20, 1 << 20};
        (void)signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(77);
        _exit(fill_up(fixture->path));
    }
    assert_int_equal(fixture_wait(child), 0);
}

static void small_address_space(void **state)
{
    struct fixture *fixture = *state;
    pid_t child;
    if (FIXTURE_SANITIZED)
        skip(); /* the sanitizers reserve terabytes themselves */
    child = fork();
    if (child == 0) {
        struct rlimit limit = {(rlim_t)4 << 30, (rlim_t)4 << 30};
        if (setrlimit(RLIMIT_AS, &limit) != 0)
            _exit(77);
        fill_one(fixture->path);
        _exit(read_one(fixture->path));
    }
    assert_int_equal(fixture_wait(child), 0);
    assert_int_equal(read_one(fixture->path), 0);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(not_a_store),
        WITH_FIXTURE(foreign_lmdb_directory),
        WITH_FIXTURE(newer_format),
        WITH_FIXTURE(older_format),
        WITH_FIXTURE(changed_transaction_number),
        WITH_FIXTURE(second_daemon),
        WITH_FIXTURE(reader_beside_a_daemon),
        WITH_FIXTURE(reading_from_a_read_only_disk),
        WITH_FIXTURE(reading_without_write_permission),
        WITH_FIXTURE(failed_sync_latches),
        WITH_FIXTURE(full_disk),
        WITH_FIXTURE(file_size_limit),
        WITH_FIXTURE(small_address_space),
    };
    return cmocka_run_group_tests_name("store_open", tests, NULL, NULL);
}
