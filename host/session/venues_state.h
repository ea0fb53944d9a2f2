/* SPDX-License-Identifier: Apache-2.0 */
/* What struct venues is made of; only for the venues_*.c files. */
#ifndef SESSION_VENUES_STATE_H
#define SESSION_VENUES_STATE_H

#include "session/venue_io.h"
#include "session/venues.h"

struct venue_link {
    struct turret_broker handle; /* first: adapters hold a pointer to it */
    struct venues *owner;
    uint32_t index;
    const struct turret_broker_type *type;
    struct turret_broker_caps caps;
    struct venue_io io;
    struct turret_param_value params[CONFIG_PARAMS_MAX];
    bool open;
};

/* A bounded queue of events. */
struct event_ring {
    uint32_t head, count, capacity;
    struct event *events;
};

struct venues {
    const struct config *config;
    struct store *store;
    struct venues_log log;
    struct turret_instrument_def *defs; /* [0] unused */
    uint32_t count;
    struct venue_link links[CONFIG_VENUES_MAX];
    bool prompting; /* inside feed() or a command */
    struct event_ring waiting, prompt;
};

#endif
