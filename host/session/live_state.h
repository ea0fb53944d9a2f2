/* SPDX-License-Identifier: Apache-2.0 */
/* The live session's own structure, shared by the live_*.c files. */
#ifndef SESSION_LIVE_STATE_H
#define SESSION_LIVE_STATE_H

#include "io/control.h"
#include "io/loop.h"
#include "session/assemble.h"
#include "session/live.h"
#include "session/live_copies.h"
#include "session/live_status.h"
#include "session/live_streams.h"
#include "session/live_swap.h"
#include "session/live_trading.h"
#include "session/live_unknown.h"
#include "store/writer.h"

#define LIVE_BATCHES          4
#define LIVE_BATCH_BYTES      ((size_t)24 << 20) /* a snapshot fits; only touched pages count */
#define LIVE_OWN_PAGES_BYTES  (128 << 10)
#define LIVE_TURN_ROOM        ((size_t)12 << 20) /* less free: a turn ends. An event takes less */
#define LIVE_ROW_ROOM         1024               /* a row of a position or an account takes less */
#define LIVE_COMMANDS         16384
#define LIVE_TURN_EVENTS      1024  /* ingested in one turn at most */
#define LIVE_SNAPSHOT_EVENTS  50000 /* between snapshots */
#define LIVE_DROPPED_TOLD     10    /* lines about dropped events; then they are only counted */
#define LIVE_DENIALS_TOLD     20    /* lines a second; the rest are counted */
#define LIVE_CONTROLS         1024  /* decisions of people that wait for the store */
#define LIVE_UNKNOWN_QUERY_NS INT64_C(250000000) /* first wait before asking again */
#define LIVE_ASKS             4096               /* orders asked for at a time */
/*
 * Fills in one batch, and as many again within a turn: all batches together hold fewer than the
 * core remembers, so that what it has forgotten is in the store.
 */
#define LIVE_BATCH_FILLS 1024
#define LIVE_LEAVE_NS    INT64_C(30000000000) /* a change that waited longer does not leave */
#define LIVE_JOURNAL_NS  INT64_C(2000000000)  /* the store may be so far behind */

struct running;

/* live_running.c */
struct live_running {
    struct running *file;          /* mapped */
    char died_in[ENGINE_NAME_MAX]; /* the strategy whose code ended the last daemon; "" none */
    bool beside;                   /* it was not the acting build … */
    uint8_t moving[32];            /* … but this one, on its way in; zeros: none was */
};

struct live {
    struct live_options options;
    char store_path[CONFIG_PATH_MAX];
    struct config *config;
    uint64_t config_version;
    struct turret_error config_refused; /* the file that is not in force; code 0: it is */
    struct config **retired;            /* adapters may still point into these */
    uint32_t retired_count;
    const char *reload_cause; /* NULL: no reload is wanted */
    bool config_gone;         /* its file was taken away; an editor puts it back at once */
    struct store *store;
    struct registry *registry;
    struct venues *venues;
    struct engine *engine;
    struct writer *writer;
    struct loop *loop;
    struct control *control;
    struct store_batch *batch;   /* the turn's records, NULL when none is free */
    struct store_batch *opening; /* what live_open() writes, before the store thread runs */
    struct store_batch *audits;  /* audit records that wait for a batch */
    bool audit_moved;            /* records came since the last signed head, … */
    uint64_t head_sequence;      /* … which was taken at this sequence … */
    int64_t head_ns;             /* … and moment, monotonic */
    uint64_t heads_added;        /* to the heads file at the start */

    struct live_command {
        struct command command;
        int64_t leave_by_ns; /* not sent later, by clock_boot_ns() */
    } * commands;            /* waiting until durable, oldest first */
    uint32_t command_head, command_count;
    uint32_t simulated_waiting; /* of them, to simulated venues: ingest waits for these */
    uint64_t snapshot_sequence;
    uint32_t epoch;
    uint64_t rows_sequence; /* what the rows of positions and accounts tell of */
    bool rows_wanted;       /* a position or an account changed since */
    uint64_t denials_told;  /* in this second */
    uint64_t dropped;       /* events that made no sense */
    bool replaying; /* recovery: nothing is journaled or carried out but to simulated venues */
    bool stopping;
    int failed;
    struct turret_error failure;

    struct loop_timer *second;    /* ticks for people, config watch */
    struct loop_timer *time_over; /* the end of a session of stated length */
    struct live_asks *asks;       /* which orders are asked for, and when the next time */
    struct loop_timer *query;     /* asks for UNKNOWN orders */
    struct live_lost *lost;       /* strategies whose runner was lost, ever */
    struct event_loss *losses;    /* what the journal that is replayed says of that, sorted */
    uint32_t loss_count;
    bool runners_changed; /* live_supervise() has something to look at */
    bool snapshot_wanted;
    int inotify;
    struct loop_watch *config_watch;
    bool venue_finished[CONFIG_VENUES_MAX];
    int64_t started_ns;
    struct live_recovery recovery;
    uint8_t *blob; /* snapshots are made here */
    size_t blob_bytes;
    struct event *controls; /* decided while no batch was free */
    uint32_t control_count;
    struct event *awaiting; /* recovery: what simulated venues said, not yet said again */
    uint32_t awaiting_head, awaiting_count;
    struct event expected; /* recovery: the record being replayed */
    struct live_swaps swaps;
    struct live_copies copies;
    struct live_running running;
    uint64_t known_order;   /* the highest id of an order of this host */
    uint64_t strange_order; /* a higher one that a venue told of; 0 none */
    struct live_reconcile {
        int64_t due_ns[CONFIG_VENUES_MAX];    /* next comparison, monotonic; 0 at once */
        int64_t time_ns[CONFIG_VENUES_MAX];   /* next question for the time */
        int64_t untold_ns[CONFIG_VENUES_MAX]; /* since when it is waited for; 0 it is not */
        int64_t credit_ns[CONFIG_VENUES_MAX];
        uint32_t cursor[CONFIG_VENUES_MAX]; /* which working order is asked for next */
        int64_t behind_ns;                  /* since when the store has work; 0 it has none */
        uint64_t durable;                   /* the sequence then */
        bool told_behind;
        uint32_t batch_fills;
        uint64_t repeated; /* fills that only the store knew */
    } reconcile;
    struct live_trading trading;
    struct live_stream streams[CONFIG_VENUES_MAX];
    struct live_unknown unknown[CONFIG_VENUES_MAX];
};

/* ---- live_known.c ---- */
/* When the store is open. */
void live_known_open(struct live *live);
/* An order was made here. */
void live_known_made(struct live *live, const struct order *order);
/* True: the event must not be taken, and a failure follows or has come. */
bool live_known_refuses(struct live *live, const struct event *event);

/* ---- live_running.c ---- */
/* fails: EIO */
int live_running_open(struct live *live, struct turret_error *err);
/* A clean end leaves nothing. */
void live_running_close(struct live *live);
/* For the engine's options. */
volatile uint32_t *live_running_calling(struct live *live);
/* The numbers of an engine's strategies have the names of this configuration. */
void live_running_name(struct live *live, const struct config *config);
/* This build is being prepared or committed; NULL: none. */
void live_running_moving(struct live *live, const uint8_t *build);
/*
 * After recovery, before any event: if a strategy's code ended the last daemon, a build of it that
 * was on its way in, in the shadow or on probation is taken out and blocked; it is said in a line.
 */
void live_running_judge(struct live *live);
/* Its builds are called again when they leave. */
void live_running_trust(struct live *live);

/* ---- live_sink.c ---- */
struct sink live_sink(struct live *live);
/* The rows of all positions and accounts, as they are now, into the batch. */
void live_put_rows(struct live *live);
/* Before `next` comes into force: strategies that it disowns hold nothing more, by their rows; what
 * they gained stays in them. */
void live_put_disowned(struct live *live, const struct config *next);
void live_say(struct live *live, const char *format, ...) TURRET_PRINTF(2, 3);

/* ---- live_ask.c ---- */
/* fails: ENOMEM */
int live_ask_open(struct live *live);
/* What the core asks for: now, or when the order is due, so that none is asked for too often. */
void live_ask_wanted(struct live *live, const struct command *command);
/* Asks venues for the orders that are due to be asked for. */
void live_ask_round(struct live *live);
/* Asks for this one now. */
void live_ask_one(struct live *live, const struct order *order);
/* NULL inside is allowed. */
void live_ask_close(struct live *live);

/* ---- live_reconcile.c: comparing with the venues while everything goes on ---- */
/* Every LIVE_UNKNOWN_QUERY_NS: asks what is due. */
void live_reconcile_round(struct live *live);
/* A download begins, or is about to: the time is asked for, too. */
void live_reconcile_connected(struct live *live, uint32_t venue);
/* Its stream is not live: its time is asked for anew at the next download. */
void live_reconcile_lost(struct live *live, uint32_t venue);
/* Compares this venue at once. False: it is not connected, or is being compared already. */
bool live_reconcile_now(struct live *live, uint32_t venue);
/* In the turn: tells the core what clocks and the store's thread do. */
void live_reconcile_turn(struct live *live);
/*
 * Before the core takes it: false for a fill that was booked, also long ago. For a
 * bust of such a fill the fill is recalled first.
 */
bool live_reconcile_take(struct live *live, const struct event *event);

/* ---- live_snapshot.c ---- */
/* Puts a snapshot of engine and venues into the batch. fails: EFULL */
int live_snapshot(struct live *live, struct store_batch *batch, struct turret_error *err);
/* The newest good snapshot of before sequence `below`, into live->blob. fails: ENOTFOUND none;
   ECORRUPT, EVERSION */
struct live_saved {
    uint64_t sequence, config_version;
    const uint8_t *engine;
    size_t engine_bytes;
    const uint8_t *venues; /* {name[16], size, bytes}… */
    size_t venues_bytes;
};
int live_load_snapshot(struct live *live, uint64_t below, struct live_saved *saved,
                       struct turret_error *err);
/* Engine and venues as they are now, packed in live->blob. fails: ENOMEM */
int live_pack(struct live *live, struct live_saved *saved, struct turret_error *err);
int live_import_venues(struct live *live, const struct live_saved *saved, struct turret_error *err);

/* ---- live_recover.c ---- */
int live_recover(struct live *live, struct turret_error *err);
/* A record of the journal through the core again; *context is a struct replay. */
struct replay {
    struct live *live;
    struct turret_error *err;
    int status;
    /* A start under a configuration that is no reload: live_change(), or one that loads plugins. */
    int (*change)(struct live *live, struct config *config, struct turret_error *err);
};
int live_replay_record(struct replay *replay, const struct store_record *record);
/* Answers how many answers of simulated venues differed in all. */
uint64_t live_replay_end(struct live *live);
/* Wakes the simulated venues as connecting did. */
int live_replay_connect(struct live *live, struct turret_error *err);

/* ---- live_config.c ---- */
/* Stores the configuration in force under the next version, and what it changed of `before`
   (NULL: it is the first one). */
int live_store_config(struct live *live, const struct config *before, const char *cause,
                      struct turret_error *err);
int live_load_config(struct store *store, uint64_t number, struct config **out,
                     struct turret_error *err);
/* Reads the file again and applies it between two events, or refuses whole. What changed is told to
   `diff`. */
int live_reload(struct live *live, const char *cause, FILE *diff, uint32_t *changed,
                struct turret_error *err);
int live_watch_config(struct live *live, struct turret_error *err);
/* Once a second: a file that was taken away and not put back is refused as one that changed. */
void live_config_second(struct live *live);
/* fails: EINVAL what adapters and the store hang on is different: it cannot change under them */
int live_check_reloadable(const struct config *from, const struct config *to,
                          struct turret_error *err);
/* An engine for `config` that takes over the present one's state; replaces both on success. */
int live_switch(struct live *live, struct config *config, FILE *messages, struct turret_error *err);

/* Keeps the present configuration until the end, because adapters' parameters lie in it. */
void live_retire_config(struct live *live);

/* ---- live_control.c ---- */

json_t *live_answer(void *context, const json_t *request);

/* ---- live_runners.c ---- */
/* Right after an event: losses are recorded, restarts planned. */
void live_supervise(struct live *live);
/* A person decides about this strategy: no restart is pending, none is counted. */
void live_forget_loss(struct live *live, const char *name);
/* "DEGRADED" or "QUARANTINED" and why; NULL when it is neither. */
const char *live_loss(const struct live *live, const char *name, const char **reason);
/* Before the journal is replayed from this record on. */
int live_read_losses(struct live *live, uint64_t from, struct turret_error *err);
void live_free_losses(struct live *live);

/* ---- live_open.c ---- */
/* Engine and venues under another configuration, with the state they have; takes `config`. */
int live_change(struct live *live, struct config *config, struct turret_error *err);
/* The first half: engine and venues are gone, *saved is their state until the next live_pack(). */
int live_leave(struct live *live, struct config *config, struct live_saved *saved,
               struct turret_error *err);
int live_assemble(struct live *live, const struct live_saved *saved, uint32_t reason,
                  struct turret_error *err);

/* ---- live.c ---- */
/* Whether it must not leave any more: its answer says so in the venue's place. */
bool live_keep_back(struct live *live, const struct command *command);
/* The record that this order or change never left, and why. False: not for that denial. */
bool live_kept_back(const struct command *command, uint32_t denial, struct event *event);
void live_turn(void *context);
/* Whether there is a batch with room for a turn. */
bool live_have_batch(struct live *live);
/* From here on signals end the session cleanly, also while it is still opening. */
int live_watch_signals(struct live *live);
/* At an instrument's first event: warms its indicators from the bars stored before it. */
void live_warm_first(struct live *live, const struct event *event);
/* Feeds what simulated venues must see first, then the core. */
void live_ingest(struct live *live, struct event *event);
int live_control_event(struct live *live, uint32_t kind, uint32_t target, int64_t value,
                       const char *text);

#endif
