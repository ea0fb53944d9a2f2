/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a pthread key whose destructor lies in the plugin. */
#include "hostile.h"

#include <pthread.h>

static void forget(void *value)
{
    (void)value;
}

static int32_t init(struct turret_error *err)
{
    pthread_key_t key;
    if (pthread_key_create(&key, forget) == 0)
        (void)pthread_setspecific(key, &key);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
