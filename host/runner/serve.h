/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runner's side of the wire: takes calls, makes them on the plugin, asks the host for what the
 * plugin asks. One plugin, one offer, one thread in one process, so what is shared is static.
 */
#ifndef RUNNER_SERVE_H
#define RUNNER_SERVE_H

#include "isolation/wire.h"
#include "plugin/loader.h"

struct serve {
    struct wire_channel *wire;
    uint32_t spins, spins_most;
    int32_t host; /* process id: when it is not the parent any more, this process ends */
    uint32_t calls_seen, answers_posted;
    const struct plugin_offer *offer;
};
extern struct serve serve;

/* Until the host is gone, or ends this process. */
_Noreturn void serve_run(void);

/* The next message to this side; ends the process when the host is gone. */
void serve_wait(struct wire_head *head);
void serve_post(const struct wire_head *head);
/* A question whose body is in place; *reply is the host's. */
void serve_ask(const struct wire_head *ask, struct wire_head *reply);

/* One call of this kind of offer; answers what is done in *done, whose kind is WIRE_DONE. */
void serve_strategy(const struct wire_head *call, struct wire_head *done);
void serve_convert(const struct wire_head *call, struct wire_head *done); /* a strategy's */
void serve_indicator(const struct wire_head *call, struct wire_head *done);
void serve_broker(const struct wire_head *call, struct wire_head *done);
/* Between calls of an adapter: until a call comes or a second has passed. True: it came. */
bool serve_broker_idle(void);

/* Puts an error into the answer's body. */
void serve_refuse(const struct turret_error *why, int status, struct wire_head *done);

/* ---- streams, one at a time ---- */
struct turret_stream serve_stream_out(uint32_t schema);
struct turret_stream serve_stream_in(uint32_t schema);
/* What was written reaches the host. Answers the status of all of it. */
int32_t serve_stream_flush(void);

/* The host's definition of an instrument, kept; NULL when there is none. */
const struct turret_instrument_def *serve_instrument(turret_instrument instrument);
/* The first of this venue whose id is above `after`. */
const struct turret_instrument_def *serve_next_instrument(turret_instrument after);

#endif
