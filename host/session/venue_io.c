/* SPDX-License-Identifier: Apache-2.0 */
#include "session/venue_io.h"

#include "session/venues.h"

#include <string.h>

#define BEHIND_NS 1000000 /* when the core is behind, a timer waits that long */

static loop_fn on_timer;

int venue_io_init(struct venue_io *io, struct loop *loop, struct venues *venues, uint32_t venue)
{
    uint32_t i;
    int status = TURRET_OK;
    memset(io, 0, sizeof *io);
    io->loop = loop;
    io->venues = venues;
    io->venue = venue;
    for (i = 0; loop && !status && i < VENUE_TIMERS; i++) {
        struct venue_timer *timer = &io->timers[i];
        timer->io = io;
        timer->id = i;
        status = loop_timer_create(loop, &timer->timer, on_timer, timer);
    }
    return status;
}

void venue_io_finish(struct venue_io *io)
{
    uint32_t i;
    for (i = 0; i < VENUE_TIMERS; i++)
        loop_timer_destroy(io->timers[i].timer);
    for (i = 0; i < VENUE_WATCHES; i++)
        loop_watch_destroy(io->watches[i].watch);
    memset(io, 0, sizeof *io);
}

static void on_timer(void *context)
{
    struct venue_timer *timer = context;
    if (!venues_have_room(timer->io->venues))
        loop_timer_set(timer->timer, BEHIND_NS);
    else
        venues_fire_timer(timer->io->venues, timer->io->venue, timer->id);
}

int venue_io_timer(struct venue_io *io, uint32_t timer_id, int64_t delay_ns)
{
    if (timer_id >= VENUE_TIMERS)
        return TURRET_EINVAL;
    if (io->loop)
        loop_timer_set(io->timers[timer_id].timer, delay_ns);
    return TURRET_OK;
}

static void on_ready(void *context, int descriptor, unsigned events)
{
    const struct venue_watch *watch = context;
    venues_fire_fd(watch->io->venues, watch->io->venue, descriptor, events);
}

static struct venue_watch *find_watch(struct venue_io *io, int descriptor)
{
    uint32_t i;
    for (i = 0; i < VENUE_WATCHES; i++)
        if (io->watches[i].watch && io->watches[i].descriptor == descriptor)
            return &io->watches[i];
    return NULL;
}

static struct venue_watch *free_watch(struct venue_io *io)
{
    uint32_t i;
    for (i = 0; i < VENUE_WATCHES; i++)
        if (!io->watches[i].watch)
            return &io->watches[i];
    return NULL;
}

int venue_io_watch(struct venue_io *io, int descriptor, uint32_t events)
{
    struct venue_watch *watch = find_watch(io, descriptor);
    if (!io->loop)
        return TURRET_ENOTSUP;
    if (watch && events) {
        loop_watch_set(watch->watch, events);
    } else if (watch) {
        loop_watch_destroy(watch->watch);
        watch->watch = NULL;
    }
    if (watch || events == 0)
        return TURRET_OK;
    watch = free_watch(io);
    if (!watch)
        return TURRET_ELIMIT;
    watch->io = io;
    watch->descriptor = descriptor;
    return loop_watch_create(io->loop, &watch->watch, descriptor, events, on_ready, watch);
}
