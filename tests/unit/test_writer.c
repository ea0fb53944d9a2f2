/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the store thread commits every batch it was given, in order, and before it ends; that
 * the durable sequence never runs ahead of the disk; and that after a failed commit it writes
 * nothing more, says why, and hands no batch out again.
 */
#include "store_fixture.h"

#include "store/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>

struct bell {
    sem_t rung;
};

static void ring(void *context)
{
    struct bell *bell = context;
    (void)sem_post(&bell->rung);
}

static void wait_for(struct bell *bell)
{
    while (sem_wait(&bell->rung) != 0)
        continue;
}

static struct writer *start(struct store *store, struct bell *bell, uint32_t batches, size_t size)
{
    struct turret_error err = {0, 0, ""};
    struct writer *writer = NULL;
    assert_int_equal(sem_init(&bell->rung, 0, 0), 0);
    if (writer_start(&writer, store, batches, size, ring, bell, &err) != TURRET_OK)
        fail_msg("%s", err.text);
    return writer;
}

static void add_record(struct store_batch *batch, uint64_t sequence)
{
    struct store_record record = {sequence, (int64_t)sequence, 1, 1, 8, &sequence};
    assert_int_equal(store_batch_record(batch, &record), TURRET_OK);
}

static int check_record(void *context, const struct store_record *record)
{
    uint64_t *next = context, value;
    memcpy(&value, record->payload, 8);
    assert_int_equal(record->sequence, ++*next);
    assert_int_equal(value, record->sequence);
    return 0;
}

static void everything_given_is_committed_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct bell bell;
    struct writer *writer = start(store, &bell, 4, 4096);
    uint64_t sequence = 0, durable = 0, seed = 3;
    for (int i = 0; i < 500; i++) {
        struct store_batch *batch = writer_take_batch(writer);
        while (!batch) { /* all under way */
            assert_true(writer_pending(writer) > 0);
            wait_for(&bell);
            batch = writer_take_batch(writer);
        }
        assert_true(store_batch_empty(batch));
        for (uint64_t n = fixture_random(&seed) % 5; n > 0; n--)
            add_record(batch, ++sequence);
        writer_give_batch(writer, batch); /* sometimes empty: it comes back at once */
        assert_true(writer_pending(writer) <= 4);
        assert_true(writer_durable_sequence(writer) >= durable);
        durable = writer_durable_sequence(writer);
        assert_true(durable <= sequence);
        if (i % 50 == 0) { /* what is said to be durable can be read */
            struct store_journal_head head;
            assert_int_equal(store_journal_head(store, &head, NULL), TURRET_OK);
            assert_true(head.last >= durable);
        }
    }
    assert_int_equal(writer_failed(writer, NULL), TURRET_OK);
    writer_stop(writer); /* without waiting: it finishes first */
    durable = 0;
    assert_int_equal(store_journal_read(store, 1, check_record, &durable, NULL), TURRET_OK);
    assert_int_equal(durable, sequence);
    store_close(store);
}

static void durable_sequence_and_pending(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batches[4];
    struct bell bell;
    struct writer *writer = start(store, &bell, 4, 4096);
    assert_int_equal(writer_durable_sequence(writer), 0);
    for (int i = 0; i < 4; i++) {
        batches[i] = writer_take_batch(writer);
        assert_non_null(batches[i]);
    }
    assert_null(writer_take_batch(writer));
    for (uint64_t i = 0; i < 3; i++)
        add_record(batches[i], i + 1);
    /* a batch without records moves nothing */
    assert_int_equal(store_batch_put(batches[3], STORE_ORDER, "k", 1, 1, "v", 1), TURRET_OK);
    for (int i = 0; i < 4; i++)
        writer_give_batch(writer, batches[i]);
    for (int i = 0; i < 4; i++)
        wait_for(&bell);
    assert_int_equal(writer_pending(writer), 0);
    assert_int_equal(writer_durable_sequence(writer), 3);
    for (int i = 0; i < 4; i++)
        assert_non_null(writer_take_batch(writer));
    writer_stop(writer);
    writer = start(store, &bell, 1, 4096); /* goes on from where the journal is */
    assert_int_equal(writer_durable_sequence(writer), 3);
    writer_stop(writer);
    writer_stop(NULL);
    store_close(store);
}

static void our_own_mistake_stops_it_too(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct turret_error err = {0, 0, ""};
    struct bell bell;
    struct writer *writer = start(store, &bell, 2, 4096);
    struct store_batch *batch = writer_take_batch(writer), *other = writer_take_batch(writer);
    struct store_journal_head head;
    add_record(batch, 7);
    add_record(other, 1); /* would be right, but comes after the mistake */
    writer_give_batch(writer, batch);
    writer_give_batch(writer, other);
    wait_for(&bell);
    assert_int_equal(writer_failed(writer, &err), TURRET_ESTATE);
    assert_non_null(strstr(err.text, "record 7"));
    assert_null(writer_take_batch(writer));
    assert_int_equal(writer_pending(writer), 2);
    writer_stop(writer);
    assert_int_equal(store_journal_head(store, &head, NULL), TURRET_OK);
    assert_int_equal(head.last, 0);
    store_close(store);
}

/* In a child: the file may not grow beyond 1 MiB. */
static int run_into_the_limit(const char *path)
{
    static unsigned char bytes[30000];
    struct rlimit limit = {1 << 20, 1 << 20};
    struct turret_error err = {0, 0, ""};
    struct store_journal_head head;
    struct bell bell;
    struct store *store = fixture_open(path, STORE_CREATE);
    struct writer *writer;
    uint64_t durable, sequence = 0;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 77;
    writer = start(store, &bell, 3, 1 << 16);
    while (writer_failed(writer, NULL) == TURRET_OK && sequence < 1000) {
        struct store_batch *batch = writer_take_batch(writer);
        struct store_record record = {++sequence, 0, 1, 1, sizeof bytes, bytes};
        if (!batch) {
            sequence--;
            wait_for(&bell);
            continue;
        }
        if (store_batch_record(batch, &record) != TURRET_OK)
            return 1;
        writer_give_batch(writer, batch);
    }
    durable = writer_durable_sequence(writer);
    if (writer_failed(writer, &err) != TURRET_EFULL || !strstr(err.text, path))
        return 2;
    if (writer_pending(writer) == 0 || durable >= sequence)
        return 3;
    writer_stop(writer);
    store_close(store);
    store = fixture_open(path, STORE_READ_ONLY);
    if (store_journal_head(store, &head, NULL) != TURRET_OK || head.last != durable)
        return 4;
    store_close(store);
    return 0;
}

static void full_disk_stops_it(void **state)
{
    struct fixture *fixture = *state;
    pid_t child = fork();
    if (child == 0)
        _exit(run_into_the_limit(fixture->path));
    assert_int_equal(fixture_wait(child), 0);
}

/* Readers in a thread of their own while the store thread commits. */
struct reader {
    struct store *store;
    const struct writer *writer;
    _Atomic bool stop;
    uint64_t behind;
};

static void *read_along(void *context)
{
    struct reader *reader = context;
    while (!reader->stop) {
        uint64_t durable = writer_durable_sequence(reader->writer);
        struct store_journal_head head;
        uint64_t next = 0;
        if (store_journal_head(reader->store, &head, NULL) != TURRET_OK || head.last < durable)
            reader->behind++;
        if (store_journal_read(reader->store, 1, check_record, &next, NULL) != TURRET_OK)
            reader->behind++;
    }
    return NULL;
}

static void readers_see_what_is_durable(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct bell bell;
    struct writer *writer = start(store, &bell, 8, 4096);
    struct reader reader = {store, writer, false, 0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_along, &reader), 0);
    for (uint64_t i = 1; i <= 300;) {
        struct store_batch *batch = writer_take_batch(writer);
        if (!batch) {
            wait_for(&bell);
            continue;
        }
        add_record(batch, i++);
        writer_give_batch(writer, batch);
    }
    reader.stop = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(reader.behind, 0);
    writer_stop(writer);
    store_close(store);
}

static void bad_counts(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct writer *writer;
    assert_int_equal(writer_start(&writer, store, 0, 4096, ring, NULL, NULL), TURRET_EINVAL);
    assert_null(writer);
    assert_int_equal(writer_start(&writer, store, 5000, 4096, ring, NULL, NULL), TURRET_EINVAL);
    store_close(store);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(everything_given_is_committed_in_order),
        WITH_FIXTURE(durable_sequence_and_pending),
        WITH_FIXTURE(our_own_mistake_stops_it_too),
        WITH_FIXTURE(full_disk_stops_it),
        WITH_FIXTURE(readers_see_what_is_durable),
        WITH_FIXTURE(bad_counts),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
