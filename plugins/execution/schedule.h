/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working orders by a timetable: a part every so often, each as large as the timetable says of what
 * is left. A limit part that did not fill is taken back when the next is due. A market part is not:
 * there is nothing better to send, and where quotes come before the bar that fills it none ever
 * would. The next waits for its end, and is as large as all parts that are due by then. What the
 * timetable did not bring in goes on at the same pace.
 */
#ifndef PLUGINS_EXECUTION_SCHEDULE_H
#define PLUGINS_EXECUTION_SCHEDULE_H

#include "jobs.h"

#define SCHEDULE_SECOND INT64_C(1000000000)

struct schedule {
    struct jobs jobs; /* parts: of the timetable, those that were due when the last was sent */
    int64_t step_ns;
    int32_t parts;
    int64_t told[JOBS_MAX]; /* the order of which was said that nothing fills */
};

#define SCHEDULE_FIELDS                                                                            \
    JOBS_FIELDS(struct schedule),                                                                  \
        TURRET_FIELD(13, I64, struct schedule, told, JOBS_MAX, 0, "orders told to be late")

/* How much of what is left part number `part` (from 0) takes, 0 … 1. */
typedef double schedule_share_fn(struct turret_strategy *self, int job, int64_t part);

/* When so many parts' time has passed since the order came. */
static inline int64_t schedule_at(const struct schedule *s, int job, int64_t parts)
{
    int64_t begun = s->jobs.begun[job], most = (INT64_MAX - begun) / s->step_ns;
    return begun + (parts < most ? parts : most) * s->step_ns;
}

/* Whether it says soon that nothing fills. */
static inline int schedule_may_tell(const struct schedule *s, int job)
{
    return s->jobs.filled[job] == 0 && s->told[job] != s->jobs.parent[job];
}

/* When an order is looked at next; INT64_MAX: when its part has ended. */
static inline int64_t schedule_next(const struct schedule *s, int job)
{
    if (!s->jobs.child[job] || s->jobs.limit[job])
        return schedule_at(s, job, s->jobs.parts[job]);
    return schedule_may_tell(s, job) ? schedule_at(s, job, INT64_C(2) * s->parts) : INT64_MAX;
}

static inline void schedule_wind(struct schedule *s, struct turret_strategy *self)
{
    int64_t next = INT64_MAX;
    int i;
    for (i = 0; i < JOBS_MAX; i++)
        if (s->jobs.parent[i] && schedule_next(s, i) < next)
            next = schedule_next(s, i);
    (void)turret_timer(self, 0, next == INT64_MAX ? 0 : next);
}

/* Once an order: its time has passed twice, and nothing came of it. */
static inline void schedule_tell(struct schedule *s, struct turret_strategy *self, int job,
                                 turret_time_ns now)
{
    char text[160];
    if (!schedule_may_tell(s, job) || now < schedule_at(s, job, INT64_C(2) * s->parts))
        return;
    s->told[job] = s->jobs.parent[job];
    (void)snprintf(text, sizeof text,
                   "order %lld: nothing filled in %lld s, twice the time it was to take; "
                   "`turret orders --all` shows its parts",
                   (long long)s->jobs.parent[job],
                   (long long)(2 * s->parts * s->step_ns / SCHEDULE_SECOND));
    turret_log(self, TURRET_LOG_WARN, text);
}

/* The share of what is left that all parts due by `now` take; `parts` is then the last of them. */
static inline double schedule_take(struct schedule *s, struct turret_strategy *self, int job,
                                   turret_time_ns now, schedule_share_fn *share)
{
    int64_t *part = &s->jobs.parts[job], due = (now - s->jobs.begun[job]) / s->step_ns;
    double all = share(self, job, *part);
    while (*part < due && *part + 1 < s->parts) {
        ++*part;
        all += (1 - all) * share(self, job, *part);
    }
    if (*part < due)
        *part = due;
    return all;
}

static inline void schedule_part(struct schedule *s, struct turret_strategy *self, int job,
                                 turret_time_ns now, schedule_share_fn *share)
{
    double part;
    if (now < schedule_at(s, job, s->jobs.parts[job]) ||
        job_left(&s->jobs, job) + s->jobs.child_left[job] == 0)
        return;
    if (s->jobs.child[job]) { /* the next one comes with its end */
        if (s->jobs.limit[job])
            (void)turret_cancel(self, (uint64_t)s->jobs.child[job]);
        return;
    }
    part = schedule_take(s, self, job, now, share);
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
    for (i = 0; i < JOBS_MAX; i++) {
        if (!s->jobs.parent[i])
            continue;
        schedule_tell(s, self, i, now);
        schedule_part(s, self, i, now, share);
    }
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
