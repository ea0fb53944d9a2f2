/* SPDX-License-Identifier: Apache-2.0 */
/* Divides by a parameter that its own table allows to be 0. */
#include "hostile.h"

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "every", 7, 0, 100, "bars", "bars between changes"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    ((struct calm *)turret_self(self))->more[0] = turret_param_int(start, 1);
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    volatile int64_t every = (int64_t)s->more[0];
    s->bars++;
    (void)turret_target(self, bar->instrument, s->bars / every % 2, "every so many bars");
}

HOSTILE_STRATEGY(on_start, on_bar, .params = params, .param_count = 1, CALM_FIELDS);
