/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One runner process: started, called, watched, ended. A call that is not answered in time, a
 * process that dies and an answer that makes no sense all end the same way: the process is killed
 * and reaped, the call fails, and runner_why() says what happened.
 */
#ifndef ISOLATION_RUNNER_H
#define ISOLATION_RUNNER_H

#include "isolation/wire.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RUNNER_SLOWNESS 10 /* of everything, in such a build */
#else
#define RUNNER_SLOWNESS 1
#endif
#define RUNNER_CALL_NS                                                                             \
    (RUNNER_SLOWNESS * INT64_C(250000000)) /* longest a callback may take, asks included */
#define RUNNER_LOAD_NS  (RUNNER_SLOWNESS * INT64_C(2000000000)) /* from start to WIRE_READY */
#define RUNNER_AGAIN    8
#define RUNNER_WHY_MAX  120
#define RUNNER_NO_OFFER UINT32_MAX /* only describes */

struct runner;

struct runner_spec {
    const char *path; /* of the plugin's private copy */
    uint32_t offer;   /* which one it serves, or RUNNER_NO_OFFER */
    uint32_t kind;    /* TURRET_KIND_…: what its sandbox lets through */
    uint32_t spins;   /* looks at a lane before sleeping; CHANNEL_SPINS */
};

/*
 * Starts a process and waits until it has loaded the plugin; its description is then in the body of
 * `answers`, *size_bytes long.
 *
 * when:   a thread that lives as long as the runner: the kernel ends the runner with it
 * owns:   *out until runner_stop()
 * fails:  EIO, ENOMEM no process; EFAULT it died, hung or broke the protocol; what plugin_load()
 *         said in there
 */
int runner_start(struct runner **out, const struct runner_spec *spec, uint32_t *size_bytes,
                 struct turret_error *err);
/* Kills it if it still runs, and reaps it. NULL is allowed. */
void runner_stop(struct runner *runner);

/* Answers an ask: fills *reply (kind is set), whose body goes to the wire's `reply`. */
typedef void runner_ask_fn(void *context, const struct wire_head *ask, struct wire_head *reply);

/*
 * Makes a call whose body is in place and replies to asks until it is done; *done is a copy.
 * fails: EFAULT the runner is gone (runner_why())
 */
int runner_call(struct runner *runner, const struct wire_head *call, runner_ask_fn *ask,
                void *context, struct wire_head *done);
/*
 * Whether the calls that follow were answered before, so that a late answer tells of this machine
 * and not of the plugin: they may take longer, by RUNNER_AGAIN times.
 */
void runner_again(struct runner *runner, bool again);
/* Ends it because of what it said; later calls fail. */
void runner_breach(struct runner *runner, const char *what);

/* An adapter's: readable when a descriptor of it is ready; when the process is gone. Both its own.
 */
int runner_bell(const struct runner *runner);
int runner_end_watch(const struct runner *runner);

struct wire_channel *runner_wire(const struct runner *runner);
bool runner_alive(const struct runner *runner);
const char *runner_why(const struct runner *runner);

#endif
