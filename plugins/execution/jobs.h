/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an execution algorithm knows of the orders that it was given to work (parents) and of the
 * part (child) that works for each, one at a time. All of it is saved.
 */
#ifndef PLUGINS_EXECUTION_JOBS_H
#define PLUGINS_EXECUTION_JOBS_H

#include <turret/strategy.h>

#define JOBS_MAX 32

/* Parallel arrays, because saved fields are; parent 0: a free place. */
struct jobs {
    int64_t parent[JOBS_MAX], instrument[JOBS_MAX], side[JOBS_MAX], qty[JOBS_MAX], filled[JOBS_MAX],
        limit[JOBS_MAX];
    int64_t child[JOBS_MAX], child_left[JOBS_MAX]; /* 0: none */
    int64_t before[JOBS_MAX];                      /* what had filled when it was sent */
    int64_t begun[JOBS_MAX], parts[JOBS_MAX];      /* parts: sent so far */
    int64_t arrival[JOBS_MAX];                     /* price when it came, 0 not known */
};

#define JOBS_FIELD(id, type, member, what)                                                         \
    TURRET_FIELD(id, I64, type, jobs.member, JOBS_MAX, 0, what)
#define JOBS_FIELDS(type)                                                                          \
    JOBS_FIELD(1, type, parent, "orders worked, 0 free"),                                          \
        JOBS_FIELD(2, type, instrument, "their instruments"),                                      \
        JOBS_FIELD(3, type, side, "their sides"), JOBS_FIELD(4, type, qty, "their quantities"),    \
        JOBS_FIELD(5, type, filled, "what filled of them"),                                        \
        JOBS_FIELD(6, type, limit, "their limit prices, 0 none"),                                  \
        JOBS_FIELD(7, type, child, "the part at work, 0 none"),                                    \
        JOBS_FIELD(8, type, child_left, "what it may still fill"),                                 \
        JOBS_FIELD(9, type, begun, "when each came"), JOBS_FIELD(10, type, parts, "parts sent"),   \
        JOBS_FIELD(11, type, arrival, "price when each came, 0 not known"),                        \
        JOBS_FIELD(12, type, before, "what had filled when the part was sent")

#define JOB_NONE (-1)

static inline int job_of(const struct jobs *jobs, uint64_t parent)
{
    int i;
    for (i = 0; i < JOBS_MAX; i++)
        if (parent != 0 && (uint64_t)jobs->parent[i] == parent)
            return i;
    return JOB_NONE;
}

static inline int job_is_over(const struct turret_order *order)
{
    return order->state == TURRET_STATE_FILLED || order->state == TURRET_STATE_CANCELED ||
           order->state == TURRET_STATE_EXPIRED || order->state == TURRET_STATE_REJECTED ||
           order->state == TURRET_STATE_DENIED;
}

static inline int job_add(struct jobs *jobs, const struct turret_order *order)
{
    int i;
    for (i = 0; i < JOBS_MAX && jobs->parent[i] != 0; i++)
        ;
    if (i == JOBS_MAX)
        return JOB_NONE;
    jobs->parent[i] = (int64_t)order->id;
    jobs->instrument[i] = order->instrument;
    jobs->side[i] = order->side;
    jobs->begun[i] = order->created;
    jobs->child[i] = jobs->child_left[i] = jobs->parts[i] = jobs->arrival[i] = 0;
    return i;
}

/*
 * Takes what on_order() is told. Answers the job that may go on with its next part now, JOB_NONE
 * when there is nothing to do. An order for which there is no place is given back: cancelled.
 */
static inline int jobs_told(struct jobs *jobs, struct turret_strategy *self,
                            const struct turret_order *order)
{
    int i = job_of(jobs, order->parent ? order->parent : order->id);
    if (order->parent) {
        if (i == JOB_NONE || (uint64_t)jobs->child[i] != order->id)
            return JOB_NONE;
        jobs->child_left[i] = job_is_over(order) ? 0 : order->qty - order->filled_qty;
        if (!job_is_over(order))
            return JOB_NONE;
        jobs->child[i] = 0;
        if (jobs->filled[i] < jobs->before[i] + order->filled_qty)
            jobs->filled[i] = jobs->before[i] + order->filled_qty; /* the parent is told after */
        return i;
    }
    if (job_is_over(order)) {
        if (i != JOB_NONE)
            jobs->parent[i] = 0;
        return JOB_NONE;
    }
    if (order->state != TURRET_STATE_HELD || order->request == TURRET_REQUEST_PENDING_CANCEL)
        return JOB_NONE;
    if (i == JOB_NONE && (i = job_add(jobs, order)) == JOB_NONE) {
        turret_log(self, TURRET_LOG_WARN, "too many orders at once: one is given back");
        (void)turret_cancel(self, order->id);
        return JOB_NONE;
    }
    jobs->qty[i] = order->qty;
    jobs->filled[i] = order->filled_qty;
    jobs->limit[i] = order->limit_price;
    return jobs->child[i] == 0 && jobs->parts[i] == 0 ? i : JOB_NONE;
}

/* Whether an order may look like this: what is reckoned of it then fits. */
static inline int job_is_sound(const struct jobs *jobs, int i, struct turret_strategy *self)
{
    const int64_t most = INT64_MAX / 4;
    return jobs->instrument[i] > 0 && jobs->instrument[i] <= UINT32_MAX &&
           turret_instrument_of(self, (turret_instrument)jobs->instrument[i]) &&
           (jobs->side[i] == TURRET_SIDE_BUY || jobs->side[i] == TURRET_SIDE_SELL) &&
           jobs->qty[i] > 0 && jobs->qty[i] <= most && jobs->filled[i] >= 0 &&
           jobs->filled[i] <= most && jobs->limit[i] >= 0 && jobs->limit[i] <= most &&
           jobs->child_left[i] >= 0 && jobs->child_left[i] <= most && jobs->before[i] >= 0 &&
           jobs->before[i] <= most && jobs->begun[i] >= 0 && jobs->begun[i] <= 2 * most &&
           jobs->parts[i] >= 0 && jobs->parts[i] <= most && jobs->arrival[i] >= 0 &&
           jobs->arrival[i] <= most;
}

/* Of what was saved, orders that cannot be are given back: cancelled. */
static inline void jobs_start(struct jobs *jobs, struct turret_strategy *self)
{
    int i;
    for (i = 0; i < JOBS_MAX; i++) {
        if (jobs->parent[i] == 0 || job_is_sound(jobs, i, self))
            continue;
        turret_log(self, TURRET_LOG_WARN, "what was saved of an order is absurd: it is given back");
        (void)turret_cancel(self, (uint64_t)jobs->parent[i]);
        jobs->parent[i] = 0;
    }
}

/* What no part is at work for. */
static inline turret_qty job_left(const struct jobs *jobs, int i)
{
    turret_qty left = jobs->qty[i] - jobs->filled[i] - jobs->child_left[i];
    return left > 0 ? left : 0;
}

/* A quantity in whole lots, not below the smallest order, not above what is left. */
static inline turret_qty job_lots(const struct jobs *jobs, int i, struct turret_strategy *self,
                                  turret_qty qty)
{
    const struct turret_instrument_def *def =
        turret_instrument_of(self, (turret_instrument)jobs->instrument[i]);
    turret_qty left = job_left(jobs, i);
    qty = (qty + def->lot_size - 1) / def->lot_size * def->lot_size;
    if (qty < def->min_qty)
        qty = def->min_qty;
    return qty > left || left - qty < def->min_qty ? left : qty; /* no rest that cannot be sent */
}

/* Sends a part, at its limit price when `price` is not 0. Answers whether it went. */
static inline int job_send(struct jobs *jobs, int i, struct turret_strategy *self, turret_qty qty,
                           turret_price price, uint8_t tif, uint32_t flags)
{
    struct turret_order_request request = {0};
    uint64_t id;
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = (turret_instrument)jobs->instrument[i];
    request.side = (uint8_t)jobs->side[i];
    request.type = price ? TURRET_ORDER_LIMIT : TURRET_ORDER_MARKET;
    request.tif = tif;
    request.flags = flags;
    request.qty = qty;
    request.limit_price = price;
    request.parent = (uint64_t)jobs->parent[i];
    (void)snprintf(request.reason, sizeof request.reason, "part %lld",
                   (long long)(jobs->parts[i] + 1));
    id = qty > 0 ? turret_submit(self, &request) : 0;
    if (!id)
        return 0;
    jobs->child[i] = (int64_t)id;
    jobs->child_left[i] = qty;
    jobs->before[i] = jobs->filled[i];
    jobs->parts[i]++;
    return 1;
}

#endif
