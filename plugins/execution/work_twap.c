/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works orders in equal parts over a time (TWAP). Another strategy names an instance of this one:
 * `execution: NAME` in the configuration, or in its order requests.
 */
#include "schedule.h"

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "seconds", 600, 1, 604800, "s", "over how long an order is worked"),
    TURRET_PARAM_INT(2, "parts", 10, 1, 1000, "", "in how many parts"),
};
static const struct turret_field fields[] = {SCHEDULE_FIELDS};

static double share(struct turret_strategy *self, int job, int64_t part)
{
    const struct schedule *s = turret_self(self);
    (void)job;
    return part + 1 >= s->parts ? 1.0 : 1.0 / (double)(s->parts - part);
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    schedule_start(turret_self(self), self, start, 1, 2);
    return turret_ok(err);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    schedule_told(turret_self(self), self, order, share);
}

static void on_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    (void)timer_id;
    schedule_rang(turret_self(self), self, now, share);
}

static const struct turret_strategy_type twap = {
    .struct_size = sizeof twap,
    .state_size = sizeof(struct schedule),
    .id = "turret.work_twap",
    .version = "1.0.0",
    .summary = "Works other strategies' orders in equal parts over a time",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof *params,
    .field_count = sizeof fields / sizeof *fields,
    .state_schema = 1,
    .on_start = on_start,
    .on_order = on_order,
    .on_timer = on_timer,
};

TURRET_STRATEGY_TYPE("turret.work_twap", "1.0.0", twap);
