/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store thread. Batches travel in two rings with one producer and one consumer each; C11
 * atomics rather than Concurrency Kit's, whose inline assembly the thread sanitizer cannot see
 * through. A semaphore counts what was given, so that the thread sleeps when there is nothing to
 * do.
 *
 * After a failed commit the thread writes nothing more and gives nothing back: the core soon has no
 * empty batch left and cannot go on by oversight.
 */
#include "store/writer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES_MAX 4096u

/*
 * Room for every batch there is, so it is never full. One side counts what it put, the other what
 * it took; both only grow.
 */
struct ring {
    _Alignas(64) _Atomic uint32_t put;
    _Alignas(64) _Atomic uint32_t taken;
    struct store_batch **slots;
    uint32_t mask;
};

struct writer {
    struct ring full, empty;
    struct store *store;
    struct store_batch **batches; /* all of them, for the end */
    struct store_batch **spare;   /* core thread: made or given back without content */
    uint32_t batch_count, spare_count;
    uint32_t given; /* core thread */
    _Atomic uint32_t committed;
    _Atomic uint64_t durable;
    atomic_int failed;
    atomic_bool stopping;
    struct turret_error failure; /* read only when `failed` is set */
    void (*notify)(void *context);
    void *context;
    sem_t work;
    bool has_sem;
    pthread_t thread;
};

static bool ring_init(struct ring *ring, uint32_t capacity)
{
    uint32_t size = 1;
    while (size < capacity)
        size *= 2;
    atomic_init(&ring->put, 0);
    atomic_init(&ring->taken, 0);
    ring->mask = size - 1;
    ring->slots = calloc(size, sizeof(struct store_batch *));
    return ring->slots != NULL;
}

static void ring_put(struct ring *ring, struct store_batch *batch)
{
    uint32_t at = atomic_load_explicit(&ring->put, memory_order_relaxed);
    assert(at - atomic_load_explicit(&ring->taken, memory_order_acquire) <= ring->mask);
    ring->slots[at & ring->mask] = batch;
    atomic_store_explicit(&ring->put, at + 1, memory_order_release);
}

static struct store_batch *ring_take(struct ring *ring)
{
    uint32_t at = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    struct store_batch *batch;
    if (at == atomic_load_explicit(&ring->put, memory_order_acquire))
        return NULL;
    batch = ring->slots[at & ring->mask];
    atomic_store_explicit(&ring->taken, at + 1, memory_order_release);
    return batch;
}

static void commit(struct writer *writer, struct store_batch *batch)
{
    struct turret_error err = {0, 0, ""};
    uint64_t sequence = store_batch_last_sequence(batch);
    int code = store_commit(writer->store, batch, &err);
    if (code == TURRET_OK) {
        if (sequence > 0)
            atomic_store_explicit(&writer->durable, sequence, memory_order_release);
        store_batch_clear(batch);
        atomic_fetch_add_explicit(&writer->committed, 1, memory_order_release);
        ring_put(&writer->empty, batch);
    } else {
        writer->failure = err;
        atomic_store_explicit(&writer->failed, code, memory_order_release);
    }
    writer->notify(writer->context);
}

static void *run(void *context)
{
    struct writer *writer = context;
    for (;;) {
        struct store_batch *batch;
        while (sem_wait(&writer->work) != 0)
            assert(errno == EINTR);
        batch = ring_take(&writer->full);
        if (!batch) {
            /* the wake-up of writer_stop: everything given before it has been taken */
            assert(atomic_load_explicit(&writer->stopping, memory_order_acquire));
            return NULL;
        }
        if (atomic_load_explicit(&writer->failed, memory_order_relaxed) == TURRET_OK)
            commit(writer, batch);
    }
}

static void release(struct writer *writer)
{
    for (uint32_t i = 0; writer->batches && i < writer->batch_count; i++)
        store_batch_destroy(writer->batches[i]);
    if (writer->has_sem)
        (void)sem_destroy(&writer->work);
    free(writer->batches);
    free(writer->spare);
    free(writer->full.slots);
    free(writer->empty.slots);
    free(writer);
}

static int make_batches(struct writer *writer, size_t batch_bytes, struct turret_error *err)
{
    struct store_journal_head head;
    uint32_t count = writer->batch_count;
    int code = store_journal_head(writer->store, &head, err);
    if (code != TURRET_OK)
        return code;
    atomic_init(&writer->durable, head.last);
    writer->batches = calloc(count, sizeof(struct store_batch *));
    writer->spare = calloc(count, sizeof(struct store_batch *));
    if (!writer->batches || !writer->spare || !ring_init(&writer->full, count) ||
        !ring_init(&writer->empty, count) || sem_init(&writer->work, 0, 0) != 0)
        return turret_fail(err, TURRET_ENOMEM, "no memory for the store thread's rings");
    writer->has_sem = true;
    for (; writer->spare_count < count; writer->spare_count++) {
        code = store_batch_create(&writer->batches[writer->spare_count], batch_bytes, err);
        if (code != TURRET_OK)
            return code;
        writer->spare[writer->spare_count] = writer->batches[writer->spare_count];
    }
    return TURRET_OK;
}

/* Signals are the core thread's. */
static int start_thread(struct writer *writer, struct turret_error *err)
{
    sigset_t all, before;
    int rc;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&writer->thread, NULL, run, writer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return turret_fail(err, TURRET_ELIMIT, "the store thread cannot be started: %s",
                           strerror(rc));
    return TURRET_OK;
}

int writer_start(struct writer **out, struct store *store, uint32_t batch_count, size_t batch_bytes,
                 void (*notify)(void *context), void *context, struct turret_error *err)
{
    struct writer *writer = NULL;
    int code;
    *out = NULL;
    if (batch_count == 0 || batch_count > BATCHES_MAX)
        return turret_fail(err, TURRET_EINVAL, "a store thread has 1 to %u batches, not %u",
                           BATCHES_MAX, batch_count);
    if (posix_memalign((void **)&writer, 64, sizeof *writer) != 0)
        return turret_fail(err, TURRET_ENOMEM, "no memory for the store thread");
    memset(writer, 0, sizeof *writer);
    writer->store = store;
    writer->batch_count = batch_count;
    writer->notify = notify;
    writer->context = context;
    atomic_init(&writer->committed, 0);
    atomic_init(&writer->failed, TURRET_OK);
    atomic_init(&writer->stopping, false);
    code = make_batches(writer, batch_bytes, err);
    if (code == TURRET_OK)
        code = start_thread(writer, err);
    if (code != TURRET_OK) {
        release(writer);
        return code;
    }
    *out = writer;
    return TURRET_OK;
}

void writer_stop(struct writer *writer)
{
    if (!writer)
        return;
    atomic_store_explicit(&writer->stopping, true, memory_order_release);
    (void)sem_post(&writer->work);
    (void)pthread_join(writer->thread, NULL);
    release(writer);
}

struct store_batch *writer_take_batch(struct writer *writer)
{
    if (writer->spare_count > 0)
        return writer->spare[--writer->spare_count];
    return ring_take(&writer->empty);
}

void writer_give_batch(struct writer *writer, struct store_batch *batch)
{
    if (store_batch_empty(batch)) {
        writer->spare[writer->spare_count++] = batch;
        return;
    }
    writer->given++;
    ring_put(&writer->full, batch);
    (void)sem_post(&writer->work);
}

uint64_t writer_durable_sequence(const struct writer *writer)
{
    return atomic_load_explicit(&writer->durable, memory_order_acquire);
}

uint32_t writer_pending(const struct writer *writer)
{
    return writer->given - atomic_load_explicit(&writer->committed, memory_order_acquire);
}

int writer_failed(const struct writer *writer, struct turret_error *err)
{
    int code = atomic_load_explicit(&writer->failed, memory_order_acquire);
    if (code != TURRET_OK && err && err->code == 0)
        *err = writer->failure;
    return code;
}
