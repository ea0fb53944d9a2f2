/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop, on libev. */
#include "io/loop.h"

#include <ev.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define LOOP_SIGNALS 4

struct loop_timer {
    ev_timer timer; /* first: libev hands it back */
    struct loop *loop;
    struct loop_timer *next;
    loop_fn *fired;
    void *context;
};

struct loop_watch {
    ev_io io; /* first */
    struct loop *loop;
    struct loop_watch *next;
    loop_fd_fn *ready;
    void *context;
};

struct signal_watch {
    ev_signal signal; /* first */
    loop_signal_fn *caught;
    void *context;
};

struct loop {
    struct ev_loop *ev;
    ev_async wake;
    ev_prepare prepare;
    loop_fn *turn;
    void *context;
    struct loop_timer *timers;
    struct loop_watch *watches;
    struct signal_watch signals[LOOP_SIGNALS];
    unsigned signal_count;
};

static void on_wake(struct ev_loop *ev, ev_async *wake, int events)
{
    (void)ev;
    (void)wake;
    (void)events;
}

static void on_prepare(struct ev_loop *ev, ev_prepare *prepare, int events)
{
    struct loop *loop = prepare->data;
    (void)ev;
    (void)events;
    loop->turn(loop->context);
}

/*
 * libev aborts when it is out of memory, for its small tables of descriptors and timers. They are
 * taken from here then, so that trading can end in order; what is given is never taken back.
 */
#define RESERVE_BYTES (128u << 10)

static _Alignas(16) unsigned char reserve[RESERVE_BYTES];
static size_t reserve_used;

static void *allocate(void *old, long size)
{
    bool reserved =
        (unsigned char *)old >= reserve && (unsigned char *)old < reserve + RESERVE_BYTES;
    size_t wanted = ((size_t)size + 15) / 16 * 16, has;
    void *made;
    if (size == 0) {
        if (!reserved)
            free(old);
        return NULL;
    }
    made = realloc(reserved ? NULL : old, (size_t)size);
    if (made && !reserved)
        return made;
    if (!made && wanted <= RESERVE_BYTES - reserve_used) {
        made = reserve + reserve_used;
        reserve_used += wanted;
    }
    if (!made || !old)
        return made;
    has = reserved ? (size_t)(reserve + RESERVE_BYTES - (unsigned char *)old)
                   : malloc_usable_size(old);
    memmove(made, old, has < (size_t)size ? has : (size_t)size);
    if (!reserved)
        free(old);
    return made;
}

int loop_create(struct loop **out, loop_fn *turn, void *context, struct turret_error *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    *out = NULL;
    ev_set_allocator(allocate);
    if (loop)
        loop->ev = ev_loop_new(EVFLAG_AUTO);
    if (!loop || !loop->ev) {
        free(loop);
        return turret_fail(err, TURRET_ENOMEM, "no event loop: out of memory or descriptors");
    }
    loop->turn = turn;
    loop->context = context;
    ev_async_init(&loop->wake, on_wake);
    ev_async_start(loop->ev, &loop->wake);
    ev_prepare_init(&loop->prepare, on_prepare);
    loop->prepare.data = loop;
    ev_prepare_start(loop->ev, &loop->prepare);
    *out = loop;
    return TURRET_OK;
}

void loop_destroy(struct loop *loop)
{
    unsigned i;
    if (!loop)
        return;
    while (loop->timers)
        loop_timer_destroy(loop->timers);
    while (loop->watches)
        loop_watch_destroy(loop->watches);
    for (i = 0; i < loop->signal_count; i++)
        ev_signal_stop(loop->ev, &loop->signals[i].signal);
    ev_prepare_stop(loop->ev, &loop->prepare);
    ev_async_stop(loop->ev, &loop->wake);
    ev_loop_destroy(loop->ev);
    free(loop);
}

void loop_run(struct loop *loop)
{
    (void)ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
    ev_break(loop->ev, EVBREAK_ALL);
    loop_wake(loop);
}

void loop_wake(struct loop *loop)
{
    ev_async_send(loop->ev, &loop->wake);
}

static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct loop_timer *own = (struct loop_timer *)(void *)timer;
    (void)ev;
    (void)events;
    own->fired(own->context);
}

int loop_timer_create(struct loop *loop, struct loop_timer **out, loop_fn *fired, void *context)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    *out = timer;
    if (!timer)
        return TURRET_ENOMEM;
    ev_init(&timer->timer, on_timer);
    timer->loop = loop;
    timer->fired = fired;
    timer->context = context;
    timer->next = loop->timers;
    loop->timers = timer;
    return TURRET_OK;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ns)
{
    ev_timer_stop(timer->loop->ev, &timer->timer);
    if (delay_ns < 0)
        return;
    if (delay_ns > 0) /* a delay counts from now, not from the round's start */
        ev_now_update(timer->loop->ev);
    ev_timer_set(&timer->timer, (double)delay_ns / 1e9, 0.);
    ev_timer_start(timer->loop->ev, &timer->timer);
}

void loop_timer_destroy(struct loop_timer *timer)
{
    struct loop_timer **at;
    if (!timer)
        return;
    for (at = &timer->loop->timers; *at != timer; at = &(*at)->next)
        ;
    *at = timer->next;
    ev_timer_stop(timer->loop->ev, &timer->timer);
    free(timer);
}

static void on_io(struct ev_loop *ev, ev_io *io, int events)
{
    struct loop_watch *own = (struct loop_watch *)(void *)io;
    unsigned ready = (events & EV_READ ? LOOP_READ : 0) | (events & EV_WRITE ? LOOP_WRITE : 0);
    (void)ev;
    own->ready(own->context, io->fd, ready);
}

int loop_watch_create(struct loop *loop, struct loop_watch **out, int descriptor, unsigned events,
                      loop_fd_fn *ready, void *context)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);
    *out = watch;
    if (!watch)
        return TURRET_ENOMEM;
    ev_io_init(&watch->io, on_io, descriptor, 0);
    watch->loop = loop;
    watch->ready = ready;
    watch->context = context;
    watch->next = loop->watches;
    loop->watches = watch;
    loop_watch_set(watch, events);
    return TURRET_OK;
}

void loop_watch_set(struct loop_watch *watch, unsigned events)
{
    int descriptor = watch->io.fd;
    ev_io_stop(watch->loop->ev, &watch->io);
    ev_io_set(&watch->io, descriptor,
              (events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0));
    if (events)
        ev_io_start(watch->loop->ev, &watch->io);
}

void loop_watch_destroy(struct loop_watch *watch)
{
    struct loop_watch **at;
    if (!watch)
        return;
    for (at = &watch->loop->watches; *at != watch; at = &(*at)->next)
        ;
    *at = watch->next;
    ev_io_stop(watch->loop->ev, &watch->io);
    free(watch);
}

static void on_signal(struct ev_loop *ev, ev_signal *signal, int events)
{
    struct signal_watch *own = (struct signal_watch *)(void *)signal;
    (void)ev;
    (void)events;
    own->caught(own->context, signal->signum);
}

int loop_signal(struct loop *loop, int signal_number, loop_signal_fn *caught, void *context)
{
    struct signal_watch *watch = &loop->signals[loop->signal_count];
    if (loop->signal_count >= LOOP_SIGNALS)
        return TURRET_ELIMIT;
    loop->signal_count++;
    ev_signal_init(&watch->signal, on_signal, signal_number);
    watch->caught = caught;
    watch->context = context;
    ev_signal_start(loop->ev, &watch->signal);
    return TURRET_OK;
}
