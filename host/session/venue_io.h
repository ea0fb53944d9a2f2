/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers and descriptors of one adapter, on the loop the registry names. A backtest has no loop:
 * descriptors cannot be watched there and timers never fire.
 */
#ifndef SESSION_VENUE_IO_H
#define SESSION_VENUE_IO_H

#include "io/loop.h"

#define VENUE_WATCHES 16
#define VENUE_TIMERS  8

struct venues;
struct venue_io;

struct venue_timer {
    struct venue_io *io;
    struct loop_timer *timer;
    uint32_t id;
};

struct venue_watch {
    struct venue_io *io;
    struct loop_watch *watch;
    int descriptor;
};

struct venue_io {
    struct loop *loop;
    struct venues *venues; /* whose venues_fire_…() are called */
    uint32_t venue;
    struct venue_timer timers[VENUE_TIMERS];
    struct venue_watch watches[VENUE_WATCHES];
};

/*
 * owns: *io stays where it is until venue_io_finish(); a zeroed one may be finished. The timers are
 * made here: an adapter that waits for one in vain would stand still for ever. fails: ENOMEM
 */
int venue_io_init(struct venue_io *io, struct loop *loop, struct venues *venues, uint32_t venue);
void venue_io_finish(struct venue_io *io);

/* As turret_broker_host.watch. fails: ENOTSUP no loop, ELIMIT, ENOMEM */
int venue_io_watch(struct venue_io *io, int descriptor, uint32_t events);
/* As turret_broker_host.timer. fails: EINVAL no such timer */
int venue_io_timer(struct venue_io *io, uint32_t timer_id, int64_t delay_ns);

#endif
