/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the journal returns what was committed, that verify names a changed, missing or
 * foreign record even when its checksum was made to fit, and that a process killed in the middle of
 * commits loses no record that it had acknowledged.
 */
#include "store_fixture.h"

#include "store/crc32c.h"

#include <signal.h>

/* Payload of a record: follows from its sequence, of varying size. */
static uint32_t payload_of(uint64_t sequence, unsigned char *to)
{
    uint64_t seed = sequence * 31;
    uint32_t size = sequence % 50 == 0 ? 9000 : (uint32_t)(sequence * 7 % 300);
    for (uint32_t i = 0; i < size; i++)
        to[i] = (unsigned char)fixture_random(&seed);
    return size;
}

static void add_record(struct store_batch *batch, uint64_t sequence)
{
    static unsigned char payload[9000];
    struct store_record record = {
        sequence, (int64_t)sequence * 1000, (uint16_t)(sequence % 20), 3, 0, payload};
    record.size_bytes = payload_of(sequence, payload);
    assert_int_equal(store_batch_record(batch, &record), TURRET_OK);
}

static void append(struct store *store, uint64_t from, uint64_t end)
{
    struct store_batch *batch = fixture_batch(1 << 18);
    struct turret_error err = {0, 0, ""};
    while (from < end) {
        store_batch_clear(batch);
        assert_int_equal(store_batch_last_sequence(batch), 0);
        for (int i = 0; i < 40 && from < end; i++)
            add_record(batch, from++);
        assert_int_equal(store_batch_last_sequence(batch), from - 1);
        if (store_commit(store, batch, &err) != TURRET_OK)
            fail_msg("%s", err.text);
    }
    store_batch_destroy(batch);
}

struct seen {
    uint64_t next, stop_at;
};

static int check_record(void *context, const struct store_record *record)
{
    static unsigned char payload[9000];
    struct seen *seen = context;
    assert_int_equal(record->sequence, seen->next);
    assert_int_equal(record->time, (int64_t)record->sequence * 1000);
    assert_int_equal(record->type, record->sequence % 20);
    assert_int_equal(record->version, 3);
    assert_int_equal(record->size_bytes, payload_of(record->sequence, payload));
    assert_memory_equal(record->payload, payload, record->size_bytes);
    if (record->size_bytes > 0)
        assert_int_equal((uintptr_t)record->payload % 8, 0);
    return ++seen->next == seen->stop_at;
}

/* Reads from `from` on; answers the sequence after the last one read. */
static uint64_t read_from(struct store *store, uint64_t from, uint64_t stop_at)
{
    struct seen seen = {from, stop_at};
    struct turret_error err = {0, 0, ""};
    if (store_journal_read(store, from, check_record, &seen, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return seen.next;
}

static uint64_t verified(struct store *store)
{
    struct turret_error err = {0, 0, ""};
    uint64_t checked = 0;
    if (store_journal_verify(store, &checked, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return checked;
}

static void empty_journal(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_journal_head head;
    assert_int_equal(store_journal_head(store, &head, NULL), TURRET_OK);
    assert_int_equal(head.first + head.last, 0);
    assert_int_equal(read_from(store, 0, 0), 0);
    assert_int_equal(read_from(store, 5, 0), 5);
    assert_int_equal(verified(store), 0);
    store_close(store);
}

static void records_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_journal_head head;
    append(store, 1, 300);
    store_close(store);
    store = fixture_open(fixture->path, 0);
    append(store, 300, 1001);
    assert_int_equal(store_journal_head(store, &head, NULL), TURRET_OK);
    assert_int_equal(head.first, 1);
    assert_int_equal(head.last, 1000);
    assert_int_equal(read_from(store, 1, 0), 1001);
    assert_int_equal(read_from(store, 700, 0), 1001);
    assert_int_equal(read_from(store, 1000, 0), 1001);
    assert_int_equal(read_from(store, 1001, 0), 1001);
    assert_int_equal(read_from(store, 5000, 0), 5000);
    assert_int_equal(read_from(store, 100, 200), 200); /* the callback stops it */
    assert_int_equal(verified(store), 1000);
    store_close(store);
}

static void chain_is_the_stated_hash(void **state)
{
    /* SHA-256 over 32 zero bytes, sequence 1, time 2, type 3, version 4, size 3, "abc" */
    static const uint8_t expected[32] = {0x54, 0xa1, 0x79, 0x7f, 0xa0, 0x95, 0x74, 0x97,
                                         0x85, 0xf2, 0x65, 0xe9, 0xc7, 0x93, 0xbf, 0x08,
                                         0x7d, 0xdc, 0xda, 0x43, 0xb5, 0xe3, 0x35, 0xf1,
                                         0xa7, 0x7f, 0x4c, 0x25, 0xcb, 0xb5, 0x5f, 0xf4};
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 12);
    struct store_record record = {1, 2, 3, 4, 3, "abc"};
    struct store_journal_head head;
    assert_int_equal(store_batch_record(batch, &record), TURRET_OK);
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    assert_int_equal(store_journal_head(store, &head, NULL), TURRET_OK);
    assert_memory_equal(head.hash, expected, sizeof expected);
    store_batch_destroy(batch);
    store_close(store);
}

static void wrong_sequence_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 18);
    static const uint64_t wrong[] = {0, 1, 10, 12, 13};
    char value[4];
    append(store, 1, 11);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        size_t size = sizeof value;
        struct turret_error err = {0, 0, ""};
        store_batch_clear(batch);
        assert_int_equal(store_batch_put(batch, STORE_ORDER, "x", 1, 1, "y", 1), TURRET_OK);
        add_record(batch, wrong[i]);
        assert_int_equal(store_commit(store, batch, &err), TURRET_ESTATE);
        assert_non_null(strstr(err.text, "record 10"));
        assert_int_equal(store_get(store, STORE_ORDER, "x", 1, NULL, value, &size, NULL),
                         TURRET_ENOTFOUND);
    }
    append(store, 11, 20); /* our own mistake does not close the store */
    assert_int_equal(verified(store), 19);
    store_batch_destroy(batch);
    store_close(store);
}

/* ---- tampering ---- */

#define HEADER 64u

/* Where record `sequence` lies in the file; asserts that there is one copy with a good checksum. */
static unsigned char *find_record(unsigned char *bytes, size_t size, uint64_t sequence)
{
    unsigned char *found = NULL;
    int64_t time = (int64_t)sequence * 1000;
    for (size_t i = 0; i + HEADER < size; i += 2)
        if (memcmp(bytes + i, &sequence, 8) == 0 && memcmp(bytes + i + 8, &time, 8) == 0)
            found = bytes + i; /* older copies lie on free pages; any will do for a layout check */
    assert_non_null(found);
    return found;
}

/* Gives a changed record a checksum that fits again. */
static void mend_checksum(unsigned char *record)
{
    uint32_t size, crc = 0;
    memcpy(&size, record + 20, 4);
    memcpy(record + 24, &crc, 4);
    crc = crc32c_update(0, record, HEADER + size);
    memcpy(record + 24, &crc, 4);
}

/* Changes record 25 of 60 everywhere it lies: byte `at` of header and payload. */
static void tamper(struct fixture *fixture, size_t at, bool mend)
{
    unsigned char *bytes;
    uint64_t sequence = 25;
    int64_t time = 25000;
    size_t size;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    append(store, 1, 61);
    store_close(store);
    bytes = fixture_read(fixture->path, &size);
    (void)find_record(bytes, size, sequence);
    for (size_t i = 0; i + HEADER + at < size; i += 2)
        if (memcmp(bytes + i, &sequence, 8) == 0 && memcmp(bytes + i + 8, &time, 8) == 0) {
            bytes[i + at] ^= 1;
            if (mend)
                mend_checksum(bytes + i);
        }
    fixture_write(fixture->path, bytes, size);
    free(bytes);
}

static void assert_bad(struct store *store, const char *number, const char *word, uint64_t good)
{
    struct turret_error err = {0, 0, ""};
    uint64_t checked = 0;
    assert_int_equal(store_journal_verify(store, &checked, &err), TURRET_ECORRUPT);
    assert_int_equal(checked, good);
    if (!strstr(err.text, number) || !strstr(err.text, word))
        fail_msg("'%s' does not say '%s' and '%s'", err.text, number, word);
}

static void changed_record_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {1, 0};
    struct turret_error err = {0, 0, ""};
    struct store *store;
    tamper(fixture, HEADER + 10, false);
    store = fixture_open(fixture->path, 0);
    assert_bad(store, "record 25", "checksum", 24);
    assert_int_equal(store_journal_read(store, 1, check_record, &seen, &err), TURRET_ECORRUPT);
    assert_int_equal(seen.next, 25); /* what comes before it was given, nothing of it or after */
    assert_int_equal(read_from(store, 26, 0), 61);
    store_close(store);
}

static void changed_record_with_a_fitting_checksum(void **state)
{
    struct fixture *fixture = *state;
    struct store *store;
    tamper(fixture, HEADER + 10, true);
    store = fixture_open(fixture->path, 0);
    assert_bad(store, "record 25", "chain", 24);
    store_close(store);
}

static void changed_time_with_a_fitting_checksum(void **state)
{
    struct fixture *fixture = *state;
    struct store *store;
    tamper(fixture, 15, true); /* the top byte of the time */
    store = fixture_open(fixture->path, 0);
    assert_bad(store, "record 25", "chain", 24);
    store_close(store);
}

/* Rewrites the head row: `by` added to its last sequence, with a fitting checksum. */
static void move_head(struct fixture *fixture, uint64_t last, int64_t by)
{
    static const char key[] = "store.head";
    size_t size, length = sizeof key - 1;
    unsigned char *bytes = fixture_read(fixture->path, &size);
    unsigned count = 0;
    for (size_t i = 0; i + length + 68 < size; i++) {
        unsigned char *row = bytes + i + length, table = STORE_META;
        uint32_t crc;
        uint64_t stated;
        if (memcmp(bytes + i, key, length) != 0)
            continue;
        memcpy(&stated, row + 12 + 8, 8);
        if (stated != last)
            continue;
        stated += (uint64_t)by;
        memcpy(row + 12 + 8, &stated, 8);
        crc = crc32c_update(0, &table, 1);
        crc = crc32c_update(crc32c_update(crc, key, length), row, 8);
        crc = crc32c_update(crc, row + 12, 56);
        memcpy(row + 8, &crc, 4);
        count++;
    }
    assert_true(count > 0);
    fixture_write(fixture->path, bytes, size);
    free(bytes);
}

static void lost_or_foreign_tail(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct seen seen = {1, 0};
    append(store, 1, 61);
    store_close(store);
    move_head(fixture, 60, 1); /* as if record 61 had been cut off */
    store = fixture_open(fixture->path, 0);
    assert_bad(store, "record 61", "is missing", 60);
    assert_int_equal(store_journal_read(store, 1, check_record, &seen, NULL), TURRET_ECORRUPT);
    store_close(store);
    move_head(fixture, 61, -2); /* as if record 60 had been put in */
    store = fixture_open(fixture->path, 0);
    assert_bad(store, "record 60", "beyond", 59);
    store_close(store);
    move_head(fixture, 59, 1);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(verified(store), 60);
    store_close(store);
}

/* ---- long ones ---- */

static int count_record(void *context, const struct store_record *record)
{
    uint64_t *count = context;
    (void)record;
    ++*count;
    return 0;
}

/* So long that the check at open looks at its newer part only. */
static void make_long(const char *path, uint64_t records)
{
    static unsigned char payload[1800];
    struct store *store = fixture_open(path, STORE_CREATE | STORE_FAST);
    struct store_batch *batch = fixture_batch(4 << 20);
    for (uint64_t sequence = 1; sequence <= records;) {
        store_batch_clear(batch);
        for (int i = 0; i < 2000 && sequence <= records; i++) {
            struct store_record record = {sequence, (int64_t)sequence * 1000, 1,
                                          1,        sizeof payload,           payload};
            assert_int_equal(store_batch_record(batch, &record), TURRET_OK);
            sequence++;
        }
        assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    }
    store_batch_destroy(batch);
    store_close(store);
}

static void old_part_is_checked_when_read(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t records = 40000; /* two a page: 20000 pages */
    struct turret_error err = {0, 0, ""};
    unsigned char *bytes;
    uint64_t count = 0;
    size_t size, page;
    struct store *store;
    make_long(fixture->path, records);
    store = fixture_open(fixture->path, 0);
    assert_int_equal(store_journal_read(store, 1, count_record, &count, &err), TURRET_OK);
    assert_int_equal(count, records);
    assert_int_equal(verified(store), records);
    store_close(store);
    bytes = fixture_read(fixture->path, &size);
    page = (size_t)(find_record(bytes, size, 30) - bytes) / 4096 * 4096;
    bytes[page + 10] ^= 0x20; /* a flag in the page's header: LMDB would abort the process */
    fixture_write(fixture->path, bytes, size);
    free(bytes);
    store = fixture_open(fixture->path, 0);
    count = 0;
    assert_int_equal(store_journal_read(store, records - 100, count_record, &count, &err),
                     TURRET_OK);
    assert_int_equal(count, 101);
    count = 0;
    assert_int_equal(store_journal_read(store, 1, count_record, &count, &err), TURRET_ECORRUPT);
    assert_non_null(strstr(err.text, "journal"));
    assert_int_equal(count, 0);
    assert_int_equal(store_journal_verify(store, &count, NULL), TURRET_ECORRUPT);
    store_close(store);
}

/* ---- kill -9 ---- */

/* Commits batches for ever; says each acknowledged sequence. */
static void commit_for_ever(const char *path, int to)
{
    struct store_batch *batch = fixture_batch(1 << 18);
    struct store *store;
    struct store_journal_head head;
    uint64_t sequence;
    if (store_open(&store, path, STORE_CREATE | STORE_EXCLUSIVE, NULL) != TURRET_OK ||
        store_journal_head(store, &head, NULL) != TURRET_OK)
        _exit(1);
    for (sequence = head.last + 1;;) {
        store_batch_clear(batch);
        for (uint64_t i = 0; i <= sequence % 4; i++) {
            uint64_t key = __builtin_bswap64(sequence);
            add_record(batch, sequence);
            if (store_batch_put(batch, STORE_FILL, &key, 8, 1, &sequence, 8) != TURRET_OK)
                _exit(2);
            sequence++;
        }
        if (store_commit(store, batch, NULL) != TURRET_OK)
            _exit(3);
        sequence--;
        if (write(to, &sequence, 8) != 8)
            _exit(4);
        sequence++;
    }
}

static int count_fill(void *context, const void *key, size_t key_bytes, uint16_t version,
                      const void *value, size_t value_bytes)
{
    uint64_t *count = context;
    uint64_t sequence;
    (void)key;
    (void)key_bytes;
    (void)version;
    assert_int_equal(value_bytes, 8);
    memcpy(&sequence, value, 8);
    assert_int_equal(sequence, ++*count);
    return 0;
}

static void killed_in_the_middle(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seed = 4711, acknowledged = 0, last = 0;
    for (int round = 0; round < 50; round++) {
        uint64_t stop = last + 1 + fixture_random(&seed) % 60, value, fills = 0;
        struct store *store;
        int say[2];
        pid_t child;
        assert_int_equal(pipe(say), 0);
        child = fork();
        if (child == 0) {
            (void)close(say[0]);
            commit_for_ever(fixture->path, say[1]);
        }
        (void)close(say[1]);
        while (acknowledged < stop && read(say[0], &value, 8) == 8)
            acknowledged = value;
        for (uint64_t spin = fixture_random(&seed) % 300000; spin > 0; spin--)
            __asm__ volatile("" ::: "memory"); /* so that it hits every part of a commit */
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(fixture_wait(child), 128 + SIGKILL);
        while (read(say[0], &value, 8) == 8)
            acknowledged = value;
        (void)close(say[0]);
        store = fixture_open(fixture->path, STORE_EXCLUSIVE);
        last = verified(store);
        assert_true(last >= acknowledged);
        assert_int_equal(read_from(store, 1, 0), last + 1);
        /* rows and records of a commit are there together or not at all */
        assert_int_equal(store_scan(store, STORE_FILL, NULL, 0, count_fill, &fills, NULL, NULL),
                         TURRET_OK);
        assert_int_equal(fills, last);
        store_close(store);
    }
    assert_true(last >= 50);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(empty_journal),
        WITH_FIXTURE(records_come_back),
        WITH_FIXTURE(chain_is_the_stated_hash),
        WITH_FIXTURE(wrong_sequence_writes_nothing),
        WITH_FIXTURE(changed_record_is_named),
        WITH_FIXTURE(changed_record_with_a_fitting_checksum),
        WITH_FIXTURE(changed_time_with_a_fitting_checksum),
        WITH_FIXTURE(lost_or_foreign_tail),
        WITH_FIXTURE(old_part_is_checked_when_read),
        WITH_FIXTURE(killed_in_the_middle),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
