/* SPDX-License-Identifier: Apache-2.0 */
/* Venues that are not ready: since when and why, told to people. */
#ifndef SESSION_LIVE_STREAMS_H
#define SESSION_LIVE_STREAMS_H

#include "core/engine.h"

#include <jansson.h>

struct live;

struct live_stream {
    char text[sizeof((struct turret_report_stream *)0)->text]; /* why its stream was lost; "" */
    int64_t since;    /* Unix time from which on it is not ready; 0: it is */
    int64_t since_ns; /* the same, monotonic */
    bool told;        /* it was said that it is not */
};

/* A report of a stream, before the core takes it. */
void live_streams_hear(struct live *live, const struct event *event);
/* Each turn: that a venue is ready again is told, and once that one is not whose adapter says
 * nothing. */
void live_streams_turn(struct live *live);
/* As engine_venue_waits(), with since when and what the adapter said, and as engine_clock_waits();
 * json null: orders may go there. */
json_t *live_streams_waits(const struct live *live, uint32_t venue);
/* What the adapter said of its stream, and since when (Unix time) the venue is not ready; 0: it is.
 * Borrowed until the next turn. */
const char *live_streams_text(const struct live *live, uint32_t venue, int64_t *since);

#define LIVE_STREAMS_TEXT_MAX 256
/* Why no order of this instrument passes though its trading state lets it: what the venue waits
 * for, or that its position differs. False: none of that. */
bool live_streams_keep(const struct live *live, turret_instrument instrument,
                       char text[LIVE_STREAMS_TEXT_MAX]);

#endif
