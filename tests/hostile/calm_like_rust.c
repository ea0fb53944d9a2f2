/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is wrong: imports what the Rust standard library always does, and names its sources. */
#include "hostile.h"

#include <pthread.h>

static const char *volatile sources = "library/std/src/thread/mod.rs";

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    pthread_key_t key;
    if (!sources && pthread_key_create(&key, NULL) == 0) /* never */
        (void)pthread_key_delete(key);
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
