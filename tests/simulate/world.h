/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world of a simulation: virtual time, one source of chance, what is due when, what faults are
 * switched on, a digest of all that happened. Everything follows from the seed.
 */
#ifndef SIMULATE_WORLD_H
#define SIMULATE_WORLD_H

#include "core/money.h"

#include <stdio.h>

#define MS      INT64_C(1000000)
#define SECOND  (1000 * MS)
#define MINUTE  (60 * SECOND)
#define MILLION UINT64_C(1000000)

/* As far as the time of the core may be ahead of the machine's clock. */
#define WORLD_AHEAD (5 * SECOND)

#define WORLD_VENUES      3
#define WORLD_INSTRUMENTS 6
#define WORLD_STRATEGIES  6

/* FAULT(name, most, what it is): `most` is the highest chance a seed may give it, in ppm a try. */
#define WORLD_FAULTS(FAULT)                                                                        \
    FAULT(LOSE_REQUEST, 30000, "a request never arrives")                                          \
    FAULT(LOSE_ANSWER, 30000, "an answer never arrives")                                           \
    FAULT(REPEAT_REQUEST, 20000, "a request arrives twice")                                        \
    FAULT(SLOW, 50000, "a message takes seconds")                                                  \
    FAULT(LOSE_REPORT, 10000, "a report is missing: a gap in the sequence")                        \
    FAULT(REPEAT_REPORT, 20000, "a report arrives twice")                                          \
    FAULT(NOT_FOUND, 300000, "a new order is not found for a while")                               \
    FAULT(REJECT, 30000, "the venue refuses")                                                      \
    FAULT(UNSURE, 20000, "the adapter cannot tell whether it sent")                                \
    FAULT(RATE_LIMIT, 10000, "too many requests")                                                  \
    FAULT(DISCONNECT, 40000, "the line is cut, fills are missed")                                  \
    FAULT(BUST, 4000, "an execution is taken back")                                                \
    FAULT(CORRECTION, 4000, "an execution is replaced by another")                                 \
    FAULT(FOREIGN, 5000, "an order of somebody else on the account")                               \
    FAULT(MANUAL, 4000, "a person trades on the account")                                          \
    FAULT(DRIFT, 600, "position or cash of the account change, and nobody says why")               \
    FAULT(SESSION_END, 2000, "the venue closes: day orders expire")                                \
    FAULT(STAMP, 2000, "a trade is stamped ahead of its time, seconds or years")                   \
    FAULT(VENUE_CANCEL, 5000, "the venue cancels an order by itself")                              \
    FAULT(SLOW_DISK, 20000, "a commit takes seconds")                                              \
    FAULT(DISK_FAILS, 200, "a commit fails and the host ends")                                     \
    FAULT(KILL, 150, "the host is killed between two steps")                                       \
    FAULT(KILL_SENDING, 3000, "the host is killed while it sends")                                 \
    FAULT(KILL_OPENING, 300000, "the host is killed while it opens")                               \
    FAULT(STOP, 2000, "the host is stopped and started")                                           \
    FAULT(SWAP, 30000, "a step of a change of code")                                               \
    FAULT(RELOAD, 4000, "other limits come into force")                                            \
    FAULT(HALT, 5000, "a person halts, reduces, resumes")                                          \
    FAULT(SCOPE, 5000, "a person does the same for a venue, strategy or instrument")               \
    FAULT(FLATTEN, 2000, "a person closes what strategies hold")                                   \
    FAULT(PAUSE, 5000, "a person pauses, stops, starts a strategy")                                \
    FAULT(SNAPSHOT, 10000, "a snapshot is taken")

enum fault {
#define FAULT(name, most, text) FAULT_##name,
    WORLD_FAULTS(FAULT)
#undef FAULT
        FAULTS
};

/* Mistakes made on purpose, to see that an invariant notices. BUG(name, what is done wrong) */
#define WORLD_BUGS(BUG)                                                                            \
    BUG(FILL_TWICE, "the venue books an execution twice")                                          \
    BUG(FEE_DROPPED, "the venue charges a fee it does not tell")                                   \
    BUG(FILL_LOST, "an execution is never told")                                                   \
    BUG(RESENT, "after a crash the host sends again what it sent before")                          \
    BUG(EARLY, "a command leaves before its record is durable")                                    \
    BUG(NOT_SENT, "the adapter swears it sent nothing, and did")                                   \
    BUG(DEAF_HALT, "a halt is journaled and not heeded")                                           \
    BUG(RECORD_LOST, "the journal lacks a record after a crash")                                   \
    BUG(EVENT_TWICE, "a strategy is given an event twice")                                         \
    BUG(LATE_CHANGE, "the venue makes an order larger than was asked for")                         \
    BUG(EXPOSURE, "the reservation of an order is let go while it works")                          \
    BUG(EXIT_GROWS, "an exit is for more than its position")

enum bug {
    BUG_NONE,
#define BUG(name, text) BUG_##name,
    WORLD_BUGS(BUG)
#undef BUG
        BUGS
};

struct world;
typedef void world_fn(struct world *world, uint32_t who, uint64_t what);

struct due {
    turret_time_ns time;
    uint64_t number; /* of two at a time the one asked for first */
    world_fn *fire;
    uint64_t what;
    uint32_t who;
};

struct exchange;
struct host;

struct world {
    uint64_t seed, random[4];
    turret_time_ns now;
    struct due *heap;
    uint32_t due_count, due_room;
    uint64_t due_number;
    uint64_t digest, steps, events;
    uint32_t chance[FAULTS]; /* ppm */
    uint64_t happened[FAULTS];
    enum bug bug;
    bool trace, calm, failed; /* calm: no faults any more */
    char failure[600];
    struct exchange *exchanges[WORLD_VENUES];
    struct host *host;
    uint32_t venues, instruments, strategies;
};

/* The one whose clock the host reads (machine.c). */
extern struct world *world_now;

int world_init(struct world *world, uint64_t seed);
void world_finish(struct world *world);
uint64_t world_random(struct world *world);
static inline uint64_t world_below(struct world *world, uint64_t limit)
{
    return (world_random(world) >> 8) % limit; /* not quite even, which does not matter here */
}
static inline int64_t world_between(struct world *world, int64_t low, int64_t high)
{
    return low + (int64_t)world_below(world, (uint64_t)(high - low + 1));
}
/* Whether this fault happens now. */
bool world_fault(struct world *world, enum fault fault);
const char *world_fault_name(enum fault fault);
const char *world_fault_text(enum fault fault);
/* `fire` in delay_ns from now. */
void world_at(struct world *world, int64_t delay_ns, world_fn *fire, uint32_t who, uint64_t what);
/* Carries out what is due next; false when nothing is. */
bool world_step(struct world *world);
void world_mix(struct world *world, const void *bytes, size_t size);
/* An invariant does not hold: the first one is kept. */
void world_fail(struct world *world, const char *invariant, const char *format, ...)
    TURRET_PRINTF(3, 4);
/* In a trace, a line of what happens. */
void world_say(struct world *world, const char *format, ...) TURRET_PRINTF(2, 3);

#endif
