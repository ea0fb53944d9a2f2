/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a thread in init() and leaves it. */
#include "hostile.h"

#include <pthread.h>
#include <unistd.h>

static void *stay(void *unused)
{
    for (int i = 0; i < 600; i++)
        (void)usleep(100000);
    return unused;
}

static int32_t init(struct turret_error *err)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, stay, NULL) == 0)
        (void)pthread_detach(thread);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
