/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works limit orders so that only `show` of them is to be seen: the next part goes when the one
 * before has filled. A market order has no price to wait at and is given back; so is what is left
 * when the venue or the host does not want a part.
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
    jobs_start(&s->jobs, self);
    return turret_ok(err);
}

static void give_back(struct turret_strategy *self, uint64_t parent, const char *why)
{
    char text[160];
    (void)snprintf(text, sizeof text, "order %llu is given back: %s", (unsigned long long)parent,
                   why);
    if (why[0])
        turret_log(self, TURRET_LOG_WARN, text);
    (void)turret_cancel(self, parent);
}

/* Of a part that did not fill; "": somebody cancelled it, or the order. */
static const char *why_not(const struct turret_order *part)
{
    return part->state == TURRET_STATE_CANCELED  ? ""
           : part->state == TURRET_STATE_EXPIRED ? "its part expired"
           : part->state == TURRET_STATE_DENIED  ? "its part was denied"
                                                 : "its part was rejected";
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct iceberg *s = turret_self(self);
    int job = jobs_told(&s->jobs, self, order);
    if (job == JOB_NONE)
        return;
    if (s->jobs.limit[job] == 0) {
        give_back(
            self, (uint64_t)s->jobs.parent[job],
            "it has no limit price that its parts could wait at; give it one, or name another "
            "algorithm");
        return;
    }
    if (order->parent && order->state != TURRET_STATE_FILLED) {
        give_back(self, (uint64_t)s->jobs.parent[job], why_not(order));
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
