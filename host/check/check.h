/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conformance kit: one table of checks, each run in a child process of its own, so that a
 * crash, a hang or an exit of the plugin is a result with a name. What a check may say lies in
 * memory that parent and child share; the first failure ends the child.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "plugin/loader.h"

#include <stdbool.h>

#define CHECK_LEVELS    4
#define CHECK_TEXT_MAX  400
#define CHECK_STAGE_MAX 32

/*
 * SKIP: does not apply to this plugin. BLOCKED: applies and could not be shown, because what it
 * stands on did not pass or its venue does not answer.
 */
enum check_outcome { CHECK_NOTHING, CHECK_PASS, CHECK_FAIL, CHECK_SKIP, CHECK_BLOCKED };

/* Shared between the runner and the child of one check. */
struct check_verdict {
    uint32_t outcome;            /* enum check_outcome; CHECK_NOTHING until the child says */
    char stage[CHECK_STAGE_MAX]; /* the plugin's function that runs now */
    char text[CHECK_TEXT_MAX];   /* why, or what is worth knowing of a pass */
};

/* One running check, in its own process. */
struct check {
    const char *file, *private_dir;
    const char *state; /* a file with the saved state of a strategy, "" none */
    uint64_t seed;
    struct check_verdict *verdict;
    const struct check_row *row;
    const char *symbol;    /* of the first instrument an adapter is given */
    char *const *params;   /* "name=value", said in place of defaults; ends with NULL */
    struct plugin *plugin; /* loaded before an offer's check runs */
    bool passed;           /* by one offer at least */
};

struct check_row {
    const char *id;    /* "elf-exports": the part before the first dash is the group */
    uint32_t level;    /* 1…CHECK_LEVELS; 0 belongs to the probe, which runs only when named */
    uint32_t kinds;    /* TURRET_KIND_… it applies to */
    const char *needs; /* the check without which this one says nothing; NULL none */
    const char *shows; /* one line */
    /* Exactly one: of the file, or of each offer of these kinds (the plugin is loaded then). */
    void (*file)(struct check *check);
    void (*offer)(struct check *check, const struct plugin_offer *offer);
    uint32_t variant; /* for functions that several rows share */
    bool twice;       /* run in two processes that must say the same text */
};

extern const struct check_row check_rows[];
extern const uint32_t check_row_count;
/* NULL when there is none. */
const struct check_row *check_row_find(const char *id);

/* ---- for checks, in the child ---- */

/* Says why and ends the process. May be called from inside a callback of the plugin's. */
_Noreturn TURRET_PRINTF(2, 3) void check_fail(struct check *check, const char *format, ...);
/* Does not apply to this offer; the check returns then. */
TURRET_PRINTF(2, 3) void check_skip(struct check *check, const char *format, ...);
/* Could not be shown; the check returns then. */
TURRET_PRINTF(2, 3) void check_block(struct check *check, const char *format, ...);
/* Worth telling when it passes; the last one stays. */
TURRET_PRINTF(2, 3) void check_remark(struct check *check, const char *format, ...);
/* Names what runs now, for the text of a crash. At most CHECK_STAGE_MAX - 1 characters are kept. */
void check_stage(struct check *check, const char *stage);
/* The text without the path that the loader puts in front. */
const char *check_without_path(const struct check *check, const char *text);
/* Loads the plugin or fails with the loader's text. */
struct plugin *check_load(struct check *check);
/* The rest of a check's child: runs it and ends the process. */
_Noreturn void check_run_child(struct check *check);

/* The same numbers on every run. */
uint64_t check_random(uint64_t *state);
int64_t check_between(uint64_t *state, int64_t low, int64_t high);
#define CHECK_DIGEST_START UINT64_C(0xcbf29ce484222325)
uint64_t check_digest(uint64_t digest, const void *bytes, size_t size_bytes);

/* A sanitizer's allocator does not count, needs its own memory, and never unloads code. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHECK_SANITIZED 1
#else
#define CHECK_SANITIZED 0
#endif

#endif
