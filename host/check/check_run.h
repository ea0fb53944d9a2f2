/* SPDX-License-Identifier: Apache-2.0 */
/* A run of the kit over one file: which checks, in what order, and which level holds. */
#ifndef CHECK_CHECK_RUN_H
#define CHECK_CHECK_RUN_H

#include "check/check_child.h"

#define CHECK_PATTERNS_MAX 64
#define CHECK_RESULTS_MAX  128

struct check_options {
    uint32_t level;                                                  /* run up to this one */
    const char *only[CHECK_PATTERNS_MAX], *skip[CHECK_PATTERNS_MAX]; /* ids, groups, globs */
    uint32_t only_count, skip_count;
    const char *symbol;                   /* of the instrument an adapter trades */
    const char *params[CHECK_PARAMS_MAX]; /* "name=value" */
    uint32_t param_count;
    const char *state; /* of a strategy, for probe-state: a file; NULL none */
    uint64_t seed;
    int64_t timeout_ns; /* of one check */
};

struct check_line {
    const struct check_row *row;
    struct check_result result;
};

struct check_summary {
    uint32_t kinds;
    uint32_t passed, failed, skipped;
    uint32_t level;     /* the highest whose checks, and all below, hold */
    uint32_t level_max; /* the highest level this run could show */
    uint32_t count;
    struct check_line lines[CHECK_RESULTS_MAX];
};

/* Called when a check has ended. */
typedef void check_line_fn(void *context, const struct check_line *line);

/* Is this id chosen by a pattern: the id itself, its group, or a glob? */
bool check_matches(const char *id, const char *pattern);
/*
 * Runs the checks that apply and are chosen. private_dir is an empty folder for copies.
 * fails: EINVAL the file is no plugin at all, EIO it cannot be read, ENOTFOUND there is none
 */
int check_run(const char *file, const char *private_dir, const struct check_options *options,
              check_line_fn *ended, void *context, struct check_summary *summary,
              struct turret_error *err);

#endif
