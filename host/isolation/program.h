/* SPDX-License-Identifier: Apache-2.0 */
/* Where the runner's program is, and words for what a runner did. */
#ifndef ISOLATION_PROGRAM_H
#define ISOLATION_PROGRAM_H

#include <turret/core.h>

#define PROGRAM_PATH_MAX 512

/*
 * $TURRET_RUNNER, or ../libexec/turret/turret-runner seen from the directory of this program.
 * fails: ENOTFOUND
 */
int program_find(char path[PROGRAM_PATH_MAX], struct turret_error *err);

/* "connect", or "number 42" for the rare ones. Valid until the next call. */
const char *program_syscall_name(uint32_t number);

/* Ends the text inside its room and makes it printable: it comes from a plugin. */
void program_clean_text(char *text, size_t room);

#endif
