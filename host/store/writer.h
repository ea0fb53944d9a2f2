/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store thread: commits batches in the order they were given, one transaction each, while the
 * core goes on. Two single-producer rings join them: full batches one way, empty ones back.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/store.h"

struct writer;

/*
 * `notify` is called on the store thread after every commit and on failure; it may only wake the
 * core (ev_async_send). batch_count empty batches of batch_bytes are made.
 */
int writer_start(struct writer **out, struct store *store, uint32_t batch_count, size_t batch_bytes,
                 void (*notify)(void *context), void *context, struct turret_error *err);
/* Commits what was given, then ends the thread. NULL is allowed. */
void writer_stop(struct writer *writer);

/* An empty batch, or NULL when all are under way: the core then waits for a notify. Core thread. */
struct store_batch *writer_take_batch(struct writer *writer);
/* Hands a filled batch over (or an empty one back). Core thread. */
void writer_give_batch(struct writer *writer, struct store_batch *batch);

/* Everything up to this journal sequence is on the disk. Any thread. */
uint64_t writer_durable_sequence(const struct writer *writer);
/* Batches given and not yet committed. Core thread. */
uint32_t writer_pending(const struct writer *writer);
/* 0, or the code and text of the commit that failed: nothing was or will be written after it. */
int writer_failed(const struct writer *writer, struct turret_error *err);

#endif
