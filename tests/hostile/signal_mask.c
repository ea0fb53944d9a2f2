/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks every signal in init(). */
#include "hostile.h"
#include <signal.h>

static int32_t init(struct turret_error *err)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
