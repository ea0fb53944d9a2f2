/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live session: the daemon. One turn of its loop is
 *     ingest → (the core: journal, dispatch, risk, orders, ledger) → record → route
 * ingest takes what adapters reported, record gives the turn to the store thread, route carries out
 * what has become durable. Nothing is sent before that.
 */
#ifndef SESSION_LIVE_H
#define SESSION_LIVE_H

#include "config/config.h"

#include <stdbool.h>
#include <stdio.h>

struct live;

struct live_options {
    const char *config_path;
    const char *store; /* NULL: the configuration's */
    const char *version;
    FILE *messages;       /* what people read; errors, alarms */
    uint32_t run_seconds; /* ends by itself after that long; 0 = not */
    bool watch_config;    /* apply changes of the file while running */
    bool paper_only;      /* refuse mode live */
    const char *program;  /* the turret program, which tries new builds in a child; NULL: none */
    uint64_t
        known_order; /* a person knows of this host's orders up to this one; 0: of the store's */
    /* NULL but in tests: called at each step of a change of code, from the thread that takes it. */
    void (*at_step)(void *context, const char *step);
    /* Once a second while running, for a table on a terminal; may be NULL. */
    void (*tick)(void *context, struct live *live);
    void *context;
};

/*
 * Opens store, plugins, venues; recovers what a former daemon left; connects.
 * fails: what is wrong and what to do; nothing was traded
 */
int live_open(struct live **out, const struct live_options *options, struct turret_error *err);
/*
 * Runs until live_stop(), a signal, a finite feed's end, or a failure of the store.
 * fails: EFULL, EIO the store failed: trading has stopped, what was acknowledged is safe
 */
int live_run(struct live *live, struct turret_error *err);
/* Ends the run after the present turn. */
void live_stop(struct live *live);
/* Stops strategies, saves a snapshot, closes. NULL is allowed. fails: the snapshot was not saved */
int live_close(struct live *live, struct turret_error *err);

/* What this start found: 0 fresh, else records replayed on top of the snapshot. */
struct live_recovery {
    bool recovered;
    uint64_t snapshot_sequence, replayed, intent_mismatches, report_mismatches;
    uint32_t working_orders, positions;
};
const struct live_recovery *live_recovery(const struct live *live);

#endif
