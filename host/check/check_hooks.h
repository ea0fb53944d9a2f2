/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what a loaded plugin calls, by putting counting functions into its own table of imports
 * (in the check's child only). What another library calls on its behalf is not seen.
 */
#ifndef CHECK_CHECK_HOOKS_H
#define CHECK_CHECK_HOOKS_H

#include "check/check.h"

/* Every import of the plugin that is counted, in one of two groups. */
struct check_hooks {
    const char *last; /* name of the counted function that was called last */
    uint64_t allocations, locks;
};

/* fails: the check, when the plugin's own tables cannot be read */
void check_hooks_install(struct check *check, const struct plugin *plugin);
/* Since the last call; begins anew. */
struct check_hooks check_hooks_take(void);

#endif
