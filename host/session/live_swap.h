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

#define LIVE_SWAP_BUILDS   16                   /* new builds that wait for their turn */
#define LIVE_ROLLBACKS_MAX 16                   /* asked for and not begun */
#define LIVE_SWAP_TOLD     64                   /* outcomes that are remembered for who asks */
#define LIVE_SWAP_LATELY   INT64_C(60000000000) /* ns; an outcome that is said once more */
#define LIVE_SWAP_ROLLED   64                   /* by the core in one turn */
#define LIVE_PROBE_MS      10000
#define LIVE_DENIALS_LEAST 10 /* orders of a new build before their denials are judged */
#define LIVE_INSTANCES_MAX 1024

/* One strategy's, or the indicators', or a venue's way to another build. */
struct live_move {
    const struct plugin *from, *to; /* to NULL: none is under way */
    uint64_t begun, committed;      /* sequences */
    int64_t deadline_ns;            /* monotonic */
    uint64_t orders, denials;       /* of the strategy at its commit */
    char back[56];                  /* by hand, back to an older build, and why; "" it is not */
};

/* A staged build that waits for its turn. */
struct live_next {
    const struct plugin *plugin;
    uint64_t number; /* of its outcome; 0 nobody asks */
    char only[48];   /* the one instance that moves; "" all that run another build of it */
    char back[56];   /* as live_move.back */
};

/* How a request ended, for turret plugin swap and status. */
struct live_outcome {
    uint64_t number;
    int32_t code;           /* TURRET_EBUSY: nothing is known yet; TURRET_OK; the first refusal */
    uint64_t same_as;       /* the same build was asked for before: that one's outcome; 0 */
    uint32_t moved, stayed; /* instances */
    bool of_file;           /* it ended before anything was to move: the file is to blame */
    bool by_policy;         /* whose it is or how old, not what it is */
    bool moves;             /* instances began to move to `build` */
    uint8_t build[32];
    int64_t told_ns; /* of its last line, monotonic */
    char path[PLUGIN_PATH_MAX];
    uint32_t directory; /* of the file, in the configuration's; UINT32_MAX: it lies in none */
    char only[48];
    char text[2048]; /* a line for each instance */
};

/* A rollback that somebody asked for. */
struct live_wanted {
    char instance[48], why[56];
    uint64_t number; /* of its outcome */
};

struct live_swaps {
    struct live_wanted wanted[LIVE_ROLLBACKS_MAX];
    uint32_t wanted_count;
    struct stage *stage;
    uint32_t staging; /* jobs given and not taken */
    struct live_next next[LIVE_SWAP_BUILDS];
    uint32_t next_count;
    struct live_next current; /* the build that moves in now; plugin NULL: none */
    struct live_move strategies[LIVE_INSTANCES_MAX], indicators;
    struct live_move venues[CONFIG_VENUES_MAX];
    struct event_swap rolled_back[LIVE_SWAP_ROLLED]; /* by the core itself, in the turn just done */
    uint32_t rolled_back_count;
    struct live_outcome outcomes[LIVE_SWAP_TOLD];
    /* by strategy, the last one for indicators: what names led to before a swap was prepared */
    const struct plugin *named_before[LIVE_INSTANCES_MAX + 1];
    struct live_home {
        char id[48];
        uint32_t directory;
    } homes[REGISTRY_PLUGINS_MAX]; /* plugins whose builds came from elsewhere, too */
    uint32_t home_count;
    bool stepping; /* the session takes a step: it follows by itself */
    uint64_t numbers;
    uint64_t swaps, rollbacks, unloaded, still_mapped; /* since this start */
    int64_t pause_ns, pause_most_ns;                   /* of the newest commit, of all */
    int watch;                                         /* inotify; -1 */
    struct loop_watch *watcher;
    int32_t watched[CONFIG_PLUGIN_DIRS_MAX]; /* inotify's number of each plugin directory */
};

/* ---- live_recall.c ---- */
/* Before engine and venues are made: everything gets the build it ran at that sequence. */
int live_recall_builds(struct live *live, uint64_t sequence, struct turret_error *err);
/*
 * The build that an instance ("strategy x", "venue x", "indicators" of that plugin) ran before the
 * present one and that is not blocked. fails: ENOTFOUND there is none
 */
int live_build_before(struct live *live, const char *instance, const struct plugin *now,
                      uint8_t build[32], struct turret_error *err);

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
/*
 * Before a session begins, or another engine takes over: it forgets what was prepared, and names
 * lead to the builds that run.
 */
void live_swap_abandon(struct live *live);
/* Rows of the step just recorded, into the same batch. */
int live_swap_record(struct live *live, const struct event *event);
/* Rows that say who owns what, where there are none or other ones. */
int live_record_instances(struct live *live);

/* ---- live_blocked.c ---- */
bool live_is_blocked(struct live *live, const struct plugin *plugin, char why[160]);
/* After the plugin directories were read: names lead past blocked builds where they can. */
void live_pass_blocked(struct live *live);
/*
 * fails: EDENIED what `config` asks for would run a blocked build and never ran another one, or
 *        would go on with a copy older than a minimum. `running`: asks of new strategies only
 */
int live_refuse_blocked(struct live *live, const struct config *config, bool running,
                        struct turret_error *err);
/* Strategies and venues that recovery left with a blocked build move to the one before. */
void live_leave_blocked(struct live *live);

/* ---- live_swap.c ---- */
int live_swap_open(struct live *live, struct turret_error *err);
void live_swap_close(struct live *live);
/* The build that "strategy", "venue" of this name runs; NULL: there is none. */
const struct plugin *live_plugin_of(struct live *live, const char *kind, const char *name);

/* ---- live_rollback.c ---- */
/*
 * Asks to go back to the build before; the present one is blocked then. Answers the number for the
 * outcome. fails: ENOTFOUND, ELIMIT
 */
int live_swap_rollback(struct live *live, const char *instance, const char *why, uint64_t *number,
                       struct turret_error *err);
/* In the turn: what was asked for. */
void live_take_rollbacks(struct live *live);

/* ---- live_staged.c ---- */
/* What the stage is done with. */
void live_take_staged(struct live *live, struct stage_job *job);
/* The number under which who asked hears how it ended. fails: ELIMIT */
int live_new_outcome(struct live *live, const char *path, const char *only, uint64_t *number,
                     struct turret_error *err);
/*
 * Asks for a new build to be staged and swapped in, for one instance or (`only` "") for all.
 * Answers its number for outcomes. dir_index UINT32_MAX: the file lies in no plugin directory, and
 * is held to the policy of the one where its plugin is at home, else to the strictest.
 */
int live_swap_request(struct live *live, const char *path, uint32_t dir_index, const char *only,
                      uint64_t *number, struct turret_error *err);
/* Of the configuration's, the one with the strictest signature policy; the first of equals. */
uint32_t live_strictest_directory(const struct live *live);
/* A build that is in the registry moves in when it is its turn. fails: ELIMIT */
int live_swap_queue(struct live *live, const struct live_next *next, struct turret_error *err);
/* One that a directory holds and whose code is in memory already, but that nobody tried yet. */
void live_swap_request_known(struct live *live, const struct plugin *plugin);
void live_queue_build(struct live *live, const struct plugin *plugin, uint64_t number);

/* ---- live_swap.c ---- */
/* What the core rolled back by itself: registry and blocked builds follow. */
void live_swap_take_rollbacks(struct live *live);
/* A phase of the turn: what has to happen between these two events. */
void live_swap_turn(struct live *live);
/* Between two events: a build on probation whose orders are denied does not see the next one. */
void live_swap_judge(struct live *live);
/* Whether a snapshot would miss what a later record needs: both builds are at work. */
bool live_swap_busy(const struct live *live);
/* Nothing is left half-done: prepared swaps are given up, probations end. */
void live_swap_finish(struct live *live);
/* Whether the outcome is what it will be, but for a rollback in the probation. */
bool live_swap_settled(const struct live *live, const struct live_outcome *outcome);
/* "strategy x", "venue x" or the plugin's id is what `given` names; "" names all. */
bool live_swap_names(const char *given, const char *kind, const char *name);
/* Builds in plugin directories that are not the ones that run. */
void live_swap_catch_up(struct live *live);
struct live_outcome *live_swap_outcome(struct live *live, uint64_t number);

/* ---- live_control_swap.c ---- */
json_t *live_swap_status(const struct live *live);
/* The answer to a command about changes of code; NULL: it is none of these. */
json_t *live_answer_swap(struct live *live, const char *name, const json_t *request);

/* ---- live_watch.c ---- */
int live_watch_plugins(struct live *live, struct turret_error *err);

#endif
