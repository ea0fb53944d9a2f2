/* SPDX-License-Identifier: Apache-2.0 */
/* Attaches to the process that started it and lets go. */
#include "hostile.h"
#include <sys/ptrace.h>
#include <unistd.h>

static int32_t init(struct turret_error *err)
{
    if (ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0)
        (void)ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
