/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread on which new builds are brought up to the point where the core can use them: read,
 * checked against the policy, copied and synced, tried in a child process, loaded. And where old
 * ones are unloaded. Nothing of that ever runs on the core thread.
 */
#ifndef PLUGIN_STAGE_H
#define PLUGIN_STAGE_H

#include "plugin/policy.h"

#define STAGE_JOBS_MAX 64

struct stage;

struct stage_options {
    char private_dir[PLUGIN_PATH_MAX];
    char program[PLUGIN_PATH_MAX]; /* the turret program, which tries a build; "" does without */
    uint32_t probe_timeout_ms;
    void (*notify)(void *context); /* any thread: stage_take() has something */
    void *context;
    void (*at_step)(void *context, const char *step); /* as in struct live_options, or NULL */
    void *step_context;
};

struct stage_job {
    char path[PLUGIN_PATH_MAX];
    struct plugin_policy policy;
    void *state; /* malloc()ed, the stage's from here on: the child tries to load it; or NULL */
    size_t state_bytes;
    struct plugin *unload; /* not NULL: only unload this one */
    bool discard;          /* then remove its private copy, `path`, as well */
    bool look;             /* only read it: which plugin and build it is */
    bool try_known;        /* try it in a child even if its code is in memory already */
    bool force;            /* load it although its code is still mapped from before */
    void *context;         /* the caller's */

    /* results; error.code 0: *plugin is loaded and the caller's, or it is unloaded */
    struct plugin *plugin;
    struct turret_error error;
    uint8_t build[32]; /* raw build id, once it could be read */
    char id[48];       /* of the plugin, as its note says */
    bool known;        /* its code is in memory already: not loaded once more */
    bool unfinished;   /* the file is cut short: it may still be being written */
    bool by_policy;    /* refused for whose it is or how old, not for what it is */
    bool still_mapped; /* unloading: its code stays in memory */
};

int stage_start(struct stage **out, const struct stage_options *options, struct turret_error *err);
/* Waits for the job under way, drops the others, unloads what nobody took. NULL is allowed. */
void stage_stop(struct stage *stage);
/* thread: core. Takes job->state. fails: ELIMIT STAGE_JOBS_MAX wait already */
int stage_submit(struct stage *stage, const struct stage_job *job, struct turret_error *err);
/* thread: core. False when nothing is done. */
bool stage_take(struct stage *stage, struct stage_job *job);

#endif
