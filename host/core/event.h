/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core takes in: sequence-numbered events, journaled byte for byte. Indexes (instrument,
 * strategy, venue) mean the configuration in force.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/orders.h"

#include <turret/broker.h>

enum event_type {
    EVENT_NONE,
    EVENT_SESSION, /* a daemon took over: u.session */
    EVENT_BAR,
    EVENT_TRADE,
    EVENT_QUOTE,
    EVENT_LEVEL,
    EVENT_STATUS,
    EVENT_SPLIT,
    EVENT_STREAM,
    EVENT_DOWNLOAD,
    EVENT_ACK,
    EVENT_ORDER,
    EVENT_FILL,
    EVENT_BUST,
    EVENT_POSITION,
    EVENT_BALANCE,
    EVENT_RATE_LIMIT,
    EVENT_GAP,
    EVENT_INTENT,     /* what a strategy asked for: u.intent */
    EVENT_CONTROL,    /* what a person or the host decided: u.control */
    EVENT_CONFIG,     /* another configuration is in force from here: u.config */
    EVENT_SWAP,       /* a step of a change of code: u.swap */
    EVENT_DIFFERENCE, /* what the session measured or found, which the core cannot: u.difference */
    EVENT_LOSS,       /* in which call a strategy lost its runner: u.loss */
    EVENT_TYPES
};

struct event_session {
    uint32_t epoch; /* counts the daemon's starts on this store; upper half of new order ids */
    uint32_t mode;
    uint8_t config_hash[32];
};

struct event_config {
    uint64_t version; /* key in the config table */
    uint8_t config_hash[32];
};

enum intent_kind { INTENT_TARGET = 1, INTENT_SUBMIT, INTENT_CANCEL, INTENT_MODIFY };

struct event_intent {
    uint32_t strategy;
    turret_instrument instrument;
    uint8_t kind, side, type, tif;
    uint32_t flags;
    uint64_t order_id; /* SUBMIT, TARGET: the new one; CANCEL, MODIFY: which */
    turret_qty qty;    /* TARGET: the position wished for */
    turret_price limit_price, stop_price;
    char reason[56];
    turret_time_ns expires;
    turret_price trail;
    turret_qty display_qty;
    turret_price take_profit, stop_loss, stop_trail;
    uint64_t oco;
    uint64_t parent; /* the order that an execution algorithm works by this one; 0 none */
    char execution[48];
};

enum control_kind {
    CONTROL_START_STRATEGY = 1,
    CONTROL_STOP_STRATEGY,
    CONTROL_PAUSE_STRATEGY,
    CONTROL_FAULT_STRATEGY, /* the host disabled it; value 1: its orders are cancelled */
    CONTROL_TRADING_STATE,  /* value: enum trading_state; target: enum trading_scope, name; not out
                               of HALTED or KILLED */
    CONTROL_CASH,           /* value: starting cash of venue `target`, once per account */
    CONTROL_RESET_STOPS,    /* a person lifts the latched loss and drawdown stops */
    CONTROL_RESTART_STRATEGY,   /* the host begins a lost one anew */
    CONTROL_TRADING_RESUME,     /* as TRADING_STATE, by a person: out of HALTED, too */
    CONTROL_TRADING_REVIVE,     /* and out of KILLED */
    CONTROL_RESOLVE_ORDER = 12, /* a person says what became of an UNKNOWN order: value its id,
                                   target the state; text who and why */
    CONTROL_ADOPT = 13,         /* the venue's books hold: target the venue, value the instrument or
                                   0 and currency; text who and why */
    CONTROL_KEPT_BACK = 14,     /* an order never left: value its id, target the denial's code */
    CONTROL_FLATTEN = 15, /* a person: the scope becomes REDUCING, what strategies hold in it is
                             closed; target the scope, name; out of HALTED, too */
    CONTROL_FLATTEN_KILLED = 16 /* and out of KILLED */
};

/* From what lets pass to what does not; numbers are the journal's. */
enum trading_state {
    TRADING_ACTIVE,
    TRADING_REDUCING,    /* only what closes */
    TRADING_CANCEL_ONLY, /* no new orders; cancels and their like */
    TRADING_HALTED,      /* no new orders until a person says so; working ones stay */
    TRADING_KILLED,      /* the same, and everything that works or may work is cancelled */
    TRADING_STATES
};

enum trading_scope {
    TRADING_ALL,
    TRADING_VENUE,      /* "sim" */
    TRADING_ACCOUNT,    /* "sim/USD" */
    TRADING_STRATEGY,   /* "spy-cross" */
    TRADING_INSTRUMENT, /* "SPY.sim" */
    TRADING_SCOPES
};

struct event_control {
    uint32_t kind;
    uint32_t target; /* strategy or venue index */
    int64_t value;
    char currency[8];
    char text[64];
    char name[48]; /* TRADING_…, FLATTEN…: of the scope; "" for all */
    char who[16];  /* TRADING_…, FLATTEN…: who decided */
};

/* The steps of a change of code that the journal tells of, in their order. */
enum swap_phase {
    SWAP_PREPARE = 1, /* the next build is made and rehearsed; with a shadow run it listens */
    SWAP_COMMIT,      /* it owns every event from here on; the last build listens */
    SWAP_ABORT,       /* instead of a commit: nothing changed */
    SWAP_ROLLBACK,    /* the last build owns again */
    SWAP_RETIRE       /* probation is over */
};

/* Builds are raw build ids, zero-padded. */
struct event_swap {
    uint32_t kind;   /* TURRET_KIND_… */
    uint32_t target; /* strategy or venue index; 0 for the indicators of a plugin */
    uint32_t phase;
    uint32_t shadow; /* PREPARE: 1 the next build runs in the shadow until the commit */
    uint8_t from_build[32], to_build[32];
    char reason[56];
};

enum difference_found {
    DIFFERENCE_CLOCK = 1, /* value: the venue's clock less this machine's, ns; doubt: half the
                             round trip */
    DIFFERENCE_JOURNAL,   /* value 1: the store is too far behind to trade; 0: no more */
    DIFFERENCE_RECALL     /* fill: one of the store that the core had forgotten, for its bust */
};
#define DIFFERENCE_CLOCK_UNTOLD (-1) /* the doubt of a clock that was asked for in vain */
struct event_difference {
    uint32_t kind;
    uint32_t reserved;
    int64_t value, doubt;
    struct fill fill;
};

/*
 * Where a strategy lost its runner, so that a replay loses it there and nowhere else. What comes of
 * it is in the CONTROL_FAULT_STRATEGY behind it.
 */
struct event_loss {
    uint64_t at;       /* sequence of the event that was under way */
    uint32_t strategy; /* index */
    uint32_t call;     /* 1 the first call into the runner at that event … */
    uint32_t starting; /* … or in that on_start() */
    uint32_t beside;   /* 1 of the build beside the acting one */
};

struct event {
    uint64_t sequence; /* given by the engine */
    turret_time_ns time;
    uint16_t type;
    uint16_t venue;    /* index of the venue that reported it, 0xffff the host */
    uint32_t behind_s; /* reports: the venue's own time of it lies so far before `time`, or more */
    union {
        struct event_session session;
        struct event_config config;
        struct event_intent intent;
        struct event_control control;
        struct event_swap swap;
        struct event_difference difference;
        struct event_loss loss;
        struct turret_bar bar;
        struct turret_trade trade;
        struct turret_quote quote;
        struct turret_level level;
        struct turret_status status;
        struct turret_split split;
        struct turret_report_stream stream;
        struct turret_report_download download;
        struct turret_report_ack ack;
        struct turret_report_order order;
        struct turret_report_fill fill;
        struct turret_report_bust bust;
        struct turret_report_position position;
        struct turret_report_balance balance;
        struct turret_report_rate_limit rate_limit;
        struct turret_report_gap gap;
    } u;
};

/* The year 2116: a later time is a mistake of whoever says so. */
#define EVENT_TIME_MAX  (INT64_MAX / 2)
#define EVENT_FROM_HOST 0xffff
#define EVENT_UNTIMED   UINT32_MAX /* behind_s: the venue told no time of it */
#define EVENT_VERSION   2

/* Bytes of the payload of this type, 0 for a type nobody knows. */
uint32_t event_payload_size(uint16_t type);
const char *event_type_name(uint16_t type);

/* Turns an adapter's report into an event of this venue. False: malformed (the text says how). */
int event_from_report(struct event *event, uint16_t venue, const struct turret_report *report,
                      struct turret_error *err);

#endif
