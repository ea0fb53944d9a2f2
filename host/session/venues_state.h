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
    int64_t time_asked_ns;   /* when server_time() was called, monotonic; 0: no answer is due */
    struct venues_time time; /* its answer */
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
    struct loop *loop; /* NULL: a backtest */
    struct venue_link *links[CONFIG_VENUES_MAX];
    bool prompting; /* inside feed() or a command */
    struct event_ring waiting, prompt;
};

/* ---- venues.c ---- */
/* Whatever it answers, *out is to be dropped (NULL is allowed) or put in place. */
int venues_make_link(struct venues *venues, uint32_t index, const struct plugin_offer *offer,
                     turret_time_ns now, uint32_t reason, FILE *messages, struct venue_link **out,
                     struct turret_error *err);
void venues_drop_link(struct venue_link *link);

int venues_connect_link(struct venue_link *link, turret_time_ns since, struct turret_error *err);

/* ---- venues_ask.c ---- */
/* fails: EINVAL nobody asked */
int32_t venues_hear_time(struct venue_link *link, const struct turret_report *report);
/* Whether it is an order that may go at another time: told by *event, which the core decides on. */
bool venues_kept_back(const struct venues *venues, const struct command *command, int status,
                      const char *text, struct event *event);
/* What is answered in the adapter's place, which did not answer TURRET_OK. `text`: of its error. */
void venues_refusal(const struct command *command, int status, const char *text,
                    struct turret_report *made);

/* ---- venues_safety.c ---- */
/* Whether the adapter has what the configuration asks for. fails: ENOTSUP */
int venues_check_dead_man(const struct venue_link *link, const struct config_venue *given,
                          struct turret_error *err);

/* ---- venues_saved.c ---- */
/* *size: 0 when it exports nothing. fails: what the adapter says */
int venues_export_link(struct venue_link *link, void *to, size_t room, size_t *size,
                       struct turret_error *err);
int venues_import_link(struct venue_link *link, uint32_t schema, const void *from,
                       size_t size_bytes, struct turret_error *err);

#endif
