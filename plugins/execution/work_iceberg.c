/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works limit orders so that only `show` of them is to be seen: the next part goes when the one
 * before has filled. A market order has no price to wait at and is given back.
 */
#include "jobs.h"

struct iceberg {
    struct jobs jobs;
    turret_qty show;
};

static const struct turret_param params[] = {
    TURRET_PARAM_QTY(1, "show", "1", "quantity of each part"),
};
static const struct turret_field fields[] = {JOBS_FIELDS(struct iceberg)};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct iceberg *s = turret_self(self);
    s->show = turret_param_qty(start, 1);
    if (s->show <= 0)
        return turret_fail(err, TURRET_EINVAL, "show is 0; give a quantity above 0");
    return turret_ok(err);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct iceberg *s = turret_self(self);
    int job = jobs_told(&s->jobs, self, order);
    if (job == JOB_NONE)
        return;
    if (s->jobs.limit[job] == 0 ||
        (order->parent && order->state != TURRET_STATE_FILLED)) { /* the venue does not want it */
        (void)turret_cancel(self, (uint64_t)s->jobs.parent[job]);
        return;
    }
    (void)job_send(&s->jobs, job, self, job_lots(&s->jobs, job, self, s->show), s->jobs.limit[job],
                   TURRET_TIF_GTC, 0);
}

static const struct turret_strategy_type iceberg = {
    .struct_size = sizeof iceberg,
    .state_size = sizeof(struct iceberg),
    .id = "turret.work_iceberg",
    .version = "1.0.0",
    .summary = "Works other strategies' limit orders and shows little of them",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof *params,
    .field_count = sizeof fields / sizeof *fields,
    .state_schema = 1,
    .on_start = on_start,
    .on_order = on_order,
};

TURRET_STRATEGY_TYPE("turret.work_iceberg", "1.0.0", iceberg);
