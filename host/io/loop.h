/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop of the core thread: timers, descriptors, signals, and a wake-up from other
 * threads. Handlers are called one at a time; after each round `turn` runs the host's own phases.
 * Only io/loop.c includes <ev.h>.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <turret/core.h>

#include <stdbool.h>

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop;
struct loop_timer;
struct loop_watch;

typedef void loop_fn(void *context);
typedef void loop_fd_fn(void *context, int descriptor, unsigned events);
typedef void loop_signal_fn(void *context, int signal_number);

int loop_create(struct loop **out, loop_fn *turn, void *context, struct turret_error *err);
/* Timers and watches made on it are gone with it. NULL is allowed. */
void loop_destroy(struct loop *loop);
/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Any thread: the loop makes another round. */
void loop_wake(struct loop *loop);

/* One shot; set again as often as you like, negative clears. */
int loop_timer_create(struct loop *loop, struct loop_timer **out, loop_fn *fired, void *context);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ns);
void loop_timer_destroy(struct loop_timer *timer); /* NULL is allowed */

/* events 0 stops watching. */
int loop_watch_create(struct loop *loop, struct loop_watch **out, int descriptor, unsigned events,
                      loop_fd_fn *ready, void *context);
void loop_watch_set(struct loop_watch *watch, unsigned events);
void loop_watch_destroy(struct loop_watch *watch);

int loop_signal(struct loop *loop, int signal_number, loop_signal_fn *caught, void *context);

#endif
