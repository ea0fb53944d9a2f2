/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works orders over a time in parts as large as the volume that usually trades then (VWAP). What is
 * usual is learned from the bars it is on, for each half hour of the day (UTC), as a mean in which
 * a day counts half as much as the next one; before anything is known the parts are equal.
 */
#include "schedule.h"

#define SLOTS   48
#define SLOT_NS (1800 * SCHEDULE_SECOND)
#define KEEP    32 /* instruments it can learn of */

struct vwap {
    struct schedule schedule; /* first: it is what schedule.h works on */
    int64_t known[KEEP];      /* instruments */
    int64_t slot[KEEP];       /* the half hour under way, since the epoch */
    double volume[KEEP];      /* in it so far */
    double usual[KEEP * SLOTS];
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "seconds", 3600, 1, 604800, "s", "over how long an order is worked"),
    TURRET_PARAM_INT(2, "parts", 12, 1, 1000, "", "in how many parts"),
};
static const struct turret_field fields[] = {
    SCHEDULE_FIELDS,
    TURRET_FIELD(20, I64, struct vwap, known, KEEP, 0, "instruments it learns of"),
    TURRET_FIELD(21, I64, struct vwap, slot, KEEP, 0, "half hour under way"),
    TURRET_FIELD(22, F64, struct vwap, volume, KEEP, 0, "volume in it so far"),
    TURRET_FIELD(23, F64, struct vwap, usual, KEEP *SLOTS, 0, "usual volume of each half hour"),
};

static int place_of(struct vwap *s, turret_instrument instrument)
{
    int i;
    for (i = 0; i < KEEP && s->known[i] != 0 && s->known[i] != instrument;)
        i++;
    if (i < KEEP)
        s->known[i] = instrument;
    return i;
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct vwap *s = turret_self(self);
    int at = place_of(s, bar->instrument);
    int64_t slot = bar->time / SLOT_NS;
    if (at == KEEP)
        return;
    if (slot != s->slot[at] && s->slot[at] != 0) {
        double *usual = &s->usual[at * SLOTS + s->slot[at] % SLOTS];
        *usual = *usual > 0 ? (*usual + s->volume[at]) / 2 : s->volume[at];
        s->volume[at] = 0;
    }
    s->slot[at] = slot;
    s->volume[at] += (double)bar->volume;
}

/* What usually trades in one part's time. */
static double usual_of(const struct vwap *s, int at, turret_time_ns from, int64_t step_ns)
{
    return s->usual[at * SLOTS + (from + step_ns / 2) / SLOT_NS % SLOTS];
}

static double share(struct turret_strategy *self, int job, int64_t part)
{
    struct vwap *s = turret_self(self);
    const struct schedule *plan = &s->schedule;
    int at = place_of(s, (turret_instrument)plan->jobs.instrument[job]);
    double now = 0, rest = 0;
    int64_t i;
    if (part + 1 >= plan->parts)
        return 1.0;
    for (i = part; at < KEEP && i < plan->parts; i++) {
        double usual = usual_of(s, at, plan->jobs.begun[job] + i * plan->step_ns, plan->step_ns);
        now = i == part ? usual : now;
        rest += usual;
    }
    return rest > 0 ? now / rest : 1.0 / (double)(plan->parts - part);
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct vwap *s = turret_self(self);
    schedule_start(&s->schedule, self, start, 1, 2);
    return turret_ok(err);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct vwap *s = turret_self(self);
    schedule_told(&s->schedule, self, order, share);
}

static void on_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    struct vwap *s = turret_self(self);
    (void)timer_id;
    schedule_rang(&s->schedule, self, now, share);
}

static const struct turret_strategy_type vwap = {
    .struct_size = sizeof vwap,
    .state_size = sizeof(struct vwap),
    .id = "turret.work_vwap",
    .version = "1.0.0",
    .summary = "Works other strategies' orders in step with the usual volume",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof *params,
    .field_count = sizeof fields / sizeof *fields,
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_order = on_order,
    .on_timer = on_timer,
};

TURRET_STRATEGY_TYPE("turret.work_vwap", "1.0.0", vwap);
