/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine under the host: its clocks, its loop and its disk, in place of io/clock.c, io/loop.c
 * and store/writer.c, with the same functions. What is on the disk outlives the host.
 */
#ifndef SIMULATE_MACHINE_H
#define SIMULATE_MACHINE_H

#include "world.h"

#include "core/event.h"
#include "io/loop.h"
#include "store/writer.h"

#define MACHINE_BATCHES 4

struct loop {
    bool woken, stopped;
};

struct writer {
    struct world *world;
    struct loop *loop;
    struct store_batch *batches[MACHINE_BATCHES];
    uint32_t free[MACHINE_BATCHES], free_count;
    uint32_t queue[MACHINE_BATCHES], queue_count; /* given, oldest first */
    turret_time_ns busy_until;
    uint64_t durable;
    int failed;
    bool alive;            /* a host is there */
    struct event *journal; /* journal[i] has sequence i + 1 */
    uint64_t count, room;
};

int machine_open(struct writer *writer, struct world *world, struct loop *loop,
                 struct turret_error *err);
void machine_close(struct writer *writer);
/* Nothing is under way any more: of what was given, the oldest `kept` batches are on the disk. */
void machine_crash(struct writer *writer, uint32_t kept);
/* Waits for the disk, as opening does. */
void machine_flush(struct writer *writer, struct store_batch *batch);

#endif
