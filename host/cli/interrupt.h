/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C (SIGINT) and SIGTERM as a flag that long commands look at, so that they end between two
 * steps and say what was done. A second signal ends the process as usual.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>

/* From now on signals set the flag this points to; waiting system calls end with EINTR. */
const volatile sig_atomic_t *interrupt_watch(void);

#endif
