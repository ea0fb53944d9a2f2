/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host under test: an engine driven by the live session's own turn, route, sink, queries and
 * venues (session/live.c, live_sink.c, live_ask.c, venues.c). Opening, recovery, changes of code
 * and of limits are driven here, because the session does them with files, threads and LMDB.
 */
#ifndef SIMULATE_HOST_H
#define SIMULATE_HOST_H

#include "ids.h"
#include "machine.h"
#include "wire.h"

#include "core/state.h"
#include "session/live_state.h"

#define HOST_VERSIONS 64 /* of limits */
#define HOST_WATCHED  1024
#define HOST_SCOPED   8

/* What the books must say, from every execution the host published, in 128 bits. */
struct line {
    money_wide qty, paid, fees;
};
struct books {
    money_wide cash[WORLD_VENUES], fees[WORLD_VENUES];
    struct line account[WORLD_INSTRUMENTS + 1];
    struct line own[WORLD_STRATEGIES][WORLD_INSTRUMENTS + 1];
    int64_t adopted[WORLD_INSTRUMENTS + 1], adopted_cash[WORLD_VENUES];
    int64_t owned[WORLD_STRATEGIES];              /* market events each strategy is to have got */
    uint8_t trading[TRADING_SCOPES][HOST_SCOPED]; /* by the number in the scope's name */
};

struct saved {
    uint8_t *bytes; /* NULL: none */
    size_t size;
    uint64_t sequence;
    uint32_t version, builds[WORLD_STRATEGIES];
    struct books books;
};

/* An order that left and is not known to be over on both sides. */
struct watched {
    uint64_t id;
    uint32_t venue;
    turret_qty qty;
    turret_time_ns until; /* it may still arrive; 0: it will not */
};

struct host {
    struct world *world;
    struct live *live; /* NULL: the host is down */
    struct writer disk;
    struct loop loop;
    struct config config;
    struct config_venue config_venues[WORLD_VENUES];
    struct config_instrument config_instruments[WORLD_INSTRUMENTS];
    struct config_strategy config_strategies[WORLD_STRATEGIES];
    struct risk_limits limits[HOST_VERSIONS];
    uint32_t version, version_count;
    int64_t numbers[WORLD_STRATEGIES], busy[WORLD_STRATEGIES], wild[WORLD_STRATEGIES];
    struct sink inner;     /* the session's */
    struct saved saved[2]; /* newest first */
    struct books books;
    uint8_t *closed; /* the state as a clean end left it */
    size_t closed_size;
    bool started, stopping, rebuilding; /* rebuilding: the sink tells nobody else */
    bool dying;          /* killed while it sends: what it still does never happened … */
    uint32_t dying_with; /* … and so many batches were on their way to the disk then */
    uint32_t epoch;
    uint64_t highest_id;
    struct ids intents; /* order ids that the journal has an intent for */
    struct ids filled;  /* filled quantity last published, by order */
    struct ids values;  /* of fills, by id: |value| */
    struct ids busted;  /* executions that were ever taken back, maybe before they were told */
    struct watched watched[HOST_WATCHED];
    uint32_t watched_count, looks;
    bool moved, busting; /* orders may have changed; this event may lower what is filled */
    uint64_t starts, kills, stops, replayed, compared, swaps, reloads;
};

int host_create(struct host **out, struct world *world, struct turret_error *err);
void host_destroy(struct host *host);
/* The first start; later ones follow by themselves. */
void host_start(struct host *host);
/* After anything that happened: the session's turns until it has nothing to do. */
void host_turns(struct host *host);
/* Faults are over: what is down comes up, strategies rest. */
void host_calm(struct host *host);
static inline bool host_is_up(const struct host *host)
{
    return host->live && !host->stopping;
}

/* ---- host_build.c ---- */
/* An engine of the limits in force, with the state of a snapshot unless `from` is NULL. */
int host_build(struct host *host, const struct saved *from, uint32_t reason, bool recorded,
               struct engine **out, struct turret_error *err);
/* A snapshot that a start would refuse is a failure. */
void host_check_saved(struct host *host, const struct saved *saved);
int host_open_venues(struct host *host, struct turret_error *err);
void host_choose(struct host *host);
struct sink host_sink(struct host *host);
void host_builds(const struct engine *engine, uint32_t builds[WORLD_STRATEGIES]);

/* ---- host_restart.c ---- */
/* Whether a snapshot was taken: not while commands wait or code changes. */
bool host_save(struct host *host);
/* What stands now could be taken up by a start. */
void host_check_kept(struct host *host);
/* Engine and books as the disk has them; compared with every other way there. */
int host_recover(struct host *host, struct turret_error *err);
void host_kill(struct host *host);
void host_close(struct host *host);

/* ---- host_people.c ---- */
void host_person(struct host *host);
/* That the venue's books hold, where they differ by what changed there without a word. */
void host_adopt(struct host *host);
/* One step of a change of code, recorded (again, in a replay). */
int host_swap(struct host *host, struct event *event, struct turret_error *err);
bool host_swapping(const struct host *host);
/* Engine under the limits of this version, with its state. */
int host_switch(struct host *host, uint32_t version, struct turret_error *err);
void host_finish_swaps(struct host *host);

/* ---- invariants.c ---- */
void host_check_submit(struct host *host, struct wire *wire,
                       const struct turret_broker_order *order);
void host_check_change(struct host *host, struct wire *wire,
                       const struct turret_broker_order *order);
/* It did not go on the line after all. */
void host_not_sent(struct host *host, uint64_t order_id);
void host_see_event(struct host *host, const struct event *event);
void host_see_order(struct host *host, const struct order *order);
void host_see_fill(struct host *host, const struct fill *fill);
void host_see_difference(struct host *host, const struct difference *one);
/* The strictest of what holds for orders of this strategy in this instrument. */
uint32_t host_trading(const struct host *host, uint32_t strategy, turret_instrument id);
/* Everything that holds between two events. */
void host_check(struct host *host);
void host_check_orders(struct host *host);

/* ---- rest.c: the world rests, both sides must agree ---- */
void host_check_rest(struct host *host);

#endif
