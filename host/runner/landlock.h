/* SPDX-License-Identifier: Apache-2.0 */
/* File access, TCP and signals taken away by the kernel's Landlock, as far as this kernel has it.
 */
#ifndef RUNNER_LANDLOCK_H
#define RUNNER_LANDLOCK_H

#include <turret/core.h>

#include <stdbool.h>

/*
 * From here on only `plugin`, the system's libraries and, for an adapter, what name and certificate
 * look-ups read can be opened, for reading; nothing listens, and only an adapter connects.
 * A kernel without Landlock changes nothing. fails: EIO
 */
int landlock_apply(const char *plugin, bool adapter, struct turret_error *err);

#endif
