/* SPDX-License-Identifier: Apache-2.0 */
/* Installs a signal handler in init() and leaves it. */
#include "hostile.h"

#include <signal.h>

static void on_signal(int number)
{
    (void)number;
}

static int32_t init(struct turret_error *err)
{
    (void)signal(SIGUSR1, on_signal);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
