/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of code in a live session. A new build is staged off the core thread (plugin/stage.h);
 * then each strategy, the indicators and each venue that runs an older build of the same plugin
 * moves by its own steps (core/engine.h), between two events, each a record of the journal.
 *
 * live_builds.c knows which build owns what, now and at any sequence of the past; live_swap.c
 * drives the steps; live_watch.c notices new files.
 */
#ifndef SESSION_LIVE_SWAP_H
#define SESSION_LIVE_SWAP_H

#include "core/engine.h"
#include "io/loop.h"
#include "plugin/registry.h"
#include "plugin/stage.h"

#include <jansson.h>

struct live;

#define LIVE_SWAP_BUILDS   16 /* new builds that wait for their turn */
#define LIVE_SWAP_TOLD     64 /* outcomes that are remembered for who asks */
#define LIVE_SWAP_ROLLED   64 /* by the core in one turn */
#define LIVE_PROBE_MS      10000
#define LIVE_DENIALS_LEAST 10 /* orders of a new build before their denials are judged */
#define LIVE_INSTANCES_MAX 1024

/* One strategy's, or the indicators', or a venue's way to another build. */
struct live_move {
    const struct plugin *from, *to; /* to NULL: none is under way */
    uint64_t begun, committed;      /* sequences */
    int64_t deadline_ns;            /* monotonic */
    uint64_t orders, denials;       /* of the strategy at its commit */
    bool asked;                     /* venue: moves at the next gap */
};

/* How a request ended, for turret plugin swap and status. */
struct live_outcome {
    uint64_t number;
    int32_t code; /* TURRET_OK: done; TURRET_EBUSY: under way */
    char path[PLUGIN_PATH_MAX];
    char text[320];
};

struct live_swaps {
    struct stage *stage;
    uint32_t staging;                            /* jobs given and not taken */
    const struct plugin *next[LIVE_SWAP_BUILDS]; /* staged, waiting for their turn */
    uint64_t next_number[LIVE_SWAP_BUILDS];
    uint32_t next_count;
    const struct plugin *current; /* the build that moves in now; NULL none */
    uint64_t current_number;
    struct live_move strategies[LIVE_INSTANCES_MAX], indicators;
    struct live_move venues[16];
    struct event_swap rolled_back[LIVE_SWAP_ROLLED]; /* by the core itself, in the turn just done */
    uint32_t rolled_back_count;
    struct live_outcome outcomes[LIVE_SWAP_TOLD];
    bool stepping; /* the session takes a step: it follows by itself */
    uint64_t numbers;
    uint64_t swaps, rollbacks, unloaded, still_mapped; /* since this start */
    int64_t pause_ns, pause_most_ns;                   /* of the newest commit, of all */
    int watch;                                         /* inotify; -1 */
    struct loop_watch *watcher;
    int32_t watched[16]; /* inotify's number of each plugin directory */
};

/* ---- live_recall.c ---- */
/* Before engine and venues are made: everything gets the build it ran at that sequence. */
int live_recall_builds(struct live *live, uint64_t sequence, struct turret_error *err);
/*
 * At a session's beginning, when nothing is on its way any more: names lead to the builds that run.
 */
void live_settle_names(struct live *live);
/* The build a strategy ran before the present one. fails: ENOTFOUND it never changed */
int live_build_before(struct live *live, const char *strategy, uint8_t build[32],
                      struct turret_error *err);

/* ---- live_builds.c ---- */
/* What a plugin offers under this id; NULL: nothing. */
const struct plugin_offer *live_offer_of(const struct plugin *plugin, uint32_t kind,
                                         const char *id);
/* The plugin of a build, loaded from the private copies when it is not there. fails: ENOTFOUND */
int live_bring_build(struct live *live, const uint8_t build[32], const struct plugin **plugin,
                     struct turret_error *err);
/* One step, from the session or from the journal: core, registry and venues together. */
int live_swap_step(struct live *live, struct event *event, struct turret_error *err);
/* The registry follows a step that the core took by itself. */
void live_swap_follow(struct live *live, const struct event_swap *step);
/* Their row in the store: "indicators of turret.sma". */
void live_name_indicators(const struct plugin *plugin, char name[64]);
/* Rows of the step just recorded, into the same batch. */
int live_swap_record(struct live *live, const struct event *event);
/* Rows that say who owns what, where there are none or other ones. */
int live_record_instances(struct live *live);
int live_block_build(struct live *live, const uint8_t build[32], const char *why);
bool live_is_blocked(struct live *live, const uint8_t build[32], char why[160]);

/* ---- live_swap.c ---- */
int live_swap_open(struct live *live, struct turret_error *err);
void live_swap_close(struct live *live);
/* Asks for a new build to be staged and swapped in. Answers its number for outcomes. */
int live_swap_request(struct live *live, const char *path, uint32_t dir_index, uint64_t *number,
                      struct turret_error *err);
/* A phase of the turn: what has to happen between these two events. */
void live_swap_turn(struct live *live);
/* Whether a snapshot would miss what a later record needs: both builds are at work. */
bool live_swap_busy(const struct live *live);
/* Nothing is left half-done: prepared swaps are given up, probations end. */
void live_swap_finish(struct live *live);
/* Back to the build before. fails: ENOTFOUND, ESTATE */
int live_swap_rollback(struct live *live, const char *instance, const char *why,
                       struct turret_error *err);
/* Builds in plugin directories that are not the ones that run. */
void live_swap_catch_up(struct live *live);
json_t *live_swap_status(const struct live *live);
struct live_outcome *live_swap_outcome(struct live *live, uint64_t number);

/* ---- live_watch.c ---- */
int live_watch_plugins(struct live *live, struct turret_error *err);

#endif
