/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one check in a child process: this program again, in its own process group, with limits on
 * time, memory and files. Whatever the plugin does to its process becomes a result.
 */
#ifndef CHECK_CHECK_CHILD_H
#define CHECK_CHECK_CHILD_H

#include "check/check.h"

#define CHECK_OUTPUT_MAX 2048
#define CHECK_PARAMS_MAX 64

/* The word that makes the program a check's child; main() looks for it. */
#define CHECK_CHILD_WORD "--check-child"

struct check_request {
    const struct check_row *row;
    const char *file, *private_dir, *symbol;
    const char *const *params; /* "name=value" */
    uint32_t param_count;
    const char *state; /* as struct check; NULL none */
    uint64_t seed;
    int64_t timeout_ns;
};

struct check_result {
    enum check_outcome outcome; /* never CHECK_NOTHING */
    char text[CHECK_TEXT_MAX + 160];
    char output[CHECK_OUTPUT_MAX]; /* what the child wrote, the first of it */
    int64_t elapsed_ns;
};

/* Blocks until the check has ended, at the latest a little after its time limit. */
void check_child_run(const struct check_request *request, struct check_result *result);
/* The child's main(). */
int check_child_main(int argc, char **argv);

#endif
