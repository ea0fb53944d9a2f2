/* SPDX-License-Identifier: Apache-2.0 */
/* Thread-local storage of the initial-exec model. */
#include "hostile.h"

static __thread int counted __attribute__((tls_model("initial-exec")));

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    counted++;
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
