/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kill switch's own path to the venues, in a process apart from the daemon: it needs of the
 * daemon neither its loop nor its disk nor its life. The latch is set first; then the working and
 * UNKNOWN orders are read from the store, which no writer can keep from being read, the builds of
 * the adapters that ran last are loaded from their private copies, and every order is cancelled by
 * its client id and asked for until the venue says that it is not open, or time is over.
 */
#ifndef SESSION_HALT_H
#define SESSION_HALT_H

#include "core/trading.h"
#include "session/rows.h"

#include <stdio.h>

struct halt_options {
    const char *store;
    const char *venue;  /* NULL: all */
    const char *reason; /* as latch_set() */
    int64_t wait_ns;
    FILE *messages; /* what adapters say; NULL: nobody listens */
};

enum halt_proof {
    HALT_OPEN,     /* the venue said that it works, and nothing since */
    HALT_UNPROVEN, /* nothing definite was heard */
    HALT_GONE,     /* the venue said that it is not open */
    HALT_NEVER,    /* the venue knows no such order, and it may not arrive any more */
    HALT_INSIDE    /* it is in the daemon only: a simulated venue's, or held back */
};

struct halt_order {
    struct row_names names;
    struct order order; /* as it was in the store, or as the venue told of it */
    bool stored;        /* false: only the venue knew it */
    enum halt_proof proof;
    uint8_t became; /* GONE: TURRET_STATE_… */
    uint8_t asked;  /* what was sent last: TURRET_REQUEST_CANCEL or _QUERY; 0 nothing */
    bool answered;
    uint32_t not_founds; /* since it was last seen */
    uint32_t cancels, queries;
    int64_t due_ns, wait_ns; /* monotonic */
};

struct halt_venue {
    char name[16];
    bool simulated, connected, cancels_all;
    uint32_t foreign; /* working orders of others, left alone unless cancels_all */
    char why[200];    /* what went wrong; "" nothing */
};

struct halt_result {
    bool latched;
    char latch_why[200]; /* it is not set, or not on the disk; "" all is well */
    struct halt_order *orders;
    uint32_t count, room;
    struct halt_venue venues[16];
    uint32_t venue_count;
    bool recorded; /* the daemon took the kill over before the orders were read: what it holds since
                      is not cancelled, and goes on with resume */
    struct trading_latch killed; /* .state not 0: it was KILLED already, and what it has as its
                                    reason stays; the one that was given now is recorded nowhere */
    uint64_t unreadable;         /* rows of orders that are damaged, or of another version */
    char unreadable_why[200];    /* of the first */
    uint32_t open;               /* orders that are not proven to be gone, and venues not asked */
    bool interrupted;
    int64_t cancelled_ns; /* from the start until each order was cancelled once */
};

/*
 * Takes at most wait_ns. SIGINT and SIGTERM end the asking; the latch stays set.
 * owns:  *result is to be finished whatever it answers
 * fails: ENOTFOUND no such store or venue: nothing was done. Else the latch is as the result says,
 *        and what kept the orders from being cancelled: as store_open(), config_parse()
 */
int halt_run(const struct halt_options *options, struct halt_result *result,
             struct turret_error *err);
void halt_finish(struct halt_result *result);

/* ---- halt_orders.c: what is known of each order ---- */

/*
 * The working ones, and when the newest of all changed. Rows that cannot be read are counted in the
 * result, and the others are read on. fails: ENOMEM
 */
int halt_read_orders(struct halt_result *result, struct store *store, const char *venue,
                     turret_time_ns *newest, struct turret_error *err);
/* One that only the venue knew. NULL: no memory, or it is not ours. */
struct halt_order *halt_find(struct halt_result *result, uint64_t order_id);
/* What a venue said; `heard` is the latest time it told. */
void halt_hear(struct halt_result *result, uint32_t venue, const struct event *event,
               turret_time_ns heard, int64_t now_ns);
bool halt_is_settled(const struct halt_order *order);

#endif
