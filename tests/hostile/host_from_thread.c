/* SPDX-License-Identifier: Apache-2.0 */
/* Calls the host from a thread of its own at the 100th bar. */
#include "hostile.h"

#include <pthread.h>

static void *ask(void *context)
{
    struct turret_strategy *self = context;
    (void)turret_target(self, 1, 5, "from elsewhere");
    return NULL;
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    pthread_t thread;
    calm_bar(self, bar);
    if (s->bars == 100 && pthread_create(&thread, NULL, ask, self) == 0)
        (void)pthread_join(thread, NULL);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
