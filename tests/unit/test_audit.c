/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that audit records come back as they were written, that heads are signed when they are
 * asked for and after so many records, that the key and the heads file are made, needed and mended
 * as the header says, and that a head that cannot be told outside lets the commit fail and every
 * later one. What is found when somebody changes records: tests/fault/test_64_audit_tamper.py.
 */
#include "store_fixture.h"

#include "store/audit.h"

#include <sys/stat.h>

struct paths {
    char key[400], heads[400];
};

static struct paths paths_of(const struct fixture *fixture)
{
    struct paths paths;
    (void)snprintf(paths.key, sizeof paths.key, "%s/audit.key", fixture->path);
    (void)snprintf(paths.heads, sizeof paths.heads, "%s/audit.heads", fixture->path);
    return paths;
}

static int try_open(struct store *store, const struct paths *paths, uint64_t *added,
                    struct turret_error *err)
{
    memset(err, 0, sizeof *err);
    return store_audit_open(store, paths->key, paths->heads, added, err);
}

static struct store *open_with_audit(const struct fixture *fixture)
{
    const struct paths paths = paths_of(fixture);
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct turret_error err;
    uint64_t added;
    if (try_open(store, &paths, &added, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return store;
}

/* `count` records; with `head` the commit ends with one. */
static int commit(struct store *store, unsigned count, bool head)
{
    struct store_batch *batch = fixture_batch(1 << 20);
    int code;
    for (unsigned i = 0; i < count; i++) {
        char text[32];
        struct audit_record record = {.time = 100 + i, .sequence = 7, .kind = 3, .text = text};
        record.text_bytes = (uint32_t)snprintf(text, sizeof text, "text %u", i);
        assert_int_equal(store_batch_audit(batch, &record), TURRET_OK);
    }
    if (head)
        assert_int_equal(store_batch_head(batch, 99), TURRET_OK);
    code = store_commit(store, batch, NULL);
    store_batch_destroy(batch);
    return code;
}

static struct audit_checked verified(struct store *store, const char *heads)
{
    struct turret_error err = {0, 0, ""};
    struct audit_checked checked;
    if (store_audit_verify(store, heads, NULL, &checked, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return checked;
}

static void refused(struct store *store, const char *heads, const uint8_t *key, const char *why)
{
    struct turret_error err = {0, 0, ""};
    struct audit_checked checked;
    assert_int_equal(store_audit_verify(store, heads, key, &checked, &err), TURRET_ECORRUPT);
    if (!strstr(err.text, why))
        fail_msg("'%s' says nothing of '%s'", err.text, why);
}

static size_t read_file(const char *path, char *text, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t size;
    assert_non_null(file);
    size = fread(text, 1, room - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    return size;
}

static void write_file(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* ---- records ---- */

static int see(void *context, const struct audit_record *record)
{
    unsigned *next = context;
    char text[32];
    int length = snprintf(text, sizeof text, "text %u", *next);
    if (record->kind == AUDIT_KIND_HEAD)
        return 1;
    assert_int_equal(record->number, *next + 1);
    assert_int_equal(record->time, 100 + *next);
    assert_int_equal(record->sequence, 7);
    assert_int_equal(record->kind, 3);
    assert_int_equal(record->text_bytes, length);
    assert_memory_equal(record->text, text, (size_t)length);
    ++*next;
    return 0;
}

static void records_come_back(void **state)
{
    struct fixture *fixture = *state;
    const struct paths paths = paths_of(fixture);
    struct store *store = open_with_audit(fixture);
    unsigned next = 0;
    assert_int_equal(commit(store, 20, true), TURRET_OK);
    store_close(store);
    store = fixture_open(fixture->path, STORE_READ_ONLY);
    assert_int_equal(store_audit_read(store, 1, see, &next, NULL), TURRET_OK);
    assert_int_equal(next, 20);
    next = 5;
    assert_int_equal(store_audit_read(store, 6, see, &next, NULL), TURRET_OK);
    assert_int_equal(next, 20);
    assert_int_equal(verified(store, paths.heads).records, 21);
    store_close(store);
}

static void records_have_bounds(void **state)
{
    static char text[AUDIT_TEXT_MAX + 1];
    struct store_batch *batch = fixture_batch(64 << 10), *from = fixture_batch(64 << 10);
    struct audit_record record = {.kind = 1, .text_bytes = sizeof text, .text = text};
    (void)state;
    assert_int_equal(store_batch_audit(batch, &record), TURRET_EINVAL);
    record.text_bytes--;
    record.kind = AUDIT_KIND_HEAD;
    assert_int_equal(store_batch_audit(batch, &record), TURRET_EINVAL);
    record.kind = 1;
    while (store_batch_audit(from, &record) == TURRET_OK)
        assert_true(store_batch_room(from) < 64 << 10);
    assert_int_equal(store_batch_append(batch, from), TURRET_OK);
    assert_int_equal(store_batch_room(batch), store_batch_room(from));
    assert_int_equal(store_batch_append(batch, from), TURRET_EFULL);
    assert_int_equal(store_batch_room(batch), store_batch_room(from));
    store_batch_destroy(from);
    store_batch_destroy(batch);
}

/* ---- heads ---- */

static void heads_are_signed_in_time(void **state)
{
    struct fixture *fixture = *state;
    const struct paths paths = paths_of(fixture);
    struct store *store = open_with_audit(fixture);
    struct audit_checked checked;
    assert_int_equal(commit(store, AUDIT_HEAD_RECORDS - 1, false), TURRET_OK);
    assert_int_equal(verified(store, paths.heads).heads, 0);
    assert_int_equal(commit(store, 1, false), TURRET_OK);
    checked = verified(store, paths.heads);
    assert_int_equal(checked.heads, 1);
    assert_int_equal(checked.head_number, AUDIT_HEAD_RECORDS + 1);
    assert_int_equal(commit(store, 0, true), TURRET_OK); /* nothing came since */
    assert_int_equal(verified(store, paths.heads).heads, 1);
    assert_int_equal(commit(store, 1, true), TURRET_OK);
    checked = verified(store, paths.heads);
    assert_int_equal(checked.heads, 2);
    assert_int_equal(checked.records, AUDIT_HEAD_RECORDS + 3);
    store_close(store);
}

static void a_head_needs_a_key(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    assert_int_equal(commit(store, 3, false), TURRET_OK);
    assert_int_equal(verified(store, NULL).records, 3);
    assert_int_equal(commit(store, 1, true), TURRET_ESTATE);
    assert_int_equal(verified(store, NULL).records, 3);
    store_close(store);
}

static void the_pinned_key_counts(void **state)
{
    struct fixture *fixture = *state;
    const struct paths paths = paths_of(fixture);
    struct turret_error err = {0, 0, ""};
    struct store *store = open_with_audit(fixture);
    struct audit_checked checked;
    uint8_t key[SEAL_KEY_BYTES];
    assert_int_equal(commit(store, 3, true), TURRET_OK);
    memcpy(key, verified(store, paths.heads).key, sizeof key);
    assert_int_equal(store_audit_verify(store, paths.heads, key, &checked, &err), TURRET_OK);
    key[4] ^= 1;
    refused(store, paths.heads, key, "is of another key");
    refused(store, NULL, key, "audit record 4 is signed with another key");
    store_close(store);
}

/* ---- the two files ---- */

static void the_key_is_made_once(void **state)
{
    struct fixture *fixture = *state;
    struct paths paths = paths_of(fixture);
    struct turret_error err;
    struct stat file;
    struct store *store = open_with_audit(fixture);
    uint64_t added;
    assert_int_equal(commit(store, 3, true), TURRET_OK);
    assert_int_equal(stat(paths.key, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    store_close(store);

    assert_int_equal(chmod(paths.key, 0640), 0);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(try_open(store, &paths, &added, &err), TURRET_EDENIED);
    store_close(store);
    write_file(paths.key, "turret audit key 1 00\n", 22);
    assert_int_equal(chmod(paths.key, 0600), 0);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(try_open(store, &paths, &added, &err), TURRET_EINVAL);
    store_close(store);
    assert_int_equal(unlink(paths.key), 0);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(try_open(store, &paths, &added, &err), TURRET_ENOTFOUND);
    store_close(store);
}

static void another_key_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct paths paths = paths_of(fixture);
    struct turret_error err;
    struct seal_key *key;
    struct store *store = open_with_audit(fixture);
    uint64_t added;
    assert_int_equal(commit(store, 3, true), TURRET_OK);
    store_close(store);
    assert_int_equal(unlink(paths.key), 0);
    assert_int_equal(seal_key_open(&key, paths.key, true, NULL), TURRET_OK);
    seal_key_close(key);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(try_open(store, &paths, &added, &err), TURRET_ECORRUPT);
    assert_non_null(strstr(err.text, "is not the one that store"));
    store_close(store);
}

static void lost_heads_are_added(void **state)
{
    struct fixture *fixture = *state;
    struct paths paths = paths_of(fixture);
    struct turret_error err;
    char text[8192], again[8192];
    struct store *store = open_with_audit(fixture);
    uint64_t added;
    size_t size;
    for (int i = 0; i < 4; i++)
        assert_int_equal(commit(store, 2, true), TURRET_OK);
    size = read_file(paths.heads, text, sizeof text);
    /* a crash between a commit and its line, in the middle of the line, and all of it gone */
    const size_t cuts[] = {size - 100, 0, 20};
    const uint64_t wanted[] = {1, 4, 4};
    for (int i = 0; i < 3; i++) {
        store_close(store);
        write_file(paths.heads, text, cuts[i]);
        store = fixture_open(fixture->path, 0);
        assert_int_equal(try_open(store, &paths, &added, &err), TURRET_OK);
        assert_int_equal(added, wanted[i]);
        assert_int_equal(read_file(paths.heads, again, sizeof again), size);
        assert_string_equal(again, text);
        assert_int_equal(verified(store, paths.heads).heads, 4);
    }
    assert_int_equal(unlink(paths.heads), 0);
    refused(store, paths.heads, NULL, "is not there, and store");
    store_close(store);
}

static void an_old_store_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct paths paths = paths_of(fixture);
    struct turret_error err;
    struct store *store = open_with_audit(fixture);
    unsigned char *bytes;
    uint64_t added;
    size_t size;
    assert_int_equal(commit(store, 2, true), TURRET_OK);
    store_close(store);
    bytes = fixture_read(fixture->path, &size);
    store = open_with_audit(fixture);
    assert_int_equal(commit(store, 2, true), TURRET_OK);
    store_close(store);
    fixture_write(fixture->path, bytes, size);
    free(bytes);
    store = fixture_open(fixture->path, 0);
    refused(store, paths.heads, NULL, "has no audit record 6, a head in line 3");
    assert_int_equal(try_open(store, &paths, &added, &err), TURRET_ECORRUPT);
    assert_non_null(strstr(err.text, "lost its end"));
    store_close(store);
}

/* ---- what cannot be told outside ---- */

static void an_untold_head_stops_all(void **state)
{
    struct fixture *fixture = *state;
    struct paths paths = paths_of(fixture);
    char moved[420];
    struct store *store = open_with_audit(fixture);
    (void)snprintf(moved, sizeof moved, "%s.moved", paths.heads);
    assert_int_equal(commit(store, 2, true), TURRET_OK);
    assert_int_equal(rename(paths.heads, moved), 0);
    assert_int_equal(commit(store, 2, false), TURRET_OK); /* nothing is to be told */
    assert_int_equal(commit(store, 2, true), TURRET_EIO);
    assert_int_equal(rename(moved, paths.heads), 0);
    assert_int_equal(commit(store, 2, false), TURRET_EIO); /* latched */
    store_close(store);
    store = open_with_audit(fixture); /* the head was written and is told now */
    assert_int_equal(verified(store, paths.heads).heads, 2);
    assert_int_equal(commit(store, 2, true), TURRET_OK);
    store_close(store);
}

static void an_exchanged_file_stops_all(void **state)
{
    struct fixture *fixture = *state;
    struct paths paths = paths_of(fixture);
    struct store *store = open_with_audit(fixture);
    assert_int_equal(unlink(paths.heads), 0);
    assert_int_equal(symlink("/dev/full", paths.heads), 0);
    assert_int_equal(commit(store, 2, true), TURRET_EIO);
    store_close(store);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(records_come_back),           cmocka_unit_test(records_have_bounds),
        WITH_FIXTURE(heads_are_signed_in_time),    WITH_FIXTURE(a_head_needs_a_key),
        WITH_FIXTURE(the_pinned_key_counts),       WITH_FIXTURE(the_key_is_made_once),
        WITH_FIXTURE(another_key_is_refused),      WITH_FIXTURE(lost_heads_are_added),
        WITH_FIXTURE(an_old_store_is_refused),     WITH_FIXTURE(an_untold_head_stops_all),
        WITH_FIXTURE(an_exchanged_file_stops_all),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
