/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin cannot do in its runner. Everything is taken away before its first instruction but
 * reading its own file and the system's libraries; that too goes once it is loaded.
 */
#ifndef RUNNER_SANDBOX_H
#define RUNNER_SANDBOX_H

#include <turret/core.h>

#include <stdatomic.h>
#include <stdbool.h>

struct sandbox {
    const char *path;          /* the plugin's file */
    bool serves;               /* not only describes */
    uint32_t kind;             /* TURRET_KIND_…, or-ed: an adapter may use the network */
    _Atomic uint32_t *trapped; /* shared with the host: 1 + the call that was not allowed */
};

/* Ends this process with the host; a group and session of its own. False: the host is gone. */
bool sandbox_tie(int32_t host);
/* Before the plugin is loaded. fails: EIO what the kernel refused */
int sandbox_enter(const struct sandbox *sandbox, struct turret_error *err);
/* After it is loaded: for ever. */
int sandbox_close(const struct sandbox *sandbox, struct turret_error *err);

#endif
