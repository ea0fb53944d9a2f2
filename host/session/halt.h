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
    HALT_WORKS,    /* at a simulated venue: a running daemon has not ended it yet, it may fill */
    HALT_GONE,     /* the venue, or of a simulated one the store, said that it is not open */
    HALT_NEVER,    /* the venue knows no such order, and it may not arrive any more */
    HALT_INSIDE /* it is in the daemon only: held back, or a simulated venue's without a daemon */
};

struct halt_order {
    struct row_names names;
    struct order order; /* as it was in the store, or as the venue told of it */
    bool stored;        /* false: only the venue knew it */
    enum halt_proof proof;
    uint8_t became; /* GONE: TURRET_STATE_… */
    uint8_t asked;  /* what was sent last: TURRET_REQUEST_CANCEL or _QUERY; 0 nothing */
    bool answered;
    turret_time_ns missed; /* its venue's time, when it was first not found; 0 it was not, … */
    uint32_t not_founds;   /* … when it may not arrive any more; both since it was last seen */
    uint32_t cancels, queries;
    int64_t due_ns, wait_ns; /* monotonic */
};

struct halt_venue {
    char name[16];
    bool simulated, cancels_all;
    bool reached;         /* something may have got there */
    bool connected;       /* it told its orders whole */
    turret_time_ns heard; /* the latest time that it told; 0 none */
    uint32_t foreign;     /* working orders of others, left alone unless cancels_all */
    char why[200];        /* why it was not asked; "" it was */
    char stream[88];      /* why its stream was lost, as its adapter said last; "" nothing */
};

/* Of an instrument: orders that the daemon held for positions there, by what becomes of them. */
struct halt_lost {
    char symbol[32], venue[16];
    uint32_t orders;
    bool kept; /* held anew since the kill, goes on with resume; else cancelled */
    bool
        closes; /* what turret flatten, or the time, was to close at once; else stops and targets */
};

struct halt_result {
    int64_t daemon; /* pid of the one that runs on the store; 0 none */
    bool latched;
    char latch_why[200]; /* it is not set, or not on the disk; "" all is well */
    struct halt_order *orders;
    uint32_t count, room;
    struct halt_lost *lost;
    uint32_t lost_count;
    struct halt_venue venues[16];
    uint32_t venue_count;
    bool recorded; /* the daemon took the kill over before the orders were read: what it holds since
                      is not cancelled, and goes on with resume */
    struct trading_latch killed; /* .state not 0: it was KILLED, or its latch was set, already, and
                                    the reason is that one's; the one that was given now is
                                    recorded nowhere. .since 0: not known since when */
    uint64_t unreadable;         /* rows of orders that are damaged, or of another version */
    char unreadable_why[200];    /* of the first */
    uint32_t open;        /* orders that are not proven to be gone, and venues not asked … */
    uint32_t venues_open; /* … of which these are venues */
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
/* What a venue said. */
void halt_hear(struct halt_result *result, uint32_t venue, const struct event *event,
               int64_t now_ns);
bool halt_is_settled(const struct halt_order *order);

/* ---- halt_lost.c: what was held for positions ---- */

/* In the daemon alone, and at no venue. */
bool halt_is_held(const struct halt_order *order);
/* Held anew since the kill, for a fill that was heard of after it. */
bool halt_is_kept(const struct halt_result *result, const struct halt_order *order);
/* After the orders were read; `venue` as there. Of what cannot be read nothing is said. */
void halt_read_lost(struct halt_result *result, struct store *store, const char *venue);

/* ---- halt_inside.c: those at simulated venues ---- */

/* What the daemon made of the orders that are HALT_WORKS, and whether it runs still. */
void halt_look_inside(struct halt_result *result, struct store *store);

#endif
