/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include "io/clock.h"
#include "session/live_state.h"
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- clocks ---- */

int64_t clock_unix_ns(void)
{
    return world_now->now;
}

int64_t clock_monotonic_ns(void)
{
    return world_now->now;
}

/* It is never suspended. */
int64_t clock_boot_ns(void)
{
    return clock_monotonic_ns();
}

/* ---- loop: the simulation itself goes round; nothing is watched and no timer is used ---- */

int loop_create(struct loop **out, loop_fn *turn, void *context, struct turret_error *err)
{
    (void)turn;
    (void)context;
    *out = NULL;
    return turret_fail(err, TURRET_ENOTSUP, "the simulation has its own");
}

void loop_destroy(struct loop *loop)
{
    (void)loop;
}

void loop_run(struct loop *loop)
{
    (void)loop;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

void loop_wake(struct loop *loop)
{
    loop->woken = true;
}

int loop_timer_create(struct loop *loop, struct loop_timer **out, loop_fn *fired, void *context)
{
    (void)loop;
    (void)fired;
    (void)context;
    *out = NULL;
    return TURRET_ENOTSUP;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ns)
{
    (void)timer;
    (void)delay_ns;
}

void loop_timer_destroy(struct loop_timer *timer)
{
    (void)timer;
}

int loop_watch_create(struct loop *loop, struct loop_watch **out, int descriptor, unsigned events,
                      loop_fd_fn *ready, void *context)
{
    (void)loop;
    (void)descriptor;
    (void)events;
    (void)ready;
    (void)context;
    *out = NULL;
    return TURRET_ENOTSUP;
}

void loop_watch_set(struct loop_watch *watch, unsigned events)
{
    (void)watch;
    (void)events;
}

void loop_watch_destroy(struct loop_watch *watch)
{
    (void)watch;
}

int loop_signal(struct loop *loop, int signal_number, loop_signal_fn *caught, void *context)
{
    (void)loop;
    (void)signal_number;
    (void)caught;
    (void)context;
    return TURRET_ENOTSUP;
}

/* ---- disk ---- */

static void keep_record(struct writer *writer, const struct batch_op *op)
{
    const uint8_t *payload = (const uint8_t *)(op + 1) + op->key_bytes;
    struct event *event;
    if (writer->count == writer->room) {
        writer->room = writer->room ? writer->room * 2 : 4096;
        writer->journal = realloc(writer->journal, writer->room * sizeof *writer->journal);
        if (!writer->journal)
            abort();
    }
    event = &writer->journal[writer->count++];
    memset(event, 0, sizeof *event);
    event->sequence = op->sequence;
    event->time = op->time;
    event->type = op->table;
    memcpy(&event->venue, payload, sizeof event->venue);
    memcpy(&event->behind_s, payload + 4, sizeof event->behind_s);
    memcpy(&event->u, payload + 8, op->value_bytes - 8);
    if (op->sequence != writer->count)
        world_fail(writer->world, "the journal has no gaps", "record %llu comes after %llu",
                   (unsigned long long)op->sequence, (unsigned long long)writer->count - 1);
    writer->durable = op->sequence;
}

static void keep(struct writer *writer, struct store_batch *batch)
{
    const struct batch_op *op = NULL;
    while ((op = batch_next(batch, op)) != NULL)
        if (op->kind == BATCH_RECORD)
            keep_record(writer, op);
    store_batch_clear(batch);
}

static void on_commit(struct world *world, uint32_t who, uint64_t what)
{
    struct writer *writer = (struct writer *)(uintptr_t)what;
    uint32_t index;
    (void)who;
    if (!writer->alive || writer->queue_count == 0 || writer->failed ||
        world->now < writer->busy_until)
        return; /* of a host that is gone */
    if (world_fault(world, FAULT_DISK_FAILS)) {
        writer->failed = TURRET_EIO;
        loop_wake(writer->loop);
        return;
    }
    index = writer->queue[0];
    memmove(writer->queue, writer->queue + 1, --writer->queue_count * sizeof *writer->queue);
    keep(writer, writer->batches[index]);
    writer->free[writer->free_count++] = index;
    loop_wake(writer->loop);
    if (writer->queue_count > 0) {
        writer->busy_until = world->now + world_between(world, 100, 400) * MS / 1000;
        world_at(world, writer->busy_until - world->now, on_commit, 0, what);
    }
}

struct store_batch *writer_take_batch(struct writer *writer)
{
    return writer->free_count > 0 ? writer->batches[writer->free[--writer->free_count]] : NULL;
}

void writer_give_batch(struct writer *writer, struct store_batch *batch)
{
    uint32_t i = 0;
    int64_t takes = world_fault(writer->world, FAULT_SLOW_DISK)
                        ? world_between(writer->world, MS, 2 * SECOND)
                        : world_between(writer->world, 100, 400) * MS / 1000;
    while (writer->batches[i] != batch)
        i++;
    if (store_batch_empty(batch)) {
        writer->free[writer->free_count++] = i;
        return;
    }
    writer->queue[writer->queue_count++] = i;
    if (writer->queue_count > 1)
        return; /* after those before it */
    writer->busy_until = writer->world->now + takes;
    world_at(writer->world, takes, on_commit, 0, (uint64_t)(uintptr_t)writer);
}

uint64_t writer_durable_sequence(const struct writer *writer)
{
    return writer->world->bug == BUG_EARLY ? UINT64_MAX : writer->durable;
}

uint32_t writer_pending(const struct writer *writer)
{
    return writer->queue_count;
}

int writer_failed(const struct writer *writer, struct turret_error *err)
{
    return writer->failed ? turret_fail(err, writer->failed, "the disk says EIO") : TURRET_OK;
}

int writer_start(struct writer **out, struct store *store, uint32_t batch_count, size_t batch_bytes,
                 void (*notify)(void *context), void *context, struct turret_error *err)
{
    (void)store;
    (void)batch_count;
    (void)batch_bytes;
    (void)notify;
    (void)context;
    *out = NULL;
    return turret_fail(err, TURRET_ENOTSUP, "machine_open() makes it");
}

void writer_stop(struct writer *writer)
{
    (void)writer;
}

void machine_flush(struct writer *writer, struct store_batch *batch)
{
    keep(writer, batch);
}

void machine_crash(struct writer *writer, uint32_t kept)
{
    uint32_t i;
    for (i = 0; i < writer->queue_count; i++)
        if (i < kept && !writer->failed)
            keep(writer, writer->batches[writer->queue[i]]);
    for (i = 0; i < MACHINE_BATCHES; i++) {
        store_batch_clear(writer->batches[i]);
        writer->free[i] = i;
    }
    if (writer->world->bug == BUG_RECORD_LOST && writer->count > 100)
        writer->journal[writer->count - 20].type = EVENT_CONFIG; /* that is as good as nothing */
    writer->free_count = MACHINE_BATCHES;
    writer->queue_count = 0;
    writer->failed = 0;
    writer->alive = false;
}

int machine_open(struct writer *writer, struct world *world, struct loop *loop,
                 struct turret_error *err)
{
    uint32_t i;
    int status = TURRET_OK;
    writer->world = world;
    writer->loop = loop;
    for (i = 0; !status && i < MACHINE_BATCHES; i++) {
        status = store_batch_create(&writer->batches[i], LIVE_BATCH_BYTES, err);
        writer->free[writer->free_count++] = i;
    }
    return status;
}

void machine_close(struct writer *writer)
{
    uint32_t i;
    for (i = 0; i < MACHINE_BATCHES; i++)
        store_batch_destroy(writer->batches[i]);
    free(writer->journal);
    memset(writer, 0, sizeof *writer);
}
