/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls are left. Only filter.c includes <seccomp.h>. */
#ifndef RUNNER_FILTER_H
#define RUNNER_FILTER_H

#include <turret/core.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FILTER_SANITIZED 1
#else
#define FILTER_SANITIZED 0
#endif

enum filter {
    FILTER_LOADING,   /* also opens files for reading and maps code */
    FILTER_COMPUTING, /* strategies and indicators: memory, the clock, waiting for the host */
    FILTER_ADAPTER    /* also connects, and reads what look-ups read */
};

/*
 * Filters add up: a later one only takes more away. Anything else raises SIGSYS.
 * fails: EIO. In a sanitizer build it does nothing.
 */
int filter_apply(enum filter filter, struct turret_error *err);

#endif
