/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a lock at every bar. */
#include "hostile.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)pthread_mutex_lock(&lock);
    calm_bar(self, bar);
    (void)pthread_mutex_unlock(&lock);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
