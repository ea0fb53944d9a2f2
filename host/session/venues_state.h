/* SPDX-License-Identifier: Apache-2.0 */
/* What struct venues is made of; only for the venues_*.c files. */
#ifndef SESSION_VENUES_STATE_H
#define SESSION_VENUES_STATE_H

#include "session/venue_io.h"
#include "session/venues.h"

/* What is known of a venue's time. Moments are by clock_boot_ns(). */
struct venue_clock {
    /* of stamps that are ahead of this machine's clock */
    int64_t told_ns; /* by how much, when people were told; 0: they were not, or it is over */
    int64_t last_ns; /* when the last one came */
    /* what its reports and answers say, or stand for */
    turret_time_ns own; /* the newest; 0 none yet */
    int64_t own_ns;     /* when the last one was heard */
    bool machines;      /* it was ahead, or answers without a time: told by this machine's clock */
};

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
    struct venue_clock clock;
};

/* A bounded queue of events. */
struct event_ring {
    uint32_t head, count, capacity;
    struct event *events;
};

/* Market data that a feed was asked for, and took. */
struct venue_wish {
    turret_instrument instrument;
    uint32_t reports;     /* 1u << TURRET_REPORT_… */
    int64_t timeframe_ns; /* of bars; 0 none */
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
    struct venue_wish *wishes;
    uint32_t wish_count;
};

/* ---- venues.c ---- */
/* Whatever it answers, *out is to be dropped (NULL is allowed) or put in place. */
int venues_make_link(struct venues *venues, uint32_t index, const struct plugin_offer *offer,
                     turret_time_ns now, uint32_t reason, FILE *messages, struct venue_link **out,
                     struct turret_error *err);
void venues_drop_link(struct venue_link *link);

int venues_connect_link(struct venue_link *link, turret_time_ns since, struct turret_error *err);

/* ---- venues_instruments.c: of struct turret_broker_host ---- */
turret_instrument venues_find_instrument(struct turret_broker *self, const char *symbol);
const struct turret_instrument_def *venues_instrument(struct turret_broker *self,
                                                      turret_instrument id);
void venues_each_instrument(struct turret_broker *self, void *context,
                            void (*each)(void *context, const struct turret_instrument_def *def));
int64_t venues_read_bars(struct turret_broker *self, turret_instrument id, int64_t timeframe_ns,
                         turret_time_ns from, struct turret_bar *bars, uint32_t capacity);

/* ---- venues_ask.c ---- */
/* fails: EINVAL nobody asked */
int32_t venues_hear_time(struct venue_link *link, const struct turret_report *report);
/* Whether it is an order that may go at another time: told by *event, which the core decides on. */
bool venues_kept_back(const struct venues *venues, const struct command *command, int status,
                      const char *text, struct event *event);
/* Asks this build for what the ones before it were asked for. fails: as the adapter says */
int venues_subscribe_link(const struct venues *venues, struct venue_link *link,
                          struct turret_error *err);
/* What is answered in the adapter's place, which did not answer TURRET_OK. `text`: of its error. */
void venues_refusal(const struct command *command, int status, const char *text,
                    struct turret_report *made);

/* ---- venues_clock.c ---- */
/*
 * The event is heard at `machine`, Unix time: what is further ahead gets that time. Of a venue that
 * was ahead, or answered without a time, only answers tell the time, as far as the machine's clock
 * was not set since the one before. Answers by how much the event was ahead when that is to be
 * told, else 0: the first one, each that is twice as far, and the first after a minute without.
 * boot_ns: clock_boot_ns()
 */
int64_t venues_bound(struct venue_clock *clock, struct event *event, turret_time_ns machine,
                     int64_t boot_ns);
/* The same by this machine's clocks, of a venue that is not simulated; tells the log. */
void venues_hear(struct venue_link *link, struct event *event);

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
