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

#define FILTER_LOADING 1u /* opens files for reading and maps code */
#define FILTER_COMPUTING                                                                           \
    2u                    /* strategies and indicators: memory, the clock, waiting for the host    \
                           */
#define FILTER_ADAPTER 4u /* also connects, and reads what look-ups read */

/*
 * From here on only what one of `filters` (or-ed) allows; anything else raises SIGSYS. Filters add
 * up: a later one only takes more away.
 * fails: EIO. In a sanitizer build it does nothing.
 */
int filter_apply(uint32_t filters, struct turret_error *err);

#endif
