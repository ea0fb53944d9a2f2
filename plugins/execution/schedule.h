/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working orders by a timetable: a part every so often, each as large as the timetable says of what
 * is left. A part that did not fill is taken back when the next is due. What the timetable did not
 * bring in goes on at the same pace.
 */
#ifndef PLUGINS_EXECUTION_SCHEDULE_H
#define PLUGINS_EXECUTION_SCHEDULE_H

#include "jobs.h"

#define SCHEDULE_SECOND INT64_C(1000000000)

struct schedule {
    struct jobs jobs;
    int64_t step_ns;
    int32_t parts;
};

/* How much of what is left part number `part` (from 0) takes, 0 … 1. */
typedef double schedule_share_fn(struct turret_strategy *self, int job, int64_t part);

static inline int64_t schedule_due(const struct schedule *s, int job)
{
    int64_t begun = s->jobs.begun[job], most = (INT64_MAX - begun) / s->step_ns;
    return begun + (s->jobs.parts[job] < most ? s->jobs.parts[job] : most) * s->step_ns;
}

/* The timer rings when the next part of any order is due. */
static inline void schedule_wind(struct schedule *s, struct turret_strategy *self)
{
    int64_t next = 0;
    int i;
    for (i = 0; i < JOBS_MAX; i++)
        if (s->jobs.parent[i] && (next == 0 || schedule_due(s, i) < next))
            next = schedule_due(s, i);
    (void)turret_timer(self, 0, next);
}

static inline void schedule_part(struct schedule *s, struct turret_strategy *self, int job,
                                 turret_time_ns now, schedule_share_fn *share)
{
    double part;
    if (now < schedule_due(s, job) || job_left(&s->jobs, job) + s->jobs.child_left[job] == 0)
        return;
    if (s->jobs.child[job]) { /* the next one comes with its end */
        (void)turret_cancel(self, (uint64_t)s->jobs.child[job]);
        return;
    }
    part = share(self, job, s->jobs.parts[job]);
    if (!job_send(
            &s->jobs, job, self,
            job_lots(&s->jobs, job, self, (turret_qty)((double)job_left(&s->jobs, job) * part)),
            s->jobs.limit[job], TURRET_TIF_GTC, 0))
        s->jobs.parts[job]++; /* the queue of this turn is full: with the next one */
}

static inline void schedule_told(struct schedule *s, struct turret_strategy *self,
                                 const struct turret_order *order, schedule_share_fn *share)
{
    int job = jobs_told(&s->jobs, self, order);
    if (job != JOB_NONE)
        schedule_part(s, self, job, order->updated, share);
    schedule_wind(s, self);
}

static inline void schedule_rang(struct schedule *s, struct turret_strategy *self,
                                 turret_time_ns now, schedule_share_fn *share)
{
    int i;
    for (i = 0; i < JOBS_MAX; i++)
        if (s->jobs.parent[i])
            schedule_part(s, self, i, now, share);
    schedule_wind(s, self);
}

static inline void schedule_start(struct schedule *s, struct turret_strategy *self,
                                  const struct turret_start *start, uint32_t seconds_id,
                                  uint32_t parts_id)
{
    s->parts = turret_param_int(start, parts_id);
    s->step_ns = turret_param_int(start, seconds_id) * SCHEDULE_SECOND / s->parts;
    jobs_start(&s->jobs, self);
    schedule_wind(s, self);
}

#endif
